"""A graph in words: the ledger of the chain rule, and why a gradient is not what was hoped for."""

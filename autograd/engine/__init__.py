"""The engine: what an op is, and how a call of one becomes a node of the graph."""

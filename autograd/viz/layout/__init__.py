"""The layout of a network: modules within modules, lines that lie on nothing; pure numbers."""

"""The model of a picture: what a graph says, in cards, steps, names and numbers."""

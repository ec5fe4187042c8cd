"""The recorded graph as an object, and what reads it."""

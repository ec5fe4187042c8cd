"""Ops over a batch of examples: how each one runs on all at once, by what it declares."""

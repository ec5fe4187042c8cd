"""Attention and the transformer: ops, functions, layers."""

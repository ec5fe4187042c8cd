"""Padding: the function and the layers."""

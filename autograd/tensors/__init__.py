"""Tensor: a value that remembers how it was computed; its methods, protocols and look."""

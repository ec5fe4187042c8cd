"""Convolution, transposed convolution and unfolding: ops, functions, layers."""

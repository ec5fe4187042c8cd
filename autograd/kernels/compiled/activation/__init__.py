"""Compiled twins of `autograd.kernels.activation`."""

"""Compiled twins of `autograd.kernels.matrix`."""

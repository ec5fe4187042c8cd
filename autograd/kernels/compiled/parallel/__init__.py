"""Compiled twins of `autograd.kernels.parallel`."""

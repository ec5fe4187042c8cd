"""Compiled twins of `autograd.kernels.normalization`."""

"""Compiled twins of `autograd.kernels.convolution`."""

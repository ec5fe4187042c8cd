"""Compiled twins of `autograd.kernels.recurrent`."""

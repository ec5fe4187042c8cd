"""Layers and losses as functions of Tensors, a family a file; the classes of `nn` hold options.

An op that only a family of layers needs is written beside the function that calls it; the loops
that NumPy does not have lie in `autograd.kernels`.
"""

from nn.functional.cross_entropy import cross_entropy
from nn.functional.regression import mse_loss

__all__ = ["cross_entropy", "mse_loss"]

"""HIPS' name of the class of traced arrays: here it is Tensor."""

from autograd.tensors.tensor import Tensor as ArrayBox

__all__ = ["ArrayBox"]

"""HIPS' home of the spaces of arrays."""

from autograd.vspace import ArrayVSpace, ComplexArrayVSpace

__all__ = ["ArrayVSpace", "ComplexArrayVSpace"]

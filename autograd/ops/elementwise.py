"""Elementwise functions of one variable: exponentials, trigonometric, hyperbolic."""

from __future__ import annotations

import numpy as np

from autograd.op import Array, op
from autograd.samples import elementwise

__all__ = ["exp", "tanh"]

_ANY = (-2.0, 2.0)


@op(
    "eˣ",
    x=lambda g, out: g * out,
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
    reference="numpy.exp",
)
def exp(x: Array, /) -> Array:
    """e to the power x, elementwise.

    >>> import autograd as ag
    >>> ag.exp(ag.Tensor([0.0, 1.0]))
    Tensor([1.       , 2.7182817], dtype=float32)
    """
    return np.exp(x)


@op(
    "tanh x",
    x=lambda g, out: g * (1 - out * out),
    elementwise=True,
    samples=elementwise(_ANY, complex_=True),
    reference="numpy.tanh",
)
def tanh(x: Array, /) -> Array:
    """The hyperbolic tangent, elementwise.

    >>> import autograd as ag
    >>> ag.tanh(ag.Tensor(0.0))
    Tensor(0., dtype=float32)
    """
    return np.tanh(x)

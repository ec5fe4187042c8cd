"""Complex numbers and their parts.

Rules are transposes without conjugation: for L = Re(g · f(x)) they give the factor of dx.
"""

from __future__ import annotations

import numpy as np

from autograd.engine.typed import Tensor
from autograd.extend import Array, elementwise, hands_on, op
from autograd.ops.elementwise.powers import per_square

_ANY = elementwise((-2.0, 2.0), complex_=True)
_AWAY = elementwise((-2.0, 2.0), away_from=(0.0,), kinks=(0.0,), complex_=True)


@op(
    "Re x",
    x=hands_on,
    elementwise=True,
    views=True,
    samples=_ANY,
)
def real(x: Array, /) -> Array:
    """The real part, elementwise.

    Shape: any -> the same. Complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.real(ag.Tensor([3.0 + 4.0j]))
    Tensor([3.], dtype=float32)
    """
    return np.real(x)


@op(
    "Im x",
    x=lambda g: g * -1j,
    elementwise=True,
    views=True,
    samples=_ANY,
)
def imag(x: Array, /) -> Array:
    """The imaginary part, elementwise.

    Shape: any -> the same. Complex numbers give real ones; it is 0 of real x.

    >>> import autograd as ag
    >>> ag.imag(ag.Tensor([3.0 + 4.0j]))
    Tensor([4.], dtype=float32)
    """
    return np.imag(x)


@op(
    "x̄",
    x=lambda g: np.conj(g),
    elementwise=True,
    samples=_ANY,
)
def conj(x: Array, /) -> Array:
    """The complex conjugate, elementwise.

    Shape: any -> the same. Of real numbers x itself.

    >>> import autograd as ag
    >>> ag.conj(ag.Tensor([3.0 + 4.0j]))
    Tensor([3.-4.j], dtype=complex64)
    """
    return np.conj(x)


conjugate = conj


@op(
    "arg x",
    x=lambda g, x: g * -1j * per_square(np.conj(x), np.abs(x)),
    elementwise=True,
    samples=_AWAY,
)
def _angle(x: Array, /) -> Array:
    return np.angle(x)


def angle(x: Array, deg: bool = False) -> Tensor:
    """The angle of a complex number in (-π, π], elementwise; its gradient is 0 at 0.

    With `deg` it is in degrees.

    Shape: any -> the same. Integers give floats; complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.round(ag.angle(ag.Tensor([1.0 + 1.0j])), 4)
    Tensor([0.7854], dtype=float32)
    """
    return _angle(x) * (180 / np.pi) if deg else _angle(x)

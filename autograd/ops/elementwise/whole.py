"""Of whole numbers, their common divisors and multiples; of any, whether they are real."""

from __future__ import annotations

import numpy as np

from autograd.errors import DTypeError
from autograd.extend import Array, composite, draw, op, sample, samples

_WHOLE = samples(
    lambda: sample(np.array([12, -18, 0]), np.array([8, 27, 5]), label="plain"),
    lambda: sample(np.array([12, 18]), 4, label="number"),
)


def _check(name: str, *xs: Array) -> None:
    if any(np.result_type(x).kind in "fc" for x in xs):
        raise DTypeError(f"{name}: x and y are whole numbers, and what is rounded has no gradient")


@op("gcd(x, y)", samples=_WHOLE)
def gcd(x: Array, y: Array, /) -> Array:
    """The greatest common divisor of whole numbers, elementwise.

    Shape: x and y broadcast -> their common shape. Other numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.gcd(ag.Tensor([12, 18]), 8)
    Tensor([4, 2], dtype=int64)
    """
    _check("gcd", x, y)
    return np.gcd(x, y)


@op("lcm(x, y)", samples=_WHOLE)
def lcm(x: Array, y: Array, /) -> Array:
    """The least common multiple of whole numbers, elementwise.

    Shape: x and y broadcast -> their common shape. Other numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.lcm(ag.Tensor([4, 6]), 6)
    Tensor([12,  6], dtype=int64)
    """
    _check("lcm", x, y)
    return np.lcm(x, y)


_ANY = samples(
    lambda: sample(draw(2, 3)),
    lambda: sample(np.array([1.0 + 0j, 2j]), label="complex"),
)


@op("x is real", samples=_ANY)
def isreal(x: Array, /) -> Array:
    """Whether the imaginary part is 0, elementwise.

    Shape: any -> the same. Gives booleans.

    >>> import autograd as ag
    >>> ag.isreal(ag.Tensor([1.0 + 0.0j, 1.0j]))
    Tensor([ True, False], dtype=bool)
    """
    return np.isreal(x)


@op("x is not real", samples=_ANY)
def iscomplex(x: Array, /) -> Array:
    """Whether the imaginary part is not 0, elementwise.

    Shape: any -> the same. Gives booleans.

    >>> import autograd as ag
    >>> ag.iscomplex(ag.Tensor([1.0 + 0.0j, 1.0j]))
    Tensor([False,  True], dtype=bool)
    """
    return np.iscomplex(x)


@composite(
    "re x if real",
    counts=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(np.array([1.0 + 1e-16j, 2.0 + 0j]), label="close", smooth=False),
        lambda: sample(draw(3, complex_=True), label="complex"),
    ),
)
def real_if_close(x: Array, /, tol: float = 100.0) -> Array:
    """The real part where all imaginary parts are next to nothing, else x as it is.

    `tol` says how much that is, in units of the machine epsilon (at most 1: as a number).

    Shape: any -> the same. Complex numbers give real ones, where nothing is lost.

    >>> import autograd as ag
    >>> ag.real_if_close(ag.Tensor([1.0 + 0.0j]))
    Tensor([1.], dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind != "c":
        return x
    limit = tol * np.finfo(x.dtype).eps if tol > 1 else tol
    return np.real(x) if bool(np.all(np.abs(np.imag(x)) < limit)) else x

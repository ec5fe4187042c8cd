"""The exponential of a matrix."""

from __future__ import annotations

import math

import numpy as np

from autograd.extend import Array, draw, op, raw, sample, samples
from autograd.ops.linalg._checks import matrices

# numerator of the [13/13] Padé approximant of exp, and the 1-norm up to which float64 sees no error
_PADE = (64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
         129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
         40840800.0, 960960.0, 16380.0, 182.0, 1.0)  # fmt: skip
_REACH = 5.371920351148152


def d_expm(g: Array, x: Array) -> Array:
    """The Fréchet derivative at xᵀ in the direction g: a block of the exponential of blocks."""
    numbers = raw(g)
    if isinstance(numbers, np.ndarray):  # linear in g: a large one would cost exp its digits
        size = _power_of_two(numbers)
        return _slope(g / size, x) * size
    return _slope(g, x)


def _slope(g: Array, x: Array) -> Array:
    n, turned = x.shape[-1], x.mT
    above = np.concatenate([turned, g], axis=-1)
    below = np.concatenate([np.zeros_like(g), turned], axis=-1)
    return expm(np.concatenate([above, below], axis=-2))[..., :n, n:]


def _power_of_two(g: Array) -> Array:
    """About the largest element of each matrix."""
    largest = np.max(np.abs(g), axis=(-2, -1), keepdims=True, initial=0.0)
    _, exponent = np.frexp(np.where(np.isfinite(largest) & (largest > 0), largest, 1.0))
    return np.ldexp(np.ones_like(largest), exponent)


@op(
    "exp x",
    x=d_expm,
    samples=samples(
        lambda: sample(draw(3, 3)),
        lambda: sample(draw(2, 2, 2)),
        lambda: sample(8 * draw(2, 2), label="large"),
        lambda: sample(np.zeros((2, 2)), label="zeros"),
        lambda: sample(draw(0, 2, 2), label="empty stack"),
        lambda: sample(draw(2, 2, complex_=True), label="complex"),
    ),
    reference="scipy.linalg.expm",
)
def expm(x: Array, /) -> Array:
    """The matrix exponential Σ xᵏ / k! of each square matrix.

    By scaling and squaring (Higham, 2005); its derivative is that of Najfeld and Havel (1995).

    Shape: (..., N, N) -> the same; others raise MatrixError. Integers give floats. float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.expm(ag.Tensor([[0.0, 1.0], [0.0, 0.0]]))
    Tensor([[1., 1.],
            [0., 1.]], dtype=float32)
    """
    x = matrices("expm", x, square=True)
    size = float(np.max(np.sum(np.abs(x), axis=-2), initial=0.0))
    squarings = max(0, math.ceil(math.log2(size / _REACH))) if 0 < size < math.inf else 0
    x = x / 2**squarings
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    b, one = _PADE, np.eye(x.shape[-1], dtype=x.dtype)
    odd = x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2
    odd = x @ (odd + b[1] * one)
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2
    even = even + b[0] * one
    out = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        out = out @ out
    return out

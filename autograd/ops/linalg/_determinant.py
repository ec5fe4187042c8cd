"""Determinants, with gradients that also hold where the matrix is singular.

det is a polynomial in the elements, so it is smooth everywhere; only the usual formula det(x) x⁻ᵀ
of its gradient breaks down. The gradient is the matrix of cofactors. At a singular matrix it, and
everywhere its derivative, are found through the singular value decomposition x = U S Vᴴ: with fixed
U and V, cof(x) = det(U) det(Vᴴ) Ū cof(M) V̄ᴴ for M = Uᴴ x V, and M is diagonal at x.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.engine.typed import Tensor
from autograd.extend import Array, draw, op, sample, samples
from autograd.ops.linalg._checks import regular_enough, unless_singular
from autograd.ops.linalg._solve import inv, regular

_SQUARE = samples(
    lambda: sample(draw(3, 3)),
    lambda: sample(draw(2, 2, 2)),
    lambda: sample(draw(1, 1)),
    lambda: sample(draw(0, 3, 3), label="empty stack"),
    lambda: sample(draw(3, 3, complex_=True), label="complex"),
    lambda: sample(np.eye(3) + 0.01 * draw(3, 3), label="near the identity"),
)
_CUBIC = 3  # the size of a matrix from which on det has a third derivative
_SINGULAR = np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.5, 0.25, -1.0]])  # of rank 2


def _matrices(scalars: Array) -> Array:
    return np.expand_dims(scalars, (-2, -1))


def _trace(x: Array) -> Array:
    return _matrices(np.trace(x, axis1=-2, axis2=-1))


def _turned(x: Array) -> tuple[Array, Array, Array, Array]:
    """det(U) det(Vᴴ), Ū, the singular values and V̄ᴴ."""
    u, s, vh = np.linalg.svd(x)
    return _matrices(np.linalg.det(u) * np.linalg.det(vh)), np.conj(u), s, np.conj(vh)


def _products_without(s: Array, *gone: Array) -> Array:
    """The product of all s but those in `gone`, which broadcast together, also where s is 0."""
    zeros = np.sum(s == 0, axis=-1).reshape(s.shape[:-1] + (1,) * len(gone))
    product = np.prod(np.where(s == 0, 1, s), axis=-1).reshape(zeros.shape)
    for value in gone:
        product = product / np.where(value == 0, 1, value)
        zeros = zeros - (value == 0)
    return np.where(zeros > 0, 0, product)


def _cofactor_reference(x: Array) -> Array:
    n = x.shape[-1]
    out = np.zeros_like(x)
    for i, j in np.ndindex(n, n):
        minor = np.delete(np.delete(x, i, -2), j, -1)
        out[..., i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return out


@op(
    "cof x",
    x=lambda g, x: cofactor_slope(g, x),
    samples=samples(
        lambda: sample(draw(3, 3)),
        lambda: sample(draw(2, 2, 2)),
        lambda: sample(draw(3, 3, complex_=True), label="complex"),
        lambda: sample(np.eye(3) + 0.01 * draw(3, 3), label="near the identity"),
    ),
    reference=_cofactor_reference,
)
def cofactor(x: Array, /) -> Array:
    """The matrix of cofactors, det(x) x⁻ᵀ continued to singular x: the gradient of det.

    >>> import autograd as ag
    >>> cofactor(ag.Tensor([[1.0, 2.0], [3.0, 5.0]])).numpy().round(3)
    array([[ 5., -3.],
           [-2.,  1.]], dtype=float32)
    """
    try:
        # both factor x alike, so near a singular matrix their errors cancel in the product
        return _matrices(np.linalg.det(x)) * np.linalg.inv(x).mT
    except np.linalg.LinAlgError:
        phase, u, s, vh = _turned(x)
        return phase * ((u * _products_without(s, s)[..., None, :]) @ vh)


def d_cofactor_slope_x(g: Array, t: Array, x: Array) -> Array:
    """The third derivative of det in the directions g and t, for x that has an inverse."""
    if x.shape[-1] < _CUBIC:
        return 0 * (g + t)
    why = "the third derivative needs an inverse, and x is singular"
    y = unless_singular("det", why, lambda: inv(regular_enough(x)))
    yg, yt = y @ g, y @ t
    a, b, both = _trace(yg), _trace(yt), yg @ yt
    inside = (a * b - _trace(both)) * y - b * (yg @ y) - a * (yt @ y) + (both + yt @ yg) @ y
    return _matrices(det(x)) * inside.mT


@op(
    "∂ ⟨t, cof x⟩ / ∂x",
    t=lambda g, x: cofactor_slope(g, x),
    x=d_cofactor_slope_x,
    samples=samples(
        lambda: sample(draw(3, 3), draw(3, 3, seed=1)),
        lambda: sample(draw(2, 2, 2), draw(2, 2, 2, seed=1)),
        lambda: sample(draw(3, 3, complex_=True), draw(3, 3, seed=1, complex_=True)),
    ),
    reference=lambda t, x: _slope_reference(t, x),
)
def cofactor_slope(t: Array, x: Array, /) -> Array:
    """The gradient of Σ t · cof(x), which is linear in t: the second derivative of det.

    >>> import autograd as ag
    >>> x = ag.Tensor([[1.0, 2.0], [3.0, 5.0]])
    >>> cofactor_slope(ag.Tensor([[1.0, 0.0], [0.0, 0.0]]), x).numpy().round(3) + 0
    array([[0., 0.],
           [0., 1.]], dtype=float32)
    """
    phase, u, s, vh = _turned(x)
    m = u.mT @ t @ vh.mT
    pairs = _products_without(s, s[..., :, None], s[..., None, :])
    on = np.eye(s.shape[-1], dtype=bool)
    pairs = np.where(on, 0, pairs)
    diagonal = pairs @ np.diagonal(m, axis1=-2, axis2=-1)[..., None]
    return phase * (u @ np.where(on, diagonal, -pairs * m.mT) @ vh)


def _slope_reference(t: Array, x: Array) -> Array:
    y, d = np.linalg.inv(x), _matrices(np.linalg.det(x))
    return (d * (_trace(y @ t) * y - y @ t @ y)).mT


@op(
    "det x",
    x=lambda g, x: _matrices(g) * cofactor(x),
    samples=lambda: (
        *_SQUARE(),
        sample(_SINGULAR, label="singular"),
        sample(np.outer([1.0, 2.0, -1.0], [0.5, 1.0, 2.0]), label="of rank 1"),
        sample(np.zeros((2, 2)), label="zeros"),
    ),
    reference="numpy.linalg.det",
)
def det(x: Array, /) -> Array:
    """The determinant of each square matrix; 1 of (0, 0).

    The first and second derivatives hold for singular matrices too; the third needs an inverse.

    Shape: (..., N, N) -> (...); others raise MatrixError. Integers give floats. float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.det(ag.Tensor([[1.0, 2.0], [3.0, 5.0]]))
    Tensor(-1., dtype=float32)
    """
    return np.linalg.det(x)


class SlogdetResult(NamedTuple):
    """A determinant as sign · exp(logabsdet)."""

    sign: Tensor
    logabsdet: Tensor


def d_slogdet(g: tuple[Array, Array], x: Array, out: tuple[Array, Array]) -> Array:
    turn = g[0] * out[0]
    turn = (turn - np.conj(turn)) / 2  # 0 for real x, whose sign is constant
    why = "x is singular, so log|det x| is -inf and has no derivative"
    return _matrices(g[1] + turn) * unless_singular("slogdet", why, lambda: inv(x)).mT


@op(
    "sign, log|det x|",
    x=d_slogdet,
    outputs=2,
    samples=samples(
        lambda: sample(regular(3, 3)),
        lambda: sample(-regular(2, 3, 3), label="negative"),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
        lambda: sample(regular(3, 3, complex_=True), label="complex"),
    ),
    reference=lambda x: tuple(np.linalg.slogdet(x)),
)
def _slogdet(x: Array, /) -> tuple[Array, Array]:
    sign, logabsdet = np.linalg.slogdet(x)
    return sign, logabsdet


def slogdet(x: Array) -> SlogdetResult:
    """The sign (or phase) of the determinant and the logarithm of its modulus.

    Where the determinant overflows it does not; of a singular matrix the sign is 0 and the
    logarithm -∞, and backward raises numpy.linalg.LinAlgError.

    Shape: (..., N, N) -> (...), (...) as `SlogdetResult(sign, logabsdet)`; others raise
    MatrixError. The logarithm is real, integers give floats; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.slogdet(ag.Tensor([[2.0, 0.0], [0.0, -0.5]])).sign
    Tensor(-1., dtype=float32)
    """
    return SlogdetResult(*_slogdet(x))

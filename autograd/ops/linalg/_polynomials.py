"""Polynomials and their roots: NumPy's roots, poly, polyfit, polydiv."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.trail import computed, seen
from autograd.errors import ArgumentError, ShapeError, UnsupportedError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.linalg._coefficients import convolve, vander
from autograd.ops.linalg._eig import eigvals, real_eigvals
from autograd.ops.linalg._solve import pinv

_POINTS = np.array([-1.0, -0.4, 0.3, 0.9, 1.6])


def _row(p: Array, name: str) -> Array:
    p = p if hasattr(p, "dtype") else np.asarray(p)
    if np.ndim(p) > 1:
        raise ShapeError(f"{name}: p is {np.shape(p)}; a row of coefficients is needed")
    p = p if np.ndim(p) else p.reshape((1,))
    return p + 0.0 if p.dtype.kind in "biu" else p


@composite(
    "p = 0",
    counts=True,
    samples=samples(
        lambda: sample(np.array([2.0, -3.0])),
        lambda: sample(np.array([1.0, -3.5, 2.0, 0.5])),
        lambda: sample(np.array([2.0, 1.0, 3.0]), label="complex roots"),
        lambda: sample(np.array([0.0, 1.0, -3.0, 0.0]), label="zeros at the ends", smooth=False),
    ),
)
def roots(p: Array, /) -> Array:
    """The roots of a polynomial, by the eigenvalues of its companion matrix.

    `p` are its coefficients. A root that is there twice has no derivative: its gradient is
    infinite.

    Shape: (N,) -> (N - `1`,), the highest power first; zeros before it are left out. Complex where
    a root is not real. Integers give floats; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.roots(ag.Tensor([1.0, 0.0, -4.0]))
    Tensor([-2.,  2.], dtype=float32)
    """
    p = _row(p, "roots")
    found = np.flatnonzero(seen(p))
    if not np.size(found):
        return p[:0]
    behind = np.shape(p)[0] - 1 - int(found[-1])
    p = p[int(found[0]) : int(found[-1]) + 1]
    degree = np.shape(p)[0] - 1
    zeros = np.zeros_like(p, shape=(behind,))
    if not degree:
        return zeros
    first = -p[1:] / p[0]
    companion = np.concatenate([first[None], np.eye(degree - 1, degree, dtype=p.dtype)])
    values = real_eigvals(companion)
    return np.concatenate([values, zeros.astype(values.dtype)]) if behind else values


@composite(
    "Π (x − rᵢ)",
    samples=samples(lambda: sample(draw(3)), lambda: sample(draw(0)), lambda: sample(draw(2, 2))),
)
def poly(x: Array, /) -> Array:
    """The coefficients of the polynomial that has the given roots, or those of a matrix.

    Shape: (N,) or (N, N) -> (N + `1`,), the highest power first. Integers give floats; complex
    numbers give real ones where they come in pairs.

    >>> import autograd as ag
    >>> ag.poly(ag.Tensor([2.0, -2.0]))
    Tensor([ 1.,  0., -4.], dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    shape = np.shape(x)
    if len(shape) == 2 and shape[0] == shape[1] and shape[0]:
        matrix, x = x, eigvals(x)
        if matrix.dtype.kind == "f":  # its eigenvalues come in pairs
            return np.real(_expanded(x))
    elif len(shape) > 1:
        raise ShapeError(f"poly: x is {shape}; roots in a row, or a square matrix, are needed")
    x = np.reshape(x, (-1,))
    if not np.size(x):
        return np.prod(x)
    product = _expanded(x)
    if x.dtype.kind == "c" and bool(computed(_in_pairs, x)):
        return np.real(product)
    return product


def _expanded(roots: Array) -> Array:
    """The coefficients of Π (x − rᵢ)."""
    one = np.ones_like(roots, shape=(1,))
    product: Array = one
    for i in range(np.shape(roots)[0]):
        product = convolve(product, np.concatenate([one, -roots[i : i + 1]]))
    return product


def _in_pairs(roots: Any) -> Any:
    """Whether the conjugate of every root is one too."""
    return np.all(np.sort(roots) == np.sort(np.conj(roots)))


@composite(
    "fit",
    real_only=True,
    samples=samples(
        lambda: sample(_POINTS, draw(5), deg=2),
        lambda: sample(_POINTS, draw(5, 2), np.array([1.0, 2.0, 0.5, 1.0, 1.5]), deg=1),
    ),
    reference=lambda x, y, w=None, *, deg: np.polyfit(x, y, deg, w=w),
)
def _polyfit(x: Array, y: Array, w: Array = None, /, deg: int = 1) -> Array:
    x, y = _row(x, "polyfit"), y + 0.0 if y.dtype.kind in "biu" else y
    if np.ndim(y) not in (1, 2) or np.shape(y)[0] != np.shape(x)[0] or not np.size(x):
        raise ShapeError(f"polyfit: x is {np.shape(x)} and y is {np.shape(y)}: one y for each x")
    matrix = vander(x, deg + 1)
    if w is not None:
        matrix = matrix * w[:, None]
        y = y * (w[:, None] if np.ndim(y) == 2 else w)
    scale = np.sqrt(np.sum(matrix * matrix, axis=0))
    found: Array = pinv(matrix / scale) @ y
    return found / (scale[:, None] if np.ndim(y) == 2 else scale)


def polyfit(
    x: Array,
    y: Array,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: Array = None,
    cov: Any = False,
) -> Array:
    """The coefficients of the polynomial of degree `deg` that fits points best, in least squares.

    `w` weighs the residuals. `rcond` is the relative size of singular values that count as 0, and
    None alone is recorded here, as are `full` and `cov` that are False.

    Shape: x (N,), y (N,) or (N, K) -> (deg + 1,) or (deg + 1, K), the highest power first. Integers
    give floats; complex numbers raise DTypeError. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.polyfit(ag.Tensor([0.0, 1.0, 2.0]), ag.Tensor([1.0, 3.0, 5.0]), 1), 4)
    Tensor([2., 1.], dtype=float32)
    """
    if deg < 0:
        raise ArgumentError(f"polyfit: deg is {deg}; no degree is negative")
    if full or cov or rcond is not None:
        raise UnsupportedError(
            "polyfit: rcond=, full= and cov= are not recorded; autograd.linalg.lstsq of "
            "autograd.vander(x, deg + 1) gives residuals and the rank"
        )
    return _polyfit(x, y, w, deg)


@composite(
    "p / q",
    outputs=2,
    counts=True,
    samples=samples(
        lambda: sample(draw(5), np.array([2.0, -1.0, 0.5])),
        lambda: sample(draw(2), np.array([1.5, 0.5, 0.2]), label="nothing to divide"),
    ),
)
def polydiv(p: Array, q: Array, /) -> tuple[Array, Array]:
    """The quotient and the remainder of two polynomials, `p` and `q`.

    Shape: (N,) and (M,) -> two rows, the highest power first; of the remainder zeros before it are
    left out. Integers give floats. A q that begins with 0 is an error.

    >>> import autograd as ag
    >>> ag.polydiv(ag.Tensor([1.0, 0.0, -4.0]), ag.Tensor([1.0, 2.0]))[0]
    Tensor([ 1., -2.], dtype=float32)
    """
    p, q = _row(p, "polydiv"), _row(q, "polydiv")
    if not seen(q)[0]:
        raise ArgumentError("polydiv: q begins with 0, by which nothing is divided")
    n, m = np.shape(p)[0], np.shape(q)[0]
    rest, quotient = p, []
    for k in range(n - m + 1):
        factor = rest[k : k + 1] / q[0]
        quotient.append(factor)
        taken = np.concatenate([np.zeros(k, p.dtype), factor * q, np.zeros(n - m - k, p.dtype)])
        rest = rest - taken
    if not quotient:
        return 0 * p[:1], p
    rest = rest[n - m + 1 :] if m > 1 else rest[-1:]
    kept = np.flatnonzero(np.abs(seen(rest)) > 1e-8)
    start = int(kept[0]) if np.size(kept) else np.shape(rest)[0] - 1
    return np.concatenate(quotient), rest[start:]

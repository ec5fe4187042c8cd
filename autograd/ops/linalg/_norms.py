"""Norms of vectors and matrices, condition numbers, rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.errors import ArgumentError, MatrixError
from autograd.extend import Array, composite, draw, here, op, sample, samples
from autograd.kernels.activation.powers import powers_hold
from autograd.ops.elementwise.powers import quotient
from autograd.ops.linalg._checks import as_inexact, matrices
from autograd.ops.linalg._solve import inv
from autograd.ops.linalg._svd import svdvals

Axis = int | tuple[int, ...] | None


def _spread(reduced: Array, axis: Axis, keepdims: bool) -> Array:
    return reduced if axis is None or keepdims else np.expand_dims(reduced, axis)


def d_vector_norm(g: Array, x: Array, out: Array, axis: Axis, keepdims: bool, ord: float) -> Array:
    """0 where the norm is 0; elements that tie for the largest (or least) share evenly."""
    g, out = _spread(g, axis, keepdims), _spread(out, axis, keepdims)
    if ord == 0:
        return np.zeros_like(x)
    if ord == 2:
        slope = quotient(x, out)
        return g * (np.conj(slope) if np.iscomplexobj(x) else slope)
    size = np.abs(x)
    if np.isinf(ord):
        chosen = np.logical_or(size == out, x != x)
        weight: Array = chosen / np.sum(chosen, axis=axis, keepdims=True, dtype="float32")
    elif ord == 1:
        weight = 1
    elif ord > 1:
        weight = quotient(size, out) ** (ord - 1)
    else:
        weight = quotient(out, size) ** (1 - ord)  # of what is at most 1, or times a sign of 0
    return g * weight * np.conj(np.sign(x))


@op(
    "‖x‖",
    wide=True,
    x=d_vector_norm,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 3), axis=-1, keepdims=True),
        lambda: sample(draw(2, 3, 2), axis=(0, 2)),
        lambda: sample(draw(2, 3), axis=0, ord=3),
        lambda: sample(draw(2, 3), axis=0, ord=0.5),
        lambda: sample(draw(2, 3, away_from=(0,)), ord=-1.5),
        lambda: sample(draw(2, 3, away_from=(0,)), axis=1, ord=1),
        lambda: sample(draw(2, 3), axis=1, ord=np.inf),
        lambda: sample(draw(2, 3, away_from=(0,)), axis=1, ord=-np.inf),
        lambda: sample(draw(2, 3, away_from=(0,)), axis=1, ord=0),
        lambda: sample(draw(away_from=(0,))),
        lambda: sample(draw(0, 3), axis=0),
        lambda: sample(np.zeros(3), label="at 0", smooth=False),
        lambda: sample(np.array([2.0, -2.0, 1.0]), ord=np.inf, label="tie", smooth=False),
        lambda: sample(draw(2, 3, complex_=True), axis=1, label="complex"),
        lambda: sample(draw(2, 3, complex_=True), axis=1, ord=3, label="complex 3"),
    ),
    reference="numpy.linalg.vector_norm",
)
def vector_norm(x: Array, /, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Array:
    """(Σ |x|ᵖ)^(1/p) over an axis, several, or all, with p = `ord`; ±inf, and 0 (a count), too.

    The gradient is 0 where the norm is 0; ties of ±inf share it evenly.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.linalg.vector_norm(ag.Tensor([3.0, 4.0]))
    Tensor(5., dtype=float32)
    """
    if ord == 2 and axis is None and not keepdims and type(x) is np.ndarray and x.dtype.kind == "f":
        row = x.reshape(-1)
        out = np.sqrt(np.dot(row, row))
        if powers_hold(out, 2):
            return out
    return _norm(x, axis, keepdims, ord)


def _norm(x: Array, axis: Any, keepdims: bool, ord: float) -> Array:
    """NumPy's norm; where powers are too large or too small, scaled by the largest element."""
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        out = np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
        if ord in (0, 1) or np.isinf(ord) or not x.size:
            return out
        if not is_symbolic(x) and powers_hold(out, ord):
            return out
        size = np.abs(x)
        scale = (np.max if ord > 0 else np.min)(size, axis=axis, keepdims=True)
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, 1)
        scaled = np.linalg.vector_norm(size / scale, axis=axis, keepdims=True, ord=ord) * scale
        return (scaled if keepdims else np.squeeze(scaled, axis))[()]


def _of_singular_values(x: Array, ord: Any) -> Array:
    sizes = np.abs(svdvals(x))  # |s|, for a subgradient of 0 where a singular value is 0
    if ord == "nuc":
        return np.sum(sizes, axis=-1)
    return np.max(sizes, axis=-1) if ord == 2 else np.min(sizes, axis=-1)


@composite(
    "‖x‖",
    wide=True,
    samples=samples(
        lambda: sample(draw(3, 2)),
        lambda: sample(draw(2, 3, 2), keepdims=True, ord="nuc"),
        lambda: sample(draw(2, 3, 2), ord=2),
        lambda: sample(draw(3, 2), ord=-2),
        lambda: sample(draw(2, 3, 2, away_from=(0,)), ord=1, keepdims=True),
        lambda: sample(draw(3, 2, away_from=(0,)), ord=-1),
        lambda: sample(draw(3, 2, away_from=(0,)), ord=np.inf),
        lambda: sample(draw(3, 2, away_from=(0,)), ord=-np.inf),
        lambda: sample(draw(0, 3, 2), label="empty stack"),
        lambda: sample(np.zeros((2, 2)), ord="nuc", label="at 0", smooth=False),
        lambda: sample(draw(3, 2, complex_=True), ord="nuc", label="complex nuc"),
        lambda: sample(draw(3, 2, complex_=True), ord=1, label="complex"),
    ),
    reference="numpy.linalg.matrix_norm",
)
def matrix_norm(x: Array, /, keepdims: bool = False, ord: float | str | None = "fro") -> Array:
    """A norm of the matrices in the last two axes.

    `ord` is 'fro', 'nuc' (the sum of the singular values), 2 and -2 (the largest and the least), 1
    and -1 (of the column sums of |x|), inf and -inf (of the row sums); another is an error.

    Shape: (..., M, N) -> (...), or (..., 1, 1) with `keepdims`; a vector raises MatrixError.
    Integers give floats; complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.linalg.matrix_norm(ag.Tensor([[3.0, 0.0], [0.0, 4.0]]))
    Tensor(5., dtype=float32)
    """
    x = as_inexact(matrices("matrix_norm", x))
    # the largest, or the sum, of no singular values or sums is 0, as in NumPy
    is_zero = 0 in np.shape(x)[-2:] and ord in ("nuc", 1, 2, np.inf)
    if ord in ("fro", None) or is_zero:
        return vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        out = _of_singular_values(x, ord)
    elif ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        out = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    else:
        raise ArgumentError(f"matrix_norm: no norm of order ord={ord!r}")
    return np.expand_dims(out, (-2, -1)) if keepdims else out


@composite(
    "‖x‖",
    wide=True,
    samples=samples(
        lambda: sample(draw(2, 3)),
        lambda: sample(draw(2, 2, 3), label="any rank"),
        lambda: sample(draw(4), ord=3),
        lambda: sample(draw(2, 3, 2), axis=1),
        lambda: sample(draw(2, 3, 2), ord="nuc", axis=(2, 0), keepdims=True),
        lambda: sample(draw(2, 3, away_from=(0,)), ord=1),
        lambda: sample(draw(2, 3), axis=-1, keepdims=True),
    ),
    reference="numpy.linalg.norm",
)
def norm(
    x: Array, /, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False
) -> Array:
    """NumPy's norm: of all elements, of the vectors along an axis, of the matrices in two axes.

    Without `ord` the root of the sum of squares; with it that of `vector_norm` or `matrix_norm`.
    The gradient is 0 where the norm is 0.

    Shape: any -> the same without `axis`, or with length 1 there if `keepdims`. Integers give
    floats; complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.linalg.norm(ag.Tensor([[3.0, 4.0], [6.0, 8.0]]), axis=1)
    Tensor([ 5., 10.], dtype=float32)
    """
    ndim = np.ndim(x)
    if axis == ():
        raise ArgumentError(f"norm: axis=() names no axis{here()}")
    if ord is None:
        return vector_norm(x, axis=axis, keepdims=keepdims)
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=ord)  # type: ignore[arg-type]
    if len(axes) != 2:
        raise ArgumentError(f"norm: ord={ord!r} needs one axis or two, got {len(axes)}")
    if axes == (ndim - 2, ndim - 1):
        return matrix_norm(x, keepdims=keepdims, ord=ord)
    out = matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord=ord)
    return np.expand_dims(out, axes) if keepdims else out


@op(
    "rank x",
    samples=samples(
        lambda: sample(draw(2, 3, 3)),
        lambda: sample(np.ones((2, 2)), label="singular"),
    ),
    reference="numpy.linalg.matrix_rank",
)
def matrix_rank(
    x: Array, /, tol: Any = None, hermitian: bool = False, *, rtol: Any = None
) -> Array:
    """The number of singular values above `tol`; it has no gradient.

    By default `tol` is `rtol` times the largest one, and rtol the machine epsilon times the longer
    side; both at once are an error. `hermitian` says that x is so, which is faster.

    Shape: (..., M, N) -> (...); (N,) -> (). Gives int64; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.matrix_rank(ag.Tensor([[1.0, 1.0], [1.0, 1.0]])).item()
    1
    """
    return np.asarray(np.linalg.matrix_rank(x, tol, hermitian, rtol=rtol))[()]


def _cond_by_inverse(x: Array, p: Any) -> Array:
    """‖x‖ · ‖x⁻¹‖, and infinity where there is no inverse."""
    try:
        return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
    except np.linalg.LinAlgError:
        is_singular = np.linalg.slogdet(x)[0] == 0
        one = np.eye(x.shape[-1], dtype=x.dtype)
        regular = np.where(np.expand_dims(is_singular, (-2, -1)), one, x)
        return np.where(
            is_singular, np.inf, matrix_norm(x, ord=p) * matrix_norm(inv(regular), ord=p)
        )


@composite(
    "cond x",
    samples=samples(
        lambda: sample(draw(3, 2)),
        lambda: sample(draw(2, 3, 3), p=-2),
        lambda: sample(draw(2, 3, 3), p="fro"),
        lambda: sample(np.ones((2, 2)), p=1, label="singular", smooth=False),
        lambda: sample(np.zeros((2, 2)), label="zeros", smooth=False),
    ),
    reference="numpy.linalg.cond",
)
def cond(x: Array, /, p: float | str | None = None) -> Array:
    """The condition number of each matrix: ‖x‖ · ‖x⁻¹‖ in the norm `p` (2 if None).

    `p` is an `ord` of `matrix_norm`.

    Shape: (..., M, N) -> (...); for other p than ±2 (..., N, N), else MatrixError is raised.
    Integers give floats, complex numbers give real ones; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.cond(ag.Tensor([[4.0, 0.0], [0.0, 2.0]]))
    Tensor(2., dtype=float32)
    """
    x = matrices("cond", x, square=p not in (None, 2, -2))
    if 0 in x.shape[-2:]:
        raise MatrixError(f"cond: {x.shape} holds empty matrices, which have none{here()}")
    if p not in (None, 2, -2):
        return _cond_by_inverse(x, p)
    s = svdvals(x)
    over, under = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
    return np.where(under == 0, np.inf, over / np.where(under == 0, 1, under))

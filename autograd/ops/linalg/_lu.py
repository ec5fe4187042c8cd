"""LU decompositions with row exchanges, triangular systems, and what is solved by both.

Rule after Seeger et al. (2017, "Auto-differentiating linear algebra"); names and signatures are
PyTorch's, which NumPy has none for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.engine.trail import computed
from autograd.engine.typed import Tensor
from autograd.errors import ShapeError
from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.matrix.triangular import solve_triangular as kernel
from autograd.ops.linalg._checks import as_inexact, matrices
from autograd.ops.linalg._decompositions import adjoint
from autograd.ops.linalg._solve import regular


class LUResult(NamedTuple):
    """P, L and U with x = P L U."""

    P: Tensor
    L: Tensor
    U: Tensor


class LUFactors(NamedTuple):
    """L below the diagonal and U from it on, in one matrix, and which rows were exchanged."""

    LU: Tensor
    pivots: Tensor


# ---- triangular systems --------------------------------------------------------------------------


def d_triangular(
    g: Array, x: Array, out: Array, upper: bool, needs: tuple[bool, bool]
) -> tuple[Array | None, Array]:
    of_y = _solve_triangular(x.mT, g, not upper)
    of_x = -of_y @ out.mT if needs[0] else None
    if of_x is not None:
        of_x = np.triu(of_x) if upper else np.tril(of_x)
    return of_x, of_y


_TRIANGULAR = samples(
    lambda: sample(np.tril(regular(3, 3)), draw(3, 2, seed=1), upper=False),
    lambda: sample(np.triu(regular(2, 2, 2)), draw(2, 1, seed=1), upper=True),
    lambda: sample(
        np.tril(regular(2, 2, complex_=True)),
        draw(2, 1, complex_=True),
        upper=False,
        label="complex",
    ),
)


def _reference(x: Array, y: Array, upper: bool) -> Array:
    return np.linalg.solve(np.triu(x) if upper else np.tril(x), y)


@op("x⁻¹ y", joint=d_triangular, samples=_TRIANGULAR, reference=_reference)
def _solve_triangular(x: Array, y: Array, /, upper: bool) -> Array:
    x, y = as_inexact(x), as_inexact(y)
    return kernel(np.triu(x) if upper else np.tril(x), y, not upper)


def solve_triangular(
    x: Array, y: Array, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """The solution z of x @ z = y (or of z @ x = y, if not `left`) for triangular x.

    Of x the `upper` or the lower triangle is read; `unitriangular` takes its diagonal as ones. A 0
    on the diagonal raises numpy.linalg.LinAlgError.

    Shape: x (..., N, N) and y (..., N, K) -> (..., N, K). Lengths that differ raise ShapeError.
    Integers give floats; float16 raises DTypeError.

    >>> import autograd as ag
    >>> x, y = ag.Tensor([[2.0, 0.0], [2.0, 1.0]]), ag.Tensor([[2.0], [3.0]])
    >>> ag.linalg.solve_triangular(x, y, upper=False)
    Tensor([[1.],
            [1.]], dtype=float32)
    """
    x, y = matrices("solve_triangular", x, square=True), matrices("solve_triangular", y)
    n, rows = np.shape(x)[-1], np.shape(y)[-2 if left else -1]
    if n != rows:
        raise ShapeError(f"solve_triangular: x is {np.shape(x)} and y is {np.shape(y)}")
    if unitriangular:
        x = (np.triu(x, 1) if upper else np.tril(x, -1)) + np.eye(n, dtype=x.dtype)
    if left:
        return _solve_triangular(x, y, upper)
    return _solve_triangular(x.mT, y.mT, not upper).mT


def cholesky_solve(y: Array, factor: Array, upper: bool = False) -> Tensor:
    """The solution z of x @ z = y, where x is given by its Cholesky factor.

    The `factor` is the lower triangular L of x = L Lᴴ, or its adjoint with `upper`.

    Shape: y (..., N, K) and factor (..., N, N) -> (..., N, K). Integers give floats; float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.cholesky_solve(ag.Tensor([[8.0]]), ag.Tensor([[2.0]]))
    Tensor([[2.]], dtype=float32)
    """
    factor = matrices("cholesky_solve", factor, square=True)
    lower = adjoint(factor) if upper else factor
    half = solve_triangular(lower, y, upper=False)
    return solve_triangular(adjoint(lower), half, upper=True)


# ---- LU ------------------------------------------------------------------------------------------


def _pivots_by_minors(x: Array) -> tuple[Array, Array]:
    """By the largest of the minors that a row may be chosen for, matrix by matrix."""
    m, n = x.shape[-2:]
    pivots, orders = [], []
    for a in x.reshape(-1, m, n):
        order, exchanged = list(range(m)), []
        for k in range(min(m, n)):
            minors = [
                abs(np.linalg.det(a[[*order[:k], order[i]]][:, : k + 1])) for i in range(k, m)
            ]
            pivot = k + int(np.argmax(minors))
            order[k], order[pivot] = order[pivot], order[k]
            exchanged.append(pivot)
        pivots.append(exchanged)
        orders.append(order)
    batch = x.shape[:-2]
    return np.reshape(pivots, (*batch, min(m, n))), np.reshape(orders, (*batch, m))


@op(
    "pivots of x",
    outputs=2,
    samples=samples(lambda: sample(draw(3, 3)), lambda: sample(draw(2, 3, 2))),
    reference=lambda x: _pivots_by_minors(x),
)
def pivots_of(x: Array, /) -> tuple[Array, Array]:
    """The row that each step exchanges with, and the order in which the rows come to lie."""
    a = np.array(as_inexact(x))
    m, n = a.shape[-2:]
    stack = a.reshape(int(np.prod(a.shape[:-2])), m, n)
    steps = min(m, n)
    pivots = np.empty((len(stack), steps), np.int32)
    order = np.broadcast_to(np.arange(m), (len(stack), m)).copy()
    each = np.arange(len(stack))
    for k in range(steps):
        pivot = k + np.argmax(np.abs(stack[:, k:, k]), axis=1)
        pivots[:, k] = pivot
        for rows in (stack, order):
            kept = rows[each, k].copy()
            rows[each, k] = rows[each, pivot]
            rows[each, pivot] = kept
        diagonal = stack[:, k, k]
        factors = stack[:, k + 1 :, k] / np.where(diagonal == 0, 1, diagonal)[:, None]
        stack[:, k + 1 :, k:] -= factors[:, :, None] * stack[:, k, None, k:]
    return pivots.reshape((*a.shape[:-2], steps)), order.reshape((*a.shape[:-2], m))


def d_lu(g: tuple[Array, Array], out: tuple[Array, Array]) -> Array:
    (of_l, of_u), (lower, upper) = g, out
    inner = np.tril(lower.mT @ of_l, -1) + np.triu(of_u @ upper.mT)
    left = _solve_triangular(lower.mT, inner, True)
    return _solve_triangular(upper, left.mT, True).mT


@op(
    "L U",
    x=d_lu,
    outputs=2,
    samples=samples(
        lambda: sample(regular(3, 3)),
        lambda: sample(regular(2, 2, 2)),
        lambda: sample(regular(2, 2, complex_=True), label="complex"),
    ),
    reference=lambda x: _by_elimination(x),
)
def _lu(x: Array, /) -> tuple[Array, Array]:
    """x = L U of square matrices, whose rows lie in the order of their pivots already."""
    a = np.array(as_inexact(x))
    n = a.shape[-1]
    for k in range(n):
        diagonal = a[..., k, k]
        a[..., k + 1 :, k] /= np.where(diagonal == 0, 1, diagonal)[..., None]
        a[..., k + 1 :, k + 1 :] -= a[..., k + 1 :, k, None] * a[..., k, None, k + 1 :]
    return np.tril(a, -1) + np.eye(n, dtype=a.dtype), np.triu(a)


def _by_elimination(x: Array) -> tuple[Array, Array]:
    """By Cramer's rule for the leading minors, and a solve."""
    lower = np.zeros_like(x)
    n = x.shape[-1]
    for j in range(n):
        for i in range(j, n):
            rows = [*range(j), i]
            lower[..., i, j] = np.linalg.det(x[..., rows, : j + 1]) / np.linalg.det(
                x[..., : j + 1, : j + 1]
            )
    return lower, np.linalg.solve(lower, x)


def _factors(x: Array) -> tuple[Any, Any, Any, Any]:
    """L, U, the pivots, and the order of the rows, for matrices of any shape."""
    x = matrices("lu", x)
    m, n = np.shape(x)[-2:]
    lower: Array
    upper: Array
    order: Array
    pivots, order = pivots_of(x)
    rows = np.take_along_axis(x, order[..., None], -2)
    if m == n:
        lower, upper = _lu(rows)
    elif m < n:
        lower, left = _lu(rows[..., :m])
        rest = _solve_triangular(lower, rows[..., m:], False)
        upper = np.concatenate([left, rest], axis=-1)
    else:
        top, upper = _lu(rows[..., :n, :])
        rest = _solve_triangular(upper.mT, rows[..., n:, :].mT, False).mT
        lower = np.concatenate([top, rest], axis=-2)
    return lower, upper, pivots, order


def lu(x: Array) -> LUResult:
    """x = P L U: a permutation, a lower triangular matrix with ones, an upper triangular one.

    Rows are exchanged so that each pivot is the largest of its column; P has no gradient.

    Shape: (..., M, N) -> (..., M, M), (..., M, K), (..., K, N) with K = min(M, N), as `LUResult(P,
    L, U)`; a vector raises MatrixError. Integers give floats.

    >>> import autograd as ag
    >>> ag.linalg.lu(ag.Tensor([[1.0, 2.0], [2.0, 2.0]])).U
    Tensor([[2., 2.],
            [0., 1.]], dtype=float32)
    """
    lower, upper, _, order = _factors(x)
    places = np.equal(order[..., None, :], np.arange(order.shape[-1])[:, None])
    permutation: Any = np.astype(places, lower.dtype)
    return LUResult(permutation, lower, upper)


def lu_factor(x: Array) -> LUFactors:
    """L and U of x = P L U in one matrix, and the row with which each was exchanged, from 1 on.

    Shape: (..., M, N) -> (..., M, N) and pivots (..., min(M, N)), as `LUFactors(LU, pivots)`; a
    vector raises MatrixError. Integers give floats.

    >>> import autograd as ag
    >>> ag.linalg.lu_factor(ag.Tensor([[1.0, 2.0], [2.0, 2.0]])).LU
    Tensor([[2. , 2. ],
            [0.5, 1. ]], dtype=float32)
    """
    lower, upper, pivots, _ = _factors(x)
    below, from_it_on = np.tril(lower, -1), np.triu(upper)
    (m, k), n = np.shape(lower)[-2:], np.shape(upper)[-1]
    batch = np.shape(lower)[:-2]
    if n > k:
        below = np.concatenate([below, np.zeros((*batch, m, n - k), lower.dtype)], axis=-1)
    if m > k:
        from_it_on = np.concatenate(
            [from_it_on, np.zeros((*batch, m - k, n), lower.dtype)], axis=-2
        )
    return LUFactors(below + from_it_on, pivots + 1)


def lu_solve(
    LU: Array, pivots: Array, y: Array, *, left: bool = True, adjoint: bool = False
) -> Tensor:
    """The solution z of x @ z = y (z @ x = y, if not `left`) by the factors of x.

    `LU` and `pivots` are what `lu_factor` gives; `adjoint` solves for the adjoint of x.

    Shape: LU (..., N, N), pivots (..., N) and y (..., N, K) -> (..., N, K). Integers give floats.

    >>> import autograd as ag
    >>> factors = ag.linalg.lu_factor(ag.Tensor([[1.0, 2.0], [2.0, 2.0]]))
    >>> ag.linalg.lu_solve(*factors, ag.Tensor([[3.0], [4.0]]))
    Tensor([[1.],
            [1.]], dtype=float32)
    """
    LU, y = matrices("lu_solve", LU, square=True), matrices("lu_solve", y)
    if np.shape(pivots)[-1:] != np.shape(LU)[-1:]:
        raise ShapeError(f"lu_solve: pivots are {np.shape(pivots)} for LU of {np.shape(LU)}")
    if not left:
        turned = lu_solve(LU, pivots, _turned(y, adjoint), adjoint=not adjoint)
        return _turned(turned, adjoint)
    order = computed(lambda p: _order_of(np.asarray(p) - 1)[..., None], pivots)
    if not adjoint:
        taken = np.take_along_axis(_spread(y, order), order, -2)
        half = solve_triangular(LU, taken, upper=False, unitriangular=True)
        return solve_triangular(LU, half, upper=True)
    half = solve_triangular(np.conj(LU).mT, y, upper=False)
    rows: Array = solve_triangular(np.conj(LU).mT, half, upper=True, unitriangular=True)
    back = np.argsort(order, axis=-2)
    found: Any = np.take_along_axis(_spread(rows, back), back, -2)
    return found


def _turned(y: Array, adjoint: bool) -> Array:
    return np.conj(y).mT


def _spread(y: Array, order: Array) -> Array:
    """y, with as many leading axes as the orders of rows have."""
    batch = np.broadcast_shapes(np.shape(y)[:-2], order.shape[:-2])
    return np.broadcast_to(y, (*batch, *np.shape(y)[-2:]))


def _order_of(pivots: Array) -> Array:
    """The order in which rows come to lie by their exchanges."""
    order = np.broadcast_to(np.arange(pivots.shape[-1]), pivots.shape).copy()
    stack, exchanges = order.reshape(-1, order.shape[-1]), pivots.reshape(-1, pivots.shape[-1])
    each = np.arange(len(stack))
    for k in range(pivots.shape[-1]):
        kept = stack[each, k].copy()
        stack[each, k] = stack[each, exchanges[:, k]]
        stack[each, exchanges[:, k]] = kept
    return order

"""Linear algebra: elimination, Cholesky and Householder's steps as Scans over columns.

ONNX has determinants alone, and runtimes those in float32. A matrix that is singular, or is not
positive definite, is an error here and gives NaN or ∞ there, where nothing can be raised.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.table import refuse, row
from autograd.onnx.values import Value, broadcast

__all__: list[str] = []


def _turned(b: Any, x: Value) -> Value:
    return b.transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _at(b: Any, x: Value, k: Value, axis: int) -> Value:
    """The k-th slice along an axis."""
    axis %= x.ndim
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    return b.op("Gather", x, k, shape=shape, dtype=x.dtype, axis=axis)


def _column(b: Any, x: Value) -> Value:
    return b.reshape(x, (*x.shape, 1))


def _row(b: Any, x: Value) -> Value:
    return b.reshape(x, (*x.shape[:-1], 1, x.shape[-1]))


def _eye(b: Any, n: Any, dtype: Any) -> Value:
    return b.compare("Equal", b.reshape(b.arange(n), (n, 1)), b.arange(n)).astype(dtype)


def _eliminated(b: Any, whole: Value, n: Any, singular: bool = False) -> tuple[Value, Value, Value]:
    """Gauss and Jordan on (..., n, n + m) by columns, the largest pivot first.

    The rest of the columns then, all pivots (n, ...), and whether rows were swapped an odd number
    of times, as ±1. Where a matrix may be `singular` nothing is divided by a pivot of 0.
    """
    numbers, stack = b.arange(n), whole.shape[:-2]
    sign = b.expand(b.constant(1, whole.dtype), stack)

    def step(state: Any, own: Any) -> Any:
        (m, sign), (k,) = state, own
        least = b.constant(-1, m.dtype)
        sizes = b.where(numbers >= k, b.unary("Abs", _at(b, m, k, -1)), least)
        best = b.op("ArgMax", sizes, shape=stack, dtype=np.int64, axis=sizes.ndim - 1, keepdims=0)
        here, there = b.compare("Equal", numbers, k), b.compare("Equal", numbers, _column(b, best))
        order = b.where(here, _column(b, best), b.where(there, k, numbers))
        places = b.expand(_column(b, order), m.shape)
        m = b.op("GatherElements", m, places, shape=m.shape, dtype=m.dtype, axis=m.ndim - 2)
        line = _at(b, m, k, -2)
        pivot = _at(b, line, k, -1)
        by = b.where(b.compare("Equal", pivot, 0.0), 1.0, pivot) if singular else pivot
        line = line / _column(b, by)
        rest = m - _column(b, _at(b, m, k, -1)) * _row(b, line)
        m = b.where(b.reshape(here, (n, 1)), _row(b, line), rest)
        sign = b.where(b.compare("Equal", best, k), sign, -sign)
        return [m, sign], [pivot]

    (m, sign), (pivots,) = b.scan(step, [whole, sign], [numbers], False)
    return b.sliced(m, -1, n, whole.shape[-1]), pivots, sign


def _solved(b: Any, x: Value, y: Value) -> Value:
    n, stack = x.shape[-1], broadcast([x.shape[:-2], y.shape[:-2]])
    both = [b.expand(v, (*stack, *v.shape[-2:])) for v in (x, y)]
    return _eliminated(b, b.concat(both, -1), n)[0]


@row("inv")
def _inv(b: Any, node: Any, x: Any) -> Value:
    x = b.constant(x, node.dtype)
    if 0 in x.shape:
        return x
    return _solved(b, x, _eye(b, x.shape[-1], x.dtype))


@row("solve")
def _solve(b: Any, node: Any, x: Any, y: Any) -> Value:
    x, y = b.constant(x, node.dtype), b.constant(y, node.dtype)
    if 0 in node.shape:
        return b.constant(np.zeros(node.shape, node.dtype))
    column = y.ndim == 1
    found = _solved(b, x, _column(b, y) if column else y)
    return b.reshape(found, found.shape[:-1]) if column else found


@row("solve_triangular")
def _solve_triangular(b: Any, node: Any, x: Any, y: Any, upper: bool) -> Value:
    x = b.constant(x, node.dtype)
    if 0 in x.shape:
        return b.constant(np.zeros(node.shape, node.dtype))
    part = b.where(b.triangle(x.shape[-2:], 0, not upper), x, b.constant(0, x.dtype))
    return _solved(b, part, b.constant(y, node.dtype))


def _pivots(b: Any, x: Value) -> tuple[Value, Value]:
    _, pivots, sign = _eliminated(b, x, x.shape[-1], singular=True)
    return pivots, sign


@row("det")
def _det(b: Any, node: Any, x: Any) -> Value:
    x = b.constant(x, node.dtype)
    if 0 in x.shape:
        return b.constant(np.ones(node.shape, node.dtype))
    if x.dtype == np.float32:
        return b.op("Det", x, shape=node.shape, dtype=x.dtype)
    pivots, sign = _pivots(b, x)
    return sign * b.reduce("ReduceProd", pivots, (0,))


@row("slogdet")
def _slogdet(b: Any, node: Any, x: Any) -> Any:
    (shape, dtype), _ = node.spec
    x = b.constant(x, dtype)
    if 0 in x.shape:
        return b.constant(np.ones(shape, dtype)), b.constant(np.zeros(shape, dtype))
    pivots, sign = _pivots(b, x)
    signs = b.reduce("ReduceProd", b.unary("Sign", pivots), (0,))
    sizes = b.reduce("ReduceSum", b.unary("Log", b.unary("Abs", pivots)), (0,))
    return sign * signs, sizes


@row("cofactor")
def _cofactor(b: Any, node: Any, x: Any) -> Value:
    """The determinants of what is left without a row and a column, with their signs."""
    x = b.constant(x, node.dtype)
    n, rank = x.shape[-1], x.ndim
    if 0 in x.shape or n == 1:
        return b.constant(np.ones(node.shape, node.dtype))
    others = b.constant(np.array([[k for k in range(n) if k != i] for i in range(n)]))
    shape = (*x.shape[:-2], n, n - 1, n)
    rows = b.op("Gather", x, others, shape=shape, dtype=x.dtype, axis=rank - 2)
    shape = (*shape[:-1], n, n - 1)
    minors = b.op("Gather", rows, others, shape=shape, dtype=x.dtype, axis=rank)
    order = (*range(rank - 2), rank - 2, rank, rank - 1, rank + 1)
    pivots, sign = _pivots(b, b.transpose(minors, order))
    signs = np.where(np.add.outer(np.arange(n), np.arange(n)) % 2, -1, 1).astype(node.dtype)
    return sign * b.reduce("ReduceProd", pivots, (0,)) * b.constant(signs)


@row("cholesky")
def _cholesky(b: Any, node: Any, x: Any) -> Value:
    x = b.constant(x, node.dtype)
    if 0 in x.shape:
        return x
    numbers = b.arange(x.shape[-1])

    def step(state: Any, own: Any) -> Any:
        (rest,), (k,) = state, own
        column = _at(b, rest, k, -1)
        pivot = _column(b, b.unary("Sqrt", _at(b, column, k, -1)))
        column = b.where(numbers >= k, column / pivot, b.constant(0, x.dtype))
        return [rest - _column(b, column) * _row(b, column)], [column]

    _, (columns,) = b.scan(step, [x], [numbers], False)
    return b.transpose(columns, (*range(1, columns.ndim), 0))


@row("qr")
def _qr(b: Any, node: Any, x: Any) -> Any:
    """Householder's reflections, with LAPACK's signs."""
    specs = node.spec
    x = b.constant(x, specs[0][1])
    if 0 in x.shape:
        return tuple(b.constant(np.zeros(*spec)) for spec in specs)
    (m, n), stack = x.shape[-2:], x.shape[:-2]
    numbers, zero = b.arange(m), b.constant(0, x.dtype)

    def step(state: Any, own: Any) -> Any:
        (r, q), (k,) = state, own
        column = _at(b, r, k, -1)
        first = _at(b, column, k, -1)
        tail = b.where(numbers > k, column, zero)
        below = b.reduce("ReduceSum", tail * tail, (-1,))
        size = b.unary("Sqrt", first * first + below)
        head = first + b.where(first >= zero, size, -size)
        v = b.where(b.compare("Equal", numbers, k), _column(b, head), tail)
        scale = b.where(below > zero, 2.0 / (below + head * head), zero)
        v_scaled = v * _column(b, scale)
        r = r - _column(b, v_scaled) * b.matmul(_row(b, v), r)
        q = q - b.matmul(q, _column(b, v)) * _row(b, v_scaled)
        return [r, q], []

    eye = b.expand(_eye(b, m, x.dtype), (*stack, m, m))
    (r, q), _ = b.scan(step, [x, eye], [b.arange(n)], False)
    upper = b.where(b.triangle((n, n), 0, False), b.sliced(r, -2, 0, n), zero)
    return b.sliced(q, -1, 0, n), upper


refuse("it is found by iterations, for which ONNX has no operator; compute it before the call, and "
       "hand it in", "eig", "eigh", "svd", "pinv", "matrix_rank", "expm")  # fmt: skip
refuse("the second derivative of a determinant has no operators there", "cofactor_slope")
refuse("its factors with their order of rows have no operators there; inv, solve and det have",
       "lu", "pivots_of")  # fmt: skip
refuse("Fourier transforms are of complex numbers, which runtimes have no operators for; multiply "
       "by the matrices of sines and cosines", "transform", "transform_back")  # fmt: skip
refuse("Bessel functions have no operators there", "i0", "bessel_i", "bessel_j", "bessel_y",
       "scaled_bessel_i", "scaled_bessel_k", "spherical_bessel")  # fmt: skip
refuse("it is a sum of as many terms as its numbers ask for, and has no operator there",
       "erfc_integral", "gamma_density", "hermite", "hyp1f1", "igamma", "igammac", "jacobi",
       "laguerre", "log_ndtr", "normal_hazard", "normal_excess", "zeta")  # fmt: skip

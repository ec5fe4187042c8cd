"""Matrices of precise numbers, by mpmath: inverse, solution, determinant, Cholesky's factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.precise.digits import context, lifted
from autograd.gradcheck.precise.value import Precise, numbers_of, wrapped

__all__ = [
    "cholesky", "cofactor", "cofactor_slope", "convolve", "det", "expm", "fourier", "inv",
    "slogdet", "solve", "solve_triangular",
]  # fmt: skip


def _each(function: Callable[..., Any], *stacks: Any) -> Precise:
    """What a function of matrices gives for each of a stack."""
    arrays = [numbers_of(stack) for stack in stacks]
    lead = np.broadcast_shapes(*[a.shape[:-2] for a in arrays])
    arrays = [np.broadcast_to(a, lead + a.shape[-2:]) for a in arrays]
    found = [np.asarray(function(*[a[i] for a in arrays]), object) for i in np.ndindex(*lead)]
    core = found[0] if found else function(*[lifted(np.eye(*a.shape[-2:])) for a in arrays])
    whole = np.empty((len(found), *np.shape(core)), object)
    for i, part in enumerate(found):
        whole[i, ...] = part
    result: Precise = wrapped(whole.reshape(lead + whole.shape[1:]))
    return result


def _array(matrix: Any) -> Array:
    found = np.empty((matrix.rows, matrix.cols), object)
    for i, j in np.ndindex(*found.shape):
        found[i, j] = matrix[i, j]
    return found


def _matrix(array: Array) -> Any:
    return context().matrix(array.tolist())


def _solved(a: Array, b: Array) -> Array:
    """Gauss, with the largest pivot of each column."""
    n = len(a)
    rows = np.concatenate([a, b], axis=1)
    for j in range(n):
        pivot = j + int(np.argmax([abs(v) for v in rows[j:, j]]))
        if not rows[pivot, j]:
            raise np.linalg.LinAlgError("Singular matrix")
        rows[[j, pivot]] = rows[[pivot, j]]
        rows[j] = rows[j] / rows[j, j]
        for i in range(n):
            if i != j:
                rows[i] = rows[i] - rows[j] * rows[i, j]
    return rows[:, n:]


def inv(x: Any) -> Any:
    """x⁻¹."""
    return solve(x, np.eye(np.shape(numbers_of(x))[-1]))


def solve(x: Any, y: Any) -> Any:
    """z with x @ z = y; y may be a vector, as NumPy has it."""
    if np.ndim(numbers_of(y)) == 1:
        return _each(_solved, x, numbers_of(y)[:, None])[..., 0]
    return _each(_solved, x, y)


def solve_triangular(x: Any, y: Any, upper: bool) -> Any:
    """z with x @ z = y, of one triangle of x."""
    numbers = numbers_of(x)
    below = np.tri(numbers.shape[-1], dtype=bool)
    return _each(_solved, wrapped(np.where(below.T if upper else below, numbers, 0)), y)


def fourier(x: Any, axis: int, sign: int) -> Any:
    """Σ xₖ exp(±2πi jk / n) along an axis."""
    numbers = np.moveaxis(numbers_of(x), axis, -1)
    make, n = context(), numbers.shape[-1]
    roots = [make.expjpi(make.mpf(2 * sign * k) / n) for k in range(n)]
    matrix = np.array([[roots[j * k % n] for k in range(n)] for j in range(n)], object)
    return wrapped(np.moveaxis(numbers @ matrix.reshape(n, n), -1, axis))


def convolve(x: Any, y: Any) -> Any:
    """Σ xₖ yⱼ₋ₖ of two rows."""
    a, b = numbers_of(x), numbers_of(y)
    found = lifted(np.zeros(len(a) + len(b) - 1))
    for k, value in enumerate(a):
        found[k : k + len(b)] = found[k : k + len(b)] + value * b
    return wrapped(found)


def det(x: Any) -> Any:
    """The determinant."""
    return _each(lambda a: context().det(_matrix(a)) if len(a) else context().one, x)


def cofactor_slope(t: Any, x: Any) -> Any:
    """The gradient of Σ t · cof(x): the slope of cof(x + εt), a polynomial in ε, at ε = 0."""
    n = np.shape(numbers_of(x))[-1]
    nodes = np.arange(max(n, 2.0))
    powers = nodes[None, :] ** nodes[:, None]
    weights = _solved(lifted(powers), lifted(nodes == 1)[:, None])[:, 0]
    return sum(cofactor(x + t * node) * w for node, w in zip(nodes, weights, strict=True))


def slogdet(x: Any) -> Any:
    """The sign (or phase) of the determinant, and the logarithm of its modulus."""
    value = det(x)
    return value / np.abs(value), np.log(np.abs(value))


def expm(x: Any) -> Any:
    """The matrix exponential, by its series."""
    return _each(lambda a: _array(context().expm(_matrix(a), method="taylor")), x)


def cholesky(x: Any, upper: bool = False) -> Any:
    """The lower triangular factor L of x = L Lᴴ; its adjoint with `upper`."""
    if upper:
        return np.conj(cholesky(x).mT)
    hermitian = (x + np.conj(x.mT)) / 2
    return _each(lambda a: _array(context().cholesky(_matrix(a))), hermitian)


def cofactor(x: Any) -> Any:
    """The cofactors: minors with signs, which singular matrices have, too."""

    def minors(a: Array) -> Array:
        n = len(a)
        found = np.empty((n, n), object)
        for i, j in np.ndindex(n, n):
            rest = np.delete(np.delete(a, i, 0), j, 1)
            found[i, j] = (-1) ** (i + j) * (context().det(_matrix(rest)) if n > 1 else 1)
        return found

    return _each(minors, x)

"""Linear algebra, by SciPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defjvp, defvjp
from autograd.engine.operands import raw
from autograd.numpy.numpy_wrapper import holds
from autograd.scipy.names import borrowed, scipys

_theirs = borrowed(__name__, "linalg")

solve_sylvester = scipys("linalg", "solve_sylvester")
_sqrtm = scipys("linalg", "sqrtm")
_solve_triangular = scipys("linalg", "solve_triangular")


def __getattr__(name: str) -> Any:
    return _theirs(name)


def det(a: Any) -> Any:
    """The determinant."""
    return ag.linalg.det(a)


def inv(a: Any) -> Any:
    """The inverse."""
    return ag.linalg.inv(a)


def expm(A: Any) -> Any:
    """The exponential of a matrix."""
    return ag.linalg.expm(A)


def cholesky(a: Any, lower: bool = False) -> Any:
    """The Cholesky factor: the upper one, unless `lower`."""
    factor = ag.linalg.cholesky(a)
    return factor if lower else np.swapaxes(factor, -1, -2)


def solve(a: Any, b: Any) -> Any:
    """The x with a x = b."""
    return ag.linalg.solve(a, b)


def _transposed(a: Any, trans: Any) -> Any:
    if trans in (0, "N"):
        return a
    return np.conj(np.swapaxes(a, -1, -2)) if trans in (2, "C") else np.swapaxes(a, -1, -2)


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, **options: Any
) -> Any:
    """The x with op(a) x = b, where only one triangle of a is read."""
    if not (holds(a) or holds(b)):
        return _solve_triangular(
            a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal, **options
        )
    half = np.tril(a, -int(unit_diagonal)) if lower else np.triu(a, int(unit_diagonal))
    if unit_diagonal:
        half = half + np.eye(a.shape[-1])
    return ag.linalg.solve(_transposed(half, trans), b)


def sqrtm(A: Any) -> Any:
    """The square root of a matrix."""
    return _sqrtm(A)


def solve_banded(l_and_u: Any, ab: Any, b: Any) -> Any:
    """The x with a x = b, where the diagonals of a are the rows of `ab`."""
    below, above = l_and_u
    n = np.shape(raw(ab))[-1]
    matrix: Any = 0.0
    for row, offset in enumerate(range(above, -below - 1, -1)):
        diagonal = ab[row][offset:] if offset >= 0 else ab[row][: n + offset]
        matrix = matrix + _placed(diagonal, offset, n)
    return ag.linalg.solve(matrix, b)


def _placed(diagonal: Any, offset: int, n: int) -> Any:
    """A matrix of zeros but for one diagonal."""
    rows = np.eye(n)[max(-offset, 0) :][: n - abs(offset)]
    columns = np.eye(n)[max(offset, 0) :][: n - abs(offset)]
    return (rows.T * diagonal) @ columns


defvjp(
    _sqrtm,
    lambda ans, A: (
        lambda g: np.real(solve_sylvester(np.swapaxes(ans, -1, -2), np.swapaxes(ans, -1, -2), g))
    ),
)
defjvp(_sqrtm, lambda g, ans, A: solve_sylvester(ans, ans, g))


def _sylvester_q(ans: Any, a: Any, b: Any, q: Any) -> Any:
    return lambda g: solve_sylvester(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2), g)


defvjp(
    solve_sylvester,
    lambda ans, a, b, q: lambda g: -(_sylvester_q(ans, a, b, q)(g) @ np.swapaxes(ans, -1, -2)),
    lambda ans, a, b, q: lambda g: -(np.swapaxes(ans, -1, -2) @ _sylvester_q(ans, a, b, q)(g)),
    _sylvester_q,
)
defjvp(
    solve_sylvester,
    lambda g, ans, a, b, q: solve_sylvester(a, b, -(g @ ans)),
    lambda g, ans, a, b, q: solve_sylvester(a, b, -(ans @ g)),
    lambda g, ans, a, b, q: solve_sylvester(a, b, g),
)

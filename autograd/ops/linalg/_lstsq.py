"""Least squares."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import MatrixError
from autograd.extend import Array, here
from autograd.ops.linalg._checks import as_inexact, matrices
from autograd.ops.linalg._norms import matrix_rank
from autograd.ops.linalg._solve import pinv
from autograd.ops.linalg._svd import svdvals


class LstsqResult(NamedTuple):
    """What NumPy's lstsq returns."""

    x: Tensor
    residuals: Tensor
    rank: Tensor
    s: Tensor


def lstsq(a: Array, b: Array, rcond: float | None = None) -> LstsqResult:
    """The least-squares solution of a @ x = b of least norm, for one matrix a.

    Singular values up to `rcond` times the largest count as 0 (None: the machine epsilon times the
    longer side). `residuals` are the sums of squares, empty unless M > N = rank. Solution,
    residuals and singular values have gradients where the rank does not change.

    Shape: a (M, N) and b (M,) or (M, K) -> `LstsqResult` of x (N,) or (N, K), residuals (1,) or
    (K,), the rank and singular values (min(M, N),); others raise MatrixError.

    >>> import autograd as ag
    >>> ag.linalg.lstsq(ag.Tensor([[1.0], [1.0]]), ag.Tensor([1.0, 3.0])).x.shape
    (1,)
    """
    a, b = matrices("lstsq", a), joined(b)
    b = b if hasattr(b, "dtype") else np.asarray(b)
    if a.ndim != 2 or b.ndim not in (1, 2) or len(b) != len(a):
        raise MatrixError(
            f"lstsq: expected a (m, n) and b (m,) or (m, k), got {a.shape} and {b.shape}{here()}"
        )
    if rcond is not None and not 0 < rcond < 1:
        rcond = float(np.finfo(as_inexact(a).dtype).eps)  # as LAPACK takes it
    x = np.matmul(pinv(a, rcond), b)
    rank = matrix_rank(a, rtol=rcond)
    rows, columns = np.shape(a)
    misfit = np.abs(b - np.matmul(a, x)) ** 2
    if rows > columns == int(rank):
        residuals: Array = np.reshape(np.sum(misfit, axis=0), (-1,))
    else:
        residuals = np.reshape(misfit, (-1,))[:0]
    return LstsqResult(x, residuals, rank, svdvals(a))

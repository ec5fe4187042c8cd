"""torch.linalg: decompositions, norms, solvers, with PyTorch's arguments and named results."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.modes import captures, capturing
from autograd.errors import (
    ArgumentError,
    SingularMatrixError,
)
from autograd.extend import raw
from nn.torch import refusals
from nn.torch.dtypes import as_numpy
from nn.torch.factors import eig as eig
from nn.torch.factors import eigvals as eigvals
from nn.torch.factors import lu as lu
from nn.torch.factors import lu_factor as lu_factor
from nn.torch.factors import lu_factor_ex as lu_factor_ex
from nn.torch.factors import lu_solve as lu_solve
from nn.torch.factors import none_of
from nn.torch.factors import tensorsolve as tensorsolve
from nn.torch.functions.calling import axes_of, filled, made, named, result
from nn.torch.functions.products import cross as _cross
from nn.torch.functions.products import matmul as matmul
from nn.torch.functions.products import matrix_power as matrix_power
from nn.torch.functions.products import powers
from nn.torch.promotion import cast

LinAlgError = SingularMatrixError
QR, Eigh, Svd = (
    result("qr", "Q R"),
    result("eigh", "eigenvalues eigenvectors"),
    result("svd", "U S Vh"),
)
Slogdet, Lstsq = (
    result("slogdet", "sign logabsdet"),
    result("lstsq", "solution residuals rank singular_values"),
)
InvEx, CholeskyEx = result("inv_ex", "inverse info"), result("cholesky_ex", "L info")
SolveEx = result("linalg_solve_ex", "result info")
OldSvd = result("svd", "U S V")
_ops = autograd.linalg


def _alone(op: Any, name: str) -> Any:
    def call(A: Any, *, out: Any = None) -> Any:
        return filled(out, op(A))

    return named(call, name, op.__doc__ or "")


det, inv, svdvals = (
    _alone(_ops.det, "det"),
    _alone(_ops.inv, "inv"),
    _alone(_ops.svdvals, "svdvals"),
)
matrix_exp = _alone(_ops.expm, "matrix_exp")
inverse = inv


def slogdet(A: Any, *, out: Any = None) -> Any:
    """The sign and the logarithm of the absolute value of the determinant."""
    return filled(out, Slogdet(*_ops.slogdet(A)))


def logdet(A: Any) -> Any:
    """The logarithm of the determinant; NaN where it is negative."""
    sign, size = _ops.slogdet(A)
    return autograd.where(autograd.less(sign, 0), np.nan, size)


def cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:
    """The lower triangular L with A = L Lᴴ."""
    return filled(out, _ops.cholesky(A, upper=upper))


def old_cholesky(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """The lower triangular L with input = L Lᴴ."""
    return cholesky(input, upper=upper, out=out)


def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> Any:
    """The Cholesky factor, and 0 for success."""
    return CholeskyEx(cholesky(A, upper=upper), made(np.zeros(A.shape[:-2], np.int32)))


def inv_ex(A: Any, *, check_errors: bool = False) -> Any:
    """The inverse, and 0 for success."""
    return InvEx(inv(A), made(np.zeros(A.shape[:-2], np.int32)))


def qr(A: Any, mode: str = "reduced") -> Any:
    """Q R = A with Q orthogonal and R upper triangular."""
    if mode == "r":
        return QR(made(np.zeros(0, raw(A).dtype)), _ops.qr(A, mode="r"))
    return QR(*_ops.qr(A, mode=mode))


def _symmetric(A: Any, UPLO: str) -> Any:
    """A with the half that is read on both sides, and with a gradient in both."""
    if UPLO not in ("L", "U"):
        raise ArgumentError(f"UPLO is 'L' or 'U', got {UPLO!r}")
    x = A.detach()
    half = autograd.tril(x) if UPLO == "L" else autograd.triu(x)
    whole = half + autograd.conj(half.mT) - autograd.tril(autograd.triu(x))
    if not (captures and capturing()) and np.array_equal(raw(whole), raw(x)):
        return A
    return A + (whole - x)


def eigh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, in order, and eigenvectors of symmetric or Hermitian matrices."""
    return Eigh(*_ops.eigh(_symmetric(A, UPLO)))


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of symmetric or Hermitian matrices, in order."""
    return _ops.eigvalsh(_symmetric(A, UPLO))


def svd(A: Any, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """U, S and Vᴴ with A = U diag(S) Vᴴ."""
    return Svd(*_ops.svd(A, full_matrices))


def old_svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """An old name: U, S and V, whose columns are the rows of linalg.svd's Vh."""
    U, S, Vh = _ops.svd(input, not some)
    flipped = autograd.matrix_transpose(Vh)
    V = autograd.conj(flipped) if raw(Vh).dtype.kind == "c" else flipped
    return OldSvd(U, S, V)


def pinv(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """The pseudoinverse."""
    if atol is not None:
        raise ArgumentError("pinv: give rtol instead of atol")
    return _ops.pinv(A, hermitian=hermitian, rtol=_tolerance(A) if rtol is None else raw(rtol))


def _tolerance(A: Any) -> float:
    return max(A.shape[-2:]) * float(np.finfo(raw(A).dtype).eps)


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The pseudoinverse."""
    return _ops.pinv(input, rtol=rcond)


def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:
    """X with A X = B, or X A = B."""
    if not left:
        flipped = _ops.solve(autograd.matrix_transpose(A), autograd.matrix_transpose(B))
        return filled(out, autograd.matrix_transpose(flipped))
    return filled(out, _solved(A, B))


def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> Any:
    """X with A X = B, and 0 for each matrix."""
    return SolveEx(solve(A, B, left=left), none_of(A))


def _solved(A: Any, B: Any) -> Any:
    """B is of vectors where it has the shape of A without its last dimension."""
    if B.ndim == 1 or tuple(B.shape) == tuple(A.shape[:-1]):
        columns = autograd.expand_dims(B, -1)
        return autograd.squeeze(_ops.solve(A, columns), -1)
    return _ops.solve(A, B)


def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """X with A X = B for triangular A, of which one half is read."""
    half = autograd.triu(A) if upper else autograd.tril(A)
    if unitriangular:
        half = half - autograd.triu(autograd.tril(half)) + np.eye(A.shape[-1], dtype=raw(A).dtype)
    return solve(half, B, left=left)


def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """An old name: X with A X = b for triangular A, and A."""
    half = A.mT if transpose else A
    kind = result("triangular_solve", "solution cloned_coefficient")
    found = solve_triangular(half, b, upper=upper != transpose, unitriangular=unitriangular)
    return kind(found, autograd.copy(A))


def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Any:
    """X with A X = B, of the Cholesky factor L of A."""
    lower = autograd.matrix_transpose(L) if upper else L
    half = solve_triangular(lower, B, upper=False)
    return solve_triangular(autograd.matrix_transpose(lower), half, upper=True)


def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """The inverse of A, of its Cholesky factor L."""
    return cholesky_solve(made(np.eye(L.shape[-1], dtype=raw(L).dtype)), L, upper)


def lstsq(A: Any, B: Any, rcond: Any = None, *, driver: Any = None) -> Any:
    """X that makes A X − B smallest."""
    found = _ops.lstsq(A, B, rcond)
    return Lstsq(found.x, found.residuals, found.rank, found.s)


def matrix_rank(A: Any, *, tol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """How many singular values are not zero."""
    return _ops.matrix_rank(A, tol, hermitian, rtol=rtol)


def multi_dot(tensors: Any, *, out: Any = None) -> Any:
    """The product of several matrices, in the cheapest order."""
    return filled(out, _ops.multi_dot(tensors))


def cond(A: Any, p: Any = None) -> Any:
    """The condition number."""
    return _ops.cond(A, p)


def _order(ord: Any) -> Any:
    return float(ord) if isinstance(ord, (int, float)) else ord


def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of vectors along `dim`, or of all elements."""
    x = cast(x, as_numpy(dtype)) if dtype is not None else x
    return _ops.vector_norm(x, axis=axes_of(x, dim), keepdims=keepdim, ord=_order(ord))


def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of matrices in two dimensions."""
    A = cast(A, as_numpy(dtype)) if dtype is not None else A
    return _ops.norm(A, _order(ord), tuple(d % A.ndim for d in dim), keepdim)


def vander(x: Any, *, N: Any = None) -> Any:
    """The powers 0, 1, ..., N − 1 of all elements, in a last dimension."""
    return powers(x, N, True)


def nuclear_norm(input: Any, dim: Any = (-2, -1), keepdim: bool = False) -> Any:
    """The sum of the singular values."""
    return matrix_norm(input, "nuc", dim, keepdim)


def frobenius_norm(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """The root of the sum of the squares, over `dim`."""
    return vector_norm(input, 2, dim if isinstance(dim, int) else tuple(dim) or None, keepdim)


def norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of vectors or, of two dimensions, of matrices."""
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    is_matrix = len(dim) == 2 if isinstance(dim, (tuple, list)) else dim is None and A.ndim == 2
    if is_matrix:
        return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The cross product of vectors of 3 along `dim`."""
    return _cross(input, other, dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices."""
    return autograd.diagonal(A, offset, dim1, dim2)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The dot products along `dim`."""
    return autograd.vecdot(x, y, dim)


def tensorinv(A: Any, ind: int = 2) -> Any:
    """The inverse of what tensordot does."""
    rows, columns = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    side = int(np.prod(rows))
    return autograd.reshape(_ops.inv(autograd.reshape(A, (side, -1))), columns + rows)


def __getattr__(name: str) -> Any:
    raise refusals.missing("torch.linalg", name)

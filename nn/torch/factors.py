"""The LU factors of torch and torch.linalg, and eigenvalues of any square matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.torch.functions.calling import filled, made, numbers, result
from nn.torch.promotion import cast

_ops = autograd.linalg
_INT32 = np.dtype(np.int32)
LU, LUFactor = result("linalg_lu", "P L U"), result("linalg_lu_factor", "LU pivots")
LUFactorEx = result("linalg_lu_factor_ex", "LU pivots info")
Unpacked = result("lu_unpack", "P L U")
Eig = result("linalg_eig", "eigenvalues eigenvectors")


def _refuse_no_pivots(name: str, pivot: bool) -> None:
    if not pivot:
        raise UnsupportedError(f"{name}: rows are exchanged here; leave out pivot=False")


def lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """P, L and U with A = P L U."""
    _refuse_no_pivots("lu", pivot)
    return filled(out, LU(*_ops.lu(A)))


def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:
    """L and U in one matrix, and with which row each was exchanged, from 1 on."""
    _refuse_no_pivots("lu_factor", pivot)
    factors, pivots = _ops.lu_factor(A)
    return filled(out, LUFactor(factors, cast(pivots, _INT32)))


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """`lu_factor`, and 0 for each matrix."""
    factors, pivots = lu_factor(A, pivot=pivot)
    return filled(out, LUFactorEx(factors, pivots, none_of(A)))


def none_of(A: Any) -> Any:
    return made(np.zeros(A.shape[:-2], np.int32))


def lu_solve(
    LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False, out: Any = None
) -> Any:
    """X with A X = B (X A = B, if not `left`), by what `lu_factor` gives."""
    return filled(out, _ops.lu_solve(LU, pivots, B, left=left, adjoint=adjoint))


def tensorsolve(A: Any, B: Any, dims: Any = None, *, out: Any = None) -> Any:
    """X with tensordot(A, X, X.ndim) = B."""
    return filled(out, _ops.tensorsolve(A, B, None if dims is None else tuple(dims)))


# ---- older names ---------------------------------------------------------------------------------


def old_lu(A: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """An old name of linalg.lu_factor."""
    factors, pivots = lu_factor(A, pivot=pivot)
    found = (factors, pivots, none_of(A)) if get_infos else (factors, pivots)
    return filled(out, found)


def old_lu_solve(b: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:
    """An old name of linalg.lu_solve, which takes B first."""
    return filled(out, lu_solve(LU_data, LU_pivots, b))


def lu_unpack(
    LU_data: Any,
    LU_pivots: Any,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    out: Any = None,
) -> Any:
    """P, L and U of what `lu_factor` gives."""
    rows, columns = LU_data.shape[-2:]
    P = L = U = made(np.zeros(0, raw(LU_data).dtype))
    if unpack_data:
        k = min(rows, columns)
        whole = autograd.tril(LU_data, -1) + np.eye(rows, columns, dtype=raw(LU_data).dtype)
        L = autograd.getitem(whole, (..., slice(k)))
        U = autograd.getitem(autograd.triu(LU_data), (..., slice(k), slice(None)))
    if unpack_pivots:
        order = _order(np.asarray(numbers(LU_pivots, "how rows were exchanged")), rows)
        places = order[..., None, :] == np.arange(rows)[:, None]
        P = made(places.astype(raw(LU_data).dtype))
    return filled(out, Unpacked(P, L, U))


def _order(pivots: Any, rows: int) -> Any:
    """Which row stands at each place after all exchanges."""
    order = np.broadcast_to(np.arange(rows), (*pivots.shape[:-1], rows)).copy()
    for place in np.ndindex(pivots.shape[:-1]):
        for i, other in enumerate(pivots[place] - 1):
            order[place][[i, other]] = order[place][[other, i]]
    return order


# ---- eigenvalues ---------------------------------------------------------------------------------


def eig(A: Any, *, out: Any = None) -> Any:
    """Eigenvalues and eigenvectors, which are complex."""
    kind = np.result_type(raw(A), np.complex64)
    return filled(out, Eig(*(cast(v, kind) for v in _ops.eig(A))))


def eigvals(A: Any, *, out: Any = None) -> Any:
    """Eigenvalues, which are complex."""
    return filled(out, cast(_ops.eigvals(A), np.result_type(raw(A), np.complex64)))

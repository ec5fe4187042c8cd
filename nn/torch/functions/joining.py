"""Several Tensors as one: joined, stacked, combined."""

from __future__ import annotations

from typing import Any

import autograd
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.calling import axis_of, filled, made, named, numpy_names
from nn.torch.promotion import cast, result_dtype


def _met(tensors: Any, name: str) -> Any:
    """The Tensors of a list in the dtype that they meet in."""
    if isinstance(tensors, autograd.Tensor):
        raise ArgumentTypeError(f"{name}: expected a list of Tensors; write torch.{name}([a, b])")
    given = list(tensors)
    if not given:
        raise ArgumentError(f"{name}: expected a list of Tensors that is not empty")
    try:
        dtypes = {raw(x).dtype for x in given}
    except AttributeError:
        raise ArgumentTypeError(f"{name}: expected a list of Tensors, got {given!r:.80}") from None
    if len(dtypes) == 1:
        return given
    dtype = result_dtype(given)
    return [cast(x, dtype) for x in given]


@numpy_names
def cat(tensors: Any, dim: int = 0) -> Any:
    """Tensors of one size but for `dim`, joined along it; what is empty and 1-D is left out."""
    given = _met(tensors, "cat")
    shapes = [raw(x).shape for x in given]
    if () in shapes:
        raise ShapeError("cat: a Tensor without dimensions cannot be joined; use stack")
    full = [x for x in given if raw(x).shape != (0,)] if (0,) in shapes else given
    if not full:
        return autograd.copy(given[0])
    return autograd.concat(full, axis_of(full[0], dim))


concat = concatenate = cat


@numpy_names
def stack(tensors: Any, dim: int = 0) -> Any:
    """Tensors of one size, joined along a new dimension."""
    return autograd.stack(_met(tensors, "stack"), dim)


def _stacked(op: Any, name: str) -> Any:
    def call(tensors: Any, *, out: Any = None) -> Any:
        return filled(out, op(_met(tensors, name)))

    named(call, name, op.__doc__ or "")
    return call


hstack, vstack = _stacked(autograd.hstack, "hstack"), _stacked(autograd.vstack, "vstack")
dstack = _stacked(autograd.dstack, "dstack")
row_stack = vstack
column_stack = _stacked(autograd.column_stack, "column_stack")


def _at_least(op: Any, name: str) -> Any:
    def call(*tensors: Any) -> Any:
        several = len(tensors) == 1 and isinstance(tensors[0], (tuple, list))
        found = tuple(op(x) for x in (tensors[0] if several else tensors))
        return found if several or len(tensors) > 1 else found[0]

    named(call, name, op.__doc__ or "")
    return call


atleast_1d = _at_least(autograd.atleast_1d, "atleast_1d")
atleast_2d = _at_least(autograd.atleast_2d, "atleast_2d")
atleast_3d = _at_least(autograd.atleast_3d, "atleast_3d")


def meshgrid(*tensors: Any, indexing: Any = None) -> Any:
    """Grids of coordinates, by rows ("ij", as it is without `indexing`) or columns ("xy")."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if indexing not in (None, "ij", "xy"):
        raise ArgumentError(f"meshgrid: indexing is 'ij' or 'xy', got {indexing!r}")
    rows = [autograd.reshape(x, -1) for x in given]
    if len({raw(x).dtype for x in rows}) > 1:
        raise DTypeError("meshgrid: expects Tensors of one dtype; cast them: x.to(dtype)")
    if indexing == "xy" and len(rows) > 1:
        rows[:2] = rows[1::-1]
    shape = tuple(x.shape[0] for x in rows)
    grids = [
        autograd.broadcast_to(
            autograd.reshape(x, tuple(-1 if i == axis else 1 for i in range(len(rows)))), shape
        )
        for axis, x in enumerate(rows)
    ]
    if indexing == "xy" and len(rows) > 1:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def cartesian_prod(*tensors: Any) -> Any:
    """All tuples of elements of 1-D Tensors, as rows."""
    if len({raw(x).dtype for x in tensors}) > 1:
        raise DTypeError("cartesian_prod: expects Tensors of one dtype; cast them: x.to(dtype)")
    return autograd.cartesian_prod(*tensors)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All r elements of a 1-D Tensor, in their order, as rows."""
    return autograd.combinations(input, r, with_replacement)


def block_diag(*tensors: Any) -> Any:
    """Matrices along the diagonal of one."""
    return made(autograd.block_diag(*(_met(tensors, "block_diag") if tensors else ())))

"""Collectives in place of many Tensors, of which each process gets or gives its part.

Lists of them, or one whose first axis falls into a part for each process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.distributed import exchanges
from autograd.distributed.checks import Group, check, described, flat_copy, listed, member, same
from autograd.distributed.groups import ProcessGroup, place_of
from autograd.distributed.in_place import begun, write
from autograd.distributed.reductions import ReduceOp, check_dtype
from autograd.distributed.work import Stages
from autograd.engine.operands import raw
from autograd.errors import ArgumentError, ShapeError

__all__ = [
    "all_gather", "all_gather_into_tensor", "all_to_all", "all_to_all_single", "gather",
    "reduce_scatter", "reduce_scatter_tensor", "scatter",
]  # fmt: skip


def all_gather(tensor_list: Any, tensor: Any, group: Group = None, async_op: bool = False) -> Any:
    """Fill a list of Tensors, one a process, with the Tensors of all processes.

    `tensor_list` holds Tensors like `tensor`, which are changed; it is returned, or with
    `async_op` a handle.
    """
    mine = member(group, "all_gather")
    check(tensor, "all_gather", False)
    places = listed(tensor_list, mine.size, "tensor_list", "all_gather", tensor)
    for place in places:
        check(place, "all_gather")
    rows = np.empty((mine.size, tensor.size), tensor.dtype)
    return begun(mine, described("all_gather", tensor), _all_rows(mine, tensor, rows),
                 lambda: _written(places, rows, "all_gather"), async_op)  # fmt: skip


def all_gather_into_tensor(
    output_tensor: Any, input_tensor: Any, group: Group = None, async_op: bool = False
) -> Any:
    """Fill a Tensor with the Tensors of all processes, one behind the other or stacked.

    `output_tensor` has a first axis that is as many times as long as that of `input_tensor`, or one
    more with a row for each process.
    """
    function = "all_gather_into_tensor"
    mine = member(group, function)
    check(input_tensor, function, False)
    n = mine.size
    _fits_rows(check(output_tensor, function), input_tensor, n, "output_tensor", function)
    rows = np.empty((n, input_tensor.size), input_tensor.dtype)
    return begun(mine, described(function, input_tensor), _all_rows(mine, input_tensor, rows),
                 lambda: write(output_tensor, rows, function), async_op)  # fmt: skip


def _all_rows(group: ProcessGroup, tensor: Any, rows: Any) -> Callable[[str, str], Stages]:
    flat = flat_copy(tensor)
    rows[group.rank] = flat
    return lambda text, where: exchanges.all_gathered(group, flat, rows, text, where)


def _written(places: list[Any], rows: Any, function: str) -> list[Any]:
    for place, row in zip(places, rows, strict=True):
        write(place, row.copy(), function)
    return places


def _fits_rows(large: Any, small: Any, count: int, name: str, function: str) -> None:
    shape = tuple(small.shape)
    behind = (count * shape[0], *shape[1:]) if shape else (count,)
    if tuple(large.shape) not in (behind, (count, *shape)) or large.dtype != small.dtype:
        raise ShapeError(
            f"{function}: {name} is {large.dtype} {tuple(large.shape)}; with {count} processes "
            f"and {small.dtype} {shape} of each it is {small.dtype} {behind} or {(count, *shape)}"
        )


def reduce_scatter(
    output: Any,
    input_list: Any,
    op: Any = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Reduce lists of Tensors of all processes, of which each gets the one with its number.

    `output` is changed, and returned; `input_list` has a Tensor like it for each process. `op`,
    `group` and `async_op` are as in `all_reduce`.
    """
    mine = member(group, "reduce_scatter")
    check(output, "reduce_scatter")
    given = listed(input_list, mine.size, "input_list", "reduce_scatter")
    for place, tensor in enumerate(given):
        same(tensor, output.shape, output.dtype, f"input_list[{place}]", "reduce_scatter")
    rows = np.array([raw(tensor) for tensor in given], output.dtype).reshape(-1)
    return _reduce_scattered(mine, output, rows, op, "reduce_scatter", async_op)


def reduce_scatter_tensor(
    output: Any,
    input: Any,
    op: Any = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Reduce the Tensors of all processes, each of which gets its part along the first axis.

    `input` is to `output` as `output_tensor` is to `input_tensor` in `all_gather_into_tensor`.
    """
    function = "reduce_scatter_tensor"
    mine = member(group, function)
    check(output, function)
    _fits_rows(check(input, function, False), output, mine.size, "input", function)
    return _reduce_scattered(mine, output, flat_copy(input), op, function, async_op)


def _reduce_scattered(
    group: ProcessGroup, output: Any, flat: Any, op: Any, function: str, async_op: bool
) -> Any:
    op = ReduceOp(op)
    check_dtype(function, op, output.dtype)
    counts = np.full(group.size, output.size)
    mine = flat[group.rank * output.size : (group.rank + 1) * output.size]
    return begun(
        group,
        described(f"{function}({op.value})", output),
        lambda text, where: exchanges.reduce_scattered(group, flat, counts, op, text, where),
        lambda: write(output, mine.copy(), function),
        async_op,
    )


def gather(
    tensor: Any,
    gather_list: Any = None,
    dst: int = 0,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Fill a list of Tensors on rank `dst` with the Tensors of all processes.

    `gather_list` is told there alone, with a Tensor like `tensor` for each process.
    """
    mine = member(group, "gather")
    root = place_of(mine, dst, "dst", "gather")
    check(tensor, "gather", False)
    places, rows, flat = [], None, flat_copy(tensor)
    if mine.rank == root:
        places = listed(gather_list, mine.size, "gather_list", "gather", tensor)
        rows = np.empty((mine.size, tensor.size), tensor.dtype)
        rows[root] = flat
    elif gather_list is not None:
        raise ArgumentError(f"gather: gather_list is for rank {dst} alone, which collects")
    return begun(
        mine,
        described(f"gather to {dst}", tensor),
        lambda text, where: exchanges.gathered(mine, flat, rows, root, text, where),
        lambda: None if rows is None else _written(places, rows, "gather"),
        async_op,
    )


def scatter(
    tensor: Any,
    scatter_list: Any = None,
    src: int = 0,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Let the Tensors of all processes hold those of a list on rank `src`, one a process.

    `scatter_list` is told there alone, with a Tensor like `tensor` for each process.
    """
    mine = member(group, "scatter")
    root = place_of(mine, src, "src", "scatter")
    check(tensor, "scatter")
    flat, rows = np.empty(tensor.size, tensor.dtype), None
    if mine.rank == root:
        given = listed(scatter_list, mine.size, "scatter_list", "scatter")
        for place, part in enumerate(given):
            same(part, tensor.shape, tensor.dtype, f"scatter_list[{place}]", "scatter")
        rows = np.array([raw(part) for part in given], tensor.dtype).reshape(mine.size, -1)
        flat[...] = rows[root]
    elif scatter_list is not None:
        raise ArgumentError(f"scatter: scatter_list is for rank {src} alone, which gives")
    return begun(
        mine,
        described(f"scatter from {src}", tensor),
        lambda text, where: exchanges.scattered(mine, rows, flat, root, text, where),
        lambda: write(tensor, flat, "scatter"),
        async_op,
    )


def all_to_all(
    output_tensor_list: Any, input_tensor_list: Any, group: Group = None, async_op: bool = False
) -> Any:
    """Send each process its Tensor of a list, and fill another with what each sends here.

    The Tensors of `output_tensor_list` are changed; those of `input_tensor_list` may differ in
    shape, and the places for them accordingly.
    """
    mine = member(group, "all_to_all")
    given = listed(input_tensor_list, mine.size, "input_tensor_list", "all_to_all")
    places = listed(output_tensor_list, mine.size, "output_tensor_list", "all_to_all")
    kinds = {str(tensor.dtype) for tensor in [*given, *places]}
    for tensor in places:
        check(tensor, "all_to_all")
    if len(kinds) > 1:
        raise ShapeError(
            f"all_to_all: all Tensors have one dtype, not {' and '.join(sorted(kinds))}"
        )
    parts = [flat_copy(tensor) for tensor in given]
    rows = [np.empty(tensor.size, tensor.dtype) for tensor in places]
    if mine.size == 1:
        same(places[0], given[0].shape, given[0].dtype, "output_tensor_list[0]", "all_to_all")
        rows = parts
    return begun(
        mine,
        f"all_to_all of {kinds.pop()}",
        lambda text, where: exchanges.all_to_all(mine, parts, rows, text, where),
        lambda: _written(places, rows, "all_to_all"),
        async_op,
    )


def all_to_all_single(
    output: Any,
    input: Any,
    output_split_sizes: Sequence[int] | None = None,
    input_split_sizes: Sequence[int] | None = None,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Send each process its part of a Tensor along the first axis, and join what comes.

    `output` is changed. The parts are equal, or as long as `input_split_sizes` and
    `output_split_sizes` say.
    """
    function = "all_to_all_single"
    mine = member(group, function)
    check(output, function)
    check(input, function, False)
    parts = _split(input, input_split_sizes, mine.size, "input", function)
    rows = _split(output, output_split_sizes, mine.size, "output", function)
    if mine.size == 1:
        same(output, input.shape, input.dtype, "output", function)
        rows = parts
    return begun(
        mine,
        f"{function} of {input.dtype}",
        lambda text, where: exchanges.all_to_all(mine, parts, rows, text, where),
        lambda: write(output, np.concatenate(rows), function),
        async_op,
    )


def _split(tensor: Any, sizes: Any, count: int, name: str, function: str) -> list[Any]:
    array = np.array(raw(tensor))
    lengths = [*sizes] if sizes else [array.shape[0] // count] * count if array.ndim else []
    if not array.ndim or len(lengths) != count or sum(lengths) != array.shape[0]:
        raise ShapeError(
            f"{function}: {name} is {array.shape}; its first axis falls into {count} parts, equal "
            f"ones or {name}_split_sizes, not {lengths}"
        )
    ends = np.cumsum(lengths)
    return [array[end - size : end].reshape(-1) for size, end in zip(lengths, ends, strict=True)]

"""Collectives that give new Tensors, and have derivatives of any order.

What is differentiated is the sum of what all processes call backward on, which all of them do: a
rule of a collective is a collective. Names and arguments are those of
`torch.distributed.nn.functional`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.distributed import ops
from autograd.distributed.checks import Group, listed, member
from autograd.distributed.groups import place_of
from autograd.distributed.reductions import ReduceOp, check_dtype
from autograd.errors import ArgumentError, ShapeError
from autograd.ops.reduction.reduce import amax, amin, prod
from autograd.ops.shape.join import stack, unstack
from autograd.tensors.tensor import asarray

__all__ = [
    "all_gather", "all_reduce", "all_to_all", "broadcast", "gather", "reduce", "reduce_scatter",
    "scatter",
]  # fmt: skip

_REST: dict[ReduceOp, Callable[..., Any]] = {
    ReduceOp.PRODUCT: prod,
    ReduceOp.MIN: amin,
    ReduceOp.MAX: amax,
}


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Group = None) -> Any:
    """The reduction of the Tensors of all processes, on each of them.

    `op` is ReduceOp.SUM, AVG, PRODUCT, MIN or MAX, or its name; `group` are the processes that take
    part. The derivative of a sum is a sum over all processes too; ties of MIN and MAX share the
    gradient.

    >>> import autograd as ag
    >>> import autograd.distributed as dist
    >>> dist.init_process_group()
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> dist.nn.all_reduce(x).sum().backward()  # of one process
    >>> x.grad
    Tensor([1., 1.], dtype=float32)
    >>> dist.destroy_process_group()
    """
    member(group, "all_reduce")
    x, op = asarray(tensor), ReduceOp(op)
    check_dtype("all_reduce", op, x.dtype)
    if op in (ReduceOp.SUM, ReduceOp.AVG):
        return ops.all_reduce(x, mean=op is ReduceOp.AVG, group=group)
    if op not in _REST:
        raise ArgumentError(
            f"all_reduce: ReduceOp.{op.name} has no derivative; autograd.distributed.all_reduce "
            "changes a Tensor in place"
        )
    return _REST[op](ops.all_gather(x, group=group), axis=0)


def all_gather(tensor: Any, group: Group = None) -> tuple[Any, ...]:
    """The Tensors of all processes, on each of them, in a tuple; all are of one shape."""
    member(group, "all_gather")
    return tuple(unstack(ops.all_gather(asarray(tensor), group=group)))


def reduce_scatter(
    output: Any, input_list: Sequence[Any], op: Any = ReduceOp.SUM, group: Group = None
) -> Any:
    """The sums of the lists of all processes, of which each gets the one with its number.

    `output` says by its shape what comes, and is not changed. `op` is ReduceOp.SUM or AVG.
    """
    mine, op = member(group, "reduce_scatter"), ReduceOp(op)
    if op not in (ReduceOp.SUM, ReduceOp.AVG):
        raise ArgumentError(
            f"reduce_scatter: op is ReduceOp.SUM or AVG where it has a derivative, not {op.name}"
        )
    x = stack(listed(input_list, mine.size, "input_list", "reduce_scatter"))
    check_dtype("reduce_scatter", op, x.dtype)
    if tuple(output.shape) != x.shape[1:]:
        raise ShapeError(
            f"reduce_scatter: output is {tuple(output.shape)}, and those of input_list are "
            f"{x.shape[1:]}"
        )
    total = ops.reduce_scatter(x, group=group)
    return total / mine.size if op is ReduceOp.AVG else total


def broadcast(tensor: Any, src: int = 0, group: Group = None) -> Any:
    """The Tensor of rank `src`, on all processes; its gradient is the sum of all of theirs."""
    place = place_of(member(group, "broadcast"), src, "src", "broadcast")
    return ops.broadcast_from(asarray(tensor), src=place, group=group)


def reduce(tensor: Any, dst: int = 0, op: Any = ReduceOp.SUM, group: Group = None) -> Any:
    """The sum, or ReduceOp.AVG, of all processes' Tensors on rank `dst`; zeros on the others."""
    mine, op = member(group, "reduce"), ReduceOp(op)
    place = place_of(mine, dst, "dst", "reduce")
    if op not in (ReduceOp.SUM, ReduceOp.AVG):
        raise ArgumentError(
            f"reduce: op is ReduceOp.SUM or AVG where it has a derivative, not {op.name}"
        )
    x = asarray(tensor)
    check_dtype("reduce", op, x.dtype)
    total = ops.reduce_to(x, dst=place, group=group)
    return total / mine.size if op is ReduceOp.AVG else total


def gather(tensor: Any, dst: int = 0, group: Group = None) -> tuple[Any, ...]:
    """The Tensors of all processes, in a tuple, on rank `dst`; zeros on the others."""
    place = place_of(member(group, "gather"), dst, "dst", "gather")
    return tuple(unstack(ops.gather_to(asarray(tensor), dst=place, group=group)))


def scatter(tensors: Sequence[Any], src: int = 0, group: Group = None) -> Any:
    """The Tensors of a list of rank `src`, one on each process.

    The others give a list of Tensors of the same shapes, whose numbers do not count.
    """
    mine = member(group, "scatter")
    place = place_of(mine, src, "src", "scatter")
    given = listed(tensors, mine.size, "tensors", "scatter")
    return ops.scatter_from(stack(given), src=place, group=group)


def all_to_all(
    output_tensor_list: Sequence[Any], input_tensor_list: Sequence[Any], group: Group = None
) -> tuple[Any, ...]:
    """Tensors for each process, exchanged for those that each has for this one.

    All are of one shape; `output_tensor_list` says by its shapes what comes, and is not changed.
    """
    mine = member(group, "all_to_all")
    given = listed(input_tensor_list, mine.size, "input_tensor_list", "all_to_all")
    listed(output_tensor_list, mine.size, "output_tensor_list", "all_to_all")
    shapes = {tuple(x.shape) for x in [*given, *output_tensor_list]}
    if len(shapes) > 1:
        raise ShapeError(
            f"all_to_all: all Tensors are of one shape where it has a derivative, not "
            f"{' and '.join(map(str, sorted(shapes)))}"
        )
    return tuple(unstack(ops.all_to_all(stack(given), group=group)))

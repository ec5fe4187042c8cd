"""What collectives ask of their Tensors, lists and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.distributed.groups import ProcessGroup, group_of
from autograd.engine.modes import capturing, current_mode
from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentError, ArgumentTypeError, InPlaceError, ShapeError, TraceError

__all__ = ["Group", "check", "described", "flat_copy", "is_in_graph", "listed", "member", "same"]

Group = ProcessGroup | None


def described(name: str, tensor: Any) -> str:
    """What a process says that it does."""
    return f"{name} of {tensor.dtype} {tuple(tensor.shape)}"


def flat_copy(tensor: Any) -> Any:
    """The numbers of a Tensor in a row, in memory of their own."""
    return np.array(raw(tensor)).reshape(-1)


def member(group: Group, function: str) -> ProcessGroup:
    """The group that is meant, which this process has to be in."""
    mine = group_of(group, function)
    if mine.rank < 0:
        raise ArgumentError(
            f"{function}: this process is in no group of ranks "
            f"{', '.join(map(str, mine.ranks))}, and takes no part in it"
        )
    return mine


def is_in_graph(tensor: Any) -> bool:
    """Whether a change in place is a new node of a graph, or an instruction of a program."""
    if type(tensor) not in tensor_types:
        return False
    on_tape = tensor._node is not None and not tensor.is_leaf and current_mode().records
    return on_tape or capturing() is not None


def check(tensor: Any, function: str, writes: bool = True) -> Any:
    """A Tensor that a collective reads, or writes to, outside of a graph."""
    if type(tensor) not in tensor_types:
        raise ArgumentTypeError(
            f"{function}: it takes Tensors, and writes to them, not {type(tensor).__name__}"
        )
    if capturing() is not None:
        raise TraceError(
            f"{function} in place in a traced or compiled call: the functions of "
            "autograd.distributed.nn are instructions of the plan there"
        )
    if writes and tensor._node is not None and tensor.is_leaf and current_mode().records:
        raise InPlaceError(
            f"{function} would change {tensor._label()}, a leaf that requires grad.\n  Write "
            f"y = autograd.distributed.nn.{function}(x), which has a derivative, or change it "
            "under `with autograd.no_grad():`."
        )
    return tensor


def listed(tensors: Any, count: int, name: str, function: str, like: Any = None) -> list[Any]:
    """A list with a Tensor for each process, all of them like one where one is told."""
    if not isinstance(tensors, Sequence) or len(tensors) != count:
        is_list = isinstance(tensors, Sequence)
        said = f"{len(tensors)} of them" if is_list else type(tensors).__name__
        raise ArgumentError(
            f"{function}: {name} is a list of {count} Tensors, one a process, not {said}"
        )
    for place, tensor in enumerate(tensors):
        if type(tensor) not in tensor_types:
            raise ArgumentTypeError(
                f"{function}: {name}[{place}] is a Tensor, not {type(tensor).__name__}"
            )
        if like is not None:
            same(tensor, like.shape, like.dtype, f"{name}[{place}]", function)
    return [*tensors]


def same(tensor: Any, shape: Any, dtype: Any, name: str, function: str) -> None:
    """Raise where a Tensor has no room for what comes."""
    if tuple(tensor.shape) != tuple(shape) or tensor.dtype != dtype:
        raise ShapeError(
            f"{function}: {name} is {tensor.dtype} {tuple(tensor.shape)}, and what comes is "
            f"{dtype} {tuple(shape)}"
        )

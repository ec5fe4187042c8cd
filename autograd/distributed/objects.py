"""Collectives of Python's objects, which travel as pickles: settings, metrics, names."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from autograd.distributed import exchanges
from autograd.distributed.checks import Group, member
from autograd.distributed.groups import ProcessGroup, place_of
from autograd.engine.callers import caller
from autograd.errors import ArgumentError

__all__ = ["all_gather_object", "broadcast_object_list", "gather_object", "scatter_object_list"]


def _all_objects(value: Any, group: ProcessGroup, name: str) -> list[Any]:
    """The objects of all processes, by rank."""
    if group.size == 1:
        return [value]
    where = caller() or "?"
    data = np.frombuffer(pickle.dumps(value), np.uint8)
    sizes = np.empty((group.size, 1), np.int64)
    size = np.array([data.size])
    group.run(name, exchanges.all_gathered(group, size, sizes, name, where)).wait()
    most = int(sizes.max())
    padded, rows = np.zeros(most, np.uint8), np.empty((group.size, most), np.uint8)
    padded[: data.size] = data
    text = f"{name}, of {most} bytes"
    group.run(text, exchanges.all_gathered(group, padded, rows, text, where)).wait()
    return [pickle.loads(row[:n].tobytes()) for row, (n,) in zip(rows, sizes, strict=True)]


def all_gather_object(object_list: list[Any], obj: Any, group: Group = None) -> None:
    """Fill a list, `object_list`, with the objects `obj` of all processes."""
    mine = member(group, "all_gather_object")
    _check_list(object_list, mine.size, "object_list", "all_gather_object")
    object_list[:] = _all_objects(obj, mine, "all_gather_object")


def gather_object(
    obj: Any, object_gather_list: list[Any] | None = None, dst: int = 0, group: Group = None
) -> None:
    """Fill a list on rank `dst` with the objects of all processes; the others give no list."""
    mine = member(group, "gather_object")
    root = place_of(mine, dst, "dst", "gather_object")
    if mine.rank == root:
        _check_list(object_gather_list, mine.size, "object_gather_list", "gather_object")
    found = _all_objects(obj, mine, f"gather_object to {dst}")
    if mine.rank == root and object_gather_list is not None:
        object_gather_list[:] = found


def broadcast_object_list(object_list: list[Any], src: int = 0, group: Group = None) -> None:
    """Let the lists of all processes hold the objects of that of rank `src`."""
    mine = member(group, "broadcast_object_list")
    root = place_of(mine, src, "src", "broadcast_object_list")
    if mine.size == 1:
        return
    given = [*object_list] if mine.rank == root else None
    found = _all_objects((len(object_list), given), mine, f"broadcast_object_list from {src}")
    if len({count for count, _ in found}) > 1:
        raise ArgumentError(
            "broadcast_object_list: object_list is as long on all processes, not "
            f"{[count for count, _ in found]} by rank"
        )
    object_list[:] = found[root][1]


def scatter_object_list(
    scatter_object_output_list: list[Any],
    scatter_object_input_list: list[Any] | None = None,
    src: int = 0,
    group: Group = None,
) -> None:
    """Put an object of a list of rank `src` into the first place of the list of each process."""
    mine = member(group, "scatter_object_list")
    root = place_of(mine, src, "src", "scatter_object_list")
    if mine.rank == root:
        _check_list(
            scatter_object_input_list, mine.size, "scatter_object_input_list", "scatter_object_list"
        )
    given = scatter_object_input_list if mine.rank == root else None
    found = _all_objects(given, mine, f"scatter_object_list from {src}")
    scatter_object_output_list[:1] = [found[root][mine.rank]]


def _check_list(value: Any, count: int, name: str, function: str) -> None:
    if not isinstance(value, list) or len(value) != count:
        said = f"{len(value)} of them" if isinstance(value, list) else type(value).__name__
        raise ArgumentError(
            f"{function}: {name} is a list of {count} places, one a process, not {said}"
        )

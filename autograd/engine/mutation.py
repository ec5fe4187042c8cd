"""Who was changed in place, and when: what makes a stale gradient an error instead of a number.

Recording costs nothing for this. A change notes the memory it touched with the engine's clock (the
counter that also numbers nodes); a sweep whose oldest node is younger than the last change has
nothing to check, and any other sweep compares the memory of what its nodes saved.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd.engine.modes import captures, capturing
from autograd.engine.node import Node, constant_value, next_number
from autograd.errors import MutationError

__all__ = [
    "changed_inputs", "check_saved", "check_unchanged", "mutated", "mutated_together", "outdated",
    "owner_of", "recorded_number",
]  # fmt: skip

# owner's id -> {byte range: (time, name)}; an entry goes when its owner is collected
_changes: dict[int, dict[tuple[int, int], tuple[int, str | None]]] = {}
_owners: dict[int, weakref.ref[Any]] = {}
_last = 0
_ALL = (0, 1 << 64)  # a range of bytes that overlaps with every other
_PAST = 16  # earlier numbers of a 0-d leaf that are remembered
_MOST = 1000  # changed parts of one array that are told apart


def mutated(array: Any, name: str | None) -> None:
    """Note that `array` has been changed in place; without a name it is known by its shape."""
    global _last
    if not isinstance(array, np.ndarray):
        return  # a NumPy scalar cannot change; its Tensor was given a new one
    if captures and (capture := capturing()):
        capture.changed(array, _label(array, name))
    owner = array if array.base is None else owner_of(array)
    key = id(owner)
    ranges = _changes.get(key)
    if ranges is None:
        ranges = _changes[key] = {}
        _owners[key] = weakref.ref(owner, lambda _: (_changes.pop(key, 0), _owners.pop(key, 0)))
    _last = next_number()
    # of an owner of memory all of it, without asking NumPy where it lies, which takes 2 µs
    if array.base is None or len(ranges) > _MOST:
        _changes[key] = {_ALL: (_last, name)}
    else:
        ranges[byte_bounds(array)] = (_last, name)


def mutated_together(arrays: Iterable[np.ndarray[Any, Any]], names: Iterable[str | None]) -> None:
    """`mutated` for owners of memory, at one time of the clock."""
    global _last
    _last = time = next_number()
    for array, name in zip(arrays, names, strict=True):
        key = id(array)
        if key in _changes:
            _changes[key] = {_ALL: (time, name)}
        else:
            mutated(array, name)


def outdated(node: Node, old: Any) -> None:
    """Remember the number that a 0-d leaf had, for the pictures of graphs that were made of it."""
    if isinstance(old, np.generic):
        extra = node.more()
        past = extra.past = extra.past or []
        past.append((next_number(), old))
        if len(past) > _PAST:
            del past[0]


def recorded_number(leaf: Node, number: int) -> Any:
    """The number that a 0-d leaf had when the node of that number used it; None if forgotten."""
    past = leaf.extra.past if leaf.extra is not None else None
    if not past or past[-1][0] < number:
        return leaf.saved[0]
    if len(past) == _PAST and past[0][0] > number:
        return None
    return next(old for time, old in past if time > number)


def check_unchanged(nodes: Sequence[Node], runs: Callable[[Node], bool] | None = None) -> None:
    """Raise if something that one of the nodes (oldest first) saved has been changed since.

    `runs` tells whether a node's rules will run, which alone read what it saved; None: all do.
    """
    for oldest in nodes:
        if oldest.op.inputs:
            break
    else:
        return
    if oldest.number > _last:
        return
    for node in nodes:
        if not node.op.inputs or (runs is not None and not runs(node)):
            continue
        check_saved(node, node.saved or ())


def check_saved(node: Node, saved: Any) -> None:
    """Raise if one of the values that a node saved has been changed since."""
    for value in _arrays(saved):
        owner = owner_of(value)
        ranges = _changes.get(id(owner))
        if not ranges:
            continue
        low, high = byte_bounds(value)
        for (start, stop), (time, name) in tuple(ranges.items()):
            if time > node.number and start < high and low < stop:
                raise MutationError(_message(node, _label(owner, name)))


def changed_inputs(nodes: Sequence[Node]) -> list[str]:
    """The names of leaves and constants that were changed after one of the nodes had used them."""
    oldest = next((node for node in nodes if node.inputs), None)
    if oldest is None or oldest.number > _last:
        return []
    found: dict[int, str] = {}
    for node in nodes:
        for source in node.inputs:
            value = source.saved[0] if type(source) is Node and source.is_leaf else source
            value = constant_value(value)
            if not isinstance(value, np.ndarray):
                continue
            owner = owner_of(value)
            for time, name in _changes.get(id(owner), {}).values():
                if time > node.number:
                    found.setdefault(id(owner), _label(owner, name))
    return list(found.values())


def owner_of(array: np.ndarray[Any, Any]) -> Any:
    """The array whose memory this is a view of, or the array itself."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _arrays(saved: Any) -> Iterable[np.ndarray[Any, Any]]:
    for value in saved:
        if isinstance(value, np.ndarray):
            yield value
        elif type(value) is tuple:
            yield from (v for v in value if isinstance(v, np.ndarray))


def _label(owner: Any, name: str | None) -> str:
    return name or f"a Tensor of shape {owner.shape}"


def _message(node: Node, name: str) -> str:
    return (
        f"{name} was changed in place after {node.op.name} had saved it for backward"
        f"{node.place()}; the gradient would be wrong.\n"
        f"  Call backward before the change, or record again after it.{node.calls()}"
    )

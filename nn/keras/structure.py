"""Nested structures, as Keras takes them: tuples, lists and dicts of leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["flatten", "leaves", "mapped", "packed"]


def flatten(structure: Any) -> list[Any]:
    """The leaves, in order; of a dict by its keys in alphabetic order, as in Keras.

    >>> flatten({"b": [2, (3,)], "a": 1})
    [1, 2, 3]
    """
    return list(leaves(structure))


def leaves(structure: Any) -> Iterator[Any]:
    """The leaves, one after the other."""
    if isinstance(structure, dict):
        structure = [structure[key] for key in _keys(structure)]
    elif not isinstance(structure, (list, tuple)):
        yield structure
        return
    for part in structure:
        yield from leaves(part)


def _keys(structure: dict[Any, Any]) -> list[Any]:
    try:
        return sorted(structure)
    except TypeError:  # keys of several kinds
        return [*structure]


def mapped(function: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """A function of the leaves in the same place, in the form of the first structure.

    >>> mapped(lambda x: x + 1, [1, (2, 3)])
    [2, (3, 4)]
    """
    if isinstance(structure, dict):
        return {k: mapped(function, structure[k], *(o[k] for o in others))
                for k in _keys(structure)}  # fmt: skip
    if isinstance(structure, (list, tuple)):
        parts = [mapped(function, *same) for same in zip(structure, *others, strict=True)]
        named = hasattr(structure, "_fields")
        return type(structure)(*parts) if named else (type(structure) if type(structure) in (
            list, tuple) else list)(parts)  # fmt: skip
    return function(structure, *others)


def packed(structure: Any, values: Any) -> Any:
    """The values, in order, in the form of a structure."""
    rest = iter(values)
    return mapped(lambda _: next(rest), structure)

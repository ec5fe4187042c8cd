"""Pytrees: what lies in nested tuples, lists and dicts of arguments and results, and where."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

__all__ = ["flat", "mapped", "nested"]


def nested(function: Callable[[Any], Any], value: Any) -> Any:
    """Nested tuples, lists and dicts with a function applied to all that lies in them."""
    if type(value) in (tuple, list):
        return type(value)(nested(function, part) for part in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        kind: Any = type(value)
        return kind._make(nested(function, part) for part in value)
    if isinstance(value, dict):
        new = copy(value)  # of the same kind
        new.update({key: nested(function, part) for key, part in value.items()})
        return new
    return function(value)


def flat(value: Any) -> list[Any]:
    """All that lies in nested tuples, lists and dicts."""
    found: list[Any] = []
    nested(found.append, value)
    return found


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """A static parameter with a function applied to all that lies in its tuples and slices."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind(mapped(function, part) for part in value)
    if kind is slice:
        return slice(*(mapped(function, part) for part in (value.start, value.stop, value.step)))
    return function(value)

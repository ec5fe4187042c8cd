"""Pytrees: what lies in nested tuples, lists, dicts and dataclasses of arguments and results."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import fields, is_dataclass
from typing import Any

from autograd.engine.dispatch import KNOWN
from autograd.engine.operands import tensor_types

__all__ = ["flat", "is_record", "mapped", "nested", "parts_of"]


def nested(function: Callable[[Any], Any], value: Any) -> Any:
    """Nested tuples, lists, dicts and dataclasses with a function applied to all that is inside."""
    kind: Any = type(value)
    if kind in KNOWN or kind in tensor_types:  # one look tells of most
        return function(value)
    if kind is tuple or kind is list:
        return kind([nested(function, part) for part in value])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind._make(nested(function, part) for part in value)
    if isinstance(value, tuple) and hasattr(value, "n_sequence_fields"):  # as of torch.max
        return kind([nested(function, part) for part in value])
    if isinstance(value, dict):
        new = copy(value)  # of the same kind
        new.update({key: nested(function, part) for key, part in value.items()})
        return new
    if is_record(value):
        new = copy(value)
        for name, part in parts_of(value).items():
            object.__setattr__(new, name, nested(function, part))  # of a frozen one too
        return new
    return function(value)


def is_record(value: Any) -> bool:
    """Whether it is an object of a dataclass that holds data, as a module does not."""
    return is_dataclass(value) and not isinstance(value, type) and not callable(value)


def parts_of(record: Any) -> dict[str, Any]:
    """The fields of a dataclass's object that have a value."""
    names = (field.name for field in fields(record))
    return {name: getattr(record, name) for name in names if hasattr(record, name)}


def flat(value: Any) -> list[Any]:
    """All that lies in nested tuples, lists, dicts and dataclasses."""
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

"""The signature of a call: all of its arguments that a plan is made for, as one key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.engine.dtypes import get_default_dtype
from autograd.engine.modes import as_given
from autograd.engine.operands import tensor_types
from autograd.errors import TraceError
from autograd.graph.pytree import is_record, parts_of

__all__ = ["changes", "signature"]

EXACT = (bool, int, str, bytes, type(None), type(Ellipsis), np.dtype, type, slice)
Key = tuple[Any, ...]


def signature(args: tuple[Any, ...], kwargs: Mapping[str, Any], records: bool) -> Key:
    """What tells calls apart that need plans of their own.

    Shapes, dtypes, what requires grad and which arguments are the same; how they are nested; what
    is no array, by its value or else by its identity; and what the engine does: grad mode and the
    default dtype.
    """
    mode = records, get_default_dtype(), as_given.get()
    if not kwargs and len(args) < 2 and (not args or type(args[0]) in tensor_types):
        return tuple(map(_part, args)), (), mode, ()  # the usual call, of which nothing is twice
    parts = tuple([_part(x) for x in args])
    named = tuple([(name, _part(x)) for name, x in kwargs.items()])
    return parts, named, mode, _twice(args, kwargs)


def _part(x: Any) -> Any:
    kind = type(x)
    if kind in tensor_types:
        value, node = x._value, x._node
        needs = None if node is None else node.is_leaf
        return kind, value.shape, value.dtype, needs
    if isinstance(x, (np.ndarray, np.generic)):
        return kind, x.shape, x.dtype
    if kind is float:
        return kind, x.hex()  # 0.0 is not -0.0, and NaN is itself
    if isinstance(x, (tuple, list)):
        return kind, tuple(map(_part, x))
    if isinstance(x, dict):
        return kind, tuple(x), tuple(map(_part, x.values()))
    if kind is slice:
        return kind, *map(_part, (x.start, x.stop, x.step))
    if kind in EXACT:
        return kind, x
    if kind is complex:
        return kind, x.real.hex(), x.imag.hex()
    if is_record(x):
        fields = parts_of(x)
        return kind, tuple(fields), tuple(map(_part, fields.values()))
    if isinstance(x, Iterator):
        raise TraceError(
            f"compile: an argument is an iterator, {kind.__name__}, which a trace would use up; "
            "call it outside, x = next(it), and give what it gave"
        )
    return kind, id(x)  # the plan holds it, so that no other gets this number


def _twice(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[int, ...]:
    """Which arguments are the same Tensor or array: what is written to one, the other shows."""
    given = [id(x) for x in args if type(x) in tensor_types]
    if len(given) < len(args) or kwargs:
        given.clear()
        _note(args, given)
        _note(kwargs.values(), given)
    if len(set(given)) == len(given):
        return ()
    return tuple(map(given.index, given))


def _note(values: Iterable[Any], given: list[int]) -> None:
    """The identities of the Tensors and arrays among these, and inside of them."""
    for x in values:
        if type(x) in tensor_types or isinstance(x, np.ndarray):
            given.append(id(x))
        elif isinstance(x, (tuple, list)):
            _note(x, given)
        elif isinstance(x, dict):
            _note(x.values(), given)
        elif is_record(x):
            _note(parts_of(x).values(), given)


def changes(old: Key, new: Key, names: tuple[str, ...]) -> str:
    """What differs between two signatures, in words."""
    (parts, named, mode, twice), (parts2, named2, mode2, twice2) = old, new
    found = []
    if len(parts) != len(parts2) or [n for n, _ in named] != [n for n, _ in named2]:
        found.append("other arguments")
    else:
        known = [*names, *(f"args[{i}]" for i in range(len(names), len(parts)))]
        pairs = [*zip(known, parts, parts2, strict=False)]
        pairs += [(n, a, b) for (n, a), (_, b) in zip(named, named2, strict=True)]
        found += [f"{name}: {_shown(a)} -> {_shown(b)}" for name, a, b in pairs if a != b]
    if mode[0] != mode2[0]:
        found.append(f"grad mode: {mode[0]} -> {mode2[0]}")
    if mode[1:] != mode2[1:]:
        found.append(f"default dtype: {mode[1]} -> {mode2[1]}")
    if twice != twice2:
        found.append("which arguments are the same")
    return "; ".join(found) or "what the call reads besides its arguments"


def _shown(part: Any) -> str:
    kind, *rest = part
    if len(rest) >= 2 and isinstance(rest[1], np.dtype):
        needs = {None: "", True: ", requires grad", False: ", in a graph"}[(*rest, None)[2]]
        return f"{rest[1]} {rest[0]}{needs}"
    if kind is float:
        return repr(float.fromhex(rest[0]))
    if kind in (tuple, list, dict):
        return f"{kind.__name__} ({', '.join(map(_shown, rest[-1]))})"
    return repr(rest[0]) if kind in EXACT and rest else f"another {kind.__name__}"

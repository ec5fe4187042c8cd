"""Places around a call that hold values: how they are read, compared and put back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from operator import is_, itemgetter
from types import CellType
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.constants import are_same

__all__ = [
    "ITEM", "MISSING", "PLAIN", "Place", "attribute_reader", "braced", "content", "is_same",
    "items", "reader", "slots_of", "structure", "structure_keys",
]  # fmt: skip

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)

ITEM = "[{!r}]"  # the end of the name of what holds items


class Place(NamedTuple):
    """A holder of values by keys, with what they were: a scope, an object, a list, a dict."""

    read: Callable[[Any], tuple[Any, ...]]
    holder: Any
    keys: tuple[Any, ...]
    then: tuple[Any, ...]
    name: str  # with {} for the key

    def difference(self) -> tuple[str, Any, Any] | None:
        """The first value that is another now: its name, the old and the new one, in words."""
        try:
            now = self.read(self.holder)
        except (KeyError, ValueError):
            return self.name.format(self.keys[0]), repr(self.then), "gone"
        if len(now) == len(self.then) and all(map(is_, now, self.then)):
            return None
        for key, old, new in zip(self.keys, self.then, now, strict=False):
            if not is_same(old, new):
                return self.name.format(key), f"{old!r:.60}", f"{new!r:.60}"
        if len(now) != len(self.then):
            is_list = self.name.endswith(ITEM)
            whole = self.name.removesuffix(ITEM).removesuffix(".{}").format("it")
            name = f"len({whole})" if is_list else f"the number of parts and hooks of {whole}"
            return name, str(len(self.then)), str(len(now))
        return None

    def put_back(self) -> None:
        """Give the holder its old values."""
        holder, then = self.holder, dict(zip(self.keys, self.then, strict=True))
        if isinstance(holder, list):
            holder[:] = self.then
        elif isinstance(holder, (deque, set)):
            holder.clear()
            (holder.extend if isinstance(holder, deque) else holder.update)(self.then)
        elif isinstance(holder, dict):
            if self.read is items:
                holder.clear()
            holder.update((k, v) for k, v in then.items() if v is not MISSING)
            for key in (k for k, v in then.items() if v is MISSING):
                holder.pop(key, None)
        elif isinstance(holder, CellType):
            holder.cell_contents = self.then[0]
        elif self.keys and self.keys[0] in slots_of(type(holder)):
            for name, value in then.items():
                if value is not MISSING:
                    setattr(holder, name, value)
                elif hasattr(holder, name):
                    delattr(holder, name)


class _Missing:
    def __repr__(self) -> str:
        return "not there"


MISSING = _Missing()  # what an attribute is that an object does not have yet


def attribute_reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads attributes of an object without a dict, or keys that may not be there."""

    def read(holder: Any) -> tuple[Any, ...]:
        if isinstance(holder, dict):
            return tuple([holder.get(name, MISSING) for name in names])
        return tuple([getattr(holder, name, MISSING) for name in names])

    return read


def slots_of(kind: type) -> frozenset[str]:
    """The names for which objects of a class have a place of their own."""
    found = (vars(cls).get("__slots__", ()) for cls in kind.__mro__)
    return frozenset(n for names in found for n in ((names,) if type(names) is str else names))


REGISTRIES = ("_parameters", "_modules", "_buffers")


def structure(module: Any) -> tuple[Any, ...]:
    """What a module is made of, and its hooks."""
    held = vars(module)
    parts = [part for registry in REGISTRIES for part in held[registry].values()]
    return (*parts, *_hooks_in(held))


def _hooks_in(held: Mapping[str, Any]) -> list[Any]:
    hooks = held.get("_hooks")
    return [h for kind in vars(hooks).values() for h in kind.values()] if hooks else []


def structure_keys(module: Any) -> tuple[str, ...]:
    held = vars(module)
    names = [name for registry in REGISTRIES for name in held[registry]]
    return (*names, *("a hook" for _ in _hooks_in(held)))


def items(holder: dict[Any, Any]) -> tuple[Any, ...]:
    return tuple(holder.values())


def content(cell: Any) -> tuple[Any, ...]:
    return (cell.cell_contents,)


def braced(name: str) -> str:
    return name.replace("{", "{{").replace("}", "}}")


def reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    get = itemgetter(*names)
    return (lambda holder: (get(holder),)) if len(names) == 1 else get


def is_same(old: Any, new: Any) -> bool:
    if old is new:
        return True
    if isinstance(old, (np.ndarray, np.generic)) and isinstance(new, (np.ndarray, np.generic)):
        return are_same(np.asarray(old), np.asarray(new))
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(is_same(old[k], new[k]) for k in old)
    if isinstance(old, tuple):
        return len(old) == len(new) and all(map(is_same, old, new))
    return isinstance(old, PLAIN) and bool(old == new)

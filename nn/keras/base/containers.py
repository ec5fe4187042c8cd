"""Lists and dicts set on a layer, which learn of the layers that they are given later too."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Self

from nn.module.module import Module

__all__ = ["tracked"]


def tracked(owner: Any, name: str, value: Any) -> Any:
    """What is set on a layer, where its layers, however nested in lists and dicts, are held."""
    if isinstance(value, Module):
        owner.register_module(name, value)
    elif type(value) is list:
        return _LayerList(owner, name, value)
    elif type(value) is dict:
        return _LayerDict(owner, name, value)
    elif isinstance(value, tuple):
        parts = [tracked(owner, _inside(name, i), part) for i, part in enumerate(value)]
        return tuple(parts) if type(value) is tuple else value
    elif isinstance(value, dict):
        for key, part in value.items():
            tracked(owner, _inside(name, key), part)
    return value


def _inside(name: str, key: Any) -> str:
    return f"{name}_{key}".replace(".", "_")


class _LayerList(list[Any]):
    _owner: Any = None

    def __init__(self, owner: Any, name: str, values: Iterable[Any]) -> None:
        super().__init__()
        self._owner, self._place = owner, name
        self.extend(values)

    def _held(self, number: Any, value: Any) -> Any:
        if self._owner is None:  # while it is read from a pickle
            return value
        return tracked(self._owner, _inside(self._place, number), value)

    def append(self, value: Any) -> None:
        super().append(self._held(len(self), value))

    def extend(self, values: Any) -> None:
        for value in values:
            self.append(value)

    def insert(self, index: Any, value: Any) -> None:
        super().insert(index, self._held(f"{len(self)}_inserted", value))

    def __setitem__(self, index: Any, value: Any) -> None:
        if not isinstance(index, slice):
            super().__setitem__(index, self._held(range(len(self))[index], value))
            return
        values = [*value]
        super().__setitem__(index, [self._held(f"{id(part)}_set", part) for part in values])

    def __iadd__(self, values: Any) -> Self:  # type: ignore[misc]
        self.extend(values)
        return self

    def __copy__(self) -> list[Any]:
        return [*self]

    def __deepcopy__(self, memo: Any) -> list[Any]:
        new = _LayerList.__new__(_LayerList)
        memo[id(self)] = new
        list.extend(new, [deepcopy(value, memo) for value in self])
        new._owner, new._place = memo.get(id(self._owner)), self._place
        return new


class _LayerDict(dict[Any, Any]):
    _owner: Any = None

    def __init__(self, owner: Any, name: str, values: Any) -> None:
        super().__init__()
        self._owner, self._place = owner, name
        self.update(values)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._owner is not None:
            value = tracked(self._owner, _inside(self._place, key), value)
        super().__setitem__(key, value)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *values: Any, **more: Any) -> None:
        for key, value in dict(*values, **more).items():
            self[key] = value

    def __ior__(self, values: Any) -> Self:  # type: ignore[misc]
        self.update(values)
        return self

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    copy = __copy__

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        new = _LayerDict.__new__(_LayerDict)
        memo[id(self)] = new
        for key, value in self.items():
            dict.__setitem__(new, key, deepcopy(value, memo))
        new._owner, new._place = memo.get(id(self._owner)), self._place
        return new

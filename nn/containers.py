"""Containers: modules in a row, in a list, in a dict."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

from nn.module import Module
from nn.tree import got

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Numbered(Module):
    """Modules under the names 0, 1, 2, ...: what Sequential and ModuleList share."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self._items())

    def __getitem__(self, index: int) -> Module:
        return self._items()[self._position(index)][1]

    def __setitem__(self, index: int, module: Module) -> None:
        _check(self, module)
        self.register_module(self._items()[self._position(index)][0], module)

    def __delitem__(self, index: int | slice) -> None:
        items: list[tuple[str, Module]] = self._items()
        del items[index if isinstance(index, slice) else self._position(index)]
        self._refill(items)

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns the container."""
        _check(self, module)
        self.register_module(self._free_name(), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at `index`; the numbers of those after it move up."""
        _check(self, module)
        items = self._items()
        items.insert(index, (self._free_name(), module))
        self._refill(items)

    def _items(self) -> list[tuple[str, Module]]:
        return [(name, module) for name, module in self._modules.items() if module is not None]

    def _refill(self, items: list[tuple[str, Module]]) -> None:
        """Hold these instead; numbers count again from 0, other names stay."""
        for name in list(self._modules):
            delattr(self, name)
        for name, module in items:
            self.register_module(self._free_name() if name.isdigit() else name, module)

    def _free_name(self) -> str:
        """The next number; a slice keeps its numbers, so that may be taken already."""
        numbers = itertools.count(len(self))
        return next(name for name in map(str, numbers) if name not in self._modules)

    def _position(self, index: int) -> int:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"{self._kind} has {len(self)} modules; there is no index {position}")
        return position


class Sequential(_Numbered):
    """Modules called one after the other, each with the output of the one before.

    Takes modules, which get the names 0, 1, ..., or one dict of names to modules.

    >>> import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                _check(self, module)
                self.register_module(name, module)
        else:
            self.extend(modules)  # type: ignore[arg-type]

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Module:
        """One module, or a Sequential of some, which keep their names."""
        if isinstance(index, slice):
            return Sequential(dict(self._items()[index]))
        return super().__getitem__(index)

    def forward(self, x: Any) -> Any:
        for module in self._modules.values():
            x = module(x)  # type: ignore[misc]
        return x


class ModuleList(_Numbered):
    """A list whose modules are registered; it has no forward of its own.

    >>> import nn
    >>> blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(blocks), len(list(blocks.parameters()))
    (3, 6)
    """

    _is_called = False

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> ModuleList: ...
    def __getitem__(self, index: int | slice) -> Module:
        """One module, or a ModuleList of some."""
        if isinstance(index, slice):
            return ModuleList(module for _, module in self._items()[index])
        return super().__getitem__(index)


class ModuleDict(Module):
    """A dict whose modules are registered; it has no forward of its own.

    >>> import nn
    >>> heads = nn.ModuleDict({"class": nn.Linear(4, 3), "box": nn.Linear(4, 2)})
    >>> list(heads)
    ['class', 'box']
    """

    _is_called = False

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._modules))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __getitem__(self, name: str) -> Module:
        if name not in self._modules:
            raise KeyError(f"{name!r}; the names are {', '.join(self._modules) or 'none'}")
        module = self._modules[name]
        assert module is not None
        return module

    def __setitem__(self, name: str, module: Module) -> None:
        _check(self, module)
        self.register_module(name, module)

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self, name)

    def keys(self) -> Iterator[str]:
        """The names."""
        return iter(self)

    def values(self) -> Iterator[Module]:
        """The modules."""
        return (self[name] for name in self)

    def items(self) -> Iterator[tuple[str, Module]]:
        """(name, module) pairs."""
        return ((name, self[name]) for name in self)

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add modules, or replace those of the same names."""
        for name, module in modules.items():
            self[name] = module


def _check(container: Module, module: Any) -> None:
    if not isinstance(module, Module):
        raise TypeError(f"{container._kind} holds nn.Module objects, {got(module)}")

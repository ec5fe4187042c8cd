"""Containers: modules in a row, in a list, in a dict."""

from __future__ import annotations

import itertools
import operator
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import TYPE_CHECKING, Any, Generic, Self, overload

from autograd.engine.diagnose import listed
from autograd.errors import ArgumentError, ArgumentTypeError, IndexRangeError, UnknownNameError
from nn.module.input import Input
from nn.module.lazy import LazyModuleMixin
from nn.module.module import Module
from nn.module.tree import got
from nn.module.typed import Out
from nn.training.model import Model

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which has defaults, as in `nn.module.typed`

    from autograd import Tensor
    from nn.module.typed import Forwards

    M = TypeVar("M", bound=Module, default=Module)
else:
    from typing import TypeVar

    M = TypeVar("M")


class _Numbered(Module, Generic[M]):
    """Modules under the names 0, 1, 2, ...: what Sequential and ModuleList share."""

    _holds_none = False  # whether None may stand for a module that is left out

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[M]:
        return (module for _, module in self._items())

    def __getitem__(self, index: int) -> M:
        return self._items()[self._position(index)][1]

    def __setitem__(self, index: int, module: M) -> None:
        _check(self, module)
        self.register_module(self._items()[self._position(index)][0], module)

    def __delitem__(self, index: int | slice) -> None:
        items: list[tuple[str, M]] = self._items()
        del items[index if isinstance(index, slice) else self._position(index)]
        self._refill(items)

    def pop(self, key: int | slice) -> M:
        """Take modules away, and return them."""
        taken = self[key]  # type: ignore[index]
        del self[key]
        return taken

    def __iadd__(self, modules: Iterable[M]) -> Self:
        return self.extend(modules)

    def append(self, module: M) -> Self:
        """Add a module at the end; returns the container."""
        _check(self, module)
        self.register_module(self._free_name(), module)
        return self

    def extend(self, modules: Iterable[M]) -> Self:
        """Add modules at the end; returns the container."""
        if not isinstance(modules, Iterable):
            raise ArgumentTypeError(f"{self._kind}.extend takes modules in a row, {got(modules)}")
        for module in listed("modules", modules):  # they may be the container's own
            self.append(module)
        return self

    def insert(self, index: int, module: M) -> Self:
        """Put a module before the one at `index`; the numbers of those after it move up."""
        _check(self, module)
        items = self._items()
        items.insert(index, (self._free_name(), module))
        self._refill(items)
        return self

    def _items(self) -> list[tuple[str, M]]:
        modules: dict[str, Any] = self._modules
        return [(n, m) for n, m in modules.items() if m is not None or self._holds_none]

    def _refill(self, items: list[tuple[str, M]]) -> None:
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
            raise IndexRangeError(
                f"{self._kind} has {len(self)} modules; there is no index {position}"
            )
        return position


class Sequential(_Numbered[Module], Model, Generic[Out]):
    """Modules called one after the other, each with the output of the one before.

    Takes modules, or one list of them, which get the names 0, 1, ..., or one dict of names to
    modules. It is a Model: `compile`, `fit`, `evaluate` and `predict` train and use it.

    >>> import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    @overload
    def __init__(self, *modules: *tuple[*tuple[Module, ...], Forwards[..., Out]]) -> None: ...
    @overload
    def __init__(
        self: Sequential[Tensor], *modules: Module | Iterable[Module] | Mapping[str, Module]
    ) -> None: ...
    def __init__(self, *modules: Any) -> None:  # type: ignore[misc] # they are all accepted
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                _check(self, module)
                self.register_module(name, module)
            self._build()
        elif len(modules) == 1 and isinstance(modules[0], (list, tuple)):
            self.extend(modules[0])
        else:
            self.extend(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end; returns the container."""
        super().append(module)
        self._build()
        return self

    def _build(self) -> None:
        """Make what waits for its first input, if an Input at the head says what that is."""
        first = next(iter(self), None)
        if isinstance(first, Input) and any(
            isinstance(m, LazyModuleMixin) and m.has_uninitialized_params() for m in self.modules()
        ):
            first.build(self)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Module:
        """One module, or a Sequential of some, which keep their names."""
        if isinstance(index, slice):
            return Sequential(dict(self._items()[index]))
        return super().__getitem__(index)

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            return NotImplemented
        return Sequential(*self, *other)

    def __mul__(self, times: int) -> Sequential:
        """The same modules, which are shared, so many times in a row."""
        return Sequential(*_repeated(self, times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(_repeated(self, times)[len(self) :])

    def forward(self, x: Any) -> Out:
        for module in self._modules.values():
            x = module(x)  # type: ignore[misc]
        return x


class ModuleList(_Numbered[M]):
    """A list whose modules are registered; it has no forward of its own.

    >>> import nn
    >>> blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(blocks), len(list(blocks.parameters()))
    (3, 6)
    """

    _is_called = False

    def __init__(self, modules: Iterable[M] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    @overload
    def __getitem__(self, index: int) -> M: ...
    @overload
    def __getitem__(self, index: slice) -> ModuleList[M]: ...
    def __getitem__(self, index: int | slice) -> M | ModuleList[M]:
        """One module, or a ModuleList of some."""
        if isinstance(index, slice):
            return ModuleList(module for _, module in self._items()[index])
        return super().__getitem__(index)

    def __add__(self, other: Iterable[M]) -> ModuleList[M]:
        return ModuleList((*self, *other))

    def _shown(self, texts: Mapping[Any, str]) -> Iterable[tuple[str, str]]:
        """Equal neighbours are printed once, with their number."""
        alike = itertools.groupby(super()._shown(texts), key=operator.itemgetter(1))
        for text, group in alike:
            names = [name for name, _ in group]
            if len(names) == 1:
                yield names[0], text
            else:
                yield f"{names[0]}-{names[-1]}", f"{len(names)} x {text}"


class ModuleDict(Module):
    """A dict whose modules are registered; it has no forward of its own.

    >>> import nn
    >>> heads = nn.ModuleDict({"class": nn.Linear(4, 3), "box": nn.Linear(4, 2)})
    >>> list(heads)
    ['class', 'box']
    """

    _is_called = False

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        self.update({} if modules is None else modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._modules))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __getitem__(self, name: str) -> Module:
        if name not in self._modules:
            raise UnknownNameError(f"{name!r}; the names are {', '.join(self._modules) or 'none'}")
        module = self._modules[name]
        assert module is not None
        return module

    def __setitem__(self, name: str, module: Module) -> None:
        _check(self, module)
        self.register_module(name, module)

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self, name)

    def pop(self, key: str) -> Module:
        """Take a module away, and return it."""
        taken = self[key]
        del self[key]
        return taken

    def clear(self) -> None:
        """Take all modules away."""
        for name in self:
            del self[name]

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> ValuesView[Any]:
        """The modules."""
        return self._modules.values()

    def items(self) -> ItemsView[str, Any]:
        """(name, module) pairs."""
        return self._modules.items()

    def update(self, modules: Any) -> None:
        """Add modules, or replace those of the same names: a mapping, or (name, module) pairs."""
        for name, module in pairs_of(self, modules):
            self[name] = module


def pairs_of(container: Module, values: Any) -> list[tuple[str, Any]]:
    """(name, value) pairs of a mapping or of pairs, in order; a TypeError for anything else."""
    if hasattr(values, "keys"):
        return [(name, values[name]) for name in values.keys()]  # noqa: SIM118
    pairs = listed("pairs", values) if isinstance(values, Iterable) else None
    if pairs is None or not all(isinstance(p, Sequence) and len(p) == 2 for p in pairs):
        raise ArgumentTypeError(
            f"{container._kind} takes a mapping of names to values, or pairs, {got(values)}"
        )
    return [(name, value) for name, value in pairs]


def _repeated(modules: Sequential[Any], times: int) -> list[Module]:
    if not isinstance(times, int):
        raise ArgumentTypeError(f"a Sequential is repeated a whole number of times, {got(times)}")
    if times < 1:
        raise ArgumentError(f"a Sequential is repeated at least once, not {times} times")
    return list(modules) * times


def _check(container: Module, module: Any) -> None:
    if not isinstance(module, Module) and not (
        module is None and getattr(container, "_holds_none", False)
    ):
        raise ArgumentTypeError(f"{container._kind} holds nn.Module objects, {got(module)}")

"""Containers of parameters: a list and a dict whose Tensors are registered."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, KeysView
from typing import Any, NoReturn, Self, overload

from autograd import Tensor
from autograd.engine.diagnose import listed
from autograd.errors import ArgumentTypeError, IndexRangeError, UnknownNameError
from nn.module.containers import pairs_of
from nn.module.module import Module
from nn.module.parameter import Parameter, is_lazy
from nn.module.tree import got


class _Holder(Module):
    """Parameters, and any other objects, by name and in order."""

    _is_called = False

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[str, None] = {}  # in order, of both kinds
        self._others: dict[str, Any] = {}  # what is no parameter

    def __len__(self) -> int:
        return len(self._names)

    def _held(self, name: str) -> Any:
        for held in (self._others, self._modules):
            if name in held:
                return held[name]
        return self._parameters[name]

    def _hold(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            value = Parameter(value)
        if (kind := self._kind_of(value)) is not None:
            if self._registry_of(name) != kind and name in self._names:
                self._drop(name)
            register = self.register_module if kind == "_modules" else self.register_parameter
            register(name, value)
        else:
            self._drop(name)
            self._others[name] = value
        self._names[name] = None

    def _drop(self, name: str) -> None:
        self._others.pop(name, None)
        if self._registry_of(name) is not None:
            delattr(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ArgumentTypeError(f"a {self._kind} only holds parameters; it cannot be called")

    def extra_repr(self) -> str:
        return "\n".join(f"({name}): {_described(self._held(name))}" for name in self._names)

    def __repr__(self) -> str:
        shown = self.extra_repr().replace("\n", "\n  ")
        return f"{self._kind}(\n  {shown}\n)" if shown else f"{self._kind}()"


class ParameterList(_Holder):
    """A list whose Tensors become registered Parameters; other objects are only kept.

    >>> import nn
    >>> scales = nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0, 3.0])])
    >>> scales
    ParameterList(
      (0): Parameter of float32, (1,)
      (1): Parameter of float32, (2,)
    )
    >>> list(scales.state_dict())
    ['0', '1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(() if values is None else values)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> ParameterList: ...
    def __getitem__(self, index: int | slice) -> Any:
        """One entry, or a ParameterList of some."""
        if isinstance(index, slice):
            return ParameterList([*self][index])
        return self._held(self._name(index))

    def __setitem__(self, index: int, value: Any) -> None:
        self._hold(self._name(index), value)

    def __iter__(self) -> Iterator[Any]:
        return iter([self._held(name) for name in self._names])

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def append(self, value: Any) -> Self:
        """Add an entry at the end; returns the list."""
        self._hold(str(len(self)), value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add entries at the end; returns the list."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise ArgumentTypeError(f"ParameterList takes parameters in a row, {got(values)}")
        for value in listed("parameters", values):
            self.append(value)
        return self

    def _name(self, index: int) -> str:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexRangeError(
                f"ParameterList has {len(self)} entries; there is no index {position}"
            )
        return str(position % len(self))


class ParameterDict(_Holder):
    """A dict whose Tensors become registered Parameters; other objects are only kept.

    >>> import nn
    >>> scales = nn.ParameterDict({"left": nn.Parameter([1.0]), "right": nn.Parameter([2.0, 3.0])})
    >>> scales
    ParameterDict(
      (left): Parameter of float32, (1,)
      (right): Parameter of float32, (2,)
    )
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self.update({} if parameters is None else parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._names:
            raise UnknownNameError(f"{key!r}; the names are {', '.join(self._names) or 'none'}")
        return self._held(key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise ArgumentTypeError(f"the names of a ParameterDict are strings, {got(key)}")
        self._hold(key, value)

    def __delitem__(self, key: str) -> None:
        self[key]
        self._drop(key)
        del self._names[key]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._names))

    def __reversed__(self) -> Iterator[str]:
        return reversed(tuple(self._names))

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __or__(self, other: Any) -> ParameterDict:
        new = self.copy()
        new.update(other)
        return new

    def __ror__(self, other: Any) -> ParameterDict:
        return ParameterDict(other) | self

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self

    def copy(self) -> ParameterDict:
        """A new ParameterDict of the same parameters."""
        return ParameterDict(self)

    def get(self, key: str, default: Any = None) -> Any:
        """The entry of a name, or the default."""
        return self._held(key) if key in self._names else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The entry of a name, which is the default if there was none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take an entry away, and return it."""
        taken = self[key]
        del self[key]
        return taken

    def popitem(self) -> tuple[str, Any]:
        """Take the last entry away, and return its name and itself."""
        key = next(reversed(self), "")
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all entries away."""
        for key in self:
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A new ParameterDict of these names, each with the same entry."""
        return ParameterDict([(key, default) for key in listed("names", keys)])

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._names.keys()

    def values(self) -> Iterator[Any]:
        """The entries."""
        return (self[key] for key in self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """(name, entry) pairs."""
        return ((key, self[key]) for key in self)

    def update(self, parameters: Any) -> None:
        """Add entries, or replace those of the same names: a mapping, or (name, entry) pairs."""
        for key, value in pairs_of(self, parameters):
            self[key] = value


def _described(value: Any) -> str:
    if isinstance(value, Parameter) and not is_lazy(value):
        return f"Parameter of {value.dtype}, {value.shape}"
    return repr(value) if is_lazy(value) else f"object of type {type(value).__name__}"

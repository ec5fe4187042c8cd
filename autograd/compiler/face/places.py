"""Places: where a call finds what is no argument of it, as far as its code shows them.

A name that the code refers to may be given another value between two calls: a number, a Tensor, a
model. Such names are found in the code itself, in that of the functions and methods that it calls
and that are no library's, and in the objects whose attributes it names.
"""

from __future__ import annotations

import functools
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.operands import tensor_types
from autograd.program.places import slots_of

__all__ = ["NUMBERS", "Place", "modules_in", "places_of"]

NUMBERS = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
OURS = frozenset(("autograd", "nn", "optim", "numpy", "scipy"))
LIBRARIES = OURS | sys.stdlib_module_names

LARGEST = 100_000  # items of a list that are looked at


class Place(NamedTuple):
    """Some values that are read together: where, and how."""

    what: str
    names: Callable[[], list[Any]]  # of the values
    read: Callable[[], list[Any]]


def places_of(function: Any, args: Iterable[Any]) -> list[Place]:
    """What the code of a function refers to, and its arguments that are no arrays."""
    scan = _Scan()
    scan.add(function)
    for x in args:
        scan.add(x)
    return scan.found()


def modules_in(value: Any) -> Iterator[Any]:
    """The modules of a module."""
    if hasattr(type(value), "named_buffers"):
        yield from value.modules()


class _Scan:
    """A walk from a function over all that it refers to."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.names: dict[str, None] = {}  # that the codes refer to, of globals and attributes
        self.objects: list[Any] = []  # whose attributes may be read
        self.optimizers: list[Any] = []
        self.schedules: list[Any] = []
        self.codes: list[tuple[types.CodeType, dict[str, Any]]] = []
        self._seen: dict[int, Any] = {}

    def found(self) -> list[Place]:
        count = -1
        while count != (count := len(self._seen)):  # names and objects lead to each other
            for code, scope in list(self.codes):
                for name in code.co_names:
                    if name in scope:
                        self.add(scope[name])
            for each in list(self.objects):
                for place in self._attributes(each):
                    for value in place.read():
                        self.add(value)
        for code, scope in self.codes:
            if names := [n for n in code.co_names if n in scope]:
                self.places.append(_of_names("global", names, scope))
        for each in self.objects:
            self.places += self._attributes(each)
        self._rates()
        return self.places

    def _rates(self) -> None:
        """The options of optimizers that codes name, which they may read as numbers."""
        for optimizer in self.optimizers:
            groups = [optimizer.defaults] if "defaults" in self.names else []
            groups += optimizer.param_groups if "param_groups" in self.names else []
            for group in groups:
                names = [n for n in group if n in self.names and n != "params"]
                self.places.append(_of_names("option", names, group))
        for schedule in self.schedules if "get_last_lr" in self.names else ():
            self.places.append(_of_rates(schedule.get_last_lr))

    def add(self, value: Any) -> None:
        """One thing that the call can reach."""
        if isinstance(value, NUMBERS) or id(value) in self._seen or type(value) in tensor_types:
            return
        self._seen[id(value)] = value
        if isinstance(value, functools.partial):
            for part in (value.func, *value.args, *value.keywords.values()):
                self.add(part)
        elif isinstance(value, types.MethodType):
            self.add(value.__func__)
            self.add(value.__self__)
        elif isinstance(value, types.FunctionType):
            self._function(value)
        elif isinstance(value, (list, dict, set, deque)) or _is_mapping(value):
            self._items(value)
        elif isinstance(value, (tuple, frozenset)):
            for part in value:
                self.add(part)
        elif "__wrapped__" in getattr(value, "__dict__", ()):
            self.add(value.__wrapped__)
        elif hasattr(type(value), "add_param_group"):
            self.optimizers.append(value)
        elif hasattr(type(value), "get_last_lr"):
            self.schedules.append(value)
        elif is_users(value) if isinstance(value, (type, types.ModuleType)) else not is_ours(value):
            self.objects.append(value)

    def _function(self, function: types.FunctionType) -> None:
        if not is_users(function):
            return
        codes = [function.__code__]
        for code in codes:  # while it grows: lambdas and comprehensions
            codes += [x for x in code.co_consts if isinstance(x, types.CodeType)]
            self.codes.append((code, function.__globals__))
            texts = [x for x in code.co_consts if isinstance(x, str) and x.isidentifier()]
            self.names.update(dict.fromkeys((*code.co_names, *texts)))  # "a" of getattr(x, "a")
        if cells := function.__closure__:
            names = list(function.__code__.co_freevars)
            self.places.append(Place("closed-over", lambda: names, lambda: _contents(cells)))
            for value in _contents(cells):
                self.add(value)
        self.add(function.__defaults__ or ())
        self.add(function.__kwdefaults__ or {})

    def _items(self, value: Any) -> None:
        if len(value) > LARGEST:
            self.places.append(Place("item", lambda: ["count"], lambda: [len(value)]))
            return
        if isinstance(value, Mapping):
            self.places.append(Place("item", lambda: [*value], lambda: [*value, *value.values()]))
            parts = list(value.values())
        else:
            self.places.append(Place("item", lambda: [*range(len(value))], lambda: list(value)))
            parts = list(value)
        for part in parts:
            self.add(part)

    def _attributes(self, owner: Any) -> list[Place]:
        """The attributes of an object that codes name; methods are walked into."""
        found = []
        kind = owner if isinstance(owner, type) else type(owner)
        classes = [] if kind is types.ModuleType else [c for c in kind.__mro__ if is_users(c)]
        shared = dict.fromkeys(n for cls in classes for n in vars(cls))  # which others may have too
        if kind is not owner and not hasattr(kind, "named_buffers"):  # all of a module's are read
            held = getattr(owner, "__dict__", {})
            own = [n for n in self.names if n in held or n in shared]
            found.append(_of_names("attribute", own, held))
            found.append(_of_slots([n for n in self.names if n in slots_of(kind)], owner))
        for cls in classes:
            names = [n for n in shared if n in self.names or _is_called_by_syntax(n, vars(cls))]
            for name in names:
                value = vars(cls).get(name)
                self.add(getattr(value, "fget", None) or getattr(value, "__func__", value))
            found.append(_of_names("attribute", names, vars(cls)))
        return found


def _is_called_by_syntax(name: str, held: Any) -> bool:
    """Whether a method is called without its name, as by x[i], x + y or x(y)."""
    is_special = name.startswith("__") and name.endswith("__") and name != "__init__"
    return name == "forward" or (is_special and isinstance(held.get(name), types.FunctionType))


def _is_mapping(value: Any) -> bool:
    """Whether it is a mapping of a library, which is read by its items."""
    return isinstance(value, Mapping) and not is_users(value)


def _of_names(what: str, names: list[str], scope: Any) -> Place:
    return Place(what, lambda: names, lambda: [scope.get(n) for n in names])


def _of_rates(read: Callable[[], list[float]]) -> Place:
    return Place("rate", lambda: [*range(len(read()))], lambda: [*read()])


def _of_slots(names: list[str], owner: Any) -> Place:
    return Place("attribute", lambda: names, lambda: [getattr(owner, n, None) for n in names])


def _contents(cells: Iterable[Any]) -> list[Any]:
    try:
        return [cell.cell_contents for cell in cells]
    except ValueError:  # one is not yet filled in
        return [_content(cell) for cell in cells]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def is_users(value: Any) -> bool:
    """Whether something is written by the user, and not by a library."""
    name = value.__name__ if isinstance(value, types.ModuleType) else None
    if name is None:
        owner = value if hasattr(value, "__module__") else type(value)
        name = getattr(owner, "__module__", None) or ""
    root = name.partition(".")[0]
    return root not in LIBRARIES and not _is_installed(root)


def is_ours(value: Any) -> bool:
    """Whether something is an object of a library of ours, or of one that computes."""
    return (type(value).__module__ or "").partition(".")[0] in OURS


@functools.cache
def _is_installed(root: str) -> bool:
    module = sys.modules.get(root)
    return "site-packages" in (getattr(module, "__file__", None) or "")

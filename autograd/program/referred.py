"""Places: where a call finds what is no argument of it, as far as its code shows them.

A name that the code refers to may be given another value between two calls: a number, a Tensor, a
model. Such names are found in the code itself, in that of the functions and methods that it calls
and that are no library's, and in the objects whose attributes it names.
"""

from __future__ import annotations

import functools
import os
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.operands import tensor_types
from autograd.program.mentioned import strong

__all__ = ["NUMBERS", "Bind", "Place", "modules_in", "places_of"]

NUMBERS = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)
LIBRARIES = frozenset(("autograd", "nn", "optim", "numpy", "scipy")) | sys.stdlib_module_names

NAMESPACES = ("SimpleNamespace", "Namespace", "_local")  # which hold what their users set
CONTAINERS = (list, dict, set, deque, bytearray)
ENVIRONMENT = ("environ", "environb", "getenv", "getenvb")
LARGEST = 100_000  # items of a list that are looked at


Bind = Callable[[Any], str]  # the name of an object in an expression


class Place(NamedTuple):
    """Some values that are read together: where, and how."""

    what: str
    names: Callable[[], list[Any]]  # of the values
    read: Callable[[], list[Any]]
    told: Callable[[str, Any, Any], str] | None = None  # a name with what was, and what is there
    quick: Callable[[Bind], str] | None = None  # expressions: while these are the same, all is


def places_of(function: Any, args: Iterable[Any]) -> list[Place]:
    """What the code of a function refers to, and its arguments that are no arrays."""
    scan = _Scan()
    scan.add(function)
    for x in args:
        scan.add(x)
    return scan.found()


def modules_in(value: Any) -> Iterator[Any]:
    """The modules of a module."""
    if not isinstance(value, type) and hasattr(type(value), "named_buffers"):
        yield from value.modules()


class _Scan:
    """A walk from a function over all that it refers to."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.names: dict[str, None] = {}  # that the codes refer to, of globals and attributes
        self.objects: list[Any] = []  # whose attributes may be read
        self.functions: list[Any] = []
        self.optimizers: list[Any] = []
        self.schedules: list[Any] = []
        self.codes: list[tuple[types.CodeType, dict[str, Any]]] = []
        self._seen: dict[int, Any] = {}

    def found(self) -> list[Place]:
        count = -1
        while count != (count := len(self._seen)):  # names and objects lead to each other
            for code, scope in list(self.codes):
                for name in _names_in(code):
                    if name in scope:
                        self.add(scope[name])
            for each in list(self.objects):
                for names, scope in self._scopes(each):
                    for name in names:
                        self._attribute(scope.get(name))
                for value in _slots(each, self._slots_of(each)):
                    self.add(value)
        for code, scope in self.codes:
            if names := [n for n in _names_in(code) if n in scope]:
                self.places.append(_of_names("global", names, scope))
        for each in self.objects:
            if hasattr(each, "__dict__") and not isinstance(each, type):
                self.places.append(_of_own(vars(each), self.names))
            for names, scope in self._scopes(each):
                if names:
                    self.places.append(_of_names("attribute", names, scope))
            if names := self._slots_of(each):
                self.places.append(_of_slots(each, names))
        functions = self.functions
        self.places.append(Place(
            "the code or a default of", lambda: [f.__qualname__ for f in functions for _ in "123"],
            lambda: [x for f in functions for x in (f.__code__, f.__defaults__, f.__kwdefaults__)],
            quick=lambda bind: ", ".join(
                f"{f}.__code__, {f}.__defaults__, {f}.__kwdefaults__" for f in map(bind, functions)
            ),
        ))  # fmt: skip
        self._rates()
        if not self.names.keys().isdisjoint(ENVIRONMENT):
            self.places.append(Place(
                "environment variable", lambda: list(os.environ), lambda: [*os.environ.items()]
            ))  # fmt: skip
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
        if isinstance(value, weakref.ReferenceType):
            self.places.append(Place("weak reference", lambda: ["to"], partial(_held_by, value)))
        if isinstance(value, weakref.WeakSet):
            self.places.append(Place("item", partial(_numbers_of, value), partial(list, value)))
            value = tuple(value)
        value = strong(value)
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
        elif isinstance(value, CONTAINERS) or _is_mapping(value):
            self._items(value)
        elif isinstance(value, (tuple, frozenset)):
            for part in value:
                self.add(part)
        elif isinstance(value, ContextVar):
            self.places.append(Place("variable", lambda: [value.name], lambda: [value.get(None)]))
        elif "__wrapped__" in getattr(value, "__dict__", ()):
            self.add(value.__wrapped__)
        elif hasattr(type(value), "add_param_group"):
            self.optimizers.append(value)
            if is_users(value):
                self.objects.append(value)
        elif hasattr(type(value), "get_last_lr"):
            self.schedules.append(value)
        elif hasattr(type(value), "named_buffers"):
            for module in value.modules():
                self._seen[id(module)] = module
                if is_users(module):
                    self.objects.append(module)
        elif hasattr(type(value), "get_last_lr"):
            pass  # schedules are read at every run
        elif is_users(value) or type(value).__name__ in NAMESPACES:
            self.objects.append(value)

    def _function(self, function: types.FunctionType) -> None:
        if not is_users(function):
            return
        self.functions.append(function)
        codes = [function.__code__]
        for code in codes:  # while it grows: lambdas and comprehensions
            codes += [x for x in code.co_consts if isinstance(x, types.CodeType)]
            self.codes.append((code, function.__globals__))
            self.names.update(dict.fromkeys(_names_in(code)))
        if cells := function.__closure__:
            names = list(function.__code__.co_freevars)
            self.places.append(Place(
                "closed-over", lambda: names, lambda: _contents(cells),
                quick=lambda bind: ", ".join(f"{bind(c)}.cell_contents" for c in cells),
            ))  # fmt: skip
            for value in _contents(cells):
                self.add(value)
        self.add(function.__defaults__ or ())
        self.add(function.__kwdefaults__ or {})
        if vars(function):
            self.objects.append(function)

    def _items(self, value: Any) -> None:
        if len(value) > LARGEST:
            self.places.append(Place("item", lambda: ["count"], lambda: [len(value)]))
            return
        if isinstance(value, Mapping):
            self.places.append(Place(
                "item", lambda: [*value], lambda: [*value, *value.values()],
                quick=lambda bind: f"*{bind(value)}, *{bind(value)}.values()",
            ))  # fmt: skip
            parts = list(value.values())
        else:
            self.places.append(Place(
                "item", lambda: [*range(len(value))], lambda: list(value),
                quick=lambda bind: f"*{bind(value)}",
            ))  # fmt: skip
            parts = list(value)
        for part in parts:
            self.add(part)

    def _scopes(self, owner: Any) -> Iterator[tuple[list[str], Any]]:
        """Where an object has what codes name: in itself, and in classes that are the user's."""
        mro = (*type(owner).__mro__, *(owner.__mro__ if isinstance(owner, type) else ()))
        is_plain = isinstance(owner, (types.ModuleType, types.FunctionType))
        classes = [] if is_plain else [vars(cls) for cls in mro if is_users(cls)]
        shared = dict.fromkeys(  # which an object, or a class of another, may come to have too
            n for held in classes for n, x in held.items() if n in self.names or _is_asked(n, x)
        )
        own = None if isinstance(owner, type) else getattr(owner, "__dict__", None)
        if isinstance(own, dict):
            names = [n for n in own if n in self.names]
            yield [*names, *(n for n in shared if n not in own)], own
        for held in classes:
            yield list(shared), held

    def _slots_of(self, owner: Any) -> list[str]:
        kinds = [vars(cls) for cls in type(owner).__mro__]
        slots = [n for k in kinds for n, x in k.items() if type(x) is types.MemberDescriptorType]
        return [n for n in slots if n in self.names]

    def _attribute(self, value: Any) -> None:
        """Methods are walked into."""
        if isinstance(value, property):
            self.add(value.fget)
        else:
            self.add(value.__func__ if isinstance(value, (classmethod, staticmethod)) else value)


# Methods that nobody calls by their names, but for those that compare, show, make and change.
UNASKED = frozenset((
    "__init__", "__new__", "__post_init__", "__repr__", "__str__", "__eq__", "__hash__", "__del__",
    "__setattr__", "__delattr__", "__reduce__", "__getstate__", "__setstate__", "__replace__",
))  # fmt: skip


def _is_asked(name: str, value: Any) -> bool:
    if name == "forward":
        return True
    return name[:2] == "__" and name not in UNASKED and isinstance(value, types.FunctionType)


def _names_in(code: types.CodeType) -> list[str]:
    """What a code refers to, also by text, as in getattr(x, "name")."""
    return [*code.co_names, *(x for x in code.co_consts if type(x) is str and x.isidentifier())]


def _slots(owner: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(owner, n, None) for n in names]


def _held_by(reference: Any) -> list[Any]:
    return [reference()]


def _numbers_of(values: Any) -> list[int]:
    return [*range(len(values))]


def _of_rates(read: Callable[[], list[float]]) -> Place:
    return Place("rate", lambda: [*range(len(read()))], lambda: [*read()])


def _is_mapping(value: Any) -> bool:
    """Whether it is a mapping of a library, which is read by its items."""
    return isinstance(value, Mapping) and not is_users(value)


def _of_slots(owner: Any, names: list[str]) -> Place:
    return Place("attribute", lambda: names, lambda: _slots(owner, names))


def _of_names(what: str, names: list[str], scope: Any) -> Place:
    def quick(bind: Bind) -> str:
        scoped = bind(scope)
        return ", ".join(
            f"{scoped}[{n!r}]" if n in scope else f"{scoped}.get({n!r})" for n in names
        )

    return Place(what, lambda: names, lambda: [scope.get(n) for n in names], quick=quick)


def _of_own(scope: dict[str, Any], mentioned: dict[str, None]) -> Place:
    """How many of the names there are: one more may hide that of a class."""
    known = mentioned.keys()
    return Place("the count", lambda: ["of attributes"], lambda: [len(known & scope.keys())])


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


@functools.cache
def _is_installed(root: str) -> bool:
    module = sys.modules.get(root)
    return "site-packages" in (getattr(module, "__file__", None) or "")

"""What a call finds around it that is no Tensor: numbers, lists, options of modules, generators.

A trace holds them as they were. What the call itself changes of them is no part of a program, and
raises; so does a run that finds another value than the trace did. Names are those that the code of
the call mentions, of functions that it refers to, and of the classes of what they refer to.
"""

from __future__ import annotations

import functools
import random
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd.engine.constants import are_same
from autograd.engine.mutation import owner_of
from autograd.engine.operands import tensor_types
from autograd.program.mentioned import (
    DEEPEST,
    LONGEST,
    codes,
    is_library,
    is_named,
    is_of_a_user,
    iterators_of,
    nested_codes,
    stored_in,
    strong,
)
from autograd.program.places import (
    ITEM,
    PLAIN,
    Place,
    attribute_reader,
    braced,
    content,
    is_same,
    items,
    reader,
    slots_of,
    structure,
    structure_keys,
)
from autograd.program.watched import Watched

__all__ = ["Surroundings", "some_of"]

OF_OPTIMIZERS = ("defaults", "param_groups", "state")  # which runs read
LARGEST = 1 << 20  # bytes of an array that functions of NumPy may have been called on
PLACES = 1_024  # of a larger one that are compared


class Surroundings:
    """The values that a call may read by names of its own."""

    def __init__(self, function: Any, given: Sequence[Any] = ()) -> None:
        self.places: list[Place] = []
        self.options: list[Place] = []  # of optimizers, which runs read, and calls must not set
        self.arrays: list[tuple[str, Any, Any]] = []  # that NumPy may have computed with
        self.read: list[tuple[str, Any, Any]] = []  # those that the program reads itself
        self.modules: list[tuple[str, Any, bool]] = []  # with their mode
        self._left: set[Any] = set()  # modules whose mode the call sets itself
        self._generators: list[tuple[str, Any, Any]] = []
        self._seen: set[int] = set()
        self._mentioned: set[str] = set()
        others = [x for x in given if not isinstance(x, (*PLAIN, np.ndarray, *tensor_types))]
        self._stored: set[str] = set()  # attributes that codes set
        self.watched = Watched(function, others)  # what runs must find as it was
        roots = (function, *others)
        for code in (code for root in roots for code in codes(root, set())):
            self._mentioned.update(code.co_names)
            self._stored.update(stored_in(code))
            self._mentioned.update(x for x in code.co_consts if type(x) is str)  # getattr(x, "a")
        for root in roots:
            self._look("", root, 0)
        self.iterators = list(iterators_of(function))
        self._global = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002

    # ---- what has become of them ---------------------------------------------------------------

    def changed(self, with_options: bool = False) -> str | None:
        """What is another value than before, in words."""
        for place in (*self.places, *self.options) if with_options else self.places:
            found = place.difference()
            if found is not None:
                name, old, new = found
                return f"{name} is {new}, and was {old}"
        for name, module, training in self.modules:
            if module.training is not training and module not in self._left:
                return f"training of {name} is {module.training}, and was {training}"
        for name, array, then in self.arrays:
            if not are_same(some_of(array), then):
                return f"{name} holds other numbers, and NumPy may have computed with it"
        return None

    def other(self) -> str | None:
        """What a run finds that is not as it was in the trace, in words."""
        found = self.changed()
        if found is None and not self.watched.hold():
            found = self.watched.change()
        return found

    def modes(self) -> list[tuple[Any, bool]]:
        """The modules whose mode is another one now, with it; they get back the old one."""
        found = [(m, m.training) for _, m, training in self.modules if m.training is not training]
        self._left |= {module for module, _ in found}
        for _, module, training in self.modules:
            object.__setattr__(module, "training", training)
        return found

    def drawn(self) -> str | None:
        """What drew numbers behind the back of a trace; its state is put back."""
        found = None
        for name, generator, state in self._generators:
            if not is_same(_state_of(generator), state):
                _set_state(generator, state)
                found = name
        ours, theirs = self._global
        if random.getstate() != ours:
            random.setstate(ours)
            found = "the module random"
        now = np.random.get_state(legacy=False)  # noqa: NPY002 (that of old code)
        if not is_same(now, theirs):
            np.random.set_state(theirs)  # noqa: NPY002
            found = "np.random"
        return found

    def put_back(self) -> None:
        """Undo what a call has changed."""
        for place in (*self.places, *self.options):
            if place.difference() is not None:
                place.put_back()
        self.modes()

    def note_held(self, held: Iterable[Any], tensors: Iterable[Any]) -> None:
        """What the program reads at every run: no need to compare these arrays."""
        self.forget_arrays({id(owner_of(x)) for x in held if isinstance(x, np.ndarray)})
        self.watched.add_tensors(tensors)
        self.watched.take()

    def forget_arrays(self, read: set[int]) -> None:
        """Arrays that a program reads at every run need not be compared."""
        self.read = [found for found in self.arrays if id(owner_of(found[1])) in read]
        self.arrays = [found for found in self.arrays if id(owner_of(found[1])) not in read]

    # ---- looking for them ----------------------------------------------------------------------

    def _look(self, name: str, value: Any, depth: int) -> None:
        value = strong(value)
        kind = type(value)
        if isinstance(value, PLAIN) or kind in tensor_types or depth > DEEPEST:
            return
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, functools.partial):
            self._look(name, value.func, depth)
            self._each(name, dict(enumerate(value.args)) | value.keywords, depth)
        elif isinstance(value, MethodType):
            self._look(name, value.__self__, depth)
            self._look(name, value.__func__, depth)
        elif isinstance(value, FunctionType):
            self._function(value, depth)
        elif isinstance(value, np.ndarray):
            if value.dtype.kind in "biufc":
                self.arrays.append((name, value, some_of(value).copy()))
        elif isinstance(value, GENERATORS):
            self._generators.append((name, value, _state_of(value)))
        elif kind is list or kind is tuple or isinstance(value, (dict, deque, set)):
            self._container(name, value, depth)
        elif hasattr(kind, "named_buffers"):
            self._module(name, value, depth)
        elif isinstance(value, ModuleType):
            if not is_named(value.__name__):
                held = vars(value).items()
                self._names(
                    vars(value), {n: v for n, v in held if n in self._mentioned}, f"{name}."
                )
        elif hasattr(kind, "add_param_group"):
            self._options(name, value)
            if is_of_a_user(kind):  # which may count its steps in an attribute of its own
                self._attributes(name, value, depth, OF_OPTIMIZERS)
        elif isinstance(value, type):
            self._class(name, value, depth)
        elif is_of_a_user(kind):
            self._object(name, value, depth)

    def _each(self, name: str, found: Mapping[Any, Any], depth: int) -> None:
        for key, part in found.items():
            self._look(f"{name}.{key}".lstrip("."), part, depth + 1)

    def _container(self, name: str, value: Any, depth: int) -> None:
        if len(value) > LONGEST:
            return
        is_dict = isinstance(value, dict)
        keys = tuple(value) if is_dict else tuple(range(len(value)))
        then = tuple(value.values()) if is_dict else tuple(value)
        if type(value) is not tuple:
            read = items if is_dict else tuple
            self.places.append(Place(read, value, keys, then, f"{braced(name)}{ITEM}"))
        for key, part in zip(keys, then, strict=True):
            self._look(f"{name}[{key!r:.40}]", part, depth + 1)

    def _function(self, function: Any, depth: int) -> None:
        code = function.__code__
        if depth and is_named(function.__module__):
            return
        names = {name for each in nested_codes(code) for name in each.co_names}
        known = {n: v for n, v in function.__globals__.items() if n in names}
        self._names(function.__globals__, known, "")
        self._each("", known, depth)
        cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
        for name, cell in cells.items():
            try:
                then = (cell.cell_contents,)
            except ValueError:
                continue  # not yet filled in
            if isinstance(then[0], (*PLAIN, *tensor_types)):
                self.places.append(Place(content, cell, (name,), then, "{}"))
            self._look(name, then[0], depth + 1)
        for name, part in zip(reversed(code.co_varnames[: code.co_argcount]),
                              reversed(function.__defaults__ or ()), strict=False):  # fmt: skip
            self._look(name, part, depth + 1)
        self._each("", function.__kwdefaults__ or {}, depth)

    def _names(self, holder: Any, known: Mapping[str, Any], prefix: str) -> None:
        kinds: tuple[Any, ...] = PLAIN if "_parameters" in holder else (*PLAIN, *tensor_types)
        plain = {n: v for n, v in known.items() if isinstance(v, kinds)}
        if plain:
            read = reader(tuple(plain))
            name = f"{braced(prefix)}{{}}"
            self.places.append(Place(read, holder, tuple(plain), tuple(plain.values()), name))

    def _module(self, name: str, root: Any, depth: int) -> None:
        for path, module in root.named_modules():
            if id(module) in self._seen and module is not root:
                continue
            self._seen.add(id(module))
            own = f"{name}.{path}".strip(".")
            label = own or type(module).__name__
            self.modules.append((label, module, module.training))
            then = structure(module)
            self.places.append(Place(structure, module, structure_keys(module), then,
                                     f"{braced(label)}.{{}}"))  # fmt: skip
            self._attributes(own, module, depth)

    def _attributes(
        self, name: str, value: Any, depth: int, but: Sequence[str] = ("training",)
    ) -> None:
        held = vars(value)
        ours = is_library(type(value))
        known = {n: v for n, v in held.items() if ours or n in self._mentioned}
        known = {n: v for n, v in known.items() if n[0] != "_" or not ours}
        known = {n: v for n, v in known.items() if n not in but}
        self._names(held, known, f"{name}." if name else "")
        registered = ("_parameters", "_modules", "_buffers")
        skipped = {n for registry in registered for n in held.get(registry, ())}
        self._each(name, {n: v for n, v in known.items() if n not in skipped}, depth)
        self._unset(name, held, sorted(self._stored - held.keys() - skipped))
        if not ours:
            self._look(name, type(value), depth)

    def _unset(self, name: str, holder: Any, names: Sequence[str]) -> None:
        """Attributes that are not there, and that the call may set."""
        if names:
            keys = tuple(names)
            label = f"{braced(name)}.{{}}".lstrip(".")
            read = attribute_reader(keys)
            self.places.append(Place(read, holder, keys, read(holder), label))

    def _class(self, name: str, kind: type, depth: int) -> None:
        """The numbers that a class has, as `Config.rate`; those of its bases too."""
        for each in kind.__mro__:
            if is_library(each):
                continue
            known = {n: v for n, v in vars(each).items() if n in self._mentioned}
            self._names(vars(each), known, f"{name}.")

    def _options(self, name: str, optimizer: Any) -> None:
        """Options are read at every run, but a call must not set them."""
        for number, group in enumerate(optimizer.param_groups):
            keys = tuple(name for name in group if name != "params")
            then = tuple(group[name] for name in keys)
            label = f"{braced(name)}.param_groups[{number}][{{!r}}]"
            self.options.append(Place(reader(keys), group, keys, then, label))

    def _object(self, name: str, value: Any, depth: int) -> None:
        if hasattr(type(value), "get_last_lr"):
            return  # schedules are read at every run
        if isinstance(getattr(value, "__dict__", None), dict):
            self._attributes(name, value, depth)
        if own := sorted(slots_of(type(value)) & self._mentioned):
            self._unset(name, value, own)
            self._each(name, {n: getattr(value, n) for n in own if hasattr(value, n)}, depth)


def some_of(array: Any, largest: int = LARGEST) -> Any:
    """An array, or numbers from all over a large one, to be compared: a new batch has others."""
    if array.nbytes <= largest:
        return array
    step = -(-array.size // PLACES)
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    return flat[:: step | 1]  # an odd step: not one column of a matrix alone


GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


def _state_of(generator: Any) -> Any:
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    if isinstance(generator, random.Random):
        return generator.getstate()
    return generator.get_state(legacy=False)


def _set_state(generator: Any, state: Any) -> None:
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, random.Random):
        generator.setstate(state)
    else:
        generator.set_state(state)

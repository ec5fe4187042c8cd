"""Surroundings: what a call reads besides its arguments, as it was when its plan was made.

A plan is good only while they are the same: names and attributes that the code refers to, the
modules that were called with all that is set on them, which Tensors require grad and have hooks,
and those options of optimizers on which the form of their step depends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.compiler.face.places import NUMBERS, Place, modules_in, places_of
from autograd.engine.operands import tensor_types

__all__ = ["Surroundings"]

LATER = ("_compiled", "history", "stop_training", "_example")


class Surroundings:
    """Places, and what was there."""

    def __init__(self, function: Any, args: Iterable[Any]) -> None:
        args = list(args)
        self.places = places_of(function, args)
        self._modules: dict[int, Any] = {}
        self._then: list[list[Any]] = []
        found = [value for place in self.places for value in place.read()]
        for value in (*args, function, getattr(function, "__self__", None), *found):
            if type(value) not in tensor_types:
                self.add_modules(modules_in(value))
        self.take()

    def add_modules(self, modules: Iterable[Any]) -> None:
        """Modules that the call uses, and all that is set on them."""
        for module in modules:
            if id(module) not in self._modules:
                self._modules[id(module)] = module
                self.places.append(_of_module(module))

    def add_tensors(self, tensors: Iterable[Any]) -> None:
        """Tensors that the call reads: whether they require grad, and their hooks."""
        held = [t for t in tensors if type(t) in tensor_types]
        if held:
            self.places.append(Place(
                "whether it requires grad, or the hooks, of",
                lambda: [t._label() for t in held],
                lambda: [_needs(t._node) for t in held],
            ))  # fmt: skip

    def add_optimizers(self, optimizers: Iterable[Any]) -> None:
        """Optimizers that take a step, and the form of it."""
        for optimizer in dict.fromkeys(optimizers):
            self.places.append(_of_optimizer(optimizer))

    def take(self) -> None:
        """What is there now is what was there."""
        self._reads = [place.read for place in self.places]
        self._then = [place.read() for place in self.places]
        self._ids = [id(value) for values in self._then for value in values]

    def hold(self) -> bool:
        """Whether all is as it was."""
        now: list[Any] = []
        for read in self._reads:
            now += read()
        if list(map(id, now)) == self._ids:
            return True
        if self.change() is not None:
            return False
        self.take()  # other objects, the same numbers
        return True

    def change(self) -> str | None:
        """What is no more as it was, in words."""
        for place, then in zip(self.places, self._then, strict=True):
            now = place.read()
            names = [*map(str, place.names()), *("?" for _ in now)]
            if len(now) != len(then):
                return f"{place.what} of which there are {len(now)}, and were {len(then)}"
            for name, value, old in zip(names, now, then, strict=False):
                if not _are_same(value, old):
                    return f"{place.what} {name}: {_shown(old)} -> {_shown(value)}"
        return None


def _of_module(module: Any) -> Place:
    own = vars(module)
    is_trained = hasattr(module, LATER[0])

    def read() -> list[Any]:
        found = list(own.values())
        if is_trained and not own.keys().isdisjoint(LATER):
            found = [v for n, v in own.items() if n not in LATER]
        if hooks := own.get("_hooks"):
            found += [tuple(h) for h in vars(hooks).values()]
        return found

    path = module._path or module._kind
    names = lambda: [n for n in own if n not in LATER]  # noqa: E731
    return Place(f"in {path},", names, read)


def _of_optimizer(optimizer: Any) -> Place:
    """Numbers count as 0 or not: others are read at every run."""
    forms: dict[Any, Any] = {}  # so that a tuple of numbers has one form, and no new one

    def read() -> list[Any]:
        found: list[Any] = []
        for group in optimizer.param_groups:
            for name, value in group.items():
                if name == "params":
                    found += value
                elif type(value) is float:
                    found.append("a number" if value else "zero")
                else:
                    found.append(forms.setdefault(x := _form(value), x)
                                 if type(value) is tuple else value)  # fmt: skip
        return found

    def names() -> list[str]:
        return [
            x
            for group in optimizer.param_groups
            for name, value in group.items()
            for x in ([name] * len(value) if name == "params" else [name])
        ]

    return Place(f"the option of {type(optimizer).__name__}", names, read)


def _form(value: Any) -> Any:
    if type(value) is float:
        return "a number" if value else "zero"
    return tuple(map(_form, value)) if type(value) is tuple else value


def _needs(node: Any) -> Any:
    if node is None:
        return None
    return tuple(node.extra.hooks) if node.extra is not None and node.extra.hooks else ()


def _are_same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, NUMBERS):
        return type(a) is type(b) and (bool(a == b) or (a != a and b != b))
    if type(a) is tuple and type(b) is tuple:
        return len(a) == len(b) and all(map(_are_same, a, b))
    return False


def _shown(value: Any) -> str:
    kind = type(value)
    is_short = isinstance(value, NUMBERS) or kind is tuple
    return f"{value!r:.40}" if is_short else f"another {kind.__name__}"

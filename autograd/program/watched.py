"""What a call reads besides its arguments, as it was in its trace.

A program is good only while that is the same: names and attributes that the code refers to, which
Tensors require grad and have hooks; and of plans, of which there may be several, all that is set on
the modules that were called, and those options of optimizers on which the form of a step depends.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.engine.identity import Expressions, identities
from autograd.engine.operands import tensor_types
from autograd.program.referred import NUMBERS, Bind, Place, modules_in, places_of

__all__ = ["Watched"]

LATER = ("_compiled", "history", "stop_training", "_example")


class Watched:
    """Places, and what was there."""

    def __init__(self, function: Any, args: Iterable[Any]) -> None:
        args = list(args)
        self.places = places_of(function, args)
        self._modules: dict[int, Any] = {}
        self._found = [*args, function, getattr(function, "__self__", None)]
        self._found += [value for place in self.places for value in place.read()]
        self.take()

    def add_found_modules(self) -> None:
        """All that is set on the modules that the code refers to."""
        for value in self._found:
            if type(value) not in tensor_types:
                self.add_modules(modules_in(value))

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
                "",
                lambda: [t._label() for t in held],
                lambda: [_needs(t._node) for t in held],
                _other_needs,
                lambda bind: ", ".join(_quick_needs(t, bind) for t in held),
            ))  # fmt: skip

    def add_optimizers(self, optimizers: Iterable[Any]) -> None:
        """Optimizers that take a step, and the form of it."""
        for optimizer in dict.fromkeys(optimizers):
            self.places.append(_of_optimizer(optimizer))

    def take(self) -> None:
        """What is there now is what was there."""
        self._then = [place.read() for place in self.places]
        expressions = Expressions()
        self._quick = expressions.reader(self.expressions(expressions.bind))
        self._seen: tuple[Any, ...] = self._quick()  # held, as identities do not
        self._are_seen = identities(self._seen)

    def expressions(self, bind: Bind) -> list[str]:
        """What gives the same objects for as long as all is as it is now."""
        return [
            place.quick(bind) if place.quick else f"*{bind(place.read)}()" for place in self.places
        ]

    def hold(self) -> bool:
        """Whether all is as it was."""
        try:
            if self._are_seen(self._quick()):
                return True
        except (LookupError, AttributeError, ValueError):
            pass  # something is no more there
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
                if _are_same(value, old):
                    continue
                if place.told is not None:
                    return place.told(name, old, value)
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

    def quick(bind: Bind) -> str:
        is_plain = own.get("_hooks") is None and own.keys().isdisjoint(LATER)
        return f"*{bind(own)}.values()" if is_plain else f"*{bind(read)}()"

    path = module._path or module._kind
    names = lambda: [n for n in own if n not in LATER]  # noqa: E731
    return Place(f"in {path},", names, read, quick=quick)


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


def _quick_needs(tensor: Any, bind: Bind) -> str:
    """The same by what is looked at: the node, its Extra, and that this has no hooks."""
    node = tensor._node
    found = [f"{bind(tensor)}._node"]
    if node is not None:
        found.append(f"{bind(node)}.extra")
        if node.extra is not None:
            has_none = node.extra.hooks is None
            hooks = f"{bind(node.extra)}.hooks" if has_none else f"{bind(_needs)}({bind(node)})"
            found.append(hooks)
    return ", ".join(found)


def _other_needs(name: str, old: Any, new: Any) -> str:
    if (new is None) is (old is None):
        return f"{name} has other hooks than it had"
    now, then = ("does not require", "did") if new is None else ("requires", "did not")
    return f"{name} {now} grad, and {then}"


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

"""How an op is called: which arguments are its inputs, which its static parameters."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from autograd.engine.arguments import ALIASES
from autograd.engine.checks import PACKAGES, Check, checks_of
from autograd.engine.missing import refuse_meaning, refuse_place, unexpected
from autograd.errors import ArgumentTypeError, OpDefinitionError

__all__ = ["ALIASES", "Signature"]

_VARIADIC = 4  # CPython's bit for *args in co_flags
# What cannot change, in annotations.
_FIXED = {"bool", "complex", "float", "int", "str", "tuple", "None", "class", "ForwardRef"}

_words = functools.cache(re.compile(r"\w+").findall)  # of annotations, which are the same in many


def _may_hold_arrays(forward: Callable[..., Any], name: str) -> bool:
    """Whether a parameter may be more than numbers, text and tuples of such, by its annotation."""
    if forward.__module__.partition(".")[0] not in PACKAGES:
        return True  # the annotations of a user's own op are not checked
    words = _words(str(forward.__annotations__.get(name, "Any")))
    return not all(_is_fixed(forward.__globals__.get(word, word)) for word in words)


@functools.cache
def _is_fixed(meaning: Any) -> bool:
    """Whether a word of an annotation means numbers, text and tuples of such."""
    fields = meaning.__annotations__.values() if hasattr(meaning, "_fields") else (meaning,)
    return all(_FIXED.issuperset(_words(str(field))) for field in fields)


class _Given(int):
    """In a remembered sorting: the number of the argument that belongs here."""


class Signature:
    """The arguments of a forward: the positional-only ones are inputs, all others parameters."""

    __slots__ = (
        "_checks", "_sorted", "defaults", "holders", "inputs", "name", "optional", "params",
        "signed", "variadic",
    )  # fmt: skip

    def __init__(self, forward: Callable[..., Any]) -> None:
        self.name = forward.__name__.rstrip("_").lstrip("_")
        code, defaults = forward.__code__, forward.__defaults__ or ()
        positional = code.co_varnames[: code.co_argcount]
        keyword = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        by_name = dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
        by_name |= forward.__kwdefaults__ or {}
        self.variadic = bool(code.co_flags & _VARIADIC)
        if self.variadic:
            starred = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
            self.inputs: tuple[str, ...] = (starred,)
            self.params: tuple[str, ...] = keyword
        else:
            self.inputs = positional[: code.co_posonlyargcount]
            self.params = positional[code.co_posonlyargcount :] + keyword
        if reserved := {"g", "out", "needs"} & {*self.inputs, *self.params}:
            raise OpDefinitionError(
                f"{self.name}: {', '.join(reserved)} has a meaning in rules; rename the parameter"
            )
        self.optional = tuple(name for name in self.inputs if name in by_name)
        self.defaults = {name: by_name[name] for name in self.params if name in by_name}
        self.signed = forward  # whose annotations say what the parameters may be
        self.holders = tuple([name for name in self.params if _may_hold_arrays(forward, name)])
        self._checks: dict[str, Check] | None = None
        self._sorted: dict[Any, Any] = {}  # by the number of arguments, with the keywords

    @property
    def checks(self) -> dict[str, Check]:
        """The checks of the static parameters."""
        if self._checks is None:
            is_public = self.signed.__module__.startswith("autograd.ops.")
            found = checks_of(self.signed) if is_public else {}
            self._checks = {name: found[name] for name in self.params if name in found}
        return self._checks

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Sort a call's arguments into inputs and static parameters."""
        if self.variadic:
            if kwargs.keys() <= self.defaults.keys() and len(self.defaults) == len(self.params):
                inputs, params = args, self.defaults | kwargs
            else:
                inputs, params = self._sort(args, kwargs)
            for name, check in self.checks.items():
                if params[name] is not self.defaults.get(name):
                    params[name] = check(self.name, params[name])
            return inputs, params
        if not kwargs and len(args) == len(self.inputs) and len(self.defaults) == len(self.params):
            return args, self.defaults
        given: Any = args
        if kwargs:
            found, given = self._sorted.get((len(args), *kwargs)), (*args, *kwargs.values())
        else:
            found = self._sorted.get(len(args))
        inputs, params, checks, in_order = found or self._remembered(args, kwargs)
        for i, check in checks:
            value = given[i]
            kind = type(value)
            if kind in check.plain or (kind is tuple and check.knows(value)):
                continue
            if check.same.get(id(value), check) is value:
                continue
            if (n := check(self.name, value)) is not value:
                given = [*given[:i], n, *given[i + 1 :]]
        if in_order is not None:  # as most calls are
            count, names, defaults = in_order
            by_name = dict(zip(names, given[count:]))  # noqa: B905 (as many as names)
            return given[:count], by_name | defaults if defaults else by_name
        return (
            [given[i] if type(i) is _Given else i for i in inputs],
            {name: given[i] if type(i) is _Given else i for name, i in params.items()},
        )

    def _remembered(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A way to call it that is new: numbers are sorted, for the next calls like it too."""
        numbers = [_Given(i) for i in range(len(args) + len(kwargs))]
        by_name = dict(zip(kwargs, numbers[len(args) :], strict=True))
        inputs, params = self._sort(tuple(numbers[: len(args)]), by_name)
        checks = [(params[n], c) for n, c in self.checks.items() if type(params[n]) is _Given]
        found = inputs, params, checks, self._in_order(inputs, params)
        self._sorted[(len(args), *kwargs) if kwargs else len(args)] = found
        return found

    def _in_order(self, inputs: Any, params: dict[str, Any]) -> Any:
        """The number of inputs, the parameters given, the others; None unless in this order."""
        given = [name for name, value in params.items() if type(value) is _Given]
        numbers = [*inputs, *map(params.__getitem__, given)]
        if any(type(n) is not _Given or n != i for i, n in enumerate(numbers)):
            return None
        if given != [*params][: len(given)]:
            return None
        return len(inputs), tuple(given), {n: params[n] for n in [*params][len(given) :]}

    def _sort(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        count = len(args) if self.variadic else len(self.inputs)
        inputs, rest = args[:count], args[count:]
        if len(rest) > len(self.params):
            raise self._call_error(f"takes at most {count + len(self.params)} arguments")
        if len(args) > 2:
            refuse_place(self.name)
        given = dict(zip(self.params, rest, strict=False))
        for name, value in kwargs.items():
            if name in ALIASES and name not in self.params:
                refuse_meaning(self.name, name, kwargs)
                name = ALIASES[name]
            if name in self.inputs[len(inputs) :] and not self.variadic:
                given[name] = value
            elif name not in self.params:
                shown = ", ".join((*self.inputs, *(f"{p}=" for p in self.params)))
                raise unexpected(f"{self.name}({shown})", name, [*self.inputs, *self.params])
            elif name in given:
                raise self._call_error(f"got two values for {name!r}")
            else:
                given[name] = value
        if not self.variadic:
            inputs = inputs + tuple(self._input(n, given) for n in self.inputs[len(inputs) :])
        if missing := [n for n in self.params if n not in given and n not in self.defaults]:
            raise self._call_error(f"misses {', '.join(missing)}")
        return inputs, {n: given[n] if n in given else self.defaults[n] for n in self.params}

    def _input(self, name: str, given: dict[str, Any]) -> Any:
        if name in given:
            return given.pop(name)
        if name in self.optional:
            return None
        raise self._call_error(f"misses its input {name!r}")

    def _call_error(self, what: str) -> ArgumentTypeError:
        shown = ", ".join((*self.inputs, *(f"{p}=" for p in self.params)))
        return ArgumentTypeError(f"{self.name}({shown}) {what}")

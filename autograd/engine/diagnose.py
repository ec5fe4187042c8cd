"""What is wrong with an argument, in words: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import GeneratorType
from typing import Any, ParamSpec, TypeVar

import numpy as np

from autograd.engine.callers import variable_of
from autograd.engine.dtypes import COMPLEX, unless_rare
from autograd.engine.modes import current_mode
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, shown

__all__ = [
    "blame", "check_choice", "for_reals", "here", "is_complex", "label", "listed",
    "refuse_complex",
]  # fmt: skip

Given = ParamSpec("Given")
Result = TypeVar("Result")
_REAL = frozenset((float, int, bool, str, type(None), np.float32, np.float64))
Choice = TypeVar("Choice", str, str | None)


def here() -> str:
    """The module call that runs now, as the end of a message: `   in encoder.0 (Linear)`."""
    scope = current_mode().scope
    return "" if scope is None else f"     in {scope!r}"


def label(value: Any, formal: str) -> str:
    """The user's name for an input: its own, or that of a variable; else the parameter's."""
    name = getattr(value, "name", None)
    return str(name) if name else variable_of(value) or formal


def check_choice(name: str, value: Any, choices: tuple[Choice, ...]) -> Choice:
    """The value itself if it is one of the choices, or a ValueError that names the nearest one."""
    if value in choices:
        return choices[choices.index(value)]
    import difflib  # late: only for the message

    plain = {str(c).lower(): c for c in reversed(choices) if c is not None}
    near = difflib.get_close_matches(str(value).lower(), plain, 4, 0.4)
    hint = f"; did you mean {plain[near[0]]!r}?" if near else ""
    *most, last = map(repr, choices)
    known = f"{', '.join(most)} or {last}"
    if near and len(choices) > 20:  # whoever has misspelled one of sixty does not read them all
        known = f"one of {len(choices)} names, such as {', '.join(repr(plain[n]) for n in near)}"
    raise ArgumentError(f"{name} must be {known}, got {value!r}{hint}")


def listed(what: str, given: Iterable[Any], kind: type | None = None) -> list[Any]:
    """All that an iterable gives; a ValueError if it is an iterator that gives nothing any more.

    A new generator may give nothing. Of `filter`, `map`, `zip` and `iter` nobody can tell whether
    they are new, and an empty list is seldom meant.
    """
    if not isinstance(given, Iterable) or getattr(given, "ndim", 1) == 0:
        raise ArgumentTypeError(f"{what} must be an iterable, got {shown(given)}{here()}")
    fresh = isinstance(given, GeneratorType) and given.gi_frame is not None
    found = list(given)
    for item in found:
        if kind is not None and not isinstance(item, kind):
            raise ArgumentTypeError(
                f"{what} must be {kind.__name__}s; among them is {shown(item)}{here()}"
            )
    if not found and isinstance(given, Iterator) and not fresh:
        raise ArgumentError(
            f"the {type(given).__name__} of {what} is used up"
            + ("" if isinstance(given, GeneratorType) else ", or holds nothing")
            + (
                "; call model.parameters() again"
                if what == "parameters"
                else "; make it anew for each call, or keep a list"
            )
            + here()
        )
    return found


def is_complex(value: Any) -> bool:
    """Whether an array, a Tensor or a number is complex."""
    kind = type(value)
    if kind is np.ndarray:
        return type(value.dtype) in COMPLEX
    if kind in _REAL:
        return False
    return type(getattr(value, "dtype", None)) in COMPLEX or isinstance(value, complex)


def refuse_complex(name: str, values: tuple[Any, ...]) -> None:
    """Raise where a function of real numbers gets a complex one."""
    for value in values:
        if type(value) not in _REAL and is_complex(value):
            what = f"{value.dtype}" if hasattr(value, "dtype") else f"{value!r:.60}"
            raise DTypeError(
                f"{name}: expected real numbers, got {what}; "
                f"take autograd.real(x), autograd.imag(x) or autograd.abs(x) first{here()}"
            )


def for_reals(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same function of real numbers alone: complex ones raise, as `real_only` ops do."""
    name = function.__name__.strip("_")

    def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        refuse_complex(name, (*args, *kwargs.values()))
        return function(*args, **kwargs)

    return unless_rare(function, call, function)


def blame(
    where: str, given: Mapping[str, Any], arrays: Container[str], error: Exception
) -> Exception:
    """The error to raise instead of one from inside, if one of the arguments is to blame for it.

    Those named in `arrays` should have been arrays: a number or a list has no dtype, None nothing.
    """
    for name, value in given.items():
        is_large = isinstance(value, int) and abs(value) >= (
            2**31 if isinstance(error, OverflowError) else 2**63
        )
        if is_large:
            return ArgumentError(f"{where}: {name} is too large, got {shown(value)}{here()}")
    if _home(error) not in ("autograd", "nn", "optim", "numpy"):
        return error  # of a user's function
    for name, value in given.items():
        if name in arrays and isinstance(error, AttributeError) and not hasattr(value, "dtype"):
            return DTypeError(
                f"{where}: {name} must be a Tensor or an array, got {shown(value)}{here()}"
            )
    return error


def _home(error: Exception) -> str:
    """The package whose code raised an error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = "" if trace is None else trace.tb_frame.f_globals.get("__name__", "")
    return str(module).partition(".")[0]

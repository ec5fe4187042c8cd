"""The check of one parameter: the annotation says the kind, the name the range.

`stride: int | tuple[int, ...]` is a whole number, or several; that a stride is at least 1 is said
once, in `autograd.engine.ranges`, for everything public that has one.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from autograd.engine.diagnose import here
from autograd.engine.kinds import KINDS, Kind, is_index, is_number, is_one_of, is_tensor, kinds_of
from autograd.engine.modes import captures, capturing
from autograd.engine.ranges import (
    ANY,
    AT_LEAST_1,
    BY_NAME,
    EMPTY,
    FINITE,
    INFINITE,
    NOT_NAN,
    POSITIVE,
    RANGES,
    SHAPES,
    TOO_LARGE,
    Range,
)
from autograd.errors import ArgumentError, DTypeError, ShapeError, shown

__all__ = ["MOST", "PACKAGES", "Check", "check_options", "checks_of", "is_learned"]

PACKAGES = ("autograd", "nn", "optim")

_NUMERIC = KINDS["float"].plain
_FOREIGN = {np.int64, np.float64, np.bool_}  # NumPy's, for which Python's own are put
_ARRAY, _CONSTANTS = KINDS["Array"], KINDS["Constants"]
_TOP = 2**63 - 1  # of whole numbers
_REMEMBERED = frozenset((int, str, type(None)))  # what tuples that were looked at are known by
_TUPLES = frozenset((tuple,))
MOST = 1000  # values and plans that are remembered


def is_learned(value: Any) -> bool:
    """Whether a number is a Tensor that stays one: it has a gradient, or a call is being traced."""
    if not is_tensor(value):
        return False
    traced = bool(captures) and capturing() is not None and value.dtype.kind == "f"
    return traced or value._node is not None


def _numbers(value: Any) -> Iterator[Any]:
    """The numbers in a value, nested ones too."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif is_number(value):
        yield operator.index(value) if is_index(value) else value


def _own(value: Any) -> Any:
    """Python's own numbers and tuples of such, where arrays or other libraries' numbers stand."""
    if isinstance(value, (list, tuple)):
        items = tuple(map(_own, value))
        is_own = type(value) is tuple and all(map(operator.is_, items, value))
        return value if is_own else items
    if hasattr(value, "dtype"):
        numbers = value.tolist()
        return tuple(numbers) if isinstance(numbers, list) else numbers
    return operator.index(value) if is_index(value) else value


def _is_nested(value: tuple[Any, ...]) -> bool:
    """Whether a tuple holds tuples of what is remembered."""
    return _TUPLES.issuperset(map(type, value)) and _REMEMBERED.issuperset(
        map(type, chain.from_iterable(value))
    )


class Check:
    """The check of one parameter; it is asked for values whose type is not `plain`."""

    __slots__ = (
        "counts", "infinite", "kinds", "known", "name", "numeric", "owns", "plain", "range", "same",
        "takes_arrays", "top",
    )  # fmt: skip

    def __init__(self, name: str, annotation: str, kinds: tuple[Kind, ...]) -> None:
        self.name = name
        self.kinds = kinds
        self.takes_arrays = _ARRAY in kinds
        self.counts = any("number" in kind.words for kind in kinds)
        self.counts = self.counts and not self.takes_arrays and _CONSTANTS not in kinds
        said = RANGES.get(annotation.removesuffix(" | None")) or RANGES.get(name)
        self.range = said or FINITE
        self.infinite = name in INFINITE or self.range in (ANY, NOT_NAN)
        self.plain = set[type]().union(*[kind.plain for kind in kinds])
        self.numeric = self.plain & _NUMERIC
        self.owns = self.counts or kinds[0] is KINDS["bool"]
        if self.owns:
            self.plain -= _FOREIGN
        if KINDS["float"] in kinds or said is not None:
            self.plain -= _NUMERIC  # what is looked at; else every whole number fits
        self.top = _TOP if KINDS["int"] in kinds else math.inf
        self.known: set[tuple[int, ...]] = set()  # tuples that fit
        self.same: dict[int, Any] = {}  # by id: numbers and tuples that fit, such as a layer's own

    def __call__(self, where: str, value: Any) -> Any:
        """The value, in Python's own numbers if it counts; TypeError or ValueError if unfit."""
        kind = type(value)
        if kind is np.ndarray and self.takes_arrays and value.dtype.kind in "biufc":
            return value
        if kind is tuple and self.knows(value):
            own = value
        elif kind in self.numeric and -self.top < value < self.top and self.range.fits(value):
            own = value if kind is float or kind is int else value.item()
        else:
            if captures and self.counts and is_tensor(value):
                value = self._read(where, value)
            self._look(where, value)
            own = _own(value) if self.owns else value
        if self.takes_arrays and is_tensor(value):
            self.plain.add(kind)  # from now on one look at the type tells
        elif kind is tuple and (_REMEMBERED.issuperset(map(type, value)) or _is_nested(value)):
            if len(self.known) < MOST:
                self.known.add(value)
            self._hold(value)
        elif own is value and (kind is float or kind is int):
            self._hold(value)
        return own

    def _hold(self, value: Any) -> None:
        """One look tells of this very object again: its id is no other's while it is held here."""
        if len(self.same) >= MOST:
            self.same = {}
        self.same[id(value)] = value

    def knows(self, value: tuple[Any, ...]) -> bool:
        """Whether a tuple is one that was looked at before, and fits; 1.0 and True equal 1."""
        known = _REMEMBERED.issuperset(map(type, value)) or _is_nested(value)
        return known and value in self.known

    def _read(self, where: str, value: Any) -> Any:
        """The number of a Tensor; a call that is being traced is told whose it is."""
        if (capture := capturing()) is None or value._node is not None or value.ndim:
            return value
        capture.read(value, f"the {self.name} of {where}")
        return value._value

    def _look(self, where: str, value: Any) -> None:
        if not is_one_of(value, self.kinds):
            constant = self.counts or _CONSTANTS in self.kinds
            if constant and getattr(value, "requires_grad", False):
                raise DTypeError(
                    f"{where}: {self.name} is a constant, and the gradient of the Tensor that was "
                    f"given would be lost.\n  Pass its number, {self.name}=t.item(), or write the "
                    f"function with operators of Tensors.{here()}"
                )
            *most, last = dict.fromkeys(kind.words for kind in self.kinds)
            allowed = f"{', '.join(most)} or {last}" if most else last
            takes_several = self.counts and any(k not in KINDS.values() for k in self.kinds)
            several = value if takes_several and isinstance(value, (tuple, list)) else ()
            is_value = several and all(map(is_number, several))  # numbers, but not such
            hint = self._hint(where, value)
            raise (ArgumentError if is_value else DTypeError)(
                f"{where}: {self.name} must be {allowed}, got {shown(value)}{hint}{here()}"
            )
        if not self.counts:
            return
        faults = [fault for number in _numbers(value) if (fault := self._fault(number))]
        if isinstance(value, (tuple, list)) and not value and self.range in (AT_LEAST_1, POSITIVE):
            faults = [EMPTY]
        if faults:
            raise (ShapeError if self.name in SHAPES else ArgumentError)(
                f"{where}: {self.name} {faults[0].words}, got {shown(value)}{here()}"
            )

    def _hint(self, where: str, value: Any) -> str:
        """What was meant, where a value in the place of another parameter tells it."""
        if self.name == "dtype" and isinstance(value, bool):
            return f"; write keepdims={value}"
        if self.name in ("argnums", "preserve_rng_state") and not isinstance(value, str):
            return f"; arguments are for the function that it gives: {where}(f)(x)"
        return ""

    def _fault(self, number: Any) -> Range | None:
        if number != number or abs(number) == math.inf:
            limited = self.range is not ANY and (number != number or not self.infinite)
            return FINITE if limited else None if self.range.fits(number) else self.range
        if not self.range.fits(number):
            return self.range
        return TOO_LARGE if abs(number) > self.top else None


def checks_of(function: Callable[..., Any]) -> dict[str, Check]:
    """The checks of a function's parameters, by name, for those that have one."""
    checks: dict[str, Check] = {}
    function = inspect.unwrap(function)
    if function.__module__.partition(".")[0] not in PACKAGES:
        return checks  # what a user's own function takes is the user's to say
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = parameter.annotation
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if isinstance(annotation, type):
            annotation = annotation.__name__
        if not isinstance(annotation, str):
            continue
        if annotation in ("Any", "Any | None"):
            annotation = BY_NAME.get(name, "Any")
        written = f"{annotation} | None" if parameter.default is None else annotation
        kinds = kinds_of(written, function.__globals__)
        if kinds is not None:
            checks[name] = Check(name, annotation, kinds)
    return checks


def check_options(
    where: str, function: Callable[..., Any], options: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Check options by name as if the function were called with them; what it would get."""
    for name, check in _checks_by_function(function).items():
        if name in options and type(value := options[name]) not in check.plain:
            checked = check(where, value)
            options = options if checked is value else {**options, name: checked}
    return options


_checks_by_function = functools.cache(checks_of)

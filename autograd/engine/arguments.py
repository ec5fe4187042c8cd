"""Arguments are checked where they come in: the annotation says the kind, the name the range.

`stride: int | tuple[int, ...]` is a whole number, or several; that a stride is at least 1 is said
once, in `autograd.engine.ranges`, for everything public that has one. The checks of a function are
read from its signature at its first call.
"""

from __future__ import annotations

import functools
import inspect
import math
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, ParamSpec, TypeVar

import numpy as np

from autograd.engine.diagnose import blame, here
from autograd.engine.dtypes import PLAIN_KINDS, RARE, USUAL_FORM
from autograd.engine.kinds import KINDS, Kind, is_index, is_number, is_one_of, is_tensor, kinds_of
from autograd.engine.missing import refuse_meaning, unexpected
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
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, shown

__all__ = [
    "ALIASES", "PACKAGES", "Check", "check_options", "checked", "checked_class",
    "checks_of", "guard", "guarded", "spelled",
]  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")
PACKAGES = ("autograd", "nn", "optim")
# PyTorch's spellings, which are understood
ALIASES = {
    "dim": "axis", "keepdim": "keepdims", "dims": "axis", "diagonal": "k", "shifts": "shift",
}  # fmt: skip

_NUMERIC = KINDS["float"].plain
_FOREIGN = {np.int64, np.float64, np.bool_}  # NumPy's, for which Python's own are put
_ARRAY, _CONSTANTS = KINDS["Array"], KINDS["Constants"]
_TOP = 2**63 - 1  # of whole numbers
_REMEMBERED = frozenset((int, str, type(None)))  # what tuples that were looked at are known by
_TUPLES = frozenset((tuple,))
_MOST = 1000


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
            self._look(where, value)
            own = _own(value) if self.owns else value
        if self.takes_arrays and is_tensor(value):
            self.plain.add(kind)  # from now on one look at the type tells
        elif kind is tuple and (_REMEMBERED.issuperset(map(type, value)) or _is_nested(value)):
            if len(self.known) < _MOST:
                self.known.add(value)
            self._hold(value)
        elif own is value and (kind is float or kind is int):
            self._hold(value)
        return own

    def _hold(self, value: Any) -> None:
        """One look tells of this very object again: its id is no other's while it is held here."""
        if len(self.same) >= _MOST:
            self.same = {}
        self.same[id(value)] = value

    def knows(self, value: tuple[Any, ...]) -> bool:
        """Whether a tuple is one that was looked at before, and fits; 1.0 and True equal 1."""
        known = _REMEMBERED.issuperset(map(type, value)) or _is_nested(value)
        return known and value in self.known

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
            hint = (
                f"; write keepdims={value}"
                if self.name == "dtype" and isinstance(value, bool)
                else ""
            )
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


# ---- callables -----------------------------------------------------------------------------------


class _Arguments:
    """The checks of a function, in order and by name, once it is called."""

    __slots__ = ("by_name", "function", "in_order", "names", "plans", "skips")

    def __init__(self, function: Callable[..., Any], skips: int = 0) -> None:
        self.function = function
        self.skips = skips
        self.in_order: list[Check | None] | None = None
        # by the types of arguments: what of them is checked, and which may be of rare numbers
        self.plans: dict[tuple[type, ...], tuple[list[tuple[int, Check]], list[int]]] = {}

    def read(self) -> list[Check | None]:
        """Read them from the signature."""
        self.by_name = checks_of(self.function)
        parameters = inspect.signature(self.function).parameters.values()
        named = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
        self.names = tuple(named[self.skips :])
        self.in_order = [*(self.by_name.get(name) for name in self.names), None]  # never empty
        return self.in_order

    def remember(self, kinds: tuple[type, ...]) -> None:
        """Plan the checks of the next call with arguments of these types."""
        if len(self.plans) < _MOST:
            pairs = zip(kinds, self.in_order or ())  # noqa: B905 (*args go on)
            checks = [
                (i, check)
                for i, (kind, check) in enumerate(pairs)
                if check is not None and kind not in check.plain
            ]
            asks = self.function in USUAL_FORM
            self.plans[kinds] = (
                checks,
                [i for i, kind in enumerate(kinds) if asks and kind not in PLAIN_KINDS],
            )

    def named(self, where: str, kwargs: dict[str, Any]) -> None:
        """Check what is given by name, and put numbers for arrays that stand for such."""
        for name, value in kwargs.items():
            check = self.by_name.get(name)
            if check is None or type(value) in check.plain:
                continue
            if check.same.get(id(value), check) is not value:
                kwargs[name] = check(where, value)

    def numbers(self, where: str, args: Any) -> list[Any]:
        """The positional arguments, with numbers for arrays that stand for such."""
        checks = dict(enumerate(self.in_order or self.read()))
        return [v if (c := checks.get(i)) is None else c(where, v) for i, v in enumerate(args)]

    def refuse_unknown(self, where: str, kwargs: Mapping[str, Any]) -> None:
        """Say what a keyword that the function does not have is called here."""
        parameters = inspect.signature(self.function).parameters
        if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            known = [name for name, p in parameters.items() if p.kind != p.POSITIONAL_ONLY]
            for name in kwargs:
                if name not in known:
                    raise unexpected(where, name, known[self.skips :]) from None

    def blame(
        self, where: str, args: Any, kwargs: Mapping[str, Any], error: Exception
    ) -> Exception:
        """The error to raise instead, if one of the arguments is to blame."""
        given = dict(zip(self.names, args)) | dict(kwargs)  # noqa: B905 (*args go on)
        arrays = {n for n, check in self.by_name.items() if _ARRAY in check.kinds}
        return blame(where, given, arrays, error)


def checked(function: Callable[P, R], name: str = "") -> Callable[P, R]:
    """A function that checks its arguments, and takes PyTorch's `dim` and `keepdim` too."""
    code = inspect.unwrap(function).__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    aliases = {t: ours for t, ours in ALIASES.items() if ours in known and t not in known}
    where = name or function.__name__
    arguments, usual = _Arguments(function), USUAL_FORM.get(function, function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs:
            return function()  # type: ignore[call-arg]
        if kwargs and aliases:
            for theirs in aliases.keys() & kwargs.keys():
                refuse_meaning(where, theirs, kwargs)
                if aliases[theirs] in kwargs:
                    raise ArgumentTypeError(f"{where}() got two values for {aliases[theirs]!r}")
                kwargs[aliases[theirs]] = kwargs.pop(theirs)
        # written out: this is the cost of every call
        kinds = tuple(map(type, args))
        plan, run = arguments.plans.get(kinds), function
        if plan is None:
            args = tuple(arguments.numbers(where, args))
            arguments.remember(kinds)
        else:
            checks, doubtful = plan
            for i, check in checks:
                value = args[i]
                if check.same.get(id(value), check) is value:
                    continue
                if (own := check(where, value)) is not value:
                    args = (*args[:i], own, *args[i + 1 :])
            if doubtful and not kwargs:
                for i in doubtful:
                    if type(getattr(args[i], "dtype", args[i])) in RARE:
                        break
                else:
                    run = usual
        if kwargs:
            arguments.named(where, kwargs)
        try:
            return run(*args, **kwargs) if kwargs else run(*args)  # type: ignore[call-arg]
        except (AttributeError, OverflowError) as error:
            raise arguments.blame(where, args, kwargs, error) from None
        except TypeError:
            arguments.refuse_unknown(where, kwargs)
            raise

    _CHECKED.add(call)
    return call


def spelled(method: Callable[P, R]) -> Callable[P, R]:
    """A method that checks its arguments itself, and says what a keyword of others is called."""
    arguments = _Arguments(method, skips=1)

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except TypeError:
            arguments.refuse_unknown(method.__name__, kwargs)
            raise

    return call


def checked_class(cls: type) -> None:
    """Let a class check the arguments of `__init__`, those of its instances and of subclasses.

    What a class hands on to the `__init__` of its own base is its own affair.
    """
    init = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    if not inspect.isfunction(init):
        return
    arguments = _Arguments(init, skips=1)

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        made = next(c for c in type(self).__mro__ if c in _CHECKED)
        if made is cls:
            arguments.in_order or arguments.read()
            args = tuple(arguments.numbers(cls.__name__, args))
            arguments.named(cls.__name__, kwargs)
        try:
            init(self, *args, **kwargs)
        except TypeError:
            arguments.refuse_unknown(cls.__name__, kwargs)
            raise

    _CHECKED.add(cls)
    cls.__init__ = __init__  # type: ignore[misc]


_CHECKED: set[Any] = set()  # functions and classes
_REST = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def guard(module: str, names: Iterable[str]) -> None:
    """Let the public functions and classes of a module check their arguments."""
    namespace = vars(sys.modules[module])
    for name in names:
        if name in namespace:
            namespace[name] = guarded(namespace[name])


def guarded(value: Any) -> Any:
    """A public function or class that checks its arguments; anything else as it is."""
    if inspect.isclass(value):
        if value not in _CHECKED and not issubclass(value, (BaseException, tuple)):
            checked_class(value)
        return value
    if not inspect.isfunction(value) or hasattr(value, "op") or value in _CHECKED:
        return value
    code = inspect.unwrap(value).__code__
    if not (code.co_argcount or code.co_kwonlyargcount or code.co_flags & _REST):
        return value  # there is nothing to check
    new, name = checked(value), value.__name__
    home = vars(sys.modules[value.__module__])
    if home.get(name) is value:
        home[name] = new  # so that it can be pickled
    return new


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

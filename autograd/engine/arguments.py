"""Arguments are checked where they come in, as annotations and names say; see `checks`.

The checks of a function are read from its signature at its first call.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from autograd.engine.checks import MOST, Check, checks_of, is_learned
from autograd.engine.diagnose import blame
from autograd.engine.dtypes import PLAIN_KINDS, RARE, USUAL_FORM
from autograd.engine.kinds import KINDS
from autograd.engine.missing import refuse_meaning, unexpected
from autograd.errors import ArgumentTypeError

__all__ = ["ALIASES", "checked", "checked_class", "guard", "guarded", "learns", "spell", "spelled"]

P = ParamSpec("P")
R = TypeVar("R")
# PyTorch's spellings, which are understood
ALIASES = {
    "dim": "axis", "keepdim": "keepdims", "dims": "axis", "diagonal": "k", "shifts": "shift",
    "dim1": "axis1", "dim2": "axis2",
}  # fmt: skip


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
        if len(self.plans) < MOST:
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
            by_place = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL}
            known = [name for name, p in parameters.items() if p.kind not in by_place]
            for name in kwargs:
                if name not in known:
                    raise unexpected(where, name, known[self.skips :]) from None

    def blame(
        self, where: str, args: Any, kwargs: Mapping[str, Any], error: Exception
    ) -> Exception:
        """The error to raise instead, if one of the arguments is to blame."""
        given = dict(zip(self.names, args)) | dict(kwargs)  # noqa: B905 (*args go on)
        arrays = {n for n, check in self.by_name.items() if KINDS["Array"] in check.kinds}
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


def learns(**places: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let some parameters of a checked function, named with their places, be Tensors to learn.

    A Tensor that requires grad, or is traced, goes by the checks of numbers; what it is given to
    gives its gradient.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        unchecked: Any = function.__wrapped__  # type: ignore[attr-defined]

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for name, place in places.items():
                value = kwargs.get(name) if place >= len(args) else args[place]
                if is_learned(value):
                    return unchecked(*args, **kwargs)
            return function(*args, **kwargs)

        _CHECKED.add(call)
        return call

    return decorate


def spelled(method: Callable[P, R]) -> Callable[P, R]:
    """A method that checks its arguments itself, and says what a keyword of others is called."""
    owner, _, name = method.__qualname__.rpartition(".")
    arguments = _Arguments(method, skips=1 if owner else 0)
    where = owner if name in ("__init__", "__new__") else name

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except TypeError:
            if kwargs:
                arguments.refuse_unknown(where, kwargs)
            raise

    return call


def spell(cls: type, *names: str) -> None:
    """Let methods of a class say what a keyword of others is called."""
    for name in names:
        setattr(cls, name, spelled(vars(cls)[name]))


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
        except TypeError as error:
            arguments.refuse_unknown(cls.__name__, kwargs)
            lacks = f"{init.__qualname__}() missing"  # perhaps of a base that nobody wrote
            if str(error).startswith(lacks):
                rest = str(error).removeprefix(lacks)
                raise ArgumentTypeError(f"{cls.__name__}() missing{rest}") from None
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


guard("autograd.engine.modes", ("enable_grad", "no_grad"))  # which this file stands on

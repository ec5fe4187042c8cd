"""What the engine does while it runs: record or not, in which module, with source lines or not.

The mode is one immutable object in a context variable, so that it is per thread and per task, and
the hot path reads it once.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Generator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, TypeVar

__all__ = [
    "Mode",
    "Scope",
    "current_mode",
    "detect_anomaly",
    "enable_grad",
    "is_grad_enabled",
    "no_grad",
    "scope",
    "set_grad_enabled",
    "trace",
]

F = TypeVar("F", bound=Callable[..., Any])


class Scope:
    """One call of a module: its attribute name, its kind, and the call that it happened in."""

    __slots__ = ("kind", "name", "parent")

    def __init__(self, name: str, kind: str = "", parent: Scope | None = None) -> None:
        self.name = name
        self.kind = kind
        self.parent = parent

    @property
    def path(self) -> str:
        """Dotted path from the outermost module that has a name, as in `encoder.0.linear`."""
        names = []
        here: Scope | None = self
        while here is not None:
            if here.name:
                names.append(here.name)
            here = here.parent
        return ".".join(reversed(names))

    def __repr__(self) -> str:
        path, kind = self.path, self.kind
        return f"{path} ({kind})" if path and kind else path or kind


class Mode:
    """An immutable setting of the engine; a change makes a new one."""

    __slots__ = ("detects_nan", "records", "scope", "traces")

    def __init__(
        self,
        records: bool = True,
        scope: Scope | None = None,
        traces: bool = False,
        detects_nan: bool = False,
    ) -> None:
        self.records = records  # ops on tensors that require grad become nodes
        self.scope = scope  # the module call that runs now
        self.traces = traces  # nodes keep the source line that made them
        self.detects_nan = detects_nan  # backward looks for NaN after every rule

    def replace(self, **changes: Any) -> Mode:
        return Mode(**({name: getattr(self, name) for name in Mode.__slots__} | changes))


_mode: ContextVar[Mode] = ContextVar("chaingrad_mode", default=Mode())  # noqa: B039 (immutable)
current_mode: Callable[[], Mode] = _mode.get
set_mode: Callable[[Mode], Token[Mode]] = _mode.set
reset_mode: Callable[[Token[Mode]], None] = _mode.reset


class _ModeChange:
    """Context manager and decorator that changes some fields of the mode; reusable, nestable."""

    __slots__ = ("_changes", "_tokens")

    def __init__(self, **changes: Any) -> None:
        self._changes = changes
        self._tokens: list[Token[Mode]] = []

    def __enter__(self) -> None:
        self._tokens.append(set_mode(current_mode().replace(**self._changes)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        reset_mode(self._tokens.pop())

    def __call__(self, function: F) -> F:
        changes = self._changes
        if inspect.isgeneratorfunction(function):
            return _step_by_step(function, changes)

        @functools.wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with _ModeChange(**changes):  # a fresh one: the function may recurse, or run in threads
                return function(*args, **kwargs)

        return decorated  # type: ignore[return-value]


def _step_by_step(function: F, changes: dict[str, Any]) -> F:
    """Run a generator's own steps in the mode, and the caller's code between them outside it."""

    @functools.wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        advance, value = generator.send, None
        while True:
            try:
                with _ModeChange(**changes):
                    item = advance(value)
            except StopIteration as stop:
                return stop.value
            try:
                value = yield item
                advance = generator.send
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:  # noqa: BLE001 - the caller's throw() belongs to the wrapped generator
                advance, value = generator.throw, error

    return decorated  # type: ignore[return-value]


def _decorates(change: Callable[[], _ModeChange], function: F | None) -> Any:
    """Both spellings: `@no_grad` and `@no_grad()`."""
    return change() if function is None else change()(function)


def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Do not record: a context manager, and a decorator with or without parentheses.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     (w * 3).requires_grad
    False
    """
    return _decorates(lambda: _ModeChange(records=False), function)


def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Record, even inside `no_grad`: a context manager, and a decorator.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     (w * 3).requires_grad
    True
    """
    return _decorates(lambda: _ModeChange(records=True), function)


class set_grad_enabled(_ModeChange):
    """Switch recording at once; as a context manager or decorator, only there.

    >>> import autograd as ag
    >>> with ag.set_grad_enabled(False):
    ...     ag.is_grad_enabled()
    False
    >>> ag.is_grad_enabled()
    True
    """

    __slots__ = ()

    def __init__(self, mode: bool) -> None:
        super().__init__(records=bool(mode))
        super().__enter__()

    def __enter__(self) -> None:
        if not self._tokens:  # the same object used a second time
            super().__enter__()

    def __call__(self, function: F) -> F:
        reset_mode(self._tokens.pop())
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether operations on tensors that require grad are being recorded.

    >>> import autograd as ag
    >>> ag.is_grad_enabled()
    True
    """
    return current_mode().records


def trace() -> _ModeChange:
    """Keep the source line that made each node, for messages and pictures (slower).

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.trace():
    ...     y = w * 3
    >>> y.grad_fn.where is not None
    True
    """
    return _ModeChange(traces=True)


def detect_anomaly() -> _ModeChange:
    """Keep source lines, and make backward raise at the first rule that produces NaN.

    >>> import autograd as ag
    >>> x = ag.Tensor(0.0, requires_grad=True, name="x")
    >>> with ag.detect_anomaly(), ag.errstate(all="ignore"):
    ...     (ag.sqrt(x) * 0.0).backward()
    Traceback (most recent call last):
    ...
    autograd.errors.NaNError: sqrt: the rule for x gave NaN...
    """
    return _ModeChange(traces=True, detects_nan=True)


class scope(_ModeChange):
    """Name what is recorded inside: a context manager.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.scope("encoder"), ag.scope("0", "Linear"):
    ...     (w * 3).grad_fn.scope
    encoder.0 (Linear)
    """

    __slots__ = ("_kind", "_name")

    def __init__(self, name: str, kind: str = "") -> None:
        super().__init__()
        self._name = name
        self._kind = kind

    def __enter__(self) -> None:
        self._changes = {"scope": Scope(self._name, self._kind, current_mode().scope)}
        super().__enter__()


def caller() -> str | None:
    """`file.py:42` of the innermost frame outside this package and `nn`, or None."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in ("autograd", "nn"):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None

"""What the engine does while it runs: record or not, in which module, with source lines or not.

The mode is one immutable object in a context variable, so that it is per thread and per task, and
the hot path reads it once.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, TypeVar, cast, overload

__all__ = [
    "Mode",
    "ModeChange",
    "Scope",
    "as_given",
    "at_any_length",
    "at_tracing",
    "captures",
    "capturing",
    "current_mode",
    "enable_grad",
    "interceptor",
    "is_grad_enabled",
    "no_grad",
    "packers",
    "scope",
    "set_grad_enabled",
    "tracing",
    "uncaptured",
]

F = TypeVar("F", bound=Callable[..., Any])

# Layers that bring their inputs to a dtype of their own leave them: gradcheck computes in double.
as_given: ContextVar[bool] = ContextVar("as_given", default=False)
# Layers that have a faster way for some lengths take the one that is the same for all: a trace of
# them holds at any length.
at_any_length: ContextVar[bool] = ContextVar("at_any_length", default=False)


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
    """An immutable setting of the engine; a change makes a new one, inside the one before."""

    __slots__ = (
        "capture", "depth", "outer", "packer", "records", "scope", "starts", "traces", "watches",
    )  # fmt: skip

    def __init__(
        self,
        records: bool = True,
        scope: Scope | None = None,
        traces: object = False,
        watches: tuple[Any, ...] = (),
        outer: Mode | None = None,
        capture: Any = None,
        depth: int = 0,
        packer: Any = None,
        starts: frozenset[Any] = frozenset(),
    ) -> None:
        self.records = records  # ops on tensors that require grad become nodes
        self.scope = scope  # the module call that runs now
        self.traces = traces  # nodes keep the source line that made them: True, or who asks for it
        self.watches = watches  # who looks on while rules run (see watch.py), the outermost first
        self.outer = outer  # the mode to return to
        self.capture = capture  # the call that is being traced (see graph/capture.py)
        self.depth = depth  # how many functions are being differentiated around (see core.py)
        self.packer = packer  # what packs what nodes save (see packing.py)
        self.starts = starts  # the leaves of these functions, of which they may change their copies

    def replace(self, watch: Any = None, **changes: Any) -> Mode:
        """The mode with some fields changed; `watch` is one more to look on."""
        mode = Mode(
            self.records,
            self.scope,
            self.traces,
            self.watches,
            self.outer,
            self.capture,
            self.depth,
            self.packer,
            self.starts,
        )
        if watch is not None:
            mode.watches = (*self.watches, watch)
        for name, value in changes.items():
            setattr(mode, name, value)
        return mode


_mode: ContextVar[Mode] = ContextVar("chaingrad_mode", default=Mode())  # noqa: B039 (immutable)
current_mode: Callable[[], Mode] = _mode.get
set_mode: Callable[[Mode], Token[Mode]] = _mode.set
reset_mode: Callable[[Token[Mode]], None] = _mode.reset
at_tracing: list[Callable[[], object]] = []  # what is called where a block of tracing begins
captures: list[Any] = []  # of all threads: while it is empty, nobody need look at the mode
packers: list[Any] = []  # of all threads, too


def capturing() -> Any:
    """The call that is being traced here, or None."""
    return _mode.get().capture if captures else None


def interceptor() -> Any:
    """What runs the calls of ops here in place of their recorders, or None."""
    mode = _mode.get()
    return mode.capture or mode.packer


class ModeChange:
    """Context manager and decorator that changes some fields of the mode.

    It keeps no state of its own (the mode knows the one around it), so one object may be used many
    times, nested, and by several threads.
    """

    __slots__ = ("_changes",)

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def __enter__(self) -> None:
        mode = current_mode()
        set_mode(mode.replace(outer=mode, **self._changes))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        set_mode(current_mode().outer or Mode())

    def __call__(self, function: F) -> F:
        """Decorate a function, a coroutine, or a generator of either kind."""
        import inspect  # late: it takes longer to load than the whole engine's modes

        if inspect.isasyncgenfunction(function):
            return cast(F, self._async_generator(function))
        if inspect.isgeneratorfunction(function):
            return cast(F, self._generator(function))
        if inspect.iscoroutinefunction(function):
            return cast(F, self._coroutine(function))

        @functools.wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast(F, decorated)

    def _coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def decorated(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return decorated

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The generator's own steps run in the mode, its caller's code between them does not."""

        @functools.wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            generator = function(*args, **kwargs)
            advance, value = generator.send, None
            while True:
                try:
                    with self:
                        item = advance(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    value = yield item
                    advance = generator.send
                except GeneratorExit:
                    with self:
                        generator.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - the caller's throw() is passed on
                    advance, value = generator.throw, error

        return decorated

    def _async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def decorated(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            generator = function(*args, **kwargs)
            advance, value = generator.asend, None
            while True:
                try:
                    with self:
                        item = await advance(value)
                except StopAsyncIteration:
                    return
                try:
                    value = yield item
                    advance = generator.asend
                except GeneratorExit:
                    with self:
                        await generator.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - the caller's athrow() is passed on
                    advance, value = generator.athrow, error

        return decorated


uncaptured = ModeChange(capture=None)  # what is done inside is no part of a traced call
_quiet, _recording = ModeChange(records=False), ModeChange(records=True)


def _decorates(change: ModeChange, function: F | None) -> Any:
    """Both spellings: `@no_grad` and `@no_grad()`."""
    if function is None:
        return change
    return change(function)


@overload
def no_grad(function: None = None) -> ModeChange: ...
@overload
def no_grad(function: F) -> F: ...
def no_grad(function: Callable[..., Any] | None = None) -> Any:
    """Do not record: a context manager, and a decorator with or without parentheses.

    `function` is what is decorated.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad():
    ...     (w * 3).requires_grad
    False
    """
    return _decorates(_quiet, function)


@overload
def enable_grad(function: None = None) -> ModeChange: ...
@overload
def enable_grad(function: F) -> F: ...
def enable_grad(function: Callable[..., Any] | None = None) -> Any:
    """Record, even inside `no_grad`: a context manager, and a decorator.

    `function` is what is decorated.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.no_grad(), ag.enable_grad():
    ...     (w * 3).requires_grad
    True
    """
    return _decorates(_recording, function)


class set_grad_enabled(ModeChange):
    """Switch recording at once; as a context manager or decorator, only there.

    >>> import autograd as ag
    >>> with ag.set_grad_enabled(False):
    ...     ag.is_grad_enabled()
    False
    >>> ag.is_grad_enabled()
    True
    """

    __slots__ = ("_before",)

    def __init__(self, mode: bool) -> None:
        super().__init__(records=bool(mode))
        self._before = current_mode()
        set_mode(self._before.replace(records=bool(mode)))

    def __enter__(self) -> None:
        set_mode(current_mode().replace(outer=self._before, **self._changes))

    def __call__(self, function: F) -> F:
        set_mode(self._before)  # what it decorates alone is in the mode
        return ModeChange(**self._changes)(function)


def is_grad_enabled() -> bool:
    """Whether operations on tensors that require grad are being recorded.

    >>> import autograd as ag
    >>> ag.is_grad_enabled()
    True
    """
    return current_mode().records


class tracing(ModeChange):
    """Keep the source line that made each node, for messages and pictures (slower).

    Also remembers, until the next such block, where values left the graph: see `autograd.why`.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True)
    >>> with ag.tracing():
    ...     y = w * 3
    >>> y.grad_fn.where is not None
    True
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(traces=True)

    def __enter__(self) -> None:
        if current_mode().traces is not True:
            for begin in at_tracing:
                begin()
        super().__enter__()


class scope(ModeChange):
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
        mode = current_mode()
        set_mode(mode.replace(outer=mode, scope=Scope(self._name, self._kind, mode.scope)))

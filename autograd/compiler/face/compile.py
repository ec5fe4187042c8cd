"""`ag.compile`: a function whose calls are traced once a kind, checked, and run as plans."""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Literal, ParamSpec, TypeAlias, TypeVar, overload

import numpy as np

from autograd.compiler.face.backend import prepared
from autograd.compiler.face.picture import graph_by_kernels
from autograd.compiler.face.planned import Planned, arrays_in
from autograd.compiler.face.shown import source_of, table_of
from autograd.compiler.face.signature import changes, signature
from autograd.compiler.face.snapshot import generators_of
from autograd.compiler.face.straight import Straight, straight
from autograd.compiler.face.trust import checked_call
from autograd.compiler.native.sources import Stale
from autograd.engine.constants import are_same
from autograd.engine.missing import Missing
from autograd.engine.modes import captures, current_mode
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import ArgumentError, ArgumentTypeError, AutogradError, StateError, TraceError
from autograd.graph.naming import called, parameter_names
from autograd.graph.pytree import nested
from autograd.program.program import Program
from autograd.system.forks import forkable
from autograd.system.memory import give_back_code, give_back_memory, uncollected
from autograd.tensors.windows import view_of

__all__ = ["CompiledFunction", "compile"]

P = ParamSpec("P")
R = TypeVar("R")
Check: TypeAlias = Literal["first", "always", "never"] | int

MOST = 8  # plans of one function before it is told
_OF_MODULES = (
    "eval", "load_state_dict", "modules", "named_parameters", "parameters", "state_dict", "train",
    "zero_grad",
)  # fmt: skip
SELDOM = 100  # calls between two looks for a short way, at most


class CompiledFunction(Generic[P, R]):
    """A function that runs as plans; `ag.compile` makes it, and calls are those of the function.

    `program` is the last plan's program and `plan` a table of what it runs; `source()` is the text
    of its loops; `plans` are all there are; `function` is the function itself.
    """

    locals().update(
        {n: Missing(n, f"a module that was compiled has it, f.function.{n}") for n in _OF_MODULES}
    )

    def __init__(self, function: Callable[P, R], check: Check = "first") -> None:
        _check_options(function, check)
        self.function = function
        self.check = check
        self._plans: dict[Any, tuple[Planned, ...]] = {}
        self._last: Planned | None = None
        self._straight: Straight | None = None  # of the plan that ran last
        self._lock = forkable(RLock())
        self._has_warned = False
        functools.update_wrapper(self, function, updated=())

    # ---- calling -------------------------------------------------------------------------------

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._straight is not None and not kwargs:
            found = self._straight(args)
            if found is not Stale:
                return found  # type: ignore[no-any-return]
        mode = current_mode()
        if captures and mode.capture is not None:
            return self.function(*args, **kwargs)  # a part of what is being traced
        if mode.packer is not None:
            return self.function(*args, **kwargs)  # a plan saves nothing that hooks could pack
        if mode.watches and not all(watch.sees_blocks for watch in mode.watches):
            return self.function(*args, **kwargs)  # as for detect_anomaly, which looks at rules
        key = signature(args, kwargs, mode.records)
        before = self._plans.get(key, ())
        found = self._known_call(before, args, kwargs)
        return self._first_call(key, before, args, kwargs) if found is _STALE else found

    def _known_call(self, plans: Any, args: Any, kwargs: Any) -> Any:
        """What one of these plans gives, or that none is good."""
        for planned in plans:
            if planned.holds():
                found = self._run(planned, args, kwargs)
                if found is not _STALE:
                    self._note(planned, args, kwargs)
                    return found
        return _STALE

    def _note(self, planned: Planned, args: Any, kwargs: Any) -> None:
        """This plan has run; the next call may go its short way, for which it looks at times."""
        self._last = planned
        if planned.calls >= planned.due and self.check in ("first", "never"):
            planned.due = planned.calls + min(planned.calls, SELDOM)
            planned.straight = straight(planned, args, kwargs)
        self._straight = planned.straight

    def _run(self, planned: Planned, args: Any, kwargs: Any) -> Any:
        """A call of a plan; where it stops, nothing is left of it but what an error says."""
        if planned.writes_inputs and any(map(_is_view, arrays_in(args, kwargs))):
            return self._eagerly(*args, **kwargs)  # what is written to a view others show too
        if planned.lies_otherwise(args, kwargs):
            return self._eagerly(*args, **kwargs)
        planned.calls += 1
        if self._is_checked(planned):
            with self._lock:
                found = checked_call(planned, self._eagerly, args, kwargs)
                return _STALE if found is Stale else found
        bits = generators_of(planned.program) if planned.program.draws else ()
        states = [(each, each.state) for each in bits]
        undo = planned.remember() if planned.undone else ()
        try:
            return planned(args, kwargs)
        except Exception as error:
            for take_back in reversed(undo):
                take_back()
            for each, state in states:
                each.state = state
            if isinstance(error, AutogradError) and error.needs_trace:
                return _STALE  # another value of what a layer looked at
            if planned.writes_early and not planned.stops_early(args, kwargs):
                raise
            for each, state in states:
                each.state = state
            # The call itself meets the same error, and says where; or it is the plan's own.
            self._eagerly(*args, **kwargs)
            raise

    def _eagerly(self, *args: Any, **kwargs: Any) -> Any:
        """The call itself, on Tensors where arrays are given, as plans are."""
        made: dict[int, tuple[Any, Any]] = {}

        def as_tensor(x: Any) -> Any:
            if not isinstance(x, (np.ndarray, np.generic)):
                return x
            return made.setdefault(id(x), (x, wrap(x.copy())))[1]

        args, kwargs = nested(as_tensor, (args, kwargs))
        found = self.function(*args, **kwargs)
        for array, tensor in made.values():
            if isinstance(array, np.ndarray) and not are_same(array, np.asarray(tensor._value)):
                array[...] = tensor._value  # the call has written to it
        return found

    def _is_checked(self, planned: Planned) -> bool:
        check = self.check
        if check == "first":
            return planned.calls == 1
        if check in ("never", "always"):
            return check == "always"
        return (planned.calls - 1) % int(check) == 0

    def _first_call(self, key: Any, before: Any, args: Any, kwargs: Any) -> R:
        with self._lock:
            known = self._plans.get(key, ())
            if known is not before:  # another thread was the first
                found = self._known_call(known, args, kwargs)
                if found is not _STALE:
                    return found  # type: ignore[no-any-return]
            with prepared(), uncollected():
                planned = self._planned(key, args, kwargs)
                for old in known:
                    if old.is_still(planned):
                        found = self._run(old, args, kwargs)
                        if found is not _STALE:
                            self._note(old, args, kwargs)
                            return found  # type: ignore[no-any-return]
                self._warn_of_many(key)
                found = self._run(planned, args, kwargs)
            if found is _STALE:
                raise TraceError(
                    f"compile: {called(self.function)} goes another way at each call; what Python "
                    "looks at must be the same for the same shapes"
                )
            self._plans[key] = (planned, *known)
            self._note(planned, args, kwargs)
            if planned.is_large:
                give_back_memory()  # no later call takes as much
                give_back_code("llvm")
            return found  # type: ignore[no-any-return]

    def _planned(self, key: Any, args: Any, kwargs: Any) -> Planned:
        """A plan of a call; where the call fails, it does so outside of a trace as well."""
        try:
            return Planned(self.function, args, kwargs, key)
        except TraceError:
            raise
        except Exception as error:  # noqa: BLE001 - raised below, if the call itself does not
            failed = error
        self._eagerly(*args, **kwargs)  # leaves what the call leaves
        raise failed

    def _warn_of_many(self, key: Any) -> None:
        plans = self.plans
        if len(plans) < MOST or self._has_warned:
            return
        self._has_warned = True
        names = tuple(parameter_names(self.function, len(key[0])))
        what = changes(plans[-1].key, key, names)
        if plans[-1].key == key:
            what = plans[-1].surroundings.change() or what
        warnings.warn(
            f"compile: {called(self.function)} has more than {MOST} plans, and each takes time and "
            f"memory; what changed last is {what}. Keep it the same, or give numbers as Tensors.",
            stacklevel=4,
        )

    # ---- looking at it -------------------------------------------------------------------------

    @property
    def plans(self) -> tuple[Planned, ...]:
        """All plans, in the order in which they were made."""
        found = [planned for plans in self._plans.values() for planned in plans]
        return tuple(sorted(found, key=lambda planned: planned.number))

    @property
    def program(self) -> Program:
        """The program of the plan that ran last."""
        return self._shown().program

    @property
    def graph(self) -> Any:
        """The graph of that call, each op in the kernel that does its work, for pictures."""
        return graph_by_kernels(self._shown())

    @property
    def plan(self) -> Any:
        """What that plan runs, as a table; with ms, once `ag.profile` has seen it run."""
        return table_of(self._shown())

    def source(self, llvm: bool = False) -> str:
        """The loops of that plan as text: as formulas, or as LLVM has them."""
        return source_of(self._shown(), llvm)

    def _shown(self) -> Planned:
        if self._last is None:
            raise StateError(
                f"{called(self.function)} has no plan yet: call it once, and there is one for the "
                "shapes of that call"
            )
        return self._last

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._plans, self._last, self._straight, self._has_warned = {}, None, None, False

    def __repr__(self) -> str:
        count = len(self.plans)
        plans = f"{count or 'no'} plan{'s' * (count != 1)}"
        return f"<compiled {called(self.function)}, {plans}, check={self.check!r}>"

    # ---- as a method, copied, elsewhere --------------------------------------------------------

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        """A method: each object has plans of its own."""
        if owner is None:
            return self
        name = f"_compiled_{called(self.function)}"
        known = getattr(owner, "__dict__", {}).get(name)
        if type(known) is CompiledFunction and getattr(known.function, "__self__", 0) is owner:
            return known
        bound = CompiledFunction(types.MethodType(self.function, owner), self.check)
        if hasattr(owner, "__dict__"):
            owner.__dict__[name] = bound
        return bound

    def __copy__(self) -> CompiledFunction[P, R]:
        return CompiledFunction(self.function, self.check)

    def __deepcopy__(self, memo: Any) -> CompiledFunction[P, R]:
        import copy

        return CompiledFunction(copy.deepcopy(self.function, memo), self.check)

    def __reduce__(self) -> Any:
        """By name where it has taken the name of its function, else with the function."""
        name = getattr(self.function, "__qualname__", "")
        module = inspect.getmodule(self.function)
        if "." not in name and getattr(module, name, None) is self:
            return name
        return CompiledFunction, (self.function, self.check)


_STALE: Any = object()


def _is_view(x: Any) -> bool:
    return type(x) in tensor_types and view_of(x) is not None


@overload
def compile(function: Callable[P, R], *, check: Check = "first") -> CompiledFunction[P, R]: ...
@overload
def compile(
    function: None = None, *, check: Check = "first"
) -> Callable[[Callable[P, R]], CompiledFunction[P, R]]: ...
def compile(function: Any = None, *, check: Check = "first") -> Any:
    """Compile a function, a module or a step of training: as a decorator, or called.

    `function` is traced at its first call with arguments of a kind (shapes, dtypes, what requires
    grad, training or evaluation mode), and then runs as a plan: without a tape, its memory planned.
    Calls of another kind get plans of their own. Arrays are taken as Tensors, and results are
    Tensors. What no plan can hold raises TraceError with the
    line, as `trace` says.

    `check` says which calls also run eagerly, on the same state and random numbers, to be compared:
    the "first" of each plan, "always", every so many, or "never". A difference that no rounding
    explains raises CompileMismatchError, and names the first instruction that differs.

    >>> import autograd as ag
    >>> @ag.compile
    ... def norm(x):
    ...     return ag.sqrt((x * x).sum())
    >>> norm(ag.Tensor([3.0, 4.0]))
    Tensor(5., dtype=float32)
    >>> norm
    <compiled norm, 1 plan, check='first'>
    """
    if function is None:
        return functools.partial(compile, check=check)
    _check_options(function, check)
    return CompiledFunction(function, check)


def _check_options(function: Any, check: Any) -> None:
    if not callable(function) or isinstance(function, type):
        raise ArgumentTypeError(
            f"compile takes a function, a module or a method, not {type(function).__name__}"
            + (", whose instances have methods" if isinstance(function, type) else "")
        )
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise ArgumentTypeError(
            "compile takes a function that returns its results, not a generator or a coroutine"
        )
    is_count = isinstance(check, int) and not isinstance(check, bool) and check > 0
    if check not in ("first", "always", "never") and not is_count:
        raise ArgumentError(
            f"check is 'first', 'always', 'never' or every how many calls, not {check!r}"
        )

"""The short way of a plan: as long as a call finds the very objects of the last one.

A plan whose kernels are all native, and which reads nothing but its arguments and Tensors, is good
for a call whose mode, arguments, surroundings and Tensors are the same. All of that is read by one
expression, and compared as one piece of memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.compiler.native.plan import Executor, NativePlan
from autograd.compiler.native.sources import Stale
from autograd.engine.dtypes import get_default_dtype
from autograd.engine.identity import Expressions, identities
from autograd.engine.modes import as_given, current_mode
from autograd.engine.operands import tensor_types

__all__ = ["Straight", "straight"]


Straight = Callable[[tuple[Any, ...]], Any]  # of arguments; it gives Stale where it cannot go


def straight(planned: Any, args: Any, kwargs: Any) -> Straight | None:
    """The short way of a plan that has just run, if it has one."""
    run = planned.run
    if kwargs or planned.pull is not None or planned.is_faced or planned.given.has_any:
        return None
    if type(run) is not NativePlan or run.changed or planned.writes_inputs:
        return None
    if planned.compared or planned.read.are_any or planned.lying is not None:
        return None
    if run.is_outdated or run.executor is None or not run.executor.is_plain:
        return None
    if any(type(x) not in tensor_types for x in args) or len({*map(id, args)}) < len(args):
        return None
    return _straight(planned, run.executor, args)


def _straight(planned: Any, executor: Executor, args: tuple[Any, ...]) -> Straight:
    expressions, tensors = Expressions(), executor.sources.held_places
    bind, names = expressions.bind, [f"a{k}" for k in range(len(args))]
    found = [
        *_mode(bind),
        *(_argument(name, x, bind) for name, x in zip(names, args, strict=True)),
        *planned.surroundings.expressions(bind),
    ]
    values = [f"{bind(tensor)}._value" for tensor in tensors]
    read = expressions.reader([*found, *values], ", ".join(names))
    now = read(*args)
    are_those, run = identities(now), executor.run_as_expected
    held = now[: len(now) - len(values)]  # and no array, which an optimizer may write to

    def call(args: tuple[Any, ...], held: Any = held) -> Any:
        try:
            if not are_those(read(*args)):
                return Stale
        except (LookupError, AttributeError, ValueError, TypeError):
            return Stale  # other arguments, or something is no more there
        try:
            found = run(call, args)
        except Exception:  # noqa: BLE001 - nothing is written yet, and the long way says what it is
            return Stale
        if found is not Stale:
            planned.calls += 1
        return found

    executor.expect(call, args, lambda: are_those(read(*args)))
    return call


def _mode(bind: Any) -> list[str]:
    now = f"{bind(current_mode)}()"
    return [
        f"(mode := {now}).records", "mode.watches", "mode.capture", "mode.packer",
        f"{bind(get_default_dtype)}()", f"{bind(as_given)}.get()",
    ]  # fmt: skip


def _argument(name: str, x: Any, bind: Any) -> str:
    """Its class, shape and dtype, and how it is in a graph."""
    value = x._value
    return (
        f"type({name}), {name}._value.dtype, {name}._value.shape == {bind(value.shape)}, "
        f"None if (node := {name}._node) is None else node.is_leaf"
    )

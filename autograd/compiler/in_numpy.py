"""A schedule run by NumPy: into the buffers of its arena, without a tape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import as_held, run_instruction
from autograd.compiler.lower.lower import lower
from autograd.compiler.planning.planner import schedule
from autograd.compiler.planning.writes import changed_by_steps
from autograd.compiler.schedule import Kernel, Schedule, trimmed, whole
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.program.run import Run, check_guard, check_shape
from autograd.tensors.inplace import opened

__all__ = ["InNumpy", "NumpyPlan"]

Values = dict[Instruction, Any]
_ALIGNED = 64


class NumpyPlan:
    """A program by its schedules: `plan(*args)` is `program(*args)`, by NumPy alone.

    There is one for each way in which gradients and the state of optimizers may be there or not.
    Several threads may run one at once: each call has an arena of its own while it runs.
    """

    def __init__(self, program: Any, fused: bool = False) -> None:
        self.program = program
        self.fused = fused
        self.ways: list[InNumpy] = []
        self.changed = changed_by_steps(program)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with uncaptured:
            this = Run(self.program, args, kwargs)
            with opened(self.changed):
                sources = this.sources()
                way, given = self._way(sources)
                self._check(sources)
                values = sources | way(given)
                this.write(values, way.schedule.in_place)
            return this.results(values)

    def _way(self, sources: Mapping[Node, Any]) -> tuple[InNumpy, Mapping[Instruction, Any]]:
        for way in self.ways:
            given = way.schedule.lowered.read(sources)
            if given is not None:
                return way, given
        lowered = lower(self.program, sources)
        given = lowered.read(sources)
        assert given is not None
        layouts = {x: value.strides for x, value in given.items() if np.ndim(value)}
        way = InNumpy(schedule(lowered, layouts, fused=self.fused))
        self.ways.append(way)
        return way, given

    def _check(self, values: Mapping[Node, Any]) -> None:
        """Raise where Python has looked at a value that is another one now."""
        for node, guards in self.program.call.guards.items():
            for guard in guards if node in values else ():
                check_guard(guard, values[node])


class InNumpy:
    """A schedule made ready to be run by NumPy."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._steps = [(_step(k), k) for k in schedule.kernels]
        self._sources = [x for x in schedule.lowered.instructions if x.kind == "source"]
        self._written = {
            schedule.buffers[b.base].instruction for b in schedule.in_place.values()
            if b.base is not None
        }  # fmt: skip
        self._fresh = [b for b in schedule.buffers if b.place == "result" and b.base is None]
        self._lent = [
            b for b in schedule.buffers
            if b.place == "lent" and schedule.buffers[b.base].place == "result"  # type: ignore[index]
        ]  # fmt: skip
        self._given = [b for b in schedule.buffers if b.place == "source" and b.base is not None]
        self._free: list[Values] = []  # arenas that no run is using

    def __call__(self, sources: Mapping[Instruction, Any]) -> dict[Node, Any]:
        """The values of results, by the program's nodes, from those of the sources."""
        try:
            fixed = self._free.pop()
        except IndexError:
            fixed = self._arena()
        try:
            return self._run({**fixed, **sources})
        finally:
            self._free.append(fixed)

    def _run(self, values: Values) -> dict[Node, Any]:
        if self._written:
            self._set_apart(values)
        for buffer in self._given:
            values[buffer.instruction] = (
                values[self.schedule.buffers[buffer.base].instruction]  # type: ignore[index]
                if buffer.instruction.kind != "view" else _seen(buffer.instruction, values)
            )  # fmt: skip
        for buffer in self._fresh:
            values[buffer.instruction] = buffer.new()
        for b in self._lent:
            host = self.schedule.buffers[b.base]  # type: ignore[index]
            memory = whole(values[host.instruction], host).ravel("K")
            values[b.instruction] = np.ndarray(b.shape or (), b.dtype, memory, b.offset, b.strides)
        for step, kernel in self._steps:
            step(values)
            for number in kernel.frees:
                del values[self.schedule.buffers[number].instruction]
        for b in self._lent:
            del values[b.instruction]
        return self._results(values)

    def _arena(self) -> Values:
        """New memory, with the arrays that lie in it, and the constants."""
        schedule = self.schedule
        memory = np.empty(schedule.arena_bytes + _ALIGNED, np.uint8)
        start = -memory.ctypes.data % _ALIGNED
        values: Values = {}
        for b in schedule.buffers:
            if b.place == "constant" and b.base is None:
                values[b.instruction] = b.instruction.params[0]
            elif b.place == "arena" and b.base is None:
                values[b.instruction] = np.ndarray(
                    b.shape or (), b.dtype, memory.data, start + b.offset, b.strides
                )
        for b in schedule.buffers:
            if b.base is not None and b.place in ("arena", "constant"):
                values[b.instruction] = _seen(b.instruction, values)
        return values

    def _set_apart(self, values: Values) -> None:
        """Copies of sources that lie where a kernel writes under another name."""
        for written in self._written:
            for x in self._sources:
                if x is not written and _share_memory(values[x], values[written]):
                    values[x] = values[x].copy(order="K")

    def _results(self, values: Values) -> dict[Node, Any]:
        found: dict[Node, Any] = {}
        taken: set[Instruction] = set()
        for node, buffer in self.schedule.results.items():
            x = buffer.instruction
            is_new = buffer.place == "result" and buffer.base is None and x not in taken
            is_its_own = is_new or self.schedule.is_turned(buffer)
            if is_new and buffer.room:
                trimmed(values, x, buffer)
            value = values[x] if x in values else _seen(x, values)
            if isinstance(value, np.ndarray):
                if buffer.place in ("arena", "result") and not is_its_own:
                    value = value.copy(order="K")
                taken.add(x)
                value = as_held(node, value)
            found[node] = value
        return found


# ---- memory --------------------------------------------------------------------------------------


def _share_memory(a: Any, b: Any) -> bool:
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return arrays and np.may_share_memory(a, b)


def _seen(x: Instruction, values: Values) -> Any:
    """What a view shows of its root."""
    if x in values:
        return values[x]
    whole = _seen(x.inputs[0], values)
    if x.name == "slice":
        return np.asarray(whole)[(*x.params[0], ...)]  # a window, also on one number
    return run_instruction(x, [whole])


# ---- kernels -------------------------------------------------------------------------------------


def _step(kernel: Kernel) -> Callable[[Values], None]:
    """What a kernel does with the values that there are so far."""
    (x, *more) = kernel.instructions
    if kernel.kind == "call":
        return _call(kernel)
    if more:
        return _several(kernel)
    if kernel.kind == "copy":
        operand = x.inputs[0]

        def copy(values: Values) -> None:
            values[x].reshape(operand.shape)[...] = _seen(operand, values)

        return copy
    run = _into(x)

    def step(values: Values) -> None:
        run(
            *[(_seen(i, values) if type(i) is Instruction else i) for i in x.inputs],
            out=values[x],
        )

    return step


def _into(x: Instruction) -> Callable[..., None]:
    """An instruction that writes into an array."""
    if x.kind == "product":
        return np.matmul
    if x.kind == "reduce":
        return _reduction(x)
    ufunc = getattr(np, x.name, None)
    if isinstance(ufunc, np.ufunc) and x.function is None and ufunc.nout == 1:
        return ufunc
    if x.name == "astype":
        return lambda value, out: np.copyto(out, value, casting="unsafe")

    def assign(*given: Any, out: Any) -> None:
        out[...] = run_instruction(x, [*map(_plain, x.inputs, given)])

    return _choose if x.name == "where" else assign


def _choose(condition: Any, a: Any, b: Any, out: Any) -> None:
    if _share_memory(condition, out) or _share_memory(a, out):
        out[...] = np.where(condition, a, b)
        return
    np.copyto(out, b, casting="unsafe")
    np.copyto(out, a, casting="unsafe", where=np.asarray(condition, bool))


_REDUCE = {
    "sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum,
    "any": np.logical_or, "all": np.logical_and,
}  # fmt: skip


def _reduction(x: Instruction) -> Callable[..., None]:
    axes, keepdims = x.params
    if x.name in ("argmax", "argmin"):
        function, axis = getattr(np, x.name), axes[0] if len(axes) == 1 else None
        return lambda value, out: function(value, axis=axis, out=out, keepdims=keepdims)
    ufunc, dtype = _REDUCE[x.name], x.dtype if x.name in ("sum", "prod") else None
    return lambda value, out: ufunc.reduce(
        value, axis=axes, dtype=dtype, out=out, keepdims=keepdims
    )


def _several(kernel: Kernel) -> Callable[[Values], None]:
    """A fused loop, instruction by instruction; what it writes may lie over what it reads."""

    def step(values: Values) -> None:
        made: Values = {}
        for x in kernel.instructions:
            given = [
                (made[i] if i in made else _plain(i, _seen(i, values)))
                if type(i) is Instruction
                else i
                for i in x.inputs
            ]
            made[x] = run_instruction(x, given)
        for buffer in kernel.writes:
            values[buffer.instruction][...] = made[buffer.instruction]

    return step


def _call(kernel: Kernel) -> Callable[[Values], None]:
    """A call, and the parts of what it gives that are read later."""
    first = kernel.instructions[0]
    is_open, origin = first.is_open, first.origin
    writes = {b.instruction: b for b in kernel.writes}

    def step(values: Values) -> None:
        given = [_plain(i, _seen(i, values)) if type(i) is Instruction else i for i in first.inputs]
        made: Values = {first: run_instruction(first, given)}
        if is_open:
            check_shape(origin, made[first])  # type: ignore[arg-type]
        for x in kernel.instructions[1:]:
            made[x] = run_instruction(x, [made[x.inputs[0]]])
            if x.is_open:
                check_shape(x.origin, made[x])  # type: ignore[arg-type]
        for x, buffer in writes.items():
            if buffer.place in ("arena", "lent"):
                values[x][...] = made[x]
            else:
                values[x] = _apart(made[x], given)

    return step


def _plain(x: Any, value: Any) -> Any:
    """A number without axes as NumPy's scalar where it would be one, which has its own powers."""
    is_bare = isinstance(value, np.ndarray) and not value.ndim
    if not is_bare or x.kind in ("source", "constant", "view"):
        return value
    return value[()]


def _apart(value: Any, given: list[Any]) -> Any:
    """What a call gave, in memory of its own."""
    if not isinstance(value, np.ndarray):
        return value
    is_another = value.base is None and not any(value is g for g in given)
    if is_another or not any(_share_memory(value, g) for g in given):
        return value
    return value.copy(order="K")

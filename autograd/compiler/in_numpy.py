"""A schedule run by NumPy: into the buffers of its arena, without a tape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import run_instruction
from autograd.compiler.schedule import Buffer, Kernel, Schedule
from autograd.engine.node import Node

__all__ = ["InNumpy", "run_in_numpy"]

Values = dict[Instruction, Any]
_ALIGNED = 64


def run_in_numpy(schedule: Schedule, sources: Mapping[Node, Any]) -> dict[Node, Any]:
    """What a run of a schedule gives: the values of its results, by the program's nodes."""
    return InNumpy(schedule)(sources)


class InNumpy:
    """A schedule made ready to be run by NumPy, as often as one likes, by several threads."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._steps = [(_step(k), k) for k in schedule.kernels]
        self._sources = [x for x in schedule.lowered.instructions if x.kind == "source"]
        self._written = {
            schedule.buffers[b.base].instruction for b in schedule.in_place.values()
            if b.base is not None
        }  # fmt: skip
        self._fresh = [b for b in schedule.buffers if b.place == "result" and b.base is None]
        self._given = [b for b in schedule.buffers if b.place == "source" and b.base is not None]
        self._free: list[Values] = []  # arenas that no run is using

    def __call__(self, sources: Mapping[Node, Any]) -> dict[Node, Any]:
        try:
            fixed = self._free.pop()
        except IndexError:
            fixed = self._arena()
        values = fixed.copy()
        for x in self._sources:
            values[x] = sources[x.origin]  # type: ignore[index]
        if self._written:
            self._set_apart(values)
        for buffer in self._given:
            values[buffer.instruction] = (
                values[self.schedule.buffers[buffer.base].instruction]  # type: ignore[index]
                if buffer.instruction.kind != "view" else _seen(buffer.instruction, values)
            )  # fmt: skip
        for buffer in self._fresh:
            values[buffer.instruction] = _empty(buffer)
        for step, kernel in self._steps:
            step(values)
            for number in kernel.frees:
                del values[self.schedule.buffers[number].instruction]
        found = self._results(values)
        self._free.append(fixed)
        return found

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
            value = values[x] if x in values else _seen(x, values)
            if isinstance(value, np.ndarray):
                if not value.ndim and buffer.shape == () and x.kind not in ("source", "constant"):
                    value = value[()]
                elif buffer.place in ("arena", "result") and (
                    buffer.base is not None or x in taken or buffer.place == "arena"
                ):
                    value = value.copy(order="K")
                taken.add(x)
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
    return run_instruction(x, [_seen(x.inputs[0], values)])


def _empty(buffer: Buffer) -> Any:
    """New memory, with the axes in the order of the strides."""
    assert buffer.shape is not None
    order = sorted(range(len(buffer.shape)), key=lambda a: -buffer.strides[a])
    back = [order.index(a) for a in range(len(order))]
    return np.empty([buffer.shape[a] for a in order], buffer.dtype).transpose(back)


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
        out[...] = run_instruction(x, list(given))

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
                (made[i] if i in made else _seen(i, values)) if type(i) is Instruction else i
                for i in x.inputs
            ]
            made[x] = run_instruction(x, given)
        for buffer in kernel.writes:
            values[buffer.instruction][...] = made[buffer.instruction]

    return step


def _call(kernel: Kernel) -> Callable[[Values], None]:
    """A call, and the parts of what it gives that are read later."""
    first = kernel.instructions[0]
    writes = {b.instruction: b for b in kernel.writes}

    def step(values: Values) -> None:
        given = [_plain(_seen(i, values)) if type(i) is Instruction else i for i in first.inputs]
        made: Values = {first: run_instruction(first, given)}
        for x in kernel.instructions[1:]:
            made[x] = run_instruction(x, [made[x.inputs[0]]])
        for x, buffer in writes.items():
            if buffer.place == "arena":
                values[x][...] = made[x]
            else:
                values[x] = _apart(made[x], given)

    return step


def _plain(value: Any) -> Any:
    """A number without axes as NumPy's scalar, as eager calls get it."""
    return value[()] if isinstance(value, np.ndarray) and not value.ndim else value


def _apart(value: Any, given: list[Any]) -> Any:
    """What a call gave, in memory of its own."""
    if not isinstance(value, np.ndarray):
        return value
    is_another = value.base is None and not any(value is g for g in given)
    if is_another or not any(_share_memory(value, g) for g in given):
        return value
    return value.copy(order="K")

"""The plain meaning of instructions: what NumPy gives, one instruction at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.lower.lower import lower
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.program.run import Run, check_guard, check_shape

__all__ = ["Reference", "evaluate", "run_instruction"]

_REDUCE = {
    "sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum,
    "any": np.logical_or, "all": np.logical_and,
}  # fmt: skip


class Reference:
    """A program run by its instructions, one at a time: what any faster way must give."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.lowered: Lowered | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with uncaptured:
            this = Run(self.program, args, kwargs)
            sources = this.sources()
            given = None if self.lowered is None else self.lowered.read(sources)
            if self.lowered is None or given is None:
                self.lowered = lower(self.program, sources)
                given = self.lowered.read(sources)
            assert given is not None
            found = evaluate(self.lowered, given)
            values = {
                node: as_held(node, found[instruction])
                for node, instruction in self.lowered.results.items()
            }
            for node, guards in self.program.call.guards.items():  # of sources as well
                for guard in guards:
                    check_guard(guard, values[node])
            this.write(values)
            return this.results(values)


def as_held(node: Node, value: Any) -> Any:
    """A value as the program has it: a NumPy scalar where the node's is one."""
    return value[()] if isinstance(node.spec, type) and type(value) is np.ndarray else value


def evaluate(lowered: Lowered, sources: Mapping[Instruction, Any]) -> dict[Instruction, Any]:
    """The value of every instruction, given those of the sources (see `Lowered.read`)."""
    values = dict(sources)
    for instruction in lowered.instructions:
        if instruction.kind != "source":
            given = [values[x] if type(x) is Instruction else x for x in instruction.inputs]
            values[instruction] = value = run_instruction(instruction, given)
            if instruction.is_open:
                check_shape(instruction.origin, value)  # type: ignore[arg-type]
    return values


def run_instruction(instruction: Instruction, given: list[Any]) -> Any:
    """What an instruction gives for the values of its inputs."""
    kind, params = instruction.kind, instruction.params
    if kind == "elementwise":
        return _elementwise(instruction, given)
    if kind == "view":
        return _view(instruction.name, params[0], given[0])
    if kind == "reduce":
        return _reduce(instruction, given[0])
    if kind == "product":
        return np.matmul(*given)
    if kind == "call":
        assert instruction.function is not None
        return instruction.function(*given)
    if kind == "part":
        return given[0][params[0]]
    return params[0]  # a constant


def _elementwise(instruction: Instruction, given: list[Any]) -> Any:
    name = instruction.name
    if instruction.function is not None:
        return instruction.function(*given)
    if name == "astype":
        return given[0].astype(instruction.params[0])
    found = getattr(np, name)(*given)
    return found[()] if name == "where" else found


def _view(name: str, param: Any, x: Any) -> Any:
    if name == "slice":
        return x[param]
    return getattr(np, name)(x, param)


def _reduce(instruction: Instruction, x: Any) -> Any:
    name, (axes, keepdims) = instruction.name, instruction.params
    if name in ("argmax", "argmin"):
        axis = axes[0] if len(axes) == 1 else None
        return getattr(np, name)(x, axis=axis, keepdims=keepdims)
    dtype = instruction.dtype if name in ("sum", "prod") else None
    return _REDUCE[name].reduce(x, axis=axes, keepdims=keepdims, dtype=dtype)

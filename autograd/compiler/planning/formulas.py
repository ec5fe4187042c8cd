"""Instructions of a loop as a formula of the code generator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.codegen.printed import pseudo_code
from autograd.codegen.promotion import node_of
from autograd.codegen.values import argument
from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import run_instruction
from autograd.compiler.schedule import Kernel
from autograd.errors import AutogradError

__all__ = ["formula", "has_loop", "loop_text"]


def formula(
    members: Iterable[Instruction], reads: Sequence[Any], writes: Iterable[Instruction]
) -> list[Any]:
    """What a loop over the arrays of `reads`, instructions, gives for those of `writes`."""
    values: dict[Any, Any] = {x: argument(k, x.dtype) for k, x in enumerate(reads)}
    for x in members:
        values[x] = _value(x, [values[i] if type(i) is Instruction else i for i in x.inputs])
    return [values[x] for x in writes]


def loop_text(kernel: Kernel) -> str:
    """What a loop does with each element, as readable code."""
    reads, writes = ([b.instruction for b in bs] for bs in (kernel.reads, kernel.writes))
    found = formula(kernel.instructions, reads, writes)
    return pseudo_code([node_of(value) for value in found], [b.dtype for b in kernel.reads])


def _value(x: Instruction, given: list[Any]) -> Any:
    if x.kind == "reduce":
        axes, keepdims = x.params
        if len(axes) == len(getattr(x.inputs[0], "shape", ()) if x.inputs else ()):
            axes = None  # so that the formula can go on with a number
        of = given[0].dtype
        if x.name == "sum" and x.dtype != of and of.kind == "f":  # see `sum_in_runs`
            return np.sum(given[0], axis=axes, dtype=x.dtype, keepdims=keepdims)
        return getattr(np, x.name)(given[0], axis=axes, keepdims=keepdims)
    return run_instruction(x, given)


def has_loop(x: Instruction) -> bool:
    """Whether the code generator has a loop for an instruction."""
    if x.kind not in ("elementwise", "reduce"):
        return False
    operands = tuple(i.dtype if type(i) is Instruction else (type(i), i) for i in x.inputs)
    return _has_loop(x.kind, x.name, operands, x.params, x.dtype, x.function)


@lru_cache(maxsize=4096)
def _has_loop(
    kind: str, name: str, operands: tuple[Any, ...], params: Any, dtype: Any, function: Any
) -> bool:
    x = Instruction(kind, name, (), params, (), dtype, None, function)
    try:
        given = [v[1] if type(v) is tuple else argument(n, v) for n, v in enumerate(operands)]
        found = _value(x, given)
    except (AutogradError, AttributeError, TypeError):  # what it refuses, or does not know
        return False
    return bool(found.dtype == dtype)

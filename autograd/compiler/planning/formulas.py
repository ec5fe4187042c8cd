"""Instructions of a loop as a formula of the code generator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from autograd.codegen.promotion import as_node
from autograd.codegen.reductions import Reduced, reduced
from autograd.codegen.values import argument
from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import run_instruction

__all__ = ["formula", "has_loop"]


def formula(
    members: Iterable[Instruction], reads: Sequence[Any], writes: Iterable[Instruction]
) -> list[Reduced]:
    """What a loop over the arrays of `reads`, instructions, gives for those of `writes`."""
    values: dict[Any, Any] = {x: argument(k, x.dtype) for k, x in enumerate(reads)}
    for x in members:
        values[x] = _value(x, [values[i] if type(i) is Instruction else i for i in x.inputs])
    found = [values[x] for x in writes]
    return [x if isinstance(x, Reduced) else Reduced("", as_node(x)) for x in found]


def _value(x: Instruction, given: list[Any]) -> Any:
    if x.kind == "reduce":
        axes, keepdims = x.params
        return reduced(x.name, as_node(given[0]), axes, keepdims)
    return run_instruction(x, given)


def has_loop(x: Instruction) -> bool:
    """Whether the code generator has a loop for an instruction."""
    if x.kind not in ("elementwise", "reduce") or x.function is not None:
        return False
    kinds = tuple(i.dtype if type(i) is Instruction else _Number(i) for i in x.inputs)
    return _has_loop(x.kind, x.name, kinds, x.params, x.dtype)


class _Number:
    """A number by its type: what it is makes no difference to whether there is a loop."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return hash(type(self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Number) and type(other.value) is type(self.value)


@lru_cache(maxsize=4096)
def _has_loop(kind: str, name: str, kinds: tuple[Any, ...], params: Any, dtype: Any) -> bool:
    given = [k.value if type(k) is _Number else argument(n, k) for n, k in enumerate(kinds)]
    x = Instruction(kind, name, (), params, (), dtype)
    found = _value(x, given)
    return bool(isinstance(found, Reduced) or found.dtype == dtype)

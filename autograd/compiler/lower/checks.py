"""Values that a layer has looked at: instructions that stop a run which meets another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.compiler.instruction import Instruction
from autograd.program.run import check_guard

__all__ = ["Check", "is_check"]


class Check:
    """Hands a value on, if it is that of the trace."""

    __name__ = "check"

    def __init__(self, guards: Sequence[Any]) -> None:
        self.guards = guards

    def __call__(self, value: Any) -> Any:
        for guard in self.guards:
            check_guard(guard, value)
        return value


def is_check(instruction: Instruction) -> bool:
    """Whether an instruction may stop a run, before which nothing must be written."""
    return type(instruction.function) is Check

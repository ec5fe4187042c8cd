"""The one choice of what runs a program: native code, loops of NumPy, or kernels one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from autograd.engine.node import Node
from autograd.program.plan import Plan
from autograd.program.program import Program

__all__ = ["Around", "Executor", "executor"]

Around = Callable[[Node, Callable[..., Any], list[Any]], Any]


class Executor(Protocol):
    """What runs a program."""

    program: Program

    def run(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], around: Around | None = None
    ) -> tuple[Any, Any, dict[Node, Any]]:
        """The results; the values of outputs and writes; those it began from (see `Plan.run`)."""


def executor(program: Program) -> Executor:
    """What runs this program fastest here."""
    return Plan(program)

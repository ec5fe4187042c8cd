"""Compiled plans of sessions, which are checked at their first run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd.compiler.face.backend import executor
from autograd.compiler.face.tolerance import apart, beyond, nearly, spreads, values_from
from autograd.engine.operands import raw
from autograd.errors import CompileMismatchError
from autograd.graph.replay import held_value
from autograd.program.program import Program

__all__ = ["Checked"]


class Checked:
    """A compiled program, whose first results are compared with those of the interpreter."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.run: Callable[..., Any] = executor(program)
        self.is_checked = False

    def __call__(self, given: Sequence[Any]) -> Sequence[Any]:
        found = [raw(y) for y in self.run(*given)]
        if not self.is_checked:
            self._check(given, found)
            self.is_checked = True
        return found

    def _check(self, given: Sequence[Any], found: Sequence[Any]) -> None:
        sources = dict(zip(self.program.inputs, given, strict=True))
        sources |= {node: held_value(node) for node in self.program.held}
        ends = self.program.outputs
        still = values_from(self.program, sources, wanted=ends)
        pairs = [(y, still[end]) for y, end in zip(found, ends, strict=True)]
        if all(nearly(a, b, len(self.program)) or not apart(a, b) for a, b in pairs):
            return
        beyonds: list[Any] = []
        for moved in spreads(partial(values_from, self.program), sources, still, ends):
            beyonds = [
                (end, beyond(y, still[end], moved[end])) for y, end in zip(found, ends, strict=True)
            ]
            if not any(gap for _, gap in beyonds):
                return
        end, gap = next((end, gap) for end, gap in beyonds if gap is not None)
        raise CompileMismatchError(
            f"global_jit_level: the result of {end.op.name} differs from the one without: "
            f"off by {gap[0]:.3g}, where rounding explains {gap[1]:.3g}"
        )

"""Steps of optimizers as instructions: the rule of each, run on lazy values of a parameter.

What Python computes for a step, such as the rate after the correction of a bias, are numbers in
these instructions: sources that are read anew at each run. They are found by running the rule once
more on an echo, which does nothing but note what it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.echo import echoed
from autograd.compiler.lower.lazy import Lazy
from autograd.compiler.lower.writer import Writer
from autograd.engine.node import Node
from autograd.errors import UnsupportedError

__all__ = ["Numbers", "Steps"]


class Formula(NamedTuple):
    """How a parameter is updated, as an optimizer tells it."""

    rule: Callable[..., None]
    left: dict[str, Any]  # numbers that are kept of it after the step
    arrays: dict[str, float]  # the names of its arrays, and what they start from
    scratch: int


class Numbers:
    """The numbers of one rule, for all parameters of a group whose own numbers agree."""

    def __init__(self, update: Any, dtype: np.dtype[Any], formula: Formula) -> None:
        self.update = update
        self.dtype = dtype
        self.names = tuple(formula.left)  # of what is kept beside arrays
        self.echo = echoed(formula.rule, dtype, len(formula.arrays), formula.scratch)
        self.nodes: list[dict[str, Node]] = []  # of the state of each parameter, by name
        self.instructions: list[Instruction] = []  # as many as the echo has numbers
        self.left: dict[str, Instruction] = {}

    def read(self, sources: Mapping[Node, Any]) -> dict[Instruction, Any] | None:
        """The numbers of this run; None if the rule is made of other operations now."""
        entry = {n: v for n, x in self.nodes[0].items() if (v := sources[x]) is not None}
        for nodes in self.nodes[1:]:
            for name in self.names:
                if sources[nodes[name]] != entry.get(name):
                    return None
        formula = Formula(*self.update.formula(entry))
        echo = echoed(formula.rule, self.dtype, len(formula.arrays), formula.scratch)
        if echo.structure != self.echo.structure:
            return None
        found: dict[Instruction, Any] = {
            i: cast(value)
            for i, cast, value in zip(self.instructions, self.casts, echo.numbers, strict=True)
        }
        return found | {i: formula.left[name] for name, i in self.left.items()}

    @cached_property
    def casts(self) -> list[Callable[[Any], Any]]:
        """What gives each number its dtype."""
        return [i.dtype.type for i in self.instructions if i.dtype is not None]


class Steps:
    """The steps of optimizers that have been read so far."""

    def __init__(self, writer: Writer, sources: Any) -> None:
        self.writer = writer
        self.sources: Mapping[Node, Any] = sources
        self.numbers: dict[Any, Numbers] = {}

    def read(self, node: Node, values: Sequence[Any]) -> tuple[Any, ...]:
        """What a step gives, of the lazy values of its inputs: each parameter's value and state."""
        before = self.numbers.copy()
        found: list[Any] = []
        update, at = node.params[0], 0
        try:
            for names in update.names:
                end = at + 2 + len(names)
                p, g, *state = values[at:end]
                nodes = dict(zip(names, node.inputs[at + 2 : end], strict=True))
                found += self._step(update, p, g, nodes, dict(zip(names, state, strict=True)))
                at = end
        except Exception:
            self.numbers = before
            raise
        finally:
            self.writer.number_of = None
        return tuple(found)

    def _step(
        self, update: Any, p: Lazy, g: Any, nodes: dict[str, Node], state: dict[str, Any]
    ) -> list[Any]:
        entry = {n: v for n, x in nodes.items() if (v := self.sources[x]) is not None}
        told = update.formula(entry)
        if told is None or p.dtype.kind != "f" or {*told[1], *told[2]} != {*nodes}:
            raise UnsupportedError("a step that is no rule of arrays")
        formula = Formula(*told)
        made: dict[str, Any] = {}
        for name, start in formula.arrays.items():
            value = state[name]
            whole = np.broadcast_to(p.dtype.type(start), p.shape)
            made[name] = p.lifted(whole) if value is None else value
        numbers = self._numbers(update, nodes, p.dtype, formula)
        self._run(formula, p, g, [*made.values()], numbers)
        for name, value in formula.left.items():
            if name not in numbers.left:
                dtype = np.dtype(np.int64 if isinstance(value, int) else np.float64)
                numbers.left[name] = self.writer.number(value, dtype)
            made[name] = Lazy(self.writer, numbers.left[name])
        return [p, *(made[name] for name in nodes)]

    def _numbers(
        self, update: Any, nodes: dict[str, Node], dtype: np.dtype[Any], formula: Formula
    ) -> Numbers:
        """The numbers of this parameter: those of another, whose numbers are the same."""
        there = tuple(self.sources[nodes[name]] is None for name in formula.arrays)
        key = (id(update), dtype, there, repr(formula.left))
        if key not in self.numbers:
            self.numbers[key] = Numbers(update, dtype, formula)
        numbers = self.numbers[key]
        numbers.nodes.append(nodes)
        return numbers

    def _run(self, formula: Formula, p: Lazy, g: Any, arrays: list[Any], numbers: Numbers) -> None:
        """Run a rule, whose floats are the sources of its numbers."""
        known, writer, count = numbers.instructions, self.writer, 0

        def number_of(value: Any, dtype: Any) -> Instruction:
            nonlocal count
            if count == len(known):
                known.append(writer.number(value, dtype))
            count += 1
            found = known[count - 1]
            if found.dtype != dtype or numbers.echo.numbers[count - 1] != value:
                raise UnsupportedError("a rule whose numbers differ from parameter to parameter")
            return found

        writer.number_of = number_of
        formula.rule(p, g, arrays, [p.empty(p.shape, p.dtype) for _ in range(formula.scratch)])
        writer.number_of = None
        if count != len(numbers.echo.numbers):
            raise UnsupportedError("a rule whose numbers are not all of its operations")

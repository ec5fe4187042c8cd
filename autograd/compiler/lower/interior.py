"""The roundings inside of one op: its formula or rule, read as instructions and run beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import as_held, run_instruction
from autograd.compiler.lower.lower import instructions_of
from autograd.engine.node import Node

__all__ = ["Interior"]

ROUNDED = ("elementwise", "reduce", "product")


class Interior:
    """What a node gives where all that its formula computes on the way is changed a little.

    1 + e⁻²⁰, in the middle of a logarithm of a softmax, is rounded to 1: no change of what the op
    is given, or gives, shows that.
    """

    def __init__(self) -> None:
        self._known: dict[Node, Any] = {}

    def __call__(
        self, node: Node, values: Mapping[Node, Any], change: Callable[[Node, Any], Any]
    ) -> Any:
        """The value of the node; None if its formula has no inside."""
        if node not in self._known:
            self._known[node] = instructions_of(node)
        known = self._known[node]
        if known is None:
            return None
        instructions, given, result = known
        ends = set(result) if isinstance(result, tuple) else {result}
        found: dict[Instruction, Any] = {i: read(values) for i, read in given.items()}
        for i in instructions:
            if i in found:
                continue
            inputs = [found[x] if type(x) is Instruction else x for x in i.inputs]
            value = run_instruction(i, inputs)
            is_rounded = i.kind in ROUNDED and i not in ends
            found[i] = change(node, value) if is_rounded else value
        if isinstance(result, tuple):
            return tuple(None if i is None else found[i] for i in result)
        return as_held(node, found[result])

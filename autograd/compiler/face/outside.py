"""A compiled call in the graph of who calls it: one node, whose rule is a plan too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.face.joint import Pull
from autograd.compiler.face.watched import by_kernel
from autograd.engine.modes import current_mode, enable_grad
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import COMPUTED, Op
from autograd.graph.call import leading_to
from autograd.graph.interpret import interpret
from autograd.graph.replay import run_in
from autograd.program.program import Program
from autograd.sweep.differentiate import grad

__all__ = ["Called", "hang"]


class Called:
    """One call: what its rule reads."""

    def __init__(
        self,
        program: Program,
        pull: Pull,
        run: Any,
        tensors: Sequence[Any],
        outputs: Sequence[Any],
        sources: dict[Node, Any],
    ) -> None:
        self.program, self.pull, self.run = program, pull, run
        self.tensors = [wrap(x._value, x._node) for x in tensors]  # as they are now
        self.outputs = tuple(outputs)
        self.sources = sources  # what it began from, and what it kept

    def gradients(self, g: Sequence[Any]) -> tuple[Any, ...]:
        """The cotangents of the inputs; Tensors give Tensors, in the graph."""
        if any(type(x) in tensor_types for x in g):
            return self._recorded(g)
        reads = [self.sources[node] for node in self.pull.reads]
        run = by_kernel(self.run, "backward") if current_mode().watches else self.run
        found = run(*reads, *map(_conjugate, g))
        every: list[Any] = [None] * len(self.pull.targets)
        for number, tensor in zip(self.pull.given, found, strict=True):
            every[number] = _conjugate(tensor._value)
        return tuple(every)

    def _recorded(self, g: Sequence[Any]) -> tuple[Any, ...]:
        """The call once more on Tensors, from the numbers that it began from."""
        ends = [self.program.outputs[i] for i in self.pull.live]
        values = {node: self.sources[node] for node in self.sources if node.is_leaf}
        for (node, _), tensor in zip(self.pull.targets, self.tensors, strict=True):
            values[node] = tensor
        run = run_in(values)

        def step(node: Node, inputs: list[Any]) -> Any:
            return run(node, list(map(raw, inputs)) if node.op is COMPUTED else inputs)

        with enable_grad():
            interpret(leading_to(ends, self.program.nodes), values, step)
            pairs = [
                (values[end], u)
                for end, u in zip(ends, g, strict=True)
                if type(values[end]) in tensor_types and values[end]._node is not None
            ]
            outputs, cotangents = [y for y, _ in pairs], [u for _, u in pairs]
            if not pairs:
                return (None,) * len(self.tensors)
            return grad(outputs, self.tensors, cotangents, create_graph=True, allow_unused=True)


def _conjugate(value: Any) -> Any:
    """Rules are transposes, and what `grad` takes and gives is conjugated."""
    return np.conj(value) if value.dtype.kind == "c" else value


def compiled(*inputs: Any, call: Called) -> Any:
    return call.outputs


def _rule(g: Any, call: Called, needs: Any) -> Any:
    return call.gradients(g)


COMPILED = Op(compiled, "compiled", {}, joint=_rule, outputs=0)
COMPILED.record = recorder(COMPILED)


def hang(called: Called, results: Sequence[Any]) -> None:
    """Hang the results of a call, Tensors in order, on a node of the graph."""
    hung = COMPILED.record(*called.tensors, call=called)
    node = hung[0]._node.inputs[0]
    reads = [called.sources[read] for read in called.pull.reads]
    node.saved = (*node.saved, tuple(x for x in reads if isinstance(x, np.ndarray)))
    for number, tensor in zip(called.pull.live, hung, strict=True):
        results[number]._node = tensor._node

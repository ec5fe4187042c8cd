"""Where values decide how many there are: the call on other values, which give other numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import COMPUTED
from autograd.errors import AutogradError, ExportError
from autograd.graph.call import links_of
from autograd.graph.pytree import nested
from autograd.onnx.computed import name_of
from autograd.onnx.table import ROWS
from autograd.program.program import Program, trace

__all__ = ["needed", "revalued"]

_FUNCTIONS = frozenset({"_nms", "_batched_nms"})


def needed(program: Program) -> list[Node]:
    """The nodes that results and writes depend on: the rest is what Python looked at."""
    found = dict.fromkeys([*program.outputs, *program.writes, *program.inputs])
    for node in list(found):
        stack = [node]
        while stack:
            for source in links_of(stack.pop()):
                if source not in found:
                    found[source] = None
                    stack.append(source)
    return [node for node in program.nodes if node in found]


def _counts(nodes: Sequence[Node]) -> list[tuple[int, Node]]:
    """The nodes that give as many numbers as the values say, and their places."""
    return [
        (k, node)
        for k, node in enumerate(nodes)
        if (node.op.counts and node.op.name in ROWS and not _is_bounded(node))
        or (node.op is COMPUTED and name_of(node.params[0]) in _FUNCTIONS)
    ]


def _is_bounded(node: Node) -> bool:
    """Whether the call itself says how many there are: `bincount(minlength=)`, see its row."""
    return bool(node.op.name == "bincount" and node.parameters().get("minlength"))


def revalued(function: Any, examples: Sequence[Any], first: Program) -> Iterator[Program]:
    """The call on other values, until each such number was another one."""
    nodes = needed(first)
    left = [(k, node) for k, node in _counts(nodes) if 0 not in node.inputs[0].shape]
    for make in _OTHERS if left else ():
        try:
            program = trace(function, *_with(examples, make))
        except AutogradError:
            continue
        there = needed(program)
        if [n.op for n in there] != [n.op for n in nodes]:
            continue
        same = [(k, node) for k, node in left if there[k].spec == node.spec]
        if len(same) < len(left):
            left = same
            yield program
        if not left:
            return
    if left:
        raise ExportError(
            f"export: how many numbers {_called(left[0][1])} gives depends on the values, and it "
            "gave as many for all that were tried: hand its result in as an input of the call"
        )


def _called(node: Node) -> str:
    return name_of(node.params[0]).strip("_") if node.op is COMPUTED else node.op.name


_OTHERS: tuple[Any, ...] = (
    lambda x, rng: rng.permutation(x.reshape(-1)).reshape(x.shape),
    lambda x, rng: x * 0,
    lambda x, rng: x * 0 + (np.arange(x.size).reshape(x.shape) % 2).astype(x.dtype),
    lambda x, rng: x * 0 + x.dtype.type(1),
    lambda x, rng: (x * rng.integers(0, 3, x.shape)).astype(x.dtype),
    lambda x, rng: x if x.dtype.kind in "bu" else -x,
    lambda x, rng: x[::-1] if x.ndim else x,
    lambda x, rng: np.sort(rng.uniform(0, 4, x.shape), axis=-1 if x.ndim else None).astype(x.dtype),
    lambda x, rng: (x * 0 + np.arange(1, 1 + np.prod(x.shape[-1:]))).astype(x.dtype),
)


def _with(examples: Sequence[Any], make: Any) -> Any:
    rng = np.random.default_rng(0)

    def change(x: Any) -> Any:
        if type(x) in tensor_types:
            return type(x)(make(np.asarray(x.detach().numpy()), rng))
        return make(np.asarray(x), rng) if isinstance(x, (np.ndarray, np.generic)) else x

    return nested(change, list(examples))

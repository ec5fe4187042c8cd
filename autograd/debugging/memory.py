"""`Graph.memory`: what a living graph keeps, by op and by module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.mutation import owner_of
from autograd.engine.node import Node, constant_value
from autograd.engine.operands import raw
from autograd.graph.graph import Graph
from autograd.graph.replay import held_value
from autograd.graph.table import text_of
from autograd.system.sizes import bytes_text

__all__ = ["Kept", "Memory", "memory"]

_MOST = 20  # rows that are shown of each kind


class Kept(NamedTuple):
    """What one op, one module, or the whole graph keeps, in bytes."""

    name: str
    nodes: int
    inputs: int  # that rules read: inputs that were saved
    outputs: int  # and outputs
    constants: int  # that need no gradient, kept for a replay
    leaves: int  # parameters and other leaves: they live on without the graph
    freed: int  # what backward lets go

    @property
    def bytes(self) -> int:
        return self.inputs + self.outputs + self.constants + self.leaves


class Memory:
    """What a graph keeps, as data and as a table: `total`, `by_op` and `by_module`."""

    def __init__(self, total: Kept, by_op: list[Kept], by_module: list[Kept]) -> None:
        self.total, self.by_op, self.by_module = total, tuple(by_op), tuple(by_module)

    def __str__(self) -> str:
        """Tables by op and by module, those that keep the most first."""
        names = ("nodes", "saved inputs", "saved outputs", "constants", "leaves", "freed")
        parts = []
        for what, rows in (("op", self.by_op), ("module", self.by_module)):
            if what == "module" and not any(row.name for row in rows):
                continue
            shown = [*rows[:_MOST], self.total]
            cells = [(r.name or "(none)", str(r.nodes), *map(_shown, r[2:])) for r in shown]
            parts.append(text_of([(what, *names), *cells]))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return (
            f"<Memory: {_shown(self.total.bytes)} kept, backward frees {_shown(self.total.freed)}>"
        )


def memory(graph: Graph) -> Memory:
    """What a living graph keeps alive: arrays by the op and the module that they were kept for.

    An array counts once, at the first node that keeps it, and views count as the array that they
    lie in. `leaves` are there without the graph; `freed` is what backward lets go, if nothing else
    holds it: what only rules read.

    >>> import autograd as ag
    >>> x = ag.ones(1000, dtype="float64", requires_grad=True)
    >>> found = memory(ag.Graph(ag.exp(x * 2.0).sum()))
    >>> [(row.name, row.outputs, row.freed) for row in found.by_op if row.bytes]
    [('exp', 8000, 8000), ('leaf', 0, 0)]
    """
    if graph.call is not None and graph.call.tape:
        graph = graph.tape  # a traced call keeps its tape
    seen: set[int] = set()
    found: list[tuple[Node, str, int]] = []
    # what lives on is counted as such, though rules read it too
    for kind, take in (("leaves", _leaves), ("constants", _constants), ("saved", _saved)):
        for node in graph.nodes:
            for part, array in take(node):
                owner = owner_of(array)
                if id(owner) not in seen:
                    seen.add(id(owner))
                    found.append((node, part if kind == "saved" else kind, owner.nbytes))
    return Memory(
        _sum("all", graph.nodes, found),
        _grouped(graph, found, lambda node: node.op.name),
        _grouped(graph, found, lambda node: "" if node.scope is None else node.scope.path),
    )


def _leaves(node: Node) -> Iterator[tuple[str, Any]]:
    if node.is_leaf:
        value = raw(held_value(node))
        if isinstance(value, np.ndarray):
            yield "leaves", value


def _constants(node: Node) -> Iterator[tuple[str, Any]]:
    for source in node.inputs:
        if type(source) is not Node and isinstance(value := constant_value(source), np.ndarray):
            yield "constants", value
    yield from (("constants", array) for array in _arrays(node.params) if not node.is_leaf)


def _saved(node: Node) -> Iterator[tuple[str, Any]]:
    count = 1 if node.op.variadic else len(node.op.inputs)
    for slot, value in enumerate(node.saved or ()):
        yield from (("inputs" if slot < count else "outputs", a) for a in _arrays((value,)))


def _arrays(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif type(value) in (tuple, list):
            yield from _arrays(value)


def _grouped(graph: Graph, found: list[tuple[Node, str, int]], name: Any) -> list[Kept]:
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes:
        groups.setdefault(name(node), []).append(node)
    parts: dict[str, list[tuple[Node, str, int]]] = {}
    for each in found:
        parts.setdefault(name(each[0]), []).append(each)
    rows = [_sum(key, nodes, parts.get(key, [])) for key, nodes in groups.items()]
    return sorted(rows, key=lambda row: (row.freed, row.bytes), reverse=True)


def _sum(name: str, nodes: Any, found: list[tuple[Node, str, int]]) -> Kept:
    sizes = dict.fromkeys(("inputs", "outputs", "constants", "leaves"), 0)
    for _, kind, size in found:
        sizes[kind] += size
    return Kept(name, len(nodes), **sizes, freed=sizes["inputs"] + sizes["outputs"])


def _shown(size: int) -> str:
    return bytes_text(size) if size else "-"

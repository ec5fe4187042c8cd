"""A graph as a table, one line a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.engine.row import COMPUTED, DRAW, OUTPUT
from autograd.graph.body import bodies_of
from autograd.graph.call import links_of
from autograd.graph.naming import called

__all__ = ["rows_of", "rows_within", "table", "text_of"]

WIDEST = 120  # characters of a line
NARROWEST = 12  # of a column that is cut


def table(nodes: Sequence[Node]) -> str:
    """Number, op, inputs, shape, dtype, name and module of every node."""
    rows = rows_of(nodes)
    parts = [part for r, n in zip(rows[1:], nodes, strict=True) for part in (r, *rows_within(n))]
    return text_of([rows[0], *parts])


def rows_within(node: Node, depth: int = 1) -> list[tuple[str, ...]]:
    """The rows of the functions that a node of control flow runs, further in."""
    found: list[tuple[str, ...]] = []
    for name, body in bodies_of(node):
        ends = [body.nodes.index(end) for end in body.outputs]
        found.append(("", f"{'  ' * depth}{name}", *[""] * 5))
        for row, inner in zip(rows_of(body.nodes)[1:], body.nodes, strict=True):
            found.append((row[0], f"{'  ' * depth}{row[1]}", *row[2:]))
            found += rows_within(inner, depth + 1)
        outputs = ", ".join(f"#{end}" for end in ends)
        found.append(("", f"{'  ' * depth}return", outputs, *[""] * 4))
    return found


def rows_of(nodes: Sequence[Node]) -> list[tuple[str, ...]]:
    """A row of words for each node, under the names of the columns."""
    number = {node: i for i, node in enumerate(nodes)}
    rows: list[tuple[str, ...]] = [("#", "op", "inputs", "shape", "dtype", "name", "module")]
    for i, node in enumerate(nodes):
        parts = [f"#{number[x]}" if type(x) is Node else _constant_text(x) for x in node.inputs]
        parts += [f"#{number[x]}" for x in links_of(node) if x not in node.inputs]
        inputs = ", ".join(parts)
        if node.op is DRAW:
            inputs = f"{node.params[0]}()"
        elif node.op is COMPUTED or node.op.name == "effect":
            inputs = f"{called(node.params[0])}({inputs})"
        elif node.op is OUTPUT:
            inputs = f"{inputs}[{node.params[0]}]"
        elif node.op.name == "pull":
            inputs = f"{_rule_text(node)}({inputs})"
        shape, dtype = _shape_text(node)
        scope = repr(node.scope) if node.scope is not None else ""
        rows.append((str(i), node.op.name, inputs, shape, dtype, node.name or "", scope))
    return rows


def text_of(
    rows: Sequence[tuple[str, ...]], fitted: Sequence[int] = (), names: Sequence[int] = ()
) -> str:
    """Rows as columns of a table; those that are `fitted` are cut where a line would be too long.

    `names` are the columns that keep the end of what they say, such as `...0.weight.grad`.

    >>> print(text_of([("op", "shape"), ("add", "3")]))
    op   shape
    add  3
    """
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDEST:
        longest = max((*fitted, *names), key=widths.__getitem__, default=None)
        if longest is None or widths[longest] <= NARROWEST:
            break
        widths[longest] -= 1
    lines = (
        "  ".join(_cell(text, widths[c], c in names) for c, text in enumerate(row)) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _cell(text: str, width: int, is_name: bool) -> str:
    if len(text) <= width:
        return text.ljust(width)
    return f"...{text[3 - width :]}" if is_name else f"{text[: width - 3]}..."


def _rule_text(node: Node) -> str:
    """The rule that a pull runs: of an op, for one of its inputs."""
    op, position = node.params[:2]
    return op.name if position is None or op.variadic else f"{op.name}.{op.inputs[position]}"


def _constant_text(value: Any) -> str:
    if isinstance(value, Constant):
        return value.name
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)


def _shape_text(node: Node) -> tuple[str, str]:
    if isinstance(node.spec, list):
        return f"{len(node.spec)} outputs", ""
    return "×".join(map(str, node.shape)) or "scalar", str(node.dtype)

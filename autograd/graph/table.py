"""A graph as a table, one line a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.engine.row import COMPUTED, DRAW
from autograd.graph.call import links_of
from autograd.graph.naming import called

__all__ = ["table"]


def table(nodes: Sequence[Node]) -> str:
    """Number, op, inputs, shape, dtype, name and module of every node."""
    number = {node: i for i, node in enumerate(nodes)}
    rows = [("#", "op", "inputs", "shape", "dtype", "name", "module")]
    for i, node in enumerate(nodes):
        parts = [f"#{number[x]}" if type(x) is Node else _constant_text(x) for x in node.inputs]
        parts += [f"#{number[x]}" for x in links_of(node) if x not in node.inputs]
        inputs = ", ".join(parts)
        if node.op is DRAW:
            inputs = f"{node.params[0]}()"
        elif node.op is COMPUTED:
            inputs = f"{called(node.params[0])}({inputs})"
        shape, dtype = _shape_text(node)
        scope = repr(node.scope) if node.scope is not None else ""
        rows.append((str(i), node.op.name, inputs, shape, dtype, node.name or "", scope))
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
    return "\n".join(line.rstrip() for line in lines)


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

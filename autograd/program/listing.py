"""A program in words: a line for each instruction, the names of cells, and its constants."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.row import INPUT, STATE, WRITE
from autograd.graph.cells import Cell
from autograd.graph.naming import HELD
from autograd.graph.pytree import flat
from autograd.graph.table import rows_of, rows_within, text_of

__all__ = ["closed_over", "listing", "name_cells"]

WIDEST = 40  # characters of what an instruction reads
FITTED, NAMES = (2, 6), (5, 7)  # the columns that are cut where a line would be too long
NUMBERS = (bool, int, float, complex, str)


def name_cells(nodes: Sequence[Node]) -> None:
    """Name gradients and moments after the parameters that they belong to."""
    named = (*HELD, INPUT)
    names = {id(n.params[0]): n.name for n in nodes if n.op in named and n.name}
    for node in nodes:
        if node.op is not STATE and node.op is not WRITE:
            continue
        place = node.params[0]
        if isinstance(place, Cell):
            owner = names.get(id(place.tensor)) or place.tensor._name
            what = place.tensor._label() if owner is None else owner
            node.more().name = f"{what}.{place.kind}"
        elif node.name is None:
            node.more().name = names.get(id(place))


def listing(program: Any) -> str:
    """One line an instruction: op, inputs, shape, dtype, name, module and source line."""
    rows = rows_of(program.nodes)
    head = (*rows[0], "line")
    lines = []
    for row, node in zip(rows[1:], program.nodes, strict=True):
        lines.append((*row[:2], _short(row[2]), *row[3:], _line(node)))
        lines += [(*r[:2], _short(r[2]), *r[3:], "") for r in rows_within(node)]
    return text_of([head, *lines], FITTED, NAMES)


def _short(inputs: str) -> str:
    return inputs if len(inputs) <= WIDEST else inputs[: WIDEST - 3] + "..."


def _line(node: Node) -> str:
    return os.path.basename(node.where) if node.where else ""


def closed_over(function: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """The numbers among arguments, and those that a function refers to by a name of its own."""
    found: dict[str, Any] = {
        f"argument {i}": x for i, x in enumerate(flat((args, kwargs))) if isinstance(x, NUMBERS)
    }
    while isinstance(function, functools.partial):
        kept = (*function.args, *function.keywords.values())
        found |= {f"partial {i}": x for i, x in enumerate(kept) if isinstance(x, NUMBERS)}
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None:
        return found
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, (*NUMBERS, np.generic)):
            found[name] = value
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:
            continue  # not yet filled in
        if isinstance(value, (*NUMBERS, np.generic)):
            found[name] = value
    return found

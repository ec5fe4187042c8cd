"""The table of what is exported: a row for each op that ONNX has words for, and what has none.

An op without a row is read as its formula, whose parts have rows in `formulas.py`; so a row is
worth writing where ONNX has an operator for the whole, or where a formula cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import OpDefinitionError

__all__ = ["REFUSED", "ROWS", "refuse", "row", "rows"]

Row = Callable[..., Any]  # (builder, node, *inputs, **static parameters) -> a Value, or several
ROWS: dict[str, Row] = {}
REFUSED: dict[str, str] = {}  # why an op is not exported


def row(*names: str) -> Callable[[Row], Row]:
    """Enter a function as the row of one or more ops."""

    def enter(function: Row) -> Row:
        for name in names:
            if name in ROWS:
                raise OpDefinitionError(f"onnx: {name} has two rows")
            ROWS[name] = function
        return function

    return enter


def rows(table: dict[str, Row]) -> None:
    """Enter the rows of several ops."""
    for name, function in table.items():
        row(name)(function)


def refuse(reason: str, *names: str) -> None:
    """Say why ops are not exported."""
    REFUSED.update(dict.fromkeys(names, reason))

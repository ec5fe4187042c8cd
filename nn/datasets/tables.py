"""Tables of numbers in CSV files."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from nn.datasets.files import read_text


def read_csv(path: str | os.PathLike[str], delimiter: str = ",") -> dict[str, Any]:
    """The columns of a table by name, as float64 arrays; the first line holds the names.

    The file is UTF-8. Blanks around names and numbers do not count. A line with too few or too many
    cells, or with a cell that is no number, raises ValueError with its number.
    """
    path = Path(path)
    lines = _lines(path, delimiter)
    if not lines:
        raise ArgumentError(f"{path} is empty; its first line should name the columns")
    number, cells = lines[0]
    names = [name.strip() for name in cells]
    if "" in names or len(set(names)) < len(names):
        fault = "has no name" if "" in names else "comes twice"
        raise ArgumentError(f"{path}, line {number}: a column {fault}: {', '.join(names)}")
    table = np.empty((len(lines) - 1, len(names)), np.float64)
    for row, (number, cells) in zip(table, lines[1:], strict=True):
        if len(cells) != len(names):
            raise ArgumentError(
                f"{path}, line {number}: {len(cells)} cells for the {len(names)} columns "
                f"{', '.join(names)}"
            )
        for i, cell in enumerate(cells):
            try:
                row[i] = _number(cell)
            except ValueError:
                raise ArgumentError(
                    f"{path}, line {number}: {_short(cell)} in column {names[i]} is no number"
                ) from None
    return {name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(names)}


def _lines(path: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """The cells of each line that has any, with its number in the file."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    try:
        lines = ((reader.line_num, cells) for cells in reader)
        return [(number, cells) for number, cells in lines if "".join(cells).strip() or cells[1:]]
    except csv.Error as error:
        raise ArgumentError(f"{path}, line {reader.line_num}: {error}") from None


def _number(cell: str) -> float:
    """Python's own numbers, less those that it has for programs: 1_000."""
    if "_" in cell:
        raise ArgumentError(cell)
    return float(cell)


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}…")

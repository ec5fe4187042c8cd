"""Tables of numbers in CSV files."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_csv"]


def read_csv(path: str | os.PathLike[str], delimiter: str = ",") -> dict[str, Any]:
    """The columns of a table by name, as float64 arrays; the first line holds the names.

    Blanks around names and numbers do not count. A line with too few or too many cells, or with a
    cell that is no number, raises ValueError with its number.
    """
    path = Path(path)
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file, delimiter=delimiter) if line]
    if not lines:
        raise ValueError(f"{path} is empty; its first line should name the columns")
    names = [name.strip() for name in lines[0]]
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: a column name comes twice: {', '.join(names)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(names):
            raise ValueError(
                f"{path}, line {number}: {len(line)} cells for the {len(names)} columns "
                f"{', '.join(names)}"
            )
        try:
            rows.append([float(cell) for cell in line])
        except ValueError:
            raise ValueError(f"{path}, line {number}: {delimiter.join(line)!r} holds a cell that "
                             "is no number") from None  # fmt: skip
    table = np.array(rows, np.float64).reshape(len(rows), len(names))
    return {name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(names)}

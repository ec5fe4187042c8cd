"""Calls of the same name with another meaning in PyTorch: the table of `docs/from_pytorch.md`.

A row is run on both sides by `test_same_names.py`. `python -m tests.differential.same_names` writes
the table into the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["ERRORS", "ROWS", "Row", "page", "table"]

PAGE = Path(__file__).parents[2] / "docs" / "from_pytorch.md"
START, END = "<!-- same names: made by tests/differential/same_names.py -->\n", "<!-- end -->\n"


class Row(NamedTuple):
    """What a call gives there and here, in words, and how PyTorch's is written here, in code.

    `x` is a matrix, `v` a vector, `n` holds integers, `s` no axes; `ag` is torch on their side.
    """

    call: str
    theirs: str
    ours: str
    write: str


ROWS = (
    Row("x.repeat(2, 1)", "the whole, twice along axis 0", "each element twice, along axis 1",
        "ag.tile(x, (2, 1))"),
    Row("x.std()", "divided by N - 1", "divided by N", "x.std(correction=1)"),
    Row("x.var(0)", "divided by N - 1", "divided by N", "x.var(0, correction=1)"),
    Row("x.max(1)", "values and indices", "values", "(x.max(1), x.argmax(1))"),
    Row("x.min(1)", "values and indices", "values", "(x.min(1), x.argmin(1))"),
    Row("x.sort(1)", "values and indices", "values", "(x.sort(1), x.argsort(1))"),
    Row("x.median()", "the lower of the middle two", "their mean",
        "x.ravel().sort()[(x.size - 1) // 2]"),
    Row("x.median(1)", "values and indices", "values", "(x.sort(1)[:, 1], x.argsort(1)[:, 1])"),
    Row("ag.nanmedian(x, 1)", "values and indices", "values", ""),
    Row("ag.cummax(x, 0)", "values and indices", "values", ""),
    Row("ag.cummin(x, 0)", "values and indices", "values", ""),
    Row("x.nonzero()", "rows of indices", "an array of indices for each axis",
        "ag.stack(x.nonzero(), 1)"),
    Row("x.count_nonzero(0, 1)", "over both axes", "over axis 0, which is kept",
        "x.count_nonzero((0, 1))"),
    Row("x.unique(True)", "the values", "the values, and where they are first", "x.unique()"),
    Row("ag.split(x, 2)", "parts of 2 rows", "2 parts", "ag.split(x, 2, dim=0)"),
    Row("ag.meshgrid(v, x[0])", "the first varies along axis 0", "along axis 1",
        'ag.meshgrid(v, x[0], indexing="ij")'),
    Row("ag.equal(x, x)", "whether all are", "elementwise", "bool((x == x).all())"),
    Row("ag.nan_to_num(v / 0 * 0, 1)", "1 for NaN", "0 for NaN, in a copy",
        "ag.nan_to_num(v / 0 * 0, nan=1.0)"),
    Row("(v / 0 * 0).sign()", "0 of NaN", "NaN of NaN", "ag.nan_to_num((v / 0 * 0).sign())"),
    Row("n.reciprocal()", "floating", "cut to integers", "1 / n.float()"),
    Row("n.exp()", "float32 of integers", "float64", "n.float().exp()"),
    Row("n + x[0, 0]", "float32 of int64 with float32", "float64", "n.float() + x[0, 0]"),
    Row("s.cumsum(0)", "no axes", "one axis", "s.cumsum(0)[0]"),
)  # fmt: skip

ERRORS = (
    Row("x.transpose(0, 1)", "exchanges two axes", "an error: of a matrix NumPy's keeps them",
        "x.T"),
    Row("x.split(2)", "parts of 2 rows", "an error, unless it is the same in NumPy",
        "x.split(2, dim=0)"),
    Row("x.max(dim=1)", "values and indices", "an error: NumPy has no `dim`",
        "(x.max(1), x.argmax(1))"),
    Row("x.std(dim=1)", "divided by N - 1", "an error: NumPy has no `dim`",
        "x.std(1, correction=1)"),
    Row("x.std(0, True)", "divided by N - 1", "an error: NumPy's is a dtype",
        "x.std(0, correction=1)"),
    Row("x.sum(0, True)", "the axis kept", "an error: NumPy's is a dtype",
        "x.sum(0, keepdims=True)"),
)  # fmt: skip


def table() -> str:
    """The table, in Markdown."""
    head = "| call | PyTorch | chaingrad, as in NumPy | PyTorch's is |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{row.call}` | {row.theirs} | {row.ours} | {f'`{row.write}`' if row.write else '-'} |\n"
        for row in (*ROWS, *ERRORS)
    )


def page() -> str:
    """The page, with the table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    return before + START + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

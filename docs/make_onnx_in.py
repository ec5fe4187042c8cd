"""The table of operators in docs/onnx_in.md: `python docs/make_onnx_in.py` prints it."""

from __future__ import annotations

from nn.onnx.bodies import BODIES
from nn.onnx.reading import chapters
from nn.onnx.table import TABLE


def table() -> str:
    """A line for each chapter: its operators, with the opset from which on they are known."""
    chapters()
    rows: dict[str, list[str]] = {}
    for (_, name), row in sorted(TABLE.items()):
        since = f" ({row.since})" if row.since > 1 and not row.domain else ""
        rows.setdefault(row.chapter, []).append(f"`{name}`{since}")
    rows["by ONNX' own definition"] = [f"`{n}`" for names in BODIES.values() for n in names]
    lines = ["| chapter | operators (the first opset, where it is not 1) |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {', '.join(ops)} |" for name, ops in rows.items())])


if __name__ == "__main__":
    print(table())

"""A loop as readable code: one line for each operation, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.node import Node, in_order, number_of

__all__ = ["pseudo_code"]

_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<", "less_equal": "<=",
    "equal": "==", "not_equal": "!=", "and": "&", "or": "|", "xor": "^", "left_shift": "<<",
    "right_shift": ">>", "divide_whole": "//",
}  # fmt: skip


def pseudo_code(
    outputs: Sequence[Node],
    dtypes: Sequence[np.dtype[Any]],
    given: tuple[Sequence[str], Sequence[str]] | None = None,
) -> str:
    """What a loop does with each element, with names for what is read and for what is written.

    >>> from autograd.codegen.node import entry
    >>> from autograd.codegen.reductions import reduced
    >>> x = entry(0, "float64")
    >>> print(pseudo_code([reduced("sum", x * x)], [x.dtype]))
    for i:
        x0 = in0[i]  # float64
        t1 = x0 * x0
        out0 += t1
    """
    reads, writes = given or (
        [f"in{k}[i]" for k in range(len(dtypes))], [f"out{k}" for k in range(len(outputs))]
    )  # fmt: skip
    lines, names = ["for i:"], {}
    count = 0
    ends = {o.number for o in outputs if o.op == "reduce"}
    inside = {a.number for n in in_order(outputs) for a in n.args}
    for node in in_order(outputs):
        if node.op == "entry":
            names[node.number] = f"x{node.data}"
            lines.append(f"    x{node.data} = {reads[node.data]}  # {dtypes[node.data]}")
        elif node.op == "constant":
            names[node.number] = repr(number_of(node).item())
        elif node.number not in ends or node.number in inside:
            count += 1
            names[node.number] = f"t{count}"
            lines.append(f"    t{count} = {_text(node, [names[a.number] for a in node.args])}")
    for name, output in zip(writes, outputs, strict=True):
        lines.append(f"    {_written(name, output, names)}")
    return "\n".join(lines)


def _text(node: Node, args: list[str]) -> str:
    if node.op in _SIGNS:
        return f"{args[0]} {_SIGNS[node.op]} {args[1]}"
    if node.op == "negative":
        return f"-{args[0]}"
    if node.op == "select":
        return f"{args[1]} if {args[0]} else {args[2]}"
    if node.op in ("convert", "bitcast"):
        return f"{node.op}({args[0]}, {node.dtype})"
    if node.op == "index":
        return "place of i" + (f" along {node.data}" if node.data is not None else "")
    if node.op == "reduce":
        along = "all" if node.data.axis is None else ", ".join(map(str, node.data.axis))
        return f"{node.data.kind}({args[0]}) along {along}"
    name = node.data if node.op == "call" else node.op
    return f"{name}({', '.join(args)})"


def _written(array: str, output: Node, names: dict[int, str]) -> str:
    if output.op != "reduce" or output.number in names:
        return f"{array}[i] = {names[output.number]}"
    value, how = names[output.args[0].number], output.data
    if how.step in ("max", "min"):
        return f"{array} = {how.kind}({array}, {value})"
    mean = "  # a mean: divided by how many there are" if how.kind == "mean" else ""
    return f"{array} {'+' if how.step == 'sum' else '*'}= {value}{mean}"

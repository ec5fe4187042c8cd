"""A loop as readable code: one line for each operation, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.codegen.node import Node, in_order, number_of
from autograd.codegen.reductions import Reduced

__all__ = ["pseudo_code"]

_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<", "less_equal": "<=",
    "equal": "==", "not_equal": "!=", "and": "&", "or": "|", "xor": "^", "left_shift": "<<",
    "right_shift": ">>", "divide_whole": "//",
}  # fmt: skip


def pseudo_code(outputs: Sequence[Reduced], dtypes: Sequence[np.dtype[Any]]) -> str:
    """What a loop does with each element.

    >>> from autograd.codegen.node import entry
    >>> x = entry(0, "float64")
    >>> print(pseudo_code([Reduced("sum", x * x)], [x.dtype]))
    for i:
        x0 = in0[i]  # float64
        t1 = x0 * x0
        out0 += t1
    """
    lines, names = ["for i:"], {}
    count = 0
    for node in in_order([output.node for output in outputs]):
        if node.op == "entry":
            names[node.number] = f"x{node.data}"
            lines.append(f"    x{node.data} = in{node.data}[i]  # {dtypes[node.data]}")
        elif node.op == "constant":
            names[node.number] = repr(number_of(node).item())
        else:
            count += 1
            names[node.number] = f"t{count}"
            lines.append(f"    t{count} = {_text(node, [names[a.number] for a in node.args])}")
    for k, output in enumerate(outputs):
        lines.append(f"    {_written(k, output, names[output.node.number])}")
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
    name = node.data if node.op == "call" else node.op
    return f"{name}({', '.join(args)})"


def _written(k: int, output: Reduced, value: str) -> str:
    if not output.kind:
        return f"out{k}[i] = {value}"
    if output.step in ("max", "min"):
        return f"out{k} = {output.step}(out{k}, {value})"
    mean = "  # a mean: divided by how many there are" if output.kind == "mean" else ""
    return f"out{k} {'+' if output.step == 'sum' else '*'}= {value}{mean}"

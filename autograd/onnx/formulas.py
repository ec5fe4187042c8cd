"""Ops without a row, and rules of gradients: their formulas, instruction by instruction.

The compiler reads a formula on values without numbers (`compiler/lower`) and notes what it does
with them. Each of these instructions is an operator here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.lazy import some_numbers
from autograd.compiler.lower.lower import instructions_of
from autograd.engine.node import Node
from autograd.errors import ExportError
from autograd.onnx.functions import BOOLEAN, COMPARISONS, FUNCTIONS
from autograd.onnx.rows.indexing import sliced_by
from autograd.onnx.rows.reductions import REDUCTIONS, found_at
from autograd.onnx.sizes import together
from autograd.onnx.table import ROWS
from autograd.onnx.values import Value

__all__ = ["written"]


def written(b: Any, nodes: Sequence[Node], values: Mapping[Node, Any]) -> Any:
    """What a node gives, by its formula; None if it cannot be read. `nodes`: one of each trace."""
    found = [instructions_of(node, ROWS, 0) for node in nodes]
    if any(f is None for f in found):
        return None
    lists: list[list[Instruction]] = [f[0] for f in found if f is not None]
    kinds = [[(i.kind, i.name) for i in own] for own in lists]
    if any(k != kinds[0] for k in kinds):
        raise ExportError("its formula is another one at another length")
    assert found[0] is not None
    _, given, result = found[0]
    known: dict[Instruction, Any] = {i: read(values) for i, read in given.items()}
    for same in zip(*lists, strict=True):
        if same[0] not in known:
            made = _instruction(b, same, known)
            if made is None:
                return None
            known[same[0]] = made
    if isinstance(result, tuple):
        return tuple(None if i is None else known[i] for i in result)
    return known[result]


def _instruction(b: Any, same: Sequence[Instruction], known: Mapping[Any, Any]) -> Any:
    i = same[0]
    shape = together([x.shape for x in same], "a shape in a formula")
    inputs = [
        known[x] if type(x) is Instruction else together([s.inputs[k] for s in same], "a number")
        for k, x in enumerate(i.inputs)
    ]
    if i.kind == "constant":
        return b.constant(together([x.params[0] for x in same], "an array in a formula"))
    if i.kind == "elementwise":
        return _elementwise(b, i, inputs)
    if i.kind == "reduce":
        axes, keepdims = i.params
        if i.name.startswith("arg"):
            kind = "ArgMax" if i.name == "argmax" else "ArgMin"
            over = axes[0] if len(axes) == 1 else None
            return found_at(b, kind, b.operand(inputs[0]), over, keepdims, shape)
        x = b.operand(inputs[0])
        return REDUCTIONS[i.name](b, x, axes, keepdims, i.dtype).astype(i.dtype)
    if i.kind == "product":
        return b.matmul(*inputs)
    if i.kind == "view":
        return _view(b, i, inputs[0], shape, same)
    if i.kind == "part":
        return inputs[0][i.params[0]]
    return _call(b, i, inputs, shape, same)


def _elementwise(b: Any, i: Instruction, inputs: list[Any]) -> Value | None:
    like = next((x.dtype for x in inputs if hasattr(x, "dtype")), None)
    if i.name == "where":
        condition, x, y = inputs
        return b.where(condition, b.constant(x, i.dtype), b.constant(y, i.dtype))
    if i.name == "astype":
        return b.cast(inputs[0], i.dtype)
    table = COMPARISONS.get(i.name) or BOOLEAN.get(i.name)
    if table is not None:
        return table(b, *[b.operand(x, like) for x in inputs])
    function = FUNCTIONS.get(i.name)
    if function is None:
        return None
    assert i.dtype is not None
    common = i.dtype
    if common.kind == "b":
        common = np.result_type(*[getattr(x, "dtype", x) for x in inputs])
    return function(b, *[b.constant(b.operand(x, like), common) for x in inputs]).astype(i.dtype)


def _view(b: Any, i: Instruction, x: Any, shape: Any, same: Sequence[Instruction]) -> Value:
    if i.name == "reshape":
        return b.reshape(x, shape)
    if i.name == "broadcast_to":
        return b.expand(x, shape)
    if i.name == "transpose":
        return b.transpose(x, i.params[0])
    return sliced_by(b, x, together([s.params[0] for s in same], "an index in a formula"), shape)


def _call(
    b: Any, i: Instruction, inputs: list[Any], shape: Any, same: Sequence[Instruction]
) -> Any:
    if i.name == "concatenate" and len(i.params) == 1:
        return b.concat([b.constant(x, i.dtype) for x in inputs], i.params[0])
    if i.name == "stack" and len(i.params) == 1:
        axis = i.params[0] % len(shape)
        short = (*shape[:axis], 1, *shape[axis + 1 :])
        return b.concat([b.reshape(b.constant(x, i.dtype), short) for x in inputs], axis)
    if i.name == "placed":
        return _placed(b, i, inputs, shape, same)
    if len(i.params) == 2 and i.name in ROWS:
        op = i.params[0]
        params = together([s.params[1] for s in same], f"a parameter of {i.name}")
        spec = (shape, i.dtype) if i.shape is not None else _specs(same)
        call = SimpleNamespace(op=op, shape=shape, dtype=i.dtype, spec=spec)
        return ROWS[i.name](b, call, *inputs, **params)
    return None


def _specs(same: Sequence[Instruction]) -> Any:
    """Shape and dtype of several results: what some numbers in the place of values give."""
    found = []
    for i in same:
        op, params = i.params
        given = [some_numbers(x.shape or (), x.dtype) if type(x) is Instruction else x
                 for x in i.inputs]  # fmt: skip
        found.append([(np.shape(r), r.dtype) for r in op.narrow(*given, **params)])
    return [
        (together([shape for shape, _ in own], "a shape in a formula"), own[0][1])
        for own in zip(*found, strict=True)
    ]


def _placed(b: Any, i: Instruction, inputs: list[Any], shape: Any, same: Any) -> Value:
    axis, places = together([s.params for s in same], "where parts lie")
    parts, end = [], 0
    for (start, stop), x in zip(places, inputs, strict=True):
        parts += _zeros(b, i, shape, axis, start - end)
        parts.append(b.constant(x, i.dtype))
        end = stop
    return b.concat([*parts, *_zeros(b, i, shape, axis, shape[axis] - end)], axis)


def _zeros(b: Any, i: Instruction, shape: Any, axis: int, length: Any) -> list[Value]:
    if type(length) is int and length == 0:
        return []
    whole = (*shape[:axis], length, *shape[axis + 1 :])
    return [b.expand(b.constant(0, i.dtype), whole)]

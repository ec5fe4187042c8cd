"""Products of matrices and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.sizes import product
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []


@row("matmul")
def _matmul(b: Any, node: Any, x: Any, y: Any) -> Value:
    x, y, dtype = b.pair(b.operand(x), b.operand(y))
    wide = np.int64 if dtype.kind in "biu" else dtype
    return b.op("MatMul", x.astype(wide), y.astype(wide), shape=node.shape,
                dtype=wide).astype(node.dtype)  # fmt: skip


@row("linear")
def _linear(b: Any, node: Any, x: Any, weight: Any, bias: Any = None) -> Value:
    """Gemm where x is a matrix."""
    x, weight = (b.constant(v, node.dtype) for v in (x, weight))
    bias = None if bias is None else b.constant(bias, node.dtype)
    if x.ndim == 2 and weight.ndim == 2 and node.dtype.kind == "f":
        return b.op("Gemm", x, weight, bias, shape=node.shape, dtype=node.dtype, transB=1)
    turned = b.transpose(weight, (*range(weight.ndim - 2), -1, -2)) if weight.ndim > 1 else weight
    found = b.op("MatMul", x, turned, shape=node.shape, dtype=node.dtype)
    return found if bias is None else found + bias


@row("outer")
def _outer(b: Any, node: Any, x: Any, y: Any) -> Value:
    x, y = b.constant(x, node.dtype), b.constant(y, node.dtype)
    return b.reshape(x, (product(x.shape), 1)) * b.reshape(y, (product(y.shape),))


@row("tensordot")
def _tensordot(b: Any, node: Any, x: Any, y: Any, axes: Any = 2) -> Value:
    x, y = b.constant(x, node.dtype), b.constant(y, node.dtype)
    if isinstance(axes, (int, np.integer)):
        axes = (range(x.ndim - int(axes), x.ndim), range(int(axes)))
    lists = ([a] if isinstance(a, (int, np.integer)) else [*a] for a in axes)
    of_x, of_y = ([int(a) % v.ndim for a in of] for of, v in zip(lists, (x, y), strict=True))
    free_x = [a for a in range(x.ndim) if a not in of_x]
    free_y = [a for a in range(y.ndim) if a not in of_y]
    summed = product([x.shape[a] for a in of_x])
    left = b.reshape(b.transpose(x, free_x + of_x), (product([x.shape[a] for a in free_x]), summed))
    right = b.reshape(b.transpose(y, of_y + free_y),
                      (summed, product([y.shape[a] for a in free_y])))  # fmt: skip
    return b.reshape(b.matmul(left, right), node.shape)


def _alike(b: Any, given: list[Value], subscripts: str) -> list[Value]:
    """Axes of one letter with one length: NumPy broadcasts those of length 1."""
    terms = subscripts.split("->")[0].split(",")
    if "." in subscripts:
        return given
    pairs = [
        (c, n) for t, x in zip(terms, given, strict=True) for c, n in zip(t, x.shape, strict=True)
    ]
    lengths = dict(pairs) | {c: n for c, n in pairs if n != 1}
    return [b.expand(x, [lengths[c] for c in t]) for t, x in zip(terms, given, strict=True)]


@row("einsum")
def _einsum(b: Any, node: Any, *xs: Any, subscripts: str) -> Value:
    given = [b.constant(x, node.dtype) for x in xs]
    given = _alike(b, given, subscripts.replace(" ", ""))
    return b.op("Einsum", *given, shape=node.shape, dtype=node.dtype,
                equation=subscripts.replace(" ", ""))  # fmt: skip


@row("cross")
def _cross(b: Any, node: Any, x: Any, y: Any) -> Value:
    x, y = b.constant(x, node.dtype), b.constant(y, node.dtype)

    def turned(v: Value, order: tuple[int, ...]) -> Value:
        return b.op("Gather", v, b.constant(np.array(order)), shape=v.shape, dtype=v.dtype,
                    axis=v.ndim - 1)  # fmt: skip

    first, second = (1, 2, 0), (2, 0, 1)
    return turned(x, first) * turned(y, second) - turned(x, second) * turned(y, first)

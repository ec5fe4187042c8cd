"""Products of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.budget import products, spread
from nn.onnx.table import Call, plain, row

plain(__name__, {"Det": ag.linalg.det})


@row("MatMul")
def matmul(call: Call, a: Any, b: Any) -> Any:
    """The product of matrices, or of stacks of them."""
    _product(a, b)
    return a @ b


def _product(a: Any, b: Any, whole: bool = False) -> None:
    """Refuse a product of matrices that is too large."""
    if raw(a).ndim > 1 and raw(b).ndim > 1:
        try:
            heads = np.broadcast_shapes(raw(a).shape[:-2], raw(b).shape[:-2])
        except ValueError:  # that they do not fit is told by who takes them
            return
        products((*heads, raw(a).shape[-2], raw(b).shape[-1]), raw(a).shape[-1], whole)


@row("Gemm")
def gemm(call: Call, a: Any, b: Any, c: Any = None) -> Any:
    """alpha a b + beta c."""
    a = ag.transpose(a) if call("transA", 0) else a
    b = ag.transpose(b) if call("transB", 0) else b
    alpha, beta = call("alpha", 1.0), call("beta", 1.0)
    _product(a, b)
    found = a @ b
    found = found * alpha if alpha != 1 else found
    if c is None:
        return found
    spread(found, c)
    return found + (c * beta if beta != 1 else c)


@row("Einsum")
def einsum(call: Call, *inputs: Any) -> Any:
    """Products summed as letters say."""
    equation = call("equation").replace(" ", "")
    _lettered(equation, [raw(x).shape for x in inputs])
    return ag.einsum(equation, *inputs)


def _lettered(equation: str, shapes: list[Any]) -> None:
    """Refuse an einsum whose output, or all of whose products, are too many."""
    named, _, out = equation.partition("->")
    lengths: dict[str, int] = {}
    for letters, shape in zip(named.split(","), shapes, strict=False):
        first, dots, last = letters.partition("...")
        ends = shape[len(shape) - len(last) :] if dots else ()
        middle = shape[len(first) : len(shape) - len(last)] if dots else ()
        pairs = [*zip(first, shape, strict=False), *zip(last, ends, strict=False)]
        pairs += [(f".{len(middle) - i}", n) for i, n in enumerate(middle)]
        for letter, length in pairs:
            lengths[letter] = max(lengths.get(letter, 1), length)
    kept = set(out) if "->" in equation else {c for c in named if named.count(c) == 1}
    free = {c for c in lengths if c in kept or "." in c}
    summed = math.prod(n for c, n in lengths.items() if c not in free)
    products((lengths[c] for c in free), summed)


@row("MatMulInteger")
def matmul_integer(call: Call, a: Any, b: Any, a_zero: Any = None, b_zero: Any = None) -> Any:
    """The product of whole numbers, less their zero points."""
    _product(a, b, whole=True)
    left, right = raw(a).astype(np.int32), raw(b).astype(np.int32)
    if a_zero is not None:
        zero = raw(a_zero).astype(np.int32)
        left = left - (zero[:, None] if zero.ndim == 1 and zero.size > 1 else zero)
    if b_zero is not None:
        right = right - raw(b_zero).astype(np.int32)
    return ag.Tensor(np.matmul(left, right))

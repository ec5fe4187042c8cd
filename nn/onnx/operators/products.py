"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.table import Call, plain, row, spread

plain(__name__, {"Det": ag.linalg.det})


@row("MatMul")
def matmul(call: Call, a: Any, b: Any) -> Any:
    """The product of matrices, or of stacks of them."""
    if a.ndim > 1 and b.ndim > 1:
        spread(raw(a)[..., :1], raw(b)[..., :1, :])
    return a @ b


@row("Gemm")
def gemm(call: Call, a: Any, b: Any, c: Any = None) -> Any:
    """alpha a b + beta c."""
    a = ag.transpose(a) if call("transA", 0) else a
    b = ag.transpose(b) if call("transB", 0) else b
    alpha, beta = call("alpha", 1.0), call("beta", 1.0)
    spread(raw(a)[:, :1], raw(b)[:1])
    found = a @ b
    found = found * alpha if alpha != 1 else found
    if c is None:
        return found
    return found + (c * beta if beta != 1 else c)


@row("Einsum")
def einsum(call: Call, *inputs: Any) -> Any:
    """Products summed as letters say."""
    return ag.einsum(call("equation").replace(" ", ""), *inputs)


@row("MatMulInteger")
def matmul_integer(call: Call, a: Any, b: Any, a_zero: Any = None, b_zero: Any = None) -> Any:
    """The product of whole numbers, less their zero points."""
    left, right = raw(a).astype(np.int32), raw(b).astype(np.int32)
    if a_zero is not None:
        zero = raw(a_zero).astype(np.int32)
        left = left - (zero[:, None] if zero.ndim == 1 and zero.size > 1 else zero)
    if b_zero is not None:
        right = right - raw(b_zero).astype(np.int32)
    return ag.Tensor(np.matmul(left, right))

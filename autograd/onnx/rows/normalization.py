"""Normalisation: ONNX's operators where a layer has their form."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.sizes import Size, product
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []


@row("standardize_by")
def _standardize_by(b: Any, node: Any, x: Any, mean: Any, inverse: Any, weight: Any = None,
                    bias: Any = None) -> Value:  # fmt: skip
    """A batch normalisation whose variance is in its scale already."""
    x = b.constant(x, node.dtype)
    given = [
        None if v is None else b.constant(v, node.dtype) for v in (mean, inverse, weight, bias)
    ]
    mean, scale, weight, bias = given
    scale = scale if weight is None else scale * weight
    channels = x.shape[1]
    known = all(v is None or v.shape[:2] == (1, channels) for v in (mean, bias))
    if x.ndim < 2 or type(channels) is Size or not known or 0 in x.shape:
        found = (x - mean) * scale
        return found if bias is None else found + bias
    flat = [b.reshape(v, (channels,)) for v in (scale, mean)]
    shift = b.constant(np.zeros(channels, node.dtype)) if bias is None else b.reshape(
        bias, (channels,))  # fmt: skip
    ones = b.constant(np.ones(channels, node.dtype))
    return b.op("BatchNormalization", x, flat[0], shift, flat[1], ones, shape=node.shape,
                dtype=node.dtype, epsilon=0.0)  # fmt: skip


@row("standardize")
def _standardize(b: Any, node: Any, x: Any, weight: Any = None, bias: Any = None, *, axes: Any,
                 eps: float) -> Any:  # fmt: skip
    (shape, dtype), _, _ = node.spec
    x = b.constant(x, dtype)
    axes = tuple(sorted(a % x.ndim for a in axes))
    mean = b.reduce("ReduceMean", x, axes, True)
    off = x - mean
    var = b.reduce("ReduceMean", off * off, axes, True)
    if weight is not None:
        weight = b.constant(weight, dtype)
        zeros = np.zeros(list(weight.shape), dtype)
        bias = b.constant(zeros if bias is None else bias, dtype)
    own = tuple(x.shape[a] for a in axes)
    last = axes == tuple(range(x.ndim - len(axes), x.ndim))
    # an attribute holds eps in single precision alone
    fits = last and weight is not None and weight.shape == own and 0 not in shape
    if fits and dtype == np.float32:
        y = b.op("LayerNormalization", x, weight, bias, shape=shape, dtype=dtype, axis=axes[0],
                 epsilon=eps)  # fmt: skip
        return y, mean, var
    y = off / b.unary("Sqrt", var + eps)
    if weight is None:
        return y, mean, var
    if weight.ndim == 1 and not last:  # channels
        lead = (1, weight.shape[0], *(1,) * (x.ndim - 2))
        weight, bias = b.reshape(weight, lead), b.reshape(bias, lead)
    elif weight.shape != own and product(weight.shape[1:]) == product(own):
        # rows of several groups, each with numbers of its own
        count = weight.shape[0]
        y = b.reshape(y, (product(shape) // product(weight.shape), count, *weight.shape[1:]))
        return b.reshape(y * weight + bias, shape), mean, var
    return y * weight + bias, mean, var

"""Normalization by means and variances."""

from __future__ import annotations

import math
from typing import Any

import autograd as ag
from autograd.errors import ShapeError
from autograd.extend import raw
from nn.onnx.budget import products, sized, spread
from nn.onnx.table import Call, row


def _channels(a: Any, x: Any) -> Any:
    if x.ndim > 1 and raw(a).size not in (1, x.shape[1]):
        raise ShapeError(f"there are {raw(a).size} numbers for {x.shape[1]} channels")
    return a.reshape(1, -1, *[1] * (x.ndim - 2)) if x.ndim > 1 else a


@row("BatchNormalization", since=7)
def batch_norm(call: Call, x: Any, scale: Any, bias: Any, mean: Any, var: Any) -> Any:
    """x scaled by what is known of its channels, or in training mode by the batch."""
    eps, momentum = call("epsilon", 1e-5), call("momentum", 0.9)
    new_mean, new_var = mean, var
    if call("training_mode", 0):
        axes = (0, *range(2, x.ndim))
        now_mean, now_var = ag.mean(x, axis=axes), ag.var(x, axis=axes)
        new_mean = mean * momentum + now_mean * (1 - momentum)
        new_var = var * momentum + now_var * (1 - momentum)
        mean, var = now_mean, now_var
    factor = scale / ag.sqrt(var + eps)
    found = (x - _channels(mean, x)) * _channels(factor, x) + _channels(bias, x)
    return (found, new_mean, new_var)[: max(1, call.outputs)]


@row("InstanceNormalization", since=6)
def instance_norm(call: Call, x: Any, scale: Any, bias: Any) -> Any:
    """Each channel of each picture with mean 0 and variance 1, then scaled."""
    axes = tuple(range(2, x.ndim))
    centred = x - ag.mean(x, axis=axes, keepdims=True)
    var = ag.mean(centred * centred, axis=axes, keepdims=True)
    found = centred / ag.sqrt(var + call("epsilon", 1e-5))
    return found * _channels(scale, x) + _channels(bias, x)


@row("LayerNormalization", since=17)
def layer_norm(call: Call, x: Any, scale: Any, bias: Any = None) -> Any:
    """Mean 0 and variance 1 over the axes from `axis` on, then scaled."""
    axes = tuple(range(call("axis", -1) % x.ndim, x.ndim))
    spread(x, scale, bias)
    mean = ag.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    var = ag.mean(centred * centred, axis=axes, keepdims=True)
    inverse = 1 / ag.sqrt(var + call("epsilon", 1e-5))
    found = centred * inverse * scale
    found = found if bias is None else found + bias
    return (found, mean, inverse)[: max(1, call.outputs)]


@row("RMSNormalization", since=23)
def rms_norm(call: Call, x: Any, scale: Any) -> Any:
    """x divided by the root of its mean square over the axes from `axis` on, then scaled."""
    axes = tuple(range(call("axis", -1) % x.ndim, x.ndim))
    spread(x, scale)
    square = ag.mean(x * x, axis=axes, keepdims=True)
    return ag.astype(x / ag.sqrt(square + call("epsilon", 1e-5)) * scale, raw(x).dtype)


@row("GroupNormalization", since=18)
def group_norm(call: Call, x: Any, scale: Any, bias: Any) -> Any:
    """Mean 0 and variance 1 in groups of channels, then scaled."""
    groups = call("num_groups")
    parts = x.reshape(x.shape[0], groups, math.prod(x.shape[1:]) // groups)
    centred = parts - ag.mean(parts, axis=-1, keepdims=True)
    var = ag.mean(centred * centred, axis=-1, keepdims=True)
    found = (centred / ag.sqrt(var + call("epsilon", 1e-5))).reshape(x.shape)
    if call.opset < 21:  # a scale for each group
        each = x.shape[1] // groups
        sized((each, scale.size))
        scale, bias = ag.repeat(scale, each, axis=0), ag.repeat(bias, each, axis=0)
    return found * _channels(scale, x) + _channels(bias, x)


@row("LRN", since=1)
def lrn(call: Call, x: Any) -> Any:
    """x divided by a power of the squares in the channels around."""
    size, alpha, beta = call("size"), call("alpha", 1e-4), call("beta", 0.75)
    before = (size - 1) // 2
    sized((*x.shape[2:], x.shape[0], x.shape[1] + size))
    products(x.shape, size)
    frame = [(0, 0), (before, size - 1 - before), *[(0, 0)] * (x.ndim - 2)]
    square, channels = ag.pad(x * x, frame), x.shape[1]
    total = square[:, :channels]
    for i in range(1, size):
        total = total + square[:, i : i + channels]
    return x / (total * (alpha / size) + call("bias", 1.0)) ** beta


@row("MeanVarianceNormalization", since=9)
def mean_variance_normalization(call: Call, x: Any) -> Any:
    """x with mean 0 and variance 1 over some axes."""
    axes = tuple(call("axes", [0, 2, 3]))
    mean = ag.mean(x, axis=axes, keepdims=True)
    square = ag.mean(x * x, axis=axes, keepdims=True)
    return (x - mean) / (ag.sqrt(square - mean * mean) + 1e-9)

"""Activations, with ONNX' names of their options."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from autograd.extend import raw
from nn.onnx.table import Call, plain, row

plain(
    __name__,
    {
        "HardSwish": F.hardswish,
        "Mish": ag.mish,
        "Relu": ag.relu,
        "Softsign": ag.softsign,
    },
    since=1,
)


@row("Softplus", since=1)
def softplus(call: Call, x: Any) -> Any:
    """log(1 + exp x)."""
    return ag.logaddexp(x, ag.zeros_like(x))


@row("Elu", since=1)
def elu(call: Call, x: Any) -> Any:
    """x, or alpha (exp x - 1) below zero."""
    return ag.elu(x, alpha=call("alpha", 1.0))


@row("Celu", since=1)
def celu(call: Call, x: Any) -> Any:
    """x, or alpha (exp(x / alpha) - 1) below zero."""
    return ag.celu(x, alpha=call("alpha", 1.0))


@row("Selu", since=1)
def selu(call: Call, x: Any) -> Any:
    """gamma times x, or gamma alpha (exp x - 1) below zero."""
    alpha, gamma = call("alpha", 1.6732632423543772), call("gamma", 1.0507009873554805)
    return ag.elu(x, alpha=alpha) * gamma


@row("LeakyRelu", since=1)
def leaky_relu(call: Call, x: Any) -> Any:
    """x, or alpha x below zero."""
    return ag.leaky_relu(x, negative_slope=call("alpha", 0.01))


@row("PRelu")
def prelu(call: Call, x: Any, slope: Any) -> Any:
    """x, or slope x below zero, the slope broadcast over x."""
    return ag.where(x < 0, x * slope, x)


@row("ThresholdedRelu", since=1)
def thresholded_relu(call: Call, x: Any) -> Any:
    """x where it is above alpha, else 0."""
    return ag.where(x > call("alpha", 1.0), x, ag.zeros_like(x))


@row("HardSigmoid", since=1)
def hard_sigmoid(call: Call, x: Any) -> Any:
    """alpha x + beta, held between 0 and 1."""
    return ag.clip(x * call("alpha", 0.2) + call("beta", 0.5), 0.0, 1.0)


@row("Swish")
def swish(call: Call, x: Any) -> Any:
    """x sigmoid(alpha x)."""
    return x * ag.sigmoid(x * call("alpha", 1.0))


@row("Gelu")
def gelu(call: Call, x: Any) -> Any:
    """x times the normal distribution up to x, or its approximation by tanh."""
    return ag.gelu(x, approximate=call("approximate", "none"))


@row("Shrink")
def shrink(call: Call, x: Any) -> Any:
    """Numbers nearer to 0 than lambd are 0, the others come nearer by bias."""
    lambd, bias = call("lambd", 0.5), call("bias", 0.0)
    zero = ag.zeros_like(x)
    found = ag.where(x < -lambd, x + bias, ag.where(x > lambd, x - bias, zero))
    return ag.astype(found, raw(x).dtype)


def _flattened(call: Call, x: Any, function: Any) -> Any:
    """Before opset 13 the axes from `axis` on are one."""
    axis = call("axis", -1 if call.opset >= 13 else 1)
    if call.opset >= 13:
        return function(x, axis)
    shape = x.shape
    flat = x.reshape(math.prod(shape[:axis]), math.prod(shape[axis:]))
    return function(flat, 1).reshape(shape)


@row("Softmax", since=1)
def softmax(call: Call, x: Any) -> Any:
    """exp x, divided by its sum."""
    return _flattened(call, x, lambda a, axis: ag.softmax(a, axis=axis))


@row("LogSoftmax", since=1)
def log_softmax(call: Call, x: Any) -> Any:
    """The logarithm of softmax."""
    return _flattened(call, x, lambda a, axis: ag.log_softmax(a, axis=axis))


@row("Hardmax", since=1)
def hardmax(call: Call, x: Any) -> Any:
    """1 at the first largest number, else 0."""

    def first(a: Any, axis: int) -> Any:
        numbers = raw(a)
        found = np.zeros_like(numbers)
        if numbers.size:
            largest = np.expand_dims(numbers.argmax(axis), axis)
            np.put_along_axis(found, largest, 1, axis)
        return ag.Tensor(found)

    return _flattened(call, x, first)


@row("Dropout")
def dropout(call: Call, x: Any, ratio: Any = None, training: Any = None) -> Any:
    """x, or in training mode some of its numbers, scaled up to keep the mean."""
    p = call("ratio", 0.5) if ratio is None else float(raw(ratio))
    trains = training is not None and bool(raw(training)) and p > 0
    if not trains:
        mask = ag.Tensor(np.ones(x.shape, bool))
        return (x, mask)[: max(call.outputs, 1)]
    draws = np.random.RandomState(call("seed", None)).uniform(0, 1.0, x.shape)
    mask = draws >= p
    return (x * ag.Tensor(mask.astype(raw(x).dtype)) / (1 - p), ag.Tensor(mask))[: call.outputs]

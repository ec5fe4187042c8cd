"""Activations that PyTorch has among its own functions, and softmaxes, of which `dim` is told."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import DTypeError
from autograd.extend import raw
from nn.torch.dtypes import as_numpy
from nn.torch.functions.calling import axis_of, filled, named, numpy_names
from nn.torch.promotion import cast, floating


def _softmax(op: Any, name: str) -> Any:
    def call(input: Any, dim: int, dtype: Any = None) -> Any:
        x = cast(input, as_numpy(dtype)) if dtype is not None else input
        axis = axis_of(input, dim)
        if not x.ndim:
            return autograd.reshape(op(autograd.reshape(x, 1), axis), ())
        return op(x, axis)

    return numpy_names(named(call, name, op.__doc__ or ""))


softmax = _softmax(autograd.softmax, "softmax")
log_softmax = _softmax(autograd.log_softmax, "log_softmax")


def relu(input: Any) -> Any:
    """max(x, 0)."""
    if raw(input).dtype.kind == "b":
        raise DTypeError("relu: booleans have no sign; use x.float()")
    if raw(input).dtype.kind in "iu":
        return autograd.maximum(input, 0)
    return autograd.relu(input)


def selu(input: Any) -> Any:
    """The scaled exponential linear unit."""
    return autograd.selu(input)


def celu(input: Any, alpha: float = 1.0) -> Any:
    """The continuously differentiable exponential linear unit."""
    return autograd.celu(input, alpha)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """0 where |x| is at most lambd, else x."""
    return autograd.hardshrink(input, lambd)


def threshold(input: Any, threshold: float, value: float) -> Any:
    """x above the threshold, else a value."""
    return autograd.threshold(input, threshold, value)


def prelu(input: Any, weight: Any) -> Any:
    """x, or weight · x where it is negative; a weight for each channel."""
    channels = np.size(raw(weight))
    if channels > 1 and input.ndim > 1:
        weight = autograd.reshape(weight, (channels, *(1,) * (input.ndim - 2)))
    return autograd.prelu(input, weight)


def embedding(weight: Any, indices: Any, padding_idx: int = -1, *options: Any) -> Any:
    """The rows of a table at indices; its order of arguments is not that of nn.functional."""
    from nn.functional import embedding as rows  # late: nn's layers

    return rows(indices, weight, None if padding_idx == -1 else padding_idx)


def expit(input: Any, *, out: Any = None) -> Any:
    """1 / (1 + e⁻ˣ)."""
    return filled(out, autograd.sigmoid(floating(input)))

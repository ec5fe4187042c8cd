"""Linear maps, and what only rearranges channels, as functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.loss.reduction import as_tensor


@checked
def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """x Wᵀ + b.

    Shape: (*, I), weight (O, I), bias (O,) -> (*, O); others raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.linear(ag.Tensor([1.0, 2.0]), ag.Tensor([[3.0, 4.0]]), ag.Tensor([5.0]))
    Tensor([16.], dtype=float32)
    """
    return ag.linear(input, weight, bias)


@checked
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    """x₁ᵀ W x₂ + b, one W for each output.

    Shape: input1 (*, I), input2 (*, J), weight (O, I, J), bias (O,) -> (*, O).

    >>> import autograd as ag
    >>> import nn
    >>> x, y = ag.Tensor([1.0, 2.0]), ag.Tensor([3.0])
    >>> nn.functional.bilinear(x, y, ag.Tensor([[[1.0], [10.0]]]))
    Tensor([63.], dtype=float32)
    """
    weight = as_tensor(weight)
    input1, input2 = as_tensor(input1, weight.dtype), as_tensor(input2, weight.dtype)
    if weight.ndim != 3:
        raise ShapeError(f"bilinear: weight is {weight.shape}; it must be (out, in1, in2){here()}")
    out, in1, in2 = weight.shape
    lead = input1.shape[:-1]
    if input1.shape != (*lead, in1) or input2.shape != (*lead, in2):
        raise ShapeError(
            f"bilinear: input1 is {input1.shape} and input2 is {input2.shape}; for a weight "
            f"{weight.shape} they must be (..., {in1}) and (..., {in2}), and agree before that"
            f"{here()}"
        )
    pairs = ag.expand_dims(input1, -1) * ag.expand_dims(input2, -2)
    flat = ag.reshape(pairs, (*lead, in1 * in2))
    return ag.linear(flat, ag.reshape(weight, (out, in1 * in2)), bias)


@checked
def channel_shuffle(input: Any, groups: int) -> Tensor:
    """The channels dealt out anew, one from each group in turn.

    Source: Zhang, Zhou, Lin and Sun, ShuffleNet (2018).

    Shape: (N, C, ...) -> the same, with C a multiple of `groups`.

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> x = ag.Tensor(np.arange(4).reshape(1, 4, 1))
    >>> nn.functional.channel_shuffle(x, 2).tolist()
    [[[0], [2], [1], [3]]]
    """
    shape = np.shape(input)
    if len(shape) < 3 or groups < 1 or shape[1] % groups:
        raise ShapeError(
            f"channel_shuffle: the input must be (N, C, ...) with C a multiple of {groups} groups, "
            f"got {shape}{here()}"
        )
    split = ag.reshape(input, (shape[0], groups, shape[1] // groups, math.prod(shape[2:])))
    return ag.reshape(ag.swapaxes(split, 1, 2), shape)

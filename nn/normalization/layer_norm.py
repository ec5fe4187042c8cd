"""Samples standardised over their features: all of them, or groups of channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from nn.module.checks import as_lengths, check_channels, check_floating, check_last_axes
from nn.normalization.ops import pair, standardize


@checked
def layer_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Tensor:
    """Less the mean, by the deviation √(var + eps), over the last axes; times weight, plus bias.

    `normalized_shape` are the lengths of these axes; `weight` and `bias` have that shape.

    Source: Ba, Kiros and Hinton, Layer normalization (2016).

    Shape: (*, normalized_shape) -> the same; other last axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.layer_norm(ag.Tensor([[1.0, 3.0]]), (2,), eps=0.0)
    Tensor([[-1.,  1.]], dtype=float32)
    """
    wanted = as_lengths(normalized_shape)
    shape = check_floating("layer_norm", input, len(wanted))
    check_last_axes("layer_norm", shape, wanted, weight=weight, bias=bias)
    weight, bias = pair(weight, bias)
    axes = tuple(range(len(shape) - len(wanted), len(shape)))
    y, _, _ = standardize(input, weight, bias, axes=axes, eps=eps)
    return y


@checked
def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """Less the mean, by the deviation, over groups of neighbouring channels of (N, C, ...).

    `num_groups` divides C. The deviation is √(var + eps). `weight` and `bias` (C,) then scale and
    shift each channel.

    Source: Wu and He, Group normalization (2018).

    Shape: (N, C, *) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.group_norm(ag.Tensor([[1.0, 3.0, 0.0, 8.0]]), 2, eps=0.0)
    Tensor([[-1.,  1., -1.,  1.]], dtype=float32)
    """
    shape = check_floating("group_norm", input, 2)
    channels = shape[1]
    if num_groups < 1 or channels % num_groups:
        raise ShapeError(
            f"group_norm: input is {shape}: {channels} channels do not fall into {num_groups} "
            f"groups of equal size{here()}"
        )
    check_channels("group_norm", shape, weight=weight, bias=bias)
    inner = (channels // num_groups, *shape[2:])
    if shape[0] * math.prod(inner) == 1:
        raise ArgumentError(
            f"group_norm: input is {shape}: one value for each of {num_groups} groups has no "
            f"variance{here()}"
        )
    weight, bias = pair(weight, bias)
    own = (num_groups, inner[0], *(1,) * (len(shape) - 2))
    y, _, _ = standardize(
        ag.reshape(input, (shape[0], num_groups, *inner)),
        None if weight is None else ag.reshape(weight, own),
        None if bias is None else ag.reshape(bias, own),
        axes=tuple(range(2, len(inner) + 2)),
        eps=eps,
    )
    return ag.reshape(y, shape)


@checked
def rms_norm(
    input: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None
) -> Tensor:
    """The last axes by their root of the mean of squares, √(mean x² + eps); times weight.

    `normalized_shape` are the lengths of these axes, and the shape of `weight`. `eps=None` is the
    machine epsilon of the input's dtype.

    Source: Zhang and Sennrich, Root mean square layer normalization (2019).

    Shape: (*, normalized_shape) -> the same; other last axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.rms_norm(ag.Tensor([[1.0, -1.0]]), 2, eps=0.0)
    Tensor([[ 1., -1.]], dtype=float32)
    """
    wanted = as_lengths(normalized_shape)
    shape = check_floating("rms_norm", input, len(wanted))
    check_last_axes("rms_norm", shape, wanted, weight=weight)
    axes = tuple(range(len(shape) - len(wanted), len(shape)))
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    wide = input.astype(np.float32) if input.dtype.itemsize < 4 else input  # squares overflow
    output = wide / ag.sqrt(ag.mean(ag.square(wide), axis=axes, keepdims=True) + eps)
    output = output.astype(input.dtype) if wide is not input else output
    return output if weight is None else output * weight

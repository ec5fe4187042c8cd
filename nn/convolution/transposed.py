"""Transposed convolutions over one, two and three axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.convolution.convolution import at_least_one, check_bias, layout, prepared
from nn.convolution.ops import convolution_transposed
from nn.convolution.windows import per_axis

Numbers = tuple[int, ...]


def transposed_lengths(
    lengths: Numbers, sizes: Numbers, stride: Numbers, padding: Numbers, dilation: Numbers
) -> Numbers:
    """The shortest lengths that a convolution with these options takes to `lengths`."""
    return tuple(
        (n - 1) * s - 2 * p + (k - 1) * d + 1
        for n, k, s, p, d in zip(lengths, sizes, stride, padding, dilation, strict=True)
    )


def _transposed(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    name = f"conv_transpose{rank}d"
    x, weight, batched = prepared(name, rank, input, weight, bias)
    strides = per_axis(name, "stride", stride, rank)
    dilations = per_axis(name, "dilation", dilation, rank)
    pads = per_axis(name, "padding", padding, rank)
    more = per_axis(name, "output_padding", output_padding, rank)
    at_least_one(name, stride=strides, dilation=dilations, groups=(groups,))
    channels, outputs, *sizes = weight.shape
    if x.shape[1] != channels:
        raise ShapeError(
            f"{name}: the input has {x.shape[1]} channels, the weight is {weight.shape}: "
            f"expected {layout(rank, channels)}, got {np.shape(input)}{here()}"
        )
    if channels % groups:
        raise ShapeError(
            f"{name}: the {channels} channels of the input do not fall into {groups} equal "
            f"groups{here()}"
        )
    check_bias(name, bias, outputs * groups, weight)
    _check_more(name, pads, more, strides, dilations)
    shortest = transposed_lengths(x.shape[2:], tuple(sizes), strides, pads, dilations)
    lengths = tuple(n + m for n, m in zip(shortest, more, strict=True))
    if min(lengths) < 1:
        raise ShapeError(
            f"{name}: padding {pads} leaves nothing of the output, which would be {lengths}{here()}"
        )
    around = tuple((p, p - m) for p, m in zip(pads, more, strict=True))
    out = convolution_transposed(
        x, weight, lengths, stride=strides, padding=around, dilation=dilations, groups=groups
    )
    if bias is not None:
        out = out + np.reshape(bias, (-1,) + (1,) * rank)
    return out if batched else out[0]


def _check_more(
    name: str, pads: Numbers, more: Numbers, strides: Numbers, dilations: Numbers
) -> None:
    if min(pads) < 0:
        raise ValueError(f"{name}: padding must not be negative, got {pads}{here()}")
    for m, s, d in zip(more, strides, dilations, strict=True):
        if not 0 <= m < max(s, d):
            raise ValueError(
                f"{name}: output_padding must be less than stride {strides} or dilation "
                f"{dilations}, and not negative; it is {more}{here()}"
            )


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of a convolution: (N, C, L) or (C, L) with a weight (C, O/groups, K).

    Each input is spread over the output, times the weight, where the convolution with the same
    options would have read it; the output is (L - 1)·stride - 2·padding + dilation·(K - 1) + 1
    long, and `output_padding` longer. It is the gradient of `conv1d` by its input.

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.Tensor([[[1.0, 10.0]]])
    >>> nn.functional.conv_transpose1d(ag.Tensor([[1.0, 4.0]]), weight, stride=2)
    Tensor([[ 1., 10.,  4., 40.]], dtype=float32)
    """
    return _transposed(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of `conv2d`: (N, C, H, W) or (C, H, W) with a weight (C, O/groups, KH, KW).

    The options are those of `conv_transpose1d`, a number or one for each axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv_transpose2d(ag.ones((1, 1, 2)), ag.ones((1, 1, 1, 2)))
    Tensor([[[1., 2., 1.]]], dtype=float32)
    """
    return _transposed(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of `conv3d`: (N, C, D, H, W) with a weight (C, O/groups, KD, KH, KW).

    The options are those of `conv_transpose1d`, a number or one for each axis; N may lack.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv_transpose3d(ag.ones((1, 1, 1, 2)), ag.ones((1, 1, 1, 1, 2)))
    Tensor([[[[1., 2., 1.]]]], dtype=float32)
    """
    return _transposed(3, input, weight, bias, stride, padding, output_padding, groups, dilation)

"""Transposed convolutions over one, two and three axes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from nn.convolution.convolution import at_least_one, check_bias, check_weight, layout
from nn.convolution.ops import Padding, convolution_transposed
from nn.convolution.windows import check_spatial, per_axis
from nn.module.checks import as_input
from nn.module.ranks import of_ranks

Numbers = tuple[int, ...]


class TransposedConvolution(NamedTuple):
    """The options of a transposed convolution, a number for each axis."""

    name: str
    stride: Numbers
    padding: Numbers
    output_padding: Numbers
    groups: int
    dilation: Numbers


@lru_cache(maxsize=1024)
def specify(
    name: str, rank: int, stride: Any, padding: Any, output_padding: Any, groups: int, dilation: Any
) -> TransposedConvolution:
    """Options as they are given, a number or one for each axis, checked."""
    strides = per_axis(name, "stride", stride, rank)
    dilations = per_axis(name, "dilation", dilation, rank)
    pads = per_axis(name, "padding", padding, rank)
    more = per_axis(name, "output_padding", output_padding, rank)
    at_least_one(name, stride=strides, dilation=dilations, groups=(groups,))
    if min(pads) < 0:
        raise ArgumentError(f"{name}: padding must not be negative, got {pads}{here()}")
    for m, s, d in zip(more, strides, dilations, strict=True):
        if not 0 <= m < max(s, d):
            raise ArgumentError(
                f"{name}: output_padding must be less than stride {strides} or dilation "
                f"{dilations}, and not negative; it is {more}{here()}"
            )
    return TransposedConvolution(name, strides, pads, more, groups, dilations)


def transposed_lengths(
    lengths: Numbers, sizes: Numbers, stride: Numbers, padding: Numbers, dilation: Numbers
) -> Numbers:
    """The shortest lengths that a convolution with these options takes to `lengths`."""
    return tuple(
        (n - 1) * s - 2 * p + (k - 1) * d + 1
        for n, k, s, p, d in zip(lengths, sizes, stride, padding, dilation, strict=True)
    )


def convolve_transposed(
    input: Any, weight: Any, bias: Any, options: TransposedConvolution
) -> Tensor:
    """The transposed convolution that `options` specify."""
    x = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    weight = weight if isinstance(weight, ag.Tensor) else ag.asarray(weight)
    of_bias = None if bias is None else getattr(bias, "shape", None) or np.shape(bias)
    shape, rank = x.shape, len(options.stride)
    lengths, padding = _fitting(options, shape, weight.shape, of_bias)
    alone = len(shape) == rank + 1
    out = convolution_transposed(
        x[None] if alone else x,
        weight,
        lengths,
        stride=options.stride,
        padding=padding,
        dilation=options.dilation,
        groups=options.groups,
    )
    if bias is not None:
        out = out + ag.reshape(bias, (-1,) + (1,) * rank)
    return out[0] if alone else out


@lru_cache(maxsize=1024)
def _fitting(
    options: TransposedConvolution, shape: Numbers, of_weight: Numbers, of_bias: Numbers | None
) -> tuple[Numbers, Padding]:
    """The lengths of the output and what the convolution pads it with; ShapeError if unfit."""
    name, strides, pads, more, groups, dilations = options
    rank = len(strides)
    check_spatial(name, shape, rank)
    check_weight(name, of_weight, rank)
    channels, outputs, *sizes = of_weight
    if shape[-rank - 1] != channels:
        raise ShapeError(
            f"{name}: the input has {shape[-rank - 1]} channels, the weight is {of_weight}: "
            f"expected {layout(rank, channels)}, got {shape}{here()}"
        )
    if channels % groups:
        raise ShapeError(
            f"{name}: the {channels} channels of the input do not fall into {groups} equal "
            f"groups{here()}"
        )
    check_bias(name, of_bias, outputs * groups, of_weight)
    shortest = transposed_lengths(shape[-rank:], tuple(sizes), strides, pads, dilations)
    lengths = tuple(n + m for n, m in zip(shortest, more, strict=True))
    if min(lengths) < 1:
        raise ShapeError(
            f"{name}: padding {pads} leaves nothing of the output, which would be {lengths}{here()}"
        )
    return lengths, tuple((p, p - m) for p, m in zip(pads, more, strict=True))


def conv_transpose(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of a convolution over the last `rank` axes."""
    name = f"conv_transpose{rank}d"
    options = specify(name, rank, stride, padding, output_padding, groups, dilation)
    return convolve_transposed(input, weight, bias, options)


conv_transpose1d, conv_transpose2d, conv_transpose3d = of_ranks(
    conv_transpose,
    """The transpose of a convolution: (N, C, L) or (C, L) with a weight (C, O/groups, K).

    Each input is spread over the output, times the weight, where the convolution with the same
    options would have read it; the output is (L - 1)·stride - 2·padding + dilation·(K - 1) + 1
    long, and `output_padding` longer. It is the gradient of `conv1d` by its input.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.Tensor([[[1.0, 10.0]]])
    >>> nn.functional.conv_transpose1d(ag.Tensor([[1.0, 4.0]]), weight, stride=2)
    Tensor([[ 1., 10.,  4., 40.]], dtype=float32)
    """,
    """The transpose of `conv2d`: (N, C, H, W) or (C, H, W) with a weight (C, O/groups, KH, KW).

    The options are those of `conv_transpose1d`, a number or one for each axis.

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv_transpose2d(ag.ones((1, 1, 2)), ag.ones((1, 1, 1, 2)))
    Tensor([[[1., 2., 1.]]], dtype=float32)
    """,
    """The transpose of `conv3d`: (N, C, D, H, W) with a weight (C, O/groups, KD, KH, KW).

    The options are those of `conv_transpose1d`, a number or one for each axis; N may lack.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv_transpose3d(ag.ones((1, 1, 1, 2)), ag.ones((1, 1, 1, 1, 2)))
    Tensor([[[[1., 2., 1.]]]], dtype=float32)
    """,
)

"""Convolutions over one, two and three axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.convolution.ops import convolution, output_lengths
from nn.convolution.windows import LETTERS, check_spatial, per_axis
from nn.module.checks import check_choice

Numbers = tuple[int, ...]


def paddings(
    name: str, padding: Any, sizes: Numbers, stride: Numbers, dilation: Numbers
) -> tuple[tuple[int, int], ...]:
    """(before, after) along every axis from what PyTorch allows: numbers, "valid" or "same"."""
    rank = len(sizes)
    if not isinstance(padding, str):
        numbers = per_axis(name, "padding", padding, rank)
        if min(numbers) < 0:
            raise ValueError(f"{name}: padding must not be negative, got {padding}{here()}")
        return tuple((p, p) for p in numbers)
    if check_choice(f"{name}: padding, if it is no number,", padding, ("valid", "same")) == "valid":
        return ((0, 0),) * rank
    if stride != (1,) * rank:
        raise ValueError(
            f'{name}: padding "same" needs stride 1, got {stride}: with a stride the output is '
            f"shorter{here()}"
        )
    totals = [(k - 1) * d for k, d in zip(sizes, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def at_least_one(name: str, **options: Numbers) -> None:
    for what, numbers in options.items():
        if min(numbers) < 1:
            shown = numbers[0] if what == "groups" else numbers
            raise ValueError(f"{name}: {what} must be at least 1, got {shown}{here()}")


def prepared(name: str, rank: int, input: Any, weight: Any, bias: Any) -> tuple[Any, Any, bool]:
    """The input with a batch axis, the weight, and whether the axis was there; shapes checked."""
    input, weight = (x if isinstance(x, ag.Tensor) else ag.asarray(x) for x in (input, weight))
    check_spatial(name, input, rank)
    if weight.ndim != rank + 2:
        raise ShapeError(
            f"{name}: the weight is {weight.shape}; it needs {rank + 2} axes, of which the last "
            f"{rank} are the kernel's{here()}"
        )
    if 0 in weight.shape:
        raise ShapeError(f"{name}: the weight is {weight.shape}; it must not be empty{here()}")
    batched = input.ndim == rank + 2
    return (input if batched else input[None]), weight, batched


def check_bias(name: str, bias: Any, channels: int, weight: Any) -> None:
    if bias is not None and np.shape(bias) != (channels,):
        raise ShapeError(
            f"{name}: the bias is {np.shape(bias)}, the weight {weight.shape}; the output has "
            f"{channels} channels, so the bias must be ({channels},){here()}"
        )


def layout(rank: int, channels: Any) -> str:
    return f"(N, {channels}, {', '.join(LETTERS[rank])})"


def _convolved(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Any:
    name = f"conv{rank}d"
    x, weight, batched = prepared(name, rank, input, weight, bias)
    strides = per_axis(name, "stride", stride, rank)
    dilations = per_axis(name, "dilation", dilation, rank)
    at_least_one(name, stride=strides, dilation=dilations, groups=(groups,))
    (outputs, channels), sizes = weight.shape[:2], weight.shape[2:]
    if x.shape[1] != channels * groups:
        in_groups = f" in {groups} groups" if groups > 1 else ""
        raise ShapeError(
            f"{name}: the input has {x.shape[1]} channels, the weight is {weight.shape}{in_groups}:"
            f" expected {layout(rank, channels * groups)}, got {np.shape(input)}{here()}"
        )
    if outputs % groups:
        raise ShapeError(
            f"{name}: the {outputs} output channels of the weight {weight.shape} do not fall into "
            f"{groups} equal groups{here()}"
        )
    check_bias(name, bias, outputs, weight)
    pads = paddings(name, padding, sizes, strides, dilations)
    counts = output_lengths(x.shape[2:], sizes, strides, pads, dilations)
    if min(counts) < 1:
        _raise_too_large(name, x.shape[2:], sizes, pads, dilations)
    out = convolution(
        x, weight, bias, stride=strides, padding=pads, dilation=dilations, groups=groups
    )
    return out if batched else out[0]


def _raise_too_large(
    name: str, lengths: Numbers, sizes: Numbers, pads: Any, dilations: Numbers
) -> None:
    rank = len(lengths)
    for axis, (n, k, p, d) in enumerate(zip(lengths, sizes, pads, dilations, strict=True)):
        span = (k - 1) * d + 1
        if span > n + sum(p):
            padded = f" + {sum(p)} of padding" if sum(p) else ""
            raise ShapeError(
                f"{name}: the kernel spans {span} along {LETTERS[rank][axis]}, and the input "
                f"{lengths} has only {n}{padded} there.\n  Take a smaller kernel, or pad the input."
                f"{here()}"
            )


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution of (N, C, L) or (C, L) with a weight (O, C/groups, K), plus a bias (O,).

    Output o at place q is the sum over channels c and taps k of weight[o, c, k] times
    input[c, stride·q + dilation·k - padding], zero outside of the input: what mathematics calls a
    correlation. `padding` is a number or one for each axis, "valid" for none, or "same" for as much
    as keeps the length (an odd rest comes after). With `groups` the channels fall into as
    many parts, each of which makes its part of the output.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv1d(ag.Tensor([[1.0, 4.0, 2.0]]), ag.Tensor([[[1.0, 10.0]]]))
    Tensor([[41., 24.]], dtype=float32)
    """
    return _convolved(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution of (N, C, H, W) or (C, H, W) with a weight (O, C/groups, KH, KW).

    The options are those of `conv1d`, a number or one for each axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv2d(ag.ones((1, 3, 3)), ag.ones((1, 1, 2, 2)), padding="same")
    Tensor([[[4., 4., 2.],
             [4., 4., 2.],
             [2., 2., 1.]]], dtype=float32)
    """
    return _convolved(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution of (N, C, D, H, W) or (C, D, H, W) with a weight (O, C/groups, KD, KH, KW).

    The options are those of `conv1d`, a number or one for each axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv3d(ag.ones((1, 2, 2, 3)), ag.ones((1, 1, 2, 2, 2)))
    Tensor([[[[8., 8.]]]], dtype=float32)
    """
    return _convolved(3, input, weight, bias, stride, padding, dilation, groups)

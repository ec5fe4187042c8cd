"""Convolutions over one, two and three axes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from nn.convolution.ops import Padding, convolution, output_lengths
from nn.convolution.windows import LETTERS, check_spatial, per_axis
from nn.module.checks import as_input, check_choice
from nn.module.ranks import of_ranks

Numbers = tuple[int, ...]


class Convolution(NamedTuple):
    """The options of a convolution, a number for each axis."""

    name: str
    stride: Numbers
    padding: Padding | None  # None is "same": as much as keeps the length
    dilation: Numbers
    groups: int
    border: str  # what the padding holds, as a mode of `autograd.pad`

    def widths(self, sizes: Numbers) -> Padding:
        """(before, after) along each axis for a kernel of these sizes."""
        if self.padding is not None:
            return self.padding
        totals = [(k - 1) * d for k, d in zip(sizes, self.dilation, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)


@lru_cache(maxsize=1024)
def specify(
    name: str, rank: int, stride: Any, padding: Any, dilation: Any, groups: int, border: str
) -> Convolution:
    """Options as they are given, a number or one for each axis, checked."""
    strides = per_axis(name, "stride", stride, rank)
    dilations = per_axis(name, "dilation", dilation, rank)
    at_least_one(name, stride=strides, dilation=dilations, groups=(groups,))
    pads = resolved_padding(name, rank, padding, strides)
    return Convolution(name, strides, pads, dilations, groups, border)


def resolved_padding(name: str, rank: int, padding: Any, stride: Numbers) -> Padding | None:
    """(before, after) along every axis from what PyTorch allows: numbers, "valid" or "same"."""
    if not isinstance(padding, str):
        numbers = per_axis(name, "padding", padding, rank)
        if min(numbers) < 0:
            raise ArgumentError(f"{name}: padding must not be negative, got {padding}{here()}")
        return tuple((p, p) for p in numbers)
    if check_choice(f"{name}: padding, if it is no number,", padding, ("valid", "same")) == "valid":
        return ((0, 0),) * rank
    if stride != (1,) * rank:
        raise ArgumentError(
            f'{name}: padding "same" needs stride 1, got {stride}: with a stride the output is '
            f"shorter{here()}"
        )
    return None


def at_least_one(name: str, **options: Numbers) -> None:
    for what, numbers in options.items():
        if min(numbers) < 1:
            shown = numbers[0] if what == "groups" else numbers
            raise ArgumentError(f"{name}: {what} must be at least 1, got {shown}{here()}")


def convolve(input: Any, weight: Any, bias: Any, options: Convolution) -> Tensor:
    """The convolution that `options` specify."""
    x = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    weight = weight if isinstance(weight, ag.Tensor) else ag.asarray(weight)
    of_bias = None if bias is None else getattr(bias, "shape", None) or np.shape(bias)
    if options.border != "constant":
        x, options = _bordered(x, weight, options)
    shape, rank = x.shape, len(options.stride)
    padding = _fitting_padding(options, shape, weight.shape, of_bias)
    alone = len(shape) == rank + 1
    out = convolution(
        x[None] if alone else x,
        weight,
        bias,
        stride=options.stride,
        padding=padding,
        dilation=options.dilation,
        groups=options.groups,
    )
    return out[0] if alone else out


def _bordered(x: Any, weight: Any, options: Convolution) -> tuple[Any, Convolution]:
    """The input with its borders, and the options of a convolution that adds none."""
    rank = len(options.stride)
    if x.ndim > rank:  # else the convolution says what is wrong with it
        kept = ((0, 0),) * (x.ndim - rank)
        x = ag.pad(x, (*kept, *options.widths(weight.shape[2:])), options.border)
    return x, options._replace(padding=((0, 0),) * rank, border="constant")


@lru_cache(maxsize=1024)
def _fitting_padding(
    options: Convolution, shape: Numbers, of_weight: Numbers, of_bias: Numbers | None
) -> Padding:
    """The padding; ShapeError unless input, weight and bias fit together."""
    name, strides, _, dilations, groups, _ = options
    rank = len(strides)
    check_spatial(name, shape, rank)
    check_weight(name, of_weight, rank)
    (outputs, channels), sizes = of_weight[:2], of_weight[2:]
    if shape[-rank - 1] != channels * groups:
        in_groups = f" in {groups} groups" if groups > 1 else ""
        raise ShapeError(
            f"{name}: the input has {shape[-rank - 1]} channels, the weight is {of_weight}"
            f"{in_groups}: expected {layout(rank, channels * groups)}, got {shape}{here()}"
        )
    if outputs % groups:
        raise ShapeError(
            f"{name}: the {outputs} output channels of the weight {of_weight} do not fall into "
            f"{groups} equal groups{here()}"
        )
    check_bias(name, of_bias, outputs, of_weight)
    lengths, pads = shape[-rank:], options.widths(sizes)
    if min(output_lengths(lengths, sizes, strides, pads, dilations)) < 1:
        _raise_too_large(name, lengths, sizes, pads, dilations)
    return pads


def check_weight(name: str, shape: Numbers, rank: int) -> None:
    if len(shape) != rank + 2:
        raise ShapeError(
            f"{name}: the weight is {shape}; it needs {rank + 2} axes, of which the last "
            f"{rank} are the kernel's{here()}"
        )
    if 0 in shape:
        raise ShapeError(f"{name}: the weight is {shape}; it must not be empty{here()}")


def check_bias(name: str, shape: Numbers | None, channels: int, of_weight: Numbers) -> None:
    if shape not in (None, (channels,)):
        raise ShapeError(
            f"{name}: the bias is {shape}, the weight {of_weight}; the output has "
            f"{channels} channels, so the bias must be ({channels},){here()}"
        )


def layout(rank: int, channels: Any) -> str:
    return f"(N, {channels}, {', '.join(LETTERS[rank])})"


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


def conv(
    rank: int,
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """The convolution over the last `rank` axes."""
    options = specify(f"conv{rank}d", rank, stride, padding, dilation, groups, "constant")
    return convolve(input, weight, bias, options)


conv1d, conv2d, conv3d = of_ranks(
    conv,
    """The convolution of (N, C, L) or (C, L) with a weight (O, C/groups, K), plus a bias (O,).

    Output o at place q is the sum over channels c and taps k of weight[o, c, k] times
    input[c, stride·q + dilation·k - padding], zero outside of the input: what mathematics calls a
    correlation. `padding` is a number or one for each axis, "valid" for none, or "same" for as much
    as keeps the length (an odd rest comes after). With `groups` the channels fall into as
    many parts, each of which makes its part of the output.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ) with Lₒ = ⌊(L + 2·padding - dilation·(K - 1)
    - 1) / stride⌋ + 1. Channels that do not fit, and kernels longer than the padded input, raise
    ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv1d(ag.Tensor([[1.0, 4.0, 2.0]]), ag.Tensor([[[1.0, 10.0]]]))
    Tensor([[41., 24.]], dtype=float32)
    """,
    """The convolution of (N, C, H, W) or (C, H, W) with a weight (O, C/groups, KH, KW).

    The options are those of `conv1d`, a number or one for each axis.

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv2d(ag.ones((1, 3, 3)), ag.ones((1, 1, 2, 2)), padding="same")
    Tensor([[[4., 4., 2.],
             [4., 4., 2.],
             [2., 2., 1.]]], dtype=float32)
    """,
    """The convolution of (N, C, D, H, W) or (C, D, H, W) with a weight (O, C/groups, KD, KH, KW).

    The options are those of `conv1d`, a number or one for each axis.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.conv3d(ag.ones((1, 2, 2, 3)), ag.ones((1, 1, 2, 2, 2)))
    Tensor([[[[8., 8.]]]], dtype=float32)
    """,
)

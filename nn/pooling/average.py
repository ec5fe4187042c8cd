"""Average pooling and power-average pooling."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.dtypes import in_single
from autograd.errors import ArgumentError
from autograd.extend import Array, draw, here, op, sample, samples
from autograd.kernels.convolution import pooling as kernel
from autograd.kernels.convolution.pooling import Windows
from autograd.ops.elementwise.arithmetic import undefined
from nn.convolution.windows import (
    DEEP,
    HALVES,
    HANGING,
    OVERLAPPING,
    Pooling,
    over_planes,
    pooling,
    unrolled,
    windows_over,
)
from nn.loss.reduction import as_floats
from nn.module.checks import as_input
from nn.module.ranks import of_ranks
from nn.pooling.max import max_over

# ---- the ops -------------------------------------------------------------------------------------


def _spread_one_by_one(v: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    numbers = np.arange(1, math.prod(shape) + 1).reshape(shape)
    out = np.zeros(math.prod(shape) + 1, v.dtype)  # its first element stands for the padding
    np.add.at(out, unrolled(numbers, windows, 0), np.expand_dims(v, -1))
    return out[1:].reshape(shape)


@op(
    "spread v over windows",
    v=lambda g, windows: window_sum(g, windows),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 1, 2, 2), shape=(2, 1, 4, 5), windows=HALVES),
        lambda: sample(draw(3, 4, 2), shape=(3, 4, 5), windows=OVERLAPPING),
        lambda: sample(draw(2, 2), shape=(2, 4), windows=HANGING),
        lambda: sample(draw(1, 3, 1, 2), shape=(1, 2, 2, 4), windows=DEEP),
        lambda: sample(draw(0, 2, 2), shape=(0, 4, 5), windows=HALVES, label="empty"),
    ),
    reference=_spread_one_by_one,
)
def window_spread(v: Array, /, shape: tuple[int, ...], windows: Windows) -> Array:
    """Zeros of a shape, with every element of v added to its whole window."""
    return kernel.window_spread(v, shape, Windows(*windows))


@op(
    "Σ of windows of x",
    x=lambda g, x_shape, windows: window_spread(g, x_shape, windows),
    linear=True,
    samples=over_planes(),
    reference=lambda x, windows: np.sum(unrolled(x, windows, 0), axis=-1),
)
def window_sum(x: Array, /, windows: Windows) -> Array:
    """The sum of every window; the padding counts as zeros."""
    return kernel.window_sum(x, Windows(*windows))


def d_root(g: Array, x: Array, degree: float) -> Array:
    zero = x == 0
    return g * np.where(zero, 0, undefined(x, zero) ** (1 / degree - 1) / degree)


@op(
    "x^(1/p)",
    x=d_root,
    elementwise=True,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3, low=0.1), degree=2.0),
        lambda: sample(draw(2, 3, low=0.1), degree=3.5),
        lambda: sample(draw(low=0.1), degree=2.0, label="0-d"),
        lambda: sample(draw(0, 3), degree=2.0, label="empty"),
        lambda: sample(np.zeros(2), degree=2.0, label="zero", smooth=False),
    ),
    reference=lambda x, degree: np.where(x == 0, 0, np.exp(np.log(np.where(x, x, 1)) / degree)),
)
def _root(x: Array, /, degree: float) -> Array:
    """The root of x, with the derivative 0 at 0."""
    return x ** (1 / degree)


def d_raised(g: Array, x: Array, degree: float) -> Array:
    # of a window of zeros no cotangent comes: none goes on, though the slope is infinite
    nothing = np.logical_and(x == 0, g == 0)
    return g * (degree * np.where(nothing, 1, x) ** (degree - 1))


@op(
    "xᵖ",
    x=d_raised,
    elementwise=True,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 3, low=0.1), degree=0.5),
        lambda: sample(draw(low=0.1), degree=0.7, label="0-d"),
        lambda: sample(draw(0, 3), degree=0.5, label="empty"),
    ),
    reference=lambda x, degree: np.exp(np.log(x) * degree),
)
def _raised(x: Array, /, degree: float) -> Array:
    """x to a power below 1, whose slope at 0 counts where something depends on it alone."""
    return x**degree


# ---- the functions -------------------------------------------------------------------------------


@in_single
def average_over(
    input: Any, options: Pooling, count_include_pad: bool = True, divisor: int | None = None
) -> Tensor:
    """The averages of the windows that `options` specify."""
    x = as_floats(as_input(options.name, input))
    shape = x.shape
    windows = windows_over(options, shape)
    if divisor is None:
        sizes = _sizes(windows, shape[-len(windows.size) :], count_include_pad)
        return window_sum(x, windows) / (sizes if isinstance(sizes, int) else sizes.astype(x.dtype))
    if divisor == 0:
        raise ArgumentError(f"{options.name}: divisor_override must not be 0{here()}")
    return window_sum(x, windows) / divisor


@lru_cache(maxsize=256)
def _sizes(windows: Windows, lengths: tuple[int, ...], count_include_pad: bool) -> Any:
    """How many elements each window holds: one number if all hold as many."""
    sizes: Any = 1
    for n, k, s, p, count in zip(
        lengths, windows.size, windows.stride, windows.padding, windows.counts, strict=True
    ):
        first = np.arange(count) * s - p
        last = np.minimum(first + k, n + p)
        if not count_include_pad:
            first, last = np.maximum(first, 0), np.minimum(last, n)
        sizes = np.multiply.outer(sizes, last - first)
    sizes.setflags(write=False)  # it is handed out again and again
    return int(sizes.flat[0]) if np.ptp(sizes) == 0 else sizes


@checked
def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The average of every window over the last axis of (N, C, L) or (C, L).

    The windows start at every `stride`-th element (default: `kernel_size`) and may hang over each
    end by `padding` zeros, which count unless `count_include_pad` is false. With `ceil_mode` the
    last window may hang over the end; what lies behind the padding never counts.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ). Other numbers of axes, and windows longer
    than the input, raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.avg_pool1d(ag.Tensor([[1.0, 4.0, 2.0, 3.0]]), 2)
    Tensor([[2.5, 2.5]], dtype=float32)
    """
    options = pooling("avg_pool1d", 1, kernel_size, stride, padding, 1, ceil_mode)
    return average_over(input, options, count_include_pad)


def avg_pool(
    rank: int,
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The average of every window over the last `rank` axes."""
    options = pooling(f"avg_pool{rank}d", rank, kernel_size, stride, padding, 1, ceil_mode)
    return average_over(input, options, count_include_pad, divisor_override)


avg_pool2d, avg_pool3d = of_ranks(
    avg_pool,
    """The average of every window over the last two axes of (N, C, H, W) or (C, H, W).

    The options are those of `avg_pool1d`, a number or one for each axis; `divisor_override` is what
    the sums are divided by in place of the number of elements.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.avg_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 2)
    Tensor([[[2.5]]], dtype=float32)
    """,
    """The average of every window over the last three axes of (N, C, D, H, W) or (C, D, H, W).

    See `avg_pool2d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.avg_pool3d(ag.ones((1, 2, 2, 4)), 2)
    Tensor([[[[1., 1.]]]], dtype=float32)
    """,
    first=2,
)


@in_single
def power_average_over(input: Any, norm_type: float, options: Pooling) -> Tensor:
    """The p-norms of the windows that `options` specify."""
    x = as_floats(as_input(options.name, input))
    rank = len(options.size)
    if math.isinf(norm_type):
        options = options._replace(name=f"max_pool{rank}d")
        size = ag.abs(x)
        return max_over(size, options) if norm_type > 0 else -max_over(-size, options)
    if norm_type == 0:
        raise ArgumentError(f"{options.name}: norm_type must not be 0{here()}")
    windows_over(options, x.shape)  # says what does not fit
    powers = _raised(x, norm_type) if 0 < norm_type < 1 else x**norm_type
    total = average_over(powers, options) * math.prod(options.size)
    return total if norm_type == 1 else _root(total, norm_type)


def lp_pool(
    rank: int,
    input: Any,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Tensor:
    """The p-norm (Σ xᵖ)^(1/p) of every window over the last `rank` axes."""
    options = pooling(f"lp_pool{rank}d", rank, kernel_size, stride, ceil_mode=ceil_mode)
    return power_average_over(input, norm_type, options)


lp_pool1d, lp_pool2d, lp_pool3d = of_ranks(
    lp_pool,
    """The p-norm (Σ xᵖ)^(1/p) of every window over the last axis of (N, C, L) or (C, L).

    `norm_type` p = 1 gives the sums, infinity the maxima of the absolute values. Elements are
    raised to p as they are, so an odd p keeps signs. Where all is zero the derivative is 0.
    `kernel_size` and `stride` are those of `avg_pool1d`; with `ceil_mode` a window that hangs over
    the end counts as if the rest were as large on average.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.lp_pool1d(ag.Tensor([[3.0, 4.0]]), 2, 2)
    Tensor([[5.]], dtype=float32)
    """,
    """The p-norm (Σ xᵖ)^(1/p) of every window over the last two axes of (N, C, H, W) or (C, H, W).

    See `lp_pool1d`.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.lp_pool2d(ag.Tensor([[[2.0, 4.0], [2.0, 1.0]]]), 2, 2)
    Tensor([[[5.]]], dtype=float32)
    """,
    """The p-norm (Σ xᵖ)^(1/p) of every window over (N, C, D, H, W) or (C, D, H, W).

    See `lp_pool1d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.lp_pool3d(ag.ones((1, 2, 2, 4)), 1, 2)
    Tensor([[[[8., 8.]]]], dtype=float32)
    """,
)

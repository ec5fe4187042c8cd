"""Max pooling.

The gradient goes to the element whose place `return_indices` gives: the first of equal ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd.extend import Array, draw, op, sample, samples
from autograd.kernels.convolution import pooling as kernel
from autograd.kernels.convolution.pooling import Windows
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
from nn.module.checks import as_input
from nn.module.ranks import of_ranks
from nn.pooling.indices import with_indices
from nn.pooling.planes import gather_planes

if TYPE_CHECKING:
    from nn.pooling.typed import MaxPooling

# ---- the ops -------------------------------------------------------------------------------------

TIES = np.array([[1.0, 1.0, 0.0, 2.0, 0.0], [1.0, 0.0, 2.0, 2.0, 0.0], [0.0] * 5, [0.0] * 5])


def _maxima(x: Array, windows: Windows) -> Array:
    return np.max(unrolled(x, windows, -np.inf), axis=-1)


def _chosen(x: Array, maximum: Array, windows: Windows) -> Array:
    rank = len(windows.size)
    lengths = x.shape[x.ndim - rank :]
    numbers = np.broadcast_to(np.arange(math.prod(lengths)).reshape(lengths), x.shape)
    first = np.argmax(unrolled(x, windows, -np.inf), axis=-1)[..., None]
    return np.take_along_axis(unrolled(numbers, windows, -1), first, -1)[..., 0]


@op(
    "argmax of windows of x",
    real_only=True,
    samples=samples(
        lambda: sample(x := draw(2, 1, 4, 5), _maxima(x, HALVES), windows=HALVES),
        lambda: sample(x := draw(3, 4, 5), _maxima(x, OVERLAPPING), windows=OVERLAPPING),
        lambda: sample(x := draw(2, 4), _maxima(x, HANGING), windows=HANGING),
        lambda: sample(x := draw(1, 2, 2, 4), _maxima(x, DEEP), windows=DEEP),
        lambda: sample(TIES, _maxima(TIES, HALVES), windows=HALVES, label="ties"),
        lambda: sample(draw(0, 4, 5), draw(0, 2, 2), windows=HALVES, label="empty"),
    ),
    reference=_chosen,
)
def _max_pool_indices(x: Array, maximum: Array, /, windows: Windows) -> Array:
    """Where in its plane each window has its maximum."""
    return kernel.max_pool_indices(x, maximum, Windows(*windows))


def _at_maxima(v: Array, x: Array, maximum: Array, windows: Windows) -> Array:
    """The reference of the pullback: each value added at its number in the flat plane."""
    rank = len(windows.size)
    out = np.zeros(x.shape)
    planes = out.reshape(-1, math.prod(x.shape[x.ndim - rank :]))
    for plane, values, places in zip(
        planes, v.reshape(len(planes), -1), _chosen(x, maximum, windows).reshape(len(planes), -1),
        strict=True,
    ):  # fmt: skip
        np.add.at(plane, places, values)
    return out


@op(
    "v at the maxima of windows of x",
    wide=True,
    v=lambda g, x, maximum, windows: gather_planes(
        g, _max_pool_indices(x, maximum, windows), len(windows[0])
    ),
    linear=True,
    real_only=True,
    samples=samples(
        lambda: sample(draw(2, 1, 2, 2), x := draw(2, 1, 4, 5), _maxima(x, HALVES), windows=HALVES),
        lambda: sample(
            draw(3, 4, 2), x := draw(3, 4, 5), _maxima(x, OVERLAPPING), windows=OVERLAPPING
        ),
        lambda: sample(draw(2, 2), x := draw(2, 4), _maxima(x, HANGING), windows=HANGING),
        lambda: sample(draw(1, 3, 1, 2), x := draw(1, 2, 2, 4), _maxima(x, DEEP), windows=DEEP),
        lambda: sample(draw(2, 2), TIES, _maxima(TIES, HALVES), windows=HALVES, label="ties"),
    ),
    reference=_at_maxima,
)
def _max_pool_pull(v: Array, x: Array, maximum: Array, /, windows: Windows) -> Array:
    """Zeros like x, with v added where each window has its maximum."""
    return kernel.max_pool_pull(v, x, maximum, Windows(*windows))


@op(
    "max of windows of x",
    x=lambda g, x, out, windows: _max_pool_pull(g, x, out, windows),
    real_only=True,
    samples=over_planes(
        lambda: sample(TIES, windows=HALVES, label="ties", smooth=False),
        lambda: sample(draw(1, 4, 5) - 9, windows=OVERLAPPING, label="all below the padding"),
    ),
    reference=_maxima,
)
def _max_pool(x: Array, /, windows: Windows) -> Array:
    """The maximum of every window."""
    return kernel.max_pool(x, Windows(*windows))


# ---- the functions -------------------------------------------------------------------------------


def max_over(input: Any, options: Pooling, return_indices: bool = False) -> Any:
    """The maxima of the windows that `options` specify, and their places if these are wanted."""
    x = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    return max_of_windows(x, windows_over(options, x.shape), return_indices)


def max_of_windows(input: Any, windows: Windows, return_indices: bool) -> Any:
    """The maxima, and their places if these are wanted."""
    maximum = _max_pool(input, windows)
    if not return_indices:
        return maximum
    return maximum, _max_pool_indices(input, maximum, windows)


def max_pool(
    rank: int,
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The maximum of every window over the last `rank` axes."""
    name = f"max_pool{rank}d"
    options = pooling(name, rank, kernel_size, stride, padding, dilation, ceil_mode)
    return max_over(input, options, return_indices)


max_pool1d: MaxPooling
max_pool2d: MaxPooling
max_pool3d: MaxPooling
max_pool1d, max_pool2d, max_pool3d = of_ranks(
    max_pool,
    """The maximum of every window over the last axis of (N, C, L) or (C, L).

    The windows start at every `stride`-th element (default: `kernel_size`), take every
    `dilation`-th, and may hang over each end by `padding`, where there is nothing. With `ceil_mode`
    the last window may hang over the end. `return_indices` gives the places of the maxima too, as
    numbers in the flat input of a channel, for `max_unpool1d`. Of equal elements the first is the
    maximum, and it gets the gradient.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ). Other numbers of axes, and windows longer
    than the input, raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_pool1d(ag.Tensor([[1.0, 4.0, 2.0, 3.0]]), 2)
    Tensor([[4., 3.]], dtype=float32)
    """,
    """The maximum of every window over the last two axes of (N, C, H, W) or (C, H, W).

    The options are those of `max_pool1d`, a number or one for each axis.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 2)
    Tensor([[[4.]]], dtype=float32)
    """,
    """The maximum of every window over the last three axes of (N, C, D, H, W) or (C, D, H, W).

    The options are those of `max_pool1d`, a number or one for each axis.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_pool3d(ag.ones((1, 2, 4, 4)), (2, 4, 1)).shape
    (1, 1, 1, 4)
    """,
)

max_pool1d_with_indices = with_indices(
    max_pool1d, "(ag.Tensor([[1.0, 4.0, 2.0, 3.0]]), 2)[1]", "Tensor([[1, 3]], dtype=int64)"
)
max_pool2d_with_indices = with_indices(
    max_pool2d, "(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 2)[1]", "Tensor([[[1]]], dtype=int64)"
)
max_pool3d_with_indices = with_indices(
    max_pool3d, "(ag.ones((1, 2, 4, 4)), 2)[1].shape", "(1, 1, 2, 2)"
)

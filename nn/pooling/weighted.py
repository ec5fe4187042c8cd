"""Average pooling with a learned weight for each position of a window."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.dtypes import in_single
from autograd.errors import ShapeError
from autograd.extend import Array, draw, here, op, sample, samples
from autograd.kernels.convolution import pooling as kernel
from autograd.kernels.convolution.pooling import Windows
from nn.convolution.windows import (  # fmt: skip
    DEEP,
    HALVES,
    HANGING,
    OVERLAPPING,
    pooling,
    unrolled,
    windows_over,
)
from nn.loss.reduction import as_floats
from nn.module.checks import as_input
from nn.module.ranks import of_ranks

# Three ops that are the derivatives of one another: those of Σ g · weight · x over all windows.


def _flat(weight: Array) -> Array:
    """Weights as they multiply unrolled windows: (C, 1, ..., elements of a window)."""
    count = weight.ndim - 1
    return weight.reshape(weight.shape[0], *(1,) * count, -1)


def _one_hot_windows(shape: tuple[int, ...], windows: Windows) -> Array:
    """For each window and position the place, as a one-hot plane: (*counts, size, plane)."""
    lengths = shape[len(shape) - len(windows.size) :]
    numbers = np.arange(1, math.prod(lengths) + 1).reshape(lengths)
    return np.eye(math.prod(lengths) + 1)[unrolled(numbers, windows, 0).astype(int)][..., 1:]


def _spread_by_one_hot(v: Array, weight: Array, shape: tuple[int, ...], windows: Windows) -> Array:
    rank = len(windows.size)
    values = np.expand_dims(v, -1) * _flat(weight)
    return np.tensordot(values, _one_hot_windows(shape, windows), rank + 1).reshape(shape)


@op(
    "Σ w · windows of x",
    x=lambda g, weight, x_shape, windows: weighted_spread(g, weight, x_shape, windows),
    weight=lambda g, x, windows: weighted_products(g, x, windows),
    samples=samples(
        lambda: sample(draw(2, 2, 4, 5), draw(2, 2, 2, seed=1), windows=HALVES),
        lambda: sample(draw(3, 4, 5), draw(1, 3, 2, seed=1), windows=OVERLAPPING),
        lambda: sample(draw(2, 2, 4), draw(2, 3, seed=1), windows=HANGING),
        lambda: sample(draw(2, 2, 2, 4), draw(2, 2, 1, 3, seed=1), windows=DEEP),
        lambda: sample(draw(0, 2, 4, 5), draw(1, 2, 2), windows=HALVES, label="empty"),
    ),
    reference=lambda x, weight, windows: np.sum(unrolled(x, windows, 0) * _flat(weight), axis=-1),
)
def weighted_sum(x: Array, weight: Array, /, windows: Windows) -> Array:
    """The sum of every window, each position times its weight."""
    return kernel.weighted_sum(x, weight, Windows(*windows))


@op(
    "spread v · w over windows",
    v=lambda g, weight, windows: weighted_sum(g, weight, windows),
    weight=lambda g, v, windows: weighted_products(v, g, windows),
    samples=samples(
        lambda: sample(draw(2, 2, 2, 2), draw(2, 2, 2, seed=1), shape=(2, 2, 4, 5), windows=HALVES),
        lambda: sample(draw(3, 4, 2), draw(1, 3, 2, seed=1), shape=(3, 4, 5), windows=OVERLAPPING),
        lambda: sample(draw(2, 2, 2), draw(2, 3, seed=1), shape=(2, 2, 4), windows=HANGING),
    ),
    reference=_spread_by_one_hot,
)
def weighted_spread(v: Array, weight: Array, /, shape: tuple[int, ...], windows: Windows) -> Array:
    """Zeros of a shape, with v times the weights added to its windows."""
    return kernel.weighted_spread(v, weight, shape, Windows(*windows))


@op(
    "Σ v · windows of x",
    v=lambda g, x, windows: weighted_sum(x, g, windows),
    x=lambda g, v, x_shape, windows: weighted_spread(v, g, x_shape, windows),
    samples=samples(
        lambda: sample(draw(2, 2, 2, 2), draw(2, 2, 4, 5, seed=1), windows=HALVES),
        lambda: sample(draw(3, 4, 2), draw(3, 4, 5, seed=1), windows=OVERLAPPING),
        lambda: sample(draw(2, 2, 2), draw(2, 2, 4, seed=1), windows=HANGING),
        lambda: sample(draw(0, 2, 2, 2), draw(0, 2, 4, 5), windows=HALVES, label="empty"),
    ),
    reference=lambda v, x, windows: np.sum(
        v[..., None] * unrolled(x, windows, 0),
        axis=tuple(a for a in range(v.ndim) if a != v.ndim - len(windows.size) - 1),
    ).reshape(-1, *windows.size),
)
def weighted_products(v: Array, x: Array, /, windows: Windows) -> Array:
    """For each channel and position, the sum of v times what lies there in its windows."""
    return kernel.weighted_products(v, x, Windows(*windows))


# ---- the functions -------------------------------------------------------------------------------


@in_single
def weighted_average(
    name: str, rank: int, input: Any, weight: Any, stride: Any, padding: Any, ceil_mode: bool
) -> Tensor:
    """The weighted averages of windows that are as large as the weight."""
    x, weight = as_floats(as_input(name, input)), as_floats(weight)
    if weight.ndim != rank + 1:
        raise ShapeError(
            f"{name}: the weight is {weight.shape}; it must be (C, *kernel_size) or "
            f"(1, *kernel_size), with {rank} lengths of a window{here()}"
        )
    options = pooling(name, rank, weight.shape[1:], stride, padding, 1, ceil_mode)
    shape = x.shape
    windows = windows_over(options, shape)
    channels = shape[-rank - 1]
    if weight.shape[0] not in (1, channels):
        raise ShapeError(
            f"{name}: the input {shape} has {channels} channels, the weight {weight.shape} "
            f"is for {weight.shape[0]}{here()}"
        )
    share = ag.softmax(ag.reshape(weight, (weight.shape[0], math.prod(options.size))), axis=1)
    share = ag.reshape(share, weight.shape)
    total = weighted_sum(x, share, windows)
    lengths = shape[-rank:]
    if _all_full(windows, lengths):
        return total
    # what lies in the padding has no share: the others have it all
    ones = np.ones((weight.shape[0], *lengths), x.dtype)
    return total / weighted_sum(ones, share, windows)


@lru_cache(maxsize=256)
def _all_full(windows: Windows, lengths: tuple[int, ...]) -> bool:
    return not any(windows.padding) and all(
        (count - 1) * s + k <= n
        for count, s, k, n in zip(
            windows.counts, windows.stride, windows.size, lengths, strict=True
        )
    )


def weighted_avg_pool(
    rank: int,
    input: Any,
    weight: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
) -> Tensor:
    """Σ e^wₖ xₖ / Σ e^wₖ over the positions k of every window over the last `rank` axes."""
    name = f"weighted_avg_pool{rank}d"
    return weighted_average(name, rank, input, weight, stride, padding, ceil_mode)


weighted_avg_pool1d, weighted_avg_pool2d = of_ranks(
    weighted_avg_pool,
    """Σ e^wₖ xₖ / Σ e^wₖ over the positions k of every window: the weighted average.

    `weight` is (C, kernel_size), or (1, kernel_size) for all channels. Only what lies inside of the
    input (N, C, L) or (C, L) counts, in both sums. Equal weights make it `avg_pool1d` without the
    padding. The other options are those of `avg_pool1d`.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.log(ag.Tensor([[3.0, 1.0]]))
    >>> nn.functional.weighted_avg_pool1d(ag.Tensor([[0.0, 4.0, 8.0, 8.0]]), weight)
    Tensor([[1., 8.]], dtype=float32)
    """,
    """Σ e^wₖ xₖ / Σ e^wₖ over the positions k of every window; see `weighted_avg_pool1d`.

    `weight` is (C, KH, KW), or (1, KH, KW) for all channels.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> weight = ag.zeros((1, 2, 2))
    >>> nn.functional.weighted_avg_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), weight)
    Tensor([[[2.5]]], dtype=float32)
    """,
)

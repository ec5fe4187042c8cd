"""Pooling to an output of a given size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.engine.dtypes import in_single
from autograd.engine.modes import at_any_length
from autograd.errors import ArgumentError, ShapeError
from autograd.kernels.convolution.pooling import Windows
from autograd.kernels.convolution.resampling import spans
from nn.convolution.windows import check_spatial
from nn.loss.reduction import as_floats
from nn.module.checks import as_input
from nn.module.ranks import of_ranks
from nn.pooling.average import window_sum
from nn.pooling.bins import max_of_bins, product_of_bins
from nn.pooling.indices import with_indices
from nn.pooling.max import max_of_windows
from nn.resampling.ops import Resampling, resample

if TYPE_CHECKING:
    from nn.pooling.typed import AdaptiveMaxPooling

Numbers = tuple[int, ...]


class Adaptive(NamedTuple):
    """The lengths of an output, one for each axis; None is the length of the input."""

    name: str
    sizes: tuple[int | None, ...]


@lru_cache(maxsize=1024)
def adapt(name: str, rank: int, output_size: Any) -> Adaptive:
    """A number or one for each axis, checked."""
    scalar = output_size is None or isinstance(output_size, (int, np.integer))
    values = (output_size,) * rank if scalar else tuple(output_size)
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        raise ArgumentError(
            f"{name}: output_size is a number, or {rank} of them; it is {values}{here()}"
        )
    if any(v is not None and int(v) < 1 for v in values):
        raise ShapeError(f"{name}: output_size must be at least 1, got {values}{here()}")
    return Adaptive(name, tuple(v if v is None else int(v) for v in values))


@lru_cache(maxsize=1024)
def _fitted(options: Adaptive, shape: Numbers) -> tuple[Numbers, Windows | None]:
    """The lengths of the output; the windows, if all are of one size and side by side."""
    rank = len(options.sizes)
    check_spatial(options.name, shape, rank)
    lengths = shape[-rank:]
    sizes = tuple(n if v is None else v for v, n in zip(options.sizes, lengths, strict=True))
    if any(n % size for n, size in zip(lengths, sizes, strict=True)):
        return sizes, None
    spans = tuple(n // size for n, size in zip(lengths, sizes, strict=True))
    return sizes, Windows(spans, spans, (0,) * rank, (1,) * rank, sizes)


@in_single
def adaptive_average(input: Any, options: Adaptive) -> Tensor:
    """Averages, as many as `options` say."""
    x = as_floats(as_input(options.name, input))
    sizes, windows = _fitted(options, x.shape)
    rank = len(sizes)
    if math.prod(sizes) == 1:
        return ag.mean(x, axis=tuple(range(-rank, 0)), keepdims=True)
    if windows and not at_any_length.get():
        return window_sum(x, windows) / math.prod(windows.size)
    for axis, n, size in _changed(options, x.shape):
        x = resample(x, axis, Resampling("area", n, size))
    return x


def _changed(options: Adaptive, shape: Numbers) -> Iterator[tuple[int, int, int]]:
    """The axes that get another length, with that which they have and that which they get."""
    rank, always = len(options.sizes), at_any_length.get()
    for axis, (n, size) in enumerate(zip(shape[-rank:], options.sizes, strict=True), start=-rank):
        if size is not None and (n != size or always):
            yield axis, n, size


def adaptive_maximum(input: Any, options: Adaptive, return_indices: bool = False) -> Any:
    """Maxima, as many as `options` say, and their places if these are wanted."""
    x = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    sizes, windows = _fitted(options, x.shape)
    if at_any_length.get() and not return_indices:
        for axis, n, size in _changed(options, x.shape):
            x = max_of_bins(ag.moveaxis(x, axis, -1), _bins(n, size), (size,), False)
            x = ag.moveaxis(x, -1, axis)
        return x
    if windows:
        return max_of_windows(x, windows, return_indices)
    return max_of_bins(x, _bins_over(x.shape[-len(sizes) :], sizes), sizes, return_indices)


@lru_cache(maxsize=16)
def _bins_over(lengths: Numbers, sizes: Numbers) -> Any:
    """The places in the flat plane that each of the outputs covers."""
    axes = [_bins(n, size) for n, size in zip(lengths, sizes, strict=True)]
    bins = product_of_bins(axes, lengths)
    bins.setflags(write=False)  # it is handed out again and again
    return bins


def _bins(length: int, size: int) -> Any:
    """The elements that each of the outputs covers: (size, most); shorter ones repeat the last."""
    first, last = spans(length, size)
    places = first[:, None] + np.arange(int(np.max(last - first)))
    return np.minimum(places, last[:, None] - 1)


def adaptive_avg_pool(rank: int, input: Any, output_size: Any) -> Tensor:
    """The averages over the last `rank` axes, as many as `output_size` says."""
    return adaptive_average(input, adapt(f"adaptive_avg_pool{rank}d", rank, output_size))


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = of_ranks(
    adaptive_avg_pool,
    """The averages over the last axis of (N, C, L), as many as `output_size` says.

    Output i averages the elements from ⌊i·n/size⌋ up to ⌈(i + 1)·n/size⌉: neighbours may share one.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
    Tensor([[1.5, 4. ]], dtype=float32)
    """,
    """The averages over the last two axes of (N, C, H, W), as many as `output_size` says.

    `output_size` is a number, or one for each axis; None leaves the axis as it is. The windows are
    those of `adaptive_avg_pool1d` along each axis.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 1)
    Tensor([[[2.5]]], dtype=float32)
    """,
    """The averages over the last three axes of (N, C, D, H, W), as many as `output_size` says.

    See `adaptive_avg_pool2d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool3d(ag.ones((1, 4, 4, 5)), (2, None, 3)).shape
    (1, 2, 4, 3)
    """,
)


def adaptive_max_pool(rank: int, input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima over the last `rank` axes, as many as `output_size` says."""
    options = adapt(f"adaptive_max_pool{rank}d", rank, output_size)
    return adaptive_maximum(input, options, return_indices)


adaptive_max_pool1d: AdaptiveMaxPooling
adaptive_max_pool2d: AdaptiveMaxPooling
adaptive_max_pool3d: AdaptiveMaxPooling
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = of_ranks(
    adaptive_max_pool,
    """The maxima over the last axis of (N, C, L), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool1d`, the indices those of `max_pool1d`.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
    Tensor([[2., 6.]], dtype=float32)
    """,
    """The maxima over the last two axes of (N, C, H, W), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool2d`, the indices those of `max_pool2d`.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 1)
    Tensor([[[4.]]], dtype=float32)
    """,
    """The maxima over the last three axes of (N, C, D, H, W), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool3d`, the indices those of `max_pool3d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool3d(ag.ones((1, 4, 4, 5)), (2, None, 3)).shape
    (1, 2, 4, 3)
    """,
)

adaptive_max_pool1d_with_indices = with_indices(
    adaptive_max_pool1d, "(ag.Tensor([[1.0, 2.0, 6.0]]), 2)[1]", "Tensor([[1, 2]], dtype=int64)"
)
adaptive_max_pool2d_with_indices = with_indices(
    adaptive_max_pool2d, "(ag.ones((1, 3, 3)), 2)[1].shape", "(1, 2, 2)"
)
adaptive_max_pool3d_with_indices = with_indices(
    adaptive_max_pool3d, "(ag.ones((1, 3, 3, 3)), 2)[1].shape", "(1, 2, 2, 2)"
)

"""Pooling to an output of a given size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.engine.dtypes import in_single
from autograd.errors import ShapeError
from autograd.kernels.convolution.pooling import Windows
from nn.convolution.windows import check_spatial
from nn.loss.reduction import as_floats
from nn.pooling.average import window_sum
from nn.pooling.bins import max_of_bins, product_of_bins
from nn.pooling.max import max_of_windows
from nn.resampling.ops import Resampling, resample


def _sizes(name: str, input: Any, rank: int, output_size: Any) -> tuple[int, ...]:
    """The lengths of the output; None is the length of the input."""
    check_spatial(name, input, rank)
    scalar = output_size is None or isinstance(output_size, (int, np.integer))
    values = (output_size,) * rank if scalar else tuple(output_size)
    values = values * rank if len(values) == 1 else values
    lengths = input.shape[-rank:]
    if len(values) != rank:
        raise ValueError(
            f"{name}: output_size is a number, or {rank} of them; it is {values}{here()}"
        )
    sizes = tuple(n if v is None else int(v) for v, n in zip(values, lengths, strict=True))
    if min(sizes) < 1:
        raise ShapeError(f"{name}: output_size must be at least 1, got {values}{here()}")
    return sizes


def _even(lengths: tuple[int, ...], sizes: tuple[int, ...]) -> Windows | None:
    """The windows, if all are of one size and side by side."""
    if any(n % size for n, size in zip(lengths, sizes, strict=True)):
        return None
    spans = tuple(n // size for n, size in zip(lengths, sizes, strict=True))
    rank = len(sizes)
    return Windows(spans, spans, (0,) * rank, (1,) * rank, sizes)


def _averaged(rank: int, input: Any, output_size: Any) -> Any:
    input = as_floats(input)
    sizes = _sizes(f"adaptive_avg_pool{rank}d", input, rank, output_size)
    lengths = input.shape[-rank:]
    if math.prod(sizes) == 1:
        return ag.mean(input, axis=tuple(range(-rank, 0)), keepdims=True)
    windows = _even(lengths, sizes)
    if windows:
        return window_sum(input, windows) / math.prod(windows.size)
    for axis, (n, size) in enumerate(zip(lengths, sizes, strict=True), start=-rank):
        if n != size:
            input = resample(input, axis, Resampling("area", n, size))
    return input


def _largest(rank: int, input: Any, output_size: Any, return_indices: bool) -> Any:
    input = input if isinstance(input, ag.Tensor) else ag.asarray(input)
    sizes = _sizes(f"adaptive_max_pool{rank}d", input, rank, output_size)
    lengths = input.shape[-rank:]
    windows = _even(lengths, sizes)
    if windows:
        return max_of_windows(input, windows, return_indices)
    bins = product_of_bins(
        [_bins(n, size) for n, size in zip(lengths, sizes, strict=True)], lengths
    )
    return max_of_bins(input, bins, sizes, return_indices)


def _bins(length: int, size: int) -> Any:
    """The elements that each of the outputs covers: (size, most); shorter ones repeat the last."""
    number = np.arange(size)
    first = number * length // size
    last = -(-(number + 1) * length // size)
    places = first[:, None] + np.arange(int(np.max(last - first)))
    return np.minimum(places, last[:, None] - 1)


@in_single
def adaptive_avg_pool1d(input: Any, output_size: Any) -> Tensor:
    """The averages over the last axis of (N, C, L), as many as `output_size` says.

    Output i averages the elements from ⌊i·n/size⌋ up to ⌈(i + 1)·n/size⌉: neighbours may share one.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
    Tensor([[1.5, 4. ]], dtype=float32)
    """
    return _averaged(1, input, output_size)


@in_single
def adaptive_avg_pool2d(input: Any, output_size: Any) -> Tensor:
    """The averages over the last two axes of (N, C, H, W), as many as `output_size` says.

    `output_size` is a number, or one for each axis; None leaves the axis as it is. The windows are
    those of `adaptive_avg_pool1d` along each axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 1)
    Tensor([[[2.5]]], dtype=float32)
    """
    return _averaged(2, input, output_size)


@in_single
def adaptive_avg_pool3d(input: Any, output_size: Any) -> Tensor:
    """The averages over the last three axes of (N, C, D, H, W), as many as `output_size` says.

    See `adaptive_avg_pool2d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_avg_pool3d(ag.ones((1, 4, 4, 5)), (2, None, 3)).shape
    (1, 2, 4, 3)
    """
    return _averaged(3, input, output_size)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima over the last axis of (N, C, L), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool1d`, the indices those of `max_pool1d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
    Tensor([[2., 6.]], dtype=float32)
    """
    return _largest(1, input, output_size, return_indices)


def adaptive_max_pool1d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool1d` with `return_indices`, whatever is said: PyTorch's name for it.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool1d_with_indices(ag.Tensor([[1.0, 2.0, 6.0]]), 2)[1]
    Tensor([[1, 2]], dtype=int64)
    """
    return _largest(1, input, output_size, True)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima over the last two axes of (N, C, H, W), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool2d`, the indices those of `max_pool2d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool2d(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]), 1)
    Tensor([[[4.]]], dtype=float32)
    """
    return _largest(2, input, output_size, return_indices)


def adaptive_max_pool2d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool2d` with `return_indices`, whatever is said: PyTorch's name for it.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool2d_with_indices(ag.ones((1, 3, 3)), 2)[1].shape
    (1, 2, 2)
    """
    return _largest(2, input, output_size, True)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The maxima over the last three axes of (N, C, D, H, W), as many as `output_size` says.

    The windows are those of `adaptive_avg_pool3d`, the indices those of `max_pool3d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool3d(ag.ones((1, 4, 4, 5)), (2, None, 3)).shape
    (1, 2, 4, 3)
    """
    return _largest(3, input, output_size, return_indices)


def adaptive_max_pool3d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool3d` with `return_indices`, whatever is said: PyTorch's name for it.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.adaptive_max_pool3d_with_indices(ag.ones((1, 3, 3, 3)), 2)[1].shape
    (1, 2, 2, 2)
    """
    return _largest(3, input, output_size, True)

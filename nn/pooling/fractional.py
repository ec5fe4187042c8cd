"""Fractional max pooling: windows at random places, that shrink by any ratio."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import autograd as ag
from autograd.engine.generators import draw
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, here
from nn.convolution.windows import LETTERS, check_spatial, per_axis
from nn.module.checks import as_input
from nn.module.ranks import of_ranks
from nn.pooling.bins import max_of_bins, product_of_bins
from nn.pooling.indices import with_indices

if TYPE_CHECKING:
    from nn.pooling.typed import FractionalMaxPooling

Numbers = tuple[int, ...]


class Fractional(NamedTuple):
    """The size of windows, a number for each axis, and how many of them are wanted."""

    name: str
    size: Numbers
    output_size: Numbers | None
    output_ratio: tuple[float, ...] | None  # of the lengths of the input, where no size is given


@lru_cache(maxsize=1024)
def specify(
    name: str, rank: int, kernel_size: Any, output_size: Any, output_ratio: Any
) -> Fractional:
    """Options as they are given, a number or one for each axis, checked."""
    size = per_axis(name, "kernel_size", kernel_size, rank)
    if (output_size is None) == (output_ratio is None):
        both = "neither" if output_size is None else "both"
        raise ArgumentError(f"{name}: give output_size or output_ratio, got {both}{here()}")
    if output_size is not None:
        return Fractional(name, size, per_axis(name, "output_size", output_size, rank), None)
    ratios = tuple(np.broadcast_to(output_ratio, rank).tolist())
    if not all(0 < r < 1 for r in ratios):
        raise ArgumentError(
            f"{name}: output_ratio must lie between 0 and 1, got {output_ratio}{here()}"
        )
    return Fractional(name, size, None, ratios)


@lru_cache(maxsize=1024)
def _fitting_sizes(options: Fractional, shape: Numbers) -> Numbers:
    """The lengths of the output; ShapeError if so many windows do not fit."""
    name, kernel, sizes, ratios = options
    rank = len(kernel)
    check_spatial(name, shape, rank)
    lengths = shape[-rank:]
    if sizes is None:
        sizes = tuple(int(n * r) for n, r in zip(lengths, ratios or (), strict=True))
    for n, k, size, letter in zip(lengths, kernel, sizes, LETTERS[rank], strict=True):
        if k < 1 or size < 1 or size + k - 1 > n:
            raise ShapeError(
                f"{name}: along {letter} {size} windows of {k} do not fit into {n}: at least 1, "
                f"and at most {n - k + 1}{here()}"
            )
    return sizes


def maximum_at_random(
    input: Any, options: Fractional, return_indices: bool, samples: Any, rng: Any
) -> Any:
    """The maxima of the windows that `options` specify, at places that samples tell."""
    name, kernel, *_ = options
    x = input if isinstance(input, ag.Tensor) else as_input(name, input)
    rank, shape = len(kernel), x.shape
    sizes = _fitting_sizes(options, shape)
    lead, lengths = shape[:-rank], shape[-rank:]
    samples = _samples(name, (lead if len(lead) == 2 else (1, *lead)), rank, samples, rng)
    along = tuple(zip(lengths, sizes, kernel, strict=True))
    bins = computed(_all_bins, samples, lead=lead, along=along)
    return max_of_bins(x, bins, sizes, return_indices)


def _all_bins(samples: Array, lead: tuple[int, ...], along: tuple[Any, ...]) -> Array:
    samples = samples.reshape(*lead, len(along))
    if len(along) == 2:
        samples = samples[..., ::-1]  # in PyTorch's order: the width's number comes first
    bins = [_bins(samples[..., axis], *how) for axis, how in enumerate(along)]
    return product_of_bins(bins, tuple(length for length, _, _ in along))


def _samples(name: str, lead: tuple[int, ...], rank: int, samples: Any, rng: Any) -> Array:
    """A number in [0, 1) for each image, channel and axis."""
    if samples is None:
        return draw("random", (*lead, rank), rng=rng)
    samples = np.asarray(samples, float)
    if samples.shape != (*lead, rank):
        raise ShapeError(
            f"{name}: _random_samples must be {(*lead, rank)}, one for each image, channel and "
            f"axis; it is {samples.shape}{here()}"
        )
    return samples


def _bins(samples: Array, length: int, size: int, kernel: int) -> Array:
    """The windows along an axis: (..., size, kernel). They start at ⌊(i + u)·α⌋ - ⌊u·α⌋."""
    stretch = (length - kernel) / max(size - 1, 1)
    u = samples[..., None]
    first = np.floor((np.arange(size) + u) * stretch) - np.floor(u * stretch)
    first[..., -1] = length - kernel
    return first.astype(int)[..., None] + np.arange(kernel)


def fractional_max_pool(
    rank: int,
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
    rng: Any = None,
) -> Any:
    """The maxima of windows at random places over the last `rank` axes."""
    name = f"fractional_max_pool{rank}d"
    options = specify(name, rank, kernel_size, output_size, output_ratio)
    return maximum_at_random(input, options, return_indices, _random_samples, rng)


fractional_max_pool2d: FractionalMaxPooling
fractional_max_pool3d: FractionalMaxPooling
fractional_max_pool2d, fractional_max_pool3d = of_ranks(
    fractional_max_pool,
    """The maxima of windows at random places over the last two axes of (N, C, H, W) or (C, H, W).

    The windows hold `kernel_size` elements and lie at random places, one or two distances apart, as
    many as `output_size` says, or `output_ratio` times the length. They are drawn anew at each call
    for each image and channel, or follow from `_random_samples`, numbers in [0, 1), (N, C, 2).
    `return_indices` is that of `max_pool2d`.

    Source: Graham, Fractional max-pooling (2014).

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.fractional_max_pool2d(ag.ones((1, 4, 4)), 2, output_size=3).shape
    (1, 3, 3)
    """,
    """The maxima of windows at random places over (N, C, D, H, W) or (C, D, H, W).

    See `fractional_max_pool2d`; `_random_samples` is (N, C, 3).

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.fractional_max_pool3d(ag.ones((1, 4, 4, 4)), 2, output_size=3).shape
    (1, 3, 3, 3)
    """,
    first=2,
)

fractional_max_pool2d_with_indices = with_indices(
    fractional_max_pool2d, "(ag.ones((1, 4, 4)), 2, output_size=3)[1].shape", "(1, 3, 3)"
)
fractional_max_pool3d_with_indices = with_indices(
    fractional_max_pool3d, "(ag.ones((1, 4, 4, 4)), 2, output_size=3)[1].shape", "(1, 3, 3, 3)"
)

"""Fractional max pooling layers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, asarray
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn.convolution.windows import per_axis
from nn.module.options import Configured
from nn.pooling.fractional import Fractional, fractional_max_pool, maximum_at_random, specify

Sizes = int | tuple[int, ...]
Ratios = float | tuple[float, ...]


class _FractionalMaxPool(Configured):
    """What the two layers share."""

    _function = staticmethod(fractional_max_pool)
    _options = ("kernel_size", "output_size", "output_ratio", "return_indices")
    _random_samples: Tensor | None

    def __init__(
        self,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: Ratios | None = None,
        return_indices: bool = False,
        _random_samples: Any = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if (output_size is None) == (output_ratio is None):
            both = "neither" if output_size is None else "both"
            raise ArgumentError(f"{name}: give output_size or output_ratio, got {both}")
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, self.rank)
        self.output_size = output_size
        self.output_ratio = output_ratio
        self.return_indices = return_indices
        samples = None if _random_samples is None else asarray(_random_samples)
        self.register_buffer("_random_samples", samples)
        self._rng = None if rng is None else generator(rng)

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Fractional, bool]:
        return_indices = options.pop("return_indices")
        return specify(name, rank, **options), return_indices

    def forward(self, input: ArrayLike) -> Tensor | Any:
        options, return_indices = self._known or self._specified()
        return maximum_at_random(input, options, return_indices, self._random_samples, self._rng)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The maxima of windows at random places in images, drawn anew at each call.

    The output has `output_size`, or `output_ratio` times the size of the input, where the ratio
    lies between 0 and 1. With `_random_samples`, numbers in [0, 1) of shape (N, C, 2), nothing is
    drawn. `rng` is a generator or a seed.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    Source: Graham, Fractional max-pooling (2014).

    >>> import autograd as ag
    >>> import nn
    >>> nn.FractionalMaxPool2d(2, output_size=3)(ag.ones((1, 4, 4))).shape
    (1, 3, 3)
    """

    rank = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The maxima of windows at random places in volumes, drawn anew at each call.

    The output has `output_size`, or `output_ratio` times the size of the input, where the ratio
    lies between 0 and 1. With `_random_samples`, numbers in [0, 1) of shape (N, C, 3), nothing is
    drawn. `rng` is a generator or a seed.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    Source: Graham, Fractional max-pooling (2014).

    >>> import autograd as ag
    >>> import nn
    >>> nn.FractionalMaxPool3d(2, output_size=3)(ag.ones((1, 4, 4, 4))).shape
    (1, 3, 3, 3)
    """

    rank = 3

"""What type checkers know of max pooling: with `return_indices` the places of the maxima come too.

Where that is not known, as of a layer, it is a Tensor or what they need not ask about (Any).
Nothing here is loaded when a program runs.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, overload

from autograd import Tensor
from autograd.extend import ArrayLike

__all__ = ["AdaptiveMaxPooling", "FractionalMaxPooling", "MaxPooling", "OutputSize", "Sizes"]

Sizes = int | tuple[int, ...]
OutputSize = int | None | tuple[int | None, ...]


class MaxPooling(Protocol):
    """`max_pool1d` to `max_pool3d`."""

    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
        return_indices: Literal[False] = False,
    ) -> Tensor: ...
    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
        *,
        return_indices: Literal[True],
    ) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Tensor | Any: ...


class AdaptiveMaxPooling(Protocol):
    """`adaptive_max_pool1d` to `adaptive_max_pool3d`."""

    @overload
    def __call__(
        self, input: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False
    ) -> Tensor: ...
    @overload
    def __call__(
        self, input: ArrayLike, output_size: OutputSize, return_indices: Literal[True]
    ) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(
        self, input: ArrayLike, output_size: OutputSize, return_indices: bool = False
    ) -> Tensor | Any: ...


class FractionalMaxPooling(Protocol):
    """`fractional_max_pool2d` and `fractional_max_pool3d`."""

    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | tuple[float, ...] | None = None,
        return_indices: Literal[False] = False,
        _random_samples: ArrayLike | None = None,
        rng: Any = None,
    ) -> Tensor: ...
    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | tuple[float, ...] | None = None,
        *,
        return_indices: Literal[True],
        _random_samples: ArrayLike | None = None,
        rng: Any = None,
    ) -> tuple[Tensor, Tensor]: ...
    @overload
    def __call__(
        self,
        input: ArrayLike,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | tuple[float, ...] | None = None,
        return_indices: bool = False,
        _random_samples: ArrayLike | None = None,
        rng: Any = None,
    ) -> Tensor | Any: ...

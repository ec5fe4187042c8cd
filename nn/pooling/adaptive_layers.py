"""Adaptive pooling layers: the size of the output is given, that of the windows follows."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.module.options import Configured
from nn.pooling.adaptive import (
    adapt,
    adaptive_average,
    adaptive_avg_pool,
    adaptive_max_pool,
    adaptive_maximum,
)

OutputSize = int | None | tuple[int | None, ...]


class _AdaptivePool(Configured):
    """What the six layers share."""

    _options: ClassVar[tuple[str, ...]] = ("output_size",)
    output_size: OutputSize

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Any, ...]:
        return adapt(name, rank, options.pop("output_size")), *options.values()

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class _AdaptiveAvgPool(_AdaptivePool):
    _function = staticmethod(adaptive_avg_pool)

    def __init__(self, output_size: OutputSize) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: ArrayLike) -> Tensor:
        return adaptive_average(input, *(self._known or self._specified()))


class _AdaptiveMaxPool(_AdaptivePool):
    _function = staticmethod(adaptive_max_pool)
    _options = ("output_size", "return_indices")

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: ArrayLike) -> Tensor | Any:
        return adaptive_maximum(input, *(self._known or self._specified()))


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Averages over a sequence, as many as `output_size` says, whatever the size of the input.

    Output i averages the elements from ⌊i·n/size⌋ up to ⌈(i + 1)·n/size⌉; neighbours may share one.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveAvgPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
    Tensor([[1.5, 4. ]], dtype=float32)
    """

    rank = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Averages over images, as many as `output_size` says, whatever the size of the input.

    `output_size` is a number, or one for each axis; None leaves the axis as it is.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveAvgPool2d(1)(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]))
    Tensor([[[2.5]]], dtype=float32)
    """

    rank = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Averages over volumes, as many as `output_size` says, whatever the size of the input.

    `output_size` is a number, or one for each axis; None leaves the axis as it is.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveAvgPool3d((2, None, 3))(ag.ones((1, 4, 4, 5))).shape
    (1, 2, 4, 3)
    """

    rank = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Maxima over a sequence, as many as `output_size` says, whatever the size of the input.

    The windows are those of `AdaptiveAvgPool1d`. With `return_indices` the places of the maxima
    come too, as numbers in the flat input of a channel.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveMaxPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
    Tensor([[2., 6.]], dtype=float32)
    """

    rank = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Maxima over images, as many as `output_size` says, whatever the size of the input.

    The windows are those of `AdaptiveAvgPool2d`. With `return_indices` the places of the maxima
    come too, as numbers in the flat input of a channel.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveMaxPool2d(1)(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]))
    Tensor([[[4.]]], dtype=float32)
    """

    rank = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Maxima over volumes, as many as `output_size` says, whatever the size of the input.

    The windows are those of `AdaptiveAvgPool3d`. With `return_indices` the places of the maxima
    come too, as numbers in the flat input of a channel.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AdaptiveMaxPool3d((2, None, 3))(ag.ones((1, 4, 4, 5))).shape
    (1, 2, 4, 3)
    """

    rank = 3

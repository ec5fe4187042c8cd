"""Average pooling with learned weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn import init
from nn.convolution.windows import per_axis
from nn.module.options import Configured
from nn.module.parameter import Parameter, empty
from nn.pooling.weighted import weighted_average, weighted_avg_pool

if TYPE_CHECKING:
    import numpy.typing as npt

Sizes = int | tuple[int, ...]


class _WeightedAvgPool(Configured):
    """What the two layers share."""

    _function = staticmethod(weighted_avg_pool)
    _options = ("stride", "padding", "ceil_mode")
    weight: Parameter

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        channels: int = 1,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.channels = channels
        size = per_axis(type(self).__name__, "kernel_size", kernel_size, self.rank)
        self.weight = Parameter(empty((channels, *size), dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set all weights equal: the plain average."""
        init.zeros_(self.weight)

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Any, ...]:
        return name, rank, *options.values()

    def forward(self, input: ArrayLike) -> Tensor:
        name, rank, *options = self._known or self._specified()
        return weighted_average(name, rank, input, self.weight, *options)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"ceil_mode={self.ceil_mode}, channels={self.channels}"
        )


class WeightedAvgPool1d(_WeightedAvgPool):
    """The weighted average of every window over a sequence, with weights that are learned.

    Each position k of a window has a weight wₖ, and the output is Σ e^wₖ xₖ / Σ e^wₖ over the
    positions inside of the input. `weight` (1, kernel_size) serves all channels, or, with
    `channels`, (channels, kernel_size) each its own. It starts at 0, where the layer is a plain
    average pooling that does not count the padding, and can come near to picking one position.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    Source: Gao, Wang and Wu, LIP: local importance-based pooling (2019), with logits that depend on
    the position alone.

    >>> import autograd as ag
    >>> import nn
    >>> nn.WeightedAvgPool1d(2)(ag.Tensor([[1.0, 4.0, 2.0, 3.0]])).tolist()
    [[2.5, 2.5]]
    """

    rank = 1


class WeightedAvgPool2d(_WeightedAvgPool):
    """The weighted average of every window over images, with weights that are learned.

    The definition is that of `WeightedAvgPool1d`; `weight` is (channels, *kernel_size).

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    Source: Gao, Wang and Wu, LIP: local importance-based pooling (2019), with logits that depend on
    the position alone.

    >>> import autograd as ag
    >>> import nn
    >>> nn.WeightedAvgPool2d(2)(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]])).tolist()
    [[[2.5]]]
    """

    rank = 2

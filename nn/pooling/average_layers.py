"""Pooling layers that average, plainly or by powers."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.convolution.windows import Pooling, per_axis, pooling
from nn.module.options import Configured
from nn.pooling.average import average_over, avg_pool, lp_pool, power_average_over
from nn.pooling.max_layers import Sizes


class _AvgPool(Configured):
    """What the three layers share."""

    _function = staticmethod(avg_pool)
    _options: ClassVar[tuple[str, ...]] = (
        "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
    )  # fmt: skip
    kernel_size: Sizes
    stride: Sizes
    padding: Sizes

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Pooling, bool, int | None]:
        includes, divisor = options.pop("count_include_pad"), options.pop("divisor_override", None)
        return pooling(name, rank, **options), includes, divisor

    def forward(self, input: ArrayLike) -> Tensor:
        return average_over(input, *(self._known or self._specified()))

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The average of every window over a sequence.

    The windows start `stride` apart (default: `kernel_size`) and may hang over each end by
    `padding` zeros, which count unless `count_include_pad` is false; with `ceil_mode` the last one
    may hang over the end, where nothing counts.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AvgPool1d(2)(ag.Tensor([[1.0, 4.0, 2.0, 3.0]]))
    Tensor([[2.5, 2.5]], dtype=float32)
    """

    rank = 1

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else per_axis(name, "stride", stride, 1)
        self.padding = per_axis(name, "padding", padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad


class AvgPool2d(_AvgPool):
    """The average of every window over images.

    The options are those of `AvgPool1d`, a number or one for each axis; the sums are divided by
    `divisor_override`, if given.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AvgPool2d(2)(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]))
    Tensor([[[2.5]]], dtype=float32)
    """

    rank = 2
    _options = (*_AvgPool._options, "divisor_override")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override


class AvgPool3d(AvgPool2d):
    """The average of every window over volumes; the options are those of `AvgPool2d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.AvgPool3d(2)(ag.ones((1, 2, 2, 4)))
    Tensor([[[[1., 1.]]]], dtype=float32)
    """

    rank = 3


class _LPPool(Configured):
    """What the three layers share."""

    _function = staticmethod(lp_pool)
    _options = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(
        self,
        norm_type: float,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[float, Pooling]:
        return float(options.pop("norm_type")), pooling(name, rank, **options)

    def forward(self, input: ArrayLike) -> Tensor:
        return power_average_over(input, *(self._known or self._specified()))

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The p-norm (Σ xᵖ)^(1/p) of every window over a sequence.

    `norm_type` p = 1 gives the sums, infinity the maxima of the absolute values. Where a window is
    zero the derivative is 0.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LPPool1d(2, 2)(ag.Tensor([[3.0, 4.0]]))
    Tensor([[5.]], dtype=float32)
    """

    rank = 1


class LPPool2d(_LPPool):
    """The p-norm (Σ xᵖ)^(1/p) of every window over images.

    See `LPPool1d`.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LPPool2d(2, 2)(ag.Tensor([[[2.0, 4.0], [2.0, 1.0]]]))
    Tensor([[[5.]]], dtype=float32)
    """

    rank = 2


class LPPool3d(_LPPool):
    """The p-norm (Σ xᵖ)^(1/p) of every window over volumes.

    See `LPPool1d`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LPPool3d(1, 2)(ag.ones((1, 2, 2, 4)))
    Tensor([[[[8., 8.]]]], dtype=float32)
    """

    rank = 3

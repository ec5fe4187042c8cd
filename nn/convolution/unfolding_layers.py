"""Windows as columns, and back, as layers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.convolution.unfolding import Unfolding, fold, folded, specify, unfold, unfolded
from nn.convolution.windows import per_axis
from nn.module.options import Configured

Sizes = int | tuple[int, ...]


class Unfold(Configured):
    """The windows of images as the columns of a matrix.

    A window holds K = KH·KW elements of each channel, each `dilation` apart; there are L of them,
    row by row, `stride` apart, and they may hang over each end by `padding` zeros.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C·K, L) or (C·K, L).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Unfold((1, 2))(ag.Tensor([[[1.0, 2.0, 3.0]]]))
    Tensor([[1., 2.],
            [2., 3.]], dtype=float32)
    """

    _function = staticmethod(unfold)
    _options = ("kernel_size", "dilation", "padding", "stride")

    def __init__(
        self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def _specify(self, name: str, rank: int, **options: Any) -> Unfolding:
        return specify(name, **options)

    def forward(self, input: ArrayLike) -> Tensor:
        return unfolded(input, self._known or self._specified())

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Configured):
    """The columns that `Unfold` makes, added up to images of `output_size`.

    An element that lay in several windows becomes the sum of its values there.

    Shape: (N, C·K, L) or (C·K, L) -> (N, C, H, W) or (C, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Fold((1, 3), (1, 2))(ag.Tensor([[1.0, 2.0], [2.0, 3.0]]))
    Tensor([[[1., 4., 3.]]], dtype=float32)
    """

    _function = staticmethod(fold)
    _options = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self,
        output_size: Sizes,
        kernel_size: Sizes,
        dilation: Sizes = 1,
        padding: Sizes = 0,
        stride: Sizes = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Unfolding, tuple[int, ...]]:
        lengths = per_axis(name, "output_size", options.pop("output_size"), 2)
        return specify(name, **options), lengths

    def forward(self, input: ArrayLike) -> Tensor:
        return folded(input, *(self._known or self._specified()))

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )

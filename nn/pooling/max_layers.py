"""Max pooling layers, and their partial inverse."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.convolution.windows import Pooling, per_axis, pooling
from nn.module.options import Configured
from nn.pooling.max import max_over, max_pool
from nn.pooling.unpooling import max_unpool, unpool

Sizes = int | tuple[int, ...]


class _MaxPool(Configured):
    """What the three layers share."""

    _function = staticmethod(max_pool)
    _options = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _specify(self, name: str, rank: int, **options: Any) -> tuple[Pooling, bool]:
        return_indices = options.pop("return_indices")
        return pooling(name, rank, **options), return_indices

    def forward(self, input: ArrayLike) -> Tensor | Any:
        return max_over(input, *(self._known or self._specified()))

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The maximum of every window over a sequence.

    The windows hold `kernel_size` elements, each `dilation` apart, and start `stride` apart
    (default: `kernel_size`); they may hang over each end by `padding`, with `ceil_mode` also over
    the end. With `return_indices` the places of the maxima come too, for `MaxUnpool1d`. Of equal
    elements the first is the maximum, and gets the gradient.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.MaxPool1d(2)(ag.Tensor([[1.0, 4.0, 2.0, 3.0]]))
    Tensor([[4., 3.]], dtype=float32)
    """

    rank = 1


class MaxPool2d(_MaxPool):
    """The maximum of every window over images.

    The options are those of `MaxPool1d`, a number or one for each axis.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.MaxPool2d(2)(ag.Tensor([[[1.0, 4.0], [2.0, 3.0]]]))
    Tensor([[[4.]]], dtype=float32)
    """

    rank = 2


class MaxPool3d(_MaxPool):
    """The maximum of every window over volumes.

    The options are those of `MaxPool1d`, a number or one for each axis.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.MaxPool3d(2, stride=1)(ag.ones((1, 2, 3, 4))).shape
    (1, 1, 2, 3)
    """

    rank = 3


class _MaxUnpool(Configured):
    """What the three layers share."""

    _function = staticmethod(max_unpool)
    _options = ("kernel_size", "stride", "padding")

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, self.rank)
        self.stride = (
            self.kernel_size if stride is None else per_axis(name, "stride", stride, self.rank)
        )
        self.padding = per_axis(name, "padding", padding, self.rank)

    def _specify(self, name: str, rank: int, **options: Any) -> Pooling:
        return pooling(name, rank, **options)

    def forward(self, input: ArrayLike, indices: ArrayLike, output_size: Any = None) -> Tensor:
        return unpool(input, indices, self._known or self._specified(), output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The maxima of `MaxPool1d` put where they came from, zeros elsewhere.

    Of several values for one place the last stays. The call takes the values, their indices, and
    `output_size` where several lengths pool to the same one.

    Shape: (N, C, Lₒ) and integers (N, C, Lₒ) -> (N, C, L); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.MaxUnpool1d(2)
    >>> layer(ag.Tensor([[4.0, 3.0]]), ag.Tensor([[1, 3]]))
    Tensor([[0., 4., 0., 3.]], dtype=float32)
    """

    rank = 1


class MaxUnpool2d(_MaxUnpool):
    """The maxima of `MaxPool2d` put where they came from, zeros elsewhere.

    See `MaxUnpool1d`.

    Shape: (N, C, Hₒ, Wₒ) and integers (N, C, Hₒ, Wₒ) -> (N, C, H, W); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.MaxUnpool2d(2)
    >>> layer(ag.Tensor([[[4.0]]]), ag.Tensor([[[1]]]))
    Tensor([[[0., 4.],
             [0., 0.]]], dtype=float32)
    """

    rank = 2


class MaxUnpool3d(_MaxUnpool):
    """The maxima of `MaxPool3d` put where they came from, zeros elsewhere.

    See `MaxUnpool1d`.

    Shape: (N, C, Dₒ, Hₒ, Wₒ) and integers (N, C, Dₒ, Hₒ, Wₒ) -> (N, C, D, H, W); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.MaxUnpool3d(2)
    >>> layer(ag.ones((1, 1, 1, 1)), ag.Tensor([[[[5]]]])).shape
    (1, 2, 2, 2)
    """

    rank = 3

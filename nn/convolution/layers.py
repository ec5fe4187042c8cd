"""Convolution layers, and those that take `in_channels` from their first input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.convolution.base import MODES, ConvolutionBase, LazyConvolution, Sizes
from nn.convolution.convolution import Convolution, conv, convolve, specify

if TYPE_CHECKING:
    import numpy.typing as npt


class _Conv(ConvolutionBase):
    """What the three layers share."""

    _function = staticmethod(conv)
    _options = ("stride", "padding", "dilation", "groups", "padding_mode")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, 0, dilation, groups, bias,
            padding_mode, dtype, rng,
        )  # fmt: skip

    def _specify(self, name: str, rank: int, **options: Any) -> Convolution:
        border = MODES[options.pop("padding_mode")]
        return specify(name, rank, **options, border=border)

    def forward(self, input: ArrayLike) -> Tensor:
        return convolve(input, self.weight, self.bias, self._known or self._specified())


class _LazyConv(LazyConvolution, _Conv):
    """What the three lazy layers share."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(
            0, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode,
            dtype, rng,
        )  # fmt: skip


class Conv1d(_Conv):
    """A convolution over sequences: each output is a weighted sum of a window of all channels.

    The windows hold `kernel_size` places, each `dilation` apart, and start `stride` apart.
    `padding` is how far they may hang over each end, or "valid" for none, or "same" for an output
    as long as the input. What lies over the ends is zero, or by `padding_mode` the input mirrored
    ("reflect"), its last value ("replicate"), or its other end ("circular"). With `groups` the
    channels fall into as many parts, each of which makes its part of the output.

    `weight` is (out_channels, in_channels/groups, K) and `bias` (out_channels,), both drawn
    uniformly from ±1/√(in_channels/groups · K), as in PyTorch. `rng` is a generator or a seed.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ).

    Source: LeCun et al., Backpropagation applied to handwritten zip code recognition (1989).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Conv1d(3, 4, 5, padding=2, rng=0)(ag.ones((1, 3, 8))).shape
    (1, 4, 8)
    """

    rank = 1


class Conv2d(_Conv):
    """A convolution over images: each output is a weighted sum of a window of all channels.

    The options are those of `Conv1d`, a number or one for each axis. `weight` is
    (out_channels, in_channels/groups, KH, KW).

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Conv2d(3, 4, 3, stride=2, padding=1, rng=0)(ag.ones((1, 3, 8, 8))).shape
    (1, 4, 4, 4)
    """

    rank = 2


class Conv3d(_Conv):
    """A convolution over volumes: each output is a weighted sum of a window of all channels.

    The options are those of `Conv1d`, a number or one for each axis. `weight` is
    (out_channels, in_channels/groups, KD, KH, KW).

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Conv3d(3, 4, 3, stride=2, padding=1, rng=0)(ag.ones((1, 3, 4, 8, 8))).shape
    (1, 4, 2, 4, 4)
    """

    rank = 3


class LazyConv1d(_LazyConv, Conv1d):
    """A Conv1d that takes `in_channels` from its first input, and is a plain Conv1d from then on.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConv1d(4, 3)
    >>> layer(ag.ones((1, 3, 8))).shape
    (1, 4, 6)
    >>> layer
    Conv1d(3, 4, kernel_size=(3,), stride=(1,))
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A Conv2d that takes `in_channels` from its first input, and is a plain Conv2d from then on.

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConv2d(4, 3)
    >>> layer(ag.ones((1, 3, 8, 8))).shape
    (1, 4, 6, 6)
    >>> layer
    Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A Conv3d that takes `in_channels` from its first input, and is a plain Conv3d from then on.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConv3d(4, 3)
    >>> layer(ag.ones((1, 3, 4, 8, 8))).shape
    (1, 4, 2, 6, 6)
    >>> layer
    Conv3d(3, 4, kernel_size=(3, 3, 3), stride=(1, 1, 1))
    """

    cls_to_become = Conv3d

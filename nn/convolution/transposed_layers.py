"""Transposed convolution layers, and those that take `in_channels` from their first input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import ArrayLike
from nn.convolution.base import ConvolutionBase, LazyConvolution, Sizes
from nn.convolution.transposed import (
    TransposedConvolution,
    conv_transpose,
    convolve_transposed,
    specify,
    transposed_lengths,
)

if TYPE_CHECKING:
    import numpy.typing as npt


class _ConvTranspose(ConvolutionBase):
    """What the three layers share."""

    transposed = True
    _function = staticmethod(conv_transpose)
    _options = ("stride", "padding", "output_padding", "groups", "dilation")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ArgumentError(f"{name}: padding_mode must be 'zeros', got {padding_mode!r}")
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, output_padding, dilation,
            groups, bias, padding_mode, dtype, rng,
        )  # fmt: skip

    def _specify(self, name: str, rank: int, **options: Any) -> TransposedConvolution:
        return specify(name, rank, **options)

    def forward(self, input: ArrayLike, output_size: Any = None) -> Tensor:
        options = self._known or self._specified()
        if output_size is not None:
            more = self._padding_for(np.shape(input), tuple(map(int, output_size)))
            options = specify(**{**options._asdict(), "output_padding": more}, rank=len(more))
        return convolve_transposed(input, self.weight, self.bias, options)

    def _padding_for(self, shape: tuple[int, ...], size: tuple[int, ...]) -> tuple[int, ...]:
        """The output_padding that gives an output of this size, with or without N and C."""
        name, rank = type(self).__name__, self.rank
        if len(size) not in (rank, len(shape)):
            raise ShapeError(
                f"{name}: output_size is {size}; it must have {rank} numbers, or {len(shape)}"
                f"{here()}"
            )
        wanted = size[len(size) - rank :]
        options: Any = (self.kernel_size, self.stride, self.padding, self.dilation)
        least = transposed_lengths(shape[len(shape) - rank :], *options)
        more = tuple(w - n for w, n in zip(wanted, least, strict=True))
        if not all(0 <= m < s for m, s in zip(more, self.stride, strict=True)):
            ranges = ", ".join(
                f"{n} to {n + s - 1}" for n, s in zip(least, self.stride, strict=True)
            )
            raise ShapeError(
                f"{name}: output_size is {wanted}; for an input {shape} the lengths can be "
                f"{ranges}{here()}"
            )
        return more


class _LazyConvTranspose(LazyConvolution, _ConvTranspose):
    """What the three lazy layers share."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(
            0, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation,
            padding_mode, dtype, rng,
        )  # fmt: skip


class ConvTranspose1d(_ConvTranspose):
    """The transpose of a convolution over sequences: each input is spread over a window.

    The options are those of the `Conv1d` whose gradient this is, so that a `stride` makes the
    output longer and `padding` takes from its ends. As several lengths are convolved to the same
    one, `output_padding` says how much longer than the shortest the output is; or the call
    takes `output_size`, the lengths themselves.

    `weight` is (in_channels, out_channels/groups, K) and `bias` (out_channels,), both drawn
    uniformly from ±1/√(out_channels/groups · K), as in PyTorch. `rng` is a generator or a seed.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ).

    Source: Zeiler et al., Deconvolutional networks (2010).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.ConvTranspose1d(3, 4, 3, stride=2, padding=1, rng=0)
    >>> layer(ag.ones((1, 3, 8))).shape, layer(ag.ones((1, 3, 8)), output_size=(16,)).shape
    ((1, 4, 15), (1, 4, 16))
    """

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """The transpose of a convolution over images: each input is spread over a window.

    The options are those of `ConvTranspose1d`, a number or one for each axis. `weight` is
    (in_channels, out_channels/groups, KH, KW).

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ConvTranspose2d(3, 4, 2, stride=2, rng=0)(ag.ones((1, 3, 8, 8))).shape
    (1, 4, 16, 16)
    """

    rank = 2


class ConvTranspose3d(_ConvTranspose):
    """The transpose of a convolution over volumes: each input is spread over a window.

    The options are those of `ConvTranspose1d`, a number or one for each axis. `weight` is
    (in_channels, out_channels/groups, KD, KH, KW).

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ConvTranspose3d(3, 4, 2, stride=2, rng=0)(ag.ones((1, 3, 4, 8, 8))).shape
    (1, 4, 8, 16, 16)
    """

    rank = 3


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """A ConvTranspose1d that takes `in_channels` from its first input, and is a plain one then.

    Shape: (N, C, L) or (C, L) -> (N, O, Lₒ) or (O, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConvTranspose1d(4, 2)
    >>> layer(ag.ones((1, 3, 8))).shape
    (1, 4, 9)
    >>> layer
    ConvTranspose1d(3, 4, kernel_size=(2,), stride=(1,))
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """A ConvTranspose2d that takes `in_channels` from its first input, and is a plain one then.

    Shape: (N, C, H, W) or (C, H, W) -> (N, O, Hₒ, Wₒ) or (O, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConvTranspose2d(4, 2)
    >>> layer(ag.ones((1, 3, 8, 8))).shape
    (1, 4, 9, 9)
    >>> layer
    ConvTranspose2d(3, 4, kernel_size=(2, 2), stride=(1, 1))
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """A ConvTranspose3d that takes `in_channels` from its first input, and is a plain one then.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, O, Dₒ, Hₒ, Wₒ) or (O, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.LazyConvTranspose3d(4, 2)
    >>> layer(ag.ones((1, 3, 4, 8, 8))).shape
    (1, 4, 5, 9, 9)
    >>> layer
    ConvTranspose3d(3, 4, kernel_size=(2, 2, 2), stride=(1, 1, 1))
    """

    cls_to_become = ConvTranspose3d

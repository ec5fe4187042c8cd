"""Layers that make images larger, or rearrange their pixels."""

from __future__ import annotations

from autograd import Tensor
from autograd.engine.diagnose import check_choice
from autograd.extend import ArrayLike
from nn.module.module import Module
from nn.resampling.interpolation import MODES, interpolate
from nn.resampling.pixels import pixel_shuffle, pixel_unshuffle

Size = int | tuple[int, ...]
Factor = float | tuple[float, ...]


class Upsample(Module):
    """Sequences, images or volumes at another size: `size`, or `scale_factor` times their own.

    `mode` is "nearest", "linear" (sequences), "bilinear", "bicubic" (images) or "trilinear"
    (volumes); see `nn.functional.interpolate` for this and the other options.

    Shape: (N, C, *) -> (N, C, *ₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.Upsample(scale_factor=2, mode="linear")(ag.Tensor([[[0.0, 4.0]]]))
    Tensor([[[0., 1., 3., 4.]]], dtype=float32)
    """

    def __init__(
        self,
        size: Size | None = None,
        scale_factor: Factor | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.scale_factor: Factor | None = None
        if isinstance(scale_factor, tuple):
            self.scale_factor = tuple(map(float, scale_factor))
        elif scale_factor is not None:
            self.scale_factor = float(scale_factor)
        self.mode = check_choice("mode", mode, tuple(MODES))
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: ArrayLike) -> Tensor:
        return interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        how = (
            f"size={self.size}"
            if self.scale_factor is None
            else f"scale_factor={self.scale_factor}"
        )
        return f"{how}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images at another size, each pixel the nearest one.

    Shape: (N, C, H, W) -> (N, C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)(ag.Tensor([[[[1.0, 2.0]]]]))
    Tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]], dtype=float32)
    """

    def __init__(self, size: Size | None = None, scale_factor: Factor | None = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images at another size, linear between the pixels; the corner pixels stay.

    Shape: (N, C, H, W) -> (N, C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.UpsamplingBilinear2d(size=(1, 3))(ag.Tensor([[[[1.0, 3.0]]]]))
    Tensor([[[[1., 2., 3.]]]], dtype=float32)
    """

    def __init__(self, size: Size | None = None, scale_factor: Factor | None = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """r² channels become squares of r x r pixels: an image r times as large.

    Shape: (*, C·r², H, W) -> (*, C, H·r, W·r), with r = `upscale_factor`.

    Source: Shi et al., Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.PixelShuffle(2)(ag.Tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]))
    Tensor([[[1., 2.],
             [3., 4.]]], dtype=float32)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: ArrayLike) -> Tensor:
        return pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Squares of r x r pixels become r² channels: what `PixelShuffle` undoes.

    Shape: (*, C, H·r, W·r) -> (*, C·r², H, W), with r = `downscale_factor`.

    Source: Shi et al., Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network (2016).

    >>> import autograd as ag
    >>> import nn
    >>> nn.PixelUnshuffle(2)(ag.ones((1, 4, 6))).shape
    (4, 2, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: ArrayLike) -> Tensor:
        return pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"

"""Channels to pixels, and pixels to channels."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.errors import ShapeError


@checked
def pixel_shuffle(input: Any, upscale_factor: int) -> Tensor:
    """Channels become pixels: r² channels make squares of r × r pixels.

    Source: Shi et al., Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network (2016).

    Shape: (*, C·r², H, W) -> (*, C, H·r, W·r), with r = `upscale_factor`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pixel_shuffle(ag.Tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2)
    Tensor([[[1., 2.],
             [3., 4.]]], dtype=float32)
    """
    input, r = _checked("pixel_shuffle", input, upscale_factor), upscale_factor
    *lead, channels, height, width = input.shape
    if channels % (r * r):
        raise ShapeError(
            f"pixel_shuffle: the input is {input.shape}; its {channels} channels must be a "
            f"multiple of {r}² = {r * r}{here()}"
        )
    n = len(lead)
    parts = ag.reshape(input, (*lead, channels // (r * r), r, r, height, width))
    turned = ag.permute_dims(parts, (*range(n), n, n + 3, n + 1, n + 4, n + 2))
    return ag.reshape(turned, (*lead, channels // (r * r), height * r, width * r))


@checked
def pixel_unshuffle(input: Any, downscale_factor: int) -> Tensor:
    """Pixels become channels: squares of r × r pixels make r² channels.

    Shape: (*, C, H·r, W·r) -> (*, C·r², H, W), with r = `downscale_factor`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pixel_unshuffle(ag.ones((1, 4, 6)), 2).shape
    (4, 2, 3)
    """
    input, r = _checked("pixel_unshuffle", input, downscale_factor), downscale_factor
    *lead, channels, height, width = input.shape
    if height % r or width % r:
        raise ShapeError(
            f"pixel_unshuffle: the input is {input.shape}; its height {height} and width {width} "
            f"must be multiples of {r}{here()}"
        )
    n = len(lead)
    parts = ag.reshape(input, (*lead, channels, height // r, r, width // r, r))
    turned = ag.permute_dims(parts, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return ag.reshape(turned, (*lead, channels * r * r, height // r, width // r))


def _checked(name: str, input: Any, factor: int) -> Any:
    input = input if isinstance(input, ag.Tensor) else ag.asarray(input)
    if input.ndim < 3:
        raise ShapeError(f"{name}: the input is {input.shape}; it must be (*, C, H, W){here()}")
    return input

"""U-Net: down by pooling, up again by transposed convolutions, with a shortcut on each level."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ShapeError


class UNet(nn.Model):
    """A class for every pixel: logits in the size of the image.

    `depth` times the image is halved and the channels are doubled, from `width` on; on the way up
    each level takes what the level on the way down has seen. With `batch_norm` a norm follows each
    convolution. Convolutions are padded, so that the size remains, of any length of at least
    2**depth.

    Shape: (N, channels, H, W) -> (N, classes, H, W).

    Source: Ronneberger, Fischer and Brox, U-Net: convolutional networks for biomedical image
    segmentation (2015).
    """

    def __init__(
        self,
        classes: int = 2,
        channels: int = 1,
        width: int = 64,
        depth: int = 4,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.depth = depth
        widths = [channels, *(width << level for level in range(depth + 1))]
        for level in range(1, depth + 1):
            block = _block(widths[level - 1], widths[level], batch_norm)
            self.add_module(f"encoder{level}", block)
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = _block(widths[-2], widths[-1], batch_norm)
        for level in range(depth, 0, -1):
            inputs, outputs = widths[level + 1], widths[level]
            self.add_module(f"upconv{level}", nn.ConvTranspose2d(inputs, outputs, 2, stride=2))
            self.add_module(f"decoder{level}", _block(inputs, outputs, batch_norm))
        self.conv = nn.Conv2d(width, classes, 1)

    def forward(self, x: Any) -> Tensor:
        if np.ndim(x) != 4:
            raise ShapeError(
                f"UNet: images are {np.shape(x)}, not (N, channels, H, W); one image is x[None]"
            )
        seen = []
        for level in range(1, self.depth + 1):
            seen.append(getattr(self, f"encoder{level}")(x))
            x = self.pool(seen[-1])
        x = self.bottleneck(x)
        for level in range(self.depth, 0, -1):
            fine = seen.pop()
            x = getattr(self, f"upconv{level}")(x, output_size=fine.shape[2:])
            x = getattr(self, f"decoder{level}")(ag.concat([x, fine], axis=1))
        return self.conv(x)


def _block(inputs: int, outputs: int, batch_norm: bool) -> nn.Sequential:
    """Two convolutions of 3×3."""
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        convolution = nn.Conv2d(channels, outputs, 3, padding=1, bias=not batch_norm)
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        layers += [convolution, *([nn.BatchNorm2d(outputs)] if batch_norm else []), nn.ReLU()]
    return nn.Sequential(*layers)

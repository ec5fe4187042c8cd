"""A small U-Net: down two levels, up again, with a shortcut across on each."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw


def block(inputs: int, outputs: int, rng: np.random.Generator) -> nn.Sequential:
    """A convolution that keeps the size, and a ReLU."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, rng=rng), nn.ReLU())


class UNet(nn.Module):
    """Sees the whole at a quarter of the size, and the edges by its shortcuts.

    Source: Ronneberger, Fischer and Brox, U-Net: convolutional networks for biomedical image
    segmentation (2015).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.down1, self.down2 = block(1, 4, rng), block(4, 8, rng)
        self.bottom = block(8, 16, rng)
        self.grow2 = nn.ConvTranspose2d(16, 8, 2, stride=2, rng=rng)
        self.up2 = block(16, 8, rng)
        self.grow1 = nn.ConvTranspose2d(8, 4, 2, stride=2, rng=rng)
        self.up1 = block(8, 4, rng)
        self.head = nn.Conv2d(4, 1, 1, rng=rng)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        fine = self.down1(x)
        middle = self.down2(self.pool(fine))
        coarse = self.bottom(self.pool(middle))
        middle = self.up2(ag.concatenate([self.grow2(coarse), middle], axis=1))
        fine = self.up1(ag.concatenate([self.grow1(middle), fine], axis=1))
        return self.head(fine)


def picture() -> Picture:
    """One step of telling discs from their ground, with the blocks closed."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:16, :16]
    centres = rng.integers(5, 11, size=(4, 2, 1, 1))
    disc = (row - centres[:, 0]) ** 2 + (column - centres[:, 1]) ** 2 < 16
    mask = ag.Tensor(disc[:, None], dtype="float32")
    images = ag.Tensor(disc[:, None] + 0.5 * rng.normal(size=(4, 1, 16, 16)), dtype="float32")
    model = UNet(rng)
    loss = nn.BCEWithLogitsLoss()(model(images), mask)
    return draw(loss, names=locals(), detail=0)

"""A residual block: two convolutions, and a shortcut around them."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw


class Block(nn.Module):
    """The basic block of ResNet-18 and ResNet-34.

    Source: He et al., Deep residual learning for image recognition (2016).
    """

    def __init__(self, channels: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False, rng=rng)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False, rng=rng)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        residual = ag.relu(self.bn1(self.conv1(x)))
        return ag.relu(self.bn2(self.conv2(residual)) + x)


def picture() -> Picture:
    """The block on the features of a first convolution, its layers closed."""
    rng = np.random.default_rng(0)
    images = ag.Tensor(rng.normal(size=(4, 3, 8, 8)), dtype="float32")
    features = nn.Conv2d(3, 8, 3, padding=1, rng=rng)(images)
    loss = ag.mean(ag.square(Block(8, rng)(features)))
    return draw(loss, names=locals(), detail=0)

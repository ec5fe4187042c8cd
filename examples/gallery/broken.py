"""A model whose second layer does not fit what the first one gives."""

from __future__ import annotations

import warnings

import numpy as np

import nn
from autograd import Tensor
from autograd.viz import Picture, draw


class Broken(nn.Module):
    """Its last layer was made for images of another size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2, padding=1, rng=0)
        self.act = nn.ReLU()
        self.head = nn.Linear(4 * 8 * 8, 10, rng=1)

    def forward(self, images: Tensor) -> Tensor:
        features = self.act(self.conv(images))
        return self.head(features.flatten(1))


def picture() -> Picture:
    """The call as far as it came."""
    images = Tensor(np.random.default_rng(0).normal(size=(2, 1, 14, 14)), dtype="float32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it failed, which the picture says
        return draw(Broken(), images)

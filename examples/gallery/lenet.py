"""LeNet-5 on a batch of images of 28 by 28 pixels."""

from __future__ import annotations

import numpy as np

import nn
from autograd import Tensor
from autograd.viz import Picture, draw


def lenet(rng: np.random.Generator) -> nn.Sequential:
    """Two convolutions, each pooled, and three linear layers.

    Source: LeCun et al., Gradient-based learning applied to document recognition (1998).
    """
    model = nn.Sequential()
    layers = {
        "conv1": nn.Conv2d(1, 6, 5, padding=2, rng=rng),
        "tanh1": nn.Tanh(),
        "pool1": nn.AvgPool2d(2),
        "conv2": nn.Conv2d(6, 16, 5, rng=rng),
        "tanh2": nn.Tanh(),
        "pool2": nn.AvgPool2d(2),
        "flatten": nn.Flatten(),
        "fc1": nn.Linear(400, 120, rng=rng),
        "tanh3": nn.Tanh(),
        "fc2": nn.Linear(120, 84, rng=rng),
        "tanh4": nn.Tanh(),
        "fc3": nn.Linear(84, 10, rng=rng),
    }
    for name, layer in layers.items():
        model.add_module(name, layer)
    return model


def picture() -> Picture:
    """One training step, a box for each layer."""
    rng = np.random.default_rng(0)
    images = Tensor(rng.normal(size=(8, 1, 28, 28)), dtype="float32")
    labels = Tensor(rng.integers(0, 10, 8))
    loss = nn.CrossEntropyLoss()(lenet(rng)(images), labels)
    return draw(loss, names=locals(), detail=0)

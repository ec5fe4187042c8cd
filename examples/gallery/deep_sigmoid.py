"""Twelve layers of sigmoids: the gradient vanishes on its way back."""

from __future__ import annotations

import numpy as np

import nn
from autograd import Tensor
from autograd.viz import Picture, draw

DEPTH, WIDTH = 12, 16


def picture() -> Picture:
    """Every sigmoid takes at least three quarters of the gradient, and the weights half the rest.

    Source: Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen (1991).
    """
    return of_layer(nn.Sigmoid, gain=1.0)


def of_layer(activation: type[nn.Module], gain: float) -> Picture:
    """A deep network, its weights drawn as Glorot and Bengio advise, on one batch."""
    rng = np.random.default_rng(0)
    network = nn.Sequential()
    for number in range(1, DEPTH + 1):
        linear = nn.Linear(WIDTH, WIDTH, rng=rng)
        nn.init.xavier_normal_(linear.weight, gain, rng=rng)
        network.add_module(f"layer {number}", nn.Sequential(linear, activation()))
    network.add_module("head", nn.Linear(WIDTH, 4, rng=rng))
    x = Tensor(rng.normal(size=(32, WIDTH)), dtype="float32")
    labels = Tensor(rng.integers(0, 4, 32))
    loss = nn.CrossEntropyLoss()(network(x), labels)
    return draw(loss, names=locals(), detail=0)

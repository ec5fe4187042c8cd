"""A compiled step of training: an MLP, its loss and Adam, with a panel for each kernel."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
import optim
from autograd.viz import Picture, draw


def picture() -> Picture:
    """One step on a batch of 32; what is fused lies in one panel."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(784, 256, rng=rng), nn.ReLU(), nn.Linear(256, 10, rng=rng))
    optimizer = optim.Adam(model.parameters())

    @ag.compile
    def step(x: ag.Tensor, y: ag.Tensor) -> ag.Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    x = ag.Tensor(rng.normal(size=(32, 784)), dtype="float32")
    y = ag.Tensor(rng.integers(0, 10, 32))
    for _ in range(2):  # from the second call on there are moments to be updated
        step(x, y)
    return draw(step)

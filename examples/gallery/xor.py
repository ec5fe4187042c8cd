"""The network that learns XOR: two hidden neurons, on all four inputs at once."""

from __future__ import annotations

import nn
import optim
from autograd import Tensor
from autograd.viz import Picture, draw


def network(epochs: int = 100) -> tuple[nn.Sequential, Tensor, Tensor]:
    """The network after some training, the four inputs and what they should give."""
    inputs = Tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = Tensor([[0.0], [1.0], [1.0], [0.0]])
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh(), nn.Linear(2, 1, rng=0), nn.Sigmoid())
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    for _ in range(epochs):
        optimizer.zero_grad()
        nn.BCELoss()(model(inputs), targets).backward()
        optimizer.step()
    return model, inputs, targets


def picture() -> Picture:
    """The loss on the four inputs, with nothing folded."""
    model, inputs, targets = network()
    loss = nn.BCELoss()(model(inputs), targets)
    return draw(loss, names=locals())

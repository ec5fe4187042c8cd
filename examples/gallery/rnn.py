"""A recurrent network in five lines, without modules: weights that are too large explode."""

from __future__ import annotations

import numpy as np

import autograd as ag
from autograd.viz import Picture, draw

STEPS, UNITS = 20, 6


def picture() -> Picture:
    """The gradient of a loss on the last state, back through twenty steps."""
    rng = np.random.default_rng(1)
    U = ag.Tensor(rng.normal(size=(2, UNITS)), requires_grad=True, dtype="float32")
    W = ag.Tensor(rng.normal(size=(UNITS, UNITS)), requires_grad=True, dtype="float32")
    inputs = ag.Tensor(rng.normal(size=(STEPS, 4, 2)), dtype="float32")
    h = ag.zeros((4, UNITS))
    for x in inputs:
        x.name = "x"
        h = ag.relu(x @ U + h @ W)
    loss = ag.mean(h)
    return draw(loss, names={"U": U, "W": W, "loss": loss})

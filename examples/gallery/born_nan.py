"""A loss that is a number, and weights that get NaN: where hides the value, not the derivative."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw


def picture() -> Picture:
    """The square root of what a layer gives, and 0 where that is 0."""
    x = ag.Tensor([[1.0, 2.0], [-1.0, 0.5], [0.5, -2.0]], dtype="float32")
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU())
    with np.errstate(all="ignore"):
        z = model(x)
        root = ag.sqrt(z)
        safe = ag.where(z > 0, root, 0.0)
        loss = safe.sum()
    return draw(loss, names=locals())

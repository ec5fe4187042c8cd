"""The chain rule on one page: L = (w·x + b − y)² at w = 2, b = 1, x = 3, y = 10."""

from __future__ import annotations

import autograd as ag
from autograd.viz import Picture, draw


def picture() -> Picture:
    """The squared error of one affine prediction."""
    w = ag.Tensor(2.0, requires_grad=True)
    b = ag.Tensor(1.0, requires_grad=True)
    x, y = ag.Tensor(3.0), ag.Tensor(10.0)
    p = w * x
    ŷ = p + b
    e = ŷ - y
    L = e**2
    return draw(L, names=locals())

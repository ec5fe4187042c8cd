"""The derivative of a derivative: the graph of f′, drawn as any other."""

from __future__ import annotations

import autograd as ag
from autograd.viz import Picture, draw


def picture() -> Picture:
    """f(x) = x³ · sin x; its slope is a graph as well, and x gets the second derivative."""
    x = ag.Tensor(2.0, requires_grad=True)
    f = x**3 * ag.sin(x)
    (slope,) = ag.grad(f, x, create_graph=True)
    return draw(slope, names={"x": x, "slope": slope})

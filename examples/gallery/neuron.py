"""A neuron with two inputs: y = σ(w₁x₁ + w₂x₂ + b)."""

from __future__ import annotations

import autograd as ag
from autograd.viz import Picture, draw


def picture() -> Picture:
    """The weighted sum, squashed; both weights get the neuron's one slope times their input."""
    w1 = ag.Tensor(2.0, requires_grad=True, name="w₁")
    w2 = ag.Tensor(-3.0, requires_grad=True, name="w₂")
    b = ag.Tensor(-3.0, requires_grad=True)
    x1, x2 = ag.Tensor(-1.0, name="x₁"), ag.Tensor(-2.0, name="x₂")
    p1, p2 = w1 * x1, w2 * x2
    s = p1 + p2
    z = s + b
    y = ag.sigmoid(z)
    return draw(y, names={"p₁": p1, "p₂": p2, "s": s, "b": b, "z": z, "y": y})

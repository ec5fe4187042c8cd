"""The chain rule on one page: L = (w·x + b − y)² at w = 2, b = 1, x = 3, y = 10.

Writes docs/pictures/affine_loss.svg and .png, and prints the same graph as text.
Needs Graphviz' program `dot`.
"""

from __future__ import annotations

from pathlib import Path

import autograd as ag
from autograd.viz import Picture, draw

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def affine_loss() -> Picture:
    """The squared error of one affine prediction."""
    w = ag.Tensor(2.0, requires_grad=True)
    b = ag.Tensor(1.0, requires_grad=True)
    x, y = ag.Tensor(3.0), ag.Tensor(10.0)
    p = w * x
    ŷ = p + b
    e = ŷ - y
    L = e**2
    return draw(L, names=locals())


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = affine_loss()
    for suffix in ("svg", "png"):
        print(picture.save(PICTURES / f"affine_loss.{suffix}"))
    print(picture)

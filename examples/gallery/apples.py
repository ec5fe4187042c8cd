"""Shopping: two apples at 100 each, and a tax of 10 %, come to 220."""

from __future__ import annotations

import autograd as ag
from autograd.viz import Picture, draw


def picture() -> Picture:
    """What the bill depends on, and how strongly."""
    price = ag.Tensor(100.0, requires_grad=True)
    apples = ag.Tensor(2.0, requires_grad=True)
    tax = ag.Tensor(1.1, requires_grad=True)
    fruit = price * apples
    bill = fruit * tax
    return draw(bill, names=locals())

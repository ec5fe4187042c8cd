"""Complex numbers: how large the answer of a filter is, by its pole."""

from __future__ import annotations

import autograd as ag
from autograd.viz import Picture, draw


def picture() -> Picture:
    """|1 / (1 − p·z)|² at a point z of the unit circle, by the pole p of the filter."""
    p = ag.Tensor(0.5 + 0.5j, requires_grad=True)
    z = ag.Tensor(0.6 - 0.8j)
    answer = 1 / (1 - p * z)
    power = ag.real(answer * ag.conj(answer))
    return draw(power, names=locals())

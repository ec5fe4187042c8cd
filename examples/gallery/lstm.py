"""An LSTM unrolled in a Python loop: fifty times the same weights, drawn once."""

from __future__ import annotations

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw

STEPS, BATCH, INPUTS, UNITS = 50, 8, 4, 16


class Cell(nn.Module):
    """One step, out of its parts.

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.from_input = nn.Linear(INPUTS, 4 * UNITS, bias=False, rng=rng)
        self.from_hidden = nn.Linear(UNITS, 4 * UNITS, rng=rng)

    def forward(self, x: ag.Tensor, h: ag.Tensor, c: ag.Tensor) -> tuple[ag.Tensor, ag.Tensor]:
        gates = self.from_input(x) + self.from_hidden(h)
        i, f, g, o = ag.split(gates, 4, axis=1)
        c = ag.sigmoid(f) * c + ag.sigmoid(i) * ag.tanh(g)
        return ag.sigmoid(o) * ag.tanh(c), c


class Counter(nn.Module):
    """Reads a sequence, a step at a time, and guesses a number."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.cell = Cell(rng)
        self.head = nn.Linear(UNITS, 1, rng=rng)

    def forward(self, sequence: ag.Tensor) -> ag.Tensor:
        h = ag.Tensor(np.zeros((BATCH, UNITS), "float32"), name="zeros")
        c = h
        for x in sequence:
            x.name = "x"
            h, c = self.cell(x, h, c)
        return self.head(h)


def picture() -> Picture:
    """The gradient of the last guess, back through all the steps."""
    rng = np.random.default_rng(0)
    sequence = ag.Tensor(rng.normal(size=(STEPS, BATCH, INPUTS)), dtype="float32")
    total = sequence.sum(axis=(0, 2)).reshape(BATCH, 1)
    loss = nn.MSELoss()(Counter(rng)(sequence), total)
    return draw(loss, names={"total": total, "loss": loss})

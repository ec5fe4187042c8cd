"""A block of a transformer: attention and a small network, each beside a shortcut."""

from __future__ import annotations

import math

import numpy as np

import autograd as ag
import nn
from autograd.viz import Picture, draw

BATCH, TOKENS, WIDTH, HEADS = 2, 6, 16, 4


class Attention(nn.Module):
    """Every token asks all the others.

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH, rng=rng)
        self.key = nn.Linear(WIDTH, WIDTH, rng=rng)
        self.value = nn.Linear(WIDTH, WIDTH, rng=rng)
        self.out = nn.Linear(WIDTH, WIDTH, rng=rng)

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        q, k, v = (self.heads(project(x)) for project in (self.query, self.key, self.value))
        scores = q @ k.mT / math.sqrt(WIDTH // HEADS)
        mixed = nn.functional.softmax(scores, dim=-1) @ v
        return self.out(mixed.swapaxes(1, 2).reshape(BATCH, TOKENS, WIDTH))

    @staticmethod
    def heads(x: ag.Tensor) -> ag.Tensor:
        return x.reshape(BATCH, TOKENS, HEADS, WIDTH // HEADS).swapaxes(1, 2)


class Block(nn.Module):
    """Normalization first, as in GPT-2."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention(rng)
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH, rng=rng), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH, rng=rng)
        )

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def picture() -> Picture:
    """The block on random tokens, and the gradient of the mean square of what it gives."""
    rng = np.random.default_rng(0)
    tokens = ag.Tensor(rng.normal(size=(BATCH, TOKENS, WIDTH)), dtype="float32", name="tokens")
    loss = ag.mean(ag.square(Block(rng)(tokens)))
    loss.name = "loss"
    return draw(loss, detail=1)

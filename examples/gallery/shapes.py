"""The block of a transformer in names and shapes alone."""

from __future__ import annotations

import numpy as np

import autograd as ag
from autograd.viz import Picture, draw
from examples.gallery.transformer_block import BATCH, TOKENS, WIDTH, Block


def picture() -> Picture:
    """Every op and every parameter, a line each."""
    rng = np.random.default_rng(0)
    tokens = ag.Tensor(rng.normal(size=(BATCH, TOKENS, WIDTH)), dtype="float32", name="tokens")
    return draw(Block(rng), tokens, style="shapes")

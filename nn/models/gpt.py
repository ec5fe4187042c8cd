"""A small GPT: a decoder that predicts the next token."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.random import generator


class CausalSelfAttention(nn.Module):
    """Every token asks itself and those before it.

    Shape: (N, T, width) -> (N, T, width).
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Any) -> Tensor:
        n, t, _ = x.shape
        parts = self.qkv(x)  # of as many features as there are heads here
        width = parts.shape[-1] // 3
        parts = parts.reshape(n, t, 3, self.heads, width // self.heads)
        q, k, v = (parts[:, :, i].swapaxes(1, 2) for i in range(3))
        dropout = self.dropout if self.training else 0.0
        out = nn.functional.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=True)
        return self.proj(out.swapaxes(1, 2).reshape(n, t, width))


class Block(nn.Module):
    """Attention and a small network, each after a norm and beside a shortcut.

    Shape: (N, T, width) -> (N, T, width).
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width, heads, dropout)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Any) -> Tensor:
        x = x + self.drop(self.attn(self.ln1(x)))
        return x + self.drop(self.mlp(self.ln2(x)))


class GPT(nn.Model):
    """Predict the next token from those before it: logits over `vocabulary` for every place.

    Learned positions up to `context`, `depth` blocks of `width` features and `heads` heads. The
    output layer shares its weight with the embedding of tokens.

    Shape: (N, T) integers, T at most context -> (N, T, vocabulary).

    Source: Radford et al., Language models are unsupervised multitask learners (2019).

    >>> import numpy as np
    >>> import nn
    >>> model = nn.models.GPT(vocabulary=10, context=8, width=16, depth=1, heads=2)
    >>> model.predict(np.zeros((2, 5), int)).shape
    (2, 5, 10)
    """

    def __init__(
        self,
        vocabulary: int,
        context: int = 64,
        width: int = 64,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if width % heads:
            raise ArgumentError(f"the width {width} cannot be shared by {heads} heads")
        self.context = context
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(width, heads, dropout) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self._start(depth)

    def _start(self, depth: int) -> None:
        """GPT-2's initial values: N(0, 0.02²), smaller where blocks write into the shortcut."""
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                ends = name.endswith(("proj.weight", "mlp.2.weight"))
                nn.init.normal_(parameter, std=0.02 / (math.sqrt(2 * depth) if ends else 1.0))
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, x: Any) -> Tensor:
        length = x.shape[1]
        if length > self.context:
            raise ShapeError(
                f"GPT: {length} tokens, and the context is {self.context}: cut the input to its "
                f"last {self.context}"
            )
        x = self.drop(self.tokens(x) + self.positions(np.arange(length)))
        return self.logits(self.norm(self.blocks(x)))

    def logits(self, x: Any) -> Tensor:
        """What the last features say of every token."""
        return ag.linear(x, self.tokens.weight)

    def generate(self, tokens: Any, count: int, temperature: float = 1.0, rng: Any = None) -> Any:
        """The tokens (T,) and `count` more, each drawn from the softmax of the last logits.

        A `temperature` below 1 makes likely tokens more likely; 0 takes the likeliest.
        """
        if temperature < 0:
            raise ArgumentError(f"temperature must be at least 0, got {temperature}")
        rng = generator(rng)
        found = [int(token) for token in tokens]
        if not found:
            raise ArgumentError("generate begins with one token at least")
        for _ in range(count):
            logits = self.predict(np.array([found[-self.context :]]))[0, -1].astype(np.float64)
            if temperature == 0:
                found.append(int(np.argmax(logits)))
                continue
            weights = np.exp((logits - logits.max()) / temperature)
            found.append(int(rng.choice(len(weights), p=weights / weights.sum())))
        return np.array(found)

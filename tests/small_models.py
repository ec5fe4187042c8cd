"""Two small modules that hold a little of everything, and the keys of their state."""

from __future__ import annotations

from typing import Any

import nn
from autograd import Tensor


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2, rng=0)
        self.scale = nn.Parameter([1.0, 1.0])
        self.register_buffer("count", Tensor(0.0))
        self.register_buffer("cache", Tensor([5.0]), persistent=False)

    def forward(self, x: Any) -> Any:
        return self.linear(x) * self.scale


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2, rng=1), nn.ReLU())
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.shift = nn.Parameter([0.0, 0.0])

    def forward(self, x: Any) -> Any:
        x = self.encoder(x)
        for block in self.blocks:
            x = block(x)
        return x + self.shift


KEYS = [
    "shift",
    "encoder.0.weight",
    "encoder.0.bias",
    "blocks.0.scale",
    "blocks.0.count",
    "blocks.0.linear.weight",
    "blocks.0.linear.bias",
    "blocks.1.scale",
    "blocks.1.count",
    "blocks.1.linear.weight",
    "blocks.1.linear.bias",
]

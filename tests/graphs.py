"""Graphs that several tests of the pictures draw, and their names."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd.engine.modes import scope
from autograd.viz.model.model import Card, Model
from tests.numeric import ATOL, RTOL

__all__ = [
    "affine", "cards", "chain", "close", "deep_network", "leaf", "network", "onward", "recurrent",
    "shared",
]  # fmt: skip

close = {"rtol": RTOL, "atol": ATOL}


def leaf(value: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(value, np.float64), requires_grad=True, name=name)


def affine() -> ag.Tensor:
    """The loss of the gallery; the names come from `.name`."""
    w, b = leaf(2.0, "w"), leaf(1.0, "b")
    x, y = ag.Tensor(np.array(3.0), name="x"), ag.Tensor(np.array(10.0), name="y")
    p = w * x
    p.name = "p"
    e = p + b - y
    e.name = "e"
    loss = e**2
    loss.name = "L"
    return loss


def shared() -> ag.Tensor:
    """Every way to share: a leaf in two ops, twice in one op, and an intermediate in two."""
    a, b = leaf(0.8, "a"), leaf(-1.3, "b")
    p = a * b
    p.name = "p"
    q = ag.exp(p / 2) + 1
    return q * p - a * a * ag.tanh(b) + a


def network(rows: int = 4) -> ag.Tensor:
    rng = np.random.default_rng(0)
    x = ag.Tensor(rng.normal(size=(rows, 3)), name="x")
    w, b = leaf(rng.normal(size=(3, 2)), "w"), leaf(rng.normal(size=2), "b")
    with scope("", "Net"), scope("fc", "Linear"):
        z = x @ w + b
    h = ag.tanh(z) * z
    h.name = "h"
    return (h * h).sum()


def cards(model: Model) -> dict[str, Card]:
    return {card.name: card for card in model.cards}


def onward(model: Model, card: Card, value: Any) -> float:
    """The output when a tensor is set to a value, whatever it was computed from."""
    known: dict[Card, Any] = {c: c.value for c in model.cards if c.is_leaf} | {card: value}
    for step in model.steps:
        inputs: dict[int, Any] = step.literals | {e.position: known[e.source] for e in step.edges}
        out = step.op.record(*(inputs[i] for i in sorted(inputs)), **step.node.parameters())
        for one, made in zip(step.outputs, out if isinstance(out, tuple) else (out,), strict=True):
            known.setdefault(one, made)
    return float(known[model.outputs[0]])


def deep_network(layers: int = 12, activation: str = "sigmoid", width: int = 8) -> ag.Tensor:
    """Layers of one kind, in which a gradient vanishes or does not."""
    nn.manual_seed(0)
    layer = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[activation]
    blocks = [nn.Sequential(nn.Linear(width, width), layer()) for _ in range(layers)]
    net = nn.Sequential(*blocks, nn.Linear(width, 3))
    x = ag.Tensor(np.random.default_rng(0).normal(size=(4, width)).astype("float32"), name="x")
    loss: ag.Tensor = nn.CrossEntropyLoss()(net(x), ag.Tensor([0, 1, 2, 0], name="t"))
    loss.name = "loss"
    return loss


def recurrent(steps: int = 60) -> ag.Tensor:
    """The same two matrices at every step of a loop."""
    rng = np.random.default_rng(0)
    w_x, w_h = leaf(rng.normal(size=(4, 4)) / 2, "Wx"), leaf(rng.normal(size=(4, 4)) / 2, "Wh")
    x, h = ag.Tensor(rng.normal(size=(2, 4)), name="x"), ag.Tensor(np.zeros((2, 4)), name="h0")
    for _ in range(steps):
        h = ag.tanh(x @ w_x + h @ w_h)
    return ag.sum(h * h)


def chain(ops: int) -> ag.Tensor:
    """Elementwise ops in a row that follow no pattern."""
    x = leaf(np.full(3, 0.3), "z")
    functions = (ag.tanh, ag.sin, ag.exp, ag.cos, ag.sigmoid)
    for number in np.random.default_rng(0).integers(0, 5, ops):
        x = functions[number](x) * 0.5
    return x.sum()

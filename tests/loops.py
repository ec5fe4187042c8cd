"""Graphs with loops: what tests of folds draw, each with how often it repeats and as what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
import nn

__all__ = ["LOOPS", "attended", "gan", "rnn"]

Rng = np.random.Generator


def leaf(rng: Rng, *shape: int, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(rng.normal(size=shape) * 0.5, requires_grad=True, name=name)


def rnn(steps: int = 20, hidden: list[ag.Tensor] | None = None, cut: int = -1) -> ag.Tensor:
    """A recurrent net by hand; `hidden` collects its states; no gradient passes that at `cut`."""
    rng = np.random.default_rng(0)
    w, u = leaf(rng, 4, 4, name="W"), leaf(rng, 3, 4, name="U")
    h: Any = np.zeros((2, 4))
    for i in range(steps):
        h = ag.tanh(rng.normal(size=(2, 3)) @ u + h @ w)
        if hidden is not None:
            hidden.append(h)
        if i == cut:
            h = h.detach()
    return (h**2).sum()


def power_iteration() -> ag.Tensor:
    a = leaf(np.random.default_rng(0), 4, 4)
    v: Any = np.ones(4)
    for _ in range(20):
        v = a @ v
        v = v / ag.linalg.norm(v)
    return v @ (a @ v)


def euler() -> ag.Tensor:
    k, y = leaf(np.random.default_rng(0)), ag.Tensor(1.0)
    for _ in range(20):
        y = y + 0.1 * (-k * y * y)
    return (y - 0.3) ** 2


def euler_from_a_number() -> ag.Tensor:
    """Its first step lacks the ops on numbers alone."""
    k, y = leaf(np.random.default_rng(0)), np.array(1.0)
    for _ in range(20):
        y = y + 0.1 * (-k * y * np.sin(y))
    return (y - 0.3) ** 2


def descent() -> ag.Tensor:
    rng = np.random.default_rng(0)
    p, rate = leaf(rng, 3), ag.Tensor(0.1, requires_grad=True)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    for _ in range(12):
        p = p - rate * (x.T @ (x @ p - y))
    return ((x @ p - y) ** 2).sum()


def momentum() -> ag.Tensor:
    p, b = leaf(np.random.default_rng(0), 3), ag.Tensor(0.9, requires_grad=True)
    v: Any = ag.zeros(3)
    for _ in range(20):
        v = b * v + 0.3 * p
        p = p - 0.1 * v
    return (p**2).sum()


def two_layers() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w1, u1, w2, u2 = (leaf(rng, 4, 4) for _ in range(4))
    a: Any = np.zeros((2, 4))
    b: Any = np.zeros((2, 4))
    for _ in range(20):
        a = ag.tanh(rng.normal(size=(2, 4)) @ u1 + a @ w1)
        b = ag.tanh(a @ u2 + b @ w2)
    return (b**2).sum()


def both_ways() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, v, u = leaf(rng, 4, 4), leaf(rng, 4, 4), leaf(rng, 3, 4)
    a: Any = np.zeros((2, 4))
    b: Any = np.zeros((2, 4))
    xs = rng.normal(size=(15, 2, 3))
    for x in xs:
        a = ag.tanh(x @ u + a @ w)
    for x in xs[::-1]:
        b = ag.tanh(x @ u + b @ v)
    return (a * b).sum()


def two_loops() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, v, h = leaf(rng, 4, 4), leaf(rng, 4, 4), ag.Tensor(rng.normal(size=(2, 4)))
    for _ in range(20):
        h = ag.tanh(h @ w)
    for _ in range(15):
        h = ag.sigmoid(h @ v + 1.0)
    return h.sum()


def nested() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, h = leaf(rng, 4, 4), ag.Tensor(rng.normal(size=(2, 4)))
    for _ in range(6):
        z = h
        for _ in range(5):
            z = ag.tanh(z @ w)
        h = h + 0.5 * z
    return h.sum()


def collected() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, v = leaf(rng, 4, 4), leaf(rng, 4, 2)
    h: Any = ag.Tensor(rng.normal(size=(2, 4)))
    ys = []
    for _ in range(20):
        h = ag.tanh(h @ w)
        ys.append(h @ v)
    return (ag.stack(ys) ** 2).mean()


def attended() -> ag.Tensor:
    """A decoder, every step of which looks at all states of an encoder, and has a loss."""
    rng = np.random.default_rng(0)
    w, u, v, out = (leaf(rng, *shape, name=name) for shape, name in (
        ((4, 4), "W"), ((3, 4), "U"), ((4, 4), "V"), ((8, 5), "O"),
    ))  # fmt: skip
    states: list[Any] = [np.zeros((2, 4))]
    for x in rng.normal(size=(8, 2, 3)):
        states.append(ag.tanh(x @ u + states[-1] @ w))
    h, loss = states[-1], ag.Tensor(0.0)
    for targets in rng.integers(0, 5, size=(6, 2)):
        h, seen = ag.tanh(h @ v), ag.stack(states[1:], axis=1)
        looks = ag.softmax((seen * h[:, None, :]).sum(axis=-1), axis=-1)
        found = (seen * looks[:, :, None]).sum(axis=1)
        loss = loss + nn.functional.cross_entropy(ag.concatenate([h, found], 1) @ out, targets)
    return loss


def growing() -> ag.Tensor:
    """Attention over all that came before: the shapes differ from step to step."""
    rng = np.random.default_rng(0)
    w, states = leaf(rng, 4, 4), [ag.Tensor(rng.normal(size=(1, 4)))]
    for _ in range(15):
        keys = ag.concat(states, 0)
        states.append(ag.tanh(ag.softmax((states[-1] @ w) @ keys.T, axis=-1) @ keys))
    return states[-1].sum()


def cells() -> ag.Tensor:
    cell = nn.LSTMCell(3, 4, rng=0)
    h = c = ag.zeros((2, 4))
    rng = np.random.default_rng(0)
    for _ in range(50):
        h, c = cell(ag.Tensor(rng.normal(size=(2, 3)).astype("float32")), (h, c))
    return h.sum()


def scanned() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w = leaf(rng, 4, 4)

    def turn(carry: Any, x: Any) -> Any:
        state = ag.tanh(x + carry @ w)
        return state, state

    last, all_ = ag.scan(
        turn, ag.zeros((2, 4), dtype="float64"), ag.Tensor(rng.normal(size=(30, 2, 4)))
    )
    return (all_**2).mean() + last.sum()


def residual_tower() -> ag.Tensor:
    rng = np.random.default_rng(0)
    h: Any = ag.Tensor(rng.normal(size=(2, 8)))
    for _ in range(40):
        h = h + 0.1 * ag.relu(h @ leaf(rng, 8, 8)) @ leaf(rng, 8, 8)
    return h.sum()


def side_by_side() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w = leaf(rng, 4, 4)
    return ag.stack([ag.tanh(rng.normal(size=(2, 4)) @ w) for _ in range(30)]).mean()


def born_at_the_seventh() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, h = leaf(rng, 4, 4), ag.Tensor(rng.normal(size=(2, 4)))
    for i in range(20):
        h = ag.sqrt(1.0 + (-9.0 if i == 6 else 1.0) * ag.tanh(h @ w) ** 2)
    return h.sum()


# name: (graph, [(how often, as what) of each loop that is open])
LOOPS: dict[str, tuple[Callable[[], ag.Tensor], list[tuple[int, str]]]] = {
    "rnn": (rnn, [(20, "step")]),
    "fifty steps": (lambda: rnn(50), [(50, "step")]),
    "a thousand steps": (lambda: rnn(1000), [(1000, "step")]),
    "power iteration": (power_iteration, [(20, "step")]),
    "euler": (euler, [(20, "step")]),
    "euler, from a number": (euler_from_a_number, [(19, "step")]),
    "unrolled descent": (descent, [(12, "step")]),
    "momentum": (momentum, [(20, "step")]),
    "two layers": (two_layers, [(20, "step")]),
    "both ways": (both_ways, [(15, "step"), (15, "step")]),
    "two loops": (two_loops, [(20, "step"), (15, "step")]),
    "nested": (nested, [(6, "step")]),
    "collected": (collected, [(20, "step")]),
    "attended": (attended, [(8, "step"), (6, "step")]),
    "growing": (growing, [(14, "step")]),
    "cells": (cells, [(50, "step")]),
    "scan": (scanned, [(30, "step")]),
    "residual tower": (residual_tower, [(40, "block")]),
    "side by side": (side_by_side, [(30, "copy")]),
    "NaN at the seventh": (born_at_the_seventh, [(20, "step")]),
    "two steps": (lambda: rnn(2), []),
    "three steps": (lambda: rnn(3), []),
}


def gan() -> tuple[ag.Graph, dict[str, ag.Tensor], dict[str, ag.Tensor]]:
    """A step of both losses: the graph, the losses by name, the discriminator's parameters."""
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    make = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
    judge = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(), nn.Linear(8, 1))
    x, z = (ag.Tensor(rng.normal(size=(16, 2)).astype("float32")) for _ in range(2))
    fake, bce = make(z), nn.functional.binary_cross_entropy_with_logits
    losses = {
        "loss_real": bce(judge(x), ag.ones((16, 1))),
        "loss_fake": bce(judge(fake.detach()), ag.zeros((16, 1))),
        "loss_G": bce(judge(fake), ag.ones((16, 1))),
    }
    for name, loss in losses.items():
        loss.name = name
    loss_d = losses["loss_real"] + losses["loss_fake"]
    return ag.Graph(loss_d, losses["loss_G"]), losses, dict(judge.named_parameters())

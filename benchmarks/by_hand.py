"""The workloads in plain NumPy, every derivative worked out by hand: what an engine adds to."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

Array = Any


def chain(x: Array, a: Array, b: Array, steps: int) -> tuple[Array, Array, Array]:
    """The gradients of the sum of x after `steps` times x ← tanh(x·a + b)."""
    saved = []
    for _ in range(steps):
        out = np.tanh(x * a + b)
        saved.append((x, out))
        x = out
    x.sum()
    g, da, db = np.ones_like(x)[()], np.zeros_like(a)[()], np.zeros_like(b)[()]
    while saved:
        x, out = saved.pop()
        g = g * (1 - out * out)
        db = db + g
        da = da + g * x
        g = g * a
    return g, da, db


class Mlp:
    """Fully connected layers with one nonlinearity between them; weights are (out, in)."""

    def __init__(self, sizes: list[int], nonlinearity: str, after_last: bool = False) -> None:
        rng = np.random.default_rng(0)
        self.weights, self.biases = [], []
        for fan_in, fan_out in pairwise(sizes):
            bound = fan_in**-0.5
            self.weights.append(rng.uniform(-bound, bound, (fan_out, fan_in)).astype(np.float32))
            self.biases.append(rng.uniform(-bound, bound, fan_out).astype(np.float32))
        self.is_tanh = nonlinearity == "tanh"
        self.active = len(self.weights) - (not after_last)

    @property
    def parameters(self) -> list[Array]:
        return [p for pair in zip(self.weights, self.biases, strict=True) for p in pair]

    def forward(self, x: Array) -> list[Array]:
        """The input and the output of every layer."""
        outputs = [x]
        for number, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ w.T + b
            if number < self.active:
                x = np.tanh(x) if self.is_tanh else np.maximum(x, 0)
            outputs.append(x)
        return outputs

    def backward(self, outputs: list[Array], g: Array) -> list[Array]:
        """The gradients of the parameters, from that of the last output. Empties `outputs`."""
        gradients: list[Array] = []
        for number in reversed(range(len(self.weights))):
            out = outputs.pop()
            if number < self.active:
                g = g * (1 - out * out) if self.is_tanh else g * (out > 0)
            gradients += [g.sum(0), g.T @ outputs[-1]]
            if number:
                g = g @ self.weights[number]
        return gradients[::-1]


def cross_entropy(logits: Array, labels: Array) -> tuple[Array, Array]:
    """The mean loss, and its gradient with respect to the logits."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(1, keepdims=True)
    exps = np.exp(shifted)
    total = exps.sum(1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - shifted[rows, labels])
    g = exps / total
    g[rows, labels] -= 1
    return loss, g / len(labels)


class Adam:
    """Adam (Kingma and Ba, 2015), in place."""

    def __init__(self, parameters: list[Array], rate: float = 1e-3) -> None:
        self.parameters, self.rate, self.steps = parameters, rate, 0
        self.moments: list[tuple[Array, Array]] = []

    def step(self, gradients: list[Array]) -> None:
        if not self.moments:
            self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self.parameters]
        self.steps += 1
        first, second = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for p, g, (m, v) in zip(self.parameters, gradients, self.moments, strict=True):
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            v += 0.001 * (g * g)
            p -= self.rate / first * m / (np.sqrt(v / second) + 1e-8)

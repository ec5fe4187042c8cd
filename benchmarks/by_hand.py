"""The workloads in plain NumPy, every derivative worked out by hand: what an engine adds to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from data import chain_values, images, initial, normal
from memory import memory_now, memory_peak

Array = Any
Step = Callable[[], Any]


def chain_gradients(x: Array, a: Array, b: Array, steps: int) -> tuple[Array, Array, Array, Array]:
    """The sum of x after `steps` times x ← tanh(x·a + b), and its three gradients."""
    saved = []
    for _ in range(steps):
        out = np.tanh(x * a + b)
        saved.append((x, out))
        x = out
    total = x.sum()
    g, da, db = np.ones_like(x)[()], np.zeros_like(a)[()], np.zeros_like(b)[()]
    while saved:
        x, out = saved.pop()
        g = g * (1 - out * out)
        db = db + g
        da = da + g * x
        g = g * a
    return total, g, da, db


def chain(shape: Any, ranges: Any, steps: int) -> Step:
    """The workload `chains.chain`."""
    values = chain_values(shape, ranges)
    return lambda: chain_gradients(*values, steps)[0]


class Mlp:
    """Fully connected layers with one nonlinearity between them; weights are (out, in)."""

    def __init__(self, sizes: list[int], nonlinearity: str, after_last: bool = False) -> None:
        self.weights, self.biases = [], []
        for number, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            name = str(2 * number)  # as in a Sequential, with a nonlinearity after each
            self.weights.append(initial(f"{name}.weight", (fan_out, fan_in)))
            self.biases.append(initial(f"{name}.bias", (fan_out,)))
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


def inference(sizes: list[int]) -> Step:
    """The workload `training.inference`."""
    model, (x, _) = Mlp(sizes, "relu"), images((1, sizes[0]))
    return lambda: model.forward(x)[-1]


def mlp(sizes: list[int], batch: int) -> Step:
    """The workload `training.mlp`."""
    model, (x, labels) = Mlp(sizes, "relu"), images((batch, sizes[0]), sizes[-1])
    adam = Adam(model.parameters)

    def step() -> Array:
        outputs = model.forward(x)
        loss, g = cross_entropy(outputs[-1], labels)
        adam.step(model.backward(outputs, g))
        return loss

    return step


def memory(sizes: list[int], batch: int) -> float:
    """The workload `memory.memory`."""
    data = normal(batch, sizes[0])
    start = memory_now()
    mlp = Mlp(sizes, "tanh", after_last=True)
    outputs = mlp.forward(data)
    outputs[-1].sum()
    gradients = mlp.backward(outputs, np.ones_like(outputs[-1]))
    for parameter, g in zip(mlp.parameters, gradients, strict=True):
        parameter -= 0.01 * g
    return memory_peak() - start

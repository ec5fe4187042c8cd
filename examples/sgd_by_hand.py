"""Mini-batch SGD for a deep network with the deltas written out, checked against autograd.

python -m examples.sgd_by_hand

With z = xWᵀ + b and a = h(z), the delta of a layer is ∂loss/∂z. From the last layer back:
δ_last = (softmax - one-hot) / N, δ = (δ_next W_next) ⊙ h′(z); then ∂loss/∂W = δᵀ a_before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import nn
from autograd import Tensor
from examples.shared import options_of, save

Array = Any


def forward(x: Array, layers: list[tuple[Array, Array]]) -> list[Array]:
    """The input and the output of every layer; tanh between them, logits at the end."""
    outputs = [x]
    for number, (w, b) in enumerate(layers, start=1):
        z = outputs[-1] @ w.T + b
        outputs.append(z if number == len(layers) else np.tanh(z))
    return outputs


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def backward(outputs: list[Array], y: Array, layers: list[tuple[Array, Array]]) -> Any:
    """The mean cross-entropy, and its gradients by every weight and bias."""
    p = softmax(outputs[-1])
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean()
    delta = p.copy()
    delta[rows, y] -= 1
    delta /= len(y)
    gradients = []
    for number in range(len(layers) - 1, -1, -1):
        before = outputs[number]
        gradients.append((delta.T @ before, delta.sum(axis=0)))
        if number:
            delta = (delta @ layers[number][0]) * (1 - before**2)  # tanh′ = 1 - tanh²
    return loss, gradients[::-1]


def largest_difference(x: Array, y: Array, layers: list[tuple[Array, Array]]) -> float:
    """Between the deltas' gradients and those of autograd, relative to the largest."""
    _, by_hand = backward(forward(x, layers), y, layers)
    leaves = [tuple(Tensor(part, requires_grad=True) for part in layer) for layer in layers]
    z: Any = Tensor(x)
    for number, (w, b) in enumerate(leaves, start=1):
        z = nn.functional.linear(z, w, b)
        z = z if number == len(leaves) else z.tanh()
    nn.functional.cross_entropy(z, Tensor(y)).backward()
    pairs = [(leaf.grad.numpy(), g) for pair, found in zip(leaves, by_hand, strict=True)
             for leaf, g in zip(pair, found, strict=True)]  # fmt: skip
    return float(max(np.abs(a - g).max() / np.abs(a).max() for a, g in pairs))


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "sgd_by_hand", epochs=30, lr=0.2, batch=32, seed=0).parse_args(
        arguments
    )
    rng = np.random.default_rng(options.seed)
    images, labels = nn.datasets.digits()
    (x, y), (x_test, y_test) = nn.data.train_test_split(
        images.reshape(-1, 64) / 16.0, labels, test_size=0.2, rng=options.seed
    )
    sizes = [64, 64, 32, 10]
    layers = [(rng.normal(0, 1 / np.sqrt(n), (m, n)), np.zeros(m))
              for n, m in pairwise(sizes)]  # fmt: skip
    difference = largest_difference(x[:32], y[:32], layers)
    print(f"deltas against autograd: relative difference {difference:.1e}")
    losses = []
    for epoch in range(1, options.epochs + 1):
        total, order = 0.0, rng.permutation(len(x))
        for start in range(0, len(x), options.batch):
            chosen = order[start : start + options.batch]
            loss, gradients = backward(forward(x[chosen], layers), y[chosen], layers)
            layers = [(w - options.lr * gw, b - options.lr * gb)
                      for (w, b), (gw, gb) in zip(layers, gradients, strict=True)]  # fmt: skip
            total += loss * len(chosen)
        losses.append(total / len(x))
        if epoch == 1 or epoch % 10 == 0:
            print(f"epoch {epoch:>2}   loss {losses[-1]:.4f}")
    accuracy = float(np.mean(forward(x_test, layers)[-1].argmax(axis=1) == y_test))
    print(f"test accuracy {accuracy:.2%} on {len(x_test)} images that were not trained on")
    figure = nn.plot.curves({"loss": losses}, np.arange(1, len(losses) + 1), xlabel="epoch",
                            ylabel="loss", title="SGD with deltas by hand")  # fmt: skip
    save(figure, options.out, "loss")
    return {"difference": difference, "accuracy": accuracy, "losses": losses}


if __name__ == "__main__":
    main()

"""XOR, which no line separates: by new features, by fit, and by a loop with its graph in sight.

python -m examples.xor
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from autograd import Tensor, viz
from examples.shared import options_of, save

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
Y = np.array([0, 1, 1, 0])


def by_features(epochs: int) -> list[int]:
    """With x₁·x₂ as a third input, one perceptron is enough."""
    features = np.column_stack([X, X[:, 0] * X[:, 1]])
    neuron = nn.models.Perceptron(3)
    neuron.learn(features, Y, epochs=epochs)
    return [int(y) for y in neuron.predict(features).ravel()]


def keras_style(epochs: int, seed: int) -> tuple[nn.Sequential, float]:
    """A network 2-4-1, compiled and fitted."""
    nn.manual_seed(seed)
    model = nn.Sequential([
        nn.Input((2,)),
        nn.Dense(4, activation="tanh"),
        nn.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    model.compile(optim.Adam(model.parameters(), lr=0.1), "binary_crossentropy", ["accuracy"])
    model.fit(X, Y, epochs=epochs, batch_size=4, verbose=0)
    return model, model.evaluate(X, Y)["accuracy"]


def graph_style(epochs: int, seed: int) -> tuple[Any, list[int]]:
    """The same network from its tensors: every step in sight."""
    rng = np.random.default_rng(seed)
    x, y = Tensor(X, name="x"), Tensor(Y[:, None].astype("float32"), name="y")
    w1 = Tensor(rng.normal(size=(2, 4)), dtype="float32", requires_grad=True, name="w1")
    b1 = Tensor(np.zeros(4), dtype="float32", requires_grad=True, name="b1")
    w2 = Tensor(rng.normal(size=(4, 1)), dtype="float32", requires_grad=True, name="w2")
    b2 = Tensor(np.zeros(1), dtype="float32", requires_grad=True, name="b2")
    optimizer = optim.Adam([w1, b1, w2, b2], lr=0.1)
    for _ in range(epochs):
        hidden = (x @ w1 + b1).tanh()
        logits = hidden @ w2 + b2
        loss = nn.functional.binary_cross_entropy_with_logits(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss, [int(z > 0) for z in logits.numpy().ravel()]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "xor", epochs=200, seed=0).parse_args(arguments)
    found: dict[str, Any] = {"features": by_features(options.epochs)}
    print(f"x₁, x₂, x₁·x₂ and one perceptron: {found['features']}")
    model, found["accuracy"] = keras_style(options.epochs, options.seed)
    print(f"2-4-1, compile and fit:           accuracy {found['accuracy']:.0%}")
    loss, found["graph"] = graph_style(options.epochs, options.seed)
    print(f"2-4-1, tensor by tensor:          {found['graph']}, loss {loss.item():.4f}")
    save(nn.plot.decision_boundary(model, X, Y, title="XOR by a network 2-4-1"), options.out, "xor")
    print(f"graph: {viz.draw(loss).save(options.out / 'graph.svg')}")
    return found


if __name__ == "__main__":
    main()

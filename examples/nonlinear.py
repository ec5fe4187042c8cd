"""A curve through noisy points: Dense 6-4-1, plain SGD, and what the last activation can reach.

python -m examples.nonlinear

A sigmoid at the end gives nothing below 0, where half of the curve lies; a linear one can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import course_table, options_of, save

# activation of the hidden layers, of the last one, learning rate, momentum
VARIANTS = {
    "sigmoid": ("sigmoid", "sigmoid", 5.0, 0.0),
    "linear at the end": ("sigmoid", "linear", 0.1, 0.9),
    "tanh": ("tanh", "linear", 0.1, 0.0),
}


def stand_in(rng: np.random.Generator) -> dict[str, Any]:
    x = rng.uniform(0, 1, 1000)
    return {"x": x, "y": 0.25 + 0.8 * np.sin(2 * np.pi * x) + rng.normal(0, 0.52, 1000)}


def network(hidden: str, last: str) -> nn.Sequential:
    return nn.Sequential([
        nn.Input((1,)),
        nn.Dense(6, activation=hidden),
        nn.Dense(4, activation=hidden),
        nn.Dense(1, activation=last),
    ])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "nonlinear", epochs=100, seed=1).parse_args(arguments)
    table = course_table("nonlinear.csv", stand_in)
    x, y = table["x"][:, None], table["y"]
    at = np.linspace(0, 1, 200)[:, None]
    found: dict[str, Any] = {}
    lines, losses = {}, {}
    for name, (hidden, last, lr, momentum) in VARIANTS.items():
        nn.manual_seed(options.seed)
        model = network(hidden, last)
        model.compile(optim.SGD(model.parameters(), lr=lr, momentum=momentum), "mse")
        start = model.evaluate(x, y)["loss"]
        history = model.fit(x, y, epochs=options.epochs, verbose=0).history
        found[name] = {"start": start, "loss": history["loss"]}
        losses[name] = history["loss"]
        lines[name] = model.predict(at).ravel()
        print(f"{name:<18} loss {start:.3f} -> {history['loss'][-1]:.3f}")
    figure, (left, right) = nn.plot.figure(1, 2)
    left.scatter(x, y, s=4, color=nn.plot.HAIRLINE)
    nn.plot.curves(lines, at.ravel(), title="What they learned", xlabel="x", ylabel="y", ax=left)
    nn.plot.curves(losses, np.arange(1, options.epochs + 1), title="Mean squared error",
                   xlabel="epoch", ax=right)  # fmt: skip
    save(figure, options.out, "nonlinear")
    return found


if __name__ == "__main__":
    main()

"""Initial weights: what five layers of tanh or ReLU give, by the deviation of their weights.

python -m examples.initialization

Too large and tanh saturates, too small and all outputs are alike; Xavier's rule keeps the deviation
below tanh, He's below ReLU; batch normalisation keeps it whatever the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
from autograd import Tensor
from examples.shared import options_of, save

WIDTH, DEPTH = 100, 5
RULES: dict[str, tuple[str, Any]] = {
    "deviation 1, tanh": ("tanh", lambda w: nn.init.normal_(w, std=1.0)),
    "deviation 0.01, tanh": ("tanh", lambda w: nn.init.normal_(w, std=0.01)),
    "Xavier, tanh": ("tanh", nn.init.xavier_normal_),
    "Xavier, ReLU": ("relu", nn.init.xavier_normal_),
    "He, ReLU": ("relu", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
    "deviation 0.01, batch norm, ReLU": ("relu norm", lambda w: nn.init.normal_(w, std=0.01)),
}

FILES = dict(
    zip(RULES, ("large", "small", "xavier", "xavier_relu", "he", "batch_norm"), strict=True)
)


def network(activation: str, fill: Any) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(DEPTH):
        linear = nn.Linear(WIDTH, WIDTH, bias=False)
        fill(linear.weight)
        layers.append(linear)
        if activation.endswith("norm"):
            layers.append(nn.BatchNorm1d(WIDTH, track_running_stats=False))
        layers.append(nn.Tanh() if activation == "tanh" else nn.ReLU())
    return nn.Sequential(*layers)


def deviations(model: nn.Sequential, x: Any) -> list[float]:
    """The standard deviation of what each activation gives."""
    found = []
    for layer in model:
        x = layer(x)
        if isinstance(layer, (nn.Tanh, nn.ReLU)):
            found.append(float(x.detach().numpy().std()))
    return found


def main(arguments: Sequence[str] | None = None) -> dict[str, list[float]]:
    options = options_of(__doc__, "initialization", examples=1000, seed=0).parse_args(arguments)
    nn.manual_seed(options.seed)
    x = np.random.default_rng(options.seed).normal(size=(options.examples, WIDTH)).astype("float32")
    found: dict[str, list[float]] = {}
    pictures: dict[str, Any] = {}
    print("deviation of the outputs of layer     1        2        3        4        5")
    for name, (activation, fill) in RULES.items():
        model = network(activation, fill)
        found[name] = deviations(model, Tensor(x))
        print(f"{name:<33}" + "".join(f"{d:>9.4f}" for d in found[name]))
        pictures[name] = nn.plot.activations(model, x, kinds=(nn.Tanh, nn.ReLU))
    for name, figure in pictures.items():
        save(figure, options.out, FILES[name])
    return found


if __name__ == "__main__":
    main()

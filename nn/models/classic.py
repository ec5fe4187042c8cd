"""The classics: a perceptron, networks of linear layers, LeNet-5, AlexNet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import nn
from autograd.errors import ArgumentError, StateError
from autograd.random import generator
from nn.activation.names import activation_named
from nn.module.checks import check_choice


class Perceptron(nn.Sequential):
    """step(w·x + b): one neuron that says yes, 1, or no, 0.

    Its step has no slope, so it learns by the perceptron rule, `learn`, and not by gradients.

    Shape: (N, inputs) -> (N, 1).

    Source: Rosenblatt, The perceptron (1958).

    >>> import nn
    >>> import autograd as ag
    >>> neuron = nn.models.Perceptron(2)
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> neuron.learn(x, y)
    9
    >>> neuron.predict(x).ravel().tolist()
    [0.0, 0.0, 0.0, 1.0]
    """

    def __init__(self, inputs: int = 2) -> None:
        super().__init__({"linear": nn.Linear(inputs, 1), "step": nn.Step()})
        self.set([0.0] * inputs, 0.0)

    def set(self, weights: Sequence[float], bias: float) -> None:
        """Give the neuron these weights and this bias."""
        linear: Any = self._modules["linear"]
        dtype = linear.weight.dtype
        linear.load_state_dict(
            {"weight": np.array([weights], dtype), "bias": np.array([bias], dtype)}
        )

    def learn(self, x: Any, y: Any, lr: float = 1.0, epochs: int = 100) -> int:
        """Go over the examples until none is wrong: w ← w + lr·(y − ŷ)·x, b ← b + lr·(y − ŷ).

        One that lies on the line counts as wrong too, so that the line passes between the classes.
        Returns the number of epochs it took. Raises RuntimeError if some are wrong at the end, as
        they always are where no line separates the classes.
        """
        linear: Any = self._modules["linear"]
        weight, bias = linear.weight.numpy()[0].copy(), float(linear.bias.numpy()[0])
        examples = [(np.array(row, weight.dtype), float(t)) for row, t in zip(x, y, strict=True)]
        for epoch in range(1, epochs + 1):
            wrong = 0
            for row, label in examples:
                score, size = weight @ row + bias, abs(weight) @ abs(row) + abs(bias)
                is_on_line = abs(score) <= 1e-6 * size
                error = label - (1 - label if is_on_line else float(score > 0))
                wrong += error != 0
                weight += lr * error * row
                bias += lr * error
            self.set(weight, bias)
            if not wrong:
                return epoch
        raise StateError(
            f"after {epochs} epochs {wrong} of {len(examples)} examples are wrong; perhaps no line "
            "separates the classes"
        )


class MLP(nn.Sequential):
    """Linear layers of these sizes, with an activation between them and perhaps one at the end.

    Shape: (*, sizes[0]) -> (*, sizes[-1]).

    >>> import nn
    >>> nn.models.MLP([2, 4, 1], "tanh", last="sigmoid")
    MLP(
      (0): Linear(in_features=2, out_features=4, bias=True)
      (1): Tanh()
      (2): Linear(in_features=4, out_features=1, bias=True)
      (3): Sigmoid()
    )
    """

    def __init__(
        self, sizes: Sequence[int], activation: Any = "relu", last: Any = None, rng: Any = None
    ) -> None:
        if len(sizes) < 2:
            raise ArgumentError(f"an MLP needs the sizes of input and output at least, got {sizes}")
        rng = None if rng is None else generator(rng)
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out, rng=rng), activation_named(activation)]
        layers[-1:] = [] if last is None else [activation_named(last)]
        super().__init__(*layers)


class LeNet5(nn.Sequential):
    """Two convolutions, each pooled, and three linear layers, for digits of 28×28; ends in logits.

    With the rectifiers and max pooling of today; `activation="tanh"` and `pool="avg"` are those of
    1998 (whose pooling had weights, and whose outputs were distances).

    Shape: (N, 1, 28, 28) -> (N, classes).

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document
    recognition (1998).
    """

    def __init__(self, classes: int = 10, activation: Any = "relu", pool: str = "max") -> None:
        check_choice("pool", pool, ("max", "avg"))
        pooling = nn.MaxPool2d if pool == "max" else nn.AvgPool2d
        super().__init__({
            "conv1": nn.Conv2d(1, 6, 5, padding=2), "act1": activation_named(activation),
            "pool1": pooling(2),
            "conv2": nn.Conv2d(6, 16, 5), "act2": activation_named(activation),
            "pool2": pooling(2), "flatten": nn.Flatten(),
            "fc1": nn.Linear(400, 120), "act3": activation_named(activation),
            "fc2": nn.Linear(120, 84), "act4": activation_named(activation),
            "fc3": nn.Linear(84, classes),
        })  # fmt: skip


class AlexNet(nn.Sequential):
    """The network that won ImageNet in 2012, with its groups and its normalisation; ends in logits.

    Shape: (N, 3, 227, 227) -> (N, classes).

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks (2012).
    """

    def __init__(self, classes: int = 1000, dropout: float = 0.5) -> None:
        def norm() -> nn.Module:
            return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)  # alpha is of the sum / 5

        super().__init__({
            "features": nn.Sequential(
                nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
                nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
                nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
                nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
                nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            ),
            "flatten": nn.Flatten(),
            "classifier": nn.Sequential(
                nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(),
                nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(),
                nn.Linear(4096, classes),
            ),
        })  # fmt: skip

"""Overfitting: a large network learns wrong labels by heart; weight decay and dropout prevent it.

python -m examples.overfitting

A fifth of the labels to train on are replaced by random ones. A network that gets them all right
has learned them by heart, and is wrong more often on digits that it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
import optim
from examples.shared import options_of, save


def network(dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(64, 100), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(100, 100), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(100, 10),
    )  # fmt: skip


VARIANTS = {"nothing": (0.0, 0.0), "weight decay": (0.0, 0.02), "dropout": (0.5, 0.0)}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "overfitting", epochs=250, examples=400, seed=0).parse_args(
        arguments
    )
    images, labels = nn.datasets.digits()
    x, y = images.reshape(-1, 64) / 16.0, labels
    (x, y), held_out = nn.data.train_test_split(
        x, y, test_size=1 - options.examples / len(x), rng=options.seed
    )
    rng = np.random.default_rng(options.seed)
    wrong = rng.random(len(y)) < 0.2
    y = np.where(wrong, rng.integers(0, 10, len(y)), y)
    figure, axes = nn.plot.figure(1, 3, 4.0, 3.0)
    found: dict[str, Any] = {}
    print(f"{len(x)} digits to train on, {len(held_out[0])} to test")
    for ax, (name, (dropout, decay)) in zip(axes, VARIANTS.items(), strict=True):
        nn.manual_seed(options.seed)
        model = network(dropout)
        optimizer = optim.SGD(model.parameters(), lr=0.1, weight_decay=decay)
        model.compile(optimizer, nn.CrossEntropyLoss(), ["accuracy"])
        history = model.fit(x, y, epochs=options.epochs, validation_data=held_out,
                            verbose=0).history  # fmt: skip
        train = model.evaluate(x, y)
        test = model.evaluate(*held_out)
        found[name] = {"train": train, "test": test}
        print(f"{name:<13} accuracy: train {train['accuracy']:.1%}, test {test['accuracy']:.1%};  "
              f"loss: train {train['loss']:.3f}, test {test['loss']:.3f}")  # fmt: skip
        losses = {"training": history["loss"], "test": history["val_loss"]}
        epochs = np.arange(1, options.epochs + 1)
        nn.plot.curves(losses, epochs, title=name, xlabel="epoch", ylabel="loss", ax=ax)
    save(figure, options.out, "overfitting")
    return found


if __name__ == "__main__":
    main()

"""Train a small network on real handwritten digits, then draw one of its backward passes.

python examples/digits.py            # or: make demo
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
from autograd import Tensor, tracing, viz

Split = tuple[Any, Any]  # images (N, 64) and labels (N,)


def load_split(seed: int) -> tuple[Split, Split]:
    """Scikit-learn's 1,797 digits, 8 x 8 pixels from 0 to 1: most to train on, a fifth to test."""
    try:
        from sklearn.model_selection import train_test_split

        images, labels = nn.datasets.digits()
    except ImportError:
        sys.exit("The digits come with scikit-learn. Install it:  pip install scikit-learn")
    train_x, test_x, train_y, test_y = train_test_split(
        images.reshape(-1, 64) / np.float32(16), labels, test_size=0.2, stratify=labels,
        random_state=seed,
    )  # fmt: skip
    return (train_x, train_y), (test_x, test_y)


def make_model(seed: int) -> nn.Sequential:
    """Two hidden layers, ready to train."""
    nn.manual_seed(seed)
    model = nn.Sequential([
        nn.Input((64,)),
        nn.Dense(64, activation="relu"),
        nn.Dense(32, activation="relu"),
        nn.Dense(10),
    ])  # fmt: skip
    model.compile(
        optimizer=optim.Adam(model.parameters(), lr=0.003),
        loss=nn.CrossEntropyLoss(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    return model


def draw_loss(model: nn.Module, data: Split, folder: Path) -> None:
    """Record one loss on four images; draw its backward pass, and a page that steps through it."""
    images, labels = (Tensor(part[:4]) for part in data)
    with tracing():  # keeps the source lines
        loss = nn.CrossEntropyLoss()(model(images), labels)
    picture = viz.draw(loss)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"the picture of a backward pass: {picture.save(folder / 'loss.svg')}")
    print(f"the same, step by step, in a browser: {picture.save(folder / 'loss.html')}")


def main(arguments: Sequence[str] | None = None) -> float:
    """Train, test, draw; returns the accuracy on the test images."""
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits.")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("out/digits"), help="for the pictures")
    options = parser.parse_args(arguments)

    data, test = load_split(options.seed)
    model = make_model(options.seed)
    model.summary()
    model.fit(*data, epochs=options.epochs, validation_data=test, verbose=2)
    score = model.evaluate(*test)["accuracy"]
    print(f"test accuracy {score:.2%} on {len(test[0])} images that were not trained on")
    draw_loss(model, data, options.out)
    return score


if __name__ == "__main__":
    main()

"""Train a small network on real handwritten digits, then draw one of its backward passes.

python examples/digits.py            # or: make demo
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
from autograd import Tensor, no_grad, tracing, viz

Split = tuple[Tensor, Tensor]  # images (N, 64) and labels (N,)


def load_split(seed: int) -> tuple[Split, Split]:
    """Scikit-learn's 1,797 digits, 8 x 8 pixels from 0 to 1: most to train on, a fifth to test."""
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
    except ImportError:
        sys.exit("The digits come with scikit-learn. Install it:  pip install scikit-learn")
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(
        (images / 16).astype("float32"), labels, test_size=0.2, stratify=labels, random_state=seed
    )
    train_x, test_x, train_y, test_y = map(Tensor, parts)
    return (train_x, train_y), (test_x, test_y)


def make_model(rng: np.random.Generator) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(64, 64, rng=rng),
        nn.ReLU(),
        nn.Linear(64, 32, rng=rng),
        nn.ReLU(),
        nn.Linear(32, 10, rng=rng),
    )


def batches(split: Split, size: int, rng: np.random.Generator) -> Iterator[Split]:
    """The examples in a new order, `size` at a time."""
    x, y = split
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        chosen = order[start : start + size]
        yield x[chosen], y[chosen]


def accuracy(model: nn.Module, split: Split) -> float:
    """The share of images whose label gets the largest logit."""
    x, y = split
    with no_grad():
        guesses = model(x).numpy().argmax(axis=1)
    return float(np.mean(guesses == y.numpy()))


def train(model: nn.Module, data: Split, test: Split, epochs: int, rng: Any) -> None:
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(1, epochs + 1):
        start, total = time.perf_counter(), 0.0
        for x, y in batches(data, 32, rng):
            loss = loss_of(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        print(
            f"epoch {epoch:2d}   loss {total / len(data[0]):.4f}   "
            f"train {accuracy(model, data):6.2%}   test {accuracy(model, test):6.2%}   "
            f"{1000 * (time.perf_counter() - start):.0f} ms"
        )


def draw_loss(model: nn.Module, data: Split, folder: Path) -> None:
    """Record one loss on four images; draw its backward pass, and a page that steps through it."""
    images, labels = data[0][:4], data[1][:4]
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

    rng = np.random.default_rng(options.seed)
    data, test = load_split(options.seed)
    model = make_model(rng)
    print(model)
    train(model, data, test, options.epochs, rng)
    score = accuracy(model, test)
    print(f"test accuracy {score:.2%} on {len(test[0])} images that were not trained on")
    draw_loss(model, data, options.out)
    return score


if __name__ == "__main__":
    main()

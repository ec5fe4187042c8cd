"""What `nn.callbacks.TensorBoard` costs in an epoch of MNIST's size.

PYTHONPATH=. python benchmarks/tensorboards.py --rounds 7

An epoch of 60,000 images of 28×28 in batches of 128 is trained without it, with it, and with
`histogram_freq=1`, one after the other in turns; the least of all rounds counts, since others on
the machine only add. The first epoch, with what is imported and traced once, is told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from typing import Any

import numpy as np

import nn

WAYS: dict[str, dict[str, Any] | None] = {
    "without": None, "as it is": {}, "histogram_freq=1": {"histogram_freq": 1},
}  # fmt: skip


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def lenet() -> Any:
    return nn.models.LeNet5()


MODELS = {"MLP 784-256-10": (mlp, (784,)), "LeNet-5": (lenet, (1, 28, 28))}


def epochs_of(make: Any, shape: Any, count: int, options: Any, rows: int) -> list[float]:
    """Seconds of each epoch of one training."""
    rng = np.random.default_rng(0)
    x, y = rng.random((rows, *shape), np.float32), rng.integers(0, 10, rows)
    nn.manual_seed(0)
    net = make()
    net.compile("adam", nn.CrossEntropyLoss(), metrics=["accuracy"])
    seconds: list[float] = []

    class Clock(nn.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any) -> None:
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            seconds.append(time.perf_counter() - self.began)

    with tempfile.TemporaryDirectory() as folder:
        board = [] if options is None else [nn.callbacks.TensorBoard(folder, **options)]
        net.fit(x, y, batch_size=128, epochs=count, verbose=0, callbacks=[*board, Clock()])
    return seconds


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rows", type=int, default=60_000)
    options = parser.parse_args()
    print("| model | epoch | " + " | ".join(WAYS) + " |")
    print("| --- | --- |" + " ---: |" * len(WAYS))
    for name, (make, shape) in MODELS.items():
        found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way, given in WAYS.items():
                found[way].append(epochs_of(make, shape, options.epochs, given, options.rows))
        for epoch, part in (("first", slice(1)), ("later", slice(1, None))):
            least = {way: min(min(run[part]) for run in runs) for way, runs in found.items()}
            base = least["without"]
            cells = (f"{s * 1e3:.0f} ms ({s / base - 1:+.1%})" for s in least.values())
            print(f"| {name} | {epoch} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

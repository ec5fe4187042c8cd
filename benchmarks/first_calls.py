"""How long the first call of each compiled kernel takes: a layer in a process of its own.

python -m benchmarks.first_calls [name ...]

`empty` is with an empty NUMBA_CACHE_DIR, so that loops are compiled; `kept` is the next process,
which finds them on disk. Both load Numba in the forward call; imports of chaingrad are not counted.
`warm` is a later call in that process. Milliseconds; whatever is said on the way is an error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import autograd as ag
import nn
import optim

F = nn.functional
Layer = Callable[[ag.Tensor], ag.Tensor]
IMAGES, ROWS, SEQUENCES = (32, 64, 32, 32), (1024, 256), (20, 32, 64)
WARM = 5  # calls, of which the fastest counts


def normal(*shape: int) -> np.ndarray:
    """Images (N, C, H, W) lie in memory as convolutions leave them, by height and channel."""
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return x if x.ndim < 4 else np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)


def attention(x: ag.Tensor) -> ag.Tensor:
    y = x.reshape(8, 8, 128, 32)
    return F.scaled_dot_product_attention(y, y, y, is_causal=True)


def cross_entropy(x: ag.Tensor) -> ag.Tensor:
    return F.cross_entropy(x, ag.Tensor(np.arange(len(x)) % x.shape[1]))


def first_of(layer: Callable[[ag.Tensor], Any]) -> Layer:
    return lambda x: layer(x)[0]


LAYERS: dict[str, tuple[Callable[[], Layer], tuple[int, ...]]] = {
    "convolution 3x3": (lambda: nn.Conv2d(64, 64, 3, padding=1, rng=0), IMAGES),
    "convolution 5x5": (lambda: nn.Conv2d(64, 16, 5, rng=0), IMAGES),
    "batch norm": (lambda: nn.BatchNorm2d(64), IMAGES),
    "ReLU": (nn.ReLU, IMAGES),
    "max pooling": (lambda: nn.MaxPool2d(2), IMAGES),
    "dense": (lambda: nn.Linear(256, 256, rng=0), ROWS),
    "dropout": (lambda: nn.Dropout(0.5), ROWS),
    "layer norm": (lambda: nn.LayerNorm(256), ROWS),
    "GELU": (nn.GELU, ROWS),
    "sigmoid": (nn.Sigmoid, ROWS),
    "softmax": (lambda: nn.Softmax(-1), ROWS),
    "cross-entropy": (lambda: cross_entropy, ROWS),
    "attention": (lambda: attention, (64, 128, 32)),
    "LSTM": (lambda: first_of(nn.LSTM(64, 128)), SEQUENCES),
    "GRU": (lambda: first_of(nn.GRU(64, 128)), SEQUENCES),
    "LSTMCell": (lambda: first_of(nn.LSTMCell(256, 64)), ROWS),
}
OPTIMIZERS: dict[str, Callable[[Any], optim.Optimizer]] = {
    "Adam": optim.Adam,
    "SGD with momentum": lambda parameters: optim.SGD(parameters, lr=0.1, momentum=0.9),
}
COLUMNS = "empty forward", "empty backward", "kept forward", "kept backward", "warm both"


def milliseconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return 1e3 * (perf_counter() - start)


def of_layer(name: str) -> list[float]:
    """The first forward and backward call, and the fastest of some later ones."""
    make, shape = LAYERS[name]
    layer, x = make(), ag.Tensor(normal(*shape), requires_grad=True)
    out: list[ag.Tensor] = []

    def forward() -> None:
        out[:] = [layer(x)]

    def step() -> None:
        forward()
        out[0].backward(g)

    first = milliseconds(forward)
    g = normal(*out[0].shape)
    return [first, milliseconds(lambda: out[0].backward(g)), min(map(milliseconds, [step] * WARM))]


def of_optimizer(name: str) -> list[float]:
    p = ag.Tensor(normal(1000, 1000), requires_grad=True)
    p.grad = ag.Tensor(normal(1000, 1000))
    step = OPTIMIZERS[name]([p]).step
    return [milliseconds(step), 0.0, min(map(milliseconds, [step] * WARM))]


def in_a_process(name: str, folder: str) -> list[float]:
    """The times of a fresh interpreter, which keeps its loops in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_calls", "--here", name],
        env={**os.environ, "NUMBA_CACHE_DIR": folder},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return [float(number) for number in json.loads(done.stdout)]


def main() -> None:
    names = [*LAYERS, *OPTIMIZERS]
    if sys.argv[1:2] == ["--here"]:
        name = sys.argv[2]
        print(json.dumps((of_layer if name in LAYERS else of_optimizer)(name)))
        return
    print(f"| first call, ms | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for name in sys.argv[1:] or names:
        with tempfile.TemporaryDirectory() as folder:
            empty, kept = in_a_process(name, folder), in_a_process(name, folder)
        numbers = (f"{t:.{0 if t >= 10 else 2}f}" for t in (*empty[:2], *kept))
        print(f"| {name} | {' | '.join(numbers)} |", flush=True)


if __name__ == "__main__":
    main()

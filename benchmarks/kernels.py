"""What the compiled kernels of the extra `fast` save, one layer at a time: forward and backward.

python -m benchmarks.kernels

Both sides run by turns in one process, NumPy's within `numpy_only`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

import autograd as ag
import nn
import optim
from autograd.kernels.parallel.twins import numpy_only

ROUNDS, SECONDS = 15, 0.05
Step = Callable[[], object]


def normal(*shape: int) -> np.ndarray:
    """Images (N, C, H, W) lie in memory as convolutions leave them, by height and channel."""
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return x if x.ndim < 4 else np.ascontiguousarray(x.transpose(2, 1, 3, 0)).transpose(3, 1, 0, 2)


def through(layer: Callable[[ag.Tensor], ag.Tensor], *shape: int) -> Step:
    """Forward and backward through a layer, from an input of this shape."""
    x = ag.Tensor(normal(*shape), requires_grad=True)
    g = normal(*layer(x).shape)

    def step() -> None:
        x.grad = None
        layer(x).backward(g)

    return step


def updating(optimizer: type[optim.Optimizer], *shapes: tuple[int, ...], **options: float) -> Step:
    """A step of an optimizer alone."""
    parameters = [ag.Tensor(normal(*shape), requires_grad=True) for shape in shapes]
    for p in parameters:
        p.grad = ag.Tensor(normal(*p.shape))
    return optimizer(parameters, **options).step


def attention(heads: int, length: int, width: int) -> Step:
    def attend(x: ag.Tensor) -> ag.Tensor:
        y = x.reshape(8, heads, length, width)
        return nn.functional.scaled_dot_product_attention(y, y, y, is_causal=True)

    return through(attend, 8 * heads, length, width)


def steps() -> Iterator[tuple[str, Step]]:
    yield "Adam, 1,000,000 parameters", updating(optim.Adam, (1000, 1000))
    mlp = ((256, 784), (256,), (10, 256), (10,))
    yield "Adam, an MLP of 784-256-10", updating(optim.Adam, *mlp)
    yield (
        "SGD with momentum, 1,000,000 parameters",
        updating(optim.SGD, (1000, 1000), lr=0.1, momentum=0.9),
    )
    yield (
        "convolution 3x3, 64 to 64 channels, 32x32, batch 32",
        through(nn.Conv2d(64, 64, 3, padding=1, rng=0), 32, 64, 32, 32),
    )
    yield (
        "convolution 3x3, 16 to 16 channels, 32x32, batch 32",
        through(nn.Conv2d(16, 16, 3, padding=1, rng=0), 32, 16, 32, 32),
    )
    yield (
        "convolution 5x5, 6 to 16 channels, 14x14, batch 64",
        through(nn.Conv2d(6, 16, 5, rng=0), 64, 6, 14, 14),
    )
    yield (
        "convolution 3x3, stride 2, 16 to 32 channels, 32x32, batch 32",
        through(nn.Conv2d(16, 32, 3, stride=2, padding=1, rng=0), 32, 16, 32, 32),
    )
    yield "batch norm, 64 channels, 32x32, batch 32", through(nn.BatchNorm2d(64), 32, 64, 32, 32)
    yield "layer norm, 1024 rows of 256", through(nn.LayerNorm(256), 1024, 256)
    yield "GELU, 1024 rows of 1024", through(nn.GELU(), 1024, 1024)
    yield "sigmoid, 1024 rows of 1024", through(nn.Sigmoid(), 1024, 1024)
    target = ag.Tensor(np.arange(1024) % 1000)
    criterion = nn.CrossEntropyLoss()
    yield "cross-entropy, 1024 rows of 1000", through(lambda x: criterion(x, target), 1024, 1000)
    yield "causal attention, 8 heads of 32, 128 long, batch 8", attention(8, 128, 32)
    yield "max pooling 2x2, 64 channels, 32x32, batch 32", through(nn.MaxPool2d(2), 32, 64, 32, 32)
    lstm, gru = nn.LSTM(64, 128), nn.GRU(64, 128)
    yield "LSTM of 128, 50 steps, batch 32", through(lambda x: lstm(x)[0], 50, 32, 64)
    yield "GRU of 128, 50 steps, batch 32", through(lambda x: gru(x)[0], 50, 32, 64)


def milliseconds(step: Step) -> float:
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < SECONDS or not count:
        step()
        count += 1
    return 1e3 * spent / count


def main() -> None:
    print("| float32 | NumPy ms | with `fast` | times |\n|---|---:|---:|---:|")
    for name, step in steps():
        step()  # compiles
        pairs = []
        for _ in range(ROUNDS):
            with numpy_only():
                slow = milliseconds(step)
            pairs.append((slow, milliseconds(step)))
        slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        times = statistics.median(a / b for a, b in pairs)
        print(f"| {name} | {slow:.3g} | {fast:.3g} | {times:.1f} |", flush=True)


if __name__ == "__main__":
    main()

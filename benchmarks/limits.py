"""How near the workloads are to what the machine can do: bare products, bare Python, bare memory.

python -m benchmarks.limits

* Products: the matrix products of a step alone, by `np.dot` on arrays of their shapes.
* Python: what it takes to make a Tensor and a Node and fill their slots, and to visit one; and an
  addition in a chain with Python's garbage collector on and off.
* Memory: reading and writing arrays as often as the elementwise formula has to without fusing.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np

import autograd as ag
from autograd.node import Node
from autograd.tensor import Tensor

Shape = tuple[int, int, int]  # (M, K) @ (K, N)


def seconds(step: Callable[[], object], rounds: int = 9, least: float = 0.1) -> float:
    """The median of some rounds of at least so many seconds."""
    step()
    found = []
    for _ in range(rounds):
        count, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < least or not count:
            step()
            count += 1
        found.append(spent / count)
    return statistics.median(found)


def dense(rows: int, *sizes: int) -> list[Shape]:
    """Products of a chain of dense layers, forward and back; the data has no gradient."""
    found: list[Shape] = []
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        found += [(rows, inputs, outputs), (outputs, rows, inputs)]
        if number:
            found.append((rows, outputs, inputs))
    return found


def recurrent(length: int, rows: int, inputs: int, size: int) -> list[Shape]:
    """Those of LSTM cells, one after the other: both products forward, and four back."""
    gates = 4 * size
    forward = [(rows, inputs, gates), (rows, size, gates)]
    back = [(gates, rows, inputs), (gates, rows, size), (rows, gates, size)]
    return (forward + back) * length


def scanned(length: int, rows: int, inputs: int, size: int) -> list[Shape]:
    """Those of the same in one layer: only what hangs on the state is made step by step."""
    gates, all_rows = 4 * size, length * rows
    at_once = [(all_rows, inputs, gates), (gates, all_rows, inputs), (gates, all_rows, size)]
    return at_once + [(rows, size, gates), (rows, gates, size)] * length


def transformer(rows: int, width: int) -> list[Shape]:
    """Those of the dense layers of a block, all with a gradient by their input."""
    layers = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)]
    return [s for i, o in layers for s in ((rows, i, o), (o, rows, i), (rows, o, i))]


PRODUCTS = {
    "mlp": dense(32, 784, 256, 10),
    "mlp-large": dense(256, 784, 1024, 1024, 10),
    "lstm-loop": recurrent(50, 32, 64, 128),
    "lstm": scanned(50, 32, 64, 128),
    "transformer": transformer(8 * 128, 256),
    "hvp": 2 * dense(32, 784, 256, 10),  # those of the gradient, and as many of its derivative
}


def products(shapes: list[Shape]) -> tuple[float, float]:
    """Seconds for the products alone, and billions of operations a second."""
    rng = np.random.default_rng(0)
    made = {
        (m, k, n): (rng.random((m, k), np.float32), rng.random((n, k), np.float32).T,
                    np.empty((m, n), np.float32))
        for m, k, n in shapes
    }  # fmt: skip
    arrays = [made[shape] for shape in shapes]

    def run() -> None:
        for a, b, out in arrays:
            np.dot(a, b, out=out)

    spent = seconds(run)
    return spent, sum(2e-9 * m * k * n for m, k, n in shapes) / spent


def bare_node() -> float:
    """Making a Tensor and a Node by hand, with all slots filled, and dropping them."""
    new, value, count = object.__new__, np.float32(1), 100_000

    def run() -> None:
        for _ in range(count):
            node = new(Node)
            node.op = node.saved = node.scope = node.extra = None
            node.inputs = (node.op,)
            node.params = ()
            node.number = 0
            node.spec = np.float32
            tensor = new(Tensor)
            tensor._value, tensor._node, tensor._name = value, node, None

    return seconds(run) / count


def addition(collects: bool) -> float:
    """One of 100,000 additions in a chain, forward and backward."""

    def run() -> None:
        y = x = ag.Tensor(0.5, requires_grad=True)
        for _ in range(100_000):
            y = y + x
        y.backward()

    gc.collect()
    if not collects:
        gc.disable()
    try:
        return seconds(run, 5) / 100_000
    finally:
        gc.enable()


def passes(count: int) -> float:
    """One elementwise pass over arrays of 4M numbers: two read, one written."""
    a, b, out = np.ones((3, 1 << 22), np.float32)
    return count * seconds(lambda: np.add(a, b, out=out))


def main() -> None:
    for name, shapes in PRODUCTS.items():
        spent, rate = products(shapes)
        print(f"{name}: bare products {1e3 * spent:.3g} ms, at {rate:.0f} GFLOP/s")
    square = products([(2048, 2048, 2048)])[1]
    print(f"a square product of 2048: {square:.0f} GFLOP/s")
    print(f"a bare Tensor and Node: {1e6 * bare_node():.2f} µs")
    for collects in (True, False):
        word = "on" if collects else "off"
        print(f"an addition, garbage collector {word}: {1e6 * addition(collects):.2f} µs")
    print(f"one pass over 4M numbers on one thread: {1e3 * passes(1):.2f} ms")


if __name__ == "__main__":
    main()

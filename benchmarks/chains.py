"""Chains of small operations: what recording and sweeping cost."""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Any

import numpy as np
from library import LOSSES, seconds

CHAIN_STEPS = 100  # three operations each
SCALAR_STEPS = 334
ADDITIONS = 100_000
DEPTH = 1_000_000
ELEMENTS = 1 << 22


def chain(library: Any, data: list[Any], steps: int) -> float:
    """x ← tanh(x·a + b) `steps` times, forward and backward: seconds.

    With a near 1 and b near 0 the gradient does not vanish: arithmetic on subnormal numbers is slow
    in every library, and would be all that is measured.
    """
    if library is None:
        from by_hand import chain

        return seconds(lambda: chain(*data, steps))
    x, a, b = leaves = [library.leaf(value) for value in data]

    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        y = x
        for _ in range(steps):
            y = library.tanh(y * a + b)
        y.sum().backward()

    return seconds(run)


def scalar_chain(library: Any) -> float:
    data = [np.float32(value) for value in (0.5, 1.0, 0.0)]
    return chain(library, data, SCALAR_STEPS) / (3 * SCALAR_STEPS) * 1e6


def array_chain(library: Any) -> float:
    rng = np.random.default_rng(0)
    ranges = [(0.5, 1.5), (0.95, 1.05), (-0.01, 0.01)]
    data = [rng.uniform(low, high, (32, 256)).astype(np.float32) for low, high in ranges]
    return chain(library, data, CHAIN_STEPS) * 1e3


def add_up(x: Any, count: int) -> None:
    """A chain of additions, forward and backward; it is dropped on return."""
    x.grad = None
    y = x
    for _ in range(count):
        y = y + x
    y.backward()


def additions(library: Any) -> float:
    x = library.leaf(1.0)
    return seconds(lambda: add_up(x, ADDITIONS)) / ADDITIONS * 1e6


def million(library: Any) -> float:
    x = library.leaf(1.0)
    start = perf_counter()
    add_up(x, DEPTH)
    return perf_counter() - start


def survivors(library: Any) -> float:
    """Tensors and nodes that are still there when their graph was dropped, with no collector."""
    x = library.leaf([1.0, 2.0])

    def record(backward: bool) -> None:
        y = library.tanh(x * x + 1).sum()
        if backward:
            y.backward()
        x.grad = None

    def count() -> int:
        kinds = (type(thing) for thing in gc.get_objects())
        return sum(str(kind.__module__).startswith("autograd.") for kind in kinds)

    record(backward=True)  # what is made once and kept, such as x's own bookkeeping
    gc.collect()
    gc.disable()
    before = count()
    for backward in (True, False):
        record(backward)
    return count() - before


def elementwise(library: Any) -> float:
    """mean(tanh(ax + b)·sigmoid(x) + exp(-x²)) of 4 million elements, forward and backward: ms."""
    rng = np.random.default_rng(0)
    x = library.leaf(rng.standard_normal(ELEMENTS).astype(np.float32))
    a, b = (library.leaf(np.float32(value)) for value in (0.7, 0.1))

    def run() -> None:
        for leaf in (x, a, b):
            leaf.grad = None
        y = library.tanh(a * x + b) * library.sigmoid(x) + library.exp(-(x * x))
        loss = y.mean()
        if not LOSSES:
            LOSSES.append(loss.item())
        loss.backward()

    return seconds(run) * 1e3

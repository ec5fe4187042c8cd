"""Chains of small operations: what recording and sweeping cost."""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Any

from data import LINE, chain_values, normal
from library import Step


def chain(library: Any, shape: tuple[int, ...], ranges: Any, steps: int) -> Step:
    """x ← tanh(x·a + b), `steps` times, forward and backward."""
    x, a, b = leaves = [library.leaf(value) for value in chain_values(shape, ranges)]

    def step() -> Any:
        for leaf in leaves:
            leaf.grad = None
        y = x
        for _ in range(steps):
            y = library.tanh(y * a + b)
        total = y.sum()
        total.backward()
        return total

    return step


def add_up(x: Any, count: int) -> Any:
    """A chain of additions, forward and backward; it is dropped on return."""
    x.grad = None
    y = x
    for _ in range(count):
        y = y + x
    y.backward()
    return y


def additions(library: Any, count: int) -> Step:
    x = library.leaf(1.0)
    return lambda: add_up(x, count)


def million(library: Any, count: int) -> float:
    """A chain of additions as the first thing that a process does, until it is dropped: s."""
    x = library.leaf(1.0)
    start = perf_counter()
    add_up(x, count)
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
    after = count()
    gc.enable()
    return after - before


def elementwise(library: Any, count: int) -> Step:
    """mean(tanh(ax + b)·sigmoid(x) + exp(-x²)), forward and backward."""
    leaves = x, a, b = [library.leaf(value) for value in (normal(count), *LINE)]

    def step() -> Any:
        for leaf in leaves:
            leaf.grad = None
        y = library.tanh(a * x + b) * library.sigmoid(x) + library.exp(-(x * x))
        loss = y.mean()
        loss.backward()
        return loss

    return step

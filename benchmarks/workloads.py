"""One workload, in one library, in this process: `python workloads.py WORKLOAD LIBRARY`.

Prints one number, in the unit of the workload. `run.py` starts a fresh process for every number, so
that nothing that one library leaves behind (threads, memory, warm caches) reaches another.

Every workload is written three times, and does the same arithmetic each time: with chaingrad, with
PyTorch, and in plain NumPy with the derivative worked out by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

# No library is imported up here: the workload "import" measures that.

SCALAR_STEPS = 334  # three operations each
CHAIN_STEPS = 100
ADDITIONS = 100_000
DEPTH = 1_000_000
LAYERS, WIDTH, BATCH = 50, 1024, 512
RATE = 1e-3


@dataclass(frozen=True)
class Workload:
    """What is measured, in which unit, and the function of each library that measures it."""

    title: str
    unit: str
    libraries: dict[str, Callable[[], float]]


WORKLOADS: dict[str, Workload] = {}


def measures(name: str, title: str, unit: str, library: str) -> Callable[[Any], Any]:
    """Enter a function, which returns one number, as a library's form of a workload."""

    def enter(function: Callable[[], float]) -> Callable[[], float]:
        WORKLOADS.setdefault(name, Workload(title, unit, {})).libraries[library] = function
        return function

    return enter


def seconds(run: Callable[[], Any], least: float = 0.4) -> float:
    """Median time of one call, over calls that together take at least `least` seconds."""
    for _ in range(3):
        run()
    times: list[float] = []
    while sum(times) < least or len(times) < 5:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def once(run: Callable[[], Any]) -> float:
    """Time of one call, without a warm-up."""
    start = perf_counter()
    run()
    return perf_counter() - start


def libraries() -> tuple[Any, Any]:
    """NumPy and chaingrad."""
    import autograd
    import numpy

    return numpy, autograd


def torch_() -> Any:
    """PyTorch on two threads, as NumPy's BLAS is."""
    import torch

    torch.set_num_threads(2)
    return torch


# ---- a chain of operations on one number ---------------------------------------------------------

SCALAR = ("scalar", "0-d chain of x·a, +b, tanh: forward and backward, per op", "µs")


@measures(*SCALAR, "chaingrad")
def scalar_chaingrad() -> float:
    np, ag = libraries()
    a, b, x = (ag.Tensor(np.float32(v), requires_grad=True) for v in (1.1, 0.1, 0.5))

    def run() -> None:
        y = x
        for _ in range(SCALAR_STEPS):
            y = ag.tanh(y * a + b)
        y.backward()

    return seconds(run) / (3 * SCALAR_STEPS) * 1e6


@measures(*SCALAR, "numpy")
def scalar_numpy() -> float:
    import numpy as np

    a, b, x = (np.float32(v) for v in (1.1, 0.1, 0.5))

    def run() -> None:
        y, saved = x, []
        for _ in range(SCALAR_STEPS):
            out = np.tanh(y * a + b)
            saved.append((y, out))
            y = out
        g, da, db = np.float32(1), np.float32(0), np.float32(0)
        for before, out in reversed(saved):
            g = g * (1 - out * out)
            db = db + g
            da = da + g * before
            g = g * a

    return seconds(run) / (3 * SCALAR_STEPS) * 1e6


@measures(*SCALAR, "torch")
def scalar_torch() -> float:
    torch = torch_()
    a, b, x = (torch.tensor(v, requires_grad=True) for v in (1.1, 0.1, 0.5))

    def run() -> None:
        y = x
        for _ in range(SCALAR_STEPS):
            y = torch.tanh(y * a + b)
        y.backward()

    return seconds(run) / (3 * SCALAR_STEPS) * 1e6


# ---- many additions, and very many ---------------------------------------------------------------

ADD = ("additions", "100,000 additions in a chain: forward and backward, per node", "µs")
DEEP = ("million", "one million nodes deep: forward, backward and drop", "s")


def _additions(x: Any, count: int) -> None:
    y = x
    for _ in range(count):
        y = y + x
    y.backward()


@measures(*ADD, "chaingrad")
def additions_chaingrad() -> float:
    _, ag = libraries()
    x = ag.Tensor(1.0, requires_grad=True)
    return seconds(lambda: _additions(x, ADDITIONS)) / ADDITIONS * 1e6


@measures(*ADD, "torch")
def additions_torch() -> float:
    x = torch_().tensor(1.0, requires_grad=True)
    return seconds(lambda: _additions(x, ADDITIONS)) / ADDITIONS * 1e6


@measures(*DEEP, "chaingrad")
def million_chaingrad() -> float:
    _, ag = libraries()
    x = ag.Tensor(1.0, requires_grad=True)
    return once(lambda: _additions(x, DEPTH))


@measures(*DEEP, "torch")
def million_torch() -> float:
    x = torch_().tensor(1.0, requires_grad=True)
    return once(lambda: _additions(x, DEPTH))


# ---- a chain of operations on an array -----------------------------------------------------------

ARRAY = ("array", "(32, 256) through 100 × (mul, add, tanh): forward and backward", "ms")


def _array_data() -> tuple[Any, Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    x, a, b = (rng.uniform(0.5, 1.5, (32, 256)).astype(np.float32) for _ in range(3))
    return x, a, b


@measures(*ARRAY, "chaingrad")
def array_chaingrad() -> float:
    _, ag = libraries()
    x, a, b = (ag.Tensor(v, requires_grad=True) for v in _array_data())

    def run() -> None:
        for leaf in (x, a, b):
            leaf.grad = None
        y = x
        for _ in range(CHAIN_STEPS):
            y = ag.tanh(y * a + b)
        y.sum().backward()

    return seconds(run) * 1e3


@measures(*ARRAY, "numpy")
def array_numpy() -> float:
    import numpy as np

    x, a, b = _array_data()

    def run() -> None:
        y, saved = x, []
        for _ in range(CHAIN_STEPS):
            out = np.tanh(y * a + b)
            saved.append((y, out))
            y = out
        y.sum()
        g, da, db = np.ones_like(y), np.zeros_like(a), np.zeros_like(b)
        for before, out in reversed(saved):
            g = g * (1 - out * out)
            db = db + g
            da = da + g * before
            g = g * a

    return seconds(run) * 1e3


@measures(*ARRAY, "torch")
def array_torch() -> float:
    torch = torch_()
    x, a, b = (torch.tensor(v, requires_grad=True) for v in _array_data())

    def run() -> None:
        for leaf in (x, a, b):
            leaf.grad = None
        y = x
        for _ in range(CHAIN_STEPS):
            y = torch.tanh(y * a + b)
        y.sum().backward()

    return seconds(run) * 1e3

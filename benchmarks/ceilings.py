"""What this machine can do, measured with bare NumPy and bare Python on two threads.

Every number is that of the fastest way found, and of its fastest call: a limit, not an average.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from amounts import Product

import autograd as ag
from autograd.codegen.loop import loop
from autograd.engine.node import Node
from autograd.kernels.parallel.threads import serial_blas, share
from autograd.tensors.tensor import Tensor

LEAST = 0.004  # seconds for one way of doing something
SHORTLIST = 5  # ways of a product that are measured again, for longer
SPINNING = 0.005  # seconds for which the threads of BLAS may wait for more work
SHARED = 1 << 19  # elements from where on a pass is shared by threads
CALLS = 10_000

Way = Callable[[], object]


def fastest(way: Way, least: float = LEAST) -> float:
    """Seconds of the fastest call, of three or more."""
    way()
    best, spent, count = float("inf"), 0.0, 0
    while spent < least or count < 3:
        start = time.perf_counter()
        way()
        took = time.perf_counter() - start
        best, spent, count = min(best, took), spent + took, count + 1
    return best


# ---- products ------------------------------------------------------------------------------------


@cache
def product(shape: Product) -> tuple[float, str]:
    """Seconds for a matrix product, of operands that lie in cache if they fit; and the way."""
    known = dict(ways(shape))
    first = by_name(known, LEAST)
    best = sorted(first, key=first.__getitem__)[:SHORTLIST]
    again = by_name({name: known[name] for name in best}, 5 * LEAST)
    return min((min(took, first[name]), name) for name, took in again.items())


def by_name(known: dict[str, Way], least: float) -> dict[str, float]:
    """Seconds of each way; those on BLAS's threads come first, and are waited for."""
    found = {name: fastest(way, least) for name, way in known.items() if name.startswith("BLAS")}
    time.sleep(SPINNING)
    with serial_blas():
        rest = known.keys() - found.keys()
        return found | {name: fastest(known[name], least) for name in rest}


def plain_product(shape: Product) -> float:
    """The same by NumPy as it is called most often: x wᵀ, both in rows."""
    return fastest(next(way for name, way in ways(shape) if name == "BLAS's threads, x·yᵀ"))


def ways(shape: Product) -> Iterator[tuple[str, Way]]:
    """What gives x·y, or all of it turned, on BLAS's threads and on our own.

    Where a name says xᵀ or yᵀ, that operand is a view of an array that lies in memory turned.
    """
    rng = np.random.default_rng(0)
    x = rng.random((shape.stack, shape.rows, shape.depth), np.float32)
    y = rng.random((shape.stack, shape.depth, shape.columns), np.float32)
    for (of_x, a), (of_y, b) in itertools.product(orders("x", x), orders("y", y)):
        turned = b.swapaxes(1, 2), a.swapaxes(1, 2)
        for name, pair in ((f"{of_x}·{of_y}", (a, b)), (f"({of_x}·{of_y}) turned", turned)):
            yield f"BLAS's threads, {name}", whole(*pair)
            yield f"one thread, {name}", whole(*pair)
            yield f"halves, {name}", split(*pair)


def orders(name: str, x: Any) -> list[tuple[str, Any]]:
    """Matrices in rows, and in columns."""
    return [(name, x), (f"{name}ᵀ", np.ascontiguousarray(x.swapaxes(1, 2)).swapaxes(1, 2))]


def whole(a: Any, b: Any) -> Way:
    out = np.empty((*a.shape[:2], b.shape[2]), np.float32)
    if len(a) > 1:
        return lambda: np.matmul(a, b, out=out)
    return lambda: np.dot(a[0], b[0], out=out[0])


def split(a: Any, b: Any) -> Way:
    """Half of the stack, or of the rows, on a thread each."""
    out = np.empty((*a.shape[:2], b.shape[2]), np.float32)
    x, y, goal = (a, b, out) if len(a) > 1 else (a[0], b[0], out[0])
    middle = len(x) // 2

    def half(part: slice) -> None:
        if len(a) > 1:
            np.matmul(x[part], y[part], out=goal[part])
        else:
            np.dot(x[part], y, out=goal[part])

    def run() -> Any:
        share(half, (slice(middle), slice(middle, None)))
        return goal

    return run


def rate(size: int = 2048) -> float:
    """Operations a second of a square product."""
    square = Product(size, size, size)
    return square.operations / product(square)[0]


# ---- memory and functions ------------------------------------------------------------------------


@cache
def bandwidth(held: int) -> float:
    """Bytes a second of z = x + y, on arrays that have so many bytes together.

    Small arrays move as fast as those of 256 KiB: their calls are counted apart.
    """
    x, y, z = np.ones((3, max(1 << 18, held) // 12), np.float32)
    middle = x.size // 2
    halves = (slice(middle), slice(middle, None))

    def shared() -> None:
        share(lambda half: np.add(x[half], y[half], out=z[half]), halves)

    ways: list[Way] = [lambda: np.add(x, y, out=z), shared]
    return 3 * x.nbytes / min(fastest(way, 0.02) for way in ways)


@cache
def evaluation(name: str) -> float:
    """Seconds for a function of one number, on one thread and in cache."""
    x = np.linspace(-3, 3, 1 << 14, dtype=np.float32)
    out = np.empty_like(x)
    return fastest(lambda: getattr(np, name)(x, out=out), 0.1) / x.size


@cache
def generated(name: str) -> float:
    """The same by a generated loop, or by NumPy where that is faster."""
    x = np.linspace(-3, 3, 1 << 14, dtype=np.float32)
    out, function = [np.empty_like(x)], loop(lambda v: (getattr(np, name)(v),), "float32")
    with serial_blas():
        took = fastest(lambda: function(x, out=out), 0.1) / x.size
    return min(took, evaluation(name))


# ---- Python --------------------------------------------------------------------------------------


@cache
def bare_node() -> float:
    """Making a Tensor and a Node by hand, with all slots filled, and dropping them."""
    new, value = object.__new__, np.float32(1)

    def run() -> None:
        for _ in range(CALLS):
            node = new(Node)
            node.op = node.x = node.y = node.many = None  # type: ignore[assignment]
            node.saved = node.scope = node.extra = None
            node.params = ()
            node.number = 0
            node.spec = np.float32
            tensor = new(Tensor)
            tensor._value, tensor._node, tensor._name = value, node, None

    return fastest(run, 0.1) / CALLS


@cache
def handing_over(idle: float) -> float:
    """Seconds until another thread, idle for so long, begins with its part of a loop: a median."""
    ag.relu(ag.ones(1 << 20))  # with the extra `fast` it loads Numba, by which threads wait awake
    work = np.ones(1 << 18)

    def begin(_: int) -> None:
        begun.append(time.perf_counter())
        np.exp(work)  # long enough for the other thread to come

    delays = []
    for _ in range(50):
        begun: list[float] = []
        end = time.perf_counter() + idle
        while time.perf_counter() < end:  # a core that sleeps would wake more slowly
            pass
        start = time.perf_counter()
        share(begin, range(2))
        delays.append(max(begun) - start)
    return float(np.median(delays))


@cache
def call(kind: str) -> float:
    """A call of a Python function that multiplies two "numbers", or two small "arrays"."""
    x = np.float32(1.5) if kind == "numbers" else np.ones(16, np.float32)

    def rule(g: Any, x: Any) -> Any:
        return g * x

    def run() -> None:
        for _ in range(CALLS):
            rule(x, x)

    return fastest(run, 0.1) / CALLS


def addition(collects: bool) -> float:
    """One of 100,000 additions in a chain, forward and backward, with Python's collector or not."""

    def run() -> None:
        y = x = ag.Tensor(0.5, requires_grad=True)
        for _ in range(100_000):
            y = y + x
        y.backward()

    gc.collect()
    if not collects:
        gc.disable()
    try:
        return fastest(run, 0.5) / 100_000
    finally:
        gc.enable()

"""What generated loops take beside the eager engine and NumPy: the best of many runs.

python benchmarks/codegen.py

On a machine that does other work the best of many runs says more than their median; read ratios.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd as ag
from autograd.codegen.loop import Loop, loop
from autograd.codegen.native.machine import forget, has_llvm

SIZE, LINKS, RUNS = 4_000_000, 334, 30
Step = Callable[[], object]


def fused(x: Any, a: Any, b: Any, g: Any) -> tuple[Any, ...]:
    """mean(tanh(ax + b)·σ(x) + exp(−x²)) and its gradients, as a reverse sweep has them."""
    t, s, e = np.tanh(a * x + b), ag.sigmoid(x), np.exp(-x * x)
    inner = g * s * (1 - t * t)
    slope = inner * a + g * t * (s * (1 - s)) - g * e * (2 * x)
    return np.mean(t * s + e), slope, np.sum(inner * x), np.sum(inner)


def chain(x: Any, a: Any, b: Any) -> tuple[Any, ...]:
    """x = tanh(ax + b), again and again, and the gradients."""
    before, after = [], []
    for _ in range(LINKS):
        before.append(x)
        x = np.tanh(x * a + b)
        after.append(x)
    g, of_a, of_b = 1.0, 0.0, 0.0
    for start, t in zip(reversed(before), reversed(after), strict=True):
        g = g * (1 - t * t)
        g, of_a, of_b = g * a, of_a + g * start, of_b + g
    return x, g, of_a, of_b


def eager(*values: Any) -> Step:
    """The same by the engine, forward and backward."""
    x, a, b = (ag.Tensor(v, requires_grad=True) for v in values)

    def step() -> None:
        x.grad = a.grad = b.grad = None
        (ag.tanh(a * x + b) * ag.sigmoid(x) + ag.exp(-x * x)).mean().backward()

    return step


def eager_chain(*values: Any) -> Step:
    x, a, b = (ag.Tensor(v, requires_grad=True) for v in values)

    def step() -> None:
        y = x
        for _ in range(LINKS):
            y = ag.tanh(y * a + b)
        x.grad = a.grad = b.grad = None
        y.backward()

    return step


def milliseconds(step: Step, runs: int = RUNS) -> float:
    """The best of some runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return 1e3 * best


def writing(function: Loop, arrays: list[Any]) -> Step:
    out = [np.array(y) for y in function(*arrays)]
    return lambda: function(*arrays, out=out)


def first_call(formula: Callable[..., Any], arrays: list[Any]) -> Step:
    """Trace, code, and one run on few numbers."""
    few = [x[:64] if np.ndim(x) else x for x in arrays]

    def step() -> None:
        forget()
        loop(formula, *["float32"] * len(few))(*few)

    return step


def rows(size: int = SIZE) -> Iterator[tuple[str, float]]:
    """Each measurement, in milliseconds."""
    x = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    values = [np.array(v, np.float32) for v in (1.3, 0.2, 1 / size)]
    arrays = [x, *values]
    function, before = loop(fused, *["float32"] * 4), ag.get_num_threads()
    for threads in (1, 2):
        ag.set_num_threads(threads)
        yield f"elementwise, eager, {threads} threads", milliseconds(eager(x, *values[:2]), 10)
        yield f"elementwise, generated, {threads} threads", milliseconds(writing(function, arrays))
    ag.set_num_threads(before)
    yield "elementwise, first call", milliseconds(first_call(fused, arrays), 3)
    links = [np.array(v, np.float32) for v in (0.3, 0.9, 0.1)]
    yield "scalar chain, eager", milliseconds(eager_chain(*links))
    straight = writing(loop(chain, *["float32"] * 3), links)
    yield "scalar chain, generated", milliseconds(straight, 10 * RUNS)
    yield "scalar chain, first call", milliseconds(first_call(chain, links), 3)
    for name in ("exp", "log", "tanh", "sin", "expm1"):
        for dtype in (np.float32, np.float64):
            numbers = np.abs(x[: size // 4]).astype(dtype)
            one = loop(lambda v, name=name: (getattr(np, name)(v),), dtype)
            out, ufunc = np.empty_like(numbers), getattr(np, name)
            kind = np.dtype(dtype).name
            yield (
                f"{name}, {kind}, NumPy",
                milliseconds(lambda ufunc=ufunc, v=numbers, out=out: ufunc(v, out=out)),
            )
            yield f"{name}, {kind}, generated", milliseconds(writing(one, [numbers]))


def main() -> None:
    print(f"native code: {has_llvm()}\n\n| what | ms |\n|---|---:|")
    for name, found in rows():
        print(f"| {name} | {found:.3g} |", flush=True)


if __name__ == "__main__":
    main()

"""What the recurrent ops share: rows and steps, states a step earlier, rules in their readings.

Rows and steps are those of `autograd.kernels.recurrent.recurrent`. The backward scan of an op is a
kernel where arrays are all it meets, and a formula of ordinary ops where it is to be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.dispatch import symbol_in
from autograd.engine.operands import untracked
from autograd.extend import Array, composite, draw, sample, samples
from autograd.kernels.parallel.threads import serial_blas
from autograd.kernels.parallel.twins import twins_run
from autograd.kernels.recurrent import recurrent as kernels

__all__ = [
    "Sizes",
    "earlier",
    "in_order",
    "of_weights",
    "product",
    "read",
    "row_numbers",
    "sizes_of",
    "sum_of_rows",
    "together",
]

_ARRAYS = {np.ndarray, type(None)}  # of which None stands for an input that is left out
_MANY = 1 << 16  # numbers: of a whole scan, beside whose threads BLAS's own would wait
Sizes = tuple[int, ...] | None  # rows of each step; None: the whole batch in each


# Batches that the ops are tried on: all sequences as long as another, or not; nothing at all.
KINDS: tuple[dict[str, Any], ...] = (
    {"sizes": (2, 1)},
    {"sizes": (2, 1), "reverse": True},
    {"batch": 1, "steps": 2, "reverse": True},
    {"batch": 1, "steps": 1, "bias": False},
    {"batch": 0, "steps": 2},
    {"batch": 1, "steps": 0},
)


def rows_of(**kind: Any) -> tuple[int, int, dict[str, Any]]:
    """The number of rows, the size of the batch, and the static parameters of a kind of batch."""
    params: dict[str, Any] = {
        name: kind[name] for name in ("sizes", "reverse", "relu") if name in kind
    }
    if "sizes" in kind:
        return sum(kind["sizes"]), kind["sizes"][0], params
    return kind["batch"] * kind["steps"], kind["batch"], params


def biases_of(size: int, bias: bool = True, **_: Any) -> tuple[Array | None, Array | None]:
    """The two biases of a kind of batch, if it has any."""
    return (draw(size, seed="ih"), draw(size, seed="hh")) if bias else (None, None)


def sizes_of(rows: int, batch: int, sizes: Sizes) -> tuple[int, ...]:
    """The rows of each step, in the order of time."""
    return sizes if sizes is not None else (batch,) * (rows // batch if batch else 0)


def read(
    function: Any,
    inputs: Sequence[Any],
    params: dict[str, Any],
    kernel: Callable[[], Any],
    formula: Callable[[], Any],
) -> Any:
    """What the inputs ask for: arrays from a kernel, a formula that records, or the call's name."""
    if {*map(type, inputs)} <= _ARRAYS:
        return kernel()
    if symbol_in(inputs) is not None:
        return untracked(function.op, tuple(inputs), params)
    return formula() if any(isinstance(x, ag.Tensor) for x in inputs) else kernel()


def product(a: Array, b: Array) -> Array:
    """a @ b, of all steps together: of arrays on the threads that run a compiled scan."""
    arrays = type(a) is np.ndarray and type(b) is np.ndarray
    return kernels.by_parts(a, b) if arrays and twins_run() else a @ b


def sum_of_rows(x: Array) -> Array:
    """The sum along the first axis; as a product it takes a third of the time."""
    if type(x) is not np.ndarray:
        return np.sum(x, axis=0)
    ones = np.ones(len(x), x.dtype)
    with serial_blas() if x.size > _MANY else nullcontext():
        return np.dot(ones, x)


def of_weights(
    pulled: Array, x: Array, h: Array, of_ih: bool, of_hh: bool
) -> tuple[Array | None, Array | None]:
    """pulledᵀ x and pulledᵀ h, those that are needed: of arrays in one product."""
    if of_ih and of_hh and all(type(a) is np.ndarray for a in (pulled, x, h)):
        both = product(pulled.mT, np.concatenate([x, h], 1))
        return both[:, : x.shape[1]], both[:, x.shape[1] :]
    return (
        product(pulled.mT, x) if of_ih else None,
        product(pulled.mT, h) if of_hh else None,
    )


def in_order(x: Array, sizes: Sequence[int], reverse: bool) -> list[Array]:
    """The rows of each step, in the order of running."""
    parts = list(ag.split(x, np.cumsum(sizes, dtype=int).tolist()[:-1]))
    return parts[::-1] if reverse else parts


def together(parts: Sequence[Array], reverse: bool) -> Array:
    """The rows of all steps, given in the order of running, in the order of time."""
    return ag.concat(list(parts[::-1] if reverse else parts), 0)


def row_numbers(rows: int, batch: int, sizes: Sizes, reverse: bool) -> Iterator[list[int]]:
    """For each sequence of the batch the numbers of its rows, in the order of running."""
    lengths = sizes_of(rows, batch, sizes)
    starts = np.cumsum(lengths, dtype=int) - lengths
    for n in range(batch):
        numbers = [int(start) + n for start, size in zip(starts, lengths, strict=True) if n < size]
        yield numbers[::-1] if reverse else numbers


def _earlier_alone(
    first: Array, states: Array, sizes: Sizes = None, reverse: bool = False
) -> Array:
    out = np.empty_like(states, np.result_type(first, states))
    for n, numbers in enumerate(row_numbers(len(states), len(first), sizes, reverse)):
        before = first[n]
        for number in numbers:
            out[number] = before
            before = states[number]
    return out


@composite(
    "hₜ₋₁",
    samples=samples(
        lambda: sample(draw(2, 3), draw(6, 3, seed=1)),
        lambda: sample(draw(2, 3), draw(6, 3, seed=1), reverse=True),
        lambda: sample(draw(3, 2), draw(7, 2, seed=1), sizes=(3, 3, 1)),
        lambda: sample(draw(3, 2), draw(7, 2, seed=1), sizes=(3, 3, 1), reverse=True),
        lambda: sample(draw(0, 2), draw(0, 2)),
        lambda: sample(draw(2, 2), draw(0, 2), label="no steps"),
    ),
    reference=_earlier_alone,
)
def earlier(first: Array, states: Array, /, sizes: Sizes = None, reverse: bool = False) -> Array:
    """The state that each step starts from: `first` (N, H), then those of the step before it.

    `states` (rows, H) are those after each step. In reverse the last step is the first to run.
    """
    rows, batch = states.shape[0], first.shape[0]

    def by_number() -> Array:
        numbers = np.empty(rows, int)
        for n, own in enumerate(row_numbers(rows, batch, sizes, reverse)):
            numbers[own] = [n, *(number + batch for number in own[:-1])]
        return ag.take(ag.concat([first, states], 0), numbers, axis=0)

    return read(
        earlier,
        (first, states),
        {"sizes": sizes, "reverse": reverse},
        lambda: kernels.earlier_rows(first, states, kernels.spans(rows, batch, sizes, reverse)),
        by_number,
    )

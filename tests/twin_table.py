"""One row for each compiled kernel: the shapes and arguments that it is compared with NumPy on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from autograd.kernels import optimizers

Array = Any


class Case:
    """Random arrays of one dtype and scale, some of their elements not finite."""

    def __init__(self, seed: int, dtype: Any, scale: float = 1.0, special: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.dtype, self.scale, self.special = dtype, scale, special

    def array(self, *shape: int) -> Array:
        x = (self.rng.standard_normal(shape) * self.scale).astype(self.dtype)
        if self.special and x.size:
            for value in (np.nan, np.inf, -np.inf):
                x.reshape(-1)[self.rng.integers(x.size)] = value
        return x

    def positive(self, *shape: int) -> Array:
        return np.abs(self.array(*shape))

    def flag(self) -> bool:
        return bool(self.rng.integers(2))


class Row(NamedTuple):
    """`arguments` makes those of a call from a case and a shape.

    `roundings` is how many times eps the results may differ, beside the largest magnitude that
    `terms` (by default the result itself) has along the last axis; 0 means to the last bit.
    """

    kernel: Callable[..., Any]
    shapes: Any
    large: tuple[int, ...]
    arguments: Callable[..., tuple[Any, ...]]
    roundings: float = 0.0


def _flat(most: int = 3000) -> Any:
    return st.tuples(st.integers(0, most))


def _adam(case: Case, size: int) -> tuple[Any, ...]:
    largest = case.positive(size) if case.flag() else None
    kept = 0.9 if case.flag() else 1.0
    decay = 0.3 if case.flag() else 0.0
    arrays = (case.array(size), case.array(size), case.array(size), case.positive(size))
    return (*arrays, largest, (0.9, 0.99), 1e-8, 0.01, kept, decay, case.flag())


def _sgd(case: Case, size: int) -> tuple[Any, ...]:
    b = case.array(size) if case.flag() else None
    undamped, decay = (0.5 if case.flag() else 1.0), (0.3 if case.flag() else 0.0)
    p, g = case.array(size), case.array(size)
    return (p, g, b, 0.01, 0.9, undamped, case.flag(), decay, case.flag())


TABLE = [
    Row(optimizers.adam_update, _flat(), (300_001,), _adam),
    Row(optimizers.sgd_update, _flat(), (300_001,), _sgd),
]

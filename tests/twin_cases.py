"""What a compiled kernel is compared with NumPy on: cases of random arrays, and rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any


def numpy_kernel(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """What defines a kernel, without its twin."""
    return getattr(kernel, "__wrapped__", kernel)


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

    def shifted(self, *shape: int) -> Array:
        """Numbers about a mean that may be a thousand times as large as their deviation."""
        mean = self.scale * 10.0 ** self.rng.integers(-1, 4) * self.rng.standard_normal()
        return self.array(*shape) + self.dtype(mean)

    def positive(self, *shape: int) -> Array:
        return np.abs(self.array(*shape))

    def flag(self) -> bool:
        return bool(self.rng.integers(2))


class Row(NamedTuple):
    """`arguments` makes those of a call from a case and a shape.

    `terms` gives for each result, from the arguments, how large the terms are that it is a sum of
    (Σ|a·b| for a dot product), and the two kernels may differ by `roundings` times eps of that.
    Without it they agree to the last bit. Loops of single precision alone are `single`. Where the
    caller looks out for what is not finite, a kernel is for `finite` numbers alone.
    """

    kernel: Callable[..., Any]
    shapes: Any
    large: tuple[int, ...]
    arguments: Callable[..., tuple[Any, ...]]
    terms: Callable[..., tuple[Any, ...]] | None = None
    roundings: float = 0.0
    single: bool = True
    finite: bool = False

    @property
    def name(self) -> str:
        return f"{self.kernel.__module__.rpartition('.')[2]}.{self.kernel.__name__}"

"""How arrays lie in memory, without the arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Lying", "broadcast"]


class Lying(NamedTuple):
    """An array's shape, strides in bytes, and dtype; a Buffer of a schedule has them too."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]


def broadcast(strides: Sequence[int], own: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Strides over a shape that the own one is broadcast to.

    >>> broadcast((24, 8), (1, 3), (5, 2, 3))
    (0, 0, 8)
    """
    missing = (0,) * (len(shape) - len(own))
    return (
        *missing, *(0 if n == 1 else stride for n, stride in zip(own, strides, strict=True))
    )  # fmt: skip

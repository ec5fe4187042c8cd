"""keras.regularizers: penalties on weights, each a formula over autograd's ops."""

from __future__ import annotations

import math
from typing import Any

import autograd as ag
from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, ShapeError, shown
from nn.keras.backend import tensor
from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import chapter, config_of

__all__ = [
    "L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "deserialize", "get", "l1", "l1_l2",
    "l2", "orthogonal_regularizer", "serialize",
]  # fmt: skip


class Regularizer:
    """Base of regularizers: a subclass writes `__call__(x)`, which gives one number.

    >>> from nn import keras
    >>> keras.regularizers.L2(0.5)([1.0, 2.0])
    Tensor(2.5, dtype=float32)
    """

    def __call__(self, x: Any) -> Any:
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A regularizer of these arguments."""
        return cls(**config)


class L1L2(Regularizer):
    """l1·Σ|x| + l2·Σx²."""

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1, 0.0), _factor("l2", l2, 0.0)

    def __call__(self, x: Any) -> Any:
        x = tensor(x)
        total = ag.zeros((), dtype=x.dtype)
        if self.l1:
            total = total + self.l1 * ag.sum(ag.abs(x))
        if self.l2:
            total = total + self.l2 * ag.sum(x * x)
        return total


class L1(Regularizer):
    """l1·Σ|x|."""

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = _factor("l1", l1, 0.01)

    def __call__(self, x: Any) -> Any:
        return self.l1 * ag.sum(ag.abs(tensor(x)))


class L2(Regularizer):
    """l2·Σx²."""

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = _factor("l2", l2, 0.01)

    def __call__(self, x: Any) -> Any:
        x = tensor(x)
        return self.l2 * ag.sum(x * x)


class OrthogonalRegularizer(Regularizer):
    """factor times the mean of the |cos| between all rows, or columns, of a matrix."""

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = factor
        self.mode = check_choice("mode", mode, ("rows", "columns"))

    def __call__(self, x: Any) -> Any:
        x = tensor(x)
        if x.ndim != 2:
            raise ShapeError(f"OrthogonalRegularizer is for matrices, got {x.shape}")
        rows = x if self.mode == "rows" else x.mT
        size = rows.shape[0]
        squares = ag.sum(rows * rows, axis=1, keepdims=True)
        rows = rows / ag.sqrt(ag.maximum(squares, 1e-12))
        cosines = ag.abs(rows @ rows.mT) * (1 - ag.eye(size, dtype=x.dtype))
        return self.factor * ag.sum(cosines) / (size * (size - 1))


def _factor(name: str, value: Any, default: float) -> float:
    value = default if value is None else value
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ArgumentError(f"keras.regularizers: {name} is a number from 0 on, got {shown(value)}")
    return float(value)


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

TABLE = {n: globals()[n] for n in __all__ if n not in ("deserialize", "get", "serialize")}

get, serialize, deserialize = chapter("regularizer", TABLE)

__getattr__ = with_old_names(__name__)

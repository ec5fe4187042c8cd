"""keras.constraints: what weights are held to after each step, each a formula."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.keras.backend import epsilon, tensor
from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import chapter, config_of

__all__ = [
    "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm",
    "min_max_norm", "non_neg", "serialize", "unit_norm",
]  # fmt: skip


class Constraint:
    """Base of constraints: a subclass writes `__call__(w)`, which gives the weights to go on with.

    >>> from nn import keras
    >>> keras.constraints.NonNeg()([-1.0, 2.0])
    Tensor([0., 2.], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A constraint of these arguments."""
        return cls(**config)


class NonNeg(Constraint):
    """Negative weights become 0."""

    def __call__(self, w: Any) -> Any:
        return ag.maximum(tensor(w), 0)


class MinMaxNorm(Constraint):
    """Norms along `axis` between two values; `rate` is how much of the way there is gone."""

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        w, norms = _norms(w, self.axis)
        wanted = self.rate * ag.clip(norms, self.min_value, self.max_value)
        return w * ((wanted + (1 - self.rate) * norms) / (epsilon() + norms))


class MaxNorm(Constraint):
    """Norms along `axis` of at most `max_value`: axis 0 for the inputs of each unit of a Dense."""

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        w, norms = _norms(w, self.axis)
        return w * (ag.clip(norms, 0, self.max_value) / (epsilon() + norms))


class UnitNorm(Constraint):
    """Norms of 1 along `axis`."""

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        w, norms = _norms(w, self.axis)
        return w / (epsilon() + norms)


def _norms(w: Any, axis: Any) -> tuple[Any, Any]:
    w = tensor(w)
    axis = tuple(axis) if isinstance(axis, list) else axis
    return w, ag.sqrt(ag.sum(w * w, axis=axis, keepdims=True))


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

TABLE = {n: globals()[n] for n in __all__ if n not in ("deserialize", "get", "serialize")}

get, serialize, deserialize = chapter("constraint", TABLE)

__getattr__ = with_old_names(__name__)

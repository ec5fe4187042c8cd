"""What optimizers are told, and the numbers that they show."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.missing import nearest
from autograd.errors import ArgumentError, ArgumentTypeError, shown
from autograd.extend import raw
from nn.keras.backend import floatx
from nn.keras.optimizers.schedules import deserialize

__all__ = ["Count", "Rate", "checked_rate", "with_old_names"]


class Rate(float):
    """A learning rate: a number, with what programs ask of Keras' variable."""

    _owner: Any

    def __new__(cls, value: float, owner: Any) -> Rate:
        made = super().__new__(cls, value)
        made._owner = owner
        return made

    def numpy(self) -> Any:
        """The number in the dtype of the face."""
        return np.dtype(floatx()).type(self)

    def assign(self, value: Any) -> None:
        """Set the rate of the optimizer."""
        self._owner.learning_rate = value


class Count(int):
    """A number of steps, with what programs ask of Keras' variable."""

    _owner: Any

    def __new__(cls, value: int, owner: Any) -> Count:
        made = super().__new__(cls, value)
        made._owner = owner
        return made

    def numpy(self) -> Any:
        """The number as NumPy's."""
        return np.int64(self)

    def assign(self, value: Any) -> None:
        """Set the number of steps of the optimizer."""
        self._owner.iterations = value


def with_old_names(
    kind: str, learning_rate: Any, given: dict[str, Any], options: Iterable[str] = ()
) -> Any:
    """The learning rate, by its old name too; what else Keras 2 knew is refused or left out."""
    if "lr" in given:
        checked_rate(kind, learning_rate)  # parameters, from who knows PyTorch's optimizers
        warnings.warn(f"{kind}: lr is an old name; write learning_rate", stacklevel=4)
        learning_rate = given.pop("lr")
    if given.pop("decay", None):
        warnings.warn(
            f"{kind}: decay is ignored, as in Keras 3; write learning_rate=keras.optimizers."
            "schedules.InverseTimeDecay(rate, 1, decay)",
            stacklevel=4,
        )
    for name in given:
        hint = nearest(name, options)
        raise ArgumentTypeError(f"{kind} has no argument {name!r}{hint}")
    return learning_rate


def checked_rate(kind: str, rate: Any) -> Any:
    """A rate as a number, a schedule or a function."""
    if isinstance(rate, dict):
        return deserialize(rate)
    if callable(rate):
        return rate
    try:
        number = float(raw(rate))
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ArgumentError(
            f"{kind}: learning_rate is a number from 0 on, a schedule or a function, got "
            f"{shown(rate)}"
        )
    return number

"""keras.optimizers.schedules: learning rates as functions of the step, which counts from 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.errors import ArgumentError, MissingMethodError
from nn.keras.identifiers import chapter, config_of

__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
    "LearningRateSchedule", "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "serialize",
]  # fmt: skip


class LearningRateSchedule:
    """Base of schedules: a subclass writes `__call__(step)`.

    >>> from nn import keras
    >>> rate = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
    >>> rate(0), rate(20)
    (0.1, 0.025)
    """

    name: str | None = None

    def __call__(self, step: Any) -> Any:
        raise MissingMethodError(f"{type(self).__name__} has no __call__(step)")

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A schedule of these arguments."""
        return cls(**config)


class _Stepped(LearningRateSchedule):
    """Base of schedules of step / decay_steps, in whole steps with `staircase`."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.decay_rate, self.staircase = decay_rate, staircase
        self.name = name or type(self).__name__

    def _part(self, step: Any) -> float:
        part = float(step) / self.decay_steps
        return math.floor(part) if self.staircase else part


class ExponentialDecay(_Stepped):
    """initial · decay_rate^(step / decay_steps)."""

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate * self.decay_rate ** self._part(step)


class InverseTimeDecay(_Stepped):
    """initial / (1 + decay_rate · step / decay_steps)."""

    def __call__(self, step: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * self._part(step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] up to and with the step boundaries[i], and the last value after all."""

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                "PiecewiseConstantDecay: there is one value more than boundaries, got "
                f"{len(values)} values and {len(boundaries)} boundaries"
            )
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        return self.values[sum(float(step) > bound for bound in self.boundaries)]


class PolynomialDecay(LearningRateSchedule):
    """From the initial rate to `end_learning_rate` in `decay_steps`; with `cycle` up again."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.end_learning_rate, self.power, self.cycle = end_learning_rate, power, cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        step, length = float(step), float(self.decay_steps)
        if self.cycle:
            length *= math.ceil(step / length) if step else 1.0
        left = 1 - min(step, length) / length
        span = self.initial_learning_rate - self.end_learning_rate
        return span * left**self.power + self.end_learning_rate


class CosineDecay(LearningRateSchedule):
    """Half a cosine down to alpha · initial; before it a straight way up to `warmup_target`.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(self, "decay_steps", decay_steps)
        self.alpha, self.name = alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: Any) -> Any:
        start, top, step = self.initial_learning_rate, self.warmup_target, float(step)
        if top is None:
            return start * _cosine(min(step / self.decay_steps, 1.0), self.alpha)
        if step < self.warmup_steps:
            return start + (top - start) * step / self.warmup_steps
        part = min((step - self.warmup_steps) / self.decay_steps, 1.0)
        return top * _cosine(part, self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """Cosines one after another, each t_mul as long and m_mul as high as the one before.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = _positive(self, "first_decay_steps", first_decay_steps)
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: Any) -> Any:
        part = float(step) / self.first_decay_steps
        if self.t_mul == 1.0:
            number = math.floor(part)
            part -= number
        else:
            growth = self.t_mul
            number = math.floor(math.log(1 + part * (growth - 1)) / math.log(growth))
            part = (part - (growth**number - 1) / (growth - 1)) / growth**number
        height = self.m_mul**number
        cosine = (1 - self.alpha) * 0.5 * height * (1 + math.cos(math.pi * part)) + self.alpha
        return self.initial_learning_rate * cosine


def _cosine(part: float, alpha: float) -> float:
    return (1 - alpha) * 0.5 * (1 + math.cos(math.pi * part)) + alpha


def _positive(schedule: Any, name: str, value: Any) -> Any:
    if value <= 0:
        raise ArgumentError(f"{type(schedule).__name__}: {name} must be positive, got {value}")
    return value


TABLE = {n: globals()[n] for n in __all__ if n[0].isupper()}

_get, serialize, deserialize = chapter("schedule", TABLE)

"""Ftrl: follow the regularized leader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.ranges import Rate
from nn.keras.optimizers.base import Optimizer
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group

__all__ = ["Ftrl"]


class Ftrl(Optimizer):
    """Follow the regularized leader: weights that an l1 penalty keeps at 0.

    Source: McMahan et al., Ad click prediction: a view from the trenches (2013).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Rate = 0.0,
        l2_regularization_strength: Rate = 0.0,
        l2_shrinkage_regularization_strength: Rate = 0.0,
        beta: Rate = 0.0,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        options = {
            "learning_rate_power": learning_rate_power,
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
            "beta": beta,
        }
        for option, value in options.items():
            setattr(self, option, value)
        super().__init__(learning_rate, weight_decay, options=options, **common)

    def _arrays(self, group: Group) -> Kept:
        return {"sum": group["initial_accumulator_value"], "linear": 0.0}

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, power = group["lr"], -group["learning_rate_power"]
        l1 = group["l1_regularization_strength"]
        l2 = group["l2_regularization_strength"] + group["beta"] / (2 * lr)
        shrinkage = 2 * group["l2_shrinkage_regularization_strength"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            total, linear = state
            old = total**power
            total += g * g
            new = total**power
            linear += g + shrinkage * p - (new - old) / lr * p
            p[...] = (np.clip(linear, -l1, l1) - linear) / (new / lr + 2 * l2)

        return rule

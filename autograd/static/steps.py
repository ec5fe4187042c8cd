"""What counts steps, and what follows variables from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.static.functions import cast, cos, minimum
from autograd.static.graph import get_default_graph
from autograd.static.scopes import add_to_collection, get_collection
from autograd.static.symbol import Operation, Symbol, apply
from autograd.static.variable import Variable, assign, group, trainable_variables

__all__ = [
    "ExponentialMovingAverage", "cosine_decay", "create_global_step", "get_global_step",
    "get_or_create_global_step", "global_step", "natural_exp_decay", "polynomial_decay",
]  # fmt: skip

STEP = "global_step"


def get_global_step(graph: Any = None) -> Variable | None:
    """The variable that counts the steps, if there is one."""
    with (graph or get_default_graph()).as_default():
        found = get_collection(STEP)
    return found[0] if found else None


def create_global_step(graph: Any = None) -> Variable:
    """A variable that counts the steps, from 0."""
    with (graph or get_default_graph()).as_default() as here, here.name_scope(None):
        if get_global_step() is not None:
            raise ArgumentError("there is a global step already: get_global_step()")
        made = Variable(np.int64(0), trainable=False, name=STEP)
        add_to_collection(STEP, made)
        return made


def get_or_create_global_step(graph: Any = None) -> Variable:
    """The variable that counts the steps, made at the first call."""
    return get_global_step(graph) or create_global_step(graph)


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of the step in a session."""
    return int(sess.run(global_step_tensor))


class ExponentialMovingAverage:
    """Shadows of variables: shadow ← decay · shadow + (1 - decay) · v, each time `apply` is run.

    With `num_updates`, a number or symbol, the decay is at most (1 + n) / (10 + n).
    """

    def __init__(
        self, decay: Any, num_updates: Any = None, zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:  # fmt: skip
        if zero_debias:
            raise ArgumentError("ExponentialMovingAverage: zero_debias is False here")
        self.decay, self.num_updates, self.name = decay, num_updates, name
        self._shadows: dict[Any, Variable] = {}

    def apply(self, var_list: Sequence[Any] | None = None) -> Operation:
        """The operation that moves the shadows of variables, which begin as these do."""
        decay: Any = self.decay
        if self.num_updates is not None:
            count = self.num_updates
            count = cast(count, np.float32) if isinstance(count, Symbol) else np.float32(count)
            decay = minimum(decay, (1.0 + count) / (10.0 + count))
        steps = []
        for v in trainable_variables() if var_list is None else var_list:
            if v not in self._shadows:
                name = f"{v.op.name}/{self.name}"
                with v.graph.name_scope(None):
                    self._shadows[v] = Variable(v.initialized_value(), trainable=False, name=name)
            shadow = self._shadows[v]
            steps.append(assign(shadow, shadow - (1.0 - decay) * (shadow - v)))
        return group(*steps, name=self.name)

    def average(self, var: Any) -> Any:
        """The shadow of a variable."""
        return self._shadows.get(var)

    def average_name(self, var: Any) -> str:
        """The name that the shadow of a variable has."""
        return f"{var.op.name}/{self.name}"

    def variables_to_restore(self) -> dict[str, Any]:
        """Variables by the names of their shadows, as a Saver takes them."""
        return {self.average_name(v): v for v in trainable_variables()}


def polynomial_decay(
    learning_rate: Any, global_step: Any, decay_steps: float, end_learning_rate: float = 0.0001,
    power: float = 1.0, cycle: bool = False, name: str = "PolynomialDecay",
) -> Symbol:  # fmt: skip
    """From one rate to another along (1 - step / decay_steps) ^ power."""
    if cycle:
        raise ArgumentError("polynomial_decay: cycle is False here")
    share = minimum(cast(global_step, np.float32), np.float32(decay_steps)) / decay_steps
    left = apply("power", 1.0 - share, np.float32(power))
    return apply("add", (learning_rate - end_learning_rate) * left, end_learning_rate, label=name)


def natural_exp_decay(
    learning_rate: Any, global_step: Any, decay_steps: float, decay_rate: float,
    staircase: bool = False, name: str = "NaturalExpDecay",
) -> Symbol:  # fmt: skip
    """rate · e ^ (-decay_rate · step / decay_steps)."""
    share = cast(global_step, np.float32) / decay_steps
    share = apply("floor", share) if staircase else share
    return apply("multiply", apply("exp", share * -decay_rate), learning_rate, label=name)


def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: float, alpha: float = 0.0,
    name: str = "CosineDecay",
) -> Symbol:  # fmt: skip
    """From the rate to `alpha` of it along half a wave."""
    share = minimum(cast(global_step, np.float32), np.float32(decay_steps)) / decay_steps
    half = 0.5 * (1.0 + cos(share * float(np.pi)))
    return apply("multiply", (1.0 - alpha) * half + alpha, learning_rate, label=name)

"""Learning rates that follow the number of the step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.static.functions import cast
from autograd.static.symbol import Symbol, apply

__all__ = ["exponential_decay", "inverse_time_decay", "piecewise_constant"]


def _progress(step: Any, decay_steps: float, staircase: bool) -> Symbol:
    found = apply("divide", cast(step, np.float32), np.float32(decay_steps))
    return apply("floor", found) if staircase else found


def exponential_decay(
    learning_rate: Any, global_step: Any, decay_steps: float, decay_rate: float,
    staircase: bool = False, name: str = "ExponentialDecay",
) -> Symbol:  # fmt: skip
    """rate · decay_rate ^ (step / decay_steps), in stairs if asked for.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     rate = tf.train.exponential_decay(0.8, tf.constant(20), 10, 0.5)
    ...     session.run(rate)
    np.float32(0.2)
    """
    factor = apply("power", np.float32(decay_rate), _progress(global_step, decay_steps, staircase))
    return apply("multiply", factor, learning_rate, label=name)


def inverse_time_decay(
    learning_rate: Any, global_step: Any, decay_steps: float, decay_rate: float,
    staircase: bool = False, name: str = "InverseTimeDecay",
) -> Symbol:  # fmt: skip
    """rate / (1 + decay_rate · step / decay_steps)."""
    slowed = apply("multiply", _progress(global_step, decay_steps, staircase), decay_rate)
    return apply("divide", learning_rate, apply("add", slowed, 1.0), label=name)


def piecewise_constant(
    x: Any, boundaries: Sequence[Any], values: Sequence[float], name: str = "PiecewiseConstant"
) -> Symbol:
    """The value of the stretch that the step lies in, each with its right end."""
    found: Any = np.float32(values[0])
    for end, value in zip(boundaries, values[1:], strict=True):
        found = apply("where", apply("greater", x, end), np.float32(value), found, label=name)
    return found  # type: ignore[no-any-return]

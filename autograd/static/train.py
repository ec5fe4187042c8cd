"""`train` of the face: optimizers as nodes, which assign to variables when they are run.

Each rule stands as TensorFlow 1 has it, in symbols; what an optimizer remembers are variables too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.engine.missing import not_in
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.static.functions import cast, sqrt, square
from autograd.static.rates import exponential_decay, inverse_time_decay, piecewise_constant
from autograd.static.saver import (
    Saver,
    checkpoint_exists,
    get_checkpoint_state,
    latest_checkpoint,
)
from autograd.static.steps import (
    ExponentialMovingAverage,
    cosine_decay,
    create_global_step,
    get_global_step,
    get_or_create_global_step,
    global_step,
    natural_exp_decay,
    polynomial_decay,
)
from autograd.static.sweeps import gradients
from autograd.static.symbol import Operation, Symbol
from autograd.static.variable import Variable, assign, assign_add, group

__all__ = [
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "ExponentialMovingAverage",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "Optimizer",
    "RMSPropOptimizer",
    "Saver",
    "checkpoint_exists",
    "cosine_decay",
    "create_global_step",
    "exponential_decay",
    "get_checkpoint_state",
    "get_global_step",
    "get_or_create_global_step",
    "global_step",
    "inverse_time_decay",
    "latest_checkpoint",
    "natural_exp_decay",
    "piecewise_constant",
    "polynomial_decay",
]

Pairs = list[tuple[Symbol | None, Variable]]


class Optimizer:
    """Base of all: `minimize(loss)` is the operation of one step."""

    def __init__(self, learning_rate: Any, name: str) -> None:
        self.learning_rate = learning_rate
        self.name = name
        self._slots: dict[tuple[str, Any], Variable] = {}

    def minimize(
        self,
        loss: Symbol,
        global_step: Variable | None = None,
        var_list: Sequence[Any] | None = None,
        name: str | None = None,
    ) -> Operation:
        """The operation that moves the trainable variables (or `var_list`) one step.

        `global_step` is a variable that counts the steps. A loss that depends on none of the
        variables raises ArgumentError.
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list), global_step, name)

    def compute_gradients(self, loss: Symbol, var_list: Sequence[Any] | None = None) -> Pairs:
        """(gradient, variable) of each; the gradient is None where none flows, as to integers."""
        if not isinstance(loss, Symbol):
            raise ArgumentTypeError(f"{self.name}: a loss is a symbol, not {type(loss).__name__}")
        chosen = [v for v in loss.graph.variables if v.trainable] if var_list is None else var_list
        moved = [v for v in chosen if getattr(v, "dtype", loss.dtype).kind in "fc"]
        with loss.graph.as_default():
            found = dict(zip(map(id, moved), gradients(loss, moved), strict=True))
        return [(found.get(id(v)), v) for v in chosen]

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Any]],
        global_step: Variable | None = None,
        name: str | None = None,
    ) -> Operation:
        """The operation that moves each variable by its gradient."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if not pairs:
            raise ArgumentError(f"{self.name}: no gradient flows to any of the variables")
        with pairs[0][1].graph.as_default() as graph, graph.name_scope(name or self.name):
            steps = [
                *self._prepared(pairs[0][1].dtype),
                *(op for g, v in pairs for op in self._updates(g, v)),
            ]
            counted = [] if global_step is None else [assign_add(global_step, 1)]
            return group(*steps, *counted, name="update")

    def _prepared(self, dtype: Any) -> list[Symbol]:
        """What is assigned once a step, in the dtype of the first variable."""
        return []

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        raise NotImplementedError  # pragma: no cover

    def _slot(self, v: Any, name: str, value: float = 0.0, dtype: Any = None) -> Variable:
        """What is remembered of a variable, of its shape and dtype; or a number, without one."""
        key = name, v
        if key not in self._slots:
            shape, kind = ((), dtype) if v is None else (v.shape, v.dtype)
            self._slots[key] = Variable(np.full(shape, value, kind), trainable=False, name=name)
        return self._slots[key]


class GradientDescentOptimizer(Optimizer):
    """v ← v - rate · g.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     w = tf.Variable(3.0)
    ...     step = tf.train.GradientDescentOptimizer(0.25).minimize(tf.square(w))
    ...     session.run(tf.global_variables_initializer())
    ...     session.run(step)
    ...     session.run(w)
    np.float32(1.5)
    """

    def __init__(self, learning_rate: Any, name: str = "GradientDescent") -> None:
        super().__init__(learning_rate, name)

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        return [assign(v, v - self.learning_rate * g)]


class MomentumOptimizer(Optimizer):
    """a ← momentum · a + g, v ← v - rate · a; with Nesterov's look ahead if asked for."""

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate, name)
        self.momentum, self.use_nesterov = momentum, use_nesterov

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        memory = self._slot(v, "momentum")
        a = self.momentum * memory + g
        step = g + self.momentum * a if self.use_nesterov else a
        return [assign(memory, a), assign(v, v - self.learning_rate * step)]


class AdagradOptimizer(Optimizer):
    """a ← a + g², v ← v - rate · g / √a; a begins at `initial_accumulator_value`."""

    def __init__(
        self, learning_rate: Any, initial_accumulator_value: float = 0.1, name: str = "Adagrad"
    ) -> None:
        super().__init__(learning_rate, name)
        self.initial = initial_accumulator_value

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        memory = self._slot(v, "accumulator", self.initial)
        a = memory + square(g)
        return [assign(memory, a), assign(v, v - self.learning_rate * g / sqrt(a))]


class AdadeltaOptimizer(Optimizer):
    """a ← ρ a + (1 - ρ) g², step ← g √(u + ε) / √(a + ε), u ← ρ u + (1 - ρ) step²."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-8,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(learning_rate, name)
        self.rho, self.epsilon = rho, epsilon

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        squares, moves = self._slot(v, "accum"), self._slot(v, "accum_update")
        a = self.rho * squares + (1 - self.rho) * square(g)
        step = sqrt(moves + self.epsilon) / sqrt(a + self.epsilon) * g
        u = self.rho * moves + (1 - self.rho) * square(step)
        return [
            assign(squares, a),
            assign(moves, u),
            assign(v, v - self.learning_rate * step),
        ]


class RMSPropOptimizer(Optimizer):
    """s ← decay · s + (1 - decay) · g², m ← momentum · m + rate · g / √(s + ε), v ← v - m."""

    def __init__(
        self,
        learning_rate: Any,
        decay: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-10,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(learning_rate, name)
        self.decay, self.momentum, self.epsilon = decay, momentum, epsilon

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        squares, memory = self._slot(v, "rms", 1.0), self._slot(v, "momentum")
        s = self.decay * squares + (1 - self.decay) * square(g)
        m = self.momentum * memory + self.learning_rate * g / sqrt(s + self.epsilon)
        return [assign(squares, s), assign(memory, m), assign(v, v - m)]


class AdamOptimizer(Optimizer):
    """Adam, with ε outside of the correction of the second moment, as TensorFlow has it.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015, before section 2.1.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        name: str = "Adam",
    ) -> None:
        super().__init__(learning_rate, name)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def _prepared(self, dtype: Any) -> list[Symbol]:
        self._power1 = self._slot(None, "beta1_power", self.beta1, dtype)
        self._power2 = self._slot(None, "beta2_power", self.beta2, dtype)
        return [
            assign(self._power1, self._power1 * self.beta1),
            assign(self._power2, self._power2 * self.beta2),
        ]

    def _updates(self, g: Symbol, v: Variable) -> list[Symbol]:
        first, second = self._slot(v, "m"), self._slot(v, "v")
        power1, power2 = cast(self._power1, v.dtype), cast(self._power2, v.dtype)
        rate = self.learning_rate * sqrt(1 - power2) / (1 - power1)
        m = self.beta1 * first + (1 - self.beta1) * g
        s = self.beta2 * second + (1 - self.beta2) * square(g)
        step = rate * m / (sqrt(s) + self.epsilon)
        return [assign(first, m), assign(second, s), assign(v, v - step)]


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)

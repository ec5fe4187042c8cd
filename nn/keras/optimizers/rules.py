"""Keras' update rules: those of optim where they are the same, else in their own formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import optim
from autograd.engine.ranges import Decay, Rate
from nn.keras.optimizers.base import Optimizer
from optim.base.chunk import Kept, Numbers, Rule
from optim.optimizer import Group

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Lion", "Nadam", "RMSprop",
]  # fmt: skip


class SGD(Optimizer):
    """p ← p − lr·g, or with momentum v ← momentum·v − lr·g and p ← p + v.

    Other than in `optim.SGD` the rate is in the momentum: a change of it works slowly. With
    `nesterov` p ← p + momentum·v − lr·g.

    >>> from nn import keras
    >>> keras.optimizers.SGD(0.1, momentum=0.9).learning_rate
    0.1
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: Decay = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.momentum, self.nesterov = momentum, nesterov
        options = {"momentum": momentum, "nesterov": nesterov}
        super().__init__(learning_rate, weight_decay, options=options, **common)

    def _arrays(self, group: Group) -> Kept:
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, momentum, nesterov = (group[n] for n in ("lr", "momentum", "nesterov"))

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            step = np.multiply(g, lr, out=scratch[0])
            if not momentum:
                p -= step
                return
            (v,) = state
            v *= momentum
            v -= step
            p += np.multiply(v, momentum, out=scratch[1]) - step if nesterov else v

        return rule


class Adam(Optimizer, optim.Adam):
    """Adam with ε beside √v before the bias of v is corrected, as Kingma and Ba's "ε̂".

    `optim.Adam` has it after. Source: Kingma and Ba, Adam: a method for stochastic optimization
    (2015).

    >>> from nn import keras
    >>> keras.optimizers.Adam().epsilon
    1e-07
    """

    _sometimes = ("average", "max_exp_avg_sq")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: Rate = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad
        options = {
            "betas": (beta_1, beta_2), "eps": epsilon, "amsgrad": amsgrad,
            "decoupled_weight_decay": True,
        }  # fmt: skip
        Optimizer.__init__(self, learning_rate, weight_decay, options=options, **common)

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        (one, beta1), (two, beta2) = _biases(group)
        unbiased = math.sqrt(1 - two)
        given = {"eps": group["eps"] / unbiased}
        given["lr"] = group["lr"] * math.sqrt(1 - beta2) / unbiased * (1 - one) / (1 - beta1)
        return super()._rule({**group, **given}, numbers, fresh)


def _biases(group: Group) -> Any:
    """βᵗ of both means, exactly and as Keras has it: in the dtype of the variables.

    In single precision 1 − 0.999 is off by 1e-5 of its size, and with it Keras' first steps.
    """
    step, kind = group["iterations"] + 1, group["params"][0].dtype.type
    return [(beta**step, float(kind(beta) ** kind(step))) for beta in group["betas"]]


class AdamW(Adam):
    """Adam with a weight decay of 0.004."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: Rate = 1e-7,
        amsgrad: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, **common)


class Nadam(Optimizer, optim.NAdam):
    """Adam that looks one step ahead along its momentum, whose decay is 0.96 a step.

    Source: Dozat, Incorporating Nesterov momentum into Adam (2016).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: Rate = 1e-7,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        options = {
            "betas": (beta_1, beta_2), "eps": epsilon, "momentum_decay": 1.0,
            "decoupled_weight_decay": True, "mu_product": 1.0,
        }  # fmt: skip
        Optimizer.__init__(self, learning_rate, weight_decay, options=options, **common)

    def _update_group(self, number: int, group: Group) -> None:
        super()._update_group(number, group)
        step = group["iterations"] + 1
        group["mu_product"] *= group["betas"][0] * (1 - 0.5 * 0.96**step)

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        numbers["mu_product"] = group["mu_product"]  # of all steps, whoever took part in them
        _, (two, beta2) = _biases(group)
        nearly = math.sqrt((1 - beta2) / (1 - two))
        given = {name: group[name] * nearly for name in ("lr", "eps")}
        return super()._rule({**group, **given}, numbers, fresh)


class Adamax(Optimizer):
    """Adam with the largest gradient of late in the place of its root mean square.

    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: Decay = 0.9,
        beta_2: Decay = 0.999,
        epsilon: Rate = 1e-7,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        options = {"beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
        super().__init__(learning_rate, weight_decay, options=options, **common)

    def _arrays(self, group: Group) -> Kept:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        beta1, beta2, epsilon = (group[n] for n in ("beta_1", "beta_2", "epsilon"))
        rate = group["lr"] / (1 - beta1 ** (group["iterations"] + 1))

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            m, u = state
            m += (1 - beta1) * (g - m)
            np.maximum(beta2 * u, np.abs(g), out=u)
            p -= rate * m / (u + epsilon)

        return rule


class RMSprop(Optimizer):
    """g over the root of its running mean square, with ε under the root.

    Source: Tieleman and Hinton, Lecture 6.5: rmsprop (2012).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: Decay = 0.0,
        epsilon: Rate = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered
        options = {"rho": rho, "momentum": momentum, "epsilon": epsilon, "centered": centered}
        super().__init__(learning_rate, weight_decay, options=options, **common)

    def _arrays(self, group: Group) -> Kept:
        buffer = {"momentum_buffer": 0.0} if group["momentum"] else {}
        mean = {"grad_avg": 0.0} if group["centered"] else {}
        return {"square_avg": 0.0} | buffer | mean

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, rho, momentum, epsilon = (group[n] for n in ("lr", "rho", "momentum", "epsilon"))
        centered = group["centered"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            v, *others = state
            s, t, _ = scratch
            v *= rho
            v += np.multiply(np.multiply(g, g, out=s), 1 - rho, out=s)
            np.add(v, epsilon, out=s)
            if centered:
                a = others[-1]
                a *= rho
                a += np.multiply(g, 1 - rho, out=t)
                s -= np.multiply(a, a, out=t)
            np.divide(np.multiply(g, lr, out=t), np.sqrt(s, out=s), out=s)
            if momentum:
                others[0] *= momentum
                others[0] += s
                s = others[0]
            p -= s

        return rule


class Adagrad(Optimizer):
    """g over the root of the sum of its squares, with ε under the root.

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods (2011).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: Rate = 1e-7,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon
        options = {"initial_accumulator_value": initial_accumulator_value, "epsilon": epsilon}
        super().__init__(learning_rate, weight_decay, options=options, **common)

    def _arrays(self, group: Group) -> Kept:
        return {"sum": group["initial_accumulator_value"]}

    def _numbers(self, group: Group) -> Numbers:
        return {}

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        lr, epsilon = group["lr"], group["epsilon"]

        def rule(p: Any, g: Any, state: Sequence[Any], scratch: Sequence[Any]) -> None:
            (total,) = state
            total += g * g
            p -= lr * g / np.sqrt(total + epsilon)

        return rule


class Adadelta(Optimizer, optim.Adadelta):
    """Steps of the size of earlier steps, in units of the weights: `optim.Adadelta`.

    Source: Zeiler, ADADELTA: an adaptive learning rate method (2012).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: Rate = 1e-7,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.rho, self.epsilon = rho, epsilon
        options = {"rho": rho, "eps": epsilon}
        Optimizer.__init__(self, learning_rate, weight_decay, options=options, **common)


class Lion(Optimizer, optim.Lion):
    """Steps along the sign of an interpolated momentum: `optim.Lion`.

    Source: Chen et al., Symbolic discovery of optimization algorithms (2023).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        weight_decay: float | None = None,
        **common: Any,
    ) -> None:
        self.beta_1, self.beta_2 = beta_1, beta_2
        options = {"betas": (beta_1, beta_2)}
        Optimizer.__init__(self, learning_rate, weight_decay, options=options, **common)

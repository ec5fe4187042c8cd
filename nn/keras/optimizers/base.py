"""Optimizer: one of optim that gets its parameters later, with what all of Keras' have."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import optim
from autograd import enable_grad, no_grad
from autograd.engine.checks import check_options
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    StateError,
    UnsupportedError,
    shown,
)
from autograd.extend import raw
from autograd.tensors.inplace import write
from autograd.tensors.tensor import taken
from nn.keras.backend import tensor
from nn.keras.identifiers import config_of
from nn.keras.naming import snake, unique_name
from nn.keras.optimizers.options import Count, Rate, checked_rate, with_old_names
from nn.keras.optimizers.own import VariableByVariable
from nn.keras.optimizers.schedules import LearningRateSchedule
from optim.base.chunk import Numbers, Rule
from optim.optimizer import Group

__all__ = ["Optimizer"]

_COMMON = (
    "name", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "ema_momentum",
    "ema_overwrite_frequency",
)  # fmt: skip
_INSTEAD = {
    "gradient_accumulation_steps": "train with a larger batch_size, or call backward() several "
    "times before one step",
    "loss_scale_factor": "leave it out: losses are float32 here, and nothing underflows",
}


class Optimizer(VariableByVariable, optim.Optimizer):
    """Base of Keras' optimizers: made without parameters, which `build` gives it.

    `learning_rate` is a number, a schedule, or a function without arguments. `weight_decay` lets
    weights shrink by learning_rate · weight_decay before each step. `clipnorm` cuts the norm of
    each gradient, `global_clipnorm` that of all together, `clipvalue` each element. With `use_ema`
    running means of the weights are kept, which take their place at the end of `fit`, and every
    `ema_overwrite_frequency` steps.

    >>> import autograd as ag
    >>> from nn import keras
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = keras.optimizers.SGD(learning_rate=0.5)
    >>> _ = optimizer.apply_gradients([(ag.Tensor([1.0, 1.0]), w)])
    >>> w.detach(), optimizer.iterations
    (Tensor([0.5, 1.5], dtype=float32), 1)
    """

    _sometimes: tuple[str, ...] = ("average",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        *,
        options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        kind = type(self).__name__
        learning_rate = with_old_names(
            kind, learning_rate, kwargs, inspect.signature(type(self)).parameters
        )
        for argument, instead in _INSTEAD.items():
            if locals()[argument] is not None:
                raise UnsupportedError(f"{kind} has no {argument} here; {instead}")
        clips = {
            "clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm,
        }  # fmt: skip
        if sum(value is not None for value in clips.values()) > 1:
            raise ArgumentError(f"{kind}: give one of clipnorm, clipvalue and global_clipnorm")
        if not 0 <= ema_momentum <= 1:
            raise ArgumentError(f"{kind}: ema_momentum lies between 0 and 1, got {ema_momentum}")
        self.name = name or unique_name(snake(kind))
        self.weight_decay, self.use_ema = weight_decay, use_ema
        self.clipnorm, self.clipvalue, self.global_clipnorm = clips.values()
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self._spared_ids: set[int] = set()
        self._spared_names = ""
        self._rate: Any = checked_rate(kind, learning_rate)
        self._begin(
            {
                "lr": 0.0 if callable(self._rate) else self._rate,
                "weight_decay": weight_decay or 0.0,
                "iterations": 0,
                "maximize": False,
            }
            | (options or {})
        )
        self._check_options(self.defaults)

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        for parent in type(self).__mro__:
            if parent.__module__.startswith("optim.") and parent is not optim.Optimizer:
                check_options(type(self).__name__, _init_of(parent), group)

    # ---- parameters ----------------------------------------------------------------------------

    @property
    def built(self) -> bool:
        """Whether it has been given its variables."""
        return bool(self.param_groups)

    def build(self, variables: Iterable[Any]) -> None:
        """Take over the variables that it will update; once."""
        if self.built:
            return
        given = list(variables)
        spared = [v for v in given if self.defaults["weight_decay"] and self._spares(v)]
        rest = [v for v in given if not any(v is other for other in spared)]
        for group, options in ((rest, {}), (spared, {"weight_decay": 0.0})):
            if group:
                self.add_param_group({"params": group, **options})

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Say, before `build`, which variables do not decay: these, or of such names."""
        if self.built:
            raise StateError("exclude_from_weight_decay comes before the optimizer is built")
        self._spared_ids = {id(v) for v in var_list or ()}
        self._spared_names = "|".join(var_names or ())

    def _spares(self, p: Any) -> bool:
        """Whether a variable does not decay."""
        name = getattr(p, "name", None) or ""
        named = bool(self._spared_names) and re.search(self._spared_names, name) is not None
        return named or id(p) in self._spared_ids

    # ---- the learning rate ---------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The rate of the next step: a number that has Keras' `numpy()` and `assign()`."""
        if isinstance(self._rate, LearningRateSchedule):
            return Rate(self._rate(self.iterations), self)
        if callable(self._rate):
            return Rate(self._rate(), self)
        return Rate(self.param_groups[0]["lr"] if self.built else self.defaults["lr"], self)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(self._rate, LearningRateSchedule) and not callable(value):
            raise ArgumentTypeError(
                f"the learning rate of {self.name} follows a schedule; make the optimizer with a "
                "number to set it"
            )
        self._rate = checked_rate(type(self).__name__, value)
        if not callable(self._rate):
            self._set("lr", self._rate)

    lr = learning_rate  # the old name

    @property
    def iterations(self) -> Any:
        """How many steps have been made."""
        return Count(self.param_groups[0]["iterations"] if self.built else 0, self)

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._set("iterations", int(value))

    def _set(self, option: str, value: Any) -> None:
        for group in (self.defaults, *self.param_groups):
            group[option] = value

    # ---- stepping ------------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> Any:
        """Make a step with these gradients; None for a variable leaves it alone."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self.iterations

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Make a step with gradients in the order of the variables."""
        if trainable_variables is None:
            if not self.built:
                raise StateError(f"{self.name} is not built; call build(variables) first")
            trainable_variables = list(self._all_params())
        grads, given = list(grads), list(trainable_variables)
        if len(grads) != len(given):
            raise ArgumentError(f"{len(grads)} gradients for {len(given)} variables")
        self.build(given)
        own = {id(p) for p in self._all_params()}
        if strange := [v for v in given if id(v) not in own]:
            raise ArgumentError(
                f"{self.name} was built for other variables than {shown(strange[0])}; make another "
                "optimizer for it"
            )
        self.zero_grad()
        for gradient, variable in zip(grads, given, strict=True):
            if gradient is not None:
                variable.grad = tensor(gradient, variable.dtype)
        self.step()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every variable that has a gradient; returns what the closure returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if not self.built:
            raise StateError(f"{self.name} has no variables; call build(model.trainable_variables)")
        if callable(self._rate):
            self._set("lr", float(self.learning_rate))
        active = [p for p in self._all_params() if p.grad is not None]
        self._clip(active)
        super().step()
        if self.use_ema:
            self._average()
        for p in active:
            constraint = getattr(p, "constraint", None)
            if constraint is not None:
                with no_grad():
                    write(p, raw(constraint(taken(raw(p)))))
        self._set("iterations", self.param_groups[0]["iterations"] + 1)
        return loss

    def _steps_by_itself(self) -> bool:
        return False

    def _update_group(self, number: int, group: Group) -> None:
        if decay := float(group["lr"]) * group["weight_decay"]:
            for p in group["params"]:
                if p.grad is not None:
                    write(p, raw(p) * p.dtype.type(1 - decay))
        if self._is_own():
            self._update_each(group["params"], float(group["lr"]))
        else:
            super()._update_group(number, group)

    def _rule(self, group: Group, numbers: Numbers, fresh: frozenset[str]) -> Rule:
        # Keras counts the steps of the optimizer, and has let the weights decay before
        if "step" in numbers:
            numbers["step"] = group["iterations"] + 1
        return super()._rule({**group, "weight_decay": 0.0}, numbers, fresh)

    def _clip(self, params: list[Any]) -> None:
        """Cut the gradients as the options say."""
        grads = [raw(p.grad) for p in params]
        if self.clipvalue:
            grads = [np.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        elif self.clipnorm:
            grads = [_cut(g, self.clipnorm, _norm([g])) for g in grads]
        elif self.global_clipnorm:
            norm = _norm(grads)
            grads = [_cut(g, self.global_clipnorm, norm) for g in grads]
        else:
            return
        for p, g in zip(params, grads, strict=True):
            p.grad = taken(np.asarray(g, p.dtype))

    def _average(self) -> None:
        """Bring the running means of the weights up to date."""
        step = self.param_groups[0]["iterations"]
        kept = self.ema_momentum if step else 0.0
        due = self.ema_overwrite_frequency and (step + 1) % self.ema_overwrite_frequency == 0
        for p in self._all_params():
            old = raw(self.state[p]["average"]) if kept and "average" in self.state[p] else 0.0
            mean = np.asarray(kept * old + (1 - kept) * raw(p), p.dtype)
            self.state[p]["average"] = taken(mean)
            if due:
                write(p, mean)

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """With `use_ema`, put the running means in the place of the weights."""
        for p in var_list if self.use_ema else ():
            if "average" in self.state.get(p, {}):
                write(p, raw(self.state[p]["average"]))

    # ---- what else Keras' have -----------------------------------------------------------------

    @property
    def variables(self) -> list[Any]:
        """The steps, the rate, and what is kept for each variable."""
        kept = [value for entry in self.state.values() for value in entry.values()]
        return [self.iterations, self.learning_rate, *(v for v in kept if hasattr(v, "shape"))]

    def __repr__(self) -> str:
        rate = self._rate
        shown_rate = f"{rate:g}" if isinstance(rate, float) else shown(rate)
        return f"<{type(self).__name__}, learning_rate={shown_rate}>"

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        known = {name: getattr(self, name) for name in _COMMON if hasattr(self, name)}
        rate: Any = float(self.learning_rate)
        if isinstance(self._rate, LearningRateSchedule):
            rate = {"class_name": type(self._rate).__name__, "config": self._rate.get_config()}
        return known | config_of(self) | {"learning_rate": rate}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """An optimizer of these arguments."""
        return cls(**config)


def _norm(grads: list[Any]) -> float:
    return math.sqrt(sum(float(np.vdot(g, g).real) for g in grads))


def _cut(g: Any, most: float, norm: float) -> Any:
    return g * (most / norm) if norm > most else g


def _init_of(kind: Any) -> Any:
    return kind.__init__

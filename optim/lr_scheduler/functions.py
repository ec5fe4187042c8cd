"""Schedules that the user writes as functions of the epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd.errors import ArgumentTypeError
from optim.lr_scheduler.base import (
    LRScheduler,
    function_state,
    load_function_state,
    per_group,
)
from optim.optimizer import Optimizer

Factor = Callable[[int], float]


class _FunctionLR(LRScheduler):
    """One function of the epoch for each group; callable objects are saved, functions are not."""

    _not_saved = (*LRScheduler._not_saved, "lr_lambdas")

    def __init__(
        self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1
    ) -> None:
        self.lr_lambdas = per_group("lr_lambda", lr_lambda, optimizer)
        for function in self.lr_lambdas:
            if not callable(function):
                raise ArgumentTypeError(
                    f"lr_lambda is a function of the epoch, got {type(function).__name__}"
                )
        super().__init__(optimizer, last_epoch)

    def _factors(self) -> list[float]:
        """What each function says about `last_epoch`."""
        self._check_count(len(self.lr_lambdas))
        return [function(self.last_epoch) for function in self.lr_lambdas]

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"lr_lambdas": [*map(function_state, self.lr_lambdas)]}

    def _adopt(self, state: Mapping[str, Any]) -> None:
        functions = self.lr_lambdas
        super()._adopt(state)
        self.lr_lambdas = functions
        for function, saved in zip(functions, state["lr_lambdas"], strict=True):
            load_function_state(function, saved)


class LambdaLR(_FunctionLR):
    """The initial rate times a function of the epoch.

    `lr_lambda` is one function for all groups, or a list with one for each.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> for _ in range(3):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.125]
    """

    def get_lr(self) -> list[float]:
        factors = self._factors()
        return [
            base_lr * factor
            for (_, base_lr), factor in zip(self._with_bases(), factors, strict=True)
        ]


class MultiplicativeLR(_FunctionLR):
    """The rate times a function of the epoch, every epoch.

    `lr_lambda` is one function for all groups, or a list with one for each.

    >>> import autograd as ag
    >>> import optim
    >>> optimizer = optim.SGD([ag.Tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 1 / epoch)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def get_lr(self) -> list[float]:
        if self._is_initial:
            return self._rates()
        factors = self._factors()
        return [rate * factor for rate, factor in zip(self._rates(), factors, strict=True)]

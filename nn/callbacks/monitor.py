"""Monitor: the base of callbacks that watch a number."""

from __future__ import annotations

import math
from typing import Any

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError, UnknownNameError
from nn.callbacks.base import Callback, Logs

__all__ = ["Monitor"]


class Monitor(Callback):
    """What watches one number of the logs, and knows which way is better.

    With `mode` "auto" it knows that of the loss and of nn.metrics' names.
    """

    best: float

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        self.monitor = monitor
        check_choice("mode", mode, ("auto", "min", "max"))
        higher = mode == "max" if mode != "auto" else self._is_better_high()
        self._sign = -1.0 if higher else 1.0
        self.min_delta = abs(min_delta)
        self._reset()

    def _at_the_start(self) -> dict[str, Any]:
        """The attributes that change while it watches, as every training begins with them."""
        return {"best": self._sign * math.inf}

    def _reset(self) -> None:
        for name, value in self._at_the_start().items():
            setattr(self, name, value)

    def on_train_begin(self, logs: Logs) -> None:
        self._reset()

    def _is_better_high(self) -> bool:
        from nn.metrics.names import higher_is_better

        higher = higher_is_better(self.monitor.removeprefix("val_"))
        if higher is None:
            raise ArgumentError(
                f"{type(self).__name__}: mode='auto' knows the loss and the names of nn.metrics, "
                f"and not whether a high or a low {self.monitor!r} is better; give mode='min' or "
                "mode='max'"
            )
        return higher

    def value(self, logs: Logs) -> float:
        """The watched number; a KeyError names what there is."""
        if self.monitor not in logs:
            hint = ": give fit validation data" if self.monitor.startswith("val_") else ""
            raise UnknownNameError(
                f"{type(self).__name__} watches {self.monitor!r}, and the logs have "
                f"{', '.join(logs)}{hint}"
            )
        return float(logs[self.monitor])

    def state_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._at_the_start()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for name in self._at_the_start():
            setattr(self, name, state_dict[name])

    def improves(self, value: float) -> bool:
        """Whether a value is better than the best so far, by more than min_delta."""
        return self._sign * (self.best - value) > self.min_delta

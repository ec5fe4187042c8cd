"""Monitor: the base of callbacks that watch a number."""

from __future__ import annotations

import math
from typing import Any

from autograd.diagnose import check_choice
from nn.callbacks.base import Callback, Logs

__all__ = ["Monitor"]


class Monitor(Callback):
    """What watches one number of the logs, and knows which way is better."""

    _kept: tuple[str, ...] = ("best",)  # attributes that change while it watches

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        self.monitor = monitor
        check_choice("mode", mode, ("auto", "min", "max"))
        higher = mode == "max" or (mode == "auto" and _is_better_high(monitor))
        self._sign = -1.0 if higher else 1.0
        self.min_delta = abs(min_delta)
        self.best = self._sign * math.inf

    def value(self, logs: Logs) -> float:
        """The watched number; a KeyError names what there is."""
        if self.monitor not in logs:
            hint = ": give fit validation data" if self.monitor.startswith("val_") else ""
            raise KeyError(
                f"{type(self).__name__} watches {self.monitor!r}, and the logs have "
                f"{', '.join(logs)}{hint}"
            )
        return float(logs[self.monitor])

    def state_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for name in self._kept:
            setattr(self, name, state_dict[name])

    def improves(self, value: float) -> bool:
        """Whether a value is better than the best so far, by more than min_delta."""
        return self._sign * (self.best - value) > self.min_delta


def _is_better_high(name: str) -> bool:
    return any(part in name for part in ("acc", "precision", "recall", "f1", "auc", "r2"))

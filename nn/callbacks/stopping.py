"""What ends a training early."""

from __future__ import annotations

import math
from typing import Any

from nn.callbacks.base import Callback, Logs
from nn.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Stop when a number has not become better for `patience` epochs.

    With `restore_best_weights` the model ends with the weights of its best epoch.
    """

    best_epoch: int
    stopped_epoch: int
    _wait: int
    _weights: dict[str, Any] | None

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        mode: str = "auto",
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch

    def _at_the_start(self) -> dict[str, Any]:
        counts = {"best_epoch": 0, "stopped_epoch": 0, "_wait": 0}
        return super()._at_the_start() | counts | {"_weights": None}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if epoch < self.start_from_epoch:
            return
        value = self.value(logs)
        if self.improves(value):
            self.best, self.best_epoch, self._wait = value, epoch, 0
            if self.restore_best_weights:
                self._weights = self.model.state_dict()
            return
        self._wait += 1
        if self._wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs) -> None:
        if self._weights is not None:
            self.model.load_state_dict(self._weights)


class TerminateOnNaN(Callback):
    """End the training, without an error, when the loss is not finite."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if not math.isfinite(logs["loss"]):
            self.model.stop_training = True

"""Callbacks that set the learning rate, write the logs, and bring a training back."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError, UnsupportedError
from nn import callbacks as own
from nn.keras.callbacks.base import Callback

__all__ = ["BackupAndRestore", "CSVLogger", "LearningRateScheduler", "TerminateOnNaN"]


class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch: `schedule(epoch)` or `schedule(epoch, lr)`.

    >>> from nn import keras
    >>> scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * 0.5**epoch)
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose
        try:
            inspect.signature(schedule).bind(0, 0.0)
            self._takes_rate = True
        except (TypeError, ValueError):
            self._takes_rate = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        given = (epoch, float(optimizer.learning_rate)) if self._takes_rate else (epoch,)
        rate = self.schedule(*given)
        try:
            optimizer.learning_rate = float(rate)
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"LearningRateScheduler: the schedule gave {rate!r:.60} for epoch {epoch}; it is "
                f"a number: {error}"
            ) from None
        if self.verbose:
            print(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to "
                f"{float(rate)}."
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class CSVLogger(Callback, own.CSVLogger):
    """Write the logs of every epoch as a line of a CSV file, in the order of their names."""

    _columns: list[str]

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        own.CSVLogger.__init__(self, filename, separator, append)

    def on_train_begin(self, logs: Any = None) -> None:
        self._columns = []
        super().on_train_begin(logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self._columns:
            self._columns = sorted(logs)
            if not any(name.startswith("val_") for name in logs):
                self._columns += [f"val_{name}" for name in sorted(logs)]  # of later epochs
        super().on_epoch_end(epoch, {name: logs.get(name, "NA") for name in self._columns})


class TerminateOnNaN(Callback):
    """End the training when the loss is not finite."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss - loss != 0:
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


class BackupAndRestore(Callback, own.BackupAndRestore):
    """Go on where an interrupted training stopped: after every epoch all is saved in a folder."""

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if save_freq != "epoch" or double_checkpoint:
            raise UnsupportedError(
                "keras.callbacks.BackupAndRestore saves after every epoch; leave save_freq and "
                "double_checkpoint out"
            )
        if not os.fspath(backup_dir):
            raise ArgumentError("BackupAndRestore: backup_dir names a folder, got ''")
        self.backup_dir = Path(backup_dir)
        own.BackupAndRestore.__init__(self, self.backup_dir / "training.safetensors")
        self.delete_checkpoint = delete_checkpoint

    def on_train_begin(self, logs: Any = None) -> None:
        self.backup_dir.mkdir(parents=True, exist_ok=True)
        super().on_train_begin(logs or {})

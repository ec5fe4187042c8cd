"""Callbacks: what happens between the steps of `fit`, under Keras' names."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd.diagnose import check_choice
from nn.saving import load_checkpoint, save, save_checkpoint

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]

Logs = dict[str, Any]


class Callback:
    """Base of callbacks: override what you need. `model` and `params` are set before the start.

    `logs` holds the loss and the metrics so far by name, with "val_" before those of the validation
    data. Setting `self.model.stop_training = True` ends the training.

    >>> import nn
    >>> class Report(nn.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs):
    ...         print(epoch, sorted(logs))
    """

    model: Any
    params: dict[str, Any]
    initial_epoch = 0  # where training begins, if the callback has brought it that far

    def on_train_begin(self, logs: Logs) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs) -> None:
        """After the last epoch, with its logs; not if the training was interrupted."""

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        """Before an epoch; they count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """After an epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs) -> None:
        """Before a step."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        """After a step, with the means over the epoch so far."""

    def on_test_begin(self, logs: Logs) -> None:
        """Before an evaluation, also on validation data."""

    def on_test_end(self, logs: Logs) -> None:
        """After an evaluation."""


class CallbackList:
    """All callbacks of one training, called in order; hooks that none has cost nothing."""

    def __init__(self, callbacks: Sequence[Any], model: Any, params: dict[str, Any]) -> None:
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise TypeError(
                    f"callbacks are nn.callbacks.Callback objects, got {type(callback).__name__}"
                    + (": give an object, not the class" if isinstance(callback, type) else "")
                )
            callback.model, callback.params = model, params
        self.callbacks = list(callbacks)
        self.last: Logs = {}
        self.batch_begin = self._own("on_train_batch_begin")
        self.batch_end = self._own("on_train_batch_end")

    def _own(self, hook: str) -> list[Any]:
        """The bound hooks of the callbacks that have one of their own."""
        plain = getattr(Callback, hook)
        hooks = (getattr(callback, hook) for callback in self.callbacks)
        return [own for own in hooks if getattr(own, "__func__", None) is not plain]

    @property
    def initial_epoch(self) -> int:
        """Where the training begins."""
        return max((callback.initial_epoch for callback in self.callbacks), default=0)

    def on_train_begin(self) -> None:
        self._call("on_train_begin", {})

    def on_train_end(self) -> None:
        self._call("on_train_end", self.last)

    def on_epoch_begin(self, epoch: int) -> None:
        self._call("on_epoch_begin", epoch, {})

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.last = logs
        self._call("on_epoch_end", epoch, logs)

    def on_test_begin(self) -> None:
        self._call("on_test_begin", {})

    def on_test_end(self, logs: Logs) -> None:
        self._call("on_test_end", logs)

    def _call(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)


class History(Callback):
    """The loss and the metrics of every epoch; what `fit` returns."""

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = {name: values[-1] for name, values in self.history.items()}
        shown = ", ".join(f"{name}: {v:.4g}" for name, v in last.items() if np.ndim(v) == 0)
        return f"<History of {len(self.epoch)} epochs; {shown or 'nothing'}>"


class LambdaCallback(Callback):
    """Functions in the places of hooks: `LambdaCallback(on_epoch_end=lambda epoch, logs: ...)`."""

    def __init__(self, **hooks: Callable[..., Any]) -> None:
        known = [name for name in vars(Callback) if name.startswith("on_")]
        for name, function in hooks.items():
            check_choice("a hook", name, tuple(known))
            setattr(self, name, function)


class _Monitor(Callback):
    """What watches one number of the logs, and knows which way is better."""

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

    def improves(self, value: float) -> bool:
        """Whether a value is better than the best so far, by more than min_delta."""
        return self._sign * (self.best - value) > self.min_delta


def _is_better_high(name: str) -> bool:
    return any(part in name for part in ("acc", "precision", "recall", "f1", "auc", "r2"))


class EarlyStopping(_Monitor):
    """Stop when a number has not become better for more than `patience` epochs.

    With `restore_best_weights` the model ends with the weights of its best epoch.
    """

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
        self.stopped_epoch = 0
        self.best_epoch = 0

    def on_train_begin(self, logs: Logs) -> None:
        self.best, self._wait, self._weights = self._sign * math.inf, 0, None

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


class ModelCheckpoint(_Monitor):
    """Save the model after every epoch, or after those that are better than all before.

    `filepath` may hold `{epoch}` (from 1) and the names of the logs: `"{epoch:02d}-{loss:.3f}"`.
    The file is a checkpoint with optimizer and random state, or with `save_weights_only` the state
    dict alone; it is written beside its place and renamed.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: str = "auto",
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        if self.save_best_only:
            value = self.value(logs)
            if not self.improves(value):
                return
            self.best = value
        path = self.filepath.format(epoch=epoch + 1, **logs)
        if self.save_weights_only:
            save(self.model, path)
        else:
            save_checkpoint(path, self.model, self.model.optimizer, epoch=epoch + 1)


class BackupAndRestore(Callback):
    """Go on where an interrupted training stopped, to the same weights bit for bit.

    After every epoch the model, the optimizer, the random state and the history are saved to a
    file; a `fit` that finds the file goes on from there. The file is removed at the end of the
    training, unless `delete_checkpoint` is False. The order of the examples must come from the
    generator of `nn.manual_seed`, not from `fit(rng=...)`.
    """

    def __init__(self, backup: str | os.PathLike[str], delete_checkpoint: bool = True) -> None:
        self.path = Path(backup)
        self.delete_checkpoint = delete_checkpoint

    def on_train_begin(self, logs: Logs) -> None:
        self.initial_epoch = 0
        if self.path.exists():
            kept = load_checkpoint(self.path, self.model, self.model.optimizer)
            history = self.model.history
            history.epoch, history.history = kept["epochs"], kept["history"]
            self.initial_epoch = kept["epoch"]

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        history = self.model.history
        save_checkpoint(
            self.path, self.model, self.model.optimizer,
            epoch=epoch + 1, epochs=history.epoch, history=history.history,
        )  # fmt: skip

    def on_train_end(self, logs: Logs) -> None:
        if self.delete_checkpoint:
            self.path.unlink(missing_ok=True)


class CSVLogger(Callback):
    """Write the logs of every epoch as a line of a CSV file."""

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        self.path = Path(filename)
        self.separator = separator
        self.append = append

    def on_train_begin(self, logs: Logs) -> None:
        self._began = self.append and self.path.exists() and self.path.stat().st_size > 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        first = not self._began
        with self.path.open("a" if self._began else "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=self.separator)
            if first:
                writer.writerow(["epoch", *logs])
            writer.writerow([epoch, *logs.values()])
        self._began = True


class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch: `schedule(epoch, lr) -> lr`."""

    def __init__(self, schedule: Callable[[int, float], float]) -> None:
        self.schedule = schedule

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        for group in self.model.optimizer.param_groups:
            rate = float(self.schedule(epoch, group["lr"]))
            if not math.isfinite(rate) or rate < 0:
                raise ValueError(f"the schedule gave the learning rate {rate} for epoch {epoch}")
            group["lr"] = rate

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        logs["learning_rate"] = self.model.optimizer.param_groups[0]["lr"]


class ReduceLROnPlateau(_Monitor):
    """Multiply the learning rate by `factor` when a number has not improved for `patience` epochs.

    It then waits for `cooldown` epochs, and never goes below `min_lr`.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise ValueError(f"factor must lie between 0 and 1, got {factor}")
        self.factor, self.patience, self.cooldown, self.min_lr = factor, patience, cooldown, min_lr

    def on_train_begin(self, logs: Logs) -> None:
        self.best, self._wait, self._cooling = self._sign * math.inf, 0, 0

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        value = self.value(logs)
        groups = self.model.optimizer.param_groups
        logs["learning_rate"] = groups[0]["lr"]
        if self._cooling:
            self._cooling -= 1
            self._wait = 0
        if self.improves(value):
            self.best, self._wait = value, 0
        elif not self._cooling:
            self._wait += 1
            if self._wait >= self.patience:
                for group in groups:
                    group["lr"] = max(group["lr"] * self.factor, self.min_lr)
                self._cooling, self._wait = self.cooldown, 0


class TerminateOnNaN(Callback):
    """End the training, without an error, when the loss is not finite."""

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if not math.isfinite(logs["loss"]):
            self.model.stop_training = True

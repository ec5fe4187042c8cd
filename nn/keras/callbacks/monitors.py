"""What watches a number of the logs: to stop, to slow down, to save."""

from __future__ import annotations

import os
import re
import warnings
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError, UnknownNameError
from nn import callbacks as own
from nn.callbacks.base import is_first
from nn.callbacks.monitor import Monitor
from nn.keras import metrics
from nn.keras.callbacks.base import Callback
from nn.keras.naming import renamed

__all__ = ["EarlyStopping", "ModelCheckpoint", "MonitorCallback", "ReduceLROnPlateau"]


class MonitorCallback(Callback, Monitor):
    """Base of callbacks that watch one number.

    Whether more of it is better follows from the metrics of the model, and for the loss is known.
    A number that the logs do not have is warned of, and passed over.
    """

    best: Any  # None before the first
    monitor_op: Any = None  # np.less or np.greater, once it is known which

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", min_delta: float = 0.0
    ) -> None:
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__}: mode {mode!r} is taken as 'auto'", stacklevel=3)
            mode = "auto"
        self.mode = mode
        Monitor.__init__(self, monitor, "min" if mode == "auto" else mode, min_delta)
        if mode != "auto":
            self.monitor_op = np.greater if mode == "max" else np.less

    def _at_the_start(self) -> dict[str, Any]:
        return super()._at_the_start() | {"best": None}

    def improves(self, value: float) -> bool:
        """Whether a value is better than the best so far; the first is, as in Keras, NaN too."""
        return self.best is None or super().improves(value)

    def seen(self, logs: Any) -> float | None:
        """The watched number, or None with a warning; at the first it settles which way is up."""
        if self.monitor_op is None:
            higher = self._is_higher_better()
            self.monitor_op = np.greater if higher else np.less
            self._sign = -1.0 if higher else 1.0
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} watches {self.monitor!r}, and the logs have "
                f"{', '.join(logs or {}) or 'nothing'}",
                stacklevel=3,
            )
            return None
        return float(value)

    def _is_higher_better(self) -> bool:
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return False
        compiled = getattr(self.model, "_compiled", None)
        known = {shown: metric for _, shown, metric, _ in getattr(compiled, "metrics", ())}
        found = known.get(name) or metrics.TABLE.get(re.sub(r"_\d+$", "", name))
        higher = None if found is None else _direction(found)
        if name in ("acc", "accuracy"):
            higher = True
        if higher is None:
            raise ArgumentError(
                f"{type(self).__name__}: whether a high or a low {self.monitor!r} is better is not "
                "known; give mode='max' or mode='min'"
            )
        return higher


def _direction(metric: Any) -> bool | None:
    direction = getattr(metric, "_direction", None)
    if direction is None and isinstance(metric, metrics.MeanMetricWrapper):
        direction = "down" if metric.fn in metrics.LOSS_FUNCTIONS else None
    return None if direction is None else direction == "up"


class EarlyStopping(MonitorCallback, own.EarlyStopping):
    """Stop when a number has not become better, by `min_delta`, for `patience` epochs.

    With `baseline` it must become better than that too. With `restore_best_weights` the model ends
    with the weights of its best epoch.

    >>> from nn import keras
    >>> keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=3).patience
    3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        MonitorCallback.__init__(self, monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch

    @property
    def wait(self) -> int:
        """For how many epochs it has not become better."""
        return self._wait

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.seen(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self._weights is None:
            self._weights, self.best_epoch = self.model.state_dict(), epoch
        self._wait += 1
        if self.improves(value):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self._weights = self.model.state_dict()
            if self.baseline is None or self._sign * (self.baseline - value) > self.min_delta:
                self._wait = 0
        elif self._wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.verbose and self._weights is not None:
            best = self.best_epoch + 1
            print(f"Restoring model weights from the end of the best epoch: {best}.")
        super().on_train_end(logs)


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when a number has not improved for `patience` epochs.

    It then waits for `cooldown` epochs, and never goes below `min_lr`.
    """

    wait: int
    cooldown_counter: int

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **old: Any,
    ) -> None:
        for name, value in renamed("ReduceLROnPlateau", old, {"epsilon": "min_delta"}).items():
            if name != "min_delta":
                raise ArgumentTypeError(f"ReduceLROnPlateau has no option {name!r}")
            min_delta = value
        if not 0 < factor < 1:
            raise ArgumentError(f"ReduceLROnPlateau: factor lies between 0 and 1, got {factor}")
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        super().__init__(monitor, mode, min_delta)

    def _at_the_start(self) -> dict[str, Any]:
        return super()._at_the_start() | {"wait": 0, "cooldown_counter": 0}

    def in_cooldown(self) -> bool:
        """Whether it waits after a reduction."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        optimizer = self.model.optimizer
        logs["learning_rate"] = float(optimizer.learning_rate)
        value = self.seen(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value):
            self.best, self.wait = value, 0
        elif not self.in_cooldown():
            self.wait += 1
            old = float(optimizer.learning_rate)
            if self.wait >= self.patience and old > self.min_lr:
                optimizer.learning_rate = new = max(old * self.factor, self.min_lr)
                self.cooldown_counter, self.wait = self.cooldown, 0
                if self.verbose:
                    print(
                        f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}."
                    )


class ModelCheckpoint(MonitorCallback):
    """Save the model, or its weights, after every epoch or after every `save_freq` batches.

    `filepath` may hold `{epoch}` and names of the logs; it ends in ".keras", and for weights in
    ".weights.h5", as in Keras. With `save_best_only` it saves what is better than all before, and
    than `initial_value_threshold`.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
        **old: Any,
    ) -> None:
        if old.pop("period", 1) != 1 or old:
            name = next(iter(old), "period")
            raise ArgumentTypeError(
                f"ModelCheckpoint has no option {name!r}; it saves after every epoch, or after "
                "save_freq batches"
            )
        self.filepath, self.verbose = os.fspath(filepath), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.initial_value_threshold = initial_value_threshold
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise ArgumentError(
                f"ModelCheckpoint: save_freq is 'epoch' or a number of batches, got {save_freq!r}"
            )
        self.save_freq = save_freq
        ends = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(ends):
            what = "weights" if save_weights_only else "a model"
            raise ArgumentError(
                f"ModelCheckpoint: the file of {what} ends in {ends[0]!r}, got {self.filepath!r}"
            )
        self._batches, self._epoch = 0, 0
        super().__init__(monitor, mode)

    def _at_the_start(self) -> dict[str, Any]:
        start = super()._at_the_start()
        given = self.initial_value_threshold
        return start if given is None else start | {"best": given}

    def on_train_begin(self, logs: Any = None) -> None:
        """It goes on with the best of trainings before."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            return
        self._batches += 1
        if self._batches >= self.save_freq:
            self._batches = 0
            self._save(self._epoch, logs, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, logs, None)

    def _save(self, epoch: int, logs: Any, batch: int | None) -> None:
        options = {"epoch": epoch + 1, **logs} | ({} if batch is None else {"batch": batch})
        try:
            path = self.filepath.format(**options)
        except KeyError as error:
            raise UnknownNameError(
                f"ModelCheckpoint: {self.filepath!r} names {error}, and there are "
                f"{', '.join(options)}"
            ) from None
        if not self._is_due(epoch, logs) or not is_first():
            return
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: saving model to {path}")

    def _is_due(self, epoch: int, logs: Any) -> bool:
        value = self.seen(logs) if self.save_best_only else None
        if value is None:
            return True
        better, old = self.improves(value), self.best
        if better:
            self.best = value
        if self.verbose:
            before = "None" if old is None else f"{old:.5f}"
            verb = "improved" if better else "did not improve"
            how = f"{verb} from {before}" + (f" to {value:.5f}" if better else "")
            print(f"\nEpoch {epoch + 1}: {self.monitor} {how}")
        return better

"""Callback, and what calls it: hooks between the steps of `fit`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.engine.pickles import reduced
from autograd.errors import ArgumentError, ArgumentTypeError

Logs = dict[str, Any]


def is_first() -> bool:
    """Whether this process is alone, or the first of several: the one that prints and writes."""
    from autograd.distributed import alone

    return alone.joined()[0] == 0


class Callback:
    """Base of callbacks: override what you need. `model` and `params` are set before the start.

    `logs` holds the loss and the metrics so far by name, with "val_" before those of the validation
    data. Setting `self.model.stop_training = True` ends the training. Where several processes train
    together each calls its callbacks, with the same logs; one that prints or writes says
    `rank_zero_only = True`, and is called in the first process alone.

    >>> import nn
    >>> class Report(nn.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs):
    ...         print(epoch, sorted(logs))
    """

    model: Any
    params: dict[str, Any]
    step: Any = None  # what is done with a batch: `step.batch` is trained on, see nn.training
    others: list[Callback]  # of the same training
    initial_epoch = 0  # where training begins, if the callback has brought it that far
    comes_last = False  # after all others, as it keeps what they have become
    rank_zero_only = False  # of several processes, the first alone calls it: it prints, or writes
    __reduce_ex__ = reduced

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

    def on_test_batch_begin(self, batch: int, logs: Logs) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs) -> None:
        """After a batch of an evaluation, with the means so far."""

    def _leave(self) -> None:
        """After everything, also where the training was interrupted."""

    def state_dict(self) -> dict[str, Any]:
        """What it must know to go on: numbers, strings, arrays; for `BackupAndRestore`."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there; called after `on_train_begin`."""


def _check_hooks(kind: type[Callback]) -> None:
    """That no hook of a user's class is misspelled, as it would never be called."""
    known: set[str] = set()
    for base in reversed(kind.__mro__):
        hooks = {name for name in vars(base) if name.startswith("on_")}
        if base.__module__.partition(".")[0] == "nn":
            known |= hooks
        for name in hooks - known:
            if near := difflib.get_close_matches(name, known, 2, 0.75):
                meant = " or ".join(sorted(map(repr, near), reverse=True))
                raise ArgumentError(
                    f"{kind.__name__}.{name}: fit calls no such hook; did you mean {meant}?"
                )


class CallbackList:
    """All callbacks of one training, called in order; hooks that none has cost nothing."""

    def __init__(self, callbacks: Sequence[Any], model: Any, params: dict[str, Any]) -> None:
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise ArgumentTypeError(
                    f"callbacks are nn.callbacks.Callback objects, got {type(callback).__name__}"
                    + (": give an object, not the class" if isinstance(callback, type) else "")
                )
            _check_hooks(type(callback))
            callback.model, callback.params = model, params
        every = sorted(callbacks, key=lambda callback: callback.comes_last)
        for callback in callbacks:
            callback.others = [other for other in every if other is not callback]
        if not is_first():
            every = [callback for callback in every if not callback.rank_zero_only]
            for callback in every:
                if hasattr(callback, "verbose"):  # the first process says it for all
                    callback.verbose = 0
        self.callbacks = every
        self.last: Logs = {}
        self.batch_begin = self._own("on_train_batch_begin")
        self.batch_end = self._own("on_train_batch_end")
        self.test_batch_begin = self._own("on_test_batch_begin")
        self.test_batch_end = self._own("on_test_batch_end")

    def _own(self, hook: str) -> list[Any]:
        """The bound hooks of the callbacks that have one of their own."""
        plain = getattr(Callback, hook)
        hooks = (getattr(callback, hook) for callback in self.callbacks)
        return [own for own in hooks if getattr(own, "__func__", None) is not plain]

    def watch(self, step: Any) -> None:
        """Show every callback what is done with batches, and which one it is done with."""
        for callback in self.callbacks:
            callback.step = step

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

    def leave(self) -> None:
        self._call("_leave")

    def _call(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)


class History(Callback):
    """The loss and the metrics of every epoch; what `fit` returns."""

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Logs) -> None:
        self.epoch, self.history = [], {}

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = {name: values[-1] for name, values in self.history.items()}
        shown = ", ".join(f"{name}: {v:.4g}" for name, v in last.items() if np.ndim(v) == 0)
        count = len(self.epoch)
        return f"<History of {count} epoch{'s' * (count != 1)}; {shown or 'nothing'}>"


class LambdaCallback(Callback):
    """Functions in the places of hooks: `LambdaCallback(on_epoch_end=lambda epoch, logs: ...)`."""

    def __init__(self, **hooks: Callable[..., Any]) -> None:
        known = [name for name in vars(Callback) if name.startswith("on_")]
        for name, function in hooks.items():
            check_choice("a hook", name, tuple(known))
            setattr(self, name, function)

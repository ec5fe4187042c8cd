"""Callback with Keras' hooks, and functions in their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import ArgumentTypeError
from nn import callbacks as own

__all__ = ["Callback", "LambdaCallback"]

_OLD = {"on_batch_begin": "on_train_batch_begin", "on_batch_end": "on_train_batch_end"}


class Callback(own.Callback):
    """Base of callbacks: override the hooks you need; `model` and `params` are set before.

    `on_batch_begin` and `on_batch_end` are old names of those of training batches.

    >>> from nn import keras
    >>> class Stop(keras.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         if logs["loss"] < 0.1:
    ...             self.model.stop_training = True
    """

    validation_data: Any = None

    def __init__(self) -> None:
        pass

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for old, now in _OLD.items():
            if old in vars(cls) and now not in vars(cls):
                setattr(cls, now, vars(cls)[old])

    def set_model(self, model: Any) -> None:
        """Say whose training it watches."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Say how the training is run: epochs, steps, verbose."""
        self.params = params

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """The old name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """The old name of `on_train_batch_end`."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of a prediction."""


class LambdaCallback(Callback):
    """Functions in the places of hooks: `LambdaCallback(on_epoch_end=lambda epoch, logs: ...)`."""

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Callable[..., Any],
    ) -> None:
        given = {name: value for name, value in locals().items() if name.startswith("on_")}
        for name, function in (given | kwargs).items():
            if not hasattr(Callback, name):
                raise ArgumentTypeError(
                    f"LambdaCallback has no hook {name!r}; hooks are on_epoch_begin, on_epoch_end, "
                    "on_train_begin, on_train_batch_end and so on"
                )
            if function is not None:
                setattr(self, str(_OLD.get(name, name)), function)

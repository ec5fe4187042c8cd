"""Keras' verbs of training, over nn.training's loop."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any

from autograd.engine.missing import nearest
from autograd.errors import ArgumentError, ArgumentTypeError, UnsupportedError, shown
from nn.callbacks.base import CallbackList, History
from nn.keras.models.batches import InTraining, TrainedByBatch, listed_scores
from nn.keras.models.files import load_weights, save_model, save_weights, to_json
from nn.keras.models.old_verbs import TrainedByOldNames
from nn.keras.naming import renamed
from nn.keras.structure import flatten
from nn.keras.training.compiled import KerasCompiled
from nn.keras.training.feed import Batches, as_tensors, feed_of, split_off
from nn.keras.training.progress import KerasProgress
from nn.keras.training.summary import summary
from nn.training.evaluation import scores
from nn.training.loop import train
from nn.training.prediction import outputs_of

__all__ = ["TrainedByKeras"]

_INSTEAD = {"nb_val_samples": "validation_steps, in batches",
            "samples_per_epoch": "steps_per_epoch, in batches",
            "show_accuracy": "compile(..., metrics=['accuracy'])"}  # fmt: skip
_IGNORED = {"workers", "use_multiprocessing", "max_queue_size"}


class TrainedByKeras(TrainedByOldNames, TrainedByBatch):
    """compile, fit, evaluate, predict and the rest, as Keras has them."""

    stop_training = False
    trainable_weights: Any
    losses: Any
    built: bool

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Say how to train: an optimizer, losses and metrics, by names or objects.

        Of a model of several outputs, `loss`, `loss_weights` and `metrics` are lists in their
        order or dicts by their names. With `jit_compile=True` outputs, losses and their gradients
        are computed by plans (`autograd.compile`); "auto" computes them eagerly.
        """
        if kwargs:
            raise _unknown(self.compile, next(iter(kwargs)))
        for name in ("train_step", "test_step", "predict_step", "compute_loss"):
            if hasattr(type(self), name):
                raise UnsupportedError(
                    f"{type(self).__name__}.{name} would not be called: fit has no steps to "
                    "override here; write losses with add_loss, or a loop with loss.backward() and "
                    "optimizer.step()"
                )
        self._compiled = KerasCompiled(  # type: ignore[assignment]
            self, optimizer, loss, loss_weights, metrics, weighted_metrics, jit_compile is True
        )

    @property
    def optimizer(self) -> Any:
        """The optimizer; None before `compile`."""
        return None if self._compiled is None else self._compiled.optimizer

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        compiled: Any = self._training()
        compiled._optimizer, compiled._built_for = optimizer, None

    @property
    def loss(self) -> Any:
        """The loss that `compile` was told."""
        return None if self._compiled is None else self._compiled.loss

    @property
    def metrics(self) -> list[Any]:
        """The metrics, once the outputs are known."""
        return [metric for _, _, metric, _ in getattr(self._compiled, "metrics", ())]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` lists, in order."""
        compiled: Any = self._training()
        return ["loss", *(name for _, name, _, _ in compiled.metrics)]

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> History:
        """Train on batches of (x, y), in a new order every epoch; returns the History.

        `x` is an array, a list or dict of arrays, a generator of batches (with `steps_per_epoch`),
        a `keras.utils.Sequence`, or a DataLoader. The rest is Keras' own.
        """
        epochs = _old_names(self.fit, kwargs, epochs)
        step = self._steps(training=True)
        held: Any = validation_data
        if validation_split:
            if validation_data is not None:
                raise ArgumentError("fit: give validation_data or validation_split, not both")
            (x, y, sample_weight), held = split_off(x, y, sample_weight, validation_split)
        feed = feed_of(
            x, y, sample_weight, batch_size=batch_size, steps=steps_per_epoch, shuffle=shuffle,
            class_weight=class_weight, what="fit",
        )  # fmt: skip
        held_out = _held_out(held, validation_batch_size or batch_size, validation_steps)
        history = self.history = History()
        progress = KerasProgress(verbose)
        params = {"epochs": epochs, "steps": feed.steps, "verbose": progress.verbose,
                  "batch_size": feed.batch_size}  # fmt: skip
        # the history last, so that it sees what callbacks add to the logs
        every = _every(callbacks, [progress, history], self, params)
        train(
            InTraining(self, step), feed, every, progress, (initial_epoch, epochs), held_out,
            _due(validation_freq),
        )  # fmt: skip
        if self.trainable_weights:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        return history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics over the data: a list, or the loss alone; or a dict of them."""
        _old_names(self.evaluate, kwargs, 1)
        step = self._steps(training=False)
        feed = feed_of(x, y, sample_weight, batch_size=batch_size, steps=steps, what="evaluate")
        progress = KerasProgress(verbose, alone=True)
        every = _every(callbacks, [progress], self, {"steps": feed.steps})
        scores(step, feed, every, progress)
        return listed_scores(step, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs for all examples, as an array, or arrays in the form of the outputs."""
        _old_names(self.predict, kwargs, 1)
        feed = feed_of(x, batch_size=batch_size, steps=steps, what="predict")
        progress = KerasProgress(verbose, alone=True)
        every = _every(callbacks, [progress], self, {"steps": feed.steps})
        return outputs_of(self, self._inputs_of(feed, progress, every))

    def _inputs_of(
        self, feed: Batches, progress: KerasProgress, every: CallbackList
    ) -> Iterable[tuple[Any, ...]]:
        progress.begin()
        _hook(every, "on_predict_begin", {})
        for number, (x, _, _) in enumerate(feed):
            _hook(every, "on_predict_batch_begin", number, {})
            yield (self.fitted(as_tensors(x)),)
            _hook(every, "on_predict_batch_end", number, {})
            if progress.is_due():
                progress.on_batch(number, {})
        progress.end()
        _hook(every, "on_predict_end", {})

    # ---- to be seen and kept -------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers."""
        (print_fn or print)(summary(self, show_trainable))

    def save(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Save the model: layers, weights and how it was compiled. See `load_model`."""
        save_model(self, filepath, overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Save the weights alone."""
        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Take the weights that `save_weights`, or `save`, has written."""
        load_weights(self, filepath, skip_mismatch)

    def to_json(self, **kwargs: Any) -> str:
        """The layers as JSON, without the weights. See `model_from_json`."""
        return to_json(self)


def _unknown(verb: Callable[..., Any], name: str, now: str | None = None) -> ArgumentTypeError:
    """The error for an option that a verb has not, with the one that is nearest."""
    options = [each for each in inspect.signature(verb).parameters if each != "kwargs"]
    hint = f"; it is {now} now" if now else nearest(name, options)
    if not hint:
        hint = f"; it takes {', '.join(options)}"
    return ArgumentTypeError(f"{verb.__name__} has no option {name!r}{hint}")


def _old_names(verb: Callable[..., Any], kwargs: dict[str, Any], epochs: int) -> int:
    """The number of epochs; other old names are refused by what they are now."""
    for name, value in renamed("fit", kwargs, {"nb_epoch": "epochs"}, stacklevel=4).items():
        if name == "epochs":
            epochs = value
        elif name not in _IGNORED:
            raise _unknown(verb, name, _INSTEAD.get(name))
    if not isinstance(epochs, Integral):
        raise ArgumentTypeError(f"fit: epochs is a whole number, got {shown(epochs)}")
    return epochs


def _held_out(data: Any, batch_size: int | None, steps: int | None) -> Batches | None:
    """What validates, from its beginning each time."""
    if data is None:
        return None
    parts = tuple(data) if isinstance(data, (tuple, list)) else (data,)
    if len(parts) > 3:
        raise ArgumentError("fit: validation_data is (x, y) or (x, y, sample_weight)")
    what = "fit: validation data"
    feed = feed_of(*parts, batch_size=batch_size, steps=steps, what=what)
    feed.restarts = True
    return feed


def _due(freq: Any) -> Callable[[int], bool]:
    if isinstance(freq, int):
        return lambda epoch: (epoch + 1) % freq == 0
    wanted = set(freq)
    return lambda epoch: epoch + 1 in wanted


def _every(given: Any, own: list[Any], model: Any, params: dict[str, Any]) -> CallbackList:
    """The callbacks that are given, one or several, and those of the training itself."""
    return CallbackList([*flatten([] if given is None else given), *own], model, params)


def _hook(every: CallbackList, name: str, *arguments: Any) -> None:
    """Call a hook that the callbacks of Keras alone have."""
    for callback in every.callbacks:
        getattr(callback, name, _nothing)(*arguments)


def _nothing(*arguments: Any) -> None:
    """What a callback without the hook does."""

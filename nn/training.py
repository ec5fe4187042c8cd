"""Training: the loop behind `Model.fit`, `evaluate` and `predict`. It alone knows `optim`.

A step is what one writes by hand: output, loss, zero_grad, backward, step; `fit` gives the same
weights to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import optim
from autograd import Graph, no_grad
from autograd.errors import NaNError
from nn.callbacks import CallbackList, History, Logs
from nn.feed import Feed, as_loader, as_target, split_off
from nn.model import Model
from nn.names import look_up, loss_named
from nn.parameter import is_lazy
from nn.progress import Progress
from nn.utils import clip_grad_norm_

__all__ = ["Compiled", "evaluate", "fit", "predict"]

# Keras' names, with Keras' numbers where they are not PyTorch's.
OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "adadelta": (optim.Adadelta, {"lr": 0.001, "rho": 0.95, "eps": 1e-7}),
    "adafactor": (optim.Adafactor, {}),
    "adagrad": (optim.Adagrad, {"lr": 0.001, "initial_accumulator_value": 0.1, "eps": 1e-7}),
    "adam": (optim.Adam, {"eps": 1e-7}),
    "adamax": (optim.Adamax, {"lr": 0.001, "eps": 1e-7}),
    "adamw": (optim.AdamW, {"weight_decay": 0.004, "eps": 1e-7}),
    "lion": (optim.Lion, {}),
    "muon": (optim.Muon, {}),
    "nadam": (optim.NAdam, {"lr": 0.001, "eps": 1e-7}),
    "radam": (optim.RAdam, {}),
    "rmsprop": (optim.RMSprop, {"lr": 0.001, "alpha": 0.9, "eps": 1e-7}),
    "sgd": (optim.SGD, {"lr": 0.01}),
}


class Compiled:
    """What `compile` was told. A copy or a pickle of the model is not compiled."""

    def __init__(
        self, model: Model, optimizer: Any, loss: Any, metrics: Any, clip_norm: float | None
    ) -> None:
        if isinstance(optimizer, str):
            make, options = look_up("optimizer", optimizer, OPTIMIZERS)
            self._make: Any = partial(make, **options)
        elif isinstance(optimizer, optim.Optimizer) or callable(optimizer):
            self._make = optimizer
        else:
            raise TypeError(
                "the optimizer must be a name, such as 'adam', an optimizer of the model's "
                "parameters, or a function that makes one of them, got "
                f"{type(optimizer).__name__}"
            )
        self._optimizer = optimizer if isinstance(optimizer, optim.Optimizer) else None
        if self._optimizer is not None:
            _check_owner(model, self._optimizer)
        self.model = model
        self.loss: Any = None if loss is None else loss_named(loss)
        self.metrics = _metrics(metrics, self.loss)
        self.clip_norm = clip_norm

    def __reduce__(self) -> Any:
        return _not_compiled, ()

    @property
    def optimizer(self) -> Any:
        if self._optimizer is None:
            if lazy := [name for name, p in self.model.named_parameters() if is_lazy(p)]:
                raise RuntimeError(
                    f"{lazy[0]} has no shape yet, so there is no optimizer: begin the model with "
                    "nn.Input(shape), or call it once on data"
                )
            self._optimizer = self._make(self.model.parameters())
        return self._optimizer

    def step(self, loss: Any) -> None:
        """What one writes by hand."""
        optimizer = self.optimizer
        optimizer.zero_grad()
        loss.backward()
        if self.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.clip_norm)
        optimizer.step()

    def check_loss(self) -> None:
        if self.loss is None:
            raise RuntimeError("there is no loss: name one, as in model.compile(loss='mse')")


def _not_compiled() -> None:
    return None


def _metrics(metrics: Any, loss: Any) -> list[Any]:
    from nn import metrics as known

    single = isinstance(metrics, str) or callable(metrics)
    found = [known.get(metric, loss) for metric in ([metrics] if single else metrics)]
    names = [metric.name for metric in found]
    if twice := {name for name in names if names.count(name) > 1 or name == "loss"}:
        raise ValueError(f"two metrics are called {twice.pop()!r}: give one another name=")
    return found


def _check_owner(model: Model, optimizer: Any) -> None:
    own = set(map(id, model.parameters()))
    if not any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(
            "the optimizer holds no parameter of this model: make it with model.parameters()"
        )


# ---- fit -----------------------------------------------------------------------------------------


def fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    epochs: int,
    verbose: str | int,
    callbacks: Sequence[Any],
    validation_split: float,
    validation_data: Any,
    shuffle: bool,
    initial_epoch: int,
    rng: Any,
) -> History:
    compiled = model._training()
    compiled.check_loss()
    x, y, held = split_off(x, y, validation_split, validation_data)
    loader = as_loader(model, x, y, batch_size, shuffle=shuffle, rng=rng, what="fit")
    held_out = None
    if held is not None:
        held_out = as_loader(model, held[0], held[1], batch_size, what="fit: validation data")
    history = model.history = History()
    progress = Progress.for_verbosity(verbose)
    params = {"epochs": epochs, "steps": len(loader), "batch_size": loader.batch_size}
    every = CallbackList([history, *callbacks, progress], model, params)
    model.stop_training = False
    training = model.training
    model.train()
    _build(model, loader)
    try:
        every.on_train_begin()
        for epoch in range(max(initial_epoch, every.initial_epoch), epochs):
            every.on_epoch_begin(epoch)
            logs = _epoch(model, compiled, loader, every, progress, epoch)
            if held_out is not None:
                scores = _evaluate(model, compiled, held_out, every)
                logs |= {f"val_{name}": value for name, value in scores.items()}
            every.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        every.on_train_end()
    finally:
        progress.close()
        model.train(training)
    return history


def _build(model: Model, loader: Any) -> None:
    """Make the parameters of layers that wait for an input, so that there is an optimizer."""
    if any(map(is_lazy, model.parameters())):
        *inputs, _ = loader.first()
        with no_grad():
            model.eval()(*inputs)
            model.train()


def _epoch(
    model: Model,
    compiled: Compiled,
    loader: Feed,
    every: CallbackList,
    progress: Progress,
    epoch: int,
) -> Logs:
    """Train on every batch once; the mean loss, and the metrics."""
    mean = Mean(compiled)
    for number, (*inputs, target) in enumerate(loader):
        for hook in every.batch_begin:
            hook(number, {})
        output = model(*inputs)
        target = as_target(target, output)
        loss = compiled.loss(output, target)
        value = loss.item()
        if not math.isfinite(value):
            _stop(model, every, loss, value, epoch, number)
            break
        compiled.step(loss)
        mean.update(value, target, output)
        for hook in every.batch_end:
            hook(number, mean.logs())
        if progress.is_due():
            progress.on_batch(number, mean.logs())
    return mean.logs()


class Mean:
    """The mean of the loss over examples, and the metrics, of an epoch so far."""

    def __init__(self, compiled: Compiled) -> None:
        self.metrics = compiled.metrics
        self.total, self.seen = 0.0, 0
        for metric in self.metrics:
            metric.reset_state()

    def update(self, value: float, target: Any, output: Any) -> None:
        size = len(target)
        self.total += value * size
        self.seen += size
        if self.metrics:
            true, predicted = target.numpy(), output.numpy()
            for metric in self.metrics:
                metric.update_state(true, predicted)

    def logs(self) -> Logs:
        loss = self.total / self.seen if self.seen else math.nan
        return {"loss": loss} | {m.name: m.result() for m in self.metrics if self.seen}


def _stop(
    model: Model, every: CallbackList, loss: Any, value: float, epoch: int, number: int
) -> None:
    """A loss that is not finite ends the training: by a callback, or by an error."""
    for hook in every.batch_end:
        hook(number, {"loss": value})
    if not model.stop_training:
        raise NaNError(_story(loss, value, epoch, number))


def _story(loss: Any, value: float, epoch: int, number: int) -> str:
    """Where in the graph of a loss the first number that is not finite stands."""
    where = ""
    with np.errstate(all="ignore"):
        values = Graph(loss).values()
    for node, found in values.items():
        if isinstance(found, tuple) or np.all(np.isfinite(np.asarray(found))):
            continue
        if node.is_leaf:
            where = f"the parameter {node.name or node.label()} is not finite any more"
        else:
            scope = f" in {node.scope!r}" if node.scope is not None else ""
            where = f"the first such value is the output of {node.op.name}{scope}"
        break
    return (
        f"fit: the loss is {value} in epoch {epoch + 1}, step {number + 1}"
        f"{': ' * bool(where)}{where}.\n  The weights are those before this step. A smaller "
        "learning rate, scaled inputs, or compile(clip_norm=1.0) often help."
    )


# ---- evaluate and predict ------------------------------------------------------------------------


def evaluate(
    model: Model, x: Any, y: Any, *, batch_size: int | None, verbose: str | int
) -> dict[str, float]:
    compiled = model._training()
    compiled.check_loss()
    loader = as_loader(model, x, y, batch_size, what="evaluate")
    progress = Progress.for_verbosity(verbose)
    every = CallbackList([progress], model, {"steps": len(loader)})
    try:
        return _evaluate(model, compiled, loader, every)
    finally:
        progress.close()


def _evaluate(
    model: Model, compiled: Compiled, loader: Feed, every: CallbackList
) -> dict[str, float]:
    mean = Mean(compiled)
    training = model.training
    model.eval()
    every.on_test_begin()
    try:
        with no_grad():
            for *inputs, target in loader:
                output = model(*inputs)
                target = as_target(target, output)
                mean.update(compiled.loss(output, target).item(), target, output)
    finally:
        model.train(training)
    scores = mean.logs()
    every.on_test_end(scores)
    return scores


def predict(model: Model, x: Any, *, batch_size: int | None) -> Any:
    loader = as_loader(model, x, None, batch_size, what="predict")
    training = model.training
    model.eval()
    try:
        with no_grad():
            return np.concatenate([model(*inputs).numpy() for inputs in loader])
    finally:
        model.train(training)

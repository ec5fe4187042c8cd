"""What `compile` was told: an optimizer, and losses and metrics by output."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError, StateError
from nn.keras import losses, metrics, optimizers
from nn.keras.engine.masks import has_masks, mask_of
from nn.keras.structure import flatten
from nn.keras.training.feed import as_tensors
from nn.training.compiled import Jit
from nn.training.evaluation import Mean, Step

__all__ = ["KerasCompiled", "KerasStep"]


class KerasCompiled:
    """What `compile` was told. A copy or a pickle of the model is not compiled."""

    def __init__(
        self, model: Any, optimizer: Any, loss: Any, loss_weights: Any, metrics_given: Any,
        weighted_metrics: Any, jit_compile: bool = False,
    ) -> None:  # fmt: skip
        self.model = model
        self._optimizer = optimizers.get(optimizer)
        self.loss, self.loss_weights = loss, loss_weights
        if any(isinstance(weight, str) for weight in flatten(loss_weights)):
            raise ArgumentError(
                f"compile: the third argument is loss_weights; write metrics={loss_weights!r}"
            )
        self.given = {"metrics": metrics_given, "weighted_metrics": weighted_metrics}
        for what, given in self.given.items():
            if given is not None and not isinstance(given, (list, tuple, dict)):
                raise ArgumentError(f"compile: {what} is a list, write {what}=[{given!r}]")
        if isinstance(loss, str):
            losses.as_loss(loss)  # which says now what it does not know
        self.jit = Jit(jit_compile)
        self.reducer: Any = None  # of several processes that train together
        self._built_for: Any = None
        self._known: set[int] = set()
        self.losses: list[Any] = []
        self.metrics: list[tuple[int, str, Any, bool]] = []  # output, name, metric, weighted
        self.names: list[str | None] = []
        self.order: list[int] = []  # of the losses in what evaluate lists

    def __reduce__(self) -> Any:
        return _not_compiled, ()

    @property
    def optimizer(self) -> Any:
        """The optimizer, with the parameters of the model once they are there."""
        if self._built_for is None and self.model.built:
            trained = self.model.trainable_weights
            if trained:
                self._optimizer.build(trained)
                self._known = set(map(id, trained))
                self._built_for = trained
        return self._optimizer

    def step(self, loss: Any) -> None:
        """A step down the gradients of a loss."""
        trained = self.model.trainable_weights
        if not trained:
            warnings.warn(f"{self.model.name} has no weights to train", stacklevel=2)
            return
        optimizer = self.optimizer
        if not self._known.issuperset(map(id, trained)):
            raise StateError(
                f"{self.model.name} has weights to train that the optimizer does not know: they "
                "were frozen, or not there, at the first step; compile the model again"
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()  # which holds the weights to their constraints

    # ---- by output -----------------------------------------------------------------------------

    def build(self, outputs: list[Any], form: Any) -> None:
        """Find out which losses and metrics the outputs have."""
        names = self._names(form, len(outputs))
        self.names = names
        self.losses = [losses.as_loss(each) for each in self._spread(self.loss, names, "loss")]
        by_name = isinstance(form, dict) and isinstance(self.loss, dict)
        self.order = [*map(names.index, self.loss)] if by_name else [*range(len(names))]
        self.weights = self._spread(self.loss_weights, names, "loss_weights")
        self.metrics = []
        for what, given in self.given.items():
            single = len(outputs) == 1 and not isinstance(given, dict)
            per_output = [given] if single else self._spread(given, names, what)
            for number, several in enumerate(per_output):
                listed = several if isinstance(several, (list, tuple)) else [several]
                for metric in flatten(listed):
                    if metric is not None:
                        self._add(number, metric, what == "weighted_metrics")

    def _add(self, number: int, given: Any, weighted: bool) -> None:
        metric = metrics.as_metric(given)
        name = metric.name if len(self.names) == 1 else f"{self.names[number]}_{metric.name}"
        known = {n for _, n, _, _ in self.metrics}
        if name in known and weighted:
            name = f"weighted_{name}"
        shown, count = name, 1
        while shown in known:
            shown, count = f"{name}_{count}", count + 1
        self.metrics.append((number, shown, metric, weighted))

    def _names(self, form: Any, count: int) -> list[Any]:
        if isinstance(form, dict):
            return [*form]
        named = getattr(self.model, "output_names", None)
        if named and len(named) == count:
            return list(named)
        return [f"output_{i}" for i in range(count)]

    def _spread(self, given: Any, names: list[Any], what: str) -> list[Any]:
        """What is given for each output: by name, in order, or one for all."""
        if isinstance(given, dict):
            unknown = [name for name in given if name not in names]
            if unknown:
                raise ArgumentError(
                    f"compile: {what} names the output {unknown[0]!r}; the outputs are "
                    f"{', '.join(map(str, names))}"
                )
            return [given.get(name) for name in names]
        if isinstance(given, (list, tuple)):
            if len(given) == len(names):
                return list(given)
            if what != "loss" and what.endswith("metrics"):
                return [given] * len(names) if len(names) == 1 or not given else _misfit(
                    what, given, names)  # fmt: skip
            _misfit(what, given, names)
        if given is None or len(names) == 1 or what == "loss":
            return [given] * len(names)
        return _misfit(what, given, names)

    def targets(self, y: Any, count: int) -> list[Any]:
        """The target of each output."""
        if isinstance(y, dict):
            missing = [name for name in self.names if name not in y]
            if missing:
                raise ArgumentError(f"y has no part for the output {missing[0]!r}")
            return [y[name] for name in self.names]
        found: list[Any] = flatten(y) if count > 1 else [flatten(y)[0] if y is not None else None]
        with_loss = [number for number, loss in enumerate(self.losses) if loss is not None]
        if len(found) == len(with_loss) < count:  # those without a loss need no target
            by_number = dict(zip(with_loss, found, strict=True))
            return [by_number.get(number) for number in range(count)]
        if len(found) != count:
            raise ArgumentError(f"the model has {count} outputs and y has {len(found)} parts")
        return found


def _misfit(what: str, given: Any, names: list[Any]) -> Any:
    raise ArgumentError(
        f"compile: {what} has {len(given) if hasattr(given, '__len__') else 1} entries for "
        f"{len(names)} outputs; give one for each, or a dict by their names: "
        f"{', '.join(map(str, names))}"
    )


def _scored(step: KerasStep, x: Any, y: Any, weight: Any) -> Any:
    total, _, (targets, weights, parts), outputs = step.scored(x, y, weight)
    return total, targets, weights, parts, outputs


def _not_compiled() -> None:
    return None


# ---- a batch -------------------------------------------------------------------------------------


class KerasMean(Mean):
    """The loss as the mean over the examples of what the batches gave, and the metrics."""

    def __init__(self, compiled: KerasCompiled) -> None:
        self.compiled, self.metrics = compiled, []
        self.total, self.divisor, self.seen = 0.0, 0.0, 0
        self.parts = np.zeros(0)
        for _, _, metric, _ in compiled.metrics:
            metric.reset_state()

    def update(self, value: float, count: float | None, target: Any, output: Any) -> None:
        y, weights, parts = target
        self.seen += 1
        self.total += value * (count or 0)
        self.divisor += count or 0
        if len(parts) > 1:
            values = np.array([0.0 if p is None else p.item() for p in parts])
            self.parts = (self.parts if self.parts.size else 0) + values * (count or 0)
        for number, _, metric, weighted in self.compiled.metrics:
            pair = _out(y[number]), _out(output[number])
            if weighted and weights[number] is not None:
                metric.update_state(*pair, sample_weight=_out(weights[number]))
            else:
                metric.update_state(*pair)

    def listed(self) -> list[Any]:
        """What `evaluate` lists: the loss, the metrics by their own names, then the others."""
        logs, compiled = self.logs(), self.compiled
        names = [compiled.names[number] for number in compiled.order]
        losses = [f"{name}_loss" for name in names]
        own = ["loss", *losses, *(metric.name for _, _, metric, _ in compiled.metrics)]
        return [logs[n] for n in own if n in logs] + [logs[n] for n in logs if n not in own]

    def in_order(self) -> dict[str, float]:
        """The loss, those of the outputs, and the metrics."""
        divisor = self.divisor or 1.0
        found = {"loss": self.total / divisor}
        names = self.compiled.names
        losses = self.compiled.losses
        several = sum(loss is not None for loss in losses) > 1
        for name, value, loss in zip(names, self.parts, losses, strict=False):
            if loss is not None and several:
                found[f"{name}_loss"] = float(value / divisor)
        for _, name, metric, _ in self.compiled.metrics:
            result = metric.result()
            size = np.size(np.asarray(_out(result)))
            found[name] = float(np.asarray(_out(result))) if size == 1 else _out(result)
        return found

    def logs(self) -> dict[str, Any]:
        return dict(sorted(self.in_order().items()))

    def result(self) -> dict[str, Any]:
        return self.logs()


def _out(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) else x


class KerasStep(Step):
    """A batch with Keras' meaning: (x, y, sample_weight), losses by output, penalties."""

    model: Any
    compiled: Any
    raises_at_nan = False
    stops_at_once = True
    last: KerasMean | None = None

    def __init__(self, model: Any, compiled: Any, training: bool) -> None:
        super().__init__(model, compiled)
        self.training = training

    def mean(self) -> Mean:
        self.last = KerasMean(self.compiled)
        return self.last

    def parts(self, batch: Any) -> tuple[list[Any], Any]:
        x, y, _ = map(as_tensors, batch)
        return [self.model.fitted(x)], y

    def validated(self, logs: Any, found: Any) -> Any:
        return dict(sorted(super().validated(logs, found).items()))

    def run(self, batch: Any) -> tuple[Any, float | None, Any, Any]:
        if batch[0] is None:
            raise ArgumentError("there are no inputs in the data")
        compiled = self.compiled
        if not compiled.losses or not compiled.jit.is_on:  # the first tells what outputs there are
            return self.scored(*map(as_tensors, batch))
        run = compiled.jit(f"scored, training {self.training}", partial(_scored, self.again()))
        total, targets, weights, parts, outputs = run(*map(as_tensors, batch))
        return total, len(outputs[0]), (targets, weights, parts), outputs

    def train(self, batch: Any) -> tuple[Any, bool]:
        """Keras' optimizers count and cut gradients in Python, so their steps are no plan's."""
        return self.run(batch), False

    def computes(self) -> None:
        """Nothing: no plan holds a whole step."""
        return

    def again(self) -> KerasStep:
        """A step that nothing is known of but what it computes."""
        return KerasStep(self.model, self.compiled, self.training)

    def scored(self, x: Any, y: Any, weight: Any) -> tuple[Any, float | None, Any, Any]:
        """The loss of a batch of Tensors, and what `run` gives besides."""
        form = self.model(self.model.fitted(x), training=self.training)
        outputs = [*form.values()] if isinstance(form, dict) else flatten(form)
        compiled = self.compiled
        if not compiled.losses:
            compiled.build(outputs, form)
        targets = compiled.targets(y, len(outputs))
        weights = flatten(weight) if isinstance(weight, (list, tuple, dict)) else [weight]
        weights = weights * len(outputs) if len(weights) == 1 else weights
        masks = [mask_of(out) if has_masks() else None for out in outputs]
        checked = self._checked(targets, outputs)
        each = zip(compiled.losses, checked, outputs, weights, masks, strict=True)
        parts = [None if loss is None else loss(t, out, w, m) for loss, t, out, w, m in each]
        total: Any = None
        for part, scale in zip(parts, compiled.weights, strict=True):
            if part is not None:
                part = part if scale is None else part * scale
                total = part if total is None else total + part
        for penalty in self.model.losses:
            total = penalty if total is None else total + penalty
        if total is None:
            raise StateError("there is no loss: name one, as in model.compile(loss='mse')")
        return total, len(outputs[0]), (targets, weights, parts), outputs

    def _checked(self, targets: list[Any], outputs: list[Any]) -> list[Any]:
        for y, out, loss in zip(targets, outputs, self.compiled.losses, strict=True):
            if loss is not None and y is None:
                raise ArgumentError("there is no y; give the targets, as in fit(x, y)")
            if loss is not None and len(y) != len(out):
                raise ShapeError(f"the targets are {y.shape} and the outputs {out.shape}")
        return targets

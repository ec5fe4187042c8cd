"""One batch at a time, as Keras has it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from nn.keras.structure import mapped
from nn.keras.training.compiled import KerasStep
from nn.keras.training.feed import Batches, as_tensors, feed_of
from nn.module.modes import in_mode
from nn.training.trainable import Trainable

__all__ = ["InTraining", "TrainedByBatch", "listed_scores"]


class TrainedByBatch(Trainable):
    """train_on_batch, test_on_batch and predict_on_batch."""

    def _steps(self, training: bool) -> KerasStep:
        return KerasStep(self, self._training(), training)

    def fitted(self, x: Any) -> Any:
        """Data as the model takes them."""
        return x

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:  # fmt: skip
        """One step on one batch; the loss, and the metrics."""
        feed = feed_of(x, y, sample_weight, batch_size=2**62, class_weight=class_weight,
                       what="train_on_batch")  # fmt: skip
        return self._on_batch(feed, return_dict, training=True)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss, and the metrics, of one batch."""
        feed = feed_of(x, y, sample_weight, batch_size=2**62, what="test_on_batch")
        return self._on_batch(feed, return_dict, training=False)

    def _on_batch(self, feed: Batches, return_dict: bool, training: bool) -> Any:
        step = self._steps(training)
        if training:
            step = InTraining(self, step)
        mean = step.mean()
        for batch in feed:
            with in_mode(self, training=training):
                loss, count, target, output = step.run(batch)
                if training:
                    step.compiled.step(loss)
            mean.update(loss.item(), count, target, output)
        return listed_scores(step, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as arrays."""
        with no_grad():
            out = self(self.fitted(as_tensors(x)), training=False)
        return mapped(lambda t: np.array(t.numpy()) if isinstance(t, Tensor) else t, out)

    def reset_metrics(self) -> None:
        """Let the metrics begin anew."""
        for _, _, metric, _ in getattr(self._compiled, "metrics", ()):
            metric.reset_state()


class InTraining(KerasStep):
    """Trains in `run` of training batches, and evaluates what is held out."""

    def __init__(self, model: Any, step: KerasStep) -> None:
        super().__init__(model, step.compiled, True)

    def run(self, batch: Any) -> Any:
        self.training = bool(self.model.training)  # which the loop sets
        return super().run(batch)


def listed_scores(step: KerasStep, return_dict: bool) -> Any:
    """What `evaluate` gives: a list, or the loss alone; or a dict."""
    found: Any = step.last
    if return_dict:
        return found.logs()
    values = found.listed()
    return values if len(values) > 1 else values[0]

"""TensorBoard: what a training is, written while it runs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Graph, no_grad, profile
from autograd.engine.diagnose import check_choice
from autograd.engine.modes import current_mode
from autograd.engine.watch import Watch
from autograd.errors import ArgumentError, AutogradError
from autograd.extend import raw
from nn.callbacks.base import Callback, Logs
from nn.callbacks.logger import learning_rates
from nn.embedding.layers import Embedding
from nn.metrics.counts import ConfusionMatrix
from nn.module.modes import in_mode
from nn.tensorboard.writer import SummaryWriter

_RECTIFIERS = ("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "hardtanh")  # which can die


class TensorBoard(Callback):
    """Write a training into `log_dir` for TensorBoard: `tensorboard --logdir logs`.

    Losses, metrics, learning rates, and the norm of the gradient are written at every epoch, under
    Keras' names, those of the validation data beside them; with `update_freq="batch"`, or a
    number of batches, the first ones within an epoch too. What else there is to see:

    * `histogram_freq`: at every so many epochs, histograms of weights and of the gradients of the
      last batch, the share of dead units of each rectifier, and with `write_images` the weights as
      pictures.
    * `write_graph`: the graph of the model on the first batch, with shapes, times and bytes.
    * `embeddings_freq`: at every so many epochs, the weights of Embedding layers for the projector,
      with the labels of `embeddings_metadata`: a list, a file of lines, or a dict of these by the
      name of the layer.
    * `confusion_freq`: at every so many epochs, confusion matrix and precision-recall curves of the
      validation data, for classes called `class_names`.
    * `profile_batch`: a batch, or the first and the last of some, of the first epoch to be
      profiled: the table as text, and `profile.json` for ui.perfetto.dev.
    * `hparams`: hyper-parameters, as a dict, to be compared with those of other trainings.

    Needs tensorboardX. What was written is in the files at once: a training that is killed loses
    nothing of it.
    """

    rank_zero_only = True

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
        *,
        hparams: Mapping[str, Any] | None = None,
        confusion_freq: int = 0,
        class_names: Sequence[str] | None = None,
    ) -> None:
        if isinstance(update_freq, str):
            check_choice("update_freq", update_freq, ("batch", "epoch"))
        freqs = {"histogram_freq": histogram_freq, "embeddings_freq": embeddings_freq,
                 "confusion_freq": confusion_freq}  # fmt: skip
        for name, value in freqs.items():
            if not isinstance(value, (int, np.integer)) or value < 0:
                raise ArgumentError(
                    f"TensorBoard: {name} is {value!r}; it counts epochs (0: never)"
                )
        first, last = profile_batch if isinstance(profile_batch, tuple) else (profile_batch,) * 2
        if not 0 <= first <= last:
            raise ArgumentError(
                f"TensorBoard: profile_batch is {profile_batch!r}; it is a batch, or the first and "
                "the last of some (0: none)"
            )
        self.log_dir = Path(log_dir)
        self.freqs = freqs
        self.write_graph, self.write_images = write_graph, write_images
        self.write_speed = write_steps_per_second
        self.every: int = {"batch": 1, "epoch": 0}.get(update_freq, update_freq)  # type: ignore[arg-type]
        self._profiled = range(first, last + 1) if first else range(0)
        self.embeddings_metadata = embeddings_metadata
        self.hparams = hparams
        self.class_names = class_names
        self._writers: dict[str, SummaryWriter] = {}
        self._steps = 0
        self._began = (0, 0.0)  # steps and seconds where the epoch began
        self._open = ExitStack()

    # ---- what fit calls --------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs) -> None:
        self._leave()
        self._steps = 0
        self._writer("train")

    def on_epoch_begin(self, epoch: int, logs: Logs) -> None:
        self._began = self._steps, time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: Logs) -> None:
        if self._profiled and self._steps + 1 == self._profiled[0]:
            self._profile = self._open.enter_context(profile())

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        self._steps += 1
        if self._steps == 1 and self.write_graph:
            self._add_graph()
        if self._profiled and self._steps == self._profiled[-1]:
            self._open.close()
            self._writer("train").add_text("profile", f"```\n{self._profile}\n```", self._steps)
            self._profile.save(self.log_dir / "train" / "profile.json")
        if self.every and self._steps % self.every == 0:
            for name, value in logs.items():
                self._scalar("train", f"batch_{name}", value, self._steps)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        for name, value in logs.items():
            run, own = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
            self._scalar(run, f"epoch_{own}", value, epoch)
        for name, value in learning_rates(self.model).items():
            self._scalar("train", f"epoch_{name.replace('lr', 'learning_rate', 1)}", value, epoch)
        if self.write_speed:
            steps, seconds = self._steps - self._began[0], time.perf_counter() - self._began[1]
            self._scalar("train", "epoch_steps_per_second", steps / seconds, epoch)
        grads = [p.grad for p in self.model.parameters() if p.grad is not None]
        if grads:
            norm = np.sqrt(sum(map(_squares, map(raw, grads))))
            self._scalar("train", "epoch_gradient_norm", norm, epoch)
        due = {name for name, freq in self.freqs.items() if freq and epoch % freq == 0}
        if "histogram_freq" in due:
            self._add_weights(epoch)
            self._add_dead_units(epoch)
        if "embeddings_freq" in due:
            self._add_embeddings(epoch)
        if "confusion_freq" in due and self.step.held_out is not None:
            self._add_confusion(epoch)

    def on_train_end(self, logs: Logs) -> None:
        if self.hparams is not None:
            final = {f"final/{k}": float(v) for k, v in logs.items() if np.ndim(v) == 0}
            self._writer("train").add_hparams(dict(self.hparams), final, name="hparams")

    def _leave(self) -> None:
        self._open.close()
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.close()

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._steps = state_dict["steps"]

    # ---- what it writes --------------------------------------------------------------------------

    def _writer(self, run: str) -> SummaryWriter:
        """The writer of `train` or `validation`, which TensorBoard shows as two runs."""
        if run not in self._writers:
            self._writers[run] = SummaryWriter(self.log_dir / run)
        return self._writers[run]

    def _scalar(self, run: str, tag: str, value: Any, step: int) -> None:
        if np.ndim(value) == 0:
            self._writer(run).add_scalar(tag, float(value), step)

    def _add_graph(self) -> None:
        with in_mode(self.model, training=False):
            try:
                inputs, _ = self.step.parts(self.step.batch)
                self._writer("train").add_graph(self.model, *inputs)
            except AutogradError as error:  # a model that no graph holds trains all the same
                self._writer("train").add_text("graph", f"there is no graph of this model: {error}")

    def _add_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for name, p in self.model.named_parameters():
            tag, value = name.replace(".", "/"), raw(p)
            writer.add_histogram(f"{tag}/weight", value, epoch)
            if p.grad is not None:
                writer.add_histogram(f"{tag}/gradient", raw(p.grad), epoch)
            if self.write_images and np.ndim(value) in (2, 3, 4):
                writer.add_images(tag, _pictures(value), epoch, dataformats="NHWC")

    def _add_dead_units(self, epoch: int) -> None:
        """The share of units of each rectifier that are at zero for all of the last batch."""
        watch = _DeadUnits()
        with in_mode(self.model, training=False), no_grad(), watch, suppress(AutogradError):
            Graph(self.model, *self.step.parts(self.step.batch)[0])  # which puts back what it wrote
        for where, dead in watch.found:
            self._scalar("train", f"dead_units/{where}", dead, epoch)

    def _add_embeddings(self, epoch: int) -> None:
        for name, layer in self.model.named_modules():
            if isinstance(layer, Embedding):
                labels = self.embeddings_metadata
                labels = labels.get(name) if isinstance(labels, Mapping) else labels
                if isinstance(labels, (str, os.PathLike)):
                    labels = Path(labels).read_text(encoding="utf-8").splitlines()
                known = None if labels is None else [str(label) for label in labels]
                self._writer("train").add_embedding(layer.weight, known, None, epoch, name)

    def _add_confusion(self, epoch: int) -> None:
        """Confusion matrix and precision-recall curves of a model that gives scores of classes."""
        outputs, labels = [], []
        with in_mode(self.model, training=False), no_grad():
            for batch in self.step.held_out:
                inputs, target = self.step.parts(batch)
                outputs.append(np.asarray(raw(self.model(*inputs))))
                labels.append(np.asarray(raw(target)))
        scores, true = np.concatenate(outputs), np.concatenate(labels)
        matrix = ConfusionMatrix()(true, scores)
        writer = self._writer("validation")
        writer.add_confusion_matrix("confusion", matrix, self.class_names, epoch)
        if scores.ndim != 2:
            return
        shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = shifted / shifted.sum(axis=1, keepdims=True)
        called = true.argmax(axis=1) if true.shape == scores.shape else true.reshape(-1)
        for k in range(scores.shape[1]):
            name = self.class_names[k] if self.class_names is not None else str(k)
            writer.add_pr_curve(f"precision_recall/{name}", called == k, chances[:, k], epoch)


class _DeadUnits(Watch):
    """Finds the share of units that each rectifier of a call leaves at zero in a whole batch."""

    sees_forward = True

    def __init__(self) -> None:
        self.found: list[tuple[str, float]] = []

    def forward(self, op: Any, run: Any, /, *values: Any, **params: Any) -> Any:
        out = run(*values, **params)
        if op.name in _RECTIFIERS and np.ndim(out) > 1:
            held = np.asarray(raw(out))
            dead = np.all(held <= 0, axis=(0, *range(2, held.ndim)))
            scope = current_mode().scope
            where = "" if scope is None else scope.path.replace(".", "/")
            self.found.append((where or op.name, float(np.mean(dead))))
        return out


def _squares(numbers: Any) -> float:
    """The sum of squares: not by BLAS, whose threads would be woken for it."""
    sizes = np.abs(numbers) if np.iscomplexobj(numbers) else np.asarray(numbers)
    return float(np.square(sizes.astype(np.float64)).sum())


def _pictures(weight: Any) -> Any:
    """A weight as pictures (N, H, W, C) of numbers from 0 to 1: of a convolution, its kernels."""
    value = np.asarray(weight.real if np.iscomplexobj(weight) else weight, np.float64)
    low, high = float(value.min()), float(value.max())
    value = (value - low) / ((high - low) or 1.0)
    if value.ndim == 2:
        return value[None, :, :, None]
    if value.ndim == 3:
        return value[:, :, :, None]
    return np.moveaxis(value, 1, -1) if value.shape[1] == 3 else value[:, 0][..., None]

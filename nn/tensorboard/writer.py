"""SummaryWriter: what a training loop writes for TensorBoard."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentError, DTypeError, ShapeError, shown
from nn.tensorboard.graph import costs_of, definition_of, graph_of
from nn.tensorboard.histogram import histogram_of
from nn.tensorboard.library import library
from nn.tensorboard.records import at_once

__all__ = ["SummaryWriter"]

_numbers = itertools.count()
_LAST = 9e19  # within the last bin of tensorboardX


class SummaryWriter:
    """Writes scalars, histograms, images, text, embeddings and graphs for TensorBoard.

    The methods are those of tensorboardX, which PyTorch's SummaryWriter has too, and take Tensors
    where they take arrays: `add_scalar(tag, value, step)`, `add_histogram`, `add_image`,
    `add_text`, `add_figure`, `add_embedding`, `add_pr_curve`, `add_hparams`. What is written is in
    the file at once, so that the end of the process, however it comes, takes nothing away;
    `flush()` waits for the disk. `max_queue` and `flush_secs` are of folders on other machines.

    >>> import nn, tempfile
    >>> import autograd as ag
    >>> with tempfile.TemporaryDirectory() as folder, nn.tensorboard.SummaryWriter(folder) as w:
    ...     w.add_scalar("loss", ag.Tensor(0.5), 1)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        folder = None if log_dir is None else os.fspath(log_dir)
        self._suffix = filename_suffix
        self._writer = library().SummaryWriter(
            folder, comment, purge_step, max_queue, flush_secs, self._ending()
        )
        self._queued = self._writer._get_file_writer
        self._writer._get_file_writer = self._file_writer
        self._file_writer()

    def _ending(self) -> str:
        """What tells a file from others of the same second, which it would be written over."""
        return f".{os.getpid()}.{next(_numbers)}{self._suffix}"

    def _file_writer(self) -> Any:
        """What writes the file; after `close`, another one."""
        if self._writer.file_writer is None:
            self._writer._filename_suffix = self._ending()
        return at_once(self._queued())

    @property
    def log_dir(self) -> str:
        """Where the files are."""
        return str(self._writer.logdir)

    def __getattr__(self, name: str) -> Any:
        """A method of tensorboardX, given arrays in the place of Tensors."""
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self._writer, name)
        if not callable(method):
            return method

        @wraps(method)
        def on_arrays(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*map(_plain, args), **{k: _plain(v) for k, v in kwargs.items()})
            except AssertionError as error:  # as tensorboardX checks what it is given
                words = " ".join(str(error).split())
                raise ArgumentError(f"{name}: {words or 'no such arguments'}") from None

        return on_arrays

    def add_scalar(
        self, tag: str, scalar_value: Any, global_step: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Write one number: a Python number, or an array or Tensor of one element."""
        number = _one("add_scalar", tag, scalar_value)
        self._writer.add_scalar(tag, number, global_step, *args, **kwargs)

    def add_scalars(
        self, main_tag: str, tag_scalar_dict: Mapping[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        """Write several numbers, by their tags, into one diagram."""
        numbers = {tag: _one("add_scalars", tag, x) for tag, x in tag_scalar_dict.items()}
        self._writer.add_scalars(main_tag, numbers, *args, **kwargs)

    def add_histogram(
        self, tag: str, values: Any, global_step: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Write a histogram of what is finite in `values`, of complex numbers of their sizes.

        Its bins are an eighth of an octave wide, unless `bins` says others.
        """
        held = np.asarray(_plain(values))
        numbers = np.abs(held) if np.iscomplexobj(held) else held
        if args or kwargs.get("bins") or not held.size:
            finite = numbers.astype(np.float64)
            finite = finite[np.isfinite(finite)].clip(-_LAST, _LAST)
            if finite.size or not held.size:
                self._writer.add_histogram(tag, finite, global_step, *args, **kwargs)
            return
        kwargs.pop("bins", None), kwargs.pop("max_bins", None)
        found = histogram_of(numbers)
        if found is not None:
            self._writer.add_histogram_raw(tag, *found, global_step, **kwargs)

    def add_graph(
        self, model: Any, *inputs: Any, input_to_model: Any = None, verbose: bool = False,
        use_strict_trace: bool = True,
    ) -> None:  # fmt: skip
        """Write the graph of a call of `model` (a module or a function), or of a Tensor.

        Modules are scopes; each node has its shapes, its line where that was recorded, and, from
        one run of the graph, its time and bytes. `inputs` are the arguments, or one list of them;
        PyTorch's name for them is `input_to_model`. `use_strict_trace` has no meaning here.
        """
        if input_to_model is not None:
            inputs = (input_to_model,)
        given = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], (list, tuple)) else inputs
        graph = graph_of(model, given)
        if verbose:
            print(graph)
        events = library("proto.event_pb2")
        file = self._writer._get_file_writer()
        file.add_event(events.Event(graph_def=definition_of(graph).SerializeToString()))
        costs = events.TaggedRunMetadata(tag="forward", run_metadata=costs_of(graph))
        file.add_event(events.Event(tagged_run_metadata=costs))

    def add_confusion_matrix(
        self, tag: str, matrix: Any, names: Sequence[str] | None = None, global_step: Any = None
    ) -> None:
        """Write counts of true (row) and called (column) classes as a picture, by matplotlib."""
        from nn.plot import figure

        counts = np.asarray(_plain(matrix.result() if hasattr(matrix, "result") else matrix))
        if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
            raise ShapeError(f"add_confusion_matrix: {counts.shape} is no square of classes")
        labels = [*map(str, range(len(counts)))] if names is None else [*names]
        if len(labels) != len(counts):
            raise ArgumentError(
                f"add_confusion_matrix: {len(labels)} names for {len(counts)} classes"
            )
        side = 1.3 + 0.33 * len(counts)  # inches
        drawn, (ax,) = figure(width=side + 0.2, height=side)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        ax.grid(False)
        ax.set(xlabel="called", ylabel="is", xticks=range(len(labels)), yticks=range(len(labels)))
        ax.set_xticklabels(labels, rotation=45 if max(map(len, labels)) > 2 else 0)
        ax.set_yticklabels(labels)
        for (i, j), count in np.ndenumerate(counts):
            ax.text(j, i, count, ha="center", va="center", fontsize=7,
                    color="white" if shares[i, j] > 0.5 else "#0f172a")  # fmt: skip
        self._writer.add_figure(tag, drawn, global_step)

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()


def _one(method: str, tag: str, value: Any) -> Any:
    """A number of any library's as NumPy's."""
    number = np.asarray(_plain(value))
    if number.dtype.kind not in "biuf":
        raise DTypeError(f"{method}: {tag!r} is a real number, not {shown(value)}")
    if number.size != 1:
        raise ShapeError(
            f"{method}: {tag!r} is {number.shape}, and one number is written: its mean, say; "
            "add_histogram writes all of them"
        )
    return number.reshape(())[()]


def _plain(value: Any) -> Any:
    """Arrays in the place of Tensors, in what is written: their graph is left on purpose."""
    if type(value) in tensor_types:
        return np.asarray(raw(value))
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)) and any(type(part) in tensor_types for part in value):
        return type(value)(map(_plain, value))
    return value

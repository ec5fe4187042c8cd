"""Softmax over very many classes: frequent ones first, rare ones in clusters of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from autograd.random import generator
from nn.linear.layers import Linear
from nn.loss.cross_entropy import cross_entropy
from nn.loss.labels import class_labels
from nn.loss.reduction import as_tensor, reduce
from nn.module.containers import ModuleList, Sequential
from nn.module.module import Module

if TYPE_CHECKING:
    import numpy.typing as npt


class LogSoftmaxAndLoss(NamedTuple):
    """The log-probabilities of the labels (N,), and the mean of their negatives."""

    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Cross-entropy over classes sorted by frequency, where only the frequent ones cost much.

    The classes below the first of the `cutoffs` are scored by the head, together with one entry for
    each cluster; the classes of cluster i, between cutoffs i and i + 1, by a tail of two
    layers over in_features / div_value^(i + 1) hidden values, and only for the rows that need it.
    `log_prob` gives the log-probabilities of all classes, `predict` the likeliest class.

    Shape: (N, in_features) and (N,) integers, or (in_features,) and () -> the log-probabilities of
    the labels (N,) or (), and the mean loss ().

    Source: Grave, Joulin, Cissé, Grangier and Jégou, Efficient softmax approximation for GPUs
    (2017).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.AdaptiveLogSoftmaxWithLoss(8, 100, cutoffs=[10, 40], rng=0)
    >>> output, loss = layer(ag.ones((2, 8)), ag.Tensor([3, 70]))
    >>> output.shape, layer.log_prob(ag.ones((2, 8))).shape
    ((2,), (2, 100))
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        ends = [int(cutoff) for cutoff in cutoffs]
        rising = all(a < b for a, b in itertools.pairwise([0, *ends, n_classes]))
        if not ends or ends != list(cutoffs) or not rising:
            raise ArgumentError(
                f"cutoffs must be integers that rise from above 0 to below n_classes = {n_classes},"
                f" got {list(cutoffs)}"
            )
        rng = generator(rng)
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*ends, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = ends[0]
        self.n_clusters = len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, dtype=dtype, rng=rng)
        self.tail = ModuleList()
        for number, (start, stop) in enumerate(itertools.pairwise(self.cutoffs), 1):
            hidden = int(in_features // div_value**number)
            self.tail.append(
                Sequential(
                    Linear(in_features, hidden, bias=False, dtype=dtype, rng=rng),
                    Linear(hidden, stop - start, bias=False, dtype=dtype, rng=rng),
                )
            )

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all weights anew."""
        rng = generator(rng)
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters(rng)

    def forward(self, input: Any, target: Any) -> LogSoftmaxAndLoss:
        input, target = as_tensor(input), as_tensor(target)
        if input.ndim not in (1, 2) or input.shape[-1] != self.in_features:
            raise ShapeError(
                f"input is {input.shape}: expected (N, {self.in_features}) or "
                f"({self.in_features},){here()}"
            )
        name = type(self).__name__
        labels, _ = class_labels(name, target, (*input.shape[:-1], self.n_classes))
        rows = input if input.ndim == 2 else ag.expand_dims(input, 0)
        labels = labels.reshape(-1)
        entries = np.array(labels)  # what the head shall say: the class, or its cluster
        losses: Any = 0.0
        for number, (start, stop, tail) in enumerate(self._clusters()):
            (members,) = np.nonzero((labels >= start) & (labels < stop))
            if members.size:
                entries[members] = self.shortlist_size + number
                scores = tail(ag.take(rows, members, axis=0))
                found = cross_entropy(scores, labels[members] - start, reduction="none")
                losses = losses + ag.put_at(found, labels.shape, members)
        losses = losses + cross_entropy(self.head(rows), entries, reduction="none")
        output = -losses if input.ndim == 2 else -losses[0]
        return LogSoftmaxAndLoss(output, reduce(name, losses, "mean"))

    def _clusters(self) -> Iterator[tuple[int, int, Module]]:
        """The first class of each cluster, the one behind its last, and its tail."""
        for (start, stop), tail in zip(itertools.pairwise(self.cutoffs), self.tail, strict=True):
            yield start, stop, tail

    def log_prob(self, input: Any) -> Any:
        """The log-probabilities of all classes: (N, in_features) -> (N, n_classes)."""
        head = ag.log_softmax(self.head(input), axis=1)
        parts = [head[:, : self.shortlist_size]]
        for number, (_, _, tail) in enumerate(self._clusters(), self.shortlist_size):
            parts.append(ag.log_softmax(tail(input), axis=1) + head[:, number : number + 1])
        return ag.concat(parts, axis=1)

    def predict(self, input: Any) -> Any:
        """The likeliest class of each row: (N, in_features) -> (N,) integers."""
        return ag.argmax(self.log_prob(input), axis=1)

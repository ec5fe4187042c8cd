"""`losses` of the face: means over all elements."""

from __future__ import annotations

from typing import Any

from autograd.engine.missing import not_in
from autograd.static import nn
from autograd.static.functions import reduce_mean
from autograd.static.symbol import Symbol, apply

__all__ = [
    "absolute_difference", "huber_loss", "mean_squared_error", "sigmoid_cross_entropy",
    "softmax_cross_entropy", "sparse_softmax_cross_entropy",
]  # fmt: skip


def mean_squared_error(labels: Any, predictions: Any) -> Symbol:
    """The mean of the squared differences."""
    return reduce_mean(apply("square", apply("subtract", predictions, labels)), name="mse")


def absolute_difference(labels: Any, predictions: Any) -> Symbol:
    """The mean of the absolute differences."""
    return reduce_mean(apply("abs", apply("subtract", predictions, labels)), name="mae")


def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0) -> Symbol:
    """The mean of half the squared differences, linear from `delta` on."""
    off = apply("abs", apply("subtract", predictions, labels))
    near = apply("minimum", off, delta)
    far = apply("subtract", off, near)
    terms = apply("multiply", apply("square", near), 0.5) + apply("multiply", far, delta)
    return apply("multiply", reduce_mean(terms), weights, label="huber")


def softmax_cross_entropy(onehot_labels: Any, logits: Any) -> Symbol:
    """The mean over examples of the cross entropy of distributions of classes."""
    return reduce_mean(
        nn.softmax_cross_entropy_with_logits(labels=onehot_labels, logits=logits), name="xent"
    )


def sparse_softmax_cross_entropy(labels: Any, logits: Any) -> Symbol:
    """The mean over examples of the cross entropy of classes."""
    return reduce_mean(
        nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits), name="xent"
    )


def sigmoid_cross_entropy(multi_class_labels: Any, logits: Any) -> Symbol:
    """The mean cross entropy of independent probabilities."""
    return reduce_mean(
        nn.sigmoid_cross_entropy_with_logits(labels=multi_class_labels, logits=logits), name="xent"
    )


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)

"""`losses` of the face: means over all elements."""

from __future__ import annotations

from typing import Any

from autograd.engine.missing import not_in
from autograd.static import nn
from autograd.static.functions import add_n, constant, reduce_mean
from autograd.static.scopes import GraphKeys, add_to_collection, get_collection
from autograd.static.symbol import Symbol, apply

__all__ = [
    "absolute_difference", "add_loss", "get_losses", "get_regularization_loss",
    "get_regularization_losses", "get_total_loss", "hinge_loss", "huber_loss", "log_loss",
    "mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
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


def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7) -> Symbol:
    """The mean of -(t log(p + ε) + (1 - t) log(1 - p + ε))."""
    right = labels * apply("log", predictions + epsilon)
    wrong = (1.0 - labels) * apply("log", 1.0 - predictions + epsilon)
    return apply("multiply", reduce_mean(apply("negative", right + wrong)), weights, label="log")


def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0) -> Symbol:
    """The mean of max(0, 1 - (2t - 1) x), of labels 0 and 1."""
    signs = labels * 2.0 - 1.0
    terms = apply("relu", 1.0 - apply("multiply", signs, logits))
    return apply("multiply", reduce_mean(terms), weights, label="hinge")


def add_loss(loss: Any, loss_collection: str = GraphKeys.LOSSES) -> None:
    """Keep a loss among those of the graph."""
    add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: str = GraphKeys.LOSSES) -> list[Any]:
    """The losses that were kept by `add_loss`."""
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """What the regularizers of variables gave."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: str | None = None, name: str = "regularization") -> Any:
    """Their sum."""
    found = get_regularization_losses(scope)
    return add_n(found, name) if found else constant(0.0, name=name)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> Any:
    """The sum of the losses that were kept, and of those of regularizers."""
    found = get_losses() + (get_regularization_losses() if add_regularization_losses else [])
    return add_n(found, name)


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)

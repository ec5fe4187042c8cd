"""`nn` of the face: activations, and losses of logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.generators import generator
from autograd.engine.operands import raw
from autograd.engine.row import Op
from autograd.errors import ArgumentError
from autograd.static.functions import cast, reduce_sum, sigmoid, tanh
from autograd.static.symbol import Symbol, apply, build

__all__ = [
    "bias_add", "dropout", "elu", "l2_loss", "leaky_relu", "log_softmax", "relu", "sigmoid",
    "sigmoid_cross_entropy_with_logits", "softmax", "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2", "softplus", "sparse_softmax_cross_entropy_with_logits",
    "tanh",
]  # fmt: skip


def relu(features: Any, name: str = "Relu") -> Symbol:
    """max(x, 0)."""
    return apply("relu", features, label=name)


def elu(features: Any, name: str = "Elu") -> Symbol:
    """x where it is positive, eˣ - 1 elsewhere."""
    return apply("elu", features, label=name)


def leaky_relu(features: Any, alpha: float = 0.2, name: str = "LeakyRelu") -> Symbol:
    """x where it is positive, `alpha` x elsewhere."""
    return apply("maximum", features, apply("multiply", features, alpha), label=name)


def softplus(features: Any, name: str = "Softplus") -> Symbol:
    """log(1 + eˣ)."""
    return apply("softplus", features, label=name)


def softmax(logits: Any, axis: int = -1, name: str = "Softmax") -> Symbol:
    """Probabilities from logits along an axis."""
    return apply("softmax", logits, axis=axis, label=name)


def log_softmax(logits: Any, axis: int = -1, name: str = "LogSoftmax") -> Symbol:
    """Logarithms of probabilities from logits along an axis."""
    return apply("log_softmax", logits, axis=axis, label=name)


def bias_add(value: Any, bias: Any, name: str = "BiasAdd") -> Symbol:
    """A bias added along the last axis."""
    return apply("add", value, bias, label=name)


def l2_loss(t: Any, name: str = "L2Loss") -> Symbol:
    """Half the sum of squares."""
    return apply("multiply", reduce_sum(apply("square", t)), 0.5, label=name)


def dropout(x: Any, keep_prob: Any = None, rate: Any = None, name: str = "dropout") -> Symbol:
    """Each number with the chance `keep_prob`, divided by it, else 0; `rate` is the chance of 0."""
    if (keep_prob is None) == (rate is None):
        raise ArgumentError("dropout: give keep_prob=, or rate=, which is 1 - keep_prob")
    keep = 1 - rate if keep_prob is None else keep_prob
    kept = cast(apply("less", build(UNIFORM, (x,), {}, "random_uniform"), keep), x.dtype)
    return apply("multiply", x, apply("divide", kept, keep), label=name)


def _uniform(x: Any, /) -> Any:
    """Numbers from 0 to 1 in the shape of x, which only a run may know."""
    array = np.asarray(raw(x))
    return generator().random(array.shape).astype(array.dtype)


UNIFORM = Op(_uniform, "random_uniform", {})
UNIFORM.record = _uniform


def softmax_cross_entropy_with_logits(
    _sentinel: None = None,
    labels: Any = None,
    logits: Any = None,
    axis: int = -1,
    name: str = "softmax_cross_entropy_with_logits",
) -> Symbol:
    """-Σ labels · log softmax(logits) along an axis, a number for each example."""
    _check_named(name, _sentinel, labels, logits)
    terms = apply("multiply", labels, log_softmax(logits, axis))
    return apply("negative", reduce_sum(terms, axis), label=name)


softmax_cross_entropy_with_logits_v2 = softmax_cross_entropy_with_logits


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: None = None,
    labels: Any = None,
    logits: Any = None,
    name: str = "sparse_softmax_cross_entropy_with_logits",
) -> Symbol:
    """The same for labels that are the numbers of classes, logits of shape (N, C)."""
    _check_named(name, _sentinel, labels, logits)
    classes = np.arange(logits.shape[-1], dtype=labels.dtype)
    of_label = apply("equal", apply("expand_dims", labels, axis=-1), classes)
    terms = apply("multiply", cast(of_label, logits.dtype), log_softmax(logits))
    return apply("negative", reduce_sum(terms, -1), label=name)


def sigmoid_cross_entropy_with_logits(
    _sentinel: None = None,
    labels: Any = None,
    logits: Any = None,
    name: str = "sigmoid_cross_entropy_with_logits",
) -> Symbol:
    """-labels · log σ(logits) - (1 - labels) · log(1 - σ(logits)), elementwise."""
    _check_named(name, _sentinel, labels, logits)
    return apply("subtract", softplus(logits), apply("multiply", labels, logits), label=name)


def _check_named(name: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None or labels is None or logits is None:
        raise ArgumentError(f"{name}: name both arguments, labels= and logits=")

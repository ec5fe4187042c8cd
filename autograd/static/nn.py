"""`nn` of the face: activations, and losses of logits."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from autograd.engine.missing import not_in
from autograd.errors import ArgumentError
from autograd.static.arrays import one_hot
from autograd.static.draws import random_uniform
from autograd.static.functions import (
    cast,
    gather,
    matmul,
    reduce_mean,
    reduce_sum,
    shape,
    sigmoid,
    squared_difference,
    stop_gradient,
    tanh,
)
from autograd.static.images import avg_pool, conv2d, max_pool
from autograd.static.symbol import Symbol, apply

__all__ = [
    "avg_pool",
    "batch_normalization",
    "bias_add",
    "conv2d",
    "dropout",
    "elu",
    "embedding_lookup",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "max_pool",
    "moments",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "xw_plus_b",
    "zero_fraction",
]  # fmt: skip


def relu(features: Any, name: str = "Relu") -> Symbol:
    """max(x, 0)."""
    return apply("relu", features, label=name)


def elu(features: Any, name: str = "Elu") -> Symbol:
    """x where it is positive, eˣ - 1 elsewhere."""
    return apply("elu", features, label=name)


def selu(features: Any, name: str = "Selu") -> Symbol:
    """elu, scaled so that mean and variance stay."""
    return apply("selu", features, label=name)


def relu6(features: Any, name: str = "Relu6") -> Symbol:
    """x between 0 and 6."""
    return apply("relu6", features, label=name)


def softsign(features: Any, name: str = "Softsign") -> Symbol:
    """x / (1 + |x|)."""
    return apply("softsign", features, label=name)


def leaky_relu(features: Any, alpha: float = 0.2, name: str = "LeakyRelu") -> Symbol:
    """x where it is positive, `alpha` x elsewhere."""
    return apply("maximum", features, apply("multiply", features, alpha), label=name)


def softplus(features: Any, name: str = "Softplus") -> Symbol:
    """log(1 + eˣ)."""
    return apply("softplus", features, label=name)


def softmax(logits: Any, axis: int = -1, name: str = "Softmax", dim: int | None = None) -> Symbol:
    """Probabilities from logits along an axis."""
    axis = axis if dim is None else dim
    return apply("softmax", logits, axis=axis, label=name)


def log_softmax(logits: Any, axis: int = -1, name: str = "LogSoftmax") -> Symbol:
    """Logarithms of probabilities from logits along an axis."""
    return apply("log_softmax", logits, axis=axis, label=name)


def bias_add(value: Any, bias: Any, name: str = "BiasAdd") -> Symbol:
    """A bias added along the last axis."""
    return apply("add", value, bias, label=name)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str = "xw_plus_b") -> Symbol:
    """x w + b."""
    return apply("add", matmul(x, weights), biases, label=name)


def embedding_lookup(
    params: Any, ids: Any, partition_strategy: str = "mod", name: str = "embedding_lookup"
) -> Symbol:
    """The rows of a table that the numbers name."""
    return gather(params, ids, name=name)


def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str = "l2_normalize", dim: Any = None
) -> Symbol:
    """x over its norm along axes, whose square counts at least as epsilon."""
    total = reduce_sum(apply("square", x), dim if axis is None else axis, keepdims=True)
    length = apply("sqrt", apply("maximum", total, epsilon))
    return apply("divide", x, length, label=name)


def moments(
    x: Any, axes: Any, shift: Any = None, name: str = "moments", keep_dims: bool = False,
    keepdims: bool = False,
) -> tuple[Symbol, Symbol]:  # fmt: skip
    """Mean and variance over axes."""
    mean = reduce_mean(x, axes, keepdims=True)
    variance = reduce_mean(squared_difference(x, stop_gradient(mean)), axes, keep_dims or keepdims)
    return (mean if keep_dims or keepdims else reduce_mean(x, axes)), variance


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float,
    name: str = "batchnorm",
) -> Symbol:  # fmt: skip
    """(x - mean) / √(variance + ε), times the scale, plus the offset; either may be None."""
    factor = apply("reciprocal", apply("sqrt", apply("add", variance, variance_epsilon)))
    factor = factor if scale is None else apply("multiply", factor, scale)
    found = apply("multiply", apply("subtract", x, mean), factor, label=name)
    return found if offset is None else apply("add", found, offset, label=name)


def swish(features: Any, name: str = "swish") -> Symbol:
    """x times its logistic function."""
    return apply("silu", features, label=name)


def zero_fraction(value: Any, name: str = "zero_fraction") -> Symbol:
    """Which share of the numbers is zero."""
    return reduce_mean(cast(apply("equal", value, 0.0), np.float32), name=name)


def top_k(input: Any, k: int = 1, sorted: bool = True, name: str = "TopKV2") -> Any:
    """The k largest numbers of the last axis, and where they are."""
    order = apply("argsort", apply("negative", input), axis=-1)
    places = apply("getitem", order, index=(Ellipsis, slice(None, k)))
    values = apply("take_along_axis", input, places, axis=-1, label=name)
    return values, cast(places, np.int32)


def in_top_k(predictions: Any, targets: Any, k: int, name: str = "InTopK") -> Symbol:
    """Whether less than k classes have larger numbers than the right one."""
    own = reduce_sum(predictions * _hot_like(predictions, targets), 1, keepdims=True)
    above = reduce_sum(cast(apply("greater", predictions, own), np.int32), 1)
    return apply("less", above, k, label=name)


def _hot_like(predictions: Any, targets: Any) -> Any:
    return one_hot(targets, int(predictions.shape[1]), dtype=predictions.dtype)


def weighted_cross_entropy_with_logits(
    targets: Any = None, logits: Any = None, pos_weight: Any = 1.0, name: str = "weighted_xent",
    labels: Any = None,
) -> Symbol:  # fmt: skip
    """-(w t log p + (1 - t) log(1 - p)), of the logit of p."""
    t = targets if labels is None else labels
    right, wrong = softplus(apply("negative", logits)), softplus(logits)
    return apply("add", t * right * pos_weight, (1.0 - t) * wrong, label=name)


def l2_loss(t: Any, name: str = "L2Loss") -> Symbol:
    """Half the sum of squares."""
    return apply("multiply", reduce_sum(apply("square", t)), 0.5, label=name)


def dropout(
    x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: int | None = None,
    name: str = "dropout", rate: Any = None,
) -> Symbol:  # fmt: skip
    """Each number with the chance `keep_prob`, divided by it, else 0; `rate` is the chance of 0."""
    if (keep_prob is None) == (rate is None):
        raise ArgumentError("dropout: give keep_prob=, or rate=, which is 1 - keep_prob")
    keep = 1 - rate if keep_prob is None else keep_prob
    lengths = shape(x) if noise_shape is None else noise_shape
    drawn = random_uniform(lengths, dtype=x.dtype, seed=seed, name=f"{name}/random_uniform")
    kept = cast(apply("less", drawn, keep), x.dtype)
    found = apply("multiply", x, apply("divide", kept, keep), label=name)
    found.node.spec = x.node.spec  # whatever is known of `keep`
    return found


def softmax_cross_entropy_with_logits(
    _sentinel: None = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str = "softmax_cross_entropy_with_logits",
) -> Symbol:
    """-Σ labels · log softmax(logits) along an axis, a number for each example.

    No gradient flows to the labels: `softmax_cross_entropy_with_logits_v2` lets one.
    """
    _check_named(name, _sentinel, labels, logits)
    labels = stop_gradient(labels) if isinstance(labels, Symbol) else labels
    return softmax_cross_entropy_with_logits_v2(None, labels, logits, dim, name)


def softmax_cross_entropy_with_logits_v2(
    _sentinel: None = None,
    labels: Any = None,
    logits: Any = None,
    axis: int = -1,
    name: str = "softmax_cross_entropy_with_logits",
) -> Symbol:
    """The same, with gradients to the labels too."""
    _check_named(name, _sentinel, labels, logits)
    terms = apply("multiply", labels, log_softmax(logits, axis))
    return apply("negative", reduce_sum(terms, axis), label=name)


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


def __getattr__(name: str) -> Any:
    if name in ("dynamic_rnn", "static_rnn", "rnn_cell"):  # which are made of what is here
        found = importlib.import_module("autograd.static.recurrent")
        return found if name == "rnn_cell" else getattr(found, name)
    raise not_in(__name__, name, __all__)

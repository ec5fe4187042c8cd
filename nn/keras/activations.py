"""keras.activations: a table of Keras' names over autograd's ops."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.keras.backend import tensor
from nn.keras.identifiers import chapter
from nn.keras.naming import renamed

__all__ = [
    "celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink",
    "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid",
    "log_softmax", "mish", "relu", "relu6", "selu", "serialize", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
    "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip


def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    **old: Any,
) -> Any:
    """max(x, 0); below `threshold` negative_slope·(x − threshold), and at most `max_value`.

    >>> from nn.keras import activations
    >>> activations.relu([-1.0, 2.0, 7.0], max_value=6.0)
    Tensor([0., 2., 6.], dtype=float32)
    """
    if old:
        now = renamed("relu", old, {"alpha": "negative_slope"})
        return relu(x, max_value=max_value, threshold=threshold, **now)
    x = tensor(x)
    if negative_slope or threshold:
        y = ag.where(ag.greater(x, threshold), x, negative_slope * (x - threshold))
    else:
        y = ag.relu(x)
    return y if max_value is None else ag.minimum(y, max_value)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """x, or negative_slope·x below 0."""
    return ag.leaky_relu(tensor(x), negative_slope)


def relu6(x: Any) -> Any:
    """x cut to 0 … 6."""
    return ag.relu6(tensor(x))


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / Σ exp(x) along an axis."""
    return ag.softmax(tensor(x), axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """The logarithm of `softmax`."""
    return ag.log_softmax(tensor(x), axis=axis)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x, or alpha·(eˣ − 1) below 0."""
    return ag.elu(tensor(x), alpha)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x, or alpha·(exp(x/alpha) − 1) below 0."""
    return ag.celu(tensor(x), alpha)


def selu(x: Any) -> Any:
    """The scaled elu of self-normalizing networks."""
    return ag.selu(tensor(x))


def softplus(x: Any) -> Any:
    """log(1 + eˣ)."""
    return ag.softplus(tensor(x))


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    return ag.softsign(tensor(x))


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x drawn towards 0 by `threshold`."""
    return ag.softshrink(tensor(x), threshold)


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x, or 0 where |x| is at most `threshold`."""
    return ag.hardshrink(tensor(x), threshold)


def tanh_shrink(x: Any) -> Any:
    """x − tanh(x)."""
    return ag.tanhshrink(tensor(x))


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x above `threshold`, else `default_value`."""
    return ag.threshold(tensor(x), threshold, default_value)


def silu(x: Any) -> Any:
    """x · σ(x); Keras' "swish" too."""
    return ag.silu(tensor(x))


swish = silu


def squareplus(x: Any, b: float = 4) -> Any:
    """(x + √(x² + b)) / 2."""
    x = tensor(x)
    return (x + ag.sqrt(x * x + b)) / 2


def gelu(x: Any, approximate: bool = False) -> Any:
    """x · Φ(x), of the normal distribution, or its approximation by tanh."""
    return ag.gelu(tensor(x), "tanh" if approximate else "none")


def glu(x: Any, axis: int = -1) -> Any:
    """The first half times the sigmoid of the second."""
    x = tensor(x)
    half, before = x.shape[axis] // 2, (slice(None),) * (axis % x.ndim)
    return x[(*before, slice(None, half))] * ag.sigmoid(x[(*before, slice(half, None))])


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ag.tanh(tensor(x))


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ)."""
    return ag.sigmoid(tensor(x))


def log_sigmoid(x: Any) -> Any:
    """The logarithm of `sigmoid`."""
    return ag.log_sigmoid(tensor(x))


def hard_sigmoid(x: Any) -> Any:
    """x/6 + ½, cut to 0 … 1."""
    return ag.hardsigmoid(tensor(x))


def hard_silu(x: Any) -> Any:
    """x · hard_sigmoid(x); "hard_swish" too."""
    return ag.hardswish(tensor(x))


hard_swish = hard_silu


def hard_tanh(x: Any) -> Any:
    """x cut to −1 … 1."""
    return ag.hardtanh(tensor(x))


def exponential(x: Any) -> Any:
    """eˣ."""
    return ag.exp(tensor(x))


def linear(x: Any) -> Any:
    """x itself."""
    return x


def mish(x: Any) -> Any:
    """x · tanh(softplus(x))."""
    return ag.mish(tensor(x))


def sparse_plus(x: Any) -> Any:
    """0 up to −1, x from 1 on, and (x + 1)²/4 between."""
    x = tensor(x)
    middle = ag.where(ag.less(x, 1), ag.square(x + 1) / 4, x)
    return ag.where(ag.less_equal(x, -1), 0.0, middle)


def sparse_sigmoid(x: Any) -> Any:
    """(x + 1)/2, cut to 0 … 1."""
    return ag.clip((tensor(x) + 1) / 2, 0, 1)


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest point of the simplex: like `softmax`, with zeros.

    Source: Martins and Astudillo, From softmax to sparsemax (2016).
    """
    x = ag.moveaxis(tensor(x), axis, -1)
    falling = ag.flip(ag.sort(x, axis=-1), axis=-1)
    sums = ag.cumsum(falling, axis=-1)
    ranks = ag.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    size = ag.sum(1 + ranks * falling > sums, axis=-1, keepdims=True)
    total = ag.take_along_axis(sums, size - 1, axis=-1)
    return ag.moveaxis(ag.maximum(x - (total - 1) / size.astype(x.dtype), 0), -1, axis)


TABLE = {
    name: globals()[name] for name in __all__ if name not in ("deserialize", "get", "serialize")
}

_get, serialize, deserialize = chapter("activation", TABLE)


def get(identifier: Any) -> Any:
    """The activation of a name, a function or a layer; `linear` for None.

    >>> from nn.keras import activations
    >>> activations.get("relu") is activations.relu
    True
    """
    return linear if identifier is None else _get(identifier)

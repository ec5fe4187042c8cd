"""keras.ops.nn: activations, windows and losses as functions of tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from nn.attention.attention import scaled_dot_product_attention
from nn.keras import activations, losses
from nn.keras.backend import epsilon as smallest
from nn.keras.backend import standardize_dtype, tensor
from nn.keras.losses.probabilities import elementwise_binary
from nn.keras.ops.lifting import floats, whole

_ACTIVATIONS = """celu elu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu
log_sigmoid log_softmax relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
sparse_sigmoid sparsemax squareplus swish tanh_shrink threshold"""
TABLE: dict[str, Any] = {name: getattr(activations, name) for name in _ACTIVATIONS.split()}


def _entry(function: Any) -> Any:
    TABLE[function.__name__] = function
    return function


@_entry
def relu(x: Any) -> Any:
    """max(x, 0)."""
    return ag.relu(tensor(x))


@_entry
def gelu(x: Any, approximate: bool = True) -> Any:
    """x · Φ(x), approximated by tanh unless told otherwise."""
    return activations.gelu(x, approximate)


@_entry
def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Any:
    """Rows with a 1 at the class; all zeros for negative ones."""
    labels = np.asarray(tensor(x).detach()).astype(np.int64)
    found = (labels[..., None] == np.arange(num_classes)).astype(standardize_dtype(dtype))
    return tensor(found if axis == -1 else np.moveaxis(found, -1, axis))


@_entry
def multi_hot(
    inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Any:
    """Rows with a 1 at each of several classes, which lie along the last axis."""
    rows = one_hot(inputs, num_classes, dtype=dtype)
    return ag.max(rows, axis=1 if rows.ndim == 3 else 0)


@_entry
def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The k largest along the last axis, and their numbers."""
    values, indices = ag.topk(tensor(x), k)
    return values, whole(indices)


@_entry
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the class is among the k largest of each row."""
    scores, labels = tensor(predictions), tensor(targets)
    own = ag.take_along_axis(scores, ag.expand_dims(labels, -1), axis=-1)
    return ag.sum(scores > own, axis=-1) < k


@_entry
def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> Any:
    """Mean and variance over axes."""
    x = tensor(x)
    axes = tuple(axes) if isinstance(axes, list) else axes
    return (floats(ag.mean(x, axis=axes, keepdims=keepdims), x),
            floats(ag.var(x, axis=axes, keepdims=keepdims), x))  # fmt: skip


@_entry
def normalize(x: Any, axis: int = -1, order: float = 2, epsilon: Any = None) -> Any:
    """x divided by its norm along an axis, of at least epsilon."""
    x = tensor(x)
    least = smallest() if epsilon is None else epsilon
    if order == 2:  # the root of what is not 0, so that 0 has a gradient
        squares = ag.sum(ag.square(x), axis=axis, keepdims=True)
        return x / ag.sqrt(ag.maximum(squares, least * least))
    norm = ag.linalg.norm(x, order, axis=axis, keepdims=True)
    return x / ag.maximum(norm, least)


@_entry
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:  # fmt: skip
    """(x − mean)/√(variance + epsilon) · scale + offset, along an axis."""
    x = tensor(x)
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    mean, variance = (ag.reshape(tensor(v), tuple(shape)) for v in (mean, variance))
    found = (x - mean) / ag.sqrt(variance + epsilon)
    if scale is not None:
        found = found * ag.reshape(tensor(scale), tuple(shape))
    return found if offset is None else found + ag.reshape(tensor(offset), tuple(shape))


@_entry
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: Any = None
) -> Any:
    """x with mean 0 and variance 1 along axes, times gamma, plus beta."""
    x = tensor(x)
    axis = tuple(axis) if isinstance(axis, list) else axis
    mean, variance = moments(x, axis, True)
    found = (x - mean) / ag.sqrt(variance + (smallest() if epsilon is None else epsilon))
    found = found if gamma is None else found * tensor(gamma)
    return found if beta is None else found + tensor(beta)


@_entry
def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: Any = None) -> Any:
    """x divided by its root mean square along an axis, times scale."""
    x = tensor(x)
    square = ag.mean(ag.square(x), axis=axis, keepdims=True)
    found = x / ag.sqrt(square + (smallest() if epsilon is None else epsilon))
    return found if scale is None else found * tensor(scale)


@_entry
def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: Any = None,
    is_causal: bool = False, flash_attention: Any = None, attn_logits_soft_cap: Any = None,
) -> Any:  # fmt: skip
    """Attention of (N, T, heads, D): softmax(query·keyᵀ·scale + bias)·value."""
    q, k, v = (ag.swapaxes(tensor(x), 1, 2) for x in (query, key, value))
    allowed = None if mask is None else tensor(mask).astype(bool)
    if bias is not None:
        bias = tensor(bias)
        allowed = bias if allowed is None else ag.where(allowed, bias, -math.inf)
    found = scaled_dot_product_attention(
        q, k, v, attn_mask=allowed, is_causal=is_causal, scale=scale
    )
    return ag.swapaxes(found, 1, 2)


@_entry
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """The crossentropy of yes and no, element by element."""
    return elementwise_binary(target, output, from_logits)


@_entry
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The crossentropy of classes, of one-hot targets."""
    return losses.categorical_crossentropy(target, output, from_logits, axis=axis)


@_entry
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """The crossentropy of classes that are whole numbers."""
    return losses.sparse_categorical_crossentropy(target, output, from_logits, axis=axis)


@_entry
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal-to-noise ratio, in decibels."""
    error = ag.mean(ag.square(tensor(x1) - tensor(x2)))
    return 20 * math.log10(max_val) - 10 * ag.log10(error)


def _windows(name: str, kernels: int) -> Any:
    """A convolution or a pooling, by the layer of the same meaning."""

    def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        from nn.keras.ops import windows

        return getattr(windows, name)(
            tensor(inputs), *map(tensor, args[:kernels]), *args[kernels:], **kwargs
        )

    call.__name__ = name
    return call


TABLE |= {name: _windows(name, 0) for name in ("average_pool", "max_pool")}
TABLE |= {name: _windows(name, 1) for name in ("conv", "depthwise_conv")}
TABLE["separable_conv"] = _windows("separable_conv", 2)

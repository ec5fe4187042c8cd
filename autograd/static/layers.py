"""`layers` of the face: a layer makes its variables, and applies them."""

from __future__ import annotations

import math
from typing import Any

from autograd.engine.missing import not_in
from autograd.errors import ArgumentError, ShapeError
from autograd.static import images
from autograd.static import nn as nn_
from autograd.static.functions import add, matmul, reshape, where
from autograd.static.initializers import ones_initializer, zeros_initializer
from autograd.static.scopes import GraphKeys, add_to_collection, get_variable, variable_scope
from autograd.static.symbol import Symbol, apply
from autograd.static.variable import assign

__all__ = [
    "average_pooling2d", "batch_normalization", "conv2d", "dense", "dropout", "flatten",
    "max_pooling2d",
]  # fmt: skip


def dense(
    inputs: Any, units: int, activation: Any = None, use_bias: bool = True,
    kernel_initializer: Any = None, bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Any = None, trainable: bool = True, name: str | None = None,
    reuse: Any = None,
) -> Symbol:  # fmt: skip
    """x w + b along the last axis, then the activation; `w` is `kernel` and `b` is `bias`.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 784])
    ...     y = tf.layers.dense(x, 10, activation=tf.nn.relu)
    ...     y.shape, [v.name for v in tf.trainable_variables()]
    ((None, 10), ['dense/kernel:0', 'dense/bias:0'])
    """
    with variable_scope(name, "dense", reuse=reuse):
        length = _known(inputs, -1, "dense")
        kernel = get_variable(
            "kernel",
            [length, units],
            inputs.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
        )
        return _finished(matmul(inputs, kernel), units, activation, use_bias, bias_initializer)


def conv2d(
    inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
    data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None,
    use_bias: bool = True, kernel_initializer: Any = None,
    bias_initializer: Any = zeros_initializer, kernel_regularizer: Any = None,
    trainable: bool = True, name: str | None = None, reuse: Any = None,
) -> Symbol:  # fmt: skip
    """Convolution of images (N, height, width, C), then the activation."""
    if dilation_rate not in (1, (1, 1), [1, 1]):
        raise ArgumentError("layers.conv2d: dilation_rate is 1 here; nn.Conv2d(dilation=) has it")
    with variable_scope(name, "conv2d", reuse=reuse):
        size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        shape = [*size, _known(inputs, -1, "conv2d"), filters]
        kernel = get_variable(
            "kernel", shape, inputs.dtype, kernel_initializer, kernel_regularizer, trainable
        )
        found = images.conv2d(inputs, kernel, strides, padding, data_format=data_format)
        return _finished(found, filters, activation, use_bias, bias_initializer)


def _finished(x: Any, units: int, activation: Any, use_bias: bool, initializer: Any) -> Symbol:
    if use_bias:
        x = add(x, get_variable("bias", [units], x.dtype, initializer), name="BiasAdd")
    return x if activation is None else activation(x)  # type: ignore[no-any-return]


def _known(x: Any, axis: int, what: str) -> int:
    length = None if x.shape is None else x.node.shape[axis]
    if length is None:
        raise ShapeError(f"layers.{what}: axis {axis} of {x!r} must be known, to make the weights")
    return int(length)


def max_pooling2d(
    inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
    data_format: str = "channels_last", name: str = "MaxPool",
) -> Symbol:  # fmt: skip
    """The largest number of each window."""
    return images.max_pool(inputs, pool_size, strides, padding, data_format, name)


def average_pooling2d(
    inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
    data_format: str = "channels_last", name: str = "AvgPool",
) -> Symbol:  # fmt: skip
    """The mean of each window."""
    return images.avg_pool(inputs, pool_size, strides, padding, data_format, name)


def batch_normalization(
    inputs: Any, axis: int = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True,
    scale: bool = True, training: Any = False, trainable: bool = True, name: str | None = None,
    reuse: Any = None,
) -> Symbol:  # fmt: skip
    """Each feature of the last axis less its mean over its deviation, times `gamma`, plus `beta`.

    Where `training` holds, which may be a symbol, mean and variance are those of the batch, and the
    collection UPDATE_OPS has the operations that let the moving ones follow; else the moving ones.
    """
    if inputs.shape is None or axis not in (-1, len(inputs.shape) - 1):
        raise ArgumentError("layers.batch_normalization: axis is the last one, of a known number")
    with variable_scope(name, "batch_normalization", reuse=reuse):
        size, kind = [_known(inputs, -1, "batch_normalization")], inputs.dtype
        gamma, beta, mean, variance = (  # None where there is none
            get_variable(part, size, kind, first, trainable=own and trainable) if there else None
            for part, first, own, there in (
                ("gamma", ones_initializer, True, scale), ("beta", zeros_initializer, True, center),
                ("moving_mean", zeros_initializer, False, True),
                ("moving_variance", ones_initializer, False, True),
            )
        )  # fmt: skip
        used: list[Any] = [mean, variance]
        if training is not False:
            found = nn_.moments(inputs, list(range(len(inputs.shape) - 1)))
            for i, (own, now) in enumerate(zip(used, found, strict=True)):
                new = own * momentum + now * (1 - momentum)
                new = new if training is True else where(training, new, own)
                add_to_collection(GraphKeys.UPDATE_OPS, assign(own, new))
                used[i] = now if training is True else where(training, now, own)
        return nn_.batch_normalization(inputs, used[0], used[1], beta, gamma, epsilon)


def flatten(inputs: Any, name: str = "flatten") -> Symbol:
    """All axes but the first as one."""
    lengths = inputs.shape[1:]
    if None in lengths:
        raise ShapeError(f"layers.flatten: the lengths of {inputs!r} but the first must be known")
    return reshape(inputs, (-1, math.prod(lengths)), name)


def dropout(
    inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None,
    training: Any = False, name: str = "dropout",
) -> Symbol:  # fmt: skip
    """Each number 0 with the chance `rate` where `training` holds, which may be a symbol."""
    if training is False:
        return apply("positive", inputs, label=name)
    dropped = nn_.dropout(inputs, None, noise_shape, seed, name, rate)
    return dropped if training is True else where(training, dropped, inputs)


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)

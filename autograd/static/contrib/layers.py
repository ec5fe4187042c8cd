"""`tf.contrib.layers`: initializers and layers by their older names."""

from __future__ import annotations

from typing import Any

from autograd.engine.missing import not_in
from autograd.static.functions import reduce_sum
from autograd.static.initializers import (
    glorot_normal_initializer,
    glorot_uniform_initializer,
    variance_scaling_initializer,
)
from autograd.static.layers import dense, flatten
from autograd.static.nn import l2_loss, relu
from autograd.static.symbol import Symbol, apply

__all__ = [
    "flatten", "fully_connected", "l1_regularizer", "l2_regularizer",
    "variance_scaling_initializer", "xavier_initializer", "xavier_initializer_conv2d",
]  # fmt: skip


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = None) -> Any:
    """Glorot's uniform numbers, or his normal ones."""
    return (glorot_uniform_initializer if uniform else glorot_normal_initializer)(seed)


xavier_initializer_conv2d = xavier_initializer


def l2_regularizer(scale: float) -> Any:
    """Half the sum of squares of a variable, times a scale, as a term of the loss."""
    return lambda weights: l2_loss(weights) * scale


def l1_regularizer(scale: float) -> Any:
    """The sum of the absolute values of a variable, times a scale, as a term of the loss."""
    return lambda weights: reduce_sum(apply("abs", weights)) * scale


def fully_connected(
    inputs: Any, num_outputs: int, activation_fn: Any = relu, weights_initializer: Any = None,
    scope: str | None = None, reuse: Any = None,
) -> Symbol:  # fmt: skip
    """`layers.dense`, with relu unless another activation is given."""
    return dense(
        inputs, num_outputs, activation_fn, kernel_initializer=weights_initializer,
        name=scope, reuse=reuse,
    )  # fmt: skip


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)

"""Normalization of batches, of examples and of groups of channels."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn import functional as F
from nn.keras import constraints, initializers, regularizers
from nn.keras.base.layer import Layer, Option
from nn.keras.layers.weighted import last_length
from nn.normalization.batch_norm import move
from nn.normalization.ops import pair, standardize

__all__ = [
    "BatchNormalization", "GroupNormalization", "LayerNormalization", "RMSNormalization",
    "UnitNormalization",
]  # fmt: skip


class _Affine(Layer):
    """Base of layers with gamma and beta."""

    supports_masking = True
    _positions: tuple[str, ...] = (
        "beta_initializer", "gamma_initializer", "beta_regularizer", "gamma_regularizer",
        "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        axis: Option = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon, self.center, self.scale = axis, epsilon, center, scale
        for name, value in (("beta", beta_initializer), ("gamma", gamma_initializer)):
            setattr(self, f"{name}_initializer", initializers.get(value))
        for name, value in (("beta", beta_regularizer), ("gamma", gamma_regularizer)):
            setattr(self, f"{name}_regularizer", regularizers.get(value))
        for name, value in (("beta", beta_constraint), ("gamma", gamma_constraint)):
            setattr(self, f"{name}_constraint", constraints.get(value))
        self.gamma: Any = None
        self.beta: Any = None

    def add_affine(self, shape: Option) -> None:
        """The weights gamma and beta, as far as there are to be."""
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                options = {
                    option: getattr(self, f"{name}_{option}")
                    for option in ("initializer", "regularizer", "constraint")
                }
                setattr(self, name, self.add_weight(shape=shape, name=name, **options))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class BatchNormalization(_Affine):
    """Each channel less its mean over the batch, by its deviation; then times gamma, plus beta.

    Outside training, and while the layer is frozen, the moving averages of both are used.

    >>> import numpy as np
    >>> from nn.keras import layers
    >>> layer = layers.BatchNormalization()
    >>> layer(np.ones((4, 3))).shape, [w.name for w in layer.weights]
    ((4, 3), ['gamma', 'beta', 'moving_mean', 'moving_variance'])
    """

    moving_mean: Any
    moving_variance: Any

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        synchronized: bool = False,
        renorm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer,
            gamma_regularizer, beta_constraint, gamma_constraint, **kwargs,
        )  # fmt: skip
        if renorm:
            raise ArgumentError("BatchNormalization: renorm=True is not here; leave it out")
        self.momentum = momentum
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Any) -> None:
        shape = (last_length(self, input_shape, self._axis(len(input_shape))),)
        self.add_affine(shape)
        for name in ("moving_mean", "moving_variance"):
            make = getattr(self, f"{name}_initializer")
            made = self.add_weight(shape=shape, initializer=make, name=name, trainable=False)
            setattr(self, name, made)
        self.built = True

    def _axis(self, rank: int) -> int:
        axis = self.axis[0] if isinstance(self.axis, (list, tuple)) else self.axis
        if not -rank <= axis < rank or axis % rank == 0:
            raise ArgumentError(
                f"BatchNormalization {self.name!r}: axis={self.axis} is no axis of channels of "
                f"inputs of {rank} axes"
            )
        return axis % rank

    def call(self, inputs: Any, training: bool = False) -> Any:
        axis = self._axis(inputs.ndim)
        if inputs.shape[axis] != len(self.moving_mean):
            raise ShapeError(
                f"BatchNormalization {self.name!r} was built for {len(self.moving_mean)} channels "
                f"on axis {axis}; got {inputs.shape}"
            )
        x = inputs if axis == 1 else ag.moveaxis(inputs, axis, 1)
        gamma, beta = pair(self.gamma, self.beta)
        if gamma is not None and beta is None:
            beta = np.zeros(gamma.shape, gamma.dtype)
        if training and self.trainable:
            axes = (0, *range(2, x.ndim))
            x, mean, variance = standardize(x, gamma, beta, axes=axes, eps=self.epsilon)
            move(self.moving_mean, mean, 1 - self.momentum, (-1,))
            move(self.moving_variance, variance, 1 - self.momentum, (-1,))
        else:
            x = F.batch_norm(
                x, self.moving_mean, self.moving_variance, gamma, beta, eps=self.epsilon
            )
        return x if axis == 1 else ag.moveaxis(x, 1, axis)


class LayerNormalization(_Affine):
    """Each example less its mean over the last axis, or axes, by its deviation."""

    def __init__(
        self, axis: Option = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        rms_scaling: bool = False, *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(axis, epsilon, center, scale, *args, **kwargs)
        if rms_scaling:
            raise ArgumentError("LayerNormalization: for rms_scaling=True write RMSNormalization()")

    def _axes(self, rank: int) -> list[int]:
        axes = self.axis if isinstance(self.axis, (list, tuple)) else [self.axis]
        return sorted(a % rank for a in axes)

    def build(self, input_shape: Any) -> None:
        self.add_affine(
            tuple(last_length(self, input_shape, a) for a in self._axes(len(input_shape)))
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        axes = self._axes(inputs.ndim)
        last = [*range(inputs.ndim - len(axes), inputs.ndim)]
        x = inputs if axes == last else ag.moveaxis(inputs, tuple(axes), tuple(last))
        shape = x.shape[-len(axes) :]
        gamma, beta = pair(self.gamma, self.beta)
        x = F.layer_norm(x, shape, gamma, beta, self.epsilon)
        return x if axes == last else ag.moveaxis(x, tuple(last), tuple(axes))


class RMSNormalization(Layer):
    """Each example by the root of the mean of its squares over an axis, times a scale."""

    supports_masking = True

    def __init__(self, axis: int = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, epsilon

    def build(self, input_shape: Any) -> None:
        shape = (last_length(self, input_shape, self.axis),)
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = ag.moveaxis(inputs, self.axis, -1)
        x = F.rms_norm(x, x.shape[-1:], self.scale, self.epsilon)
        return ag.moveaxis(x, -1, self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class GroupNormalization(_Affine):
    """Each group of channels of an example less its mean, by its deviation; -1: one a channel."""

    def __init__(
        self, groups: Option = 32, axis: Option = -1, epsilon: float = 1e-3, center: bool = True,
        scale: bool = True, *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(axis, epsilon, center, scale, *args, **kwargs)
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        channels = last_length(self, input_shape, self.axis)
        self.groups = channels if self.groups == -1 else self.groups
        if channels % self.groups:
            raise ArgumentError(
                f"{self.name}: {channels} channels do not fall into {self.groups} groups"
            )
        self.add_affine((channels,))
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = ag.moveaxis(inputs, self.axis, 1)
        x = F.group_norm(x, self.groups, self.gamma, self.beta, self.epsilon)
        return ag.moveaxis(x, 1, self.axis)


class UnitNormalization(Layer):
    """Each example by its norm over an axis."""

    def __init__(self, axis: Option = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        axes = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        squares = ag.sum(ag.square(inputs), axis=axes, keepdims=True)
        return inputs / ag.sqrt(ag.maximum(squares, 1e-12))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

"""Convolutions of each channel by itself, alone and before one that mixes channels."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.convolution.ops import convolution
from nn.keras import constraints, initializers, regularizers
from nn.keras.base.layer import Option
from nn.keras.layers.convolving import Convolution, channels_first, channels_last
from nn.keras.layers.weighted import positive

__all__ = [
    "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
    "SeparableConvolution1D", "SeparableConvolution2D",
]  # fmt: skip


class _Depthwise(Convolution):
    def __init__(
        self,
        kernel_size: Option,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Option = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint, activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.depth_multiplier = positive(type(self).__name__, "depth_multiplier", depth_multiplier)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def _depthwise_kernel(self, input_shape: Any, name: str) -> Any:
        shape = (*self.kernel_size, self.channels(input_shape), self.depth_multiplier)
        return self.add_kernel(shape, name, "depthwise")

    def _by_channel(self, inputs: Any, kernel: Any, bias: Option) -> Any:
        channels, rank = kernel.shape[-2], self._rank
        self._check(inputs, channels)
        weight = ag.permute_dims(kernel, (rank, rank + 1, *range(rank)))
        weight = ag.reshape(weight, (channels * self.depth_multiplier, 1, *self.kernel_size))
        x = channels_first(inputs, self.data_format)
        return self.convolved(x, weight, bias, channels)


class DepthwiseConv2D(_Depthwise):
    """Each channel of images convolved by itself, with `depth_multiplier` kernels."""

    def build(self, input_shape: Any) -> None:
        self.kernel = self._depthwise_kernel(input_shape, "kernel")
        self.add_bias(self.kernel.shape[-1] * self.kernel.shape[-2])
        self.built = True

    def call(self, inputs: Any) -> Any:
        out = self._by_channel(inputs, self.kernel, self.bias)
        return self.activated(channels_last(out, self.data_format))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.shaped(input_shape, self.channels(input_shape) * self.depth_multiplier)


class DepthwiseConv1D(DepthwiseConv2D):
    """Each channel of sequences convolved by itself."""

    _rank = 1


class _Separable(_Depthwise):
    def __init__(
        self,
        filters: int,
        kernel_size: Option,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Option = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, activation,
            use_bias, depthwise_initializer, bias_initializer, depthwise_regularizer,
            bias_regularizer, activity_regularizer, depthwise_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
        self.filters = positive(type(self).__name__, "filters", filters)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = constraints.get(pointwise_constraint)

    def build(self, input_shape: Any) -> None:
        self.depthwise_kernel = self._depthwise_kernel(input_shape, "depthwise_kernel")
        between = self.depthwise_kernel.shape[-2] * self.depth_multiplier
        shape = (*(1,) * self._rank, between, self.filters)
        self.pointwise_kernel = self.add_kernel(shape, "pointwise_kernel", "pointwise")
        self.add_bias(self.filters)
        self.built = True

    def call(self, inputs: Any) -> Any:
        x = self._by_channel(inputs, self.depthwise_kernel, None)
        rank = self._rank
        weight = ag.permute_dims(self.pointwise_kernel, (rank + 1, rank, *range(rank)))
        ones, none = (1,) * rank, ((0, 0),) * rank
        out = convolution(x, weight, self.bias, stride=ones, padding=none, dilation=ones, groups=1)
        return self.activated(channels_last(out, self.data_format))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.shaped(input_shape, self.filters)


class SeparableConv1D(_Separable):
    """A convolution by channel, then one that mixes channels, of sequences."""

    _rank = 1


class SeparableConv2D(_Separable):
    """A convolution by channel, then one that mixes channels, of images."""


# Keras' other names
SeparableConvolution2D = SeparableConv2D
SeparableConvolution1D = SeparableConv1D

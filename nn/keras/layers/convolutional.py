"""Convolutions over images and sequences, kernels in Keras' layout: (*size, in, out).

Images have their channels last. A layer looks at them with the channels first, as the kernels of
`nn.convolution` do, and back: both are views, so that a chain of layers copies nothing.
"""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn.convolution.ops import convolution, convolution_transposed
from nn.keras import constraints, initializers, regularizers
from nn.keras.engine.layer import Option
from nn.keras.layers.reshaping import axes_of, check_format, numbers
from nn.keras.layers.weighted import Weighted, check_rank, last_length, positive

__all__ = [
    "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose",
    "Convolution1D", "Convolution2D", "Convolution2DTranspose", "Convolution3D", "DepthwiseConv1D",
    "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D", "SeparableConvolution2D",
    "channels_first", "channels_last", "same_width",
]  # fmt: skip


def channels_first(x: Any, data_format: str) -> Any:
    """The input with its channels before the places."""
    return x if data_format == "channels_first" else ag.moveaxis(x, -1, 1)


def channels_last(x: Any, data_format: str) -> Any:
    """The output where its channels belong."""
    return x if data_format == "channels_first" else ag.moveaxis(x, 1, -1)


def same_width(n: int, size: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """What "same" adds before and after an axis, so that ⌈n / stride⌉ places come out."""
    total = max((-(-n // stride) - 1) * stride + (size - 1) * dilation + 1 - n, 0)
    return total // 2, total - total // 2


class _Convolution(Weighted):
    """What all convolutions share: sizes, strides, padding and where the channels are."""

    _rank = 2
    _paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self, kernel_size: Option, strides: Any, padding: str, data_format: Any, dilation_rate: Any,
        activation: Option, use_bias: bool, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(activation, use_bias, **kwargs)
        name = type(self).__name__
        self.kernel_size = numbers(name, "kernel_size", kernel_size, self._rank)
        self.strides = numbers(name, "strides", strides, self._rank)
        self.dilation_rate = numbers(name, "dilation_rate", dilation_rate, self._rank)
        self.data_format = check_format(name, data_format)
        self.padding = padding.lower() if isinstance(padding, str) else padding
        if self.padding not in self._paddings:
            shown = " or ".join(map(repr, self._paddings))
            raise ArgumentError(f"{name}: padding is {shown}, got {padding!r}")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1 and name.endswith("D"):
            raise ArgumentError(
                f"{name}: strides {self.strides} and dilation_rate {self.dilation_rate} cannot "
                "both be more than 1"
            )

    def channels(self, input_shape: Any) -> int:
        """The number of channels of an input."""
        shape = check_rank(self, input_shape, self._rank + 2)
        return last_length(self, shape, 1 if self.data_format == "channels_first" else -1)

    def widths(self, lengths: Any) -> tuple[tuple[int, int], ...]:
        """(before, after) that an input is padded with along each axis."""
        if self.padding == "causal":
            return (((self.kernel_size[0] - 1) * self.dilation_rate[0], 0),)
        if self.padding == "valid":
            return ((0, 0),) * self._rank
        parts = (lengths, self.kernel_size, self.strides, self.dilation_rate)
        return tuple(same_width(*numbers) for numbers in zip(*parts, strict=True))

    def convolved(self, x: Any, weight: Any, bias: Option, groups: int = 1) -> Any:
        """The convolution of (N, C, ...) with a weight (O, C/groups, ...)."""
        spans = [(k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]
        widths, lengths = self.widths(x.shape[2:]), x.shape[2:]
        for n, span, width in zip(lengths, spans, widths, strict=True):
            if n + sum(width) < span:
                raise ShapeError(
                    f"{self.name}: a kernel of {self.kernel_size} does not fit into images of "
                    f"{lengths}; take a smaller one, or padding='same'"
                )
        return convolution(
            x, weight, bias, stride=self.strides, padding=widths, dilation=self.dilation_rate,
            groups=groups,
        )  # fmt: skip

    def _check(self, x: Any, channels: int) -> None:
        axis = 1 if self.data_format == "channels_first" else -1
        if x.ndim != self._rank + 2 or x.shape[axis] != channels:
            raise ShapeError(
                f"{self.name} was built for {channels} channels on axis {axis} of inputs of "
                f"{self._rank + 2} axes; got {x.shape}"
            )

    def places(self, lengths: Any) -> Any:
        """The lengths of the output."""
        found = []
        for n, k, s, d in zip(
            lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True
        ):
            span = (k - 1) * d + 1 if self.padding == "valid" else 1
            if n is not None and n < span:
                raise ShapeError(
                    f"{self.name}: a kernel of {self.kernel_size} does not fit into images of "
                    f"{tuple(lengths)}; take a smaller one, or padding='same'"
                )
            found.append(None if n is None else (n - span) // s + 1)
        return found

    def shaped(self, input_shape: Any, channels: int) -> Any:
        axes = axes_of(self._rank, self.data_format)
        places = self.places([input_shape[a] for a in axes])
        if self.data_format == "channels_first":
            return (input_shape[0], channels, *places)
        return (input_shape[0], *places, channels)


class _Conv(_Convolution):
    def __init__(
        self,
        filters: int,
        kernel_size: Option,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Option = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            **kwargs,
        )
        self.filters = positive(type(self).__name__, "filters", filters)
        self.groups = positive(type(self).__name__, "groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(
                f"{type(self).__name__}: {self.filters} filters do not fall into {groups} groups"
            )

    def build(self, input_shape: Any) -> None:
        channels = self.channels(input_shape)
        if channels % self.groups:
            raise ArgumentError(f"{self.name}: {channels} channels, not for {self.groups} groups")
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_kernel(shape)
        self.add_bias(self.filters)
        self.built = True

    def call(self, inputs: Any) -> Any:
        self._check(inputs, self.kernel.shape[-2] * self.groups)
        rank = self._rank
        weight = ag.permute_dims(self.kernel, (rank + 1, rank, *range(rank)))
        x = channels_first(inputs, self.data_format)
        out = self.convolved(x, weight, self.bias, self.groups)
        return self.activated(channels_last(out, self.data_format))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.shaped(input_shape, self.filters)


class Conv1D(_Conv):
    """Convolution of sequences (N, T, C); padding is "valid", "same" or "causal"."""

    _rank = 1
    _paddings = ("valid", "same", "causal")


class Conv2D(_Conv):
    """Convolution of images (N, H, W, C).

    >>> import numpy as np
    >>> from nn.keras import layers
    >>> layer = layers.Conv2D(8, 3, padding="same", activation="relu")
    >>> layer(np.ones((2, 5, 5, 1))).shape, layer.kernel.shape
    ((2, 5, 5, 8), (3, 3, 1, 8))
    """


class Conv3D(_Conv):
    """Convolution of volumes (N, D, H, W, C)."""

    _rank = 3


# ---- transposed ----------------------------------------------------------------------------------


class _Transposed(_Convolution):
    def __init__(
        self,
        filters: int,
        kernel_size: Option,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Option = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Option = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            **kwargs,
        )
        self.filters = positive(type(self).__name__, "filters", filters)
        self.output_padding = output_padding
        if output_padding is not None:
            given = output_padding if isinstance(output_padding, (tuple, list)) else (
                (output_padding,) * self._rank
            )  # fmt: skip
            self.output_padding = tuple(given)

    def build(self, input_shape: Any) -> None:
        channels = self.channels(input_shape)
        self.kernel = self.add_kernel((*self.kernel_size, self.filters, channels))
        self.add_bias(self.filters)
        self.built = True

    def call(self, inputs: Any) -> Any:
        self._check(inputs, self.kernel.shape[-1])
        rank = self._rank
        weight = ag.permute_dims(self.kernel, (rank + 1, rank, *range(rank)))
        x = channels_first(inputs, self.data_format)
        lengths = tuple(self.places(x.shape[2:]))
        widths = []
        for n, out, k, s, d in zip(
            x.shape[2:], lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True
        ):
            total = (n - 1) * s + (k - 1) * d + 1 - out
            before = 0 if self.padding == "valid" else max(total, 0) // 2
            if self.padding == "same" and self.output_padding is not None:
                before = ((k - 1) * d + 1) // 2
            widths.append((before, total - before))
        out = convolution_transposed(
            x, weight, lengths, stride=self.strides, padding=tuple(widths),
            dilation=self.dilation_rate, groups=1,
        )  # fmt: skip
        if self.bias is not None:
            out = out + ag.reshape(self.bias, (-1, *(1,) * rank))
        return self.activated(channels_last(out, self.data_format))

    def places(self, lengths: Any) -> Any:
        more = self.output_padding or (None,) * self._rank
        parts = (lengths, self.kernel_size, self.strides, self.dilation_rate, more)
        return [self._length(*numbers) for numbers in zip(*parts, strict=True)]

    def _length(self, n: Any, k: int, s: int, d: int, more: Any) -> Any:
        span = (k - 1) * d + 1
        if n is None:
            return None
        if more is not None:
            return (n - 1) * s + span - (2 * (span // 2) if self.padding == "same" else 0) + more
        return n * s + (max(span - s, 0) if self.padding == "valid" else 0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.shaped(input_shape, self.filters)


class Conv1DTranspose(_Transposed):
    """Transposed convolution of sequences; the kernel is (size, out, in)."""

    _rank = 1


class Conv2DTranspose(_Transposed):
    """Transposed convolution of images; the kernel is (*size, out, in)."""


class Conv3DTranspose(_Transposed):
    """Transposed convolution of volumes; the kernel is (*size, out, in)."""

    _rank = 3


# ---- by channel ----------------------------------------------------------------------------------


class _Depthwise(_Convolution):
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
Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
Convolution2DTranspose = Conv2DTranspose
SeparableConvolution2D = SeparableConv2D

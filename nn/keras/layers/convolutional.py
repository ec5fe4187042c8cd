"""Convolutions over images and sequences, kernels in Keras' layout: (*size, in, out).

Images have their channels last. A layer looks at them with the channels first, as the kernels of
`nn.convolution` do, and back: both are views, so that a chain of layers copies nothing.
"""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.errors import ArgumentError
from nn.keras.base.layer import Option
from nn.keras.engine.old_names import with_old_names
from nn.keras.layers.convolving import Convolution, channels_first, channels_last
from nn.keras.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from nn.keras.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from nn.keras.layers.separable import (
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from nn.keras.layers.transposed import (
    Conv2DTranspose,
    Conv3DTranspose,
)
from nn.keras.layers.weighted import positive

# Poolings and borders too: Keras 1 and 2 had them here.
__all__ = [
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "Conv1D", "Conv2D",
    "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "Convolution1D", "Convolution2D",
    "Convolution3D", "Cropping1D", "Cropping2D", "Cropping3D", "DepthwiseConv2D", "MaxPooling1D",
    "MaxPooling2D", "MaxPooling3D", "SeparableConv1D", "SeparableConv2D", "UpSampling1D",
    "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
]  # fmt: skip


class _Conv(Convolution):
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


# Keras' other names
Convolution1D = Conv1D


class Convolution2D(Conv2D):
    """Conv2D by its name in Keras 1, where the sizes of the kernel were numbers of their own.

    >>> import warnings
    >>> from nn.keras import layers
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     layers.Convolution2D(8, 3, 5).kernel_size
    (3, 5)
    """

    _sizes_apart = True


Convolution3D = Conv3D

__getattr__ = with_old_names("nn.keras.layers")

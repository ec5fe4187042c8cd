"""Transposed convolutions: each input is spread over the output by the kernel."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.convolution.ops import convolution_transposed
from nn.keras.base.layer import Option
from nn.keras.layers.convolving import Convolution, channels_first, channels_last
from nn.keras.layers.weighted import positive

__all__ = [
    "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution1DTranspose",
    "Convolution2DTranspose", "Convolution3DTranspose",
]  # fmt: skip


class _Transposed(Convolution):
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


# Keras' other names
Convolution2DTranspose = Conv2DTranspose
Convolution1DTranspose = Conv1DTranspose
Convolution3DTranspose = Conv3DTranspose

"""What all convolutions of the face share: sizes, strides, padding, and where the channels are."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.errors import ArgumentError, ShapeError
from nn.convolution.ops import convolution
from nn.keras.base.layer import Option
from nn.keras.layers.reshaping import axes_of, check_format, numbers
from nn.keras.layers.weighted import Weighted, check_rank, last_length

__all__ = ["Convolution", "channels_first", "channels_last", "same_width"]


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


class Convolution(Weighted):
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

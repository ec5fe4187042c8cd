"""Convolutions and poolings of keras.ops, with channels last."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.engine.diagnose import check_choice
from autograd.errors import ShapeError
from nn.convolution.ops import convolution
from nn.keras import layers
from nn.keras.layers.convolving import channels_first, channels_last, same_width

__all__ = ["average_pool", "conv", "depthwise_conv", "max_pool", "separable_conv"]


def _rank(inputs: Any) -> int:
    rank = inputs.ndim - 2
    if rank not in (1, 2, 3):
        raise ShapeError(f"keras.ops: inputs have 3, 4 or 5 axes, got {inputs.shape}")
    return int(rank)


def _pooled(kind: str) -> Any:
    def pool(
        inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
        data_format: Any = None,
    ) -> Any:  # fmt: skip
        layer = getattr(layers, f"{kind}Pooling{_rank(inputs)}D")
        return layer(pool_size, strides, padding, data_format)(inputs)

    return pool


average_pool, max_pool = _pooled("Average"), _pooled("Max")


def _numbers(given: Any, rank: int) -> tuple[int, ...]:
    return (given,) * rank if isinstance(given, int) else tuple(given)


def conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution with a kernel (*size, in, out)."""
    rank = _rank(inputs)
    weight = ag.permute_dims(kernel, (rank + 1, rank, *range(rank)))
    return _convolved(inputs, weight, strides, padding, data_format, dilation_rate)


def depthwise_conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution of each channel by itself, with a kernel (*size, in, times)."""
    rank = _rank(inputs)
    weight = ag.permute_dims(kernel, (rank, rank + 1, *range(rank)))
    weight = ag.reshape(weight, (-1, 1, *kernel.shape[:rank]))
    return _convolved(inputs, weight, strides, padding, data_format, dilation_rate)


def separable_conv(
    inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1,
    padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution of each channel, and then of the channels at each place."""
    options = (strides, padding, data_format, dilation_rate)
    found = depthwise_conv(inputs, depthwise_kernel, *options)
    return conv(found, pointwise_kernel, data_format=data_format)


def _convolved(
    inputs: Any, weight: Any, strides: Any, padding: str, data_format: Any, dilation: Any
) -> Any:
    """The convolution with a weight (out, in/groups, *size)."""
    rank = _rank(inputs)
    form = "channels_last" if data_format is None else data_format
    x = channels_first(inputs, form)
    strides, dilation = _numbers(strides, rank), _numbers(dilation, rank)
    check_choice("padding", padding.lower(), ("valid", "same"))
    widths = ((0, 0),) * rank
    if padding.lower() == "same":
        parts = (x.shape[2:], weight.shape[2:], strides, dilation)
        widths = tuple(same_width(*numbers) for numbers in zip(*parts, strict=True))
    found = convolution(
        x, weight, None, stride=strides, padding=widths, dilation=dilation,
        groups=x.shape[1] // weight.shape[1],
    )  # fmt: skip
    return channels_last(found, form)

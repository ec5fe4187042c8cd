"""The partial inverse of max pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import DTypeError, ShapeError
from nn.convolution.windows import check_spatial, per_axis


def _unpooled(
    rank: int,
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Any:
    name = f"max_unpool{rank}d"
    input = input if isinstance(input, ag.Tensor) else ag.asarray(input)
    check_spatial(name, input, rank)
    places = np.asarray(indices)
    if places.dtype.kind not in "iu":
        raise DTypeError(f"{name}: the indices must be integers, not {places.dtype}{here()}")
    if places.shape != input.shape:
        raise ShapeError(
            f"{name}: the indices must have the shape of the input, {input.shape}; they are "
            f"{places.shape}{here()}"
        )
    sizes = per_axis(name, "kernel_size", kernel_size, rank)
    strides = sizes if stride is None else per_axis(name, "stride", stride, rank)
    paddings = per_axis(name, "padding", padding, rank)
    axes = zip(input.shape[-rank:], sizes, strides, paddings, strict=True)
    default = tuple((n - 1) * s + k - 2 * p for n, k, s, p in axes)
    lengths = _checked_size(name, default, strides, output_size)
    length = math.prod(lengths)
    if places.size and not 0 <= places.min() <= places.max() < length:
        worst = places.max() if places.max() >= length else places.min()
        raise ValueError(
            f"{name}: index {worst} is out of range: the output is {lengths}, {length} elements a "
            f"channel.\n  Pass the size of what was pooled: output_size=x.shape{here()}"
        )
    lead = input.shape[:-rank]
    zeros = np.zeros((*lead, length), input.dtype)
    values = ag.reshape(input, (*lead, math.prod(input.shape[-rank:])))
    out = ag.put_along_axis(zeros, places.reshape(values.shape), values, -1)
    return ag.reshape(out, (*lead, *lengths))


def _checked_size(
    name: str, default: tuple[int, ...], strides: tuple[int, ...], output_size: Any
) -> tuple[int, ...]:
    """The lengths of the output: the default, or others that pool to the same number of windows."""
    if output_size is None:
        return default
    rank = len(default)
    lengths = tuple(map(int, output_size))
    lengths = lengths[-rank:] if len(lengths) in (rank + 1, rank + 2) else lengths
    near = [range(n - s + 1, n + s) for n, s in zip(default, strides, strict=True)]
    if len(lengths) != rank or any(n not in r for n, r in zip(lengths, near, strict=True)):
        allowed = ", ".join(f"{r[0]} to {r[-1]}" for r in near)
        raise ShapeError(
            f"{name}: output_size is {tuple(output_size)}; what pools to this input has the "
            f"lengths {allowed}{here()}"
        )
    return lengths


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """What `max_pool1d` was made of, as far as it is known: the maxima in place, zeros elsewhere.

    Of several values for one place the last stays. `output_size` decides where several lengths pool
    to the same one.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool1d(ag.Tensor([[4.0, 3.0]]), ag.Tensor([[1, 3]]), 2)
    Tensor([[0., 4., 0., 3.]], dtype=float32)
    """
    return _unpooled(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """The maxima of `max_pool2d` in place and zeros elsewhere; see `max_unpool1d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool2d(ag.Tensor([[[4.0]]]), ag.Tensor([[[1]]]), 2)
    Tensor([[[0., 4.],
             [0., 0.]]], dtype=float32)
    """
    return _unpooled(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """The maxima of `max_pool3d` in place and zeros elsewhere; see `max_unpool1d`.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool3d(ag.ones((1, 1, 1, 1)), ag.Tensor([[[[5]]]]), 2).shape
    (1, 2, 2, 2)
    """
    return _unpooled(3, input, indices, kernel_size, stride, padding, output_size)

"""The partial inverse of max pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, DTypeError, ShapeError
from nn.convolution.windows import Pooling, check_spatial, pooling
from nn.module.checks import as_input
from nn.module.ranks import of_ranks


def unpool(input: Any, indices: Any, options: Pooling, output_size: Any = None) -> Tensor:
    """The values of windows that `options` specify, at their indices."""
    name, rank = options.name, len(options.size)
    x = input if isinstance(input, ag.Tensor) else as_input(name, input)
    shape = x.shape
    check_spatial(name, shape, rank)
    places = np.asarray(indices)
    if places.dtype.kind not in "iu":
        raise DTypeError(f"{name}: the indices must be integers, not {places.dtype}{here()}")
    if places.shape != shape:
        raise ShapeError(
            f"{name}: the indices must have the shape of the input, {shape}; they are "
            f"{places.shape}{here()}"
        )
    lengths = _checked_size(options, shape[-rank:], output_size)
    length = math.prod(lengths)
    if places.size and not 0 <= places.min() <= places.max() < length:
        worst = places.max() if places.max() >= length else places.min()
        raise ArgumentError(
            f"{name}: index {worst} is out of range: the output is {lengths}, {length} elements a "
            f"channel.\n  Pass the size of what was pooled: output_size=x.shape{here()}"
        )
    lead = shape[:-rank]
    zeros = np.zeros((*lead, length), x.dtype)
    values = ag.reshape(x, (*lead, math.prod(shape[-rank:])))
    out = ag.put_along_axis(zeros, places.reshape(values.shape), values, -1)
    return ag.reshape(out, (*lead, *lengths))


def _checked_size(options: Pooling, lengths: tuple[int, ...], output_size: Any) -> tuple[int, ...]:
    """The lengths of the output: the default, or others that pool to the same number of windows."""
    name, sizes, strides, paddings, *_ = options
    axes = zip(lengths, sizes, strides, paddings, strict=True)
    default = tuple((n - 1) * s + k - 2 * p for n, k, s, p in axes)
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


def max_unpool(
    rank: int,
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """What `max_pool` was made of over the last `rank` axes, as far as it is known."""
    options = pooling(f"max_unpool{rank}d", rank, kernel_size, stride, padding)
    return unpool(input, indices, options, output_size)


max_unpool1d, max_unpool2d, max_unpool3d = of_ranks(
    max_unpool,
    """What `max_pool1d` was made of, as far as it is known: the maxima in place, zeros elsewhere.

    `indices` are those that it returned, and the options those that it had. Of several values for
    one place the last stays. `output_size` decides where several lengths pool to the same one.

    Shape: (N, C, Lₒ) and integers (N, C, Lₒ) -> (N, C, L); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool1d(ag.Tensor([[4.0, 3.0]]), ag.Tensor([[1, 3]]), 2)
    Tensor([[0., 4., 0., 3.]], dtype=float32)
    """,
    """The maxima of `max_pool2d` in place and zeros elsewhere; see `max_unpool1d`.

    Shape: (N, C, Hₒ, Wₒ) and integers (N, C, Hₒ, Wₒ) -> (N, C, H, W); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool2d(ag.Tensor([[[4.0]]]), ag.Tensor([[[1]]]), 2)
    Tensor([[[0., 4.],
             [0., 0.]]], dtype=float32)
    """,
    """The maxima of `max_pool3d` in place and zeros elsewhere; see `max_unpool1d`.

    Shape: (N, C, Dₒ, Hₒ, Wₒ) and integers (N, C, Dₒ, Hₒ, Wₒ) -> (N, C, D, H, W); all may lack N.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.max_unpool3d(ag.ones((1, 1, 1, 1)), ag.Tensor([[[[5]]]]), 2).shape
    (1, 2, 2, 2)
    """,
)

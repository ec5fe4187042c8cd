"""Windows as columns of a matrix, and back: the matrix side of convolution."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, draw, here, op, sample, samples
from autograd.kernels.convolution import unfolding as kernel
from autograd.kernels.convolution.convolution import Along
from nn.convolution.ops import output_lengths
from nn.convolution.windows import check_spatial, per_axis
from nn.module.checks import as_input

Numbers = tuple[int, ...]
Axes = tuple[tuple[int, int, int, int, int], ...]  # of `Along`

OVERLAPPING: Axes = ((-1, 1, 1, 2, 3), (0, 2, 1, 3, 2))  # of planes (2, 5)
DILATED: Axes = ((0, 1, 2, 2, 1), (-2, 3, 3, 2, 2))  # of planes (3, 4)


def _along(axes: Axes) -> list[Along]:
    return [Along(*numbers) for numbers in axes]


def _numbered(lengths: Numbers, axes: Axes) -> Any:
    """For each window and tap the number of the element there, in the flat plane; else -1."""
    number: Any = np.zeros((), int)
    outside: Any = np.zeros((), bool)
    for n, (start, stride, dilation, size, places) in zip(lengths, axes, strict=True):
        at = start + dilation * np.arange(size)[:, None] + stride * np.arange(places)
        number = np.add.outer(number * n, np.zeros(at.shape, int)) + at
        outside = np.logical_or.outer(outside, (at < 0) | (at >= n))
    rank = len(lengths)
    order = (*range(0, 2 * rank, 2), *range(1, 2 * rank, 2))
    return np.where(outside, -1, number).transpose(order)


def _looked_up(x: Any, axes: Axes) -> Any:
    """The reference of unfolding: each element by its number."""
    planes = x.reshape(*x.shape[:2], math.prod(x.shape[2:]))
    planes = np.concatenate([planes, np.zeros((*x.shape[:2], 1))], -1)
    return planes[:, :, _numbered(x.shape[2:], axes)]


def _added_up(v: Any, lengths: Numbers, axes: Axes) -> Any:
    """The reference of folding: each value added at its number."""
    out = np.zeros((*v.shape[:2], math.prod(lengths) + 1), v.dtype)
    for plane in np.ndindex(*v.shape[:2]):
        np.add.at(out[plane], _numbered(lengths, axes), v[plane])
    return out[:, :, :-1].reshape(*v.shape[:2], *lengths)


@op(
    "windows of x",
    x=lambda g, x_shape, axes: _fold(g, x_shape[2:], axes),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 1, 2, 5), axes=OVERLAPPING),
        lambda: sample(draw(1, 2, 3, 4), axes=DILATED),
        lambda: sample(draw(1, 2, 5), axes=OVERLAPPING[1:]),
        lambda: sample(draw(0, 1, 2, 5), axes=OVERLAPPING, label="empty"),
    ),
    reference=_looked_up,
)
def _unfold(x: Array, /, axes: Axes) -> Array:
    """x (N, C, ...) as (N, C, sizes, places)."""
    return kernel.unfold(x, _along(axes))


@op(
    "Σ of windows v",
    wide=True,
    v=lambda g, axes: _unfold(g, axes),
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 1, 2, 3, 3, 2), lengths=(2, 5), axes=OVERLAPPING),
        lambda: sample(draw(1, 2, 2, 2, 1, 2), lengths=(3, 4), axes=DILATED),
        lambda: sample(draw(1, 2, 3, 2), lengths=(5,), axes=OVERLAPPING[1:]),
        lambda: sample(draw(0, 1, 2, 3, 3, 2), lengths=(2, 5), axes=OVERLAPPING, label="empty"),
    ),
    reference=_added_up,
)
def _fold(v: Array, /, lengths: Numbers, axes: Axes) -> Array:
    """v (N, C, sizes, places), added up to (N, C, lengths)."""
    return kernel.fold(v, lengths, _along(axes))


# ---- the functions -------------------------------------------------------------------------------


class Unfolding(NamedTuple):
    """The options of windows as columns, a number for each axis."""

    name: str
    size: Numbers
    dilation: Numbers
    padding: Numbers
    stride: Numbers


@lru_cache(maxsize=1024)
def specify(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Unfolding:
    """Options as they are given, a number or one for each axis, checked."""
    options = Unfolding(
        name,
        per_axis(name, "kernel_size", kernel_size, 2),
        per_axis(name, "dilation", dilation, 2),
        per_axis(name, "padding", padding, 2),
        per_axis(name, "stride", stride, 2),
    )
    for what, least, numbers in (
        ("kernel_size", 1, options.size), ("dilation", 1, options.dilation),
        ("stride", 1, options.stride), ("padding", 0, options.padding),
    ):  # fmt: skip
        if min(numbers) < least:
            raise ArgumentError(f"{name}: {what} must be at least {least}, got {numbers}{here()}")
    return options


@lru_cache(maxsize=1024)
def _axes_of(options: Unfolding, lengths: Numbers) -> Axes:
    name, sizes, dilations, pads, strides = options
    places = output_lengths(lengths, sizes, strides, tuple((p, p) for p in pads), dilations)
    if min(places) < 1:
        raise ShapeError(
            f"{name}: a window of {sizes}, dilation {dilations}, does not fit into {lengths} with "
            f"padding {pads}{here()}"
        )
    starts = tuple(-p for p in pads)
    return tuple(zip(starts, strides, dilations, sizes, places, strict=True))


def unfolded(input: Any, options: Unfolding) -> Tensor:
    """The windows that `options` specify, as columns."""
    x = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    shape = x.shape
    axes, columns = _columns(options, shape)
    out = ag.reshape(_unfold(x if len(shape) == 4 else x[None], axes), columns)
    return out if len(shape) == 4 else out[0]


def folded(input: Any, options: Unfolding, lengths: Numbers) -> Tensor:
    """Columns added up to images of these lengths."""
    v = input if isinstance(input, ag.Tensor) else as_input(options.name, input)
    shape = v.shape
    axes, windows = _windows(options, shape, lengths)
    out = _fold(ag.reshape(v, windows), lengths, axes)
    return out if len(shape) == 3 else out[0]


@lru_cache(maxsize=1024)
def _columns(options: Unfolding, shape: Numbers) -> tuple[Axes, Numbers]:
    """The windows of an image, and the shape of all of them as columns."""
    check_spatial(options.name, shape, 2)
    axes = _axes_of(options, shape[-2:])
    count = shape[0] if len(shape) == 4 else 1
    sizes, places = (math.prod(a[i] for a in axes) for i in (3, 4))
    return axes, (count, shape[-3] * sizes, places)


@lru_cache(maxsize=1024)
def _windows(options: Unfolding, shape: Numbers, lengths: Numbers) -> tuple[Axes, Numbers]:
    """The windows of an image of these lengths, and the shape of columns as windows."""
    name, sizes = options.name, options.size
    if len(shape) not in (2, 3):
        raise ShapeError(
            f"{name}: the input is {shape}; it must be (N, C·K, L) or (C·K, L){here()}"
        )
    axes = _axes_of(options, lengths)
    places = tuple(a[4] for a in axes)
    rows, columns = shape[-2:]
    if rows % math.prod(sizes):
        raise ShapeError(
            f"{name}: the input is {shape}; its {rows} rows are no multiple of the "
            f"{math.prod(sizes)} elements of a window {sizes}{here()}"
        )
    if columns != math.prod(places):
        raise ShapeError(
            f"{name}: the input is {shape}; with these options an image {lengths} has "
            f"{math.prod(places)} windows, not {columns}{here()}"
        )
    count = shape[0] if len(shape) == 3 else 1
    return axes, (count, rows // math.prod(sizes), *sizes, *places)


@checked
def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """The windows of images as columns.

    A window holds the K = KH·KW elements of each channel, of `kernel_size` (KH, KW) and each
    `dilation` apart; there are L of them, row by row, `stride` apart, from `padding` before to
    `padding` behind the image, where all is zero. A convolution is weight.reshape(O, C·K) @
    unfold(input, ...).

    Shape: (N, C, H, W) or (C, H, W) -> (N, C·K, L) or (C·K, L).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.unfold(ag.Tensor([[[1.0, 2.0, 3.0]]]), (1, 2))
    Tensor([[1., 2.],
            [2., 3.]], dtype=float32)
    """
    return unfolded(input, specify("unfold", kernel_size, dilation, padding, stride))


@checked
def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """The columns of `unfold` added up to images of `output_size`.

    It is the transpose of `unfold` with the same options: an element that lay in several windows is
    the sum of its values there.

    Shape: (N, C·K, L) or (C·K, L) -> (N, C, H, W) or (C, H, W).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.fold(ag.Tensor([[1.0, 2.0], [2.0, 3.0]]), (1, 3), (1, 2))
    Tensor([[[1., 4., 3.]]], dtype=float32)
    """
    lengths = per_axis("fold", "output_size", output_size, 2)
    return folded(input, specify("fold", kernel_size, dilation, padding, stride), lengths)

"""What all pooling functions share: a number for each axis, and where the windows lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Sample, Samples, draw, here, sample, samples
from autograd.kernels.convolution.pooling import Windows

__all__ = [
    "Pooling", "check_spatial", "over_planes", "per_axis", "pooling", "unrolled", "windows_over",
]  # fmt: skip

Numbers = tuple[int, ...]

LETTERS = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


def per_axis(name: str, what: str, value: Any, rank: int) -> tuple[int, ...]:
    """A number, or one for each axis, as one for each axis."""
    values = (value,) if isinstance(value, (int, np.integer)) else tuple(value)
    if len(values) not in (1, rank):
        raise ArgumentError(
            f"{name}: {what} is a number, or {rank} of them; it is {tuple(value)}{here()}"
        )
    numbers = tuple(map(int, values))
    return numbers * rank if len(numbers) == 1 else numbers


def check_spatial(name: str, shape: Numbers, rank: int) -> None:
    """Raise ShapeError unless it is the shape (N, C, ...) or (C, ...), with `rank` axes behind."""
    if len(shape) not in (rank + 1, rank + 2):
        axes = ", ".join(LETTERS[rank])
        raise ShapeError(
            f"{name}: the input is {shape}; it must be (N, C, {axes}) or (C, {axes}){here()}"
        )
    if 0 in shape[-rank - 1 :]:
        raise ShapeError(
            f"{name}: the input is {shape}; of its axes only the batch may be empty{here()}"
        )


class Pooling(NamedTuple):
    """The options of a pooling function, a number for each axis."""

    name: str
    size: Numbers
    stride: Numbers
    padding: Numbers
    dilation: Numbers
    ceil_mode: bool


@lru_cache(maxsize=1024)
def pooling(
    name: str,
    rank: int,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Pooling:
    """Options as they are given, a number or one for each axis, checked."""
    sizes = per_axis(name, "kernel_size", kernel_size, rank)
    strides = sizes if stride is None else per_axis(name, "stride", stride, rank)
    paddings = per_axis(name, "padding", padding, rank)
    dilations = per_axis(name, "dilation", dilation, rank)
    for what, values in (("kernel_size", sizes), ("stride", strides), ("dilation", dilations)):
        if min(values) < 1:
            raise ArgumentError(f"{name}: {what} must be at least 1, got {values}{here()}")
    return Pooling(name, sizes, strides, paddings, dilations, ceil_mode)


@lru_cache(maxsize=1024)
def windows_over(options: Pooling, shape: Numbers) -> Windows:
    """The windows over the last axes of an array."""
    name, sizes, strides, paddings, dilations, ceil_mode = options
    rank = len(sizes)
    check_spatial(name, shape, rank)
    lengths = shape[-rank:]
    axes = zip(lengths, sizes, strides, paddings, dilations, strict=True)
    counts = [_count(name, lengths, axis, *numbers, ceil_mode) for axis, numbers in enumerate(axes)]
    return Windows(sizes, strides, paddings, dilations, tuple(counts))


def _count(
    name: str,
    lengths: tuple[int, ...],
    axis: int,
    n: int,
    size: int,
    stride: int,
    padding: int,
    dilation: int,
    ceil_mode: bool,
) -> int:
    """How many windows there are along an axis; with `ceil_mode` the last may hang over its end."""
    letter = LETTERS[len(lengths)][axis]
    span = (size - 1) * dilation + 1
    if not 0 <= 2 * padding <= span:
        raise ArgumentError(
            f"{name}: along {letter} the padding must lie between 0 and half of the window, "
            f"{span // 2}; it is {padding}{here()}"
        )
    room = n + 2 * padding - span
    count = (room + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (count - 1) * stride >= n + padding:
        count -= 1  # that window would lie in the padding alone
    if count < 1:
        raise ShapeError(
            f"{name}: a window along {letter} spans {span}, and the input {lengths} has only {n} "
            f"there{f' + 2·{padding} of padding' if padding else ''}.\n  Take a smaller "
            f"kernel_size, or pad the input.{here()}"
        )
    starts = [i * stride - padding for i in range(count)]
    if dilation > 1 and padding and any(_misses(start, n, size, dilation) for start in starts):
        raise ShapeError(
            f"{name}: along {letter}, of length {n}, a window of dilation {dilation} and padding "
            f"{padding} falls into the padding alone{here()}"
        )
    return count


def _misses(start: int, length: int, size: int, dilation: int) -> bool:
    """Whether a window has no position inside."""
    return not any(0 <= start + k * dilation < length for k in range(size))


# ---- for the samples and references of the ops ---------------------------------------------------

HALVES = Windows((2, 2), (2, 2), (0, 0), (1, 1), (2, 2))  # of planes (4, 5)
OVERLAPPING = Windows((3, 2), (1, 2), (1, 0), (1, 2), (4, 2))  # of planes (4, 5), with dilation
HANGING = Windows((3,), (3,), (1,), (1,), (2,))  # over both ends of 4 elements
DEEP = Windows((2, 1, 3), (1, 2, 2), (1, 0, 1), (1, 1, 1), (3, 1, 2))  # of volumes (2, 2, 4)


def over_planes(*more: Callable[[], Sample]) -> Samples:
    """Samples of an op on the windows of planes, lines and volumes."""
    return samples(
        lambda: sample(draw(2, 1, 4, 5), windows=HALVES, label="halves"),
        lambda: sample(draw(3, 4, 5), windows=OVERLAPPING, label="overlapping"),
        lambda: sample(draw(2, 4), windows=HANGING, label="hanging over"),
        lambda: sample(draw(1, 2, 2, 4), windows=DEEP, label="3-D"),
        lambda: sample(draw(0, 1, 4, 5), windows=HALVES, label="empty"),
        *more,
    )


def unrolled(x: Any, windows: Windows, padding: float) -> Any:
    """The windows copied out one by one: (..., *count, elements of a window)."""
    size, stride, pad, dilation, counts = windows
    lead = x.ndim - len(size)
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    needed = [(n - 1) * s + span for n, s, span in zip(counts, stride, spans, strict=True)]
    widths = [
        (p, max(0, total - n - p)) for p, total, n in zip(pad, needed, x.shape[lead:], strict=True)
    ]
    x = np.pad(x, [(0, 0)] * lead + widths, constant_values=padding)
    axes = tuple(range(lead, x.ndim))
    views = np.lib.stride_tricks.sliding_window_view(x, spans, axes)
    steps = [slice(None, (n - 1) * s + 1, s) for n, s in zip(counts, stride, strict=True)]
    taken = views[(slice(None),) * lead + (*steps, *(slice(None, None, d) for d in dilation))]
    return taken.reshape(*taken.shape[: x.ndim], math.prod(size))

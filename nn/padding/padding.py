"""Padding with a constant, or with what is there: reflected, repeated, or from the other end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, ShapeError
from nn.module.checks import as_input, check_choice
from nn.resampling.ops import Resampling, resample

Numbers = tuple[int, ...]
Pairs = dict[int, tuple[int, int]]  # by axis, which counts from the end
Plan = tuple[Any, tuple[tuple[int, int], ...] | None, tuple[tuple[int, Resampling], ...]]

MODES = ("constant", "reflect", "replicate", "circular")


class Borders(NamedTuple):
    """What is put around an input: pairs (before, after), the last axis first."""

    pad: Numbers
    mode: str
    value: float | None


def specify(pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Borders:
    """Options as they are given, checked."""
    check_choice("mode", mode, MODES)
    return Borders(tuple(map(int, pad)), mode, value)


def padded(input: Any, borders: Borders) -> Tensor:
    """The input with borders."""
    x = input if isinstance(input, ag.Tensor) else as_input("pad", input)
    kept, widths, tables = _planned(borders, x.shape)
    if kept is not None:
        x = x[kept]
    if widths is not None:
        value = borders.value or 0
        if value == 0:
            return ag.zero_pad(x, widths)
        try:
            border = np.asarray(value, x.dtype)
        except OverflowError:
            raise ArgumentError(f"pad: value {value} is beyond {x.dtype}{here()}") from None
        return ag.pad(x, widths, constant_values=border)
    for axis, table in tables:
        x = resample(x, axis, table)
    return x


@lru_cache(maxsize=1024)
def _planned(borders: Borders, shape: Numbers) -> Plan:
    """What is kept of an input, the widths of a constant around it, and resamplings of axes."""
    numbers, mode, value = borders
    pairs, kept = _pairs(numbers, shape), None
    if mode in ("constant", "circular"):
        kept, shape, pairs = _cut(shape, pairs)
    if mode == "constant":
        widths = tuple(pairs.get(axis, (0, 0)) for axis in range(-len(shape), 0))
        return kept, widths if any(map(any, widths)) else None, ()
    if value:
        raise ArgumentError(f"pad: mode {mode!r} takes no value, got {value}{here()}")
    if len(pairs) not in (len(shape) - 1, len(shape) - 2):
        raise ShapeError(
            f"pad: mode {mode!r} pads all axes but N and C: for an input {shape} it needs "
            f"{2 * max(len(shape) - 2, 1)} numbers, got {2 * len(pairs)}{here()}"
        )
    tables, lengths = [], [*shape]
    for axis, (before, after) in pairs.items():
        if before or after:
            length = shape[axis]
            _check_reach(mode, axis, tuple(lengths), before, after)
            lengths[axis] = before + length + after
            tables.append((axis, Resampling(mode, length, lengths[axis], before=before)))
    return kept, None, tuple(tables)


def _pairs(pad: Numbers, shape: Numbers) -> Pairs:
    """(before, after) by axis, which counts from the end."""
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise ArgumentError(
            f"pad: the numbers are pairs (before, after), one for an axis at most, from the last; "
            f"the input is {shape}, got {pad}{here()}"
        )
    pairs = {-1 - n: (pad[2 * n], pad[2 * n + 1]) for n in range(len(pad) // 2)}
    for axis, (before, after) in pairs.items():
        length = shape[axis]
        if before + length + after < 0 or min(before, after) < -length:
            raise ShapeError(
                f"pad: axis {axis} of {shape} has {length} elements; ({before}, {after}) takes "
                f"away more{here()}"
            )
    return pairs


def _check_reach(mode: str, axis: int, shape: Numbers, before: int, after: int) -> None:
    length = shape[axis]
    most = {"reflect": length - 1, "circular": length}.get(mode)
    if length == 0 or (most is not None and max(before, after) > most):
        raise ShapeError(
            f"pad: mode {mode!r} can add at most {most or 0} elements to each end of axis {axis} "
            f"of {shape}, got ({before}, {after}){here()}"
        )


def _cut(shape: Numbers, pairs: Pairs) -> tuple[Any, Numbers, Pairs]:
    """What negative numbers leave of an input, its shape then, and the positive numbers."""
    if all(min(pair) >= 0 for pair in pairs.values()):
        return None, shape, pairs
    kept, lengths = [slice(None)] * len(shape), [*shape]
    for axis, (before, after) in pairs.items():
        kept[axis] = slice(max(0, -before), shape[axis] - max(0, -after))
        lengths[axis] = len(range(shape[axis])[kept[axis]])
    positive = {a: (max(0, b), max(0, e)) for a, (b, e) in pairs.items()}
    return tuple(kept), tuple(lengths), positive


@checked
def pad(
    input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """The input with borders: `pad` has a pair (before, after) for each axis, the last axis first.

    `mode` says what the borders hold: "constant" `value` (0 by default), "reflect" the elements
    next to the end in reverse order, "replicate" the end element, "circular" what follows when the
    axis is a circle. A negative number takes elements away. All modes but "constant" pad the last
    axes of (N, C, ...) or (C, ...), all but N and C.

    Shape: (..., L) -> (..., before + L + after).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pad(ag.Tensor([[1.0, 2.0, 3.0]]), (2, 1), "reflect")
    Tensor([[3., 2., 1., 2., 3., 2.]], dtype=float32)
    """
    return padded(input, specify(pad, mode, value))

"""Padding with a constant, or with what is there: reflected, repeated, or from the other end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from nn.module.checks import check_choice
from nn.resampling.ops import Resampling, resample

MODES = ("constant", "reflect", "replicate", "circular")


def pad(
    input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """The input with borders: `pad` has a pair (before, after) for each axis, the last axis first.

    `mode` says what the borders hold: "constant" `value` (0 by default), "reflect" the elements
    next to the end in reverse order, "replicate" the end element, "circular" what follows when the
    axis is a circle. A negative number takes elements away. All modes but "constant" pad the last
    axes of (N, C, ...) or (C, ...), all but N and C.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pad(ag.Tensor([[1.0, 2.0, 3.0]]), (2, 1), "reflect")
    Tensor([[3., 2., 1., 2., 3., 2.]], dtype=float32)
    """
    check_choice("mode", mode, MODES)
    input = input if isinstance(input, ag.Tensor) else ag.asarray(input)
    pairs = _pairs(tuple(map(int, pad)), input.shape)
    if mode in ("constant", "circular"):
        input, pairs = _cut(input, pairs)
    if mode == "constant":
        return _with_constant(input, pairs, 0 if value is None else value)
    if value:
        raise ValueError(f"pad: mode {mode!r} takes no value, got {value}{here()}")
    if len(pairs) not in (input.ndim - 1, input.ndim - 2):
        raise ShapeError(
            f"pad: mode {mode!r} pads all axes but N and C: for an input {input.shape} it needs "
            f"{2 * max(input.ndim - 2, 1)} numbers, got {2 * len(pairs)}{here()}"
        )
    for axis, (before, after) in pairs.items():
        if before or after:
            length = input.shape[axis]
            _check_reach(mode, axis, input.shape, before, after)
            table = Resampling(mode, length, before + length + after, before=before)
            input = resample(input, axis, table)
    return input


def _pairs(pad: tuple[int, ...], shape: tuple[int, ...]) -> dict[int, tuple[int, int]]:
    """(before, after) by axis, which counts from the end."""
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise ValueError(
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


def _check_reach(mode: str, axis: int, shape: tuple[int, ...], before: int, after: int) -> None:
    length = shape[axis]
    most = {"reflect": length - 1, "circular": length}.get(mode)
    if length == 0 or (most is not None and max(before, after) > most):
        raise ShapeError(
            f"pad: mode {mode!r} can add at most {most or 0} elements to each end of axis {axis} "
            f"of {shape}, got ({before}, {after}){here()}"
        )


def _cut(input: Any, pairs: dict[int, tuple[int, int]]) -> tuple[Any, dict[int, tuple[int, int]]]:
    """The input without what negative numbers take away, and the positive ones."""
    if all(min(pair) >= 0 for pair in pairs.values()):
        return input, pairs
    kept = [slice(None)] * input.ndim
    for axis, (before, after) in pairs.items():
        kept[axis] = slice(max(0, -before), input.shape[axis] - max(0, -after))
    return input[tuple(kept)], {a: (max(0, b), max(0, e)) for a, (b, e) in pairs.items()}


def _with_constant(input: Any, pairs: dict[int, tuple[int, int]], value: float) -> Any:
    if not any(map(any, pairs.values())):
        return input
    widths = [(0, 0)] * input.ndim
    for axis, pair in pairs.items():
        widths[axis] = pair
    if value == 0:
        return ag.zero_pad(input, tuple(widths))
    return ag.pad(input, widths, constant_values=np.asarray(value, input.dtype))

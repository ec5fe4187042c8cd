"""Tensors as data for the page: heat maps of small ones, samples of large ones, what they hold.

A map keeps the numbers themselves, in the digits that are shown, so that a reader can ask for each.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.viz.model.measures import Spread, spread
from autograd.viz.model.numbers import number, rms_text, shaped

__all__ = ["MOST_CELLS", "Tensors", "sampled"]

MOST_CELLS = 4096  # of a map; of larger tensors it shows a sample
_FEWEST_CELLS = 48
_SIDE = 64  # rows and columns that a map has room for
_WISHED, _LEAST_WISHED = 250_000, 40_000  # bytes of maps a page should have: fewer of many ops
_BUDGET = 1_000_000  # and those that it may have
_MANY = 1000  # steps of a page that has no room for so many
_MOST_RECORDS = 3000  # with a histogram, and with the least and the largest number


class Tensors:
    """The records of a page's tensors, each array once."""

    def __init__(self, steps: int) -> None:
        self.records: list[dict[str, Any]] = []
        self._known: dict[Any, int] = {}  # by the array, and by what it holds
        self._kept: list[Any] = []  # an id means nothing once its array is gone
        self._left = _BUDGET if steps <= _MANY else _BUDGET // 3
        wished = max(_LEAST_WISHED, _WISHED - 3000 * steps)
        self._most = min(MOST_CELLS, max(_FEWEST_CELLS, wished // (12 * max(1, steps))))

    def record(self, value: Any, axes: Sequence[str] = ()) -> int:
        """The number of an array's record; `axes` are the names of its axes, "" for none."""
        key = (id(value), tuple(axes))
        known = self._known.get(key)
        if known is None:
            known = self._recorded(np.asarray(value), tuple(axes))
            self._known[key] = known
            self._kept.append(value)
        return known

    def _recorded(self, given: Any, axes: tuple[str, ...]) -> int:
        held = hashlib.sha1(np.ascontiguousarray(given).reshape(-1).view(np.uint8).data).digest()
        key = (held, given.shape, given.dtype.str, axes)
        if key not in self._known:
            self._known[key] = len(self.records)
            self.records.append(self._about(given, axes))
        return self._known[key]

    def _about(self, given: Any, axes: tuple[str, ...]) -> dict[str, Any]:
        is_complex = given.dtype.kind == "c"  # of which sizes are shown
        kind = shaped(given.shape)
        shape = f"sizes of a complex {kind}" if is_complex else kind
        record: dict[str, Any] = {"shape": shape, "rms": rms_text(given, 3)}
        if not given.size or len(self.records) > _MOST_RECORDS:
            return record
        found = spread(given)
        record |= {"low": number(found.low, 3), "high": number(found.high, 3)}
        if found.finite < given.size:
            record |= _not_numbers(given)
        steps = sampled(given.shape, self._most)
        shown = given[tuple(slice(None, None, step) for step in steps)]
        if math.prod(steps) > 1:
            record["histogram"] = _histogram(found)
        if shown.size * 4 < self._left:
            record |= _map(given, shown, steps, axes) | {
                "top": float(f"{max(abs(found.low), abs(found.high)):.4g}")
            }
            self._left -= shown.size * (8 if is_complex else 4)
        return record


def sampled(shape: tuple[int, ...], most: int) -> list[int]:
    """The step along each axis at which a map of at most so many cells takes its elements.

    Axes of length 1 take no room; the longest is thinned first, so that kernels stay whole.

    >>> sampled((64, 64, 3, 3), 600), sampled((5, 4), 600), sampled((5000,), 4096)
    ([8, 8, 1, 1], [1, 1], [2])
    """
    steps = [1] * len(shape)
    is_matrix = sum(n > 1 for n in shape) > 1  # what is a row goes on in the next line

    def count(axis: int) -> int:
        return -(-shape[axis] // steps[axis])

    while shape:
        counts = [count(axis) for axis in range(len(shape))]
        longest = max(range(len(shape)), key=counts.__getitem__)
        if math.prod(counts) <= most and (counts[longest] <= _SIDE or not is_matrix):
            break
        steps[longest] += steps[longest]
    return steps


def _map(given: Any, shown: Any, steps: list[int], axes: tuple[str, ...]) -> dict[str, Any]:
    """The numbers, rounded to the digits that are shown."""
    flat = shown.ravel()
    kind = given.dtype.kind
    parts = [flat.real, flat.imag] if kind == "c" else [flat]
    encoded, width = _packed(np.array([_rounded(part) for part in parts]))
    found: dict[str, Any] = {"size": list(given.shape), "cells": encoded}
    if any(axes):
        found["axes"] = list(axes)
    if math.prod(steps) > 1:
        found["steps"] = steps
    if kind in "cb":
        found["kind"] = kind
    return found if width == 3 else found | {"bytes": width}


def _packed(cells: Any) -> tuple[str, int]:
    """Numbers of four digits, in base 64, and how many bytes each has.

    Three hold them (single precision but for its last byte), and in wider ones what they do not.
    """
    size = np.abs(cells[np.isfinite(cells) & (cells != 0)])
    width = 4 if size.size and size.max() >= 1e4 else 3
    if size.size and (size.max() > 3e38 or size.min() < 1e-37):
        width = 8
    if width == 8:
        raw = cells.tobytes()
    elif width == 4:
        raw = cells.astype("<f4").tobytes()
    else:
        bits = cells.astype("<f4").view("<u4") + np.uint32(0x80)  # rounded to what is kept
        raw = bits.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()
    return base64.b64encode(raw).decode("ascii"), width


def _rounded(array: Any) -> list[float]:
    """As `number` shows them: rounded here, in decimals, so that the page has nothing to round."""
    return [v if v % 1 == 0 else float(f"{v:.3e}") for v in array.astype(np.float64).tolist()]


def _histogram(found: Spread) -> str:
    """The heights of the bars, a digit of base 36 each; what is there has a height."""
    heights = np.ceil(np.array(found.counts) / max(*found.counts, 1) * 35).astype(int)
    return "".join(np.base_repr(height, 36).lower() for height in heights.tolist())


def _not_numbers(value: Any) -> dict[str, Any]:
    """`2 NaN, 1 ∞`, and the place of the first."""
    counts = {"NaN": np.isnan(value).sum(), "∞": np.isinf(value).sum()}
    first = np.argwhere(~np.isfinite(value))[0].tolist()
    text = ", ".join(f"{count} {sign}" for sign, count in counts.items() if count)
    return {"not": text, "first": first}

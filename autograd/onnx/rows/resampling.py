"""Resampling along an axis: Resize or Pad where they agree to the last bit, else a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ExportError
from autograd.kernels.convolution.resampling import Resampling, matrix
from autograd.onnx.rows.shapes import moved
from autograd.onnx.sizes import Size, Varying
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []

# What each kind is there, if its places are half pixels.
_RESIZE: dict[str, dict[str, Any]] = {
    "nearest": {"mode": "nearest", "nearest_mode": "floor",
                "coordinate_transformation_mode": "asymmetric"},
    "nearest-exact": {"mode": "nearest", "nearest_mode": "round_prefer_ceil"},
    "linear": {"mode": "linear"},
    "cubic": {"mode": "cubic", "cubic_coeff_a": -0.75},
}  # fmt: skip
_PAD = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@row("resample")
def _resample(
    b: Any, node: Any, x: Value, axis: int, table: Any, transposed: bool = False
) -> Value:
    x, axis, table = b.constant(x, node.dtype), axis % x.ndim, Resampling(*table)
    if not transposed:
        found = _padded(b, x, axis, table, node.shape) or _resized(b, x, axis, table, node.shape)
        if found is not None:
            return found
    return _by_matrix(b, x, axis, table, transposed)


def _padded(b: Any, x: Value, axis: int, table: Resampling, shape: Any) -> Value | None:
    if table.kind not in _PAD or (table.kind == "circular" and b.opset < 19):
        return None
    after = table.size - table.length - table.before
    length: Any = table.length
    least = min(length.values) if type(length) is Size else length
    known = [n for n in (table.before, after) if isinstance(n, int) and 0 <= n < least]
    if len(known) < 2:
        return None
    widths = np.zeros(2 * x.ndim, np.int64)
    widths[axis], widths[x.ndim + axis] = table.before, after
    return b.op("Pad", x, b.constant(widths), shape=shape, dtype=x.dtype,
                mode=_PAD[table.kind])  # fmt: skip


def _resized(b: Any, x: Value, axis: int, table: Resampling, shape: Any) -> Value | None:
    """Resize, which reckons in single precision: where its factor is exact."""
    factor = 1 / table.scale if type(table.scale) is float and table.scale else 0.0
    exact = factor == float(np.float32(factor)) and 1 / factor == table.scale if factor else False
    known = table.kind in _RESIZE and not table.corners and 3 <= x.ndim <= 5
    if not (known and exact) or x.dtype != np.float32 or (table.kind == "cubic" and x.ndim != 4):
        return None
    options = _RESIZE[table.kind]
    source, factors, before = b.resized.get(x.name, (x, [1.0] * x.ndim, options))
    if before is not options or factors[axis] != 1.0:
        source, factors = x, [1.0] * x.ndim
    factors = [factor if a == axis else f for a, f in enumerate(factors)]
    found = b.op("Resize", source, None, b.constant(np.array(factors, np.float32)), shape=shape,
                 dtype=x.dtype, **options)  # fmt: skip
    b.resized[found.name] = source, factors, options  # along more axes at once
    return found


def _by_matrix(b: Any, x: Value, axis: int, table: Resampling, transposed: bool) -> Value:
    if any(isinstance(n, Size) for n in (table.length, table.size)):
        dense = _weights(b, table, x.dtype).astype(x.dtype)
        dense = dense if transposed else b.transpose(dense, (1, 0))
    else:
        numbers = matrix(table).astype(x.dtype)
        dense = b.constant(numbers if transposed else numbers.T)
    last = b.transpose(x, moved(x.ndim, axis, -1))
    rows = b.reshape(last, (1, *last.shape)) if last.ndim == 1 else last
    found = b.matmul(rows, dense)
    found = b.reshape(found, (*last.shape[:-1], found.shape[-1]))
    return b.transpose(found, moved(x.ndim, -1, axis))


def _weights(b: Any, table: Resampling, dtype: Any) -> Value:
    """The matrix of a table, which is made of the lengths when the model runs: (size, length)."""
    if table.kind not in ("area", "linear", "nearest"):
        raise ExportError(
            f"{table.kind!r} from {table.length} to {table.size} is not written for lengths that "
            "are not known before the model runs; take the axis out of dynamic_axes, or write "
            "mode='bilinear', 'nearest' or 'area'"
        )
    places = b.reshape(b.arange(table.length), (1, table.length))
    targets = b.reshape(b.arange(table.size), (table.size, 1))
    if table.kind == "area":
        first, last = b.spans(targets, table.length, table.size)
        inside = b.logic("And", places >= first, places < last)
        return inside.astype(np.float64) / (last - first).astype(np.float64)
    if table.kind == "nearest":  # rounded where it is rounded here
        real = np.float32 if dtype == np.float32 else np.float64
        place = (targets.astype(real) * _scale(b, table).astype(real)).astype(np.float32)
        last = b.number(table.length) - 1
        return b.compare("Equal", b.binary("Min", b.unary("Floor", place).astype(np.int64), last),
                         places)  # fmt: skip
    centre, scale = targets.astype(np.float64), _scale(b, table)
    centre = centre * scale if table.corners else (centre + 0.5) * scale - 0.5
    last = (b.number(table.length) - 1).astype(np.float64)
    centre = b.binary("Min", b.unary("Relu", centre), last)
    return b.unary("Relu", 1.0 - b.unary("Abs", centre - places.astype(np.float64)))


def _scale(b: Any, table: Resampling) -> Value:
    """How many sources there are for a target: often by the lengths themselves."""
    ends = int(table.corners)
    n, m = (v.values if isinstance(v, Size) else None for v in (table.length, table.size))
    if isinstance(table.scale, Varying):
        values = [float(a) for a in table.scale.arrays]
        pairs = zip(n or [table.length] * len(values), m or [table.size] * len(values), strict=True)
        if values == [(p - ends) / max(q - ends, 1) for p, q in pairs]:
            sizes = [(b.number(v) - ends).astype(np.float64) for v in (table.length, table.size)]
            return sizes[0] / b.binary("Max", sizes[1], 1.0)
    return b.constant(table.scale, np.float64)

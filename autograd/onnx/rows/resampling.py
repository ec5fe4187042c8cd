"""Resampling along an axis: Resize or Pad where they agree to the last bit, else a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.convolution.resampling import Resampling, matrix
from autograd.onnx.rows.shapes import moved
from autograd.onnx.sizes import Size
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
    dense = matrix(table).astype(x.dtype)
    last = b.transpose(x, moved(x.ndim, axis, -1))
    rows = b.reshape(last, (1, *last.shape)) if last.ndim == 1 else last
    found = b.matmul(rows, b.constant(dense if transposed else dense.T))
    found = b.reshape(found, (*last.shape[:-1], found.shape[-1]))
    return b.transpose(found, moved(x.ndim, -1, axis))

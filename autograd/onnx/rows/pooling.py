"""Pooling: ONNX's operators over (N, C, ...), and sums of taps."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from autograd.onnx.functions import maximum
from autograd.onnx.rows.reductions import found_at
from autograd.onnx.sizes import Size, product
from autograd.onnx.table import row
from autograd.onnx.values import Value
from autograd.onnx.windows import axes_of, flat_lead, spread, summed, taps

__all__: list[str] = []


def _pads(x: Value, windows: Any) -> list[Any] | None:
    """The padding of the operator, so that it has as many windows; None if none can be told."""
    axes = axes_of(windows)
    lengths = x.shape[x.ndim - len(axes) :]
    ends = [a.reach - n for a, n in zip(axes, lengths, strict=True)]
    if any(type(e) is Size for e in ends):
        plain = [_is_plain(n, a, p) for n, a, p in zip(lengths, axes, windows[2], strict=True)]
        return [*windows[2], *windows[2]] if all(plain) else None
    return [*windows[2], *(max(0, e) for e in ends)]


def _is_plain(n: Any, a: Any, padding: int) -> bool:
    """Whether there are as many windows as fit with the same padding at both ends."""
    pairs = zip(*(v.values if type(v) is Size else (v,) * _traces(n, a.places)
                  for v in (n, a.places)), strict=True)  # fmt: skip
    span = (a.size - 1) * a.dilation + 1
    return all((m + 2 * padding - span) // a.stride + 1 == q for m, q in pairs)


def _traces(*values: Any) -> int:
    return next((len(v.values) for v in values if type(v) is Size), 1)


def _pooled(b: Any, x: Value, windows: Any, outputs: int, shape: Any) -> tuple[Value, ...] | None:
    rank, pads = len(windows[0]), _pads(x, windows)
    if pads is None or x.dtype.kind != "f":
        return None
    given = flat_lead(b, x, rank)
    out = (*given.shape[: given.ndim - rank], *windows[4])
    specs = [(out, x.dtype), (out, np.dtype(np.int64))][:outputs]
    found = b.ops("MaxPool", given, specs=specs, kernel_shape=list(windows[0]),
                  strides=list(windows[1]), pads=pads, dilations=list(windows[3]))  # fmt: skip
    return tuple(b.reshape(v, shape) for v in found)


@row("max_pool")
def _max_pool(b: Any, node: Any, x: Value, windows: Any) -> Value:
    found = _pooled(b, x, windows, 1, node.shape)
    if found is not None:
        return found[0]
    low = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min if x.dtype.kind in "iu" else 0
    parts = taps(b, x, axes_of(windows), low)
    return reduce(lambda u, v: maximum(b, u, v), parts)


def _flat_indices(b: Any, x: Value, windows: Any, shape: Any) -> Value:
    """Where in the whole flat array each window has its maximum."""
    found = _pooled(b, x, windows, 2, shape)
    if found is not None:
        return found[1]
    numbers = b.reshape(b.arange(product(x.shape)), x.shape)
    axes = axes_of(windows)
    values = [b.reshape(t, (*t.shape, 1)) for t in taps(b, x, axes, -np.inf)]
    places = [b.reshape(t, (*t.shape, 1)) for t in taps(b, numbers, axes)]
    whole = b.concat(values, -1)
    at = found_at(b, "ArgMax", whole, -1, True, (*whole.shape[:-1], 1))
    taken = b.op("GatherElements", b.concat(places, -1), at, shape=at.shape, dtype=np.int64,
                 axis=at.ndim - 1)  # fmt: skip
    return b.reshape(taken, shape)


@row("max_pool_indices")
def _max_pool_indices(b: Any, node: Any, x: Value, maximum: Value, windows: Any) -> Value:
    rank = len(windows[0])
    plane = product(x.shape[x.ndim - rank :])
    return b.binary("Mod", _flat_indices(b, x, windows, node.shape), plane)


@row("max_pool_pull")
def _max_pool_pull(b: Any, node: Any, v: Value, x: Value, maximum: Value, windows: Any) -> Value:
    places = _flat_indices(b, x, windows, v.shape)
    return _added(b, v, places, node.shape)


def _added(b: Any, v: Value, places: Value, shape: Any) -> Value:
    n = product(v.shape)
    flat = b.expand(b.constant(0, v.dtype), (product(shape),))
    found = b.op("ScatterElements", flat, b.reshape(places, (n,)), b.reshape(v, (n,)),
                 shape=flat.shape, dtype=v.dtype, axis=0, reduction="add")  # fmt: skip
    return b.reshape(found, shape)


@row("window_sum")
def _window_sum(b: Any, node: Any, x: Value, windows: Any) -> Value:
    rank, pads = len(windows[0]), _pads(x, windows)
    dilated = any(d != 1 for d in windows[3])
    if pads is None or dilated or x.dtype not in (np.float32, np.float16):
        return summed(taps(b, x, axes_of(windows)))
    given = flat_lead(b, x, rank)
    found = b.op("AveragePool", given, shape=(*given.shape[: given.ndim - rank], *windows[4]),
                 dtype=x.dtype, kernel_shape=list(windows[0]), strides=list(windows[1]),
                 pads=pads, count_include_pad=1)  # fmt: skip
    return b.reshape(found, node.shape) * float(np.prod(windows[0]))


@row("window_spread")
def _window_spread(b: Any, node: Any, v: Value, shape: Any, windows: Any) -> Value:
    return summed(spread(b, v, axes_of(windows), shape[len(shape) - len(windows[0]) :]))


@row("gather_planes")
def _gather_planes(b: Any, node: Any, x: Value, indices: Any, rank: int,
                   disjoint: bool = False) -> Value:  # fmt: skip
    places = b.operand(indices).astype(np.int64)
    lead = x.shape[: x.ndim - rank]
    flat = b.reshape(x, (*lead, product(x.shape[x.ndim - rank :])))
    count = product(places.shape[len(lead) :])
    at = b.reshape(places, (*places.shape[: len(lead)], count))
    found = b.op("GatherElements", flat, b.expand(at, (*lead, count)), shape=(*lead, count),
                 dtype=x.dtype, axis=len(lead))  # fmt: skip
    return b.reshape(found, node.shape)


@row("scatter_planes")
def _scatter_planes(b: Any, node: Any, v: Value, indices: Any, shape: Any, rank: int,
                    disjoint: bool = False) -> Value:  # fmt: skip
    places = b.expand(b.operand(indices).astype(np.int64), v.shape)
    lead = shape[: len(shape) - rank]
    plane, count = product(shape[len(lead) :]), product(v.shape[len(lead) :])
    zeros = b.expand(b.constant(0, v.dtype), (*lead, plane))
    found = b.op("ScatterElements", zeros, b.reshape(places, (*lead, count)),
                 b.reshape(v, (*lead, count)), shape=(*lead, plane), dtype=v.dtype,
                 axis=len(lead), reduction="add")  # fmt: skip
    return b.reshape(found, shape)


def _binned(b: Any, x: Value, bins: Any) -> tuple[Value, Value]:
    """The elements of each bin, and their places: (..., bins, places)."""
    places = b.operand(bins).astype(np.int64)
    if places.ndim == 2:
        shape = (*x.shape[:-1], *places.shape)
        found = b.op("Gather", x, places, shape=shape, dtype=x.dtype, axis=x.ndim - 1)
        return found, b.expand(places, shape)
    lead, own = x.shape[:-1], places.shape[-2:]
    at = b.reshape(places, (*lead, product(own)))
    taken = b.op("GatherElements", x, at, shape=at.shape, dtype=x.dtype, axis=x.ndim - 1)
    return b.reshape(taken, (*lead, *own)), b.reshape(places, (*lead, *own))


@row("max_of_bins")
def _max_of_bins(b: Any, node: Any, x: Value, bins: Any) -> Value:
    return b.reshape(b.reduce("ReduceMax", _binned(b, x, bins)[0], (-1,)), node.shape)


@row("argmax_of_bins")
def _argmax_of_bins(b: Any, node: Any, x: Value, bins: Any) -> Value:
    values, places = _binned(b, x, bins)
    at = found_at(b, "ArgMax", values, -1, True, (*values.shape[:-1], 1))
    found = b.op("GatherElements", places, at, shape=at.shape, dtype=np.int64, axis=at.ndim - 1)
    return b.reshape(found, node.shape)


def _weights(b: Any, weight: Value, count: int, windows: Any) -> list[Value]:
    rank = len(windows[0])
    lead = weight.shape[: weight.ndim - rank]
    flat = b.reshape(weight, (*lead, count))
    return [b.reshape(b.sliced(flat, len(lead), k, k + 1), (*lead, *(1,) * rank))
            for k in range(count)]  # fmt: skip


@row("weighted_sum")
def _weighted_sum(b: Any, node: Any, x: Value, weight: Value, windows: Any) -> Value:
    parts = taps(b, x, axes_of(windows))
    weights = _weights(b, b.constant(weight, node.dtype), len(parts), windows)
    return summed([p * w for p, w in zip(parts, weights, strict=True)])


@row("weighted_spread")
def _weighted_spread(b: Any, node: Any, v: Value, weight: Value, shape: Any, windows: Any) -> Value:
    parts = spread(b, v, axes_of(windows), shape[len(shape) - len(windows[0]) :])
    weights = _weights(b, b.constant(weight, node.dtype), len(parts), windows)
    return summed([p * w for p, w in zip(parts, weights, strict=True)])


@row("weighted_products")
def _weighted_products(b: Any, node: Any, v: Value, x: Value, windows: Any) -> Value:
    rank = len(windows[0])
    places = tuple(range(-rank, 0))
    parts = [b.reduce("ReduceSum", v * t, places, True) for t in taps(b, x, axes_of(windows))]
    lead = parts[0].shape[: parts[0].ndim - rank]
    joined = b.concat([b.reshape(p, (*lead, 1)) for p in parts], -1)
    found = b.reshape(joined, (*lead, *windows[0]))
    extra = found.ndim - len(node.shape)
    return b.reduce("ReduceSum", found, tuple(range(extra)), False) if extra else found

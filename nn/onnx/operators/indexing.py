"""Numbers picked by index, and put by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import IndexRangeError, ShapeError, UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import sized
from nn.onnx.table import Call, number, row


def _within(indices: Any, length: int) -> Any:
    """Indices counted from the front."""
    found = raw(indices).astype(np.int64)
    if found.size and (found.min() < -length or found.max() >= length):
        raise IndexRangeError(f"an index is outside of {length} entries")
    return np.where(found < 0, found + length, found)


@row("Gather", since=1)
def gather(call: Call, x: Any, indices: Any) -> Any:
    """The entries of an axis at indices of any shape."""
    axis, lengths = call("axis", 0), raw(x).shape
    sized((math.prod(lengths[:axis]), *lengths[axis:][1:], *raw(indices).shape))
    if not isinstance(x, ag.Tensor):
        return np.take(x, raw(indices), axis)
    return ag.take(x, ag.Tensor(_within(indices, x.shape[axis])), axis=axis)


@row("GatherElements")
def gather_elements(call: Call, x: Any, indices: Any) -> Any:
    """Numbers picked along an axis, one for each index."""
    axis = call("axis", 0)
    found = _within(indices, x.shape[axis])
    index = list(np.indices(found.shape, sparse=True))
    index[axis] = found
    return x[tuple(index)]


@row("GatherND")
def gather_nd(call: Call, x: Any, indices: Any) -> Any:
    """Entries at tuples of indices, batch by batch."""
    batch, found = call("batch_dims", 0), raw(indices)
    depth = found.shape[-1]
    sized((*found.shape[:-1], *x.shape[batch + depth :]))
    each = tuple(_within(found[..., i], x.shape[batch + i]) for i in range(depth))
    extra = (1,) * (found.ndim - 1 - batch)
    heads = [h.reshape(h.shape + extra) for h in np.indices(found.shape[:batch])]
    return x[(*heads, *each)]


_COMBINED: dict[str, Any] = {
    "none": None, "add": "sum", "mul": "prod", "max": "amax", "min": "amin",
}  # fmt: skip


def _put(x: Any, targets: Any, updates: Any, reduction: str) -> Any:
    """Updates put at flat targets; of those that meet at one, without a reduction, the last."""
    if reduction not in _COMBINED:
        raise UnsupportedError(f"the reduction {reduction!r} is none of {', '.join(_COMBINED)}")
    flat, new = x.reshape(-1), updates.reshape(-1)
    targets = targets.reshape(-1)
    if targets.shape != new.shape:
        raise ShapeError(f"there are {new.size} updates, and places for {targets.size}")
    if reduction == "none":
        at, last = np.unique(targets[::-1], return_index=True)
        return ag.setitem(flat, new[targets.size - 1 - last], at).reshape(x.shape)
    return ag.scatter_reduce(flat, 0, targets, new, _COMBINED[reduction]).reshape(x.shape)


@row("ScatterElements", "Scatter")
def scatter_elements(call: Call, x: Any, indices: Any, updates: Any) -> Any:
    """Numbers put along an axis, one at each index."""
    axis = call("axis", 0)
    found = _within(indices, x.shape[axis])
    index = list(np.indices(found.shape, sparse=True))
    index[axis] = found
    return _put(x, np.ravel_multi_index(index, x.shape), updates, call("reduction", "none"))


@row("ScatterND")
def scatter_nd(call: Call, x: Any, indices: Any, updates: Any) -> Any:
    """Entries put at tuples of indices."""
    found, lengths = raw(indices), x.shape
    depth = found.shape[-1]
    each = [_within(found[..., i], lengths[i]) for i in range(depth)]
    rows = np.ravel_multi_index(each, lengths[:depth])
    inner = math.prod(lengths[depth:])
    sized((rows.size, inner))
    targets = rows.reshape(-1, 1) * inner + np.arange(inner)
    return _put(x, targets, updates, call("reduction", "none"))


@row("TensorScatter")
def tensor_scatter(call: Call, past: Any, update: Any, places: Any = None) -> Any:
    """A cache with an update written from a place on, for each batch."""
    axis = call("axis", -2) % past.ndim
    begin = np.zeros(past.shape[0], np.int64) if places is None else raw(places)
    steps = np.arange(update.shape[axis])
    at = begin[:, None] + steps
    if call("mode", "linear") == "circular":
        at = at % past.shape[axis]
    index = list(np.indices(update.shape, sparse=True))
    shape = [1] * past.ndim
    shape[0], shape[axis] = at.shape
    index[axis] = np.broadcast_to(at.reshape(shape), update.shape)
    return _put(past, np.ravel_multi_index(index, past.shape), update, "none")


@row("Compress")
def compress(call: Call, x: Any, condition: Any) -> Any:
    """The entries of an axis, or of all numbers, where the condition holds."""
    axis = call("axis")
    found = np.flatnonzero(raw(condition))
    return ag.take(x.reshape(-1) if axis is None else x, ag.Tensor(found), axis=axis or 0)


@row("OneHot")
def one_hot(call: Call, indices: Any, depth: Any, values: Any) -> Any:
    """The second value at each index along a new axis, else the first."""
    count, axis = int(number(depth)), call("axis", -1)
    found = raw(indices).astype(np.int64)
    sized((*found.shape, count))
    where = np.where(found < 0, found + count, found)[..., None] == np.arange(count)
    return ag.where(ag.Tensor(np.moveaxis(where, -1, axis)), values[1], values[0])


@row("Trilu")
def trilu(call: Call, x: Any, k: Any = None) -> Any:
    """The upper or the lower triangle of matrices, the rest 0."""
    offset = 0 if k is None else int(number(k))
    return (ag.triu if call("upper", 1) else ag.tril)(x, offset)


@row("ArrayFeatureExtractor", since=1, domain="ai.onnx.ml")
def array_feature_extractor(call: Call, x: Any, indices: Any) -> Any:
    """The entries of the last axis at indices."""
    found = ag.take(x, ag.Tensor(_within(indices, x.shape[-1]).reshape(-1)), axis=-1)
    return found.reshape(1, -1) if x.ndim == 1 else found

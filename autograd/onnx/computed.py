"""Plain functions that layers call on arrays, by name: what they check is not looked at there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ExportError
from autograd.onnx.sizes import Size
from autograd.onnx.values import Value

__all__ = ["ALIGNMENTS", "COMPUTED_ROWS", "name_of"]

ALIGNMENTS = (
    "it runs through all alignments, for which ONNX has no operator; export the model without its "
    "loss"
)


def name_of(function: Any) -> str:
    """A function's name, or that of one with some arguments given."""
    function = getattr(function, "func", function)
    return str(getattr(function, "__name__", type(function).__name__))


def _rows(b: Any, call: Any, x: Any, **_: Any) -> Value:
    return b.operand(x).astype(call.dtype or call.spec[0][1])


def _labels(b: Any, call: Any, labels: Any, *_: Any, ignore_index: Any = None, **__: Any) -> Any:
    """The labels, zeros in the place of those that are ignored, and which are not."""
    (_, dtype), counted = call.spec
    labels = b.operand(labels).astype(dtype)
    if counted is None:
        return labels, None
    keeps = b.constant(True) if ignore_index is None else b.logic(
        "Not", b.compare("Equal", labels, ignore_index))  # fmt: skip
    keeps = b.expand(keeps, labels.shape)
    return b.where(keeps, labels, 0).astype(dtype), keeps.astype(counted[1])


def _hot(b: Any, call: Any, labels: Any, num_classes: int = -1, **_: Any) -> Value:
    if num_classes == -1:
        raise ExportError("one_hot without num_classes counts the classes in the values: give it")
    labels = b.operand(labels)
    labels = b.reshape(labels, (*labels.shape, 1))
    return b.compare("Equal", labels, b.arange(num_classes)).astype(np.int64)


def _blocking(b: Any, call: Any, mask: Any, dtype: Any = None, allowed: bool = False) -> Value:
    low, zero = np.array(-np.inf, call.dtype), np.array(0, call.dtype)
    return b.where(mask, zero, low) if allowed else b.where(mask, low, zero)


def _that_count(b: Any, call: Any, indices: Any, bags: Any, padding: Any = None) -> Any:
    indices, bags = b.operand(indices), b.operand(bags)
    (kept, _), (_, row_dtype), (_, bag_dtype) = call.spec
    if padding is None:
        return b.arange(bags.shape[0]), indices.astype(row_dtype), bags.astype(bag_dtype)
    if any(type(n) is Size for n in kept):
        raise ExportError("padding_idx of bags needs lengths that are known")
    is_kept = b.logic("Not", b.compare("Equal", indices, padding))
    places = b.reshape(b.op("NonZero", is_kept, shape=(1, *kept), dtype=np.int64), kept)
    rows, own = (b.op("Gather", v, places, shape=kept, dtype=v.dtype, axis=0)
                 for v in (indices, bags))  # fmt: skip
    return places, rows, own


def _one_more(b: Any, call: Any, count: Any, **_: Any) -> Value:
    return (b.operand(count) + 1).astype(call.dtype)


def _share(b: Any, call: Any, count: Any, **_: Any) -> Value:
    return 1.0 / b.operand(count).astype(np.float64)


def _running_average(b: Any, call: Any, old: Any, batch: Any, momentum: Any = 0.1, *,
                     flat: Any = None, unbiased: Any = None) -> Value:  # fmt: skip
    old, batch = b.operand(old), b.reshape(b.operand(batch), flat)
    if type(momentum) is Value:
        share = momentum.astype(old.dtype)
        rest = (1.0 - momentum).astype(old.dtype)
    else:
        rest, share = 1 - momentum, momentum
    if batch.ndim > 1:
        batch = b.reduce("ReduceMean", batch, (0,))
    if unbiased is not None:
        batch = batch * b.operand(unbiased, batch.dtype)
    return (old * rest + batch * share).astype(old.dtype)


def _filled(b: Any, call: Any, old: Any, value: Any) -> Value:
    old = b.operand(old)
    return b.expand(b.constant(value, old.dtype), old.shape)


def _nms(b: Any, call: Any, boxes: Any, scores: Any, *, iou_threshold: float) -> Value:
    """All boxes as one class of one image; the third column has which remain."""
    boxes, scores = (b.operand(v).astype(np.float32) for v in (boxes, scores))
    count = boxes.shape[0]
    flat = b.reshape(boxes, (1, count, 4)), b.reshape(scores, (1, 1, count))
    most, least = b.number(count), b.constant(np.float32(min(iou_threshold, 1)))
    kept, _ = call.spec if call.shape is None else (call.shape, None)
    found = b.op("NonMaxSuppression", *flat, most, least, shape=(*kept, 3), dtype=np.int64)
    return b.op("Gather", found, b.constant(np.int64(2)), shape=kept, dtype=np.int64, axis=1)


def _batched_nms(b: Any, call: Any, boxes: Any, scores: Any, idxs: Any, *,
                 iou_threshold: float) -> Value:  # fmt: skip
    """Boxes of each class where those of no other are: class times the span of all, aside."""
    boxes, idxs = b.operand(boxes).astype(np.float32), b.operand(idxs).astype(np.float32)
    ends = [b.reduce(kind, boxes, (0, 1)) for kind in ("ReduceMax", "ReduceMin")]
    aside = b.reshape(idxs * (ends[0] - ends[1] + 1.0), (idxs.shape[0], 1))
    return _nms(b, call, boxes + aside, scores, iou_threshold=iou_threshold)


def _states(*_: Any, **__: Any) -> Value:
    raise ExportError(ALIGNMENTS)


COMPUTED_ROWS: dict[str, Callable[..., Any]] = {
    "_checked_rows": _rows, "_checked_labels": _labels, "_hot": _hot, "_blocking": _blocking,
    "_that_count": _that_count, "_one_more": _one_more, "_share": _share,
    "_nms": _nms, "_batched_nms": _batched_nms,
    "_running_average": _running_average, "_filled": _filled,
    "_states": _states,
}  # fmt: skip

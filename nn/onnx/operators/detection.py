"""Boxes, and what classic models do with numbers and classes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.onnx.table import Call, number, row
from nn.onnx.tensors import held


def _corners(boxes: Any, centres: bool) -> Any:
    """Boxes as lower and upper corners."""
    if centres:
        middle, half = boxes[:, :2], boxes[:, 2:] / 2
        return np.concatenate([middle - half, middle + half], 1)
    pairs = boxes.reshape(-1, 2, 2)
    return np.concatenate([pairs.min(1), pairs.max(1)], 1)


def _overlap(box: Any, others: Any) -> Any:
    """The intersection over the union of a box with others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.maximum(high - low, 0), 1)
    area = np.prod(others[:, 2:] - others[:, :2], 1)
    union = np.prod(box[2:] - box[:2]) + area - common
    return np.divide(common, union, out=np.zeros_like(union), where=union > 0)


@row("NonMaxSuppression", since=10)
def non_max_suppression(
    call: Call, boxes: Any, scores: Any, most: Any = None, iou: Any = None, least: Any = None
) -> Any:
    """The best boxes of each class that overlap none that is better."""
    count = 0 if most is None else int(number(most))
    limit = 0.0 if iou is None else number(iou)
    floor = None if least is None else number(least)
    found = []
    for b, classes in enumerate(raw(scores)):
        corners = _corners(raw(boxes)[b], bool(call("center_point_box", 0)))
        for c, marks in enumerate(classes):
            order = np.argsort(-marks, kind="stable")
            order = order if floor is None else order[marks[order] > floor]
            kept = 0
            while order.size and kept < count:
                best, order = order[0], order[1:]
                found.append((b, c, best))
                kept += 1
                order = order[_overlap(corners[best], corners[order]) <= limit]
    return ag.Tensor(np.array(found, np.int64).reshape(-1, 3))


@row("Binarizer", since=1, domain="ai.onnx.ml")
def binarizer(call: Call, x: Any) -> Any:
    """1 where x is above a threshold, else 0."""
    return ag.astype(x > call("threshold", 0.0), raw(x).dtype)


def _labels(call: Call, which: str) -> Any:
    for kind in ("strings", "int64s", "floats", "tensor"):
        given = call(f"{which}_{kind}")
        if given is not None:
            return np.asarray(given, object if kind == "strings" else None), kind
    return None, ""


@row("LabelEncoder", since=2, domain="ai.onnx.ml")
def label_encoder(call: Call, x: Any) -> Any:
    """Each key replaced by the value beside it."""
    keys, kind = _labels(call, "keys")
    values, made = _labels(call, "values")
    defaults = {"strings": "_Unused", "int64s": -1, "floats": -0.0}
    default = call(f"default_{made[:-1]}", defaults.get(made))
    if made == "tensor":
        given = call("default_tensor")
        default = values.dtype.type(-1) if given is None else given.reshape(-1)[0]
    dtype = {"strings": object, "int64s": np.int64, "floats": np.float32}.get(made, values.dtype)
    table = {_key(k): v for k, v in zip(keys.reshape(-1), values.reshape(-1), strict=True)}
    numbers = raw(x)
    found = np.empty(numbers.size, dtype)
    for i, k in enumerate(numbers.reshape(-1)):
        found[i] = table.get(_key(np.float32(k) if kind == "floats" else k), default)
    return held(found.reshape(numbers.shape))


def _key(k: Any) -> Any:
    if isinstance(k, (str, bytes)):
        return k.decode() if isinstance(k, bytes) else k
    return "nan" if k != k else float(k)

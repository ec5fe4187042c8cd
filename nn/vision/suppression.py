"""Non-maximum suppression: of boxes that overlap the one with the highest score remains."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.trail import computed
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array
from nn.vision.boxes import as_boxes
from nn.vision.overlap import plain_iou


@checked
def nms(boxes: Array, scores: Array, iou_threshold: float) -> Tensor:
    """The indices of the boxes that remain, by falling `scores`.

    Whatever overlaps a better one of `boxes` by an IoU above `iou_threshold` goes. Of equal scores
    the one that comes first is the better.

    Shape: (N, 4) and (N) -> (M) integers.

    >>> import nn
    >>> boxes = [[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9], [5.0, 5.0, 6.0, 6.0]]
    >>> nn.vision.nms(boxes, [0.8, 0.9, 0.3], 0.5)
    Tensor([1, 2], dtype=int64)
    """
    boxes, scores = _given("nms", boxes, scores)
    return ag.asarray(computed(_nms, boxes, scores, iou_threshold=iou_threshold))


@checked
def batched_nms(boxes: Array, scores: Array, idxs: Array, iou_threshold: float) -> Tensor:
    """`nms` class by class, or image by image: boxes of different `idxs` leave each other alone.

    Of `boxes` with `scores` the indices that remain by `iou_threshold`, by falling scores.

    Shape: (N, 4), (N) and (N) -> (M) integers.

    >>> import nn
    >>> boxes = [[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9]]
    >>> nn.vision.batched_nms(boxes, [0.8, 0.9], [0, 1], 0.5)
    Tensor([1, 0], dtype=int64)
    """
    boxes, scores = _given("batched_nms", boxes, scores)
    idxs = idxs if isinstance(idxs, Tensor) else ag.asarray(idxs)
    if idxs.shape != scores.shape:
        raise ShapeError(
            f"batched_nms: idxs is {idxs.shape} and scores {scores.shape}; they must be the "
            f"same{here()}"
        )
    return ag.asarray(computed(_batched_nms, boxes, scores, idxs, iou_threshold=iou_threshold))


def _given(name: str, boxes: Any, scores: Any) -> tuple[Tensor, Tensor]:
    boxes = as_boxes(name, boxes)
    scores = scores if isinstance(scores, Tensor) else ag.asarray(scores)
    if boxes.ndim != 2 or scores.shape != boxes.shape[:1]:
        raise ShapeError(
            f"{name}: boxes is {boxes.shape} and scores {scores.shape}; expected (N, 4) and "
            f"(N,){here()}"
        )
    if scores.dtype.kind not in "biuf":
        raise DTypeError(f"{name}: scores is {scores.dtype}; scores are real numbers{here()}")
    return boxes, scores


def _nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """`nms` of arrays."""
    order = falling(scores)
    boxes = boxes[order].astype(np.promote_types(boxes.dtype, np.float32), copy=False)
    alive, found = np.ones(len(boxes), np.bool_), []
    for place in range(len(boxes)):
        if alive[place]:
            found.append(place)
            rest = place + 1 + np.flatnonzero(alive[place + 1 :])
            alive[rest] = ~(plain_iou(boxes[place, None], boxes[rest])[0] > iou_threshold)
    return order[np.array(found, np.int64)]


def _batched_nms(boxes: Any, scores: Any, idxs: Any, iou_threshold: float) -> Any:
    """`batched_nms` of arrays."""
    found = [np.zeros(0, np.int64)]
    for group in np.unique(idxs):
        own = np.flatnonzero(idxs == group)
        found.append(own[_nms(boxes[own], scores[own], iou_threshold)])
    chosen = np.sort(np.concatenate(found))
    return chosen[falling(scores[chosen])]


def falling(scores: Any) -> Any:
    """From the highest score to the lowest, NaN first, as PyTorch sorts."""
    scores = scores if scores.dtype.kind == "f" else scores.astype(np.float64)
    return np.argsort(np.where(np.isnan(scores), -np.inf, -scores), kind="stable")

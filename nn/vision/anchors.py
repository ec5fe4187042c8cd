"""Anchors: boxes that stand ready all over an image, and how they are compared with those in it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.ranges import Rate
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array
from nn.vision.boxes import as_boxes, as_floating, box_convert
from nn.vision.overlap import plain_iou

WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # of SSD: offsets are about as large as 1
LARGEST = math.log(1000 / 16)  # of a logarithm of sizes: no box is larger for a wild network


@checked
def default_boxes(
    size: Sequence[int],
    maps: Sequence[Sequence[int]],
    scales: Sequence[float],
    aspect_ratios: Sequence[Sequence[float]] = ((2,),),
) -> Tensor:
    """The default boxes of SSD in an image of `size` (height, width), in pixels.

    `maps` are the (height, width) of the feature maps, on each place of which there stands a square
    of the map's scale, one of the mean of it and the next scale, and two boxes for each ratio of
    `aspect_ratios`, wide and high. `scales` are parts of the image's sides, one more than there are
    maps; `aspect_ratios` has a row for each map, or one for all. Boxes are no larger than the
    image, and may lie partly outside. Map by map, row by row, place by place.

    Shape: -> (A, 4).

    Source: Liu et al., SSD: Single shot multibox detector (2016).

    >>> import nn
    >>> nn.vision.default_boxes((4, 4), [(1, 2)], [0.5, 0.5], [[]])
    Tensor([[0., 1., 2., 3.],
            [0., 1., 2., 3.],
            [2., 1., 4., 3.],
            [2., 1., 4., 3.]], dtype=float32)
    """
    if len(size) != 2 or any(len(lengths) != 2 for lengths in maps):
        raise ShapeError("default_boxes: size and each of maps are (height, width)")
    rows = [*aspect_ratios] * len(maps) if len(aspect_ratios) == 1 else [*aspect_ratios]
    if len(scales) != len(maps) + 1 or len(rows) != len(maps):
        raise ShapeError(
            f"default_boxes: {len(maps)} maps have {len(maps) + 1} scales and as many rows of "
            f"aspect_ratios as maps, or one; got {len(scales)} and {len(aspect_ratios)}"
        )
    found = [np.zeros((0, 4))]
    for (high, wide), scale, after, ratios in zip(maps, scales, scales[1:], rows, strict=False):
        between = math.sqrt(scale * after)
        shapes = [(scale, scale), (between, between)]
        for root in map(math.sqrt, ratios):
            shapes += [(scale * root, scale / root), (scale / root, scale * root)]
        middles = itertools.product((np.arange(high) + 0.5) / high, (np.arange(wide) + 0.5) / wide)
        places = np.array([(x, y) for y, x in middles])[:, None]
        half = np.clip(np.array(shapes), 0, 1) / 2
        found.append(np.concatenate([places - half, places + half], axis=-1).reshape(-1, 4))
    height, width = size
    pixels = np.concatenate(found) * [width, height, width, height]
    return ag.asarray(pixels.astype(ag.get_default_dtype()))


@checked
def encode_boxes(
    reference_boxes: Array, proposals: Array, weights: Sequence[float] = WEIGHTS
) -> Tensor:
    """What moves and stretches `proposals` to `reference_boxes`: what a detector learns to say.

    The distance of the middles by the proposal's size, and the logarithm of the sizes' ratio, times
    `weights`.

    Shape: (*, 4) and (*, 4) -> (*, 4).

    Source: Girshick et al., Rich feature hierarchies for accurate object detection (2014).

    >>> import nn
    >>> nn.vision.encode_boxes([[1.0, 0.0, 5.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]])
    Tensor([[10.      ,  0.      ,  3.465736,  0.      ]], dtype=float32)
    """
    name = "encode_boxes"
    to = _middles(name, reference_boxes, "reference_boxes")
    of = _middles(name, proposals, "proposals")
    moved = (to[..., :2] - of[..., :2]) / of[..., 2:]
    stretched = ag.log(to[..., 2:] / of[..., 2:])
    return ag.concat([moved, stretched], axis=-1) * _four(name, weights, moved.dtype)


@checked
def decode_boxes(rel_codes: Array, boxes: Array, weights: Sequence[float] = WEIGHTS) -> Tensor:
    """The boxes that `rel_codes` make of `boxes`: the inverse of `encode_boxes`.

    They are divided by the same `weights`. No side grows by more than 62.5.

    Shape: (*, A, 4) and (A, 4) -> (*, A, 4).

    Source: Girshick et al., Rich feature hierarchies for accurate object detection (2014).

    >>> import nn
    >>> nn.vision.decode_boxes([[10.0, 0.0, 3.4657359, 0.0]], [[0.0, 0.0, 2.0, 2.0]])
    Tensor([[1., 0., 5., 2.]], dtype=float32)
    """
    name = "decode_boxes"
    codes = as_floating(as_boxes(name, rel_codes, "rel_codes"))
    of = _middles(name, boxes, "boxes").astype(codes.dtype)
    codes = codes / _four(name, weights, codes.dtype)
    middle = codes[..., :2] * of[..., 2:] + of[..., :2]
    half = ag.exp(ag.clip(codes[..., 2:], None, LARGEST)) * of[..., 2:] / 2
    return ag.concat([middle - half, middle + half], axis=-1)


def _middles(name: str, boxes: Any, called: str) -> Tensor:
    return box_convert(as_floating(as_boxes(name, boxes, called)), "xyxy", "cxcywh")


def _four(name: str, weights: Sequence[float], dtype: Any) -> Any:
    four = np.asarray(weights, dtype)
    if four.shape != (4,):
        raise ShapeError(f"{name}: weights is {four.shape}; there are four, of x, y, width, height")
    return four


@checked
def match_boxes(boxes: Array, anchors: Array, iou_threshold: float = 0.5) -> Tensor:
    """For each of `anchors` the index of the one of `boxes` that it shall find, or -1 for none.

    That is the box with which its IoU is highest, if it reaches `iou_threshold`; and each box has
    the anchor that fits it best, whatever the IoU is. Of boxes that want the same, the last has it.

    Shape: (M, 4) and (A, 4) -> (A) integers.

    Source: Liu et al., SSD: Single shot multibox detector (2016).

    >>> import nn
    >>> nn.vision.match_boxes([[0, 0, 4, 4]], [[0, 0, 4, 3], [9, 9, 12, 12], [0, 0, 1, 1]])
    Tensor([ 0, -1, -1], dtype=int64)
    """
    boxes, anchors = as_boxes("match_boxes", boxes), as_boxes("match_boxes", anchors, "anchors")
    if boxes.ndim != 2 or anchors.ndim != 2 or not len(anchors):
        raise ShapeError(
            f"match_boxes: boxes is {boxes.shape} and anchors {anchors.shape}; expected (M, 4) and "
            f"(A, 4), with an anchor at least{here()}"
        )
    return ag.asarray(computed(_match_boxes, boxes, anchors, iou_threshold=iou_threshold))


def _match_boxes(boxes: Any, anchors: Any, iou_threshold: float) -> Any:
    """`match_boxes` of arrays."""
    if not len(boxes):
        return np.full(len(anchors), -1, np.int64)
    overlap = plain_iou(boxes.astype(np.float64), anchors.astype(np.float64))
    found = np.where(overlap.max(axis=0) >= iou_threshold, overlap.argmax(axis=0), -1)
    found[overlap.argmax(axis=1)] = np.arange(len(boxes))
    return found


@checked
def hard_negatives(losses: Array, positives: Array, ratio: Rate = 3.0) -> Tensor:
    """Which anchors without an object count: in each image those with the greatest `losses`.

    There are up to `ratio` for each of the `positives`, the anchors that have an object. So an
    image without objects has none.

    Shape: (N, A) and (N, A) booleans -> (N, A) booleans.

    Source: Liu et al., SSD: Single shot multibox detector (2016).

    >>> import nn
    >>> losses, positives = [[0.1, 3.0, 0.2, 0.4]], [[False, True, False, False]]
    >>> nn.vision.hard_negatives(losses, positives, 2)
    Tensor([[False, False,  True,  True]], dtype=bool)
    """
    losses = losses if isinstance(losses, Tensor) else ag.asarray(losses)
    positives = positives if isinstance(positives, Tensor) else ag.asarray(positives)
    if losses.shape != positives.shape or not losses.ndim:
        raise ShapeError(
            f"hard_negatives: losses is {losses.shape} and positives {positives.shape}; they must "
            f"be the same{here()}"
        )
    if positives.dtype.kind != "b":
        raise ArgumentError(f"hard_negatives: positives is {positives.dtype}; expected booleans")
    with ag.no_grad():
        least = ag.where(positives, -np.inf, losses.detach())
        rank = ag.argsort(ag.argsort(least, axis=-1, descending=True), axis=-1)
        wanted = ratio * ag.sum(positives.astype(losses.dtype), axis=-1, keepdims=True)
        return ag.logical_and(rank < wanted, ag.logical_not(positives))

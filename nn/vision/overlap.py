"""Overlaps: the intersection of boxes over their union, and its kin that also see a distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice, here
from autograd.errors import ShapeError
from autograd.extend import Array, raw
from nn.loss.reduction import reduce
from nn.vision.boxes import FORMATS, as_boxes, as_floating, box_convert, sizes


@checked
def box_iou(boxes1: Array, boxes2: Array, fmt: str = "xyxy") -> Tensor:
    """The intersection over union of each of `boxes1` with each of `boxes2`.

    The format is `fmt`, as in `box_convert`. Two boxes without an area have none: NaN. float16 and
    integers are computed wider, and integers give the default dtype.

    Shape: (*, N, 4) and (*, M, 4) -> (*, N, M).

    >>> import nn
    >>> nn.vision.box_iou([[0.0, 0.0, 2.0, 2.0]], [[1.0, 0.0, 3.0, 2.0], [5.0, 5.0, 6.0, 6.0]])
    Tensor([[0.33333334, 0.        ]], dtype=float32)
    """
    check_choice("fmt", fmt, FORMATS)
    one, two = as_boxes("box_iou", boxes1, "boxes1"), as_boxes("box_iou", boxes2, "boxes2")
    if fmt != "xyxy":
        one, two = box_convert(one, fmt, "xyxy"), box_convert(two, fmt, "xyxy")
    return _share(*_parts(*_each_with_each("box_iou", one, two)))


@checked
def generalized_box_iou(boxes1: Array, boxes2: Array) -> Tensor:
    """IoU less the empty share of the least box around both: from -1, far apart, to 1.

    `boxes1` and `boxes2` are as in `box_iou`.

    Shape: (*, N, 4) and (*, M, 4) -> (*, N, M).

    Source: Rezatofighi et al., Generalized intersection over union (2019).

    >>> import nn
    >>> nn.vision.generalized_box_iou([[0.0, 0.0, 1.0, 1.0]], [[3.0, 0.0, 4.0, 1.0]])
    Tensor([[-0.5]], dtype=float32)
    """
    return _generalized(*_pairs_of("generalized_box_iou", boxes1, boxes2))


@checked
def distance_box_iou(boxes1: Array, boxes2: Array, eps: float = 1e-7) -> Tensor:
    """IoU less the squared distance of the middles, as a part of the diagonal around both.

    `boxes1` and `boxes2` are as in `box_iou`; `eps` is added to the squared diagonal.

    Shape: (*, N, 4) and (*, M, 4) -> (*, N, M).

    Source: Zheng et al., Distance-IoU loss (2020).

    >>> import nn
    >>> nn.vision.distance_box_iou([[0.0, 0.0, 2.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]])
    Tensor([[1.]], dtype=float32)
    """
    return _distance(*_pairs_of("distance_box_iou", boxes1, boxes2), 0.0, eps)


@checked
def complete_box_iou(boxes1: Array, boxes2: Array, eps: float = 1e-7) -> Tensor:
    """`distance_box_iou` less a term for other proportions; `boxes1`, `boxes2`, `eps` as there.

    The weight of that term is a constant for the gradient.

    Shape: (*, N, 4) and (*, M, 4) -> (*, N, M).

    Source: Zheng et al., Distance-IoU loss (2020).

    >>> import nn
    >>> nn.vision.complete_box_iou([[0.0, 0.0, 2.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]])
    Tensor([[1.]], dtype=float32)
    """
    return _complete(*_pairs_of("complete_box_iou", boxes1, boxes2), 0.0, eps)


# ---- losses: box by box --------------------------------------------------------------------------


@checked
def generalized_box_iou_loss(
    boxes1: Array, boxes2: Array, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - GIoU of each of `boxes1` with the one of `boxes2` at its place.

    `reduction` is "none", "mean" or "sum", and the mean over no boxes is 0. `eps` keeps divisors
    from 0.

    Shape: (*, 4) and (*, 4) -> (*), or () if it is reduced.

    Source: Rezatofighi et al., Generalized intersection over union (2019).

    >>> import nn
    >>> nn.vision.generalized_box_iou_loss([[0.0, 0.0, 1.0, 1.0]], [[3.0, 0.0, 4.0, 1.0]])
    Tensor([1.5], dtype=float32)
    """
    name = "generalized_box_iou_loss"
    return _reduced(name, 1 - _generalized(*_side_by_side(name, boxes1, boxes2), eps), reduction)


@checked
def distance_box_iou_loss(
    boxes1: Array, boxes2: Array, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - `distance_box_iou`, box by box; arguments as in `generalized_box_iou_loss`.

    Shape: (*, 4) and (*, 4) -> (*), or () if it is reduced.

    Source: Zheng et al., Distance-IoU loss (2020).

    >>> import nn
    >>> nn.vision.distance_box_iou_loss([[0.0, 0.0, 2.0, 2.0]], [[2.0, 0.0, 4.0, 2.0]])
    Tensor([1.2], dtype=float32)
    """
    name = "distance_box_iou_loss"
    return _reduced(name, 1 - _distance(*_side_by_side(name, boxes1, boxes2), eps, eps), reduction)


@checked
def complete_box_iou_loss(
    boxes1: Array, boxes2: Array, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - `complete_box_iou`, box by box; arguments as in `generalized_box_iou_loss`.

    Shape: (*, 4) and (*, 4) -> (*), or () if it is reduced.

    Source: Zheng et al., Distance-IoU loss (2020).

    >>> import nn
    >>> nn.vision.complete_box_iou_loss([[0.0, 0.0, 2.0, 2.0]], [[2.0, 0.0, 4.0, 2.0]])
    Tensor([1.2], dtype=float32)
    """
    name = "complete_box_iou_loss"
    return _reduced(name, 1 - _complete(*_side_by_side(name, boxes1, boxes2), eps, eps), reduction)


# ---- what they are made of: functions of two arrays of boxes that broadcast ----------------------


def plain_iou(one: Any, two: Any) -> Any:
    """`box_iou` of arrays, as an array; 0 where neither box has an area."""
    with np.errstate(over="ignore", invalid="ignore"):  # of endless boxes: NaN, which is no overlap
        inter, union = _parts(one[..., :, None, :], two[..., None, :, :])
    shape = np.broadcast_shapes(inter.shape, union.shape)
    return np.divide(inter, union, out=np.zeros(shape, union.dtype), where=union != 0)


def _each_with_each(name: str, one: Tensor, two: Tensor) -> tuple[Any, Any]:
    if one.ndim < 2 or two.ndim < 2:
        raise ShapeError(
            f"{name}: boxes1 is {one.shape} and boxes2 {two.shape}; expected (..., N, 4) and "
            f"(..., M, 4){here()}"
        )
    return one[..., :, None, :], two[..., None, :, :]


def _pairs_of(name: str, boxes1: Any, boxes2: Any) -> tuple[Any, Any]:
    return _each_with_each(name, as_boxes(name, boxes1, "boxes1"), as_boxes(name, boxes2, "boxes2"))


def _side_by_side(name: str, boxes1: Any, boxes2: Any) -> tuple[Any, Any]:
    one = as_floating(as_boxes(name, boxes1, "boxes1"))
    two = as_floating(as_boxes(name, boxes2, "boxes2"))
    if one.shape != two.shape:
        raise ShapeError(
            f"{name}: boxes1 is {one.shape} and boxes2 {two.shape}; they must be the same{here()}"
        )
    return one, two


def _reduced(name: str, losses: Any, reduction: str) -> Any:
    empty = reduction == "mean" and not raw(losses).size
    return reduce(name, losses, "sum" if empty else reduction)


def _parts(one: Any, two: Any, of_losses: bool = False) -> tuple[Any, Any]:
    """The areas of the intersections and of the unions.

    Where boxes touch the slope is that of a clip, and of losses that of a relu, as in torchvision.
    """
    wide = np.minimum(one[..., 2], two[..., 2]) - np.maximum(one[..., 0], two[..., 0])
    high = np.minimum(one[..., 3], two[..., 3]) - np.maximum(one[..., 1], two[..., 1])
    wide, high = (ag.relu(x) if of_losses else np.clip(x, 0, None) for x in (wide, high))
    inter = wide * high
    areas = [width * height for width, height in map(sizes, (one, two))]
    return inter, areas[0] + areas[1] - inter


def _hull(one: Any, two: Any) -> tuple[Any, Any]:
    """Width and height of the least box around both."""
    wide = np.maximum(one[..., 2], two[..., 2]) - np.minimum(one[..., 0], two[..., 0])
    high = np.maximum(one[..., 3], two[..., 3]) - np.minimum(one[..., 1], two[..., 1])
    return wide, high


def _share(part: Any, whole: Any, eps: float = 0.0) -> Any:
    """part / (whole + eps); NaN of nothing is meant."""
    if part.dtype.kind != "f":
        part, whole = as_floating(part), as_floating(whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        return part / (whole + eps if eps else whole)


def _generalized(one: Any, two: Any, eps: float = 0.0) -> Any:
    inter, union = _parts(one, two, eps > 0)
    wide, high = _hull(one, two)
    area = np.clip(wide, 0, None) * np.clip(high, 0, None)
    return _share(inter, union, eps) - _share(area - union, area, eps)


def _distance(one: Any, two: Any, least_union: float, eps: float) -> Any:
    one, two = as_floating(one), as_floating(two)
    wide, high = _hull(one, two)
    x = (one[..., 0] + one[..., 2] - two[..., 0] - two[..., 2]) / 2
    y = (one[..., 1] + one[..., 3] - two[..., 1] - two[..., 3]) / 2
    apart = _share(x * x + y * y, wide * wide + high * high, eps)
    return _share(*_parts(one, two, least_union > 0), least_union) - apart


def _complete(one: Any, two: Any, least_union: float, eps: float) -> Any:
    one, two = as_floating(one), as_floating(two)
    iou = _share(*_parts(one, two, least_union > 0), least_union)
    angles = [ag.atan(_share(*sizes(boxes))) for boxes in (one, two)]
    unlike = 4 / math.pi**2 * (angles[0] - angles[1]) ** 2
    with ag.no_grad():
        weight = unlike / (1 - iou + unlike + eps)
    return _distance(one, two, least_union, eps) - weight * unlike

"""Boxes: their areas and formats, and those that are too small or too far out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import check_choice, here
from autograd.engine.trail import computed
from autograd.errors import DTypeError, ShapeError
from autograd.extend import Array

FORMATS = ("xyxy", "xywh", "cxcywh")


def as_boxes(name: str, boxes: Any, called: str = "boxes") -> Tensor:
    """A Tensor of boxes (..., 4), half precision made single and small integers wide."""
    if isinstance(boxes, (list, tuple)) and not len(boxes):
        boxes = np.zeros((0, 4), ag.get_default_dtype())
    boxes = boxes if isinstance(boxes, Tensor) else ag.asarray(boxes)
    if boxes.ndim == 0 or boxes.shape[-1] != 4:
        hint = "  Write np.zeros((0, 4)) for no boxes." if boxes.size == 0 else ""
        raise ShapeError(
            f"{name}: {called} is {boxes.shape}; boxes are (..., 4){here()}"
            + (f"\n{hint}" if hint else "")
        )
    if boxes.dtype.kind not in "iuf":
        raise DTypeError(f"{name}: {called} is {boxes.dtype}; boxes are real numbers{here()}")
    if boxes.dtype.kind == "f":
        return boxes.astype("float32") if boxes.dtype.itemsize == 2 else boxes
    return boxes if boxes.dtype == np.int64 else boxes.astype("int64")


def as_floating(boxes: Tensor) -> Tensor:
    """Boxes of floating numbers: integers in the default dtype."""
    return boxes if boxes.dtype.kind == "f" else boxes.astype(ag.get_default_dtype())


def sizes(boxes: Any) -> tuple[Any, Any]:
    """Widths and heights."""
    return boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]


@checked
def box_area(boxes: Array, fmt: str = "xyxy") -> Tensor:
    """The areas of boxes, (x2 - x1)·(y2 - y1).

    `boxes` are in the format `fmt`, as in `box_convert`. float16 gives float32, integers int64.

    Shape: (*, 4) -> (*).

    >>> import nn
    >>> nn.vision.box_area([[0.0, 0.0, 2.0, 3.0]])
    Tensor([6.], dtype=float32)
    """
    check_choice("fmt", fmt, FORMATS)
    boxes = as_boxes("box_area", boxes)
    width, height = sizes(boxes) if fmt == "xyxy" else (boxes[..., 2], boxes[..., 3])
    return width * height


@checked
def box_convert(boxes: Array, in_fmt: str, out_fmt: str) -> Tensor:
    """The `boxes` of format `in_fmt` in the format `out_fmt`.

    "xyxy" are two corners, "xywh" the upper left one with width and height, and "cxcywh" the middle
    with width and height. Integers remain integers unless a middle comes or goes.

    Shape: (*, 4) -> (*, 4).

    >>> import nn
    >>> nn.vision.box_convert([[1.0, 1.0, 3.0, 5.0]], "xyxy", "cxcywh")
    Tensor([[2., 3., 2., 4.]], dtype=float32)
    """
    check_choice("in_fmt", in_fmt, FORMATS)
    check_choice("out_fmt", out_fmt, FORMATS)
    boxes = boxes if isinstance(boxes, Tensor) else ag.asarray(boxes)
    as_boxes("box_convert", boxes)
    if in_fmt == out_fmt:
        return boxes
    if "cxcywh" in (in_fmt, out_fmt):
        boxes = as_floating(boxes)
    a, b, c, d = (boxes[..., k] for k in range(4))
    if in_fmt == "xywh":
        a, b, c, d = a, b, a + c, b + d
    elif in_fmt == "cxcywh":
        a, b, c, d = a - c / 2, b - d / 2, a + c / 2, b + d / 2
    if out_fmt == "xywh":
        a, b, c, d = a, b, c - a, d - b
    elif out_fmt == "cxcywh":
        a, b, c, d = (a + c) / 2, (b + d) / 2, c - a, d - b
    return ag.stack([a, b, c, d], axis=-1)


@checked
def clip_boxes_to_image(boxes: Array, size: Sequence[float]) -> Tensor:
    """The `boxes`, cut at the border of an image of `size` (height, width).

    Shape: (*, 4) -> (*, 4).

    >>> import nn
    >>> nn.vision.clip_boxes_to_image([[-1.0, 2.0, 30.0, 4.0]], (10, 20))
    Tensor([[ 0.,  2., 20.,  4.]], dtype=float32)
    """
    boxes = boxes if isinstance(boxes, Tensor) else ag.asarray(boxes)
    as_boxes("clip_boxes_to_image", boxes)
    if len(size) != 2:
        raise ShapeError(f"clip_boxes_to_image: size is {tuple(size)}; write (height, width)")
    height, width = size
    return ag.clip(boxes, 0, np.array([width, height, width, height]).astype(boxes.dtype))


@checked
def remove_small_boxes(boxes: Array, min_size: float) -> Tensor:
    """The indices of the boxes whose width and height are at least `min_size`.

    Shape: (N, 4) -> (M) integers, in order.

    >>> import nn
    >>> nn.vision.remove_small_boxes([[0.0, 0.0, 5.0, 1.0], [0.0, 0.0, 5.0, 2.0]], 2)
    Tensor([1], dtype=int64)
    """
    boxes = as_boxes("remove_small_boxes", boxes)
    if boxes.ndim != 2:
        raise ShapeError(f"remove_small_boxes: boxes is {boxes.shape}; expected (N, 4){here()}")
    return ag.asarray(computed(_remove_small_boxes, boxes, min_size=min_size))


def _remove_small_boxes(boxes: Any, min_size: float) -> Any:
    width, height = sizes(boxes)
    return np.flatnonzero((width >= min_size) & (height >= min_size))


@checked
def masks_to_boxes(masks: Array) -> Tensor:
    """The boxes that bound masks: the least and greatest index of a pixel that is on, as float32.

    `masks` are on where they are not 0. The box of a mask without a pixel is 0.

    Shape: (N, H, W) -> (N, 4).

    >>> import nn
    >>> nn.vision.masks_to_boxes([[[0, 1, 1], [0, 0, 1]]])
    Tensor([[1., 0., 2., 1.]], dtype=float32)
    """
    masks = masks if isinstance(masks, Tensor) else ag.asarray(masks)
    if masks.ndim != 3:
        raise ShapeError(f"masks_to_boxes: masks is {masks.shape}; expected (N, H, W){here()}")
    return ag.asarray(computed(_masks_to_boxes, masks))


def _masks_to_boxes(masks: Any) -> Any:
    found = np.zeros((len(masks), 4), np.float32)
    for box, mask in zip(found, masks, strict=True):
        rows, columns = np.nonzero(mask)
        if rows.size:
            box[:] = columns.min(), rows.min(), columns.max(), rows.max()
    return found

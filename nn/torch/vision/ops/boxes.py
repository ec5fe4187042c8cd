"""nn.torch.vision.ops.boxes: boxes as torchvision has them, by the functions of nn.vision."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd.extend import raw
from nn import vision as own
from nn.torch.absent import unknown
from nn.torch.tensor import as_face

__all__ = [
    "batched_nms", "box_area", "box_convert", "box_iou", "clip_boxes_to_image", "complete_box_iou",
    "distance_box_iou", "generalized_box_iou", "masks_to_boxes", "nms", "remove_small_boxes",
]  # fmt: skip


def faced(function: Callable[..., Any]) -> Any:
    """A function of nn.vision whose Tensors are the face's."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return as_face(function(*args, **kwargs))

    call.__module__ = __name__
    return call


batched_nms, nms = faced(own.batched_nms), faced(own.nms)
box_convert, box_iou = faced(own.box_convert), faced(own.box_iou)
clip_boxes_to_image = faced(own.clip_boxes_to_image)
complete_box_iou = faced(own.complete_box_iou)
distance_box_iou = faced(own.distance_box_iou)
generalized_box_iou = faced(own.generalized_box_iou)
masks_to_boxes = faced(own.masks_to_boxes)
remove_small_boxes = faced(own.remove_small_boxes)


def box_area(boxes: Any, fmt: str = "xyxy") -> Any:
    """The areas of boxes; of small integers as int32."""
    area = own.box_area(boxes, fmt)
    given = raw(boxes).dtype
    is_small = given.kind in "iu" and given.itemsize <= 4
    return as_face(area.astype("int32") if is_small else area)


__getattr__ = unknown(__name__)

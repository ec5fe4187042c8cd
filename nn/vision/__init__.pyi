# fmt: off
# isort: skip_file
"""The public names of nn.vision, and where each is defined."""

from nn.vision.anchors import (
    decode_boxes as decode_boxes, default_boxes as default_boxes, encode_boxes as encode_boxes,
    hard_negatives as hard_negatives, match_boxes as match_boxes,
)
from nn.vision.boxes import (
    box_area as box_area, box_convert as box_convert, clip_boxes_to_image as clip_boxes_to_image,
    masks_to_boxes as masks_to_boxes, remove_small_boxes as remove_small_boxes,
)
from nn.vision.losses import (
    dice_loss as dice_loss, multibox_loss as multibox_loss,
    sigmoid_focal_loss as sigmoid_focal_loss,
)
from nn.vision.overlap import (
    box_iou as box_iou, complete_box_iou as complete_box_iou,
    complete_box_iou_loss as complete_box_iou_loss, distance_box_iou as distance_box_iou,
    distance_box_iou_loss as distance_box_iou_loss, generalized_box_iou as generalized_box_iou,
    generalized_box_iou_loss as generalized_box_iou_loss,
)
from nn.vision.roi import roi_align as roi_align
from nn.vision.suppression import batched_nms as batched_nms, nms as nms

"""nn.torch.vision.ops: what detectors are made of, as torchvision has it."""

from __future__ import annotations

from typing import Any

from nn import vision as own
from nn.torch import nn
from nn.torch.absent import refusing, unknown
from nn.torch.vision.ops import boxes
from nn.torch.vision.ops.boxes import (
    batched_nms,
    box_area,
    box_convert,
    box_iou,
    clip_boxes_to_image,
    complete_box_iou,
    distance_box_iou,
    faced,
    generalized_box_iou,
    masks_to_boxes,
    nms,
    remove_small_boxes,
)

__all__ = [
    "RoIAlign", "batched_nms", "box_area", "box_convert", "box_iou", "boxes", "clip_boxes_to_image",
    "complete_box_iou", "complete_box_iou_loss", "distance_box_iou", "distance_box_iou_loss",
    "generalized_box_iou", "generalized_box_iou_loss", "masks_to_boxes", "nms",
    "remove_small_boxes", "roi_align", "sigmoid_focal_loss",
]  # fmt: skip

complete_box_iou_loss = faced(own.complete_box_iou_loss)
distance_box_iou_loss = faced(own.distance_box_iou_loss)
generalized_box_iou_loss = faced(own.generalized_box_iou_loss)
roi_align, sigmoid_focal_loss = faced(own.roi_align), faced(own.sigmoid_focal_loss)


class RoIAlign(nn.Module):
    """`roi_align` as a layer."""

    def __init__(
        self, output_size: Any, spatial_scale: float, sampling_ratio: int, aligned: bool = False
    ) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale
        self.sampling_ratio, self.aligned = sampling_ratio, aligned

    def forward(self, input: Any, rois: Any) -> Any:
        options = (self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned)
        return roi_align(input, rois, *options)


_POOLING = "write roi_align, which takes means of samples in place of a maximum"
__getattr__ = refusing(
    "torchvision.ops",
    unknown(__name__),
    {
        "roi_pool": _POOLING, "RoIPool": _POOLING, "ps_roi_pool": _POOLING, "PSRoIPool": _POOLING,
        "ps_roi_align": _POOLING, "PSRoIAlign": _POOLING,
        "MultiScaleRoIAlign": "write roi_align for each level",
        "deform_conv2d": "write torch.nn.functional.grid_sample before a convolution",
        "DeformConv2d": "write torch.nn.functional.grid_sample before a convolution",
        "FeaturePyramidNetwork": "write it out of nn.Conv2d and interpolate",
        "FrozenBatchNorm2d": "write nn.BatchNorm2d, in eval() and with requires_grad_(False)",
        "stochastic_depth": "write it out of torch.bernoulli",
        "StochasticDepth": "write it out of torch.bernoulli",
        "Conv2dNormActivation": "write nn.Sequential of nn.Conv2d, nn.BatchNorm2d and nn.ReLU",
        "SqueezeExcitation": "write it out of nn.AdaptiveAvgPool2d and nn.Conv2d",
        "MLP": "write nn.Sequential of nn.Linear and nn.ReLU",
        "Permute": "write torch.permute",
        "drop_block2d": "write it out of nn.MaxPool2d",
        "DropBlock2d": "write it out of nn.MaxPool2d",
        "drop_block3d": "write it out of nn.MaxPool3d",
        "DropBlock3d": "write it out of nn.MaxPool3d",
    },
)  # fmt: skip

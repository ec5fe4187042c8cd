"""SSD: objects and their boxes in one look, from default boxes on feature maps of several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError


class SSD(nn.Model):
    """A small single-shot detector: for each default box its offsets, and logits of its classes.

    Each of `widths` is a stage of two convolutions and pooling. The last of them, one for each
    two neighbours in `scales`, have heads: their default boxes are those of
    `nn.vision.default_boxes`. Class 0 is the ground, so labels are from 1 to `classes`.

    `model.targets(boxes, labels, size)` is what it is trained on, with the loss
    `nn.vision.multibox_loss`; `model.detect(images)` is what it finds.

    Shape: (N, channels, H, W) -> (N, A, 4) and (N, A, classes + 1), for A default boxes.

    Source: Liu et al., SSD: Single shot multibox detector (2016).

    >>> import numpy as np
    >>> import nn
    >>> model = nn.models.SSD(2, widths=(4, 4), scales=(0.5, 1.0))
    >>> found = model.detect(np.zeros((1, 3, 8, 8), "float32"), score_thresh=0.99)
    >>> found[0]["boxes"].shape
    (0, 4)
    """

    def __init__(
        self,
        classes: int,
        channels: int = 3,
        widths: Sequence[int] = (16, 32, 64, 64, 64),
        scales: Sequence[float] = (0.15, 0.3, 0.5, 0.8),
        aspect_ratios: Sequence[Sequence[float]] = ((2,),),
    ) -> None:
        super().__init__()
        self.scales, self.aspect_ratios = tuple(scales), tuple(map(tuple, aspect_ratios))
        count = len(self.scales) - 1
        if not 1 <= count <= len(widths):
            raise ArgumentError(
                f"SSD: {len(self.scales)} scales are of {count} feature maps, and there are "
                f"{len(widths)} stages: give from 2 to {len(widths) + 1} scales"
            )
        if len(self.aspect_ratios) not in (1, count):
            raise ArgumentError(
                f"SSD: aspect_ratios has {len(self.aspect_ratios)} rows; give one for each of the "
                f"{count} feature maps, or one for all"
            )
        rows = self.aspect_ratios * (count if len(self.aspect_ratios) == 1 else 1)
        self.classes, self.depth = classes, len(widths)
        for number, (inputs, outputs) in enumerate(
            zip([channels, *widths], widths, strict=False), start=1
        ):
            self.add_module(f"stage{number}", _stage(inputs, outputs))
        for number, (inputs, row) in enumerate(zip(widths[-count:], rows, strict=True), start=1):
            boxes = 2 + 2 * len(row)
            head = nn.Conv2d(inputs, boxes * 4, 3, padding=1)
            self.add_module(f"regression{number}", head)
            head = nn.Conv2d(inputs, boxes * (classes + 1), 3, padding=1)
            self.add_module(f"classification{number}", head)

    def forward(self, x: Any) -> tuple[Tensor, Tensor]:
        if np.ndim(x) != 4:
            raise ShapeError(
                f"SSD: images are {np.shape(x)}, not (N, channels, H, W); one image is x[None]"
            )
        offsets, scores = [], []
        for number in range(1, self.depth + 1):
            x = getattr(self, f"stage{number}")(x)
            head = number - self.depth + len(self.scales) - 1
            if head > 0:
                of_boxes = getattr(self, f"regression{head}")(x)
                offsets.append(_by_anchor(of_boxes, 4))
                of_classes = getattr(self, f"classification{head}")(x)
                scores.append(_by_anchor(of_classes, self.classes + 1))
        return ag.concat(offsets, axis=1), ag.concat(scores, axis=1)

    def default_boxes(self, size: Sequence[int]) -> Tensor:
        """The default boxes (A, 4) in an image of `size` (height, width)."""
        if len(size) != 2 or min(size) >> self.depth < 1:
            raise ShapeError(
                f"SSD: an image of {tuple(size)} is halved {self.depth} times; height and "
                f"width must be at least {1 << self.depth}"
            )
        first = self.depth - len(self.scales) + 2
        maps = [[n >> k for n in size] for k in range(first, self.depth + 1)]
        return nn.vision.default_boxes(size, maps, self.scales, self.aspect_ratios)

    def targets(
        self, boxes: Sequence[Any], labels: Sequence[Any], size: Sequence[int], iou: float = 0.5
    ) -> Any:
        """What the outputs should be: (N, A, 5), the offsets and the class of each default box.

        `boxes` and `labels` hold an array (M, 4) and one (M) for each image; an image without
        objects has empty ones. A default box belongs to what it overlaps by an IoU of `iou`.
        """
        if len(boxes) != len(labels):
            raise ShapeError(f"SSD: {len(boxes)} images have boxes, and {len(labels)} have labels")
        anchors = self.default_boxes(size)
        found = np.zeros((len(boxes), len(anchors), 5), anchors.dtype)
        for target, own, classes in zip(found, boxes, labels, strict=True):
            own, classes = np.asarray(own, anchors.dtype).reshape(-1, 4), np.asarray(classes)
            if classes.shape != own.shape[:1]:
                raise ShapeError(f"SSD: {len(own)} boxes have labels {classes.shape}; one each")
            if classes.size and not 1 <= classes.min() <= classes.max() <= self.classes:
                raise ArgumentError(f"SSD: labels are from 1 to {self.classes}; 0 is the ground")
            if (own[:, 2:] <= own[:, :2]).any():
                raise ArgumentError("SSD: a box has no area; boxes are (x1, y1, x2, y2), x1 < x2")
            match = nn.vision.match_boxes(own, anchors, iou).numpy()
            places = np.flatnonzero(match >= 0)
            if places.size:
                chosen = match[places]
                target[places, :4] = nn.vision.encode_boxes(own[chosen], anchors[places]).numpy()
                target[places, 4] = classes[chosen]
        return found

    def detections(
        self,
        outputs: Any,
        size: Sequence[int],
        score_thresh: float = 0.01,
        nms_thresh: float = 0.45,
        detections_per_img: int = 200,
    ) -> list[dict[str, Any]]:
        """What the outputs for images of `size` tell: for each its boxes, scores and labels.

        Of those with a score of at least `score_thresh`, class by class, boxes that overlap a
        better one by `nms_thresh` go, and the best `detections_per_img` remain, best first.
        """
        offsets, logits = (np.asarray(output) for output in outputs)
        with ag.no_grad():
            places = nn.vision.decode_boxes(offsets, self.default_boxes(size))
            inside = nn.vision.clip_boxes_to_image(places, size).numpy()
            chances = ag.softmax(ag.asarray(logits), axis=-1).numpy()[..., 1:]
        found = []
        for boxes, scores in zip(inside, chances, strict=True):
            anchors, classes = np.nonzero(scores > score_thresh)
            own, values = boxes[anchors], scores[anchors, classes]
            best = nn.vision.batched_nms(own, values, classes, nms_thresh).numpy()
            best = best[:detections_per_img]
            labels = classes[best] + 1
            found.append({"boxes": own[best], "scores": values[best], "labels": labels})
        return found

    def detect(self, x: Any, batch_size: int | None = None, **options: Any) -> list[dict[str, Any]]:
        """What is found in images (N, C, H, W): `detections` of what it predicts."""
        return self.detections(self.predict(x, batch_size=batch_size), np.shape(x)[2:], **options)


def _stage(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        convolution = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        layers += [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


def _by_anchor(x: Any, numbers: int) -> Any:
    """(N, k·numbers, H, W) of a head as (N, H·W·k, numbers)."""
    batch, _, high, wide = x.shape
    x = x.reshape(batch, -1, numbers, high, wide)
    return x.transpose(0, 3, 4, 1, 2).reshape(batch, -1, numbers)

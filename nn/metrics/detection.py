"""Detection: how many objects are found, and in which company of false ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError
from nn.metrics.base import Array, Metric, as_array
from nn.vision.overlap import plain_iou

COCO = tuple(np.linspace(0.5, 0.95, 10).tolist())
RECALLS = np.linspace(0, 1, 101)


class MeanAveragePrecision(Metric):
    """The area below the curve of precision by recall, as COCO measures it: mAP.

    Targets and outputs are lists with a dict for each image: "boxes" (M, 4) and "labels" (M), and
    of outputs "scores" (M) as well. Best first, a detection is right if its IoU with an object of
    its class that none has yet reaches a threshold. The result is the mean over `iou_thresholds`
    (one, or several; by default COCO's, 0.5, 0.55, ... 0.95) and over the classes of the objects.
    Of an image count the best `max_detections` of each class.

    Source: Lin et al., Microsoft COCO (2014).

    >>> import nn
    >>> true = [{"boxes": [[0, 0, 4, 4], [6, 6, 8, 8]], "labels": [1, 1]}]
    >>> found = [{"boxes": [[0, 0, 4, 3]], "labels": [1], "scores": [0.9]}]
    >>> round(nn.metrics.MeanAveragePrecision(0.5)(true, found), 3)
    0.505
    """

    higher_is_better = True

    def __init__(
        self,
        iou_thresholds: float | Sequence[float] | None = None,
        max_detections: int = 100,
        name: str | None = None,
    ) -> None:
        given = COCO if iou_thresholds is None else iou_thresholds
        self.iou_thresholds = np.atleast_1d(np.asarray(given, np.float64))
        low, high = self.iou_thresholds > 0, self.iou_thresholds <= 1
        if not (self.iou_thresholds.size and low.all() and high.all()):
            raise ArgumentError(
                f"iou_thresholds are above 0 and at most 1, one or several; got {iou_thresholds}"
            )
        if max_detections < 1:
            raise ArgumentError(f"max_detections must be at least 1, got {max_detections}")
        self.max_detections = max_detections
        super().__init__(name)

    def update_state(self, y_true: Any, y_pred: Any) -> None:
        for what, found in (("y_true", y_true), ("y_pred", y_pred)):
            if isinstance(found, Mapping) or not isinstance(found, Sequence):
                raise ArgumentTypeError(
                    f"{self.name}: {what} is a list with a dict for each image, not "
                    f"{type(found).__name__}"
                )
        if len(y_true) != len(y_pred):
            raise ShapeError(f"{self.name}: {len(y_true)} images, and outputs for {len(y_pred)}")
        for true, found in zip(y_true, y_pred, strict=True):
            boxes, labels = self._read(true, "y_true")
            places, calls, scores = self._read(found, "y_pred", "scores")
            for label in np.union1d(labels, calls).tolist():
                own = calls == label
                self._add(label, boxes[labels == label], places[own], scores[own])

    def _read(self, image: Any, what: str, *more: str) -> tuple[Array, ...]:
        """The arrays of an image: boxes (M, 4), and what else there is one of for each."""
        names = ("boxes", "labels", *more)
        if not isinstance(image, Mapping) or not image.keys() >= {*names}:
            has = ", ".join(map(str, image)) if isinstance(image, Mapping) else type(image).__name__
            raise ArgumentError(
                f"{self.name}: each of {what} is a dict of {', '.join(names)}, and one has {has}"
            )
        boxes, *others = (as_array(image[name]) for name in names)
        boxes = boxes.astype(np.float64).reshape(0, 4) if boxes.size == 0 else boxes
        if boxes.ndim != 2 or boxes.shape[1] != 4 or any(x.shape != (len(boxes),) for x in others):
            shapes = ", ".join(f"{n} {as_array(image[n]).shape}" for n in names)
            raise ShapeError(
                f"{self.name}: of {what} {shapes}; expected (M, 4) and one of each box"
            )
        return boxes.astype(np.float64), *others

    def _add(self, label: Any, boxes: Array, places: Array, scores: Array) -> None:
        """Remember of a class in an image the scores, which are right, and how many there are."""
        best = np.argsort(-scores.astype(np.float64), kind="stable")[: self.max_detections]
        overlap = plain_iou(places[best], boxes)
        right = [_right(overlap, threshold) for threshold in self.iou_thresholds]
        self._objects[label] = self._objects.get(label, 0) + len(boxes)
        self._found.setdefault(label, []).append((scores[best], np.array(right, np.bool_)))

    def by_class(self) -> dict[Any, float]:
        """The mean over thresholds for each class of which there are objects."""
        return {
            label: float(np.mean([*self._precisions(label)]))
            for label in sorted(self._objects)
            if self._objects[label]
        }

    def _precisions(self, label: Any) -> Any:
        """The average precision of a class at each threshold."""
        scores = np.concatenate([scores for scores, _ in self._found[label]])
        right = np.concatenate([right for _, right in self._found[label]], axis=1)
        right = right[:, np.argsort(-scores.astype(np.float64), kind="stable")]
        for row in right:
            hits = np.cumsum(row)
            recall, precision = hits / self._objects[label], hits / np.arange(1, len(row) + 1)
            precision = np.maximum.accumulate(precision[::-1])[::-1]  # the best from there on
            at = np.searchsorted(recall, RECALLS, side="left")
            yield np.sum(precision[at[at < len(row)]]) / len(RECALLS)

    def result(self) -> float:
        found = [*self.by_class().values()]
        return float(np.mean(found)) if found else float("nan")

    def reset_state(self) -> None:
        self._objects: dict[Any, int] = {}
        self._found: dict[Any, list[tuple[Array, Array]]] = {}


def _right(overlap: Array, threshold: float) -> list[bool]:
    """Which detections, best first, find an object that none before has found."""
    free, right = np.ones(overlap.shape[1], np.bool_), []
    for row in overlap:
        fits = np.where(free & (row >= min(threshold, 1 - 1e-10)), row, -1.0)
        right.append(bool(fits.size and fits.max() >= 0))
        if right[-1]:
            free[fits.argmax()] = False
    return right

"""Overlap: how far the areas that are, and that were called, a class are the same."""

from __future__ import annotations

from typing import Any

from nn.metrics.base import Array
from nn.metrics.counts import Rate, share


class IoU(Rate):
    """The places that are and were called a class, as a share of those that are or were.

    Outputs, targets, `average`, `threshold` and `axis` are as in `F1Score`: of two classes it is
    the IoU of class 1, of more their mean. A class that neither is nor was called does not count.

    >>> import nn
    >>> nn.metrics.IoU()([[1, 1, 0, 0]], [[0.9, 0.2, 0.8, 0.1]])
    0.3333333333333333
    """

    def rate(self, hits: Array, called: Array, are: Array) -> Array:
        return share(hits, called + are - hits, of_nothing=float("nan"))


class MeanIoU(IoU):
    """`IoU`, as the mean over all classes: what segmentations are compared by.

    >>> import nn
    >>> nn.metrics.MeanIoU()([[1, 1, 0, 0]], [[0.9, 0.8, 0.7, 0.1]])
    0.5833333333333333
    """

    def __init__(
        self, average: str | None = "macro", threshold: float = 0.5, name: str | None = None
    ) -> None:
        super().__init__(average, threshold, name)


class Dice(Rate):
    """Twice the places that are and were called a class, by the sum of those that are and were.

    It is the F1 score of the places, but that a class that neither is nor was called does not
    count.

    >>> import nn
    >>> nn.metrics.Dice()([[1, 1, 0, 0]], [[0.9, 0.2, 0.8, 0.1]])
    0.5
    """

    def rate(self, hits: Array, called: Array, are: Array) -> Any:
        return share(2 * hits, called + are, of_nothing=float("nan"))

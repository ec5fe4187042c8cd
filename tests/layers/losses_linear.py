"""A last layer and its loss in one: the scores, and the reference of cross-entropy on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, value
from tests.layers.losses import loss, probabilities
from tests.layers.losses_classes import LABELS, WEIGHT, log_softmax, of_labels, of_probabilities


def linear_cross_entropy(layer: Any, x: Any, target: Any) -> Any:
    scores = x @ value(layer.linear.weight).T
    if layer.linear.bias is not None:
        scores = scores + value(layer.linear.bias)
    scores = scores.reshape(*x.shape[:-1], layer.num_classes, *layer.out_features)
    if target.dtype.kind == "f":
        return of_probabilities(layer, scores, target)
    return of_labels(layer, scores, target, log_softmax, layer.label_smoothing)


def row(inputs: Any = lambda: [draw(4, 2), LABELS], label: str = "", **options: Any) -> Case:
    return loss("LinearCrossEntropyLoss", linear_cross_entropy, inputs, in_features=2,
                num_classes=3, label=label, **options)  # fmt: skip


def places() -> list[Any]:
    return [draw(2, 2), np.array([[0, 2], [1, 1]])]


CASES = [
    row(),
    row(bias=True, reduction="none"),
    row(weight=WEIGHT, label_smoothing=0.1, ignore_index=0, reduction="sum"),
    row(places, "LinearCrossEntropyLoss of places", out_features=(2,), bias=True),
    row(lambda: [draw(4, 2), probabilities(4, 3, seed="target")], "of probabilities", wrt=(0,)),
    row(lambda: [draw(2), np.array(1)], "LinearCrossEntropyLoss of one example", reduction="none",
        batch=None),
]  # fmt: skip

"""Losses: their inputs are a prediction and a target."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.samples import draw
from tests.layers.case import Case, case, value

LABELS = np.array([2, 0, 1, 2])
WEIGHT = np.array([0.5, 1.0, 2.0])
REDUCE = {"mean": np.mean, "sum": np.sum, "none": np.asarray}


def mse(layer: Any, x: Any, target: Any) -> Any:
    return REDUCE[layer.reduction]((x - target) ** 2)


def cross_entropy(layer: Any, x: Any, labels: Any) -> Any:
    weight = np.ones(x.shape[1]) if layer.weight is None else value(layer.weight)
    losses, weights = [], []
    for row, label in zip(x, labels, strict=True):
        if label == layer.ignore_index:
            losses.append(0.0)
            weights.append(0.0)
            continue
        logs = row - math.log(math.fsum(math.exp(v) for v in row))
        share = layer.label_smoothing / len(row)
        losses.append(
            -weight[label] * (1 - layer.label_smoothing) * logs[label] - share * (weight @ logs)
        )
        weights.append(weight[label])
    if layer.reduction == "mean":
        return np.sum(losses) / np.sum(weights)
    return REDUCE[layer.reduction](np.array(losses))


def regression(name: str, reference: Any, **options: Any) -> Case:
    return case(
        name,
        inputs=lambda: [draw(4, 3), draw(4, 3, seed="target")],
        reference=reference,
        batch=None if options.get("reduction", "mean") == "mean" else 0,
        **options,
    )


def classes(**options: Any) -> Case:
    return case(
        "CrossEntropyLoss",
        inputs=lambda: [draw(4, 3), LABELS],
        reference=cross_entropy,
        batch=None if options.get("reduction", "mean") == "mean" else 0,
        **options,
    )


CASES = [
    regression("MSELoss", mse),
    regression("MSELoss", mse, reduction="sum"),
    regression("MSELoss", mse, reduction="none"),
    classes(),
    classes(reduction="sum"),
    classes(label_smoothing=0.1, reduction="none"),
    classes(weight=WEIGHT),
    classes(ignore_index=2, weight=WEIGHT, label_smoothing=0.1),
]

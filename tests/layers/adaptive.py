"""Adaptive softmax: the reference multiplies the probabilities of cluster and class."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value


def log_softmax(scores: Any) -> Any:
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def adaptive(layer: Any, x: Any, labels: Any) -> Any:
    head = log_softmax(
        x @ value(layer.head.weight).T
        + (value(layer.head.bias) if layer.head.bias is not None else 0.0)
    )
    output = []
    for row, scores, label in zip(np.atleast_2d(x), np.atleast_2d(head), np.atleast_1d(labels),
                                  strict=True):  # fmt: skip
        if label < layer.cutoffs[0]:
            output.append(scores[label])
            continue
        number = max(n for n, start in enumerate(layer.cutoffs) if label >= start)
        first, second = layer.tail[number]
        local = log_softmax(row @ value(first.weight).T @ value(second.weight).T)
        output.append(scores[layer.cutoffs[0] + number] + local[label - layer.cutoffs[number]])
    return np.reshape(output, labels.shape), -np.mean(output)


def row(inputs: Any, label: str, **options: Any) -> Case:
    return case("AdaptiveLogSoftmaxWithLoss", 2, 6, inputs=inputs, reference=adaptive, batch=None,
                label=label, **options)  # fmt: skip


CASES = [
    row(lambda: [draw(3, 2), np.array([0, 2, 5])], "adaptive softmax", cutoffs=[2, 3],
        div_value=1.0),
    row(lambda: [draw(2, 2), np.array([0, 2])], "adaptive, frequent classes", cutoffs=[3],
        div_value=2.0),
    row(lambda: [draw(2), np.array(4)], "adaptive, one example", cutoffs=[3], div_value=2.0,
        head_bias=True),
]  # fmt: skip

"""Losses of classes and labels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, value
from tests.layers.losses import REDUCE, loss, probabilities, reduced

LABELS = np.array([2, 0, 1, 2])
WEIGHT = np.array([0.5, 1.0, 2.0])
EACH = ("mean", "sum", "none")


def columns(x: Any) -> Any:
    """(N, C, *) as (N·*, C)."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def log_softmax(row: Any) -> Any:
    return row - math.log(math.fsum(math.exp(v) for v in row))


def identity(row: Any) -> Any:
    return row


def of_labels(layer: Any, x: Any, labels: Any, logs_of: Any, smoothing: float) -> Any:
    """The loss of each column by its definition, and the weighted mean."""
    single = x.ndim == 1
    rows, flat = (x[None], [int(labels)]) if single else (columns(x), labels.ravel())
    weight = np.ones(rows.shape[1]) if layer.weight is None else value(layer.weight)
    losses, weights = [], []
    for row, label in zip(rows, flat, strict=True):
        if label == layer.ignore_index:
            losses.append(0.0)
            weights.append(0.0)
            continue
        logs, share = logs_of(row), smoothing / len(row)
        losses.append(-weight[label] * (1 - smoothing) * logs[label] - share * (weight @ logs))
        weights.append(weight[label])
    if layer.reduction == "mean":
        return np.sum(losses) / np.sum(weights)
    return REDUCE[layer.reduction](np.reshape(losses, np.shape(labels)))


def of_probabilities(layer: Any, x: Any, target: Any) -> Any:
    weight = np.ones(x.shape[1]) if layer.weight is None else value(layer.weight)
    losses = []
    for row, q in zip(columns(x), columns(target), strict=True):
        smooth = q * (1 - layer.label_smoothing) + layer.label_smoothing / len(q)
        losses.append(-np.sum(weight * smooth * log_softmax(row)))
    return REDUCE[layer.reduction](np.reshape(losses, (x.shape[0], *x.shape[2:])))


def cross_entropy(layer: Any, x: Any, target: Any) -> Any:
    if target.dtype.kind == "f":
        return of_probabilities(layer, x, target)
    return of_labels(layer, x, target, log_softmax, layer.label_smoothing)


def nll(layer: Any, x: Any, labels: Any) -> Any:
    return of_labels(layer, x, labels, identity, 0.0)


def ce(**options: Any) -> Case:
    return loss("CrossEntropyLoss", cross_entropy, lambda: [draw(4, 3), LABELS], **options)


def column_labels() -> Any:
    return np.array([[0, 1], [2, 1]])


def lengthwise(name: str, reference: Any, **options: Any) -> Case:
    return loss(name, reference, lambda: [draw(2, 3, 2), column_labels()],
                label=f"{name} along axis 1 {options}", **options)  # fmt: skip


def soft(**options: Any) -> Case:
    return loss(
        "CrossEntropyLoss",
        cross_entropy,
        lambda: [draw(4, 3), probabilities(4, 3, seed="target")],
        wrt=(0,),  # steps would leave the probabilities
        label=f"CrossEntropyLoss of probabilities {options}",
        **options,
    )


CROSS_ENTROPY = [
    *(ce(reduction=reduction) for reduction in EACH),
    ce(label_smoothing=0.1, reduction="none"),
    ce(label_smoothing=0.1),
    ce(label_smoothing=1.0),
    ce(weight=WEIGHT),
    ce(weight=WEIGHT, label_smoothing=0.2),
    ce(weight=WEIGHT, label_smoothing=0.2, reduction="none"),
    ce(ignore_index=2),
    ce(ignore_index=2, reduction="none"),
    ce(ignore_index=2, weight=WEIGHT, label_smoothing=0.1),
    ce(ignore_index=2, label_smoothing=0.1),
    *(lengthwise("CrossEntropyLoss", cross_entropy, reduction=reduction) for reduction in EACH),
    lengthwise("CrossEntropyLoss", cross_entropy, weight=WEIGHT, ignore_index=1,
               label_smoothing=0.1),
    loss("CrossEntropyLoss", cross_entropy, lambda: [draw(2, 20), np.array([19, 3])],
         label="CrossEntropyLoss of 20 classes", label_smoothing=0.1),
    loss("CrossEntropyLoss", cross_entropy, lambda: [draw(3), np.array(1)], batch=None,
         label="CrossEntropyLoss of one example", reduction="none"),
    *(soft(reduction=reduction) for reduction in EACH),
    soft(weight=WEIGHT),
    soft(weight=WEIGHT, label_smoothing=0.2),
]  # fmt: skip


def of_logs(**options: Any) -> Case:
    return loss("NLLLoss", nll, lambda: [np.log(probabilities(4, 3)), LABELS], **options)


NLL = [
    *(of_logs(reduction=reduction) for reduction in EACH),
    of_logs(weight=WEIGHT),
    of_logs(weight=WEIGHT, reduction="none"),
    of_logs(ignore_index=2, weight=WEIGHT),
    of_logs(ignore_index=0),
    lengthwise("NLLLoss", nll),
    lengthwise("NLLLoss", nll, weight=WEIGHT, ignore_index=1, reduction="none"),
    loss("NLLLoss", nll, lambda: [draw(3), np.array(1)], batch=None, label="NLLLoss of one"),
]


# ---- binary --------------------------------------------------------------------------------------


def binary(f: Any) -> Any:
    """A reference from the loss of one element and its weights."""

    def reference(layer: Any, x: Any, target: Any) -> Any:
        weight = 1.0 if layer.weight is None else value(layer.weight)
        pos = getattr(layer, "pos_weight", None)
        pos = 1.0 if pos is None else value(pos)
        return reduced(lambda _, *xs: f(*xs))(layer, x, target, weight, pos)

    return reference


def bce(x: float, target: float, weight: float, pos_weight: float) -> float:
    return -weight * (
        pos_weight * target * (math.log(x) if target else 0.0)
        + (1 - target) * (math.log(1 - x) if target < 1 else 0.0)
    )


def bce_of_logits(x: float, target: float, weight: float, pos_weight: float) -> float:
    minus_logs = math.log1p(math.exp(-x)), math.log1p(math.exp(x))
    return weight * (pos_weight * target * minus_logs[0] + (1 - target) * minus_logs[1])


def chances() -> list[Any]:
    return [draw(2, 3, low=0.1, high=0.9), draw(2, 3, low=0.1, high=0.9, seed="target")]


def certain() -> list[Any]:
    return [draw(4, 3, low=0.1, high=0.9), np.eye(3)[[0, 1, 1, 2]]]


def logits() -> list[Any]:
    return [draw(2, 3), draw(2, 3, low=0.1, high=0.9, seed="target")]


def large_logits() -> list[Any]:
    return [draw(4, 3, low=-30, high=30), np.eye(3)[[0, 1, 1, 2]]]


BINARY = [
    *(loss("BCELoss", binary(bce), chances, reduction=r, wrt=(0,)) for r in EACH),
    loss("BCELoss", binary(bce), certain, weight=WEIGHT, wrt=(0,)),
    loss("BCELoss", binary(bce), chances, weight=np.arange(6.0).reshape(2, 3), wrt=(0,)),
    *(loss("BCEWithLogitsLoss", binary(bce_of_logits), logits, reduction=r) for r in EACH),
    loss("BCEWithLogitsLoss", binary(bce_of_logits), logits, pos_weight=WEIGHT, reduction="none"),
    loss("BCEWithLogitsLoss", binary(bce_of_logits), logits, weight=WEIGHT, pos_weight=WEIGHT),
    loss("BCEWithLogitsLoss", binary(bce_of_logits), large_logits, wrt=(0,), label="large logits"),
]


# ---- categorical ---------------------------------------------------------------------------------


def categorical(layer: Any, x: Any, target: Any) -> Any:
    rows, qs = np.moveaxis(x, layer.dim, -1), np.moveaxis(target, layer.dim, -1)
    losses = np.zeros(rows.shape[:-1])
    for place in np.ndindex(losses.shape):
        q = qs[place] * (1 - layer.label_smoothing) + layer.label_smoothing / x.shape[layer.dim]
        kept = [min(max(v, layer.eps), 1 - layer.eps) for v in rows[place]]
        losses[place] = -sum(share * math.log(v) for share, v in zip(q, kept, strict=True))
    return REDUCE[layer.reduction](losses)


def sparse(layer: Any, x: Any, labels: Any) -> Any:
    rows = np.moveaxis(x, layer.dim, -1)
    losses = np.zeros(labels.shape)
    for place in np.ndindex(labels.shape):
        kept = min(max(rows[place][labels[place]], layer.eps), 1 - layer.eps)
        losses[place] = -math.log(kept)
    return REDUCE[layer.reduction](losses)


def keras(name: str, reference: Any, inputs: Any, **options: Any) -> Case:
    # steps would leave the probabilities: tests/test_losses.py goes through a softmax
    return loss(name, reference, inputs, wrt=(), torch=None, **options)


def one_hot() -> list[Any]:
    return [probabilities(4, 3), np.eye(3)[LABELS]]


def one_hot_columns() -> list[Any]:
    x, labels = probabilities(2, 2, 3), column_labels()
    return [np.moveaxis(x, -1, 1), np.moveaxis(np.eye(3)[labels], -1, 1)]


CATEGORICAL = [
    *(keras("CategoricalCrossEntropy", categorical, one_hot, reduction=r) for r in EACH),
    keras("CategoricalCrossEntropy", categorical, one_hot, label_smoothing=0.2),
    keras("CategoricalCrossEntropy", categorical, one_hot_columns, dim=1, reduction="none"),
    keras("CategoricalCrossEntropy", categorical, lambda: [np.eye(3), np.eye(3)[[1, 1, 2]]],
          eps=1e-3, label="clipped"),
    *(keras("SparseCategoricalCrossEntropy", sparse, lambda: [probabilities(4, 3), LABELS],
            reduction=r) for r in EACH),
    keras("SparseCategoricalCrossEntropy", sparse, reduction="sum", dim=1,
          inputs=lambda: [one_hot_columns()[0], column_labels()]),
    keras("SparseCategoricalCrossEntropy", sparse,
          lambda: [probabilities(2, 2, 3), np.array([[0, 1], [2, 2]])], label="(N, T, C)"),
]  # fmt: skip

CASES = [*CROSS_ENTROPY, *NLL, *BINARY, *CATEGORICAL]

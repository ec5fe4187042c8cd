"""Losses that ask for a margin, and distances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import case, value
from tests.layers.losses import REDUCE, loss, reduced
from tests.layers.losses_classes import LABELS, WEIGHT, bce_of_logits

SIGNS = np.array([[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
EACH = ("mean", "none")


def hinge(layer: Any, x: float, target: float) -> float:
    return x if target == 1 else max(0.0, layer.margin - x)


def ranking(layer: Any, x1: float, x2: float, target: float) -> float:
    return max(0.0, layer.margin - target * (x1 - x2))


def soft_margin(layer: Any, x: float, target: float) -> float:
    return math.log(1 + math.exp(-target * x))


def signed() -> list[Any]:
    return [draw(2, 3, away_from=(0.5, 1.0)), SIGNS]


def ranked() -> list[Any]:
    second = draw(2, 3, seed="second")
    return [second + draw(2, 3, away_from=(-0.5, 0.0, 0.5)), second, SIGNS]


SIGNED = [
    *(loss("HingeEmbeddingLoss", reduced(hinge), signed, reduction=r, wrt=(0,)) for r in EACH),
    loss("HingeEmbeddingLoss", reduced(hinge), signed, margin=0.5, wrt=(0,)),
    *(loss("MarginRankingLoss", reduced(ranking), ranked, reduction=r, wrt=(0, 1)) for r in EACH),
    loss("MarginRankingLoss", reduced(ranking), ranked, margin=0.5, wrt=(0, 1)),
    *(loss("SoftMarginLoss", reduced(soft_margin), signed, reduction=r, wrt=(0,)) for r in EACH),
]


# ---- classes -------------------------------------------------------------------------------------


def multilabel_soft(layer: Any, x: Any, target: Any) -> Any:
    weight = np.ones(x.shape[-1]) if layer.weight is None else value(layer.weight)
    each = np.vectorize(bce_of_logits, otypes=[float])(x, target, weight, 1.0)
    return REDUCE[layer.reduction](each.mean(axis=-1))


def multi_margin(layer: Any, x: Any, labels: Any) -> Any:
    weight = np.ones(x.shape[-1]) if layer.weight is None else value(layer.weight)
    losses = [
        weight[y] / len(row)
        * sum(max(0.0, layer.margin - row[y] + v) ** layer.p for i, v in enumerate(row) if i != y)
        for row, y in zip(np.atleast_2d(x), np.atleast_1d(labels), strict=True)
    ]  # fmt: skip
    return REDUCE[layer.reduction](np.reshape(losses, labels.shape))


def multilabel_margin(layer: Any, x: Any, target: Any) -> Any:
    losses = []
    for row, entries in zip(x.reshape(-1, x.shape[-1]), target.reshape(-1, x.shape[-1]),
                            strict=True):  # fmt: skip
        labels = []
        for entry in entries:
            if entry == -1:
                break
            labels.append(entry)
        others = [i for i in range(len(row)) if i not in labels]
        total = sum(max(0.0, 1 - (row[j] - row[i])) for j in labels for i in others)
        losses.append(total / len(row))
    return REDUCE[layer.reduction](np.reshape(losses, x.shape[:-1]))


def applies() -> list[Any]:
    return [draw(2, 3), (SIGNS + 1) / 2]


def labelled() -> list[Any]:
    """No two differ by a margin of 1 or 0.5."""
    return [draw(4, 3, low=-0.4, high=0.4), LABELS]


def lists() -> list[Any]:
    target = np.array([[1, 2, -1], [-1, 0, 1], [0, -1, 2], [2, 1, 0]])
    return [draw(4, 3, low=-0.4, high=0.4), target]


CLASSES = [
    *(loss("MultiLabelSoftMarginLoss", multilabel_soft, applies, reduction=r, wrt=(0,))
      for r in EACH),
    loss("MultiLabelSoftMarginLoss", multilabel_soft, applies, weight=WEIGHT),
    *(loss("MultiMarginLoss", multi_margin, labelled, reduction=r) for r in EACH),
    loss("MultiMarginLoss", multi_margin, labelled, p=2, weight=WEIGHT, reduction="none"),
    loss("MultiMarginLoss", multi_margin, lambda: [draw(4, 3, away_from=(0.0,)), LABELS],
         margin=4.5),
    loss("MultiMarginLoss", multi_margin, lambda: [draw(3, low=-0.4, high=0.4), np.array(1)],
         label="MultiMarginLoss of one", reduction="none", batch=None),
    *(loss("MultiLabelMarginLoss", multilabel_margin, lists, reduction=r) for r in EACH),
    loss("MultiLabelMarginLoss", multilabel_margin, lambda: [draw(3, low=-0.4, high=0.4),
         np.array([2, -1, 0])], label="MultiLabelMarginLoss of one", batch=None),
    loss("MultiLabelMarginLoss", multilabel_margin, lambda: [draw(2, 3, low=-0.4, high=0.4),
         np.array([[2, 2, -1], [-1, -1, -1]])], label="a label twice, and none"),
]  # fmt: skip


# ---- vectors -------------------------------------------------------------------------------------


def cosine(x1: Any, x2: Any, eps: float = 1e-8) -> float:
    norms = [max(math.sqrt(math.fsum(v * v for v in x)), eps) for x in (x1, x2)]
    return math.fsum(a * b for a, b in zip(x1, x2, strict=True)) / (norms[0] * norms[1])


def distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6) -> float:
    sizes = [abs(a - b + eps) for a, b in zip(x1, x2, strict=True)]
    return max(sizes) if p == math.inf else math.fsum(v**p for v in sizes) ** (1 / p)


def manhattan(x1: Any, x2: Any) -> Any:
    return abs(x1 - x2).sum(-1)


def cosine_embedding(layer: Any, x1: Any, x2: Any, target: Any) -> Any:
    angles = [cosine(a, b) for a, b in zip(np.atleast_2d(x1), np.atleast_2d(x2), strict=True)]
    losses = [
        1 - c if t == 1 else max(0.0, c - layer.margin)
        for c, t in zip(angles, np.atleast_1d(target), strict=True)
    ]
    return REDUCE[layer.reduction](np.reshape(losses, target.shape))


def triplet(layer: Any, *triplets: Any) -> Any:
    def between(x1: Any, x2: Any) -> float:
        if getattr(layer, "distance_function", None) is manhattan:
            return float(np.sum(np.abs(x1 - x2)))
        return distance(x1, x2, getattr(layer, "p", 2.0), getattr(layer, "eps", 1e-6))

    losses = []
    for a, near, far in zip(*map(np.atleast_2d, triplets), strict=True):
        away = between(a, far)
        if layer.swap:
            away = min(away, between(near, far))
        losses.append(max(0.0, between(a, near) - away + layer.margin))
    return REDUCE[layer.reduction](np.reshape(losses, triplets[0].shape[:-1]))


def two_rows() -> list[Any]:
    return [draw(2, 3), draw(2, 3, seed="second")]


def compared() -> list[Any]:
    return [*two_rows(), np.array([1.0, -1.0])]


def three_rows() -> list[Any]:
    return [*two_rows(), draw(2, 3, seed="third")]


def similarity(layer: Any, x1: Any, x2: Any) -> Any:
    x1, x2 = np.broadcast_arrays(x1, x2)
    first, second = np.moveaxis(x1, layer.dim, -1), np.moveaxis(x2, layer.dim, -1)
    found = np.empty(first.shape[:-1])
    for place in np.ndindex(found.shape):
        found[place] = cosine(first[place], second[place], layer.eps)
    return found


def pairwise(layer: Any, x1: Any, x2: Any) -> Any:
    x1, x2 = np.broadcast_arrays(x1, x2)
    found = np.empty(x1.shape[:-1])
    for place in np.ndindex(found.shape):
        found[place] = distance(x1[place], x2[place], layer.norm, layer.eps)
    return found[..., None] if layer.keepdim else found


WITH_DISTANCE = "TripletMarginWithDistanceLoss"
VECTORS = [
    *(loss("CosineEmbeddingLoss", cosine_embedding, compared, reduction=r, wrt=(0, 1))
      for r in EACH),
    loss("CosineEmbeddingLoss", cosine_embedding, compared, margin=0.3, wrt=(0, 1)),
    loss("CosineEmbeddingLoss", cosine_embedding, batch=None, wrt=(0, 1), label="one pair",
         inputs=lambda: [draw(3), draw(3, seed="second"), np.array(1.0)]),
    *(loss("TripletMarginLoss", triplet, three_rows, reduction=r) for r in EACH),
    loss("TripletMarginLoss", triplet, three_rows, margin=2.0, p=1.0, eps=1e-3),
    loss("TripletMarginLoss", triplet, three_rows, p=3, swap=True, reduction="none"),
    loss("TripletMarginLoss", triplet, lambda: [draw(3), draw(3, seed=1), draw(3, seed=2)],
         batch=None, label="one triplet", margin=5.0),
    *(loss(WITH_DISTANCE, triplet, three_rows, reduction=r) for r in EACH),
    loss(WITH_DISTANCE, triplet, three_rows, distance_function=manhattan, margin=3.0, swap=True,
         label=f"{WITH_DISTANCE}(manhattan)"),
    case("CosineSimilarity", inputs=two_rows, reference=similarity),
    case("CosineSimilarity", 0, eps=0.5, inputs=two_rows, reference=similarity, batch=None),
    case("CosineSimilarity", dim=-1, inputs=lambda: [draw(2, 1, 3), draw(1, 2, 3, seed=1)],
         reference=similarity, batch=None, label="CosineSimilarity, broadcast"),
    *(case("PairwiseDistance", p, inputs=two_rows, reference=pairwise)
      for p in (2.0, 1.0, 3.0, math.inf)),
    case("PairwiseDistance", eps=0.01, keepdim=True, inputs=two_rows, reference=pairwise),
    case("PairwiseDistance", inputs=lambda: [draw(2, 3), draw(3, seed=1)], reference=pairwise,
         batch=None, label="PairwiseDistance, broadcast"),
]  # fmt: skip

CASES = [*SIGNED, *CLASSES, *VECTORS]

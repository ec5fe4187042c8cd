"""CTC: the reference adds up the probabilities of all paths, each collapsed to its labels.

PyTorch's gradient is the derivative only after a log_softmax: tests/differential/test_ctc.py.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case
from tests.layers.losses import REDUCE

TARGETS = np.array([[1, 2], [2, 0]])
INPUT_LENGTHS, TARGET_LENGTHS = np.array([3, 2]), np.array([2, 1])


def log_probabilities(*shape: int) -> Any:
    x = draw(*shape)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def collapsed(path: Any, blank: int) -> list[int]:
    """What a path says: repetitions once, and no blanks."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


def by_all_paths(log_p: Any, labels: list[int], blank: int) -> float:
    """-log Σ P(path), for (T, C)."""
    times, classes = log_p.shape
    total = math.fsum(
        math.exp(math.fsum(log_p[t, c] for t, c in enumerate(path)))
        for path in itertools.product(range(classes), repeat=times)
        if collapsed(path, blank) == labels
    )
    return -math.log(total) if total else math.inf


def ctc(layer: Any, log_p: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
    single = log_p.ndim == 2
    if single:
        log_p, input_lengths, target_lengths = log_p[:, None], [input_lengths], [target_lengths]
    losses, first = [], 0
    for n, (times, count) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        row = targets[first:] if targets.ndim == 1 else targets[n]
        first += count
        loss = by_all_paths(log_p[:times, n], list(row[:count]), layer.blank)
        if layer.zero_infinity and math.isinf(loss):
            loss = 0.0
        losses.append(loss / max(count, 1) if layer.reduction == "mean" else loss)
    return REDUCE[layer.reduction](np.reshape(losses, () if single else len(losses)))


def row(*options: Any, label: str = "", **kwargs: Any) -> Case:
    inputs = options or (TARGETS, INPUT_LENGTHS, TARGET_LENGTHS)
    return case(
        "CTCLoss",
        inputs=lambda: [log_probabilities(3, 2, 3), *inputs],
        reference=ctc,
        batch=None,  # it is not axis 0 everywhere
        torch=None,
        label=label,
        **kwargs,
    )


CASES = [
    row(),
    row(np.array([[0, 1], [1, 1]]), np.array([3, 3]), np.array([2, 2]), blank=2, reduction="none"),
    row(np.array([1, 2, 2]), INPUT_LENGTHS, TARGET_LENGTHS, label="CTCLoss of one long row"),
    row(TARGETS, np.array([1, 3]), np.array([2, 0]), zero_infinity=True, reduction="sum"),
    case("CTCLoss", reduction="none", reference=ctc, batch=None, torch=None, label="one sequence",
         inputs=lambda: [log_probabilities(3, 3), np.array([1, 2]), np.array(3), np.array(2)]),
]  # fmt: skip

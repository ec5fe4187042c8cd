"""Adaptive softmax: its probabilities, its predictions, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.engine.samples import draw
from autograd.errors import DTypeError, ShapeError

X = Tensor(draw(6, 8))
LABELS = np.array([0, 3, 5, 11, 19, 7])


def layer(**options: Any) -> Any:
    return nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[4, 10], dtype="float64", rng=0, **options)


def test_the_probabilities_of_all_classes_sum_to_one_and_hold_the_labels_own() -> None:
    model = layer(head_bias=True)
    logs = model.log_prob(X).numpy()
    assert logs.shape == (6, 20)
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1, rtol=1e-13)
    output, loss = model(X, LABELS)
    np.testing.assert_allclose(output, logs[np.arange(6), LABELS], rtol=1e-12)
    assert loss.item() == pytest.approx(-output.numpy().mean(), rel=1e-14)


def test_the_prediction_is_the_likeliest_class() -> None:
    model = layer()
    np.testing.assert_array_equal(model.predict(X), model.log_prob(X).numpy().argmax(axis=1))


def test_only_the_clusters_of_the_labels_get_gradients() -> None:
    model = layer()
    model(X, np.full(6, 5)).loss.backward()
    assert model.tail[0][0].weight.grad is not None
    assert model.tail[1][0].weight.grad is None


def test_it_learns_a_rare_class() -> None:
    model = layer()
    before = model(X, LABELS).loss.item()
    for _ in range(50):
        for p in model.parameters():
            p.grad = None
        model(X, LABELS).loss.backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
    assert model(X, LABELS).loss.item() < before / 2


def test_drawing_anew_obeys_the_seed() -> None:
    model, other = layer(), layer()
    other.reset_parameters(rng=1)
    assert not np.array_equal(other.head.weight, model.head.weight)
    other.reset_parameters(rng=0)
    for p, q in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("cutoffs", [[], [4, 4], [10, 4], [0, 4], [4, 20], [4.5]])
def test_cutoffs_rise_within_the_classes(cutoffs: Any) -> None:
    with pytest.raises(ValueError, match="cutoffs must be"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)


@pytest.mark.parametrize(
    ("x", "labels", "error", "message"),
    [
        (X, LABELS + 1, ValueError, r"label 20 at target\[4\] is out of range.* 0 to 19"),
        (X, LABELS[:2], ShapeError, r"class indices must be \(6,\); target is \(2,\)"),
        (X, LABELS * 1.0, DTypeError, "not float64"),
        (X[:, :5], LABELS, ShapeError, r"input is \(6, 5\): expected \(N, 8\) or \(8,\)"),
    ],
)
def test_what_it_refuses(x: Any, labels: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        layer()(x, labels)

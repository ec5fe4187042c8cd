"""Metrics: scikit-learn's numbers, whole or in batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn.metrics.names import METRICS

M = nn.metrics


def scores(classes: int, size: int = 40, seed: int = 0) -> tuple[Any, Any]:
    """Labels that occur all, and scores that often meet them."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(size) % classes)
    return labels, rng.random((size, classes)) + 0.4 * np.eye(classes)[labels]


def yes_no(seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 2, 40)
    return true, np.clip(rng.random(40) * 0.8 + 0.2 * true, 0, 1)


def numbers() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    true = rng.normal(1000.0, 1.0, 40)
    return true, true + rng.normal(size=40)


def classes_of(scores: Any) -> Any:
    return scores.argmax(axis=1)


def rate(name: str, average: Any) -> Callable[[Any, Any], Any]:
    function = getattr(oracle, f"{name}_score")
    return lambda t, p: function(t, classes_of(p), average=average, zero_division=0)


def one_hot(t: Any, p: Any) -> tuple[Any, Any]:
    return np.eye(p.shape[1])[t], p


TABLE: list[tuple[str, Any, tuple[Any, Any], Callable[[Any, Any], Any]]] = [
    ("binary", M.BinaryAccuracy(), yes_no(), lambda t, p: oracle.accuracy_score(t, p > 0.5)),
    ("threshold", M.BinaryAccuracy(0.7), yes_no(), lambda t, p: np.mean(t == (p > 0.7))),
    ("sparse", M.SparseCategoricalAccuracy(), scores(4),
     lambda t, p: oracle.accuracy_score(t, classes_of(p))),
    ("one-hot", M.CategoricalAccuracy(), one_hot(*scores(4)),
     lambda t, p: oracle.accuracy_score(t.argmax(1), classes_of(p))),
    ("top 2", M.SparseTopKCategoricalAccuracy(2), scores(5),
     lambda t, p: oracle.top_k_accuracy_score(t, p, k=2)),
    ("top 3, one-hot", M.TopKCategoricalAccuracy(3), one_hot(*scores(5)),
     lambda t, p: oracle.top_k_accuracy_score(t.argmax(1), p, k=3)),
    ("accuracy: labels", M.Accuracy(), scores(3),
     lambda t, p: oracle.accuracy_score(t, classes_of(p))),
    ("accuracy: one-hot", M.Accuracy(), one_hot(*scores(3)),
     lambda t, p: oracle.accuracy_score(t.argmax(1), classes_of(p))),
    ("accuracy: yes or no", M.Accuracy(), yes_no(), lambda t, p: oracle.accuracy_score(t, p > 0.5)),
    ("accuracy: logits", M.Accuracy(logits=True), (yes_no()[0], yes_no()[1] - 0.6),
     lambda t, p: oracle.accuracy_score(t, p > 0)),
    ("precision", M.Precision(), yes_no(), lambda t, p: oracle.precision_score(t, p > 0.5)),
    ("recall", M.Recall(), yes_no(), lambda t, p: oracle.recall_score(t, p > 0.5)),
    ("f1", M.F1Score(), yes_no(), lambda t, p: oracle.f1_score(t, p > 0.5)),
    *[(f"{name} {average}", kind(average), scores(4), rate(name, average))
      for name, kind in (("precision", M.Precision), ("recall", M.Recall), ("f1", M.F1Score))
      for average in ("macro", "micro", "weighted", None)],
    ("confusion", M.ConfusionMatrix(), scores(4),
     lambda t, p: oracle.confusion_matrix(t, classes_of(p))),
    ("confusion of classes", M.ConfusionMatrix(classes=4), (scores(4)[0], classes_of(scores(4)[1])),
     oracle.confusion_matrix),
    ("mae", M.MeanAbsoluteError(), numbers(), oracle.mean_absolute_error),
    ("mse", M.MeanSquaredError(), numbers(), oracle.mean_squared_error),
    ("rmse", M.RootMeanSquaredError(), numbers(), oracle.root_mean_squared_error),
    ("r2", M.R2Score(), numbers(), oracle.r2_score),
]  # fmt: skip
ROWS = [pytest.param(*row[1:], id=row[0]) for row in TABLE]


@pytest.mark.parametrize(("metric", "data", "wanted"), ROWS)
def test_a_metric_is_scikit_learns(metric: Any, data: Any, wanted: Any) -> None:
    np.testing.assert_allclose(metric(*data), wanted(*data), rtol=1e-12)
    np.testing.assert_allclose(metric(*map(Tensor, data)), wanted(*data), rtol=1e-12)


@pytest.mark.parametrize(("metric", "data", "wanted"), ROWS)
@given(cuts=st.lists(st.integers(0, 40), max_size=4))
def test_batches_give_the_number_of_the_whole(
    metric: Any, data: Any, wanted: Any, cuts: list[int]
) -> None:
    metric.reset_state()
    stops = [0, *sorted(cuts), 40]
    for a, b in itertools.pairwise(stops):
        if a < b:
            metric.update_state(*[part[a:b] for part in data])
    np.testing.assert_allclose(metric.result(), wanted(*data), rtol=1e-10)


def test_a_constant_target_has_an_r2_of_0_or_1() -> None:
    assert M.R2Score()([2.0, 2.0], [2.0, 2.0]) == 1.0
    assert M.R2Score()([2.0, 2.0], [2.0, 3.0]) == 0.0


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_name_gives_a_metric_of_that_name(name: str) -> None:
    metric = M.get(name)
    assert metric.name == name
    assert np.all(np.isnan(metric.result())) or name == "confusion_matrix"


CLASSES: dict[str, Callable[[Any, Any], Any]] = {
    "accuracy": lambda t, p: np.mean(t == p.argmax(1)),
    "sparse_categorical_accuracy": lambda t, p: np.mean(t == p.argmax(1)),
    "categorical_accuracy": lambda t, p: np.mean(t == p.argmax(1)),
    "sparse_top_k_categorical_accuracy": lambda t, p: 1.0,
    "top_k_categorical_accuracy": lambda t, p: 1.0,
    "precision": lambda t, p: oracle.precision_score(
        t.ravel(), p.argmax(1).ravel(), average="macro"
    ),
    "recall": lambda t, p: oracle.recall_score(t.ravel(), p.argmax(1).ravel(), average="macro"),
    "f1_score": lambda t, p: oracle.f1_score(t.ravel(), p.argmax(1).ravel(), average="macro"),
    "confusion_matrix": lambda t, p: oracle.confusion_matrix(t.ravel(), p.argmax(1).ravel()),
}
HOT = ("categorical_accuracy", "top_k_categorical_accuracy")


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("shape", [(40, 4, 4), (40, 4, 3), (4, 4, 4), (10, 4, 4, 4), (40, 4)])
def test_classes_lie_along_axis_1_as_in_the_losses(name: str, shape: tuple[int, ...]) -> None:
    """Also where another axis is as long as theirs; in Keras' losses they lie along the last."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=shape)
    labels = rng.integers(0, 4, (shape[0], *shape[2:]))
    wanted = CLASSES[name](labels, x)
    hot = np.moveaxis(np.eye(4)[labels], -1, 1)
    targets = [hot] if name in HOT else [labels] if "sparse" in name else [labels, hot]
    for target in targets:
        for loss in (None, nn.CrossEntropyLoss(), nn.NLLLoss()):
            np.testing.assert_allclose(M.get(name, loss)(target, x), wanted)
        last = target if target is labels else np.moveaxis(target, 1, -1)
        for loss in (nn.SparseCategoricalCrossEntropy(), nn.CategoricalCrossEntropy()):
            metric = M.get(name, loss)
            np.testing.assert_allclose(metric(last, np.moveaxis(x, 1, -1)), wanted)
            metric.reset_state()
            for one, two in zip(last, np.moveaxis(x, 1, -1), strict=True):
                metric.update_state(one[None], two[None])
            np.testing.assert_allclose(metric.result(), wanted)


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in HOT])
def test_labels_that_the_loss_ignores_do_not_count(name: str) -> None:
    labels, x = scores(4)
    ignored = np.where(labels == 1, 3, labels)
    ignored[::5] = -100
    kept = ignored != -100
    metric = M.get(name, nn.CrossEntropyLoss())
    whole = metric(ignored, x)
    np.testing.assert_allclose(whole, M.get(name)(ignored[kept], x[kept]))
    metric.reset_state()
    for one, two in zip(ignored, x, strict=True):  # also batches of which nothing counts
        metric.update_state(one[None], two[None])
    np.testing.assert_allclose(metric.result(), whole)
    with pytest.raises(ValueError, match="label -100 is not in 0"):
        M.get(name)(ignored, x)


def test_one_channel_is_yes_or_no() -> None:
    true = np.array([0, 1] * 8).reshape(2, 1, 2, 4)
    for name in ("accuracy", "precision", "recall"):
        assert M.get(name)(true, true * 0.8) == 1.0
        assert M.get(name)(true, 0.6 + 0.1 * true) == (1.0 if name == "recall" else 0.5)


def test_an_axis_of_classes_that_is_not_there_says_so() -> None:
    with pytest.raises(ShapeError, match=r"no axis 2 of classes in outputs \(2, 3\)"):
        M.SparseCategoricalAccuracy(axis=2)([0, 1], np.ones((2, 3)))


BASES = {M.ClassMetric, M.FunctionMetric, M.MeanMetric, M.Metric}


def test_a_metric_without_a_name_is_called_as_in_keras() -> None:
    kinds = {getattr(M, name) for name in M.__all__ if name != "get"}
    names = {kind().name: kind for kind in kinds - BASES}
    assert names.keys() <= METRICS.keys()
    assert all(METRICS[name] is kind for name, kind in names.items())
    assert M.SparseTopKCategoricalAccuracy().name == "sparse_top_k_categorical_accuracy"


def test_a_function_is_a_metric() -> None:
    def off_by(y_true: Any, y_pred: Any) -> Any:
        return np.abs(y_true - y_pred)

    metric = M.get(off_by)
    assert metric.name == "off_by"
    assert metric([1.0, 2.0], [2.0, 4.0]) == 1.5
    whole = M.get(lambda t, p: np.mean(t - p))
    whole.update_state(np.ones(3), np.zeros(3))
    whole.update_state(np.ones(1), np.ones(1))
    assert whole.result() == 0.75


def test_logits_are_cut_at_0() -> None:
    loss = nn.BCEWithLogitsLoss()
    for name in ("accuracy", "binary_accuracy", "precision", "recall", "f1_score"):
        assert M.get(name, loss)([1, 1, 0], [0.2, 0.3, -0.1]) == 1.0
        assert M.get(name, nn.BCELoss())([1, 1, 0], [0.8, 0.7, 0.4]) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: M.get("acuracy"), ValueError, "did you mean 'accuracy'"),
        (lambda: M.get(3), TypeError, "a metric is a name, such as 'accuracy'"),
        (lambda: M.get("sparse_categorical_accuracy", nn.MSELoss()), ValueError, "compares numb"),
        (lambda: M.BinaryAccuracy()([1, 0], [[1, 2], [3, 4]]), ShapeError, "not the same"),
        (lambda: M.SparseCategoricalAccuracy()([0], [1.0]), ShapeError, "an axis of classes"),
        (
            lambda: M.SparseCategoricalAccuracy()([0, 1], [[1.0, 2.0]]),
            ShapeError,
            r"labels must be \(1,\)",
        ),
        (lambda: M.SparseCategoricalAccuracy()([2], [[1.0, 2.0]]), ValueError, "label 2 is not in"),
        (lambda: M.SparseCategoricalAccuracy()([0.5], [[1.0, 2.0]]), DTypeError, "whole numbers"),
        (lambda: M.SparseTopKCategoricalAccuracy(0), ValueError, "k must be at least 1"),
        (lambda: M.Precision("mean"), ValueError, "average must be"),
        (lambda: M.Precision("binary")(*scores(3)), ValueError, "is of 2 classes"),
    ],
)
def test_what_does_not_fit_says_why(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_batch_of_other_classes_says_so() -> None:
    metric = M.ConfusionMatrix()
    metric.update_state([0, 1], np.eye(2))
    with pytest.raises(ShapeError, match="a batch has 3 classes, those before 2"):
        metric.update_state([0, 1, 2], np.eye(3))

"""Every metric of nn.keras beside Keras' of the same name, over streams of batches."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autograd as ag
from nn.keras import metrics
from tests.differential.keras_peer import QUIET, as_numbers
from tests.differential.keras_peer import keras as theirs

pytestmark = QUIET
RNG = np.random.default_rng(1)
SIZES = (8, 8, 3)  # the last batch is smaller
Batches = list[tuple[Any, Any]]


def shares(*shape: int) -> Any:
    x = np.exp(RNG.normal(size=shape)).astype("f")
    return x / x.sum(axis=-1, keepdims=True)


def stream(true: Any, pred: Any) -> Batches:
    return [(true(n), pred(n)) for n in SIZES]


def floats(*shape: int) -> Any:
    return lambda n: RNG.normal(size=(n, *shape)).astype("f")


def labels(classes: int, *shape: int) -> Any:
    return lambda n: RNG.integers(0, classes, (n, *shape))


def rows(classes: int) -> Any:
    return lambda n: np.eye(classes, dtype="f")[RNG.integers(0, classes, n)]


def tens(*shape: int) -> Any:
    """Probabilities with many ties, also at 0, at 1 and at thresholds."""
    return lambda n: RNG.integers(0, 11, (n, *shape)).astype("f") / 10


REAL = [
    stream(floats(3), floats(3)),
    stream(floats(), floats(1)),
    stream(floats(2, 2), floats(2, 2)),
]
YES = [
    stream(labels(2), lambda n: RNG.random(n).astype("f")),
    stream(labels(2, 1), lambda n: RNG.random((n, 1)).astype("f")),
    stream(labels(2), lambda n: RNG.random((n, 1)).astype("f")),
    stream(labels(2, 3), lambda n: RNG.random((n, 3)).astype("f")), stream(labels(2), tens()),
]  # fmt: skip
ROWS = [stream(rows(4), lambda n: shares(n, 4))]
SPARSE = [
    stream(labels(4), lambda n: shares(n, 4)), stream(labels(4, 1), lambda n: shares(n, 4)),
    stream(labels(4, 2), lambda n: shares(n, 2, 4)),
]  # fmt: skip
CALLED = [stream(labels(4), labels(4)), stream(labels(4, 2), labels(4, 2))]
TABLE: list[tuple[str, dict[str, Any], list[Batches]]] = [
    *((name, {}, REAL) for name in (
        "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError", "RootMeanSquaredError", "CosineSimilarity", "LogCoshError",
    )),
    ("PearsonCorrelation", {}, REAL[:1]),
    ("ConcordanceCorrelation", {}, REAL[:1]),
    ("Accuracy", {}, CALLED),
    ("BinaryAccuracy", {}, YES),
    ("BinaryAccuracy", {"threshold": 0.3}, YES),
    ("CategoricalAccuracy", {}, ROWS),
    ("SparseCategoricalAccuracy", {}, SPARSE),
    ("TopKCategoricalAccuracy", {"k": 2}, ROWS),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, SPARSE[:1]),
    ("BinaryCrossentropy", {}, YES[1:2] + YES[3:4]),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, YES[1:2]),
    ("CategoricalCrossentropy", {}, ROWS),
    ("SparseCategoricalCrossentropy", {}, SPARSE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}, SPARSE[:2]),
    ("KLDivergence", {}, ROWS),
    ("Poisson", {}, ROWS),
    ("Hinge", {}, YES[1:2] + YES[3:4]),
    ("SquaredHinge", {}, YES[1:2] + YES[3:4]),
    ("CategoricalHinge", {}, ROWS),
    *((name, options, YES) for name in (
        "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall",
    ) for options in ({}, {"thresholds": 0.3}, {"thresholds": [0.7, 0.2]},
                      {"thresholds": [0.0, 0.5, 1.0]})),
    ("Precision", {"top_k": 2}, ROWS),
    ("Recall", {"top_k": 1, "class_id": 1}, ROWS),
    ("Precision", {"class_id": 2}, YES[3:4]),
    ("AUC", {}, YES),
    *(("AUC", {"curve": curve, "summation_method": way, "num_thresholds": 17}, YES)
      for curve in ("ROC", "PR", "PRGAIN") for way in ("interpolation", "minoring", "majoring")),
    ("AUC", {"thresholds": [0.1, 0.15, 0.8]}, YES),
    ("AUC", {"multi_label": True}, YES[3:4]),
    ("AUC", {"multi_label": True, "curve": "PR", "label_weights": [0.2, 0.3, 0.5]}, YES[3:4]),
    ("AUC", {"from_logits": True}, [stream(labels(2), floats())]),
    ("SensitivityAtSpecificity", {"specificity": 0.5}, YES[:2]),
    ("SpecificityAtSensitivity", {"sensitivity": 0.5, "num_thresholds": 11}, YES[:2]),
    ("PrecisionAtRecall", {"recall": 0.7}, YES[:2]),
    ("RecallAtPrecision", {"precision": 0.6}, YES[:2]),
    ("MeanIoU", {"num_classes": 4}, CALLED),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, CALLED),
    ("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, CALLED),
    ("BinaryIoU", {"threshold": 0.4}, YES[:1]),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [1]}, ROWS),
    ("OneHotMeanIoU", {"num_classes": 4}, ROWS),
    ("F1Score", {}, ROWS),
    *(("F1Score", {"average": average, "threshold": 0.3}, ROWS)
      for average in (None, "micro", "macro", "weighted")),
    ("FBetaScore", {"beta": 2.0, "average": "macro"}, ROWS),
    ("R2Score", {}, REAL[:1]),
    ("R2Score", {"class_aggregation": None}, REAL[:1]),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, REAL[:1]),
]  # fmt: skip
CASES = [
    pytest.param(name, options, batches, id=f"{name}-{n}-{m}")
    for n, (name, options, streams) in enumerate(TABLE)
    for m, batches in enumerate(streams)
]
UNWEIGHTED = (
    "MeanIoU",
    "IoU",
    "R2Score",
)  # with labels of two axes, weights by pixel or by example


def agree(mine: Any, other: Any) -> None:
    np.testing.assert_allclose(
        np.asarray(mine.result(), float), as_numbers(other.result()), rtol=2e-5, atol=2e-6
    )


def weights_for(name: str, y_true: Any) -> Any:
    """A weight for each example; for IoU, which counts in whole numbers, one for each label."""
    if name.endswith("IoU"):
        return np.arange(1, 1 + y_true.argmax(-1).size if "Hot" in name else 1 + y_true.size)
    return np.arange(1.0, 1 + len(y_true), dtype="f") / 4


@pytest.mark.parametrize(("name", "options", "batches"), CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_agree_after_every_batch(
    name: str, options: dict[str, Any], batches: Batches, weighted: bool
) -> None:
    mine, other = getattr(metrics, name)(**options), getattr(theirs.metrics, name)(**options)
    assert mine.name == other.name or other.name.rpartition("_")[0] == mine.name.rpartition("_")[0]
    for _ in range(2):  # and once more after a reset
        for y_true, y_pred in batches:
            given = [weights_for(name, y_true)] if weighted else []
            mine.update_state(y_true, ag.Tensor(y_pred), *given)
            other.update_state(y_true, y_pred, *given)
            agree(mine, other)
        mine.reset_state()
        other.reset_state()


@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_means_and_sums_of_values_agree(name: str) -> None:
    mine, other = getattr(metrics, name)(), getattr(theirs.metrics, name)()
    for value, weight in ((3.0, None), ([1.0, 2.0], None), ([[1.0, 2.0], [3.0, 4.0]], [1.0, 0.5]),
                          ([4.0, 5.0], [0.0, 2.0]), ([[1.0, 2.0]], [[0.5, 3.0]])):  # fmt: skip
        mine.update_state(value, weight)
        other.update_state(value, weight)
        agree(mine, other)


def test_every_name_of_keras_gives_the_same_class() -> None:
    from keras.src.metrics import ALL_OBJECTS_DICT

    for name, kind in ALL_OBJECTS_DICT.items():
        required = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
        found = metrics.TABLE[name] if required else type(metrics.get(name))
        assert found.__name__ == kind.__name__, name


def test_names_and_defaults_are_those_of_keras() -> None:
    from keras.src.metrics import ALL_OBJECTS

    for kind in ALL_OBJECTS:
        mine = getattr(metrics, kind.__name__)
        found, wanted = (
            {p.name: p.default for p in inspect.signature(k).parameters.values()}
            for k in (mine, kind)
        )
        assert [*found] == [*wanted], kind
        for name, default in wanted.items():
            if name != "name":
                assert found[name] == default, (kind, name)
        if not any(d is inspect.Parameter.empty for d in wanted.values()) and wanted:
            names = (k().name.rstrip("_0123456789") for k in (mine, kind))
            assert len({*names}) == 1, kind


@pytest.mark.parametrize("name", ["accuracy", "acc"])
def test_accuracy_follows_the_shapes_as_in_compile(name: str) -> None:
    for (y_true, y_pred), kind in (
        (YES[1][0], "BinaryAccuracy"), (SPARSE[0][0], "SparseCategoricalAccuracy"),
        (ROWS[0][0], "CategoricalAccuracy"), (SPARSE[1][0], "SparseCategoricalAccuracy"),
    ):  # fmt: skip
        metric = metrics.as_metric(name)
        wanted = getattr(theirs.metrics, kind)()
        assert metric.name == name
        metric.update_state(y_true, y_pred)
        wanted.update_state(y_true, y_pred)
        agree(metric, wanted)

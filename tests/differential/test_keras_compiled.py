"""Every name of a loss, metric and optimizer in `compile`, through trainings of equal weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.differential.keras_pairs import agree_in, both, ours, theirs
from tests.differential.keras_peer import QUIET

pytestmark = QUIET
RNG = np.random.default_rng(6)
X = RNG.normal(size=(50, 4)).astype("f")
REAL = (X @ RNG.normal(size=(4, 3))).astype("f")
LABELS = REAL.argmax(axis=1)
ROWS = np.eye(3, dtype="f")[LABELS]
YES = (REAL[:, :1] > 0).astype("f")
COUNTS = RNG.integers(0, 5, (50, 3)).astype("f")

HEADS: dict[str, tuple[int, str | None, Any]] = {
    "numbers": (3, None, REAL), "rows": (3, "softmax", ROWS), "labels": (3, "softmax", LABELS),
    "yes": (1, "sigmoid", YES), "yes flat": (1, "sigmoid", YES[:, 0]),
    "yeses": (3, "sigmoid", (REAL > 0).astype("f")), "logits": (3, None, LABELS),
    "yes logits": (1, None, YES), "counts": (3, "softplus", COUNTS), "signs": (3, "tanh", ROWS),
}  # fmt: skip
LOSSES: list[tuple[str, Any]] = [
    *(("numbers", name) for name in (
        "mse", "MSE", "mean_squared_error", "MeanSquaredError", "mae", "MAE",
        "mean_absolute_error", "mape", "mean_absolute_percentage_error", "huber", "Huber",
        "log_cosh", "LogCosh", "cosine_similarity", "CosineSimilarity",
    )),
    ("counts", "msle"), ("counts", "poisson"), ("counts", "mean_squared_logarithmic_error"),
    ("rows", "categorical_crossentropy"), ("rows", "CategoricalCrossentropy"), ("rows", "kld"),
    ("rows", "kl_divergence"), ("rows", "categorical_focal_crossentropy"), ("rows", "dice"),
    ("rows", "tversky"), ("rows", "crossentropy"), ("labels", "crossentropy"),
    ("labels", "sparse_categorical_crossentropy"), ("labels", "SparseCategoricalCrossentropy"),
    ("yes", "binary_crossentropy"), ("yes", "bce"), ("yes", "BinaryCrossentropy"),
    ("yes flat", "binary_crossentropy"), ("yeses", "binary_crossentropy"), ("yes", "crossentropy"),
    ("yes", "binary_focal_crossentropy"), ("signs", "hinge"), ("signs", "squared_hinge"),
    ("signs", "categorical_hinge"),
    ("logits", lambda k: k.losses.SparseCategoricalCrossentropy(from_logits=True)),
    ("yes logits", lambda k: k.losses.BinaryCrossentropy(True, label_smoothing=0.1)),
    ("rows", lambda k: k.losses.CategoricalCrossentropy(reduction="sum")),
    ("numbers", lambda k: k.losses.mean_absolute_error),
    ("numbers", lambda k: lambda y, p: k.ops.mean(k.ops.square(y - p) * 3.0)),
    ("numbers", lambda k: k.losses.MeanSquaredError),
]  # fmt: skip
METRICS: list[tuple[str, Any]] = [
    *(("numbers", name) for name in (
        "mse", "mae", "mape", "MSE", "root_mean_squared_error", "RootMeanSquaredError",
        "cosine_similarity", "log_cosh_error", "r2_score", "mean_squared_error",
    )),
    ("rows", "accuracy"), ("rows", "acc"), ("rows", "categorical_accuracy"),
    ("rows", lambda k: k.metrics.F1Score(average="macro")),

    ("rows", "kl_divergence"), ("rows", "auc"), ("rows", "Precision"), ("rows", "recall"),
    ("labels", "accuracy"), ("labels", "sparse_categorical_accuracy"), ("yes", "accuracy"),
    ("yes", "binary_accuracy"), ("yes", "AUC"), ("yes", "precision"),
    ("yes", "binary_crossentropy"), ("yes flat", "accuracy"), ("yes flat", "auc"),
    ("yes", "hinge"), ("yeses", "binary_accuracy"), ("logits", "accuracy"),
    ("labels", lambda k: k.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")),
    ("yes", lambda k: k.metrics.AUC(curve="PR", name="pr")),
    ("yes", lambda k: k.metrics.BinaryAccuracy(threshold=0.4)),
    ("rows", lambda k: k.metrics.categorical_accuracy),
]  # fmt: skip
BY_HEAD = {"numbers": "mse", "rows": "categorical_crossentropy", "yes": "binary_crossentropy",
           "labels": "sparse_categorical_crossentropy", "yes flat": "binary_crossentropy",
           "yeses": "binary_crossentropy", "logits": "mse"}  # fmt: skip


def named(value: Any) -> str:
    return value if isinstance(value, str) else "made"


def compared(head: str, **options: Any) -> None:
    """The history of two epochs, weighted, with validation, and what evaluate gives."""
    units, activation, y = HEADS[head]

    def make(keras: Any) -> Any:
        layers = [keras.Input((4,)), keras.layers.Dense(6, "tanh")]
        return keras.Sequential([*layers, keras.layers.Dense(units, activation)])

    found = []
    for model, library in zip(both(make), (ours, theirs), strict=True):
        given = {
            name: [v(library) for v in value] if isinstance(value, list)
            else value(library) if callable(value) else value
            for name, value in options.items()
        }  # fmt: skip
        model.compile(**given)
        history = model.fit(
            X, y, epochs=2, batch_size=16, shuffle=False, verbose=0, validation_split=0.2,
            sample_weight=np.linspace(0.5, 1.5, 50),
        )  # fmt: skip
        found.append((history.history, model.evaluate(X, y, verbose=0)))
    (mine, scores), (other, wanted) = found
    assert sorted(mine) == sorted(other)
    for name, values in other.items():
        agree_in(mine[name], values, name, 2e-5)
    agree_in(scores, wanted, "evaluate", 2e-5)


@pytest.mark.parametrize(("head", "loss"), LOSSES, ids=named)
def test_losses_in_compile_train_as_in_keras(head: str, loss: Any) -> None:
    compared(head, optimizer="sgd", loss=loss)


@pytest.mark.parametrize(("head", "metric"), METRICS, ids=named)
def test_metrics_in_compile_say_what_keras_says(head: str, metric: Any) -> None:
    chosen = metric if callable(metric) else lambda _: metric
    for way in ("metrics", "weighted_metrics"):
        loss = BY_HEAD[head]
        compared("rows" if head == "logits" else head, optimizer="sgd",
                 loss="categorical_crossentropy" if head == "logits" else loss,
                 **{way: [chosen]})  # fmt: skip


OPTIMIZERS: list[Any] = [
    "sgd", "SGD", "adam", "Adam", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "ftrl",
    "lion", "adamw", "adafactor", lambda k: k.optimizers.Adam(0.01),
    lambda k: k.optimizers.SGD(0.1, 0.9, True), lambda k: k.optimizers.RMSprop(0.01, rho=0.8),
    lambda k: k.optimizers.SGD(k.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5)),
    lambda k: k.optimizers.get({"class_name": "Adam", "config": {"learning_rate": 0.02}}),
    lambda k: k.optimizers.Adam(learning_rate=0.01, clipnorm=0.1, weight_decay=0.01),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=named)
def test_optimizers_in_compile_train_as_in_keras(optimizer: Any) -> None:
    compared("rows", optimizer=optimizer, loss="categorical_crossentropy")

"""Every loss of nn.keras beside Keras' of the same name, options, reduction and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
from nn.keras import losses
from tests.differential.keras_peer import QUIET, as_numbers, outcome
from tests.differential.keras_peer import keras as theirs

pytestmark = QUIET
RNG = np.random.default_rng(0)
EDGES = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [1e-9, 1.0, 1e-8]], "f")
ONE_HOT = np.eye(3, dtype="f")[[0, 0, 2, 1]]
LABELS = np.array([0, 0, 2, 1])


def floats(*shape: int) -> Any:
    return RNG.normal(size=shape).astype("f")


def shares(*shape: int) -> Any:
    x = np.exp(floats(*shape))
    return x / x.sum(axis=-1, keepdims=True)


REAL = [
    (floats(4, 3), floats(4, 3)), (floats(4, 2, 3), floats(4, 2, 3)), (floats(4), floats(4)),
    (floats(4), floats(4, 1)), (floats(4, 1), floats(4)), (np.zeros((4, 2), "f"), floats(4, 2)),
    (RNG.integers(0, 3, (4, 2)), floats(4, 2)),
]  # fmt: skip
CLASSES = [(ONE_HOT, shares(4, 3)), (ONE_HOT, EDGES), (shares(4, 3), EDGES), (ONE_HOT, 3 * EDGES)]
BINARY = [
    (RNG.integers(0, 2, (4, 1)), shares(4, 1)), (RNG.integers(0, 2, 4), shares(4)),
    (RNG.integers(0, 2, (4, 3)), EDGES), ((EDGES > 0.4).astype("f"), shares(4, 3)),
    (RNG.integers(0, 2, 4), RNG.random((4, 1)).astype("f")),
]  # fmt: skip
SPARSE = [
    (LABELS, shares(4, 3)), (LABELS[:, None], EDGES), (LABELS, 2 * EDGES),
    (LABELS.astype("f"), EDGES), (RNG.integers(0, 3, (4, 5)), shares(4, 5, 3)),
]  # fmt: skip
LOGITS = [(ONE_HOT, floats(4, 3)), (ONE_HOT, 50 * floats(4, 3))]
SIGNS = [(np.sign(floats(4, 3)), floats(4, 3)), (RNG.integers(0, 2, (4, 3)), floats(4, 3))]
SPARSE_LOGITS = [(LABELS, floats(4, 3)), (RNG.integers(0, 3, (4, 5)), floats(4, 5, 3))]
ROWS: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("MeanSquaredError", {}, REAL),
    ("MeanAbsoluteError", {}, REAL),
    ("MeanAbsolutePercentageError", {}, REAL),
    ("MeanSquaredLogarithmicError", {}, REAL),
    ("CosineSimilarity", {}, REAL),
    ("CosineSimilarity", {"axis": 0}, REAL),
    ("Huber", {}, REAL),
    ("Huber", {"delta": 0.3}, REAL),
    ("LogCosh", {}, REAL),
    ("Hinge", {}, SIGNS),
    ("SquaredHinge", {}, SIGNS),
    ("CategoricalHinge", {}, CLASSES + LOGITS),
    ("KLDivergence", {}, CLASSES),
    ("Poisson", {}, CLASSES),
    ("BinaryCrossentropy", {}, BINARY),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, BINARY),
    ("BinaryCrossentropy", {"from_logits": True}, BINARY + SIGNS[1:] + LOGITS),
    ("BinaryFocalCrossentropy", {}, BINARY),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "gamma": 3.0}, BINARY),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, LOGITS),
    ("CategoricalCrossentropy", {}, CLASSES),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, CLASSES),
    ("CategoricalCrossentropy", {"from_logits": True}, LOGITS),
    ("CategoricalCrossentropy", {"axis": 0}, CLASSES[:1]),
    ("CategoricalFocalCrossentropy", {}, CLASSES),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "alpha": 0.5}, LOGITS),
    ("SparseCategoricalCrossentropy", {}, SPARSE),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, SPARSE_LOGITS),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}, SPARSE),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1}, [(LABELS - 1, shares(4, 3))]),
    ("Dice", {}, BINARY),
    ("Dice", {"axis": (1,)}, CLASSES),
    ("Tversky", {"alpha": 0.3, "beta": 0.6}, CLASSES),
    ("Circle", {}, [(np.array([0, 1, 0, 1]), shares(4, 3))]),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.3}, [(LABELS, shares(4, 3))]),
    ("CTC", {}, [(np.array([[1, 2, 0], [2, 0, 0]]), floats(2, 6, 4))]),
]
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]
CASES = [
    pytest.param(name, options, pair, id=f"{name}-{n}-{m}")
    for n, (name, options, pairs) in enumerate(ROWS)
    for m, pair in enumerate(pairs)
]


@pytest.mark.parametrize(("name", "options", "pair"), CASES)
def test_losses_agree_with_every_reduction_and_weight(
    name: str, options: dict[str, Any], pair: Any
) -> None:
    y_true, y_pred = pair
    count = len(y_pred)
    weights = [None, np.arange(count, dtype="f"), np.arange(count)[:, None] + 0.5, np.zeros(count)]
    for reduction in REDUCTIONS:
        for weight in weights:
            mine = getattr(losses, name)(reduction=reduction, **options)
            other = getattr(theirs.losses, name)(reduction=reduction, **options)
            found = outcome(lambda m=mine, w=weight: m(y_true, y_pred, w))
            wanted = outcome(lambda m=other, w=weight: m(y_true, y_pred, w))
            if isinstance(wanted, type):  # of a mask and a weight that PyTorch cannot join
                assert weight is not None
                continue
            assert not isinstance(found, type), (reduction, weight, found)
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-6, err_msg=f"{reduction}")
            assert found.shape == wanted.shape


@pytest.mark.parametrize(("name", "options", "pair"), CASES)
def test_gradients_of_losses_agree(name: str, options: dict[str, Any], pair: Any) -> None:
    y_true, y_pred = pair
    mine = ag.Tensor(y_pred, requires_grad=True)
    other = torch.tensor(y_pred, requires_grad=True)
    getattr(losses, name)(**options)(y_true, mine).backward()
    getattr(theirs.losses, name)(**options)(y_true, other).backward()
    np.testing.assert_allclose(mine.grad.numpy(), other.grad.numpy(), rtol=2e-4, atol=2e-6)


def test_every_name_of_keras_means_the_same() -> None:
    from keras.src.losses import ALL_OBJECTS_DICT

    y_true, y_pred = ONE_HOT, shares(4, 3)
    for name in ALL_OBJECTS_DICT:
        if name in ("Loss", "LossFunctionWrapper"):
            continue
        mine, other = losses.get(name), theirs.losses.get(name)
        assert type(mine).__name__ == type(other).__name__, name
        given = (LABELS if "parse" in name or name.lower() == "circle" else y_true, y_pred)
        if name.lower() == "ctc":
            given = (np.array([[1, 2, 0], [2, 0, 0]]), floats(2, 6, 4))
        np.testing.assert_allclose(
            as_numbers(mine(*given)), as_numbers(other(*given)), rtol=2e-5, atol=2e-6
        )


def test_functions_have_the_options_and_defaults_of_keras() -> None:
    import inspect

    for name, (mine, other) in {
        n: (getattr(losses, n), getattr(theirs.losses, n))
        for n in dir(theirs.losses)
        if n[0] != "_"
        and n not in ("deserialize", "serialize")
        and callable(getattr(theirs.losses, n))
    }.items():
        found, wanted = (
            {p.name: p.default for p in inspect.signature(f).parameters.values()}
            for f in (mine, other)
        )
        assert [*found][: len(wanted)] == [*wanted] or name == "Loss", name
        assert all(found[p] == d for p, d in wanted.items() if p in found), name


@pytest.mark.parametrize("kind", ["crossentropy", "ce"])
def test_crossentropy_follows_the_shapes(kind: str) -> None:
    loss = losses.as_loss(kind)
    for pair, meant in ((CLASSES[0], "Categorical"), (SPARSE[0], "SparseCategorical"),
                        (BINARY[0], "Binary")):  # fmt: skip
        wanted = getattr(losses, f"{meant}Crossentropy")()(*pair)
        assert loss(*pair).item() == wanted.item()

"""Losses: their definitions, reductions, gradients, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ArgumentError, DTypeError, ShapeError
from nn import functional as F

X = np.array([[-2.0, -0.5, 0.0], [0.3, 1.0, 2.5]])


def cross_entropy_by_hand(
    x: Any, target: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float
) -> Any:
    """PyTorch's definition, one element at a time."""
    classes = x.shape[1]
    weight = np.ones(classes) if weight is None else weight
    losses, total = np.zeros(target.shape), 0.0
    for place in np.ndindex(target.shape):
        logits = x[(place[0], slice(None), *place[1:])]
        log_p = logits - logits.max() - math.log(np.exp(logits - logits.max()).sum())
        t = target[place]
        if t == ignore_index:
            continue
        smooth = -(weight * log_p).sum() / classes
        losses[place] = -(1 - smoothing) * weight[t] * log_p[t] + smoothing * smooth
        total += weight[t]
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / total}[reduction]


WEIGHT = np.array([0.5, 2.0, 1.0, 0.0])
CASES = [
    ((5, 4), {}),
    ((5, 4), {"reduction": "sum"}),
    ((5, 4), {"reduction": "none"}),
    ((5, 4), {"weight": WEIGHT}),
    ((5, 4), {"label_smoothing": 0.3}),
    ((5, 4), {"label_smoothing": 0.3, "weight": WEIGHT, "ignore_index": 2}),
    ((5, 4), {"ignore_index": 1, "weight": WEIGHT}),
    ((2, 4, 3, 2), {"reduction": "none", "ignore_index": 3}),
    ((2, 4, 3), {"label_smoothing": 0.1, "reduction": "none"}),
    ((2, 4, 3), {"weight": WEIGHT}),
]


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_cross_entropy_follows_the_definition(shape: Any, options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape) * 3
    target = rng.integers(0, 4, (shape[0], *shape[2:]))
    target.flat[:4] = range(4)
    full = {"weight": None, "ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}
    full |= options
    expected = cross_entropy_by_hand(x, target, *full.values())
    logits = Tensor(x, requires_grad=True)
    loss = nn.CrossEntropyLoss(**options)(logits, Tensor(target))
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-12)
    loss.sum().backward()

    def value(x: Any) -> Any:
        return cross_entropy_by_hand(x, target, *full.values())

    for place in list(np.ndindex(*shape))[::3]:
        h = np.zeros(shape)
        h[place] = 1e-5
        slope = (np.sum(value(x + h)) - np.sum(value(x - h))) / 2e-5
        # a central difference at step h is off by about h² and by rounding over h
        assert abs(logits.grad.numpy()[place] - slope) < 1e-8


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4", ">i8"])
def test_labels_are_those_of_every_whole_dtype(loss: Any, dtype: str) -> None:
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    labels = np.array([2, 0, 1, 2])
    assert loss(x, labels.astype(dtype)).item() == loss(x, labels).item()
    with pytest.raises(ArgumentError, match=r"label 3 at target\[1\] is out of range"):
        loss(x, np.array([2, 3, 1, 2], dtype))
    if "u" not in dtype:
        with pytest.raises(ArgumentError, match=r"label -1 at target\[2\] is out of range"):
            loss(x, np.array([2, 0, -1, 2], dtype))


def test_labels_to_ignore_count_nothing() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((3, 2)), requires_grad=True)
    loss = F.cross_entropy(x, [0, -100, 1])
    expected = F.cross_entropy(x.detach()[[0, 2]], [0, 1])
    np.testing.assert_allclose(loss.item(), expected.item(), rtol=1e-14)
    loss.backward()
    assert x.grad.tolist()[1] == [0.0, 0.0]


def test_probabilities_as_targets_agree_with_indices_and_get_gradients() -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((4, 3, 2)), rng.integers(0, 3, (4, 2))
    one_hot = np.moveaxis(np.eye(3)[labels], -1, 1)
    for options in ({}, {"reduction": "none"}, {"label_smoothing": 0.2}):
        np.testing.assert_allclose(
            F.cross_entropy(Tensor(x), one_hot, **options).numpy(),
            F.cross_entropy(Tensor(x), labels, **options).numpy(),
            rtol=1e-12,
        )
    q = Tensor(np.full((4, 3), 1 / 3), requires_grad=True)
    logits = Tensor(x[:, :, 0])
    F.cross_entropy(logits, q, weight=WEIGHT[:3]).backward()
    log_p = ag.log_softmax(logits, axis=1).numpy()
    np.testing.assert_allclose(q.grad.numpy(), -log_p * WEIGHT[:3] / 4, rtol=1e-12)
    single = F.cross_entropy(Tensor(x[0, :, 0]), one_hot[0, :, 0], reduction="none")
    assert single.shape == ()


def test_a_single_example_needs_no_batch() -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    loss = F.cross_entropy(x, Tensor(2))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1) + math.exp(-2)), rel=1e-6)
    assert F.cross_entropy(x, Tensor(2), reduction="none").shape == ()


def test_cross_entropy_is_stable_and_keeps_float32() -> None:
    x = Tensor([[1e4, 0.0], [0.0, -1e4]], requires_grad=True)
    loss = F.cross_entropy(x, [1, 0], label_smoothing=0.0)
    loss.backward()
    assert loss.item() == 5000.0
    assert loss.dtype == x.grad.dtype == np.float32
    assert x.grad.tolist() == [[0.5, -0.5], [0.0, 0.0]]


def test_the_second_derivative_of_cross_entropy_is_right() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3))
    labels, v = [2, 0], np.random.default_rng(1).standard_normal((2, 3))

    def slope(x: Any) -> Any:
        t = Tensor(x, requires_grad=True)
        (g,) = ag.grad(F.cross_entropy(t, labels), t, create_graph=True)
        return t, (g * Tensor(v)).sum()

    t, along = slope(x)
    (hv,) = ag.grad(along, t)
    numeric = (slope(x + 1e-5 * np.eye(3)[[0, 0]] * [[1], [0]])[1].item()
               - slope(x - 1e-5 * np.eye(3)[[0, 0]] * [[1], [0]])[1].item()) / 2e-5  # fmt: skip
    assert abs(hv.numpy()[0, 0] - numeric) < 1e-8


BAD_LOSSES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: F.cross_entropy(Tensor(X), [0, 3]), ValueError,
     r"label 3 at target\[1\] is out of range: input is \(2, 3\), so there are 3 classes, 0 to 2"),
    (lambda: F.cross_entropy(Tensor(X), [-1, 3]), ValueError, r"label -1 at target\[0\]"),
    (lambda: F.cross_entropy(Tensor(np.ones((2, 3, 2))), [[0, 1], [2, 7]]), ValueError,
     r"label 7 at target\[1, 1\]"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1, 2]), ShapeError,
     r"input is \(2, 3\), so class indices must be \(2,\); target is \(3,\)$"),
    (lambda: F.cross_entropy(Tensor(X), [[1, 0, 0], [0, 1, 0]]), ShapeError,
     r"target is \(2, 3\)\n  Of one-hot rows write target.argmax\(1\)"),
    (lambda: F.cross_entropy(Tensor(np.ones((2, 3, 4))), np.ones((2, 3, 4), int)), ShapeError,
     r"write target.argmax\(1\)"),
    (lambda: F.nll_loss(Tensor(X), [[1], [0]]), ShapeError,
     r"target is \(2, 1\)\n  The sizes agree: did you mean target.reshape\(\(2,\)\)\?"),
    (lambda: F.cross_entropy(Tensor(X), [0.0, 1.0]), DTypeError,
     r"target is \(2,\) float32 .*\n.*target.astype\('int64'\)"),
    (lambda: F.cross_entropy(Tensor(X), X), ValueError,
     "must hold probabilities, between 0 and 1, and goes from -2 to 2.5"),
    (lambda: F.cross_entropy(Tensor(X), [True, False]), DTypeError, "not bool"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1], weight=[1.0]), ShapeError,
     r"weight is \(1,\); for 3 classes it must be \(3,\)"),
    (lambda: F.cross_entropy(Tensor(1.0), 0), ShapeError, "input is a scalar"),
    (lambda: F.cross_entropy(Tensor(X), [-100, -100]), ValueError, "the mean over nothing"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1], label_smoothing=2.0), ValueError,
     "label_smoothing must be a number from 0 to 1"),
    (lambda: nn.CrossEntropyLoss(reduction="meen"), ValueError,
     "got 'meen'; did you mean 'mean'"),
    (lambda: nn.MSELoss(reduction="average"), ValueError, "must be 'mean', 'sum' or 'none', got"),
    (lambda: F.mse_loss(Tensor(X), Tensor(X[:, :1])), ShapeError,
     r"input is \(2, 3\) and target is \(2, 1\)"),
    (lambda: F.mse_loss(Tensor(X), Tensor(X.reshape(-1))), ShapeError,
     r"did you mean target.reshape\(\(2, 3\)\)"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), BAD_LOSSES)
def test_what_losses_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_an_error_of_a_loss_names_its_module() -> None:
    holder = nn.ModuleDict({"loss": nn.CrossEntropyLoss()})
    with pytest.raises(ValueError, match=r"in loss \(CrossEntropyLoss\)"):
        holder["loss"](Tensor(X), [0, 3])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_mse_is_the_squared_difference(reduction: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 3, 4))
    squares = (x - y) ** 2
    expected = {"mean": squares.mean(), "sum": squares.sum(), "none": squares}[reduction]
    t = Tensor(x, requires_grad=True)
    loss = nn.MSELoss(reduction)(t, Tensor(y))
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-13)
    loss.sum().backward()
    scale = 2 / 12 if reduction == "mean" else 2
    np.testing.assert_allclose(t.grad.numpy(), scale * (x - y), rtol=1e-13)

"""What losses and distances refuse: each message says what, where, both shapes, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn import functional as F

X = Tensor(np.array([[-2.0, -0.5, 0.0], [0.3, 1.0, 2.5]]))
P = Tensor(np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]))
SIGNS = np.array([[1, -1, 1], [1, 1, -1]])
EMPTY = Tensor(np.zeros((0, 3)))

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    # names
    (lambda: F.l1_loss(X, X, reduction="meen"), ValueError, "did you mean 'mean'"),
    (lambda: F.kl_div(X, P, reduction="batch_mean"), ValueError, "did you mean 'batchmean'"),
    (lambda: nn.KLDivLoss("batch"), ValueError, "'none' or 'batchmean', got 'batch'"),
    (lambda: nn.HuberLoss("total"), ValueError, "reduction must be 'mean', 'sum' or 'none'"),
    # weights
    (lambda: F.mse_loss(X, X, weight=np.ones(3)), ShapeError,
     r"mse_loss: input is \(2, 3\) and weight is \(3,\); they must be the same"),
    (lambda: F.huber_loss(X, X, weight=np.ones(3)), ShapeError, r"huber_loss: .*weight is \(3,\)"),
    (lambda: F.mse_loss(X, X, weight=np.zeros((2, 3))), ValueError,
     r"mse_loss: the mean over nothing: of the losses \(2, 3\) none counts, .*\n.*'sum' gives 0"),
    (lambda: F.binary_cross_entropy(P, P, weight=np.ones(2)), ShapeError,
     r"weight is \(2,\); it must broadcast to the input's shape \(2, 3\)"),
    (lambda: F.binary_cross_entropy(P[0], P[0], weight=np.ones((2, 3))), ShapeError,
     r"weight is \(2, 3\); it must broadcast to the input's shape \(3,\)"),
    (lambda: F.binary_cross_entropy_with_logits(X, P, pos_weight=np.ones(2)), ShapeError,
     r"pos_weight is \(2,\); it must broadcast to the input's shape \(2, 3\)"),
    (lambda: F.nll_loss(X, [0, 1], weight=[1.0, 1.0]), ShapeError,
     r"nll_loss: weight is \(2,\); for 3 classes it must be \(3,\)"),
    (lambda: F.multi_margin_loss(X, [0, 1], weight=[1.0]), ShapeError, r"it must be \(3,\)"),
    # options
    (lambda: F.smooth_l1_loss(X, X, beta=-1.0), ValueError, "beta must not be negative, got -1.0"),
    (lambda: F.huber_loss(X, X, delta=0.0), ValueError, "delta must be positive, got 0.0"),
    (lambda: F.multi_margin_loss(X, [0, 1], p=3), ValueError, "p must be 1 or 2, got 3"),
    (lambda: nn.MultiMarginLoss(p=0), ValueError, "MultiMarginLoss: p must be 1 or 2, got 0"),
    (lambda: F.triplet_margin_loss(X, X, X, margin=0.0), ValueError,
     "triplet_margin_loss: margin must be positive, got 0.0"),
    (lambda: nn.TripletMarginLoss(margin=-1.0), ValueError, "margin must be positive, got -1.0"),
    (lambda: nn.TripletMarginWithDistanceLoss(margin=0), ValueError, "margin must be positive"),
    (lambda: F.categorical_cross_entropy(P, P, label_smoothing=-0.1), ValueError,
     "label_smoothing must be a number from 0 to 1"),
    (lambda: F.pdist(X, p=-1.0), ValueError, "p must not be negative, got -1.0"),
    # labels
    (lambda: F.nll_loss(X, [0, 3]), ValueError,
     r"nll_loss: label 3 at target\[1\] is out of range: input is \(2, 3\), so there are 3"),
    (lambda: F.nll_loss(X[0], 7), ValueError, "label 7 at target is out of range"),
    (lambda: F.nll_loss(X, [0.0, 1.0]), DTypeError,
     r"labels are class indices \(integers\), not float32.\n  Write target.astype\('int64'\)"),
    (lambda: F.nll_loss(Tensor(1.0), 0), ShapeError, "nll_loss: input is a scalar"),
    (lambda: F.multi_margin_loss(X, [0, -1]), ValueError, r"label -1 at target\[1\]"),
    (lambda: F.multi_margin_loss(X, [0]), ShapeError, r"class indices must be \(2,\)"),
    (lambda: F.multi_margin_loss(Tensor(np.ones((2, 3, 1))), [0, 1]), ShapeError,
     r"input must be \(N, C\) or \(C,\), got \(2, 3, 1\)"),
    (lambda: F.multilabel_margin_loss(X, [[0, -1, 9], [1, 3, -1]]), ValueError,
     r"label 3 at target\[1, 1\] is out of range: there are 3 classes, 0 to 2, and -1 ends a row"),
    (lambda: F.multilabel_margin_loss(X[0], [0, 4, -1]), ValueError, r"label 4 at target\[1\]"),
    (lambda: F.multilabel_margin_loss(X, SIGNS * 1.0), DTypeError, "not float64"),
    (lambda: F.multilabel_margin_loss(X, [0, 1]), ShapeError, r"target is \(2,\)"),
    (lambda: F.multilabel_soft_margin_loss(Tensor(1.0), 1), ShapeError, "input is a scalar"),
    (lambda: F.linear_cross_entropy(X, np.ones((4, 2)), [0, 1]), ShapeError,
     r"linear_weight is \(4, 2\), so input must be \(N, 2\) or \(2,\); input is \(2, 3\)"),
    (lambda: F.linear_cross_entropy(X[0], np.ones((4, 2, 3)), [0, 1]), ShapeError,
     r"\(4, 2, 3\) scores several places, so input must be \(N, 3\); input is \(3,\)"),
    (lambda: F.linear_cross_entropy(X, np.eye(3), P, ignore_index=0), ValueError,
     r"ignore_index is about class indices, and the target holds probabilities \(float64\)"),
    # signs
    (lambda: F.hinge_embedding_loss(X, np.abs(SIGNS) - 1), ValueError,
     r"hinge_embedding_loss: target\[0, 0\] is 0.0; a target is 1 or -1.\n.*write 2 \* target - 1"),
    (lambda: F.soft_margin_loss(X, SIGNS * 2), ValueError,
     r"soft_margin_loss: target\[0, 0\] is 2"),
    (lambda: F.margin_ranking_loss(X, X, SIGNS + 1), ValueError, "a target is 1 or -1"),
    (lambda: F.cosine_embedding_loss(X, X, [1, 3]), ValueError, r"target\[1\] is 3"),
    (lambda: F.cosine_embedding_loss(X[0], X[0], 0), ValueError, "target is 0.0; a target is 1"),
    # shapes
    (lambda: F.margin_ranking_loss(X, X[0], SIGNS), ShapeError,
     r"input1 is \(2, 3\) and input2 is \(3,\); they must be the same, or broadcasting"),
    (lambda: F.cosine_embedding_loss(X, X, SIGNS), ShapeError,
     r"input1 is \(2, 3\) and target is \(2, 3\)"),
    (lambda: F.cosine_embedding_loss(X, X[0], [1, 1]), ShapeError, r"input2 is \(3,\)"),
    (lambda: F.triplet_margin_loss(X, X, X[0]), ShapeError,
     r"anchor is \(2, 3\) and negative is \(3,\)"),
    (lambda: F.gaussian_nll_loss(X, X, np.ones(3)), ShapeError,
     r"input is \(2, 3\), so var must be \(2, 3\), or \(2,\), or have length 1 .*var is \(3,\)"),
    (lambda: F.pdist(X[0]), ShapeError, r"input must be \(N, M\), rows of vectors, got \(3,\)"),
    # values out of their domain
    (lambda: F.gaussian_nll_loss(X, X, X), ValueError,
     r"var holds variances, and the least is -2.\n  For their logarithms write var=autograd.exp"),
    (lambda: F.kl_div(X, X), ValueError,
     "target holds probabilities, and the least is -2.\n  .*write log_target=True"),
    (lambda: F.binary_cross_entropy(X, P), ValueError,
     r"input must hold probabilities, between 0 and 1, and goes from -2 to 2.5\n"
     r"  For logits there is binary_cross_entropy_with_logits \(nn.BCEWithLogitsLoss\)"),
    (lambda: F.binary_cross_entropy(P, X), ValueError, "binary_cross_entropy: target must hold"),
    (lambda: F.binary_cross_entropy_with_logits(X, SIGNS), ValueError, "goes from -1 to 1"),
    (lambda: F.multilabel_soft_margin_loss(X, SIGNS), ValueError, "target must hold"),
    (lambda: F.categorical_cross_entropy(X, P), ValueError,
     r"input must hold probabilities, between 0 and 1, and goes from -2 to 2.5\n"
     r"  Logits go to cross_entropy \(nn.CrossEntropyLoss\), or through a softmax first"),
    (lambda: F.categorical_cross_entropy(P * 0.5, P), ValueError,
     r"over the classes \(3 here\); the sums go from 0.5 to 0.5\n  Logits go to cross_entropy"),
    (lambda: F.sparse_categorical_cross_entropy(X, [0, 1]), ValueError, "Logits go to"),
    (lambda: F.categorical_cross_entropy(P, np.ones((2, 3))), ValueError,
     r"target must hold probabilities that add up to 1 over the classes \(3 here\); the sums go "
     "from 3 to 3"),
    (lambda: F.cross_entropy(X[:, :1], [[0.0], [1.0]]), ValueError,
     "the sums go from 0 to 1\n  Of one class there is nn.BCEWithLogitsLoss"),
    (lambda: F.categorical_cross_entropy(P, [0, 1]), ShapeError,
     r"target is \(2,\) int64 and input is \(2, 3\).*\n.*nn.SparseCategoricalCrossEntropy"),
    (lambda: F.sparse_categorical_cross_entropy(P, P), DTypeError,
     r"target is \(2, 3\) float64, and class indices are integers.\n.*nn.CategoricalCrossEntropy"),
    (lambda: F.sparse_categorical_cross_entropy(P, [0, 3]), ValueError, r"label 3 at target\[1\]"),
    (lambda: F.sparse_categorical_cross_entropy(P, [0, 1], dim=2), ShapeError, "has no axis 2"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_what_losses_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


COMPARING = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "categorical_cross_entropy",
    "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "mse_loss",
    "multilabel_margin_loss", "multilabel_soft_margin_loss", "poisson_nll_loss", "smooth_l1_loss",
    "soft_margin_loss",
]  # fmt: skip


@pytest.mark.parametrize("name", COMPARING)
def test_a_loss_does_not_broadcast_its_target(name: str) -> None:
    column = Tensor(np.array([[1.0]]))
    with pytest.raises(ShapeError, match=rf"{name}: input is \(1, 1\) and target is \(1,\).*\n.*"
                                         r"did you mean target.reshape\(\(1, 1\)\)"):  # fmt: skip
        getattr(F, name)(column, Tensor(np.array([1.0])))


MEANS: list[Callable[[], Any]] = [
    lambda: F.l1_loss(EMPTY, EMPTY),
    lambda: F.mse_loss(EMPTY, EMPTY, weight=EMPTY),
    lambda: F.smooth_l1_loss(EMPTY, EMPTY),
    lambda: F.huber_loss(EMPTY, EMPTY),
    lambda: F.kl_div(EMPTY, EMPTY),
    lambda: F.kl_div(EMPTY, EMPTY, reduction="batchmean"),
    lambda: F.poisson_nll_loss(EMPTY, EMPTY),
    lambda: F.gaussian_nll_loss(EMPTY, EMPTY, EMPTY),
    lambda: F.cross_entropy(EMPTY, np.zeros(0, int)),
    lambda: F.cross_entropy(EMPTY, EMPTY),
    lambda: F.nll_loss(EMPTY, np.zeros(0, int)),
    lambda: F.binary_cross_entropy(EMPTY, EMPTY),
    lambda: F.binary_cross_entropy_with_logits(EMPTY, EMPTY),
    lambda: F.categorical_cross_entropy(EMPTY, EMPTY),
    lambda: F.sparse_categorical_cross_entropy(EMPTY, np.zeros(0, int)),
    lambda: F.hinge_embedding_loss(EMPTY, EMPTY),
    lambda: F.margin_ranking_loss(EMPTY, EMPTY, EMPTY),
    lambda: F.soft_margin_loss(EMPTY, EMPTY),
    lambda: F.multilabel_soft_margin_loss(EMPTY, EMPTY),
    lambda: F.multi_margin_loss(EMPTY, np.zeros(0, int)),
    lambda: F.multilabel_margin_loss(EMPTY, np.zeros((0, 3), int)),
    lambda: F.cosine_embedding_loss(EMPTY, EMPTY, np.zeros(0)),
    lambda: F.triplet_margin_loss(EMPTY, EMPTY, EMPTY),
    lambda: F.triplet_margin_with_distance_loss(EMPTY, EMPTY, EMPTY),
]


@pytest.mark.parametrize("act", MEANS)
def test_the_mean_over_nothing_is_refused(act: Any) -> None:
    with pytest.raises(ValueError, match=r"mean over nothing: no losses\.\n.*'sum' gives 0 here"):
        act()


def test_an_error_names_the_module_that_raised_it() -> None:
    holder = nn.ModuleDict({"loss": nn.L1Loss()})
    with pytest.raises(ShapeError, match=r"in loss \(L1Loss\)"):
        holder["loss"](X, X[0])

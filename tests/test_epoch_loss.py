"""The loss of a data set is that of one batch, whatever the size of the batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from nn import functional as F
from nn.loss.layers import Loss

RNG = np.random.default_rng(0)
N, C, L = 11, 4, 3
X = RNG.normal(size=(N, C)).astype("float32")
DEEP = RNG.normal(size=(N, C, L)).astype("float32")
P = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
T = RNG.normal(size=(N, C)).astype("float32")
LABELS = np.array([0, 2, 1, 3, 0, 0, 2, 1, 1, 0, 3])
DEEP_LABELS = RNG.integers(0, C, (N, L))
SIGNS = np.where(T > 0, 1, -1)
WEIGHT = np.array([0.5, 2.0, 1.0, 3.0], "float32")
SCARCE = np.where(LABELS == 0, -100, LABELS)  # whole batches of 1 have none that counts
PAIR = np.stack([X, T], axis=1)


class Pass(nn.Model):
    """Hands its input on, and has a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(1.0)

    def forward(self, x: Any) -> Any:
        return x * self.one


def halves(function: Callable[..., Any], reduction: str) -> Any:
    """A loss of two inputs, for an output that holds both."""
    return lambda output, target: function(output[:, 0], output[:, 1], target, reduction=reduction)


R = ("mean", "sum")
TABLE: list[tuple[Any, Any, Any]] = [
    *((kind(reduction=r), X, T) for kind in (nn.L1Loss, nn.MSELoss, nn.SmoothL1Loss, nn.HuberLoss)
      for r in R),
    *((nn.KLDivLoss(r, log), np.log(P), np.log(P[::-1]) if log else P[::-1])
      for r in (*R, "batchmean") for log in (False, True)),
    *((nn.PoissonNLLLoss(full=full, reduction=r), X, np.abs(T)) for r in R for full in (0, 1)),
    *((nn.CrossEntropyLoss(w, reduction=r, label_smoothing=s), x, y)
      for w in (None, WEIGHT) for r in R for s in (0.0, 0.2)
      for x, y in ((X, LABELS), (X, SCARCE), (DEEP, DEEP_LABELS), (X, P))),
    *((nn.CrossEntropyLoss(w, ignore_index=0, reduction=r), x, y)
      for w in (None, WEIGHT) for r in R for x, y in ((X, LABELS), (DEEP, DEEP_LABELS))),
    *((nn.CrossEntropyLoss(np.where(WEIGHT < 1, 0, WEIGHT), reduction=r), X, LABELS) for r in R),
    *((nn.NLLLoss(w, ignore_index=i, reduction=r), np.log(P), LABELS)
      for w in (None, WEIGHT) for r in R for i in (-100, 0)),
    *((nn.BCELoss(w, reduction=r), P, P[::-1]) for w in (None, WEIGHT) for r in R),
    *((nn.BCEWithLogitsLoss(w, r, p), X, P)
      for w in (None, WEIGHT) for r in R for p in (None, WEIGHT)),
    *((nn.CategoricalCrossEntropy(r), P, P[::-1]) for r in R),
    *((nn.SparseCategoricalCrossEntropy(r), P, LABELS) for r in R),
    *((nn.HingeEmbeddingLoss(reduction=r), X, SIGNS) for r in R),
    *((nn.SoftMarginLoss(reduction=r), X, SIGNS) for r in R),
    *((nn.MultiLabelSoftMarginLoss(w, reduction=r), X, (T > 0) * 1)
      for w in (None, WEIGHT) for r in R),
    *((nn.MultiMarginLoss(weight=w, reduction=r), X, LABELS) for w in (None, WEIGHT) for r in R),
    *((nn.MultiLabelMarginLoss(reduction=r), X, np.where(LABELS[:, None] > [0, 1, 2, 3],
      [0, 1, 2, 3], -1)) for r in R),
    *((nn.LinearCrossEntropyLoss(C, 5, rng=0, ignore_index=i, reduction=r), X, LABELS)
      for i in (None, 0) for r in R),
    # functions of several inputs: the output holds them, or the target
    *((halves(F.margin_ranking_loss, r), PAIR, SIGNS) for r in R),
    *((halves(F.cosine_embedding_loss, r), PAIR, SIGNS[:, 0]) for r in R),
    *((halves(F.triplet_margin_loss, r), PAIR, T[::-1]) for r in R),
    *((halves(F.triplet_margin_with_distance_loss, r), PAIR, T[::-1]) for r in R),
    *((lambda o, t, r=r: F.gaussian_nll_loss(o[:, 0], t, o[:, 1] ** 2, reduction=r), PAIR, T)
      for r in R),
    *((lambda o, t, r=r, f=f: f(o, t[:, 0], weight=t[:, 1], reduction=r), X,
       np.stack([T, np.abs(T)], 1))
      for f in (F.mse_loss, F.l1_loss, F.huber_loss) for r in R),
    *((lambda o, t, r=r: F.ctc_loss(o.swapaxes(0, 1).log_softmax(-1), t, [5] * len(t),
                                    [2] * len(t), reduction=r),
       RNG.normal(size=(N, 5, C)).astype("float32"), RNG.integers(1, C, (N, 2))) for r in R),
    # made of nn's losses, or of none
    (lambda o, t: 0.5 * F.cross_entropy(o, t, nn.Buffer(WEIGHT)), X, LABELS),
    (lambda o, t: F.cross_entropy(o, t, ignore_index=2) + F.nll_loss(o, t, ignore_index=2), X,
     LABELS),
    (lambda o, t: F.mse_loss(o, t) + 0.1 * F.l1_loss(o, t), X, T),
    (lambda o, t: F.mse_loss(o, t) + 0.1 * F.cross_entropy(o, t.argmax(1)), X, T),
    (lambda o, t: F.mse_loss(o, t, reduction="sum") / len(t), X, T),
    (lambda o, t: ((o - t) ** 2).mean(), X, T),
]  # fmt: skip


def whole(loss: Any, x: Any, y: Any) -> float:
    target = Tensor(y)
    value = loss(Tensor(x), target if target.dtype.kind == "i" else target.astype("float32"))
    return float(value.item())


def modules(kind: Any = Loss) -> set[Any]:
    return {kind, *(each for child in kind.__subclasses__() for each in modules(child))}


@pytest.mark.parametrize("size", [1, 3, 7, N])
def test_evaluate_and_fit_report_the_loss_of_one_batch(size: int) -> None:
    for loss, x, y in TABLE:
        wanted = pytest.approx(whole(loss, x, y), rel=1e-5)  # float32, sums of some 100 numbers
        model = Pass()
        model.compile(optim.SGD(model.parameters(), lr=0.0), loss)
        assert model.evaluate(x, y, batch_size=size)["loss"] == wanted, loss
        history = model.fit(
            x, y, batch_size=size, verbose=0, validation_data=(x[:5], y[:5])
        ).history
        assert history["loss"] == [wanted], loss
        part = pytest.approx(whole(loss, x[:5], y[:5]), rel=1e-5)
        assert history["val_loss"] == [part], loss


def test_the_table_has_every_loss_of_an_output_and_a_target() -> None:
    public = {kind for kind in modules() if getattr(nn, kind.__name__, None) is kind}
    of_more = {
        nn.GaussianNLLLoss, nn.CTCLoss, nn.MarginRankingLoss, nn.CosineEmbeddingLoss,
        nn.TripletMarginLoss, nn.TripletMarginWithDistanceLoss,
    }  # fmt: skip
    assert {type(row[0]) for row in TABLE} >= public - of_more


def test_a_batch_without_a_label_that_counts_changes_nothing() -> None:
    model = Pass()
    model.compile(optim.SGD(model.parameters(), lr=1.0, weight_decay=0.1), nn.CrossEntropyLoss())
    seen: list[float] = []
    watch = nn.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(model.one.item())
    )
    y = np.array([1, -100, 2])
    model.fit(X[:3], y, batch_size=1, shuffle=False, verbose=0, callbacks=[watch])
    assert seen[0] == seen[1] != 1.0
    assert seen[2] != seen[1]


def test_data_of_which_nothing_counts_have_no_mean() -> None:
    model = Pass()
    model.compile("sgd", nn.CrossEntropyLoss())
    for call in (model.evaluate, model.fit):
        with pytest.raises(ValueError, match="mean over nothing: no example of the data counts"):
            call(X, np.full(N, -100), verbose=0)


def test_a_loss_that_is_not_reduced_is_refused() -> None:
    model = Pass()
    model.compile("sgd", nn.MSELoss(reduction="none"))
    with pytest.raises(ValueError, match="MSELoss with reduction='none' gives no one number"):
        model.fit(X, T)


def test_a_mean_over_nothing_is_an_error_outside_of_training() -> None:
    with pytest.raises(ValueError, match="none counts"):
        F.cross_entropy(Tensor(X), Tensor(np.full(N, -100)))

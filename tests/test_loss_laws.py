"""Laws of losses and distances: limits, identities between them, extremes, dtypes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.samples import draw
from autograd.errors import ShapeError
from autograd.kernels.activation import cross_entropy as kernel
from autograd.kernels.activation.sigmoid import soft_part
from nn import functional as F

LABELS = np.array([2, 0, 1, 2])


def gradient(f: Any, x: Any) -> Any:
    t = Tensor(x, requires_grad=True)
    f(t).backward()
    return t.grad.numpy()


# ---- of numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["l1_loss", "mse_loss"])
def test_a_weighted_mean_is_that_of_repeated_losses(name: str) -> None:
    x, y, loss = draw(3), draw(3, seed=1), getattr(F, name)
    repeated = loss(Tensor(x[[0, 1, 1, 1, 2, 2]]), Tensor(y[[0, 1, 1, 1, 2, 2]]))
    weighted = loss(Tensor(x), Tensor(y), weight=np.array([1, 3, 2]))
    assert weighted.item() == pytest.approx(repeated.item(), rel=1e-14)


def test_a_weight_may_be_learnt() -> None:
    x, y, w = draw(3), draw(3, seed=1), np.array([1.0, 3.0, 2.0])
    squares = (x - y) ** 2
    found = gradient(lambda t: F.mse_loss(Tensor(x), Tensor(y), weight=t), w)
    np.testing.assert_allclose(found, (squares - (w * squares).sum() / w.sum()) / w.sum(), 1e-13)


def test_huber_weighs_without_dividing_by_the_weights() -> None:
    x, y, w = draw(3), draw(3, seed=1), np.array([1.0, 3.0, 2.0])
    each = F.huber_loss(Tensor(x), Tensor(y), reduction="none").numpy()
    found = F.huber_loss(Tensor(x), Tensor(y), weight=w)
    assert found.item() == pytest.approx((each * w).sum() / 3, rel=1e-14)


def test_smooth_l1_times_beta_is_huber() -> None:
    x, y = Tensor(draw(4)), Tensor(draw(4, seed=1))
    huber = F.huber_loss(x, y, delta=0.5).item()
    assert F.smooth_l1_loss(x, y, beta=0.5).item() * 0.5 == pytest.approx(huber, rel=1e-14)


@pytest.mark.parametrize("dtype", [int, bool, np.float32])
def test_targets_of_another_kind_leave_float32_alone(dtype: Any) -> None:
    x, y = Tensor(draw(4).astype("f")), np.array([0, 1, 1, 0]).astype(dtype)
    for f in (F.mse_loss, F.l1_loss, F.huber_loss, F.binary_cross_entropy_with_logits):
        assert f(x, y).dtype == np.float32
        assert f(x, Tensor(y)).item() == f(x, Tensor(y.astype("f"))).item()


def test_a_variance_below_eps_counts_as_eps_and_keeps_its_slope() -> None:
    def loss(v: Any) -> Any:
        return F.gaussian_nll_loss(Tensor([0.0]), Tensor([2.0]), v, eps=0.5)

    assert loss(Tensor([0.0])).item() == loss(Tensor([0.5])).item()
    assert gradient(loss, np.zeros(1)) == gradient(loss, np.full(1, 0.5))
    assert (
        F.gaussian_nll_loss(Tensor([0.0]), Tensor([2.0]), 0.5).item() == loss(Tensor([0.5])).item()
    )


def test_the_divergence_from_itself_is_zero() -> None:
    logs = ag.log_softmax(Tensor(draw(4, 3)), axis=1)
    for target, log_target in ((ag.exp(logs), False), (logs, True)):
        found = F.kl_div(logs, target, "batchmean", log_target)
        assert found.item() == pytest.approx(0, abs=1e-15)


# ---- of classes ----------------------------------------------------------------------------------


def test_cross_entropy_is_nll_after_log_softmax() -> None:
    x = Tensor(draw(4, 3))
    for options in ({}, {"weight": [1.0, 2.0, 3.0]}, {"ignore_index": 2}, {"reduction": "none"}):
        found = F.nll_loss(ag.log_softmax(x, axis=1), LABELS, **options)
        np.testing.assert_allclose(found, F.cross_entropy(x, LABELS, **options), rtol=1e-13)


@pytest.mark.parametrize("labels", [np.eye(3)[LABELS], LABELS], ids=["one-hot", "sparse"])
def test_keras_cross_entropy_of_a_softmax_is_that_of_the_logits(labels: Any) -> None:
    """The value, the gradient, and the gradient of the gradient's square."""
    name = "sparse_categorical_cross_entropy" if labels.ndim == 1 else "categorical_cross_entropy"
    x = draw(4, 3)

    def of_softmax(t: Any) -> Any:
        return getattr(F, name)(ag.softmax(t, axis=-1), labels)

    def of_logits(t: Any) -> Any:
        return F.cross_entropy(t, LABELS)

    def slope(f: Any) -> Any:
        return lambda t: ag.sum(ag.square(ag.grad(f(t), t, create_graph=True)[0]))

    assert of_softmax(Tensor(x)).item() == pytest.approx(of_logits(Tensor(x)).item(), rel=1e-13)
    np.testing.assert_allclose(gradient(of_softmax, x), gradient(of_logits, x), atol=1e-14)
    np.testing.assert_allclose(
        gradient(slope(of_softmax), x), gradient(slope(of_logits), x), atol=1e-13
    )
    assert ag.gradcheck(of_softmax, Tensor(x), order=2)


def test_keras_cross_entropy_clips_where_it_would_be_infinite() -> None:
    p = np.array([[1.0, 0.0]])
    for eps in (1e-7, 1e-3):
        assert F.sparse_categorical_cross_entropy(p, [1], eps=eps).item() == pytest.approx(
            -math.log(eps), rel=1e-14
        )
        assert F.categorical_cross_entropy(p, [[1, 0]], eps=eps).item() == pytest.approx(
            -math.log1p(-eps), rel=1e-9
        )


def test_a_loss_to_ignore_may_be_infinite() -> None:
    x = np.array([[-np.inf, 0.0], [0.0, 0.0]])
    assert F.cross_entropy(Tensor(x), [-100, 1]).item() == pytest.approx(math.log(2))
    assert F.nll_loss(Tensor(x), [-100, 1]).item() == 0.0
    found = gradient(lambda t: F.cross_entropy(t, [-100, 1]), x)
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.5, -0.5]])


def test_class_weights_may_be_learnt() -> None:
    x, w = draw(4, 3), np.array([1.0, 2.0, 3.0])
    each = F.cross_entropy(Tensor(x), LABELS, reduction="none").numpy()
    found = gradient(lambda t: F.cross_entropy(Tensor(x), LABELS, t, reduction="sum"), w)
    np.testing.assert_allclose(found, np.bincount(LABELS, each), rtol=1e-13)


@pytest.mark.parametrize("shape", [(70, 1000), (3, 5, 20_000), (500, 3), (40_000, 2)])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_blocks_and_turned_rows_change_nothing(shape: Any, smoothing: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    labels = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    g = rng.standard_normal(labels.shape)
    logs = x - np.log(np.exp(x).sum(axis=1, keepdims=True))
    target = np.moveaxis(np.eye(shape[1])[labels], -1, 1)
    target = target * (1 - smoothing) + smoothing / shape[1]
    np.testing.assert_allclose(
        kernel.cross_entropy(x, labels, smoothing), -(target * logs).sum(axis=1), rtol=1e-12
    )
    np.testing.assert_allclose(
        kernel.cross_entropy_pull(g, x, labels, smoothing),
        g[:, None] * (np.exp(logs) - target),
        atol=1e-14,
    )


# ---- binary --------------------------------------------------------------------------------------


def test_binary_cross_entropy_is_finite_at_certainty() -> None:
    x = np.array([0.0, 1.0, 0.0, 1.0])
    each = F.binary_cross_entropy(Tensor(x), Tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    np.testing.assert_allclose(each, [100.0, 100.0, 0.0, 0.0])
    found = gradient(
        lambda t: F.binary_cross_entropy(t, Tensor([1.0, 0.0, 0.0, 1.0]), reduction="sum"), x
    )
    np.testing.assert_allclose(found, [-1e12, 1e12, 1.0, -1.0])


@pytest.mark.parametrize("shape", [(), (3,), (2, 20_000), (0, 3)])
def test_the_soft_part_of_a_logistic_loss_keeps_its_relative_digits(shape: Any) -> None:
    x = np.asarray(draw(*shape, low=-80.0, high=80.0), np.float32)
    found = soft_part(x.T if x.ndim == 2 else x[()])
    wanted = np.log1p(np.exp(-np.abs(np.float64(x.T if x.ndim == 2 else x))))
    assert found.dtype == np.float32
    # exp rounds its argument's product with log e, up to 80, and itself: some units
    np.testing.assert_allclose(found, wanted, rtol=4 * np.finfo(np.float32).eps)


def test_binary_cross_entropy_of_large_float32_logits_keeps_its_digits() -> None:
    x = Tensor(np.array([30.0, -30.0, 1e4, -1e4, 1e4], "f"))
    each = F.binary_cross_entropy_with_logits(x, np.array([1, 0, 1, 0, 0]), reduction="none")
    assert each.dtype == np.float32
    np.testing.assert_allclose(each, [np.exp(-30), np.exp(-30), 0, 0, 1e4], rtol=1e-6)


def test_a_pos_weight_of_two_counts_positives_twice() -> None:
    x, y = Tensor(draw(4)), np.array([1, 0, 0, 1])
    each = F.binary_cross_entropy_with_logits(x, y, reduction="none").numpy()
    found = F.binary_cross_entropy_with_logits(x, y, reduction="none", pos_weight=np.array(2.0))
    np.testing.assert_allclose(found, each * [2, 1, 1, 2], rtol=1e-13)


# ---- vectors -------------------------------------------------------------------------------------


def test_a_vector_of_zeros_has_no_angle_and_a_finite_gradient() -> None:
    other = Tensor(np.array([3.0, 4.0]))
    assert F.cosine_similarity(Tensor(np.zeros(2)), other, dim=0).item() == 0.0
    found = gradient(lambda t: F.cosine_similarity(t, other, dim=0, eps=0.5), np.zeros(2))
    np.testing.assert_allclose(found, [1.2, 1.6])


PAIRS = [
    ((3, 1), (3, 4)), ((3, 4), (1, 4)), ((4,), (3, 4)), ((3, 4), (1,)), ((3, 1), (1, 4)),
    ((3, 1, 4), (2, 4)), ((), (3, 4)), ((3, 4), (3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("shapes", PAIRS, ids=str)
def test_a_cosine_is_that_of_the_vectors_that_the_two_broadcast_to(shapes: Any, dim: int) -> None:
    arrays = [np.random.default_rng(n).uniform(0.5, 1.5, s) for n, s in enumerate(shapes)]
    x, y = (Tensor(a, requires_grad=True) for a in arrays)
    found = F.cosine_similarity(x, y, dim)
    a, b = np.broadcast_arrays(*arrays)
    norms = np.sqrt(np.sum(a * a, dim) * np.sum(b * b, dim))
    np.testing.assert_allclose(found.numpy(), np.sum(a * b, dim) / norms, rtol=1e-14)
    assert np.all(np.abs(found.numpy()) <= 1 + 1e-15)
    whole = F.cosine_similarity(*ag.broadcast_arrays(x, y), dim)
    for g, expected in zip(ag.grad(found.sum(), (x, y)), ag.grad(whole.sum(), (x, y)), strict=True):
        np.testing.assert_allclose(g.numpy(), expected.numpy(), rtol=1e-12, atol=1e-14)


def test_cosines_of_what_does_not_broadcast_or_has_no_such_axis_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"cosine_similarity: \(2,\) and \(3,\) do not broadcast"):
        F.cosine_similarity(Tensor(np.ones(2)), Tensor(np.ones(3)))
    with pytest.raises(ShapeError, match=r"cosine_similarity: there is no axis 2 in \(2, 3\)"):
        F.cosine_similarity(Tensor(np.ones(3)), Tensor(np.ones((2, 3))), dim=2)


@pytest.mark.parametrize("p", [0.0, 1.0, 1.5, 2.0, math.inf])
def test_pdist_gives_each_pair_once_in_order(p: float) -> None:
    x = draw(5, 3)
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    expected = [np.linalg.norm(x[i] - x[j], p) for i, j in pairs]
    np.testing.assert_allclose(F.pdist(Tensor(x), p), expected, rtol=1e-13)


def test_pdist_of_equal_rows_has_no_gradient_and_of_one_row_no_distance() -> None:
    assert not gradient(lambda t: ag.sum(F.pdist(t)), np.ones((2, 3))).any()
    assert F.pdist(Tensor(np.ones((1, 3)))).shape == (0,)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_pdist_is_right_to_the_second_order(p: float) -> None:
    assert ag.gradgradcheck(lambda t: F.pdist(t, p), Tensor(draw(4, 2)))


def test_the_default_distance_of_a_triplet_is_pairwise_distance() -> None:
    rows = [Tensor(draw(4, 3, seed=n)) for n in range(3)]
    found = nn.TripletMarginWithDistanceLoss(swap=True)(*rows)
    assert found.item() == nn.TripletMarginLoss(swap=True)(*rows).item()


@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_the_slope_of_logistic_losses_has_its_digits_in_the_tails(target: float) -> None:
    for value in (-300.0, -40.0, -20.0, 20.0, 40.0, 300.0):
        x = ag.Tensor(np.array(value), requires_grad=True)
        nn.functional.binary_cross_entropy_with_logits(x, ag.Tensor(np.array(target))).backward()
        up, down = (1 / (1 + np.exp(-sign * value)) for sign in (1.0, -1.0))
        expected = (1 - target) * up - target * down
        assert x.grad is not None
        assert abs(float(x.grad) - expected) <= 8 * np.spacing(abs(expected))

"""Activations: random slopes, choices and labels, kinks, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn import functional as F

X = np.array([[-2.0, -0.5, 0.0], [0.3, 1.0, 2.5]])


# ---- random slopes and choices -----------------------------------------------------------------


def test_a_randomized_rectifier_scales_and_differentiates_by_the_slope_that_it_drew() -> None:
    x = Tensor(-np.ones(4000), requires_grad=True)
    y = nn.RReLU(0.25, 0.75, rng=0)(x)
    y.sum().backward()
    slopes = x.grad.numpy()
    np.testing.assert_array_equal(-y.detach().numpy(), slopes)
    assert 0.25 <= slopes.min() < 0.26 < 0.74 < slopes.max() < 0.75
    # a mean of n draws from a width of 1/2 is off by 1/(2√12n): five of them
    assert abs(slopes.mean() - 0.5) < 5 / (2 * np.sqrt(12 * 4000))
    positive = Tensor([3.0])
    assert nn.RReLU()(positive).tolist() == [3.0]


def test_random_activations_follow_the_seed() -> None:
    for draw in (lambda: F.rrelu(-X, training=True), lambda: F.gumbel_softmax(Tensor(X))):
        nn.manual_seed(4)
        first = draw().numpy()
        nn.manual_seed(4)
        np.testing.assert_array_equal(draw().numpy(), first)
        assert not np.array_equal(draw().numpy(), first)


def test_gumbel_softmax_chooses_with_the_chances_of_the_softmax() -> None:
    logits = np.log([0.1, 0.3, 0.6])
    n = 20000
    chosen = F.gumbel_softmax(Tensor(np.tile(logits, (n, 1))), hard=True, rng=0).numpy()
    assert set(np.unique(chosen)) == {0.0, 1.0}
    assert (chosen.sum(1) == 1).all()
    # the standard error of a frequency is at most 1/(2√n): five of them
    np.testing.assert_allclose(chosen.mean(0), [0.1, 0.3, 0.6], atol=5 / (2 * np.sqrt(n)))


def test_a_hard_choice_has_the_gradient_of_the_soft_one() -> None:
    grads = []
    for hard in (False, True):
        x = Tensor(X, requires_grad=True)
        (F.gumbel_softmax(x, 0.5, hard, dim=0, rng=3) * Tensor(X)).sum().backward()
        grads.append(x.grad.numpy())
    np.testing.assert_array_equal(*grads)
    assert np.any(grads[0])


# ---- along an axis -----------------------------------------------------------------------------


def test_softmax_computes_in_the_dtype_that_is_asked_for() -> None:
    for f in (F.softmax, F.log_softmax, F.softmin):
        assert f(Tensor(X.astype("f")), 1, dtype="float64").dtype == np.float64
        np.testing.assert_array_equal(f(Tensor(X)).numpy(), f(Tensor(X), dim=1).numpy())


@pytest.mark.parametrize(
    ("p", "lengths"), [(2.0, [5.0, 0.0]), (1.0, [7.0, 0.0]), (np.inf, [4.0, 0.0])]
)
def test_normalize_divides_by_the_norm_and_leaves_zero(p: float, lengths: list[float]) -> None:
    rows = np.array([[3.0, -4.0], [0.0, 0.0]])
    x = Tensor(rows, requires_grad=True)
    y = F.normalize(x, p)
    np.testing.assert_allclose(y.detach().numpy()[0], rows[0] / lengths[0], rtol=1e-15)
    assert y.tolist()[1] == [0.0, 0.0]
    y.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_one_hot_has_a_new_last_axis(shape: tuple[int, ...]) -> None:
    labels = np.random.default_rng(0).integers(0, 4, shape)
    found = F.one_hot(Tensor(labels), 4)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, np.eye(4)[labels])


def test_the_step_takes_its_value_at_zero_and_stops_gradients() -> None:
    x = Tensor([-1.0, 0.0, 2.0], requires_grad=True)
    y = nn.Step(0.5)(x)
    y.sum().backward()
    assert y.tolist() == [0.0, 0.5, 1.0]
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


# ---- kinks and float32 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "at"),
    [
        (nn.ReLU(), 0.0), (nn.ReLU6(), 0.0), (nn.ReLU6(), 6.0), (nn.Hardtanh(), 1.0),
        (nn.Hardtanh(), -1.0), (nn.Hardsigmoid(), -3.0), (nn.Hardshrink(), 0.5),
        (nn.Softshrink(), -0.5), (nn.Threshold(0.1, 2.0), 0.1), (nn.Hardswish(), -3.0),
    ],
)  # fmt: skip
def test_the_derivative_at_a_kink_is_that_of_the_flat_side(layer: Any, at: float) -> None:
    x = Tensor(np.array([at]), requires_grad=True)
    layer(x).sum().backward()
    assert x.grad.tolist() == [0.0]


# ---- what is refused ---------------------------------------------------------------------------

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: nn.GELU("tahn"), ValueError, "approximate must be 'none' or 'tanh', got 'tahn'; did"),
    (lambda: nn.Hardtanh(2.0, 1.0), ValueError, "min_val 2.0 must be below max_val 1.0"),
    (lambda: nn.CELU(0.0), ValueError, "CELU: alpha must not be 0"),
    (lambda: nn.Softshrink(-1.0), ValueError, "lambd must not be negative, got -1.0"),
    (lambda: nn.RReLU(0.5, 0.1), ValueError, "lower 0.5 must not be above upper 0.1"),
    (lambda: nn.Maxout(0), ValueError, "num_pieces must be at least 1, got 0"),
    (lambda: nn.Maxout(4)(Tensor(X)), ValueError, "axis 1 has length 3, no multiple of 4"),
    (lambda: nn.GLU()(Tensor(X)), ValueError, "axis -1 has odd length 3"),
    (lambda: nn.PReLU(2)(Tensor(X)), ShapeError,
     r"weight is \(2,\) and input is \(2, 3\); .* each of 3 channels \(axis 1\).*in PReLU"),
    (lambda: nn.PReLU(2)(Tensor(X[0])), ShapeError, r"each of 1 channels"),
    (lambda: nn.Softmax()(Tensor(X[None])), ValueError,
     r"over which axis of \(1, 2, 3\)\? Give dim, .*in Softmax"),
    (lambda: nn.Softmax2d()(Tensor(X)), ShapeError, r"must be \(N, C, H, W\) .*, got \(2, 3\)"),
    (lambda: F.gumbel_softmax(Tensor(X), tau=0.0), ValueError, "tau must be positive, got 0.0"),
    (lambda: F.one_hot(Tensor(X)), DTypeError, r"not float64.\n  Write tensor.astype\('int64'\)"),
    (lambda: F.one_hot(Tensor([0, -1])), ValueError, r"label -1 at tensor\[1\] is out of range"),
    (lambda: F.one_hot(Tensor(3), 2), ValueError, "label 3 at tensor is out of range: .*2 cl"),
    (lambda: F.one_hot(np.array([], int)), ShapeError, "no labels tell the number of classes"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_what_activations_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_functions_take_arrays_as_well() -> None:
    for name in ("relu", "gelu", "softmax", "prelu", "normalize"):
        args = [np.array([0.5])] if name == "prelu" else []
        found = getattr(F, name)(X, *args)
        wanted = getattr(F, name)(Tensor(X), *map(Tensor, args))
        np.testing.assert_array_equal(np.asarray(found), wanted.numpy())
    assert ag.is_grad_enabled()


def test_what_prelu_lets_through_says_nothing_about_its_weight() -> None:
    x, w = Tensor([np.inf, 2.0, 0.0, -3.0], requires_grad=True), Tensor(0.5, requires_grad=True)
    y = F.prelu(x, w)
    y.sum().backward()
    assert (w.grad.item(), x.grad.tolist()) == (-3.0, [1.0, 1.0, 0.5, 0.5])
    np.testing.assert_array_equal(ag.Graph(y).replay({x: -x.numpy()}), [-np.inf, -1.0, 0.0, 3.0])

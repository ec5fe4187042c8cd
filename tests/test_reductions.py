"""Reductions, running sums, sorting: ties, zeros, NaN, empty input, and what the errors say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS

inf, nan = np.inf, np.nan


def leaf(values: Any) -> Any:
    return ag.Tensor(values, requires_grad=True, dtype="float64")


def gradient(f: Callable[..., Any], values: Any) -> Any:
    x = leaf(values)
    return ag.grad(f(x).sum(), [x])[0].tolist()


@pytest.mark.parametrize(
    ("f", "values", "expected"),
    [
        (ag.max, [1.0, 3, 3, 3], [0, 1 / 3, 1 / 3, 1 / 3]),
        (ag.min, [1.0, 1, 3, 3], [0.5, 0.5, 0, 0]),
        (ag.max, [-inf, -inf], [0.5, 0.5]),
        (ag.max, [1.0, nan, 3, nan], [0, 0.5, 0, 0.5]),
        (ag.nanmax, [nan, 3, 3, 1], [0, 0.5, 0.5, 0]),
        (ag.nanmin, [nan, -inf, -inf], [0, 0.5, 0.5]),
        (ag.ptp, [1.0, 1, 4], [-0.5, -0.5, 1]),
        (lambda x: ag.cummax(x, 0), [1.0, 1, 2, 2], [2, 0, 2, 0]),
        (lambda x: ag.cummin(x, 0), [2.0, 1, 3, 1], [1, 3, 0, 0]),
        (lambda x: ag.topk(x, 1).values, [3.0, 3, 1], [1, 0, 0]),
        (ag.std, [2.0, 2, 2], [0, 0, 0]),
        (ag.logsumexp, [-inf, -inf], [0, 0]),
        (lambda x: ag.logcumsumexp(x, 0), [-inf, -inf], [0, 0]),
        (ag.nansum, [1.0, nan], [1, 0]),
        (ag.nanmean, [1.0, nan, 2], [0.5, 0, 0.5]),
        (ag.median, [1.0, 2, inf], [0, 1, 0]),
        (ag.median, [4.0, 1, 2, 8], [0.5, 0, 0.5, 0]),
    ],
)
def test_gradient_at_ties_and_edges(f: Any, values: Any, expected: Any) -> None:
    np.testing.assert_allclose(gradient(f, values), expected, rtol=1e-15)


def test_the_slope_of_a_product_does_not_depend_on_other_slices() -> None:
    rows = [[1e-15, 1e-15, 1e20, 1e20], [0.0, 2.0, 3.0, 4.0]]
    x = ag.Tensor(rows, dtype="float32", requires_grad=True)
    ag.prod(x, axis=1).sum().backward()
    expected = [[1e25, 1e25, 1e-10, 1e-10], [24, 0, 0, 0]]
    np.testing.assert_allclose(x.grad, expected, rtol=1e-6)


@pytest.mark.parametrize("f", [ag.prod, lambda x: ag.cumprod(x, 0)[-1]], ids=["prod", "cumprod"])
@pytest.mark.parametrize("values", [[0.0, 0, 0, 2], [0.0, 3, 5, 2], [7.0, 0, 0, 2], [7.0, 3, 5, 2]])
def test_derivatives_of_a_product_are_exact_at_zeros_to_every_order(f: Any, values: Any) -> None:
    x = leaf(values)
    a, b, c, d = values
    (first,) = ag.grad(f(x), [x], create_graph=True)
    assert first.tolist() == [b * c * d, a * c * d, a * b * d, a * b * c]
    (second,) = ag.grad(first[0], [x], create_graph=True)
    assert second.tolist() == [0, c * d, b * d, b * c]
    (third,) = ag.grad(second[1], [x], create_graph=True)
    assert third.tolist() == [0, 0, d, c]
    (fourth,) = ag.grad(third[2], [x])
    assert fourth.tolist() == [0, 0, 0, 1]


def test_hessian_of_logsumexp_is_that_of_the_formula() -> None:
    x = leaf([0.3, -1.0, 2.0])
    (first,) = ag.grad(ag.logsumexp(x), [x], create_graph=True)
    rows = [ag.grad(first[i], [x], retain_graph=True)[0].tolist() for i in range(3)]
    p = np.exp(x.numpy()) / np.exp(x.numpy()).sum()
    np.testing.assert_allclose(rows, np.diag(p) - np.outer(p, p), rtol=1e-13)


def test_reductions_of_nothing() -> None:
    nothing = leaf(np.zeros((0, 2)))
    assert ag.sum(nothing, axis=0).tolist() == [0, 0]
    assert ag.prod(nothing, axis=0).tolist() == [1, 1]
    assert ag.logsumexp(nothing, axis=0).tolist() == [-inf, -inf]
    assert ag.cumsum(nothing, 0).shape == ag.sort(nothing, 0).shape == (0, 2)
    for f in (ag.sum, ag.prod, ag.logsumexp):
        assert ag.grad(f(nothing), [nothing])[0].shape == (0, 2)
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="empty slice"):
        means = ag.mean(nothing, axis=0)
    assert np.isnan(means.numpy()).all()
    assert ag.grad(means.sum(), [nothing])[0].shape == (0, 2)


@pytest.mark.parametrize("f", [ag.max, ag.min, ag.nanmax, ag.nanmin, ag.ptp, ag.argmax, ag.argmin])
def test_no_element_can_be_chosen_from_none(f: Any) -> None:
    with pytest.raises(ag.errors.ShapeError, match=r"x is \(2, 0\): there is no element to choose"):
        f(ag.Tensor(np.zeros((2, 0))), axis=1)
    with pytest.raises(ag.errors.ShapeError, match="along axis 0, which has length 0"):
        f(ag.Tensor(np.zeros(0)))
    with pytest.raises(ag.errors.ShapeError, match="axis 3 is out of bounds"):
        f(ag.Tensor(np.zeros((2, 0))), axis=3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ag.sum(ag.Tensor([1.0]), axis=2), ag.errors.ShapeError, "sum: axis 2 is out of"),
        (lambda: ag.median(ag.Tensor([1.0]), axis=2), ag.errors.ShapeError, "axis 2 is out of"),
        (lambda: ag.quantile(ag.Tensor([1.0]), 1.5), ValueError, "q must be a number from 0 to 1"),
        (lambda: ag.quantile(ag.Tensor([1.0]), nan), ValueError, "q must be a number from 0 to 1"),
        (
            lambda: ag.quantile([1.0], 0.5, method="best"),
            ValueError,
            "is none of linear, interpolated",
        ),
        (lambda: ag.median(ag.Tensor([])), ValueError, r"no elements: x is \(0,\)"),
        (lambda: ag.var(ag.Tensor([1j])), ag.errors.DTypeError, "var: expected real numbers"),
        (lambda: ag.std(ag.Tensor([1j])), ag.errors.DTypeError, "std: expected real numbers"),
        (lambda: ag.topk(ag.Tensor([1.0]), 2), ValueError, "k is 2, but x has 1 elements"),
        (lambda: ag.diff(ag.Tensor(1.0)), ag.errors.ShapeError, r"x is \(\) and has no axis -1"),
        (lambda: ag.diff(ag.Tensor([1.0]), -1), ValueError, "diff: n must not be negative"),
        (lambda: ag.trapezoid(ag.Tensor(1.0)), ag.errors.ShapeError, "y is .* has no axis -1"),
        (lambda: ag.cumulative_sum(np.ones((2, 2))), ag.errors.ShapeError, "say along which axis"),
        (
            lambda: ag.linear_recurrence(ag.Tensor([1.0]), ag.Tensor([1.0, 2.0])),
            ag.errors.ShapeError,
            "a and b must have the same shape",
        ),
        (
            lambda: ag.average(ag.Tensor([[1.0, 2.0]]), weights=ag.Tensor([1.0])),
            ag.errors.ShapeError,
            "one weight per element, or along one axis",
        ),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_without_an_axis_the_elements_are_taken_in_a_row() -> None:
    x = np.array([[3.0, 1.0], [2.0, 4.0]])
    for mine, theirs in (
        (ag.cumsum(leaf(x)), np.cumsum(x)),
        (ag.cumprod(leaf(x)), np.cumprod(x)),
        (ag.sort(leaf(x), axis=None), np.sort(x, axis=None)),
    ):
        assert mine.requires_grad
        assert mine.tolist() == theirs.tolist()
    assert gradient(lambda t: ag.cumsum(t)[1], x) == [[1, 1], [0, 0]]


def test_a_dtype_may_be_given() -> None:
    x = ag.Tensor([1, 2, 3])
    for f in (ag.sum, ag.mean, ag.prod, ag.cumsum, ag.cumprod):
        assert f(x, dtype="float32").dtype == np.float32
    for f in (ag.cumulative_sum, ag.cumulative_prod):
        assert f(x, dtype="float32").dtype == np.float32


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("q", [0.0, 0.3, 0.5, 1.0, [0.2, 0.5, 0.9]])
@pytest.mark.parametrize("n", [5, 8])
def test_quantiles_are_those_of_numpy(method: Any, q: Any, n: int) -> None:
    x = np.random.default_rng(n).normal(size=(n, 2))
    np.testing.assert_allclose(
        ag.quantile(ag.Tensor(x), q, axis=0, method=method).numpy(),
        np.quantile(x, q, axis=0, method=method),
        rtol=1e-14,
    )
    np.testing.assert_allclose(
        ag.percentile(ag.Tensor(x), np.multiply(q, 100), method=method).numpy(),
        np.quantile(x, q, method=method),
        rtol=1e-14,
    )


def test_integers_have_fractional_quantiles() -> None:
    assert ag.median([3, 1, 2]).dtype == np.float64
    assert ag.quantile(ag.Tensor([1, 2]), 0.25).item() == 1.25
    assert ag.logsumexp(ag.Tensor([0, 0])).item() == pytest.approx(np.log(2))


def test_descending_order_keeps_equal_elements_in_place() -> None:
    x = ag.Tensor([1.0, 2, 1, 2, nan])
    assert ag.argsort(x, descending=True).tolist() == [4, 1, 3, 0, 2]
    assert ag.argsort(x).tolist() == [0, 2, 1, 3, 4]
    assert ag.argsort(np.array([0, 255, 7], np.uint8), descending=True).tolist() == [1, 2, 0]


def test_numpys_functions_record() -> None:
    x = leaf([[3.0, 1.0], [2.0, 4.0]])
    for result in (
        np.sum(x, axis=0),
        np.mean(x),
        np.max(x, axis=1),
        np.amin(x),
        np.std(x, ddof=1),
        np.var(x, axis=0, correction=1),
        np.cumsum(x, axis=1),
        np.cumulative_prod(x, axis=0),
        np.sort(x, axis=0),
        np.median(x),
        np.quantile(x, 0.3),
        np.average(x, weights=[1.0, 2.0], axis=0),
        np.diff(x),
        np.trapezoid(x, dx=0.5),
        np.add.reduce(x),
    ):
        assert isinstance(result, ag.Tensor)
        assert result.requires_grad
    for answer in (np.argmax(x), np.any(x), np.count_nonzero(x), *np.nonzero(x)):
        assert isinstance(answer, ag.Tensor)
        assert not answer.requires_grad


def test_a_discounted_sum_is_a_recurrence() -> None:
    rewards = leaf([1.0, 2.0, 3.0])
    discount = ag.broadcast_to(leaf(0.5), (3,))
    returns = ag.linear_recurrence(discount, rewards, reverse=True)
    assert returns.tolist() == [1 + 0.5 * (2 + 0.5 * 3), 2 + 0.5 * 3, 3]
    assert ag.grad(returns[0], [rewards])[0].tolist() == [1, 0.5, 0.25]


def test_several_axes_may_be_a_list_where_they_may_be_a_tuple() -> None:
    x, count = ag.ones((1, 3, 4, 1)), 0
    for op in OPS.values():
        if not {"axis", "dim"} & op.defaults.keys():
            continue
        try:
            right = op.record(x, axis=(0, 3))
        except (TypeError, ValueError):
            continue  # it takes one axis, or several inputs
        found = op.record(x, axis=[0, 3])
        for one, other in zip(np.atleast_1d(found), np.atleast_1d(right), strict=True):
            assert np.array_equal(one, other), op
        count += 1
    assert count > 20


RUNS = [
    ((64, 16, 5), 1),
    ((64, 16, 5), -2),
    ((700, 9), 0),
    ((9, 4, 30, 2, 3), (1, 2)),
    ((9, 4, 30, 2, 3), (2, -4)),
    ((9, 4, 30, 2, 3), (0, 2)),  # what is between them is no part of a run
    ((3, 700, 64), 1),
    ((3, 700, 65), 1),
    ((64, 64, 1), 1),
]


@pytest.mark.parametrize(("shape", "axis"), RUNS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_with_short_runs_behind_are_numpys_to_the_bit(
    shape: tuple[int, ...], axis: Any, dtype: str
) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    large, infinite = x * (np.finfo(dtype).max / 8), np.where(x > 2, np.inf, x)
    for keepdims in (False, True):
        for values in (x, np.asfortranarray(x), large, infinite):
            with np.errstate(all="ignore"):
                right = np.add.reduce(values, axis=axis, keepdims=keepdims)
                found = ag.sum(values, axis=axis, keepdims=keepdims)
            assert found.shape == right.shape
            assert found.dtype == right.dtype
            np.testing.assert_array_equal(found, right)


def test_a_sum_with_short_runs_behind_tells_of_an_overflow() -> None:
    with pytest.warns(RuntimeWarning, match="overflow"):
        ag.sum(np.full((64, 16, 5), 3e38, np.float32), axis=1)

"""Clipping of gradients, and all parameters as one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, GradientError, ShapeError
from nn.utils import (
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
    parameters_to_vector,
    vector_to_parameters,
)

SHAPES = [(3, 4), (), (0,), (40000,), (2, 3)]
ORDERS = [0.5, 1, 2, 2.0, 3, np.inf]


def leaf(grad: Any, name: str | None = None, dtype: str = "float64") -> Tensor:
    """A parameter with a gradient."""
    value = np.asarray(grad, dtype)
    p = Tensor(np.zeros_like(value), requires_grad=True, name=name)
    p.grad = Tensor(value)
    return p


def leaves(dtype: str = "float64", scale: float = 1.0) -> list[Tensor]:
    rng = np.random.default_rng(0)
    return [leaf(np.asarray(scale * rng.standard_normal(s)), dtype=dtype) for s in SHAPES]


def flat(params: list[Tensor]) -> np.ndarray[Any, Any]:
    return np.concatenate([p.grad.numpy().ravel() for p in params])


# ---- the norm ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_the_total_norm_is_that_of_all_gradients_as_one_vector(order: float) -> None:
    params = leaves()
    wanted = np.sum(np.abs(flat(params)) ** order) ** (1 / order)
    if order == np.inf:
        wanted = np.max(np.abs(flat(params)))
    norm = get_total_norm([p.grad for p in params], order)
    assert norm.shape == ()
    assert norm.item() == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("dtypes", [("float32",), ("float16", "float32"), ("float32", "complex64")])
def test_the_norm_has_the_common_real_dtype(dtypes: tuple[str, ...]) -> None:
    norm = get_total_norm([Tensor(np.ones(2, dtype)) for dtype in dtypes])
    assert norm.dtype == np.float32
    assert norm.item() == pytest.approx(np.sqrt(2 * len(dtypes)), rel=1e-6)


def test_the_norm_of_nothing_is_zero() -> None:
    assert get_total_norm([]).item() == 0.0
    assert get_total_norm([Tensor(np.zeros((0, 3)))], np.inf).item() == 0.0
    assert clip_grad_norm_([Tensor([1.0], requires_grad=True)], 1.0).item() == 0.0


@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_the_norm_is_right_where_single_precision_would_overflow_or_vanish(
    order: float, scale: float
) -> None:
    grads = [Tensor(np.array([3.0, 4.0], np.float32) * np.float32(scale))]
    wanted = scale * {1: 7.0, 2: 5.0, 3: 91 ** (1 / 3), np.inf: 4.0}[order]
    assert get_total_norm(grads, order).item() == pytest.approx(wanted, rel=1e-6)


def test_complex_gradients_count_with_their_absolute_values() -> None:
    grad = Tensor(np.array([3 + 4j, -12j]))
    norms = [get_total_norm(grad, order).item() for order in (1, 2, np.inf)]
    assert norms == pytest.approx([17.0, 13.0, 12.0])


# ---- clipping ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clipped_gradients_point_the_same_way_and_have_the_norm_asked_for(
    order: float, dtype: str
) -> None:
    params = leaves(dtype)
    before = flat(params)
    total = clip_grad_norm_(iter(params), 0.5, order).item()
    np.testing.assert_allclose(
        flat(params), before * (0.5 / (total + 1e-6)), rtol=4 * np.finfo(dtype).eps
    )
    norm = get_total_norm([p.grad for p in params], order)
    assert norm.item() == pytest.approx(0.5, rel=1e-5)
    assert all(p.grad.dtype == dtype for p in params)
    assert all(p.grad.shape == p.shape for p in params)


def test_gradients_within_the_norm_are_left_alone_bit_for_bit() -> None:
    params = leaves()
    before, grads = flat(params), [p.grad for p in params]
    clip_grad_norm_(params, 1e6)
    clip_grad_value_(params, 1e6)
    np.testing.assert_array_equal(flat(params), before)
    assert all(p.grad is grad for p, grad in zip(params, grads, strict=True))


def test_values_are_clipped_element_by_element() -> None:
    params = leaves()
    before = flat(params)
    clip_grad_value_(params, 0.3)
    np.testing.assert_array_equal(flat(params), np.clip(before, -0.3, 0.3))


def test_clipping_with_a_norm_that_is_known_is_clipping() -> None:
    params, others = leaves(), leaves()
    total = get_total_norm([p.grad for p in params])
    clip_grads_with_norm_(params, 0.1, total)
    clip_grad_norm_(others, 0.1)
    np.testing.assert_array_equal(flat(params), flat(others))
    clip_grads_with_norm_(others, 0.05, 0.1 - 1e-6)
    np.testing.assert_allclose(flat(others), flat(params) / 2, rtol=1e-12)


@pytest.mark.parametrize("clip", [clip_grad_norm_, clip_grad_value_])
def test_one_tensor_and_parameters_without_gradient_may_be_given(clip: Any) -> None:
    p = leaf([3.0, 4.0])
    clip(p, 1.0)
    assert np.max(p.grad.numpy()) <= 1
    bare = Tensor([1.0], requires_grad=True)
    clip([bare, leaf([1.0])], 0.5)
    assert bare.grad is None


# ---- in place, and yet nothing else changes ------------------------------------------------------

CLIPS: list[Callable[[Any], Any]] = [
    lambda params: clip_grad_norm_(params, 0.5),
    lambda params: clip_grad_value_(params, 0.5),
]


@pytest.mark.parametrize("clip", CLIPS)
def test_a_gradient_of_its_own_is_clipped_where_it_lies(clip: Any) -> None:
    w = Tensor(np.zeros(5), requires_grad=True)
    (w * np.arange(5.0)).sum().backward()
    grad = w.grad
    address = grad.numpy().__array_interface__["data"][0]
    clip([w])
    assert w.grad is grad
    assert grad.numpy().__array_interface__["data"][0] == address
    assert np.max(grad.numpy()) <= 0.5


@pytest.mark.parametrize("clip", CLIPS)
def test_what_shares_memory_with_a_gradient_keeps_its_values(clip: Any) -> None:
    array = np.array([3.0, 4.0])
    p = Tensor(np.zeros(2), requires_grad=True)
    p.grad = array  # shares
    seen, detached = p.grad.numpy(), p.grad.detach()
    part = p.grad[:1]
    clip([p])
    assert np.max(p.grad.numpy()) <= 0.5
    for other in (array, seen, detached):
        np.testing.assert_array_equal(other, [3.0, 4.0])
    assert part.item() == 3.0


@pytest.mark.parametrize("clip", CLIPS)
def test_a_gradient_that_two_parameters_share_is_clipped_once(clip: Any) -> None:
    p, q = leaf([3.0, 4.0]), leaf([3.0, 4.0])
    q.grad = p.grad
    alone = [leaf([3.0, 4.0]), leaf([3.0, 4.0])]
    clip([p, q])
    clip(alone)
    np.testing.assert_array_equal(p.grad, alone[0].grad)


@pytest.mark.parametrize("clip", CLIPS)
def test_a_recorded_gradient_leaves_the_graph_and_the_graph_its_values(clip: Any) -> None:
    x = Tensor([2.0, 3.0], requires_grad=True, dtype="float64")
    (x**3).sum().backward(create_graph=True)
    recorded = x.grad
    curvature = (recorded * recorded).sum()
    clip([x])
    assert not x.grad.requires_grad
    (ddx,) = ag.grad(curvature, x)
    np.testing.assert_allclose(ddx, 36 * np.array([2.0, 3.0]) ** 3)  # of 9x⁴


def test_clipping_in_training_bounds_every_step() -> None:
    import optim

    net = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(net.parameters(), lr=1.0)
    for _ in range(3):
        before = parameters_to_vector(net.parameters()).detach().numpy().copy()
        optimizer.zero_grad()
        (1e4 * net(Tensor(np.ones((2, 3), np.float32))) ** 2).sum().backward()
        clip_grad_norm_(net.parameters(), 0.1)
        optimizer.step()
        moved = parameters_to_vector(net.parameters()).detach().numpy() - before
        assert np.linalg.norm(moved) == pytest.approx(0.1, rel=1e-5)


# ---- norms that are not finite, and other errors -----------------------------------------------


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_norm_that_is_not_finite_is_refused_when_asked_with_nothing_changed(bad: float) -> None:
    params = [leaf([1.0, 2.0], "bias"), leaf([[bad, 1.0], [bad, 0.0]], "encoder.weight")]
    before = flat(params)
    with pytest.raises(GradientError, match=f"total norm of the gradients is {bad}") as caught:
        clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert "\n  encoder.weight: 2 of 4 elements are not finite" in str(caught.value)
    assert "bias" not in str(caught.value)
    np.testing.assert_array_equal(flat(params), before)
    with pytest.raises(GradientError, match="Tensor 1: 2 of 4 elements"):
        get_total_norm([p.grad for p in params], error_if_nonfinite=True)


def test_a_norm_that_overflows_says_so() -> None:
    with pytest.raises(GradientError, match="every element is finite: the norm overflows"):
        clip_grad_norm_(leaf([1e300, 1e300]), 1.0, error_if_nonfinite=True)


def test_without_the_check_a_norm_that_is_not_finite_makes_zeros_and_nan() -> None:
    p, q = leaf([1.0, np.inf]), leaf([1.0, np.nan])
    assert clip_grad_norm_(p, 1.0).item() == np.inf
    np.testing.assert_array_equal(p.grad, [0.0, np.nan])
    assert np.isnan(clip_grad_norm_(q, 1.0).item())
    np.testing.assert_array_equal(q.grad, [np.nan, np.nan])


def used_up() -> Any:
    generator = (p for p in [leaf([1.0])])
    list(generator)
    return generator


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: clip_grad_norm_(leaf([1.0]), -1.0), ValueError, "max_norm must not be negative, got"),
    (lambda: clip_grad_norm_(leaf([1.0]), np.nan), ValueError, "max_norm must be a finite num"),
    (lambda: clip_grad_norm_(leaf([1.0]), 1.0, 0), ValueError, "norm_type is the order of a norm"),
    (lambda: clip_grad_value_(leaf([1.0]), -1.0), ValueError, "clip_value must not be negative"),
    (lambda: clip_grad_norm_(nn.Linear(1, 1), 1.0), TypeError, r"got a Linear; write model.para"),
    (lambda: clip_grad_norm_(used_up(), 1.0), ValueError, "generator of parameters is used up"),
    (lambda: get_total_norm(Tensor([1, 2])), DTypeError, "taken of floating Tensors, got int64"),
    (
        lambda: clip_grad_value_(leaf([1j], dtype="complex128"), 1.0),
        DTypeError,
        "no order to clip by, and a gradient is complex128; use clip_grad_norm_",
    ),
    (
        lambda: vector_to_parameters(np.ones(1), [leaf([1.0])]),
        TypeError,
        "vec must be a Tensor, got",
    ),
    (
        lambda: vector_to_parameters(Tensor([1.0, 2.0]), [leaf([1.0])]),
        ShapeError,
        r"vec is \(2,\), and the parameters take \(1,\)",
    ),
    (lambda: parameters_to_vector([]), ValueError, "there are no parameters to put side by side"),
]


@pytest.mark.parametrize(("act", "error", "message"), ERRORS)
def test_what_makes_no_sense_is_refused(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


# ---- one vector --------------------------------------------------------------------------------


def test_a_vector_of_parameters_goes_back_where_it_came_from() -> None:
    net, other = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), nn.Linear(2, 3)
    other = nn.Sequential(other, nn.Linear(3, 1))
    vector_to_parameters(parameters_to_vector(net.parameters()), other.parameters())
    for p, q in zip(net.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())
        assert not np.shares_memory(p.numpy(), q.numpy())


def test_gradients_flow_through_the_vector() -> None:
    net = nn.Linear(2, 1)
    (parameters_to_vector(net.parameters()) * np.array([1, 2, 3], np.float32)).sum().backward()
    assert (net.weight.grad.tolist(), net.bias.grad.tolist()) == ([[1.0, 2.0]], [3.0])


def test_parameters_keep_their_dtype() -> None:
    p = leaf([1.0, 2.0], dtype="float32")
    vector_to_parameters(Tensor(np.array([5.0, 6.0])), [p])
    assert p.dtype == np.float32
    assert p.tolist() == [5.0, 6.0]

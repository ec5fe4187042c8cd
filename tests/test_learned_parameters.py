"""Parameters that are numbers by habit have a gradient as Tensors, where they are continuous."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import DTypeError, TraceError
from tests.numeric import ATOL, RTOL, numeric_gradient

F = nn.functional
X = np.array([[-2.1, -0.3], [0.4, 3.2]])
Z = np.zeros((2, 2))
Call = Callable[[Any, Any], Any]

CONTINUOUS: dict[str, Call] = {
    "leaky_relu": lambda x, t: ag.leaky_relu(x, t),
    "leaky_relu by name": lambda x, t: ag.leaky_relu(x, negative_slope=t),
    "elu": ag.elu,
    "celu": ag.celu,
    "softplus": lambda x, t: ag.softplus(x, beta=t),
    "softplus, linear": lambda x, t: ag.softplus(20 * x, beta=t),
    "hardtanh": lambda x, t: ag.hardtanh(x, -0.5 * t, t),
    "softshrink": ag.softshrink,
    "threshold's value": lambda x, t: ag.threshold(x, 0.1, t),
    "F.leaky_relu": F.leaky_relu,
    "F.elu": lambda x, t: F.elu(x, alpha=t),
    "F.celu": F.celu,
    "F.softplus": F.softplus,
    "F.hardtanh": lambda x, t: F.hardtanh(x, -1.0, t),
    "F.softshrink": F.softshrink,
    "F.threshold": lambda x, t: F.threshold(x, 0.1, t),
    "huber_loss": lambda x, t: F.huber_loss(x, Z, "sum", t),
    "smooth_l1_loss": lambda x, t: F.smooth_l1_loss(x, Z, "none", t),
    "smooth_l1_loss by name": lambda x, t: F.smooth_l1_loss(x, Z, beta=t),
    "attention": lambda x, t: F.scaled_dot_product_attention(x, x, x, scale=t),
    "var": lambda x, t: ag.var(x, correction=t),
    "std": lambda x, t: ag.std(x, axis=0, ddof=t),
    "np.var": lambda x, t: np.var(x, axis=1, correction=t),
    "nanvar": lambda x, t: ag.nanvar(x, correction=t),
    "quantile": ag.quantile,
    "percentile": lambda x, t: ag.percentile(x, 100 * t, axis=1),
    "nanquantile": lambda x, t: ag.nanquantile(x, t, axis=0),
    "pad": lambda x, t: ag.pad(x, 1, constant_values=t),
    "clip": lambda x, t: ag.clip(x, -t, t),
    "nan_to_num": lambda x, t: ag.nan_to_num(np.array([np.nan, np.inf, 1.0]), nan=t, posinf=2 * t),
    "trapezoid": lambda x, t: ag.trapezoid(x, dx=t),
    "gradient": lambda x, t: ag.gradient(x, t, axis=0),
    "interp": lambda x, t: ag.interp(x, [0.0, 1.0], [1.0, 2.0], left=t),
    "linspace": lambda x, t: ag.linspace(t, 2.0, 3),
    "full": lambda x, t: ag.full((2,), t),
    "cov": lambda x, t: ag.cov(x, ddof=t),
}
BY_NUMPY = {"nan_to_num"}  # of an array, which stays one
BY_VALUE = {"quantile", "percentile", "nanquantile", "attention"}  # vmap says that it is seen
JUMPS: dict[str, Call] = {
    "threshold": lambda x, t: ag.threshold(x, t, 0.0),
    "hardshrink": ag.hardshrink,
    "softplus's threshold": lambda x, t: ag.softplus(x, 1.0, t),
    "quantile": lambda x, t: ag.quantile(x, t, method="nearest"),
    "F.threshold": lambda x, t: F.threshold(x, t, 0.0),
    "F.hardshrink": F.hardshrink,
    "layer_norm": lambda x, t: F.layer_norm(x, (2,), eps=t),
    "norm": lambda x, t: ag.linalg.norm(x, ord=t),
    "isclose": lambda x, t: ag.isclose(x, 0.0, rtol=t),
    "gumbel_softmax": lambda x, t: F.gumbel_softmax(x, tau=t),
    "cross_entropy": lambda x, t: F.cross_entropy(x, np.array([0, 1]), label_smoothing=t),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_parameter_has_the_gradient_of_finite_differences(name: str) -> None:
    call, value = CONTINUOUS[name], np.array(0.7)
    x, t = ag.Tensor(X, requires_grad=True), ag.Tensor(value, requires_grad=True)
    out = call(x, t)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, out.shape)

    def number(a: Any, b: Any) -> float:
        given = ag.Tensor(b, requires_grad=True)
        return float((call(ag.Tensor(a, requires_grad=True), given) * weights).sum().detach())

    found = ag.grad((out * weights).sum(), [x, t], create_graph=True, allow_unused=True)
    for g, position in zip(found, (0, 1), strict=True):
        slopes = numeric_gradient(number, [X, value], position)
        g = np.zeros_like(slopes) if g is None else g.numpy()
        np.testing.assert_allclose(g, slopes, RTOL, ATOL)
    constant = call(ag.Tensor(X), 0.7)  # the op that takes a number gives the same
    np.testing.assert_allclose(np.asarray(constant, float), out.numpy(), rtol=1e-6)
    if not found[1].requires_grad:
        return
    (second,) = ag.grad(found[1], t, allow_unused=True)

    def slope(b: Any) -> float:
        u = ag.Tensor(b, requires_grad=True)
        (g,) = ag.grad((call(ag.Tensor(X, requires_grad=True), u) * weights).sum(), u)
        return float(g.numpy())

    expected = numeric_gradient(slope, [value], 0)
    second = np.zeros(()) if second is None else second.numpy()
    np.testing.assert_allclose(second, expected, RTOL, 10 * ATOL)


@pytest.mark.parametrize("name", JUMPS)
def test_a_parameter_at_which_a_function_jumps_or_that_is_a_number_raises(name: str) -> None:
    with pytest.raises((DTypeError, ag.errors.ArgumentError), match=r"constant|no gradient"):
        JUMPS[name](ag.Tensor(X, requires_grad=True), ag.Tensor(0.7, requires_grad=True))


@pytest.mark.parametrize("name", sorted(CONTINUOUS.keys() - BY_NUMPY))
def test_a_parameter_is_no_constant_of_a_call_that_is_traced(name: str) -> None:
    """A plan, and a batch, go by the number that each call and each example has."""
    f = CONTINUOUS[name]
    x, numbers = ag.Tensor(np.abs(X) / 4), [ag.Tensor(0.35, dtype="float64"), ag.Tensor(0.6)]
    compiled = ag.compile(lambda x, t: f(x, t))
    for t in numbers:
        np.testing.assert_allclose(compiled(x, t).numpy(), f(x, t).numpy(), rtol=1e-6)
    if name not in BY_VALUE:
        batch = ag.vmap(f, in_axes=(None, 0))(x, ag.stack(numbers))
        wanted = [f(x, t).numpy() for t in numbers]
        np.testing.assert_allclose(batch.numpy(), wanted, rtol=1e-6)


@pytest.mark.parametrize("name", ["F.threshold", "F.hardshrink", "layer_norm", "cross_entropy"])
def test_a_parameter_that_a_traced_call_has_to_see_is_named(name: str) -> None:
    f, x = JUMPS[name], ag.Tensor(X)
    with pytest.raises(TraceError, match=r"Python sees the (threshold|lambd|eps|label_smoothing) "):
        ag.vmap(f, in_axes=(None, 0))(x, ag.Tensor([0.3, 0.4]))
    with pytest.raises(TraceError, match=r"Python sees the (threshold|lambd|eps|label_smoothing) "):
        ag.compile(lambda x, t: f(x, t))(x, ag.Tensor(0.3))


def test_the_loss_of_a_learned_beta_is_that_of_its_formula() -> None:
    """|d| - β/2 beyond β, whose slope by β is -1/2 for each."""
    beta = ag.Tensor(1.0, requires_grad=True)
    F.smooth_l1_loss(ag.Tensor([11.0]), ag.Tensor([0.0]), beta=beta).backward()
    assert beta.grad is not None
    assert beta.grad.item() == -0.5


@pytest.mark.parametrize("q", [0.3, [0.0, 0.3, 1.0]])
def test_a_quantile_of_nan_is_nan_also_where_q_is_learned(q: Any) -> None:
    x = np.array([[3.0, np.nan, 1.0, 0.0], [4.0, 2.0, 1.0, 7.0]])
    at = ag.Tensor(np.array(q), requires_grad=True)
    for axis in (None, 0, 1):
        found = ag.quantile(ag.Tensor(x), at, axis=axis)
        np.testing.assert_allclose(found.detach(), np.quantile(x, q, axis=axis))
    ag.quantile(ag.Tensor(x), at, axis=1)[..., 1].sum().backward()
    assert at.grad is not None
    assert np.all(np.isfinite(at.grad))

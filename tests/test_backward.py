"""`backward`, `grad` and hooks: which gradients come out, where they go, and what they share."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import (
    BackwardError,
    FreedGraphError,
    GradientError,
    NonScalarError,
    UnusedInputError,
)


def leaf(data: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(data, dtype=np.result_type(np.float64, np.asarray(data))),
                     requires_grad=True, name=name)  # fmt: skip


def grad_of(x: ag.Tensor) -> np.ndarray[Any, Any]:
    assert x.grad is not None
    return x.grad.numpy()


# ---- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x, 3.0, 1.0),
        (lambda x: x + x, 3.0, 2.0),
        (lambda x: x - x, 3.0, 0.0),
        (lambda x: x * x, 3.0, 6.0),
        (lambda x: x * x * x, 2.0, 12.0),
        (lambda x: 1 / x, 2.0, -0.25),
        (lambda x: x / (x + 1), 1.0, 0.25),
        (lambda x: -x, 3.0, -1.0),
        (lambda x: 5 - x, 3.0, -1.0),
        (lambda x: x**3, 2.0, 12.0),
        (lambda x: 2**x, 3.0, 8 * math.log(2)),
        (lambda x: x.exp(), 1.0, math.e),
        (lambda x: x.tanh(), 0.0, 1.0),
        (lambda x: (x * x).exp() * x, 1.0, 3 * math.e),
    ],
)
def test_derivatives_of_one_variable(f: Callable[[Any], Any], x: float, expected: float) -> None:
    t = leaf(x)
    f(t).backward()
    assert t.grad is not None
    assert t.grad.item() == pytest.approx(expected, rel=1e-14)
    assert t.grad.shape == ()


def test_a_diamond_sums_over_its_paths() -> None:
    x = leaf(2.0)
    a = x * x  # da/dx = 4
    (a * x + a).backward()  # 3x² + 2x
    assert grad_of(x) == 16.0


def test_backward_adds_to_grad() -> None:
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    first = x.grad
    (x * x).sum().backward()
    np.testing.assert_array_equal(grad_of(x), [5.0, 7.0])
    assert first is not None
    assert first.tolist() == [3.0, 3.0]  # a value: what was read before does not change


def test_constants_get_no_gradient() -> None:
    x, c = leaf(2.0), ag.Tensor(3.0)
    (x * c).backward()
    assert c.grad is None
    assert grad_of(x) == 3.0


@pytest.mark.parametrize("gradient", [
    [1.0, 10.0], np.array([1.0, 10.0]), ag.Tensor([1.0, 10.0]), np.array([1, 10]),
    np.array([1, 10], np.float32),
], ids=["list", "array", "Tensor", "int", "float32"])  # fmt: skip
def test_the_gradient_argument_is_the_cotangent(gradient: Any) -> None:
    x = leaf([2.0, 3.0])
    (x * x).backward(gradient)
    np.testing.assert_array_equal(grad_of(x), [4.0, 60.0])
    assert grad_of(x).dtype == np.float64


def test_a_0d_gradient_may_be_a_python_number() -> None:
    x = leaf(2.0)
    (x * x).backward(0.5)
    assert grad_of(x) == 2.0


def test_one_element_of_any_shape_is_a_scalar() -> None:
    x = leaf([[3.0]])
    (x * x).backward()
    np.testing.assert_array_equal(grad_of(x), [[6.0]])


def test_backward_from_a_leaf() -> None:
    x = leaf(3.0)
    x.backward()
    x.backward()
    assert grad_of(x) == 2.0


def test_inputs_restricts_where_gradients_go() -> None:
    x, w = leaf(2.0), leaf(5.0)
    hidden = x * w
    (hidden * hidden).backward(inputs=w, retain_graph=True)
    assert x.grad is None
    assert grad_of(w) == 2 * 10 * 2
    (hidden * hidden).backward(inputs=[hidden])
    assert grad_of(hidden) == 20.0
    assert x.grad is None


def test_inputs_must_not_be_empty() -> None:
    with pytest.raises(BackwardError, match="inputs"):
        (leaf(2.0) * 2).backward(inputs=[])


# ---- broadcasting and dtypes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3,)), ((2, 3), ()), ((2, 1), (1, 3)), ((3,), (2, 1)), ((4, 1, 3), (2, 1)),
     ((0, 3), (3,)), ((0, 3), (1, 1)), ((1,), ()), ((1, 1), (0,)), ((2, 3), (2, 3))],
    ids=str,
)  # fmt: skip
def test_gradients_are_summed_back_to_the_shape_of_their_input(
    left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    x, y = leaf(a), leaf(b)
    out = x * y
    g = rng.normal(size=out.shape)
    out.backward(g)
    full = np.broadcast_shapes(left, right)

    def back(values: Any, shape: tuple[int, ...]) -> Any:
        """Sum by hand: one element of the full array at a time."""
        result = np.zeros(shape)
        for index in np.ndindex(full):
            own = index[len(full) - len(shape) :]
            own = tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))
            result[own] += values[index]
        return result

    np.testing.assert_allclose(grad_of(x), back(g * np.broadcast_to(b, full), left), rtol=1e-12)
    np.testing.assert_allclose(grad_of(y), back(g * np.broadcast_to(a, full), right), rtol=1e-12)
    assert grad_of(x).shape == left
    assert grad_of(y).shape == right


@pytest.mark.parametrize("low", ["float16", "float32"])
def test_each_gradient_has_the_dtype_of_its_input(low: str) -> None:
    x = ag.Tensor(np.array([1.0, 2.0], low), requires_grad=True)
    y = leaf([3.0, 4.0])
    z = ag.Tensor(np.array(2.0, low), requires_grad=True)
    out = x * y * z
    assert out.dtype == np.float64
    out.sum().backward()
    np.testing.assert_array_equal(grad_of(x), [6.0, 8.0])
    np.testing.assert_array_equal(grad_of(y), [2.0, 4.0])
    assert grad_of(z) == 11.0
    assert [t.grad.dtype for t in (x, y, z) if t.grad is not None] == [low, "float64", low]


def test_fan_out_to_both_precisions() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    (x.astype("float64") * 3 + x * 2).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [5.0, 5.0]


# ---- complex -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        # PyTorch's convention: dL/dRe + i dL/dIm, which is 2 dL/d(conj z); holomorphic: conj(f')
        (lambda z: ag.abs(z) ** 2, lambda z: 2 * z),
        (lambda z: ag.real(z * ag.conj(z)), lambda z: 2 * z),
        (ag.real, lambda z: np.ones_like(z)),
        (ag.imag, lambda z: 1j * np.ones_like(z)),
        (lambda z: ag.real(z * z), lambda z: np.conj(2 * z)),
        (lambda z: ag.real(ag.exp(z)), lambda z: np.conj(np.exp(z))),
        (lambda z: ag.imag(ag.exp(z)), lambda z: 1j * np.conj(np.exp(z))),
        (lambda z: ag.real(1 / z), lambda z: np.conj(-1 / z**2)),
        (lambda z: ag.real(z * (2 - 3j)), lambda z: (2 + 3j) * np.ones_like(z)),
        (ag.abs, lambda z: z / np.abs(z)),
    ],
)
def test_complex_gradients_follow_pytorch(
    f: Callable[[Any], Any], expected: Callable[[Any], Any]
) -> None:
    z = np.array([1 + 2j, -0.5 + 0.3j])
    t = leaf(z)
    f(t).sum().backward()
    np.testing.assert_allclose(grad_of(t), expected(z), rtol=1e-13)


def test_a_real_input_of_a_complex_result_gets_a_real_gradient() -> None:
    x = leaf([1.0, 2.0])
    ag.imag(x * (2 + 3j)).sum().backward()
    assert grad_of(x).dtype == np.float64
    np.testing.assert_array_equal(grad_of(x), [3.0, 3.0])


def test_a_complex_gradient_argument_is_a_gradient_itself() -> None:
    z = leaf([1 + 2j])
    z.backward([3 + 4j])
    np.testing.assert_array_equal(grad_of(z), [3 + 4j])


def test_a_complex_scalar_needs_a_gradient() -> None:
    with pytest.raises(NonScalarError, match=r"complex scalar needs a gradient.*\n?.*y\.real"):
        (leaf(1j) * 2).backward()


def test_a_complex_gradient_for_a_real_tensor_is_refused() -> None:
    with pytest.raises(GradientError, match="gradient is complex128 and the Tensor is float64"):
        (leaf([1.0]) * 2).backward(np.array([1j]))


# ---- a kept gradient is its own ------------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
def test_grad_aliases_neither_the_seed_nor_another_gradient(create_graph: bool) -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = ag.Tensor(np.array([1.0, 1.0]))
    (x + y).backward(seed, create_graph=create_graph)
    assert x.grad is not None
    assert y.grad is not None
    for a, b in ((x.grad, y.grad), (x.grad, seed), (y.grad, seed)):
        assert a is not b
        assert not np.shares_memory(a.numpy(), b.numpy())
    with ag.no_grad():
        x.grad *= 10.0
    assert y.grad.tolist() == [1.0, 1.0]
    assert seed.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x,
        lambda x, y: x + y,
        lambda x, y: x.reshape((1, 2)) + y,
        lambda x, y: x[::-1] + y.reshape((2,)),
        lambda x, y: x + x,
        lambda x, y: (x + 1) + (y + 1),
        lambda x, y: x.reshape((2, 1)).reshape((2,)),
    ],
)
def test_every_kept_gradient_is_writable_memory_of_its_own(f: Callable[..., Any]) -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    out = f(x, y)
    seed = np.ones(out.shape)
    out.backward(seed)
    grads = [t.grad._value for t in (x, y) if t.grad is not None]
    for i, g in enumerate(grads):
        assert g.flags.writeable
        assert g.base is None
        assert not np.shares_memory(g, seed)
        assert not any(np.shares_memory(g, other) for other in grads[i + 1 :])
        for value in (x, y, out):
            assert not np.shares_memory(g, value.numpy())


def test_the_gradient_of_a_sum_is_a_full_array() -> None:
    x = leaf(np.zeros((3, 4)))
    x.sum().backward()
    assert grad_of(x).strides == (32, 8)
    assert x.grad is not None
    with ag.no_grad():
        x.grad[0, 0] = 5.0
    assert x.grad.tolist()[1] == [1.0] * 4


def test_a_retained_gradient_and_its_leafs_are_apart() -> None:
    x = leaf([1.0, 2.0])
    y = x + 1
    y.retain_grad()
    y.backward(np.ones(2))
    assert x.grad is not None
    assert y.grad is not None
    assert not np.shares_memory(x.grad.numpy(), y.grad.numpy())


def test_recorded_gradients_are_tensors_of_their_own() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    dx, dy = ag.grad(x + y, [x, y], np.ones(2), create_graph=True)
    dx *= 2.0
    assert dx.tolist() == [2.0, 2.0]
    assert dy.tolist() == [1.0, 1.0]


def test_gradients_of_grad_are_apart() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    z = x + y
    found = ag.grad(z, [x, y, z, x], np.ones(2))
    for i, a in enumerate(found):
        for b in found[i + 1 :]:
            assert not np.shares_memory(a.numpy(), b.numpy())


# ---- grad ----------------------------------------------------------------------------------------


def test_grad_leaves_dot_grad_alone_and_follows_the_order_of_inputs() -> None:
    x, y = leaf(2.0), leaf(5.0)
    z = x * x * y
    dy, dx = ag.grad(z, [y, x])
    assert (dx.item(), dy.item()) == (20.0, 4.0)
    assert x.grad is None
    assert y.grad is None
    assert not dx.requires_grad


def test_grad_of_a_single_input_is_a_tuple() -> None:
    x = leaf(2.0)
    found = ag.grad(x * x, x)
    assert isinstance(found, tuple)
    assert [g.item() for g in found] == [4.0]


def test_grad_with_respect_to_an_intermediate() -> None:
    x = leaf(2.0)
    y = x * 3
    z = y * y
    dz_dy, dz_dx = ag.grad(z, (y, x))
    assert (dz_dy.item(), dz_dx.item()) == (12.0, 36.0)


def test_several_outputs_sum_with_their_cotangents() -> None:
    x = leaf(2.0)
    a, b = x * x, x * 3
    assert ag.grad([a, b], x, retain_graph=True)[0].item() == 7.0
    assert ag.grad([a, b], x, [10.0, None], retain_graph=True)[0].item() == 43.0
    assert ag.grad([a, b], x, [ag.Tensor(1.0), np.float64(-1.0)])[0].item() == 1.0


def test_the_same_output_twice_counts_twice() -> None:
    x = leaf(2.0)
    y = x * x
    assert ag.grad([y, y], x)[0].item() == 8.0


def test_an_output_that_is_itself_an_input() -> None:
    x = leaf(2.0)
    y = x * x
    assert ag.grad(y, y, retain_graph=True)[0].item() == 1.0
    dy, dx = ag.grad(y, [y, x])
    assert (dy.item(), dx.item()) == (1.0, 4.0)
    assert ag.grad(x, x)[0].item() == 1.0
    assert ag.grad([x, x * x], x)[0].item() == 5.0


def test_grad_runs_no_rule_below_its_inputs() -> None:
    x = leaf(2.0)
    y = x * x
    z = y * 3
    assert ag.grad(z, y)[0].item() == 3.0  # neither needs nor frees what y saved
    y.backward()
    assert grad_of(x) == 4.0
    assert ag.grad(y, y)[0].item() == 1.0


def test_an_output_below_another_output() -> None:
    x = leaf(2.0)
    y = x * 3
    z = y * y
    dx, dy = ag.grad([z, y], [x, y])
    assert (dx.item(), dy.item()) == (39.0, 13.0)


def test_an_unused_input_raises_or_gives_none() -> None:
    x, other = leaf(2.0), leaf(1.0, name="other")
    with pytest.raises(
        UnusedInputError, match=r"do not depend on input 1 \(other\)(.|\n)*allow_un"
    ):
        ag.grad(x * x, [x, other])
    dx, none = ag.grad(x * x, [x, other], allow_unused=True)
    assert dx.item() == 4.0
    assert none is None


def test_an_input_that_was_used_with_weight_zero_gets_zero() -> None:
    x = leaf(2.0)
    assert ag.grad(x * 0, x)[0].item() == 0.0


def test_grad_does_not_run_what_leads_to_no_input() -> None:
    x, y = leaf(2.0), leaf(3.0)
    a, b = x * x, y * y
    b.backward()  # frees y's branch
    assert ag.grad(a + b, x)[0].item() == 4.0


# ---- freed graphs --------------------------------------------------------------------------------


def test_a_second_backward_raises_unless_the_graph_is_retained() -> None:
    x = leaf(2.0)
    y = x * x
    y.name = "squared"
    y.backward(retain_graph=True)
    y.backward()
    assert grad_of(x) == 8.0
    with pytest.raises(
        FreedGraphError, match=r"second time: .* what squared had saved(.|\n)*retain_"
    ):
        y.backward()


def test_create_graph_retains_the_graph() -> None:
    x = leaf(2.0)
    y = x * x
    ag.grad(y, x, create_graph=True)
    assert ag.grad(y, x)[0].item() == 4.0


def test_a_freed_part_is_enough_to_raise() -> None:
    x = leaf(2.0)
    shared = x * x
    (shared * 3).backward()
    with pytest.raises(FreedGraphError, match="record it again"):
        (shared * 5).backward()


# ---- higher order --------------------------------------------------------------------------------


def test_the_tenth_derivative_of_exp_2x() -> None:
    x = leaf(0.3)
    y = (x * 2).exp()
    for _ in range(10):
        (y,) = ag.grad(y, x, create_graph=True)
    assert y.item() == pytest.approx(1024 * math.exp(0.6), rel=1e-13)


@pytest.mark.parametrize(("order", "expected"), [(1, 4 * 8.0), (2, 12 * 4.0), (3, 48.0), (4, 24.0)])
def test_derivatives_of_a_monomial(order: int, expected: float) -> None:
    x = leaf(2.0)
    y = x * x * x * x
    for _ in range(order):
        (y,) = ag.grad(y, x, create_graph=True)
    assert y.item() == expected


def test_backward_with_create_graph_records_dot_grad() -> None:
    x = leaf([1.0, 2.0])
    (x * x * x).sum().backward(create_graph=True)
    assert x.grad is not None
    assert x.grad.requires_grad
    (hessian_sum,) = ag.grad(x.grad.sum(), x)
    np.testing.assert_array_equal(hessian_sum.numpy(), [6.0, 12.0])
    x.grad = None


def test_mixed_second_derivatives_are_symmetric() -> None:
    x, y = leaf(0.7), leaf(-0.4)
    z = (x * x * y).tanh() * (x / (y * y + 1))
    dx, dy = ag.grad(z, [x, y], create_graph=True)
    (dxy,) = ag.grad(dx, y, retain_graph=True)
    (dyx,) = ag.grad(dy, x)
    assert dxy.item() == pytest.approx(dyx.item(), rel=1e-13)


def test_create_graph_works_under_no_grad() -> None:
    x = leaf(3.0)
    y = x * x * x
    with ag.no_grad():
        (dx,) = ag.grad(y, x, create_graph=True)
    assert dx.requires_grad
    assert ag.grad(dx, x)[0].item() == 18.0


def test_a_cotangent_may_be_differentiated() -> None:
    """The double-backward trick: the vjp is linear in its cotangent, so its gradient is a jvp."""
    x, v = leaf([1.0, 2.0]), leaf([1.0, 1.0])
    (vjp,) = ag.grad(x * x, x, v, create_graph=True)
    (jvp,) = ag.grad(vjp, v, np.array([1.0, 10.0]))
    np.testing.assert_array_equal(jvp.numpy(), [2.0, 40.0])


def test_complex_second_derivatives() -> None:
    z = leaf([1 + 2j])
    (dz,) = ag.grad(ag.real(z * z * z).sum(), z, create_graph=True)  # conj(3 z²)
    (ddz,) = ag.grad(ag.real(dz).sum(), z)  # conj(6 z)
    np.testing.assert_allclose(ddz.numpy(), np.conj(6 * np.array([1 + 2j])), rtol=1e-14)


# ---- what cannot be differentiated ---------------------------------------------------------------


def test_several_elements_need_a_gradient() -> None:
    y = leaf([1.0, 2.0], name="x") * 2
    with pytest.raises(NonScalarError, match=r"has shape \(2,\)(.|\n)*y\.sum\(\)\.backward\(\)"):
        y.backward()
    with pytest.raises(NonScalarError, match="backward needs a scalar, and x has shape"):
        leaf([1.0, 2.0], name="x").backward()


def test_an_empty_tensor_needs_a_gradient() -> None:
    with pytest.raises(NonScalarError, match=r"\(0,\)"):
        leaf([]).backward()


@pytest.mark.parametrize("gradient", [np.ones(3), np.ones((2, 1)), 1.0])
def test_the_gradient_must_have_the_shape_of_the_tensor(gradient: Any) -> None:
    with pytest.raises(GradientError, match=r"gradient is .* and the Tensor is \(2,\)"):
        (leaf([1.0, 2.0]) * 2).backward(gradient)


def test_a_tensor_outside_the_graph_says_why() -> None:
    x = leaf(1.0)
    c = ag.Tensor(1.0, name="c") * 2
    with pytest.raises(
        BackwardError, match=r"none of the inputs .* requires grad(.|\n)*Make a leaf"
    ):
        c.backward()
    with ag.no_grad():
        y = x * 2
        with pytest.raises(BackwardError, match=r"recording is off here \(no_grad\)"):
            y.backward()
    with pytest.raises(BackwardError, match="does not require grad"):
        x.astype("int64").backward()


@pytest.mark.parametrize(
    "value", [1.0, np.ones(2), np.float64(1.0), None], ids=["float", "array", "scalar", "None"]
)
def test_only_tensors_can_be_differentiated(value: Any) -> None:
    x = leaf(1.0)
    with pytest.raises(BackwardError, match="expected a Tensor to differentiate, got"):
        ag.grad(value, x)
    with pytest.raises(BackwardError, match=r"inputs: '.*' does not require grad"):
        ag.grad(x * 2, value)
    with pytest.raises(BackwardError, match="inputs: c does not require grad"):
        ag.grad(x * 2, ag.Tensor(1.0, name="c"))


def test_grad_outputs_must_pair_up_with_outputs() -> None:
    x = leaf(1.0)
    with pytest.raises(GradientError, match="grad: 2 outputs but 1 grad_outputs"):
        ag.grad([x * 2, x * 3], x, [1.0])


# ---- hooks ---------------------------------------------------------------------------------------


def test_hooks_see_the_gradient_in_order_and_may_replace_it() -> None:
    x = leaf([1.0, 2.0])
    y = x * 3
    seen: list[Any] = []
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.sum().backward()
    assert seen == [[1.0, 1.0], [10.0, 10.0]]
    np.testing.assert_array_equal(grad_of(x), [30.0, 30.0])


def test_a_hook_on_a_leaf_changes_what_grad_receives() -> None:
    x = leaf(2.0)
    x.register_hook(lambda g: -g)
    (x * x).backward()
    assert grad_of(x) == -4.0


def test_a_hook_sees_the_sum_over_all_uses_once() -> None:
    x = leaf(2.0)
    y = x * 1
    seen: list[float] = []
    y.register_hook(lambda g: seen.append(g.item()))
    (y * 3 + y * 4).backward()
    assert seen == [7.0]


def test_a_hook_can_be_removed_even_by_itself() -> None:
    x = leaf(2.0)
    calls: list[str] = []
    first = x.register_hook(lambda g: calls.append("first"))
    second = x.register_hook(lambda g: (calls.append("second"), second.remove())[0])
    with x.register_hook(lambda g: calls.append("scoped")):
        (x * 2).backward()
    first.remove()
    first.remove()  # does nothing
    (x * 2).backward()
    assert calls == ["first", "second", "scoped"]
    assert grad_of(x) == 4.0


def test_what_a_hook_does_to_its_argument_reaches_no_other_gradient() -> None:
    x = leaf([1.0, 2.0])
    y = leaf([1.0, 2.0])

    def spoil(g: ag.Tensor) -> None:
        g[0] = 100.0
        g *= 2.0

    x.register_hook(spoil)
    for create_graph in (False, True):
        dx, dy = ag.grad(x + y, [x, y], np.ones(2), create_graph=create_graph)
        assert dx.tolist() == [200.0, 2.0]
        assert dy.tolist() == [1.0, 1.0]


def test_a_hook_on_a_complex_tensor_sees_the_users_gradient() -> None:
    z = leaf([1 + 2j])
    seen: list[Any] = []
    z.register_hook(lambda g: seen.append(g.tolist()))
    (ag.abs(z) ** 2).sum().backward()
    np.testing.assert_allclose(seen[0], [2 + 4j], rtol=1e-14)
    np.testing.assert_allclose(grad_of(z), [2 + 4j], rtol=1e-14)


def test_what_a_hook_returns_must_fit() -> None:
    x = leaf([1.0, 2.0], name="x")
    x.register_hook(lambda g: np.ones(3))
    with pytest.raises(
        GradientError, match=r"a hook on x returned .* shape \(3,\) .* shape \(2,\)"
    ):
        (x * 2).sum().backward()


def test_a_hook_must_be_callable_on_a_tensor_in_the_graph() -> None:
    with pytest.raises(TypeError, match="a hook is a function of the gradient, not int"):
        leaf(1.0).register_hook(3)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match=r"register_hook: .* does not require grad"):
        ag.Tensor(1.0).register_hook(print)


def test_backward_inside_a_hook() -> None:
    x, w = leaf(2.0), leaf(3.0)
    y = x * x

    def inner(g: ag.Tensor) -> None:
        (w * w * g).backward()

    y.register_hook(inner)
    (y * 5).backward()
    assert grad_of(x) == 20.0
    assert grad_of(w) == 2 * 3.0 * 5.0


def test_an_error_in_a_hook_passes_and_the_engine_works_on() -> None:
    x = leaf(2.0)
    y = x * 2
    handle = y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.backward()
    handle.remove()
    (x * 3).backward()
    assert grad_of(x) == 3.0


# ---- threads -------------------------------------------------------------------------------------


def run_in_threads(*functions: Callable[[], None]) -> None:
    errors: list[BaseException] = []

    def guarded(function: Callable[[], None]) -> None:
        try:
            function()
        except Exception as error:  # noqa: BLE001 (raised below)
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_two_threads_run_backward_at_once() -> None:
    leaves = [leaf(np.full(1000, k + 1.0)) for k in range(2)]

    def work(x: ag.Tensor) -> Callable[[], None]:
        def loop() -> None:
            for _ in range(100):
                (x * x).sum().backward()

        return loop

    run_in_threads(*map(work, leaves))
    for k, x in enumerate(leaves):
        np.testing.assert_array_equal(grad_of(x), np.full(1000, 200.0 * (k + 1)))


def test_no_contribution_to_a_shared_leaf_is_lost() -> None:
    x = leaf(np.ones(200_000))

    def loop() -> None:
        for _ in range(60):
            (x * 1.0).backward(ones)

    ones = np.ones(200_000)
    run_in_threads(loop, loop, loop)
    assert np.unique(grad_of(x)).tolist() == [180.0]


def test_a_gradient_that_is_a_view_of_memory_that_nothing_else_has_is_kept_without_a_copy() -> None:
    made = []

    def spy(g: ag.Tensor) -> None:
        made.append(g.numpy().__array_interface__["data"][0])

    x = ag.Tensor(np.ones((64, 64), np.float32), requires_grad=True)
    y = x.reshape(-1)
    y.register_hook(spy)
    (y * y).sum().backward()
    assert x.grad.numpy().__array_interface__["data"][0] == made[0]

    seed = np.ones(4096, np.float32)
    shown = ag.Tensor(seed)
    for given in (seed, seed[:], shown):
        x.grad = None
        x.reshape(-1).backward(given)
        assert not np.shares_memory(x.grad.numpy(), seed)
        assert not np.shares_memory(x.grad.numpy(), shown.numpy())

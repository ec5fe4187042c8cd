"""Forward mode: tangents agree with differences and with reverse mode, op by op and as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import op
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from autograd.errors import DTypeError, OpDefinitionError, ShapeError
from autograd.transforms.forward_mode import has_own_jvp
from tests.by_op import by_op
from tests.numeric import ATOL, RTOL, STEP
from tests.test_ops import DIFFERENTIABLE, SMOOTH, call, outputs, wanted

# Where each op is a node of its own; composites are pushed through, node by node.
OWN = [case for case in DIFFERENTIABLE if has_own_jvp(case.values[0])]


def tensor(*data: Any, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(np.array(data), dtype=dtype)


def tangents(sample: Sample, positions: list[int]) -> list[Any]:
    return [
        draw(
            *np.shape(sample.inputs[p]),
            seed=("tangent", p),
            complex_=np.asarray(sample.inputs[p]).dtype.kind == "c",
        )
        for p in positions
    ]


def moved(op: Op, sample: Sample, positions: list[int]) -> Callable[..., Any]:
    """The op as a function of the inputs that may move."""

    def f(*given: Any) -> Any:
        inputs = list(sample.inputs)
        for p, x in zip(positions, given, strict=True):
            inputs[p] = x
        return tuple(outputs(call(op, sample, inputs)))

    return f


def primals(sample: Sample, positions: list[int]) -> list[Any]:
    return [ag.Tensor(x, dtype=np.asarray(x).dtype) for x in (sample.inputs[p] for p in positions)]


# ---- every op ------------------------------------------------------------------------------------


@by_op(("op", "sample"), SMOOTH)
def test_tangent_agrees_with_differences(op: Op, sample: Sample) -> None:
    positions = wanted(op, sample)
    f, xs, ts = (
        moved(op, sample, positions),
        primals(sample, positions),
        tangents(sample, positions),
    )

    def difference(h: float) -> list[Any]:
        ends = []
        for sign in (h, -h):
            at = [x.numpy() + sign * t for x, t in zip(xs, ts, strict=True)]
            ends.append([np.asarray(y) for y in f(*at)])
        with np.errstate(invalid="ignore"):  # ∞ − ∞, of nothing
            return [np.nan_to_num(a - b) / (2 * h) for a, b in zip(*ends, strict=True)]

    values, pushed = ag.jvp(f, xs, ts)
    expected = [
        (4 * a - b) / 3 for a, b in zip(difference(STEP / 2), difference(STEP), strict=True)
    ]
    for mine, value, theirs in zip(pushed, values, expected, strict=True):
        assert (mine.shape, mine.dtype) == (value.shape, value.dtype)
        scale = np.max(np.abs(theirs), initial=1.0)
        np.testing.assert_allclose(mine.numpy(), theirs, RTOL, ATOL * scale)


@by_op(("op", "sample"), OWN)
def test_a_forward_rule_of_its_own_is_the_transpose_of_the_backward_one(
    op: Op, sample: Sample
) -> None:
    """Also at kinks and edges: what is chosen there must be the same in both directions."""
    positions = wanted(op, sample)
    f, xs, ts = (
        moved(op, sample, positions),
        primals(sample, positions),
        tangents(sample, positions),
    )
    with np.errstate(all="ignore"):
        values, pushed = ag.jvp(f, xs, ts)
        leaves = [x.detach().requires_grad_() for x in xs]
        results = [y for y in f(*leaves) if y.requires_grad]
        if not results:
            assert all(not np.any(t.numpy()) for t in pushed)
            return
        us = [draw(*y.shape, seed=i, complex_=y.dtype.kind == "c") for i, y in enumerate(values)]
        pulled = ag.grad(results, leaves, us, allow_unused=True)
    forward = [np.conj(u) * t.numpy() for u, t in zip(us, pushed, strict=True)]
    reverse = [np.conj(g.numpy()) * t for g, t in zip(pulled, ts, strict=True) if g is not None]
    size = sum(np.sum(np.abs(part)) for part in (*forward, *reverse))
    if np.isfinite(size):
        apart = sum(np.sum(p.real) for p in forward) - sum(np.sum(p.real) for p in reverse)
        assert abs(apart) <= 1e-13 * size


def test_most_ops_that_are_not_elementwise_have_a_forward_rule_of_their_own() -> None:
    others = {
        name
        for name, op in OPS.items()
        if (op.rules or op.joint) and not op.elementwise and not has_own_jvp(op)
    }
    assert {
        "matmul",
        "sum",
        "getitem",
        "softmax",
        "max",
        "sort",
        "einsum",
        "linear",
    } & others == set()


# ---- functions -----------------------------------------------------------------------------------


def mlp(x: Any, w1: Any, b1: Any, w2: Any) -> Any:
    return ag.softmax(ag.tanh(ag.linear(x, w1, b1)) @ w2)


MLP = [ag.Tensor(draw(*shape, seed=shape)) for shape in ((4, 5), (6, 5), (6,), (6, 3))]


def test_forward_and_reverse_agree_on_a_network() -> None:
    ts = [draw(*x.shape, seed="t") for x in MLP]
    value, pushed = ag.jvp(mlp, MLP, ts)
    leaves = [x.detach().requires_grad_() for x in MLP]
    u = draw(*value.shape, seed="u")
    pulled = ag.grad(mlp(*leaves), leaves, u)
    reverse = sum(np.sum(g.numpy() * t) for g, t in zip(pulled, ts, strict=True))
    assert np.sum(u * pushed.numpy()) == pytest.approx(reverse, rel=1e-12)


def test_outputs_come_back_as_f_returns_them() -> None:
    x = tensor(1.0, 2.0)
    for make, kind in ((tuple, tuple), (list, list)):
        values, pushed = ag.jvp(lambda x, make=make: make([x * x, x.sum()]), [x], [x])
        assert type(values) is type(pushed) is kind
        assert [t.tolist() for t in pushed] == [[2.0, 8.0], 3.0]
    assert ag.jvp(lambda x: (), [x], [x]) == ((), ())


def test_what_does_not_depend_on_the_primals_has_the_tangent_0() -> None:
    constant, count = tensor(3.0), ag.Tensor([1, 2])
    values, pushed = ag.jvp(lambda x: (constant, count, x.detach()), [tensor(1.0)], [tensor(1.0)])
    assert [t.tolist() for t in pushed] == [[0.0], [0, 0], [0.0]]
    assert [t.dtype for t in pushed] == [y.dtype for y in values]


def test_arguments_beside_the_primals_are_constants() -> None:
    w = ag.Tensor(np.array([3.0, 4.0]), requires_grad=True)
    value, pushed = ag.jvp(lambda x: w * x, [tensor(1.0, 2.0)], [tensor(1.0, 10.0)])
    assert (value.tolist(), pushed.tolist()) == ([3.0, 8.0], [3.0, 40.0])


def test_a_tensor_that_comes_in_twice_is_pushed_twice() -> None:
    x = ag.Tensor(np.array([[2.0, 1.0], [1.0, 3.0]]), requires_grad=True)
    for f in (lambda x: x * x, lambda x: x @ x, lambda x: ag.linalg.solve(x, x), ag.atan2):
        arguments = (x, x) if f is ag.atan2 else (x,)
        t = draw(2, 2, seed=1)
        _, pushed = ag.jvp(f, arguments, (t,) * len(arguments))
        h = 1e-6
        ends = [f(*[x.numpy() + s * t] * len(arguments)) for s in (h, -h)]
        np.testing.assert_allclose(pushed.numpy(), (ends[0] - ends[1]) / (2 * h), atol=1e-8)


def test_float32_stays_float32() -> None:
    _, pushed = ag.jvp(lambda x: 2.0 * x.tanh() + 1.0, [ag.Tensor([0.5])], [ag.Tensor([1.0])])
    assert pushed.dtype == np.float32


def test_a_complex_tangent_follows_the_real_linear_derivative() -> None:
    z, t = np.array([1 + 2j, -0.5j]), np.array([0.5 - 1j, 2 + 0j])
    for f, expected in (
        (lambda z: z * z, 2 * z * t),
        (lambda z: np.abs(z), (np.conj(z) * t).real / np.abs(z)),
        (lambda z: np.conj(z) * z, np.conj(t) * z + np.conj(z) * t),
    ):
        _, pushed = ag.jvp(f, [ag.Tensor(z)], [ag.Tensor(t)])
        np.testing.assert_allclose(pushed.numpy(), expected, rtol=1e-14)


def test_one_pass_whatever_the_number_of_outputs() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(1)
        return x * np.ones(1000)

    ag.jvp(f, [tensor(1.0)], [tensor(1.0)])
    assert len(calls) == 1


# ---- modes on top of each other ------------------------------------------------------------------


def cube(x: Any) -> Any:
    return (x**3).sum()


def test_forward_over_reverse_is_a_hessian_vector_product() -> None:
    def gradient(x: Any) -> Any:
        return ag.grad(cube(x), x, create_graph=True)[0]

    _, pushed = ag.jvp(gradient, [tensor(1.0, 2.0)], [tensor(1.0, 10.0)])
    assert pushed.tolist() == [6.0, 120.0]


def test_reverse_over_forward_is_one_too() -> None:
    x = tensor(1.0, 2.0).requires_grad_()
    value, pushed = ag.jvp(cube, [x], [tensor(1.0, 10.0)])
    assert pushed.tolist() == 123.0
    pushed.backward()
    assert x.grad.tolist() == [6.0, 120.0]
    assert ag.grad(value, x)[0].tolist() == [3.0, 12.0]


def test_forward_over_forward_is_a_second_derivative() -> None:
    def slope(x: Any) -> Any:
        return ag.jvp(ag.sin, [x], [np.ones(2)])[1]

    _, pushed = ag.jvp(slope, [tensor(0.5, 1.0)], [np.ones(2)])
    np.testing.assert_allclose(pushed.numpy(), -np.sin([0.5, 1.0]), rtol=1e-14)


def test_tensors_beside_the_primals_get_gradients_of_the_tangent() -> None:
    w = ag.Tensor(np.array([3.0, 4.0]), requires_grad=True)
    scaled = w * 2.0
    _, pushed = ag.jvp(lambda x: ag.sin(scaled * x).sum(), [tensor(1.0, 2.0)], [np.ones(2)])
    pushed.backward()
    z = 2 * w.numpy() * np.array([1.0, 2.0])
    expected = 2 * np.cos(z) - 2 * w.numpy() * np.sin(z) * 2 * np.array([1.0, 2.0])
    np.testing.assert_allclose(w.grad.numpy(), expected, rtol=1e-13)


def test_under_no_grad_the_result_is_not_recorded() -> None:
    x = tensor(1.0).requires_grad_()
    with ag.no_grad():
        value, pushed = ag.jvp(cube, [x], [tensor(1.0)])
    assert pushed.tolist() == 3.0
    assert not value.requires_grad
    assert not pushed.requires_grad


def test_a_transposed_pullback_can_be_differentiated_too() -> None:
    x = ag.Tensor(draw(3, 3) + 4 * np.eye(3), requires_grad=True)
    t = draw(3, 3, seed=1)
    assert not has_own_jvp(OPS["cholesky"])

    def slope(x: Any) -> Any:
        return ag.jvp(lambda x: ag.linalg.cholesky(x @ x.mT), [x], [t])[1].sum()

    assert ag.gradcheck(slope, x)


def test_layers_are_functions_too() -> None:
    layer = nn.Linear(3, 2, rng=0)
    x = ag.Tensor(draw(4, 3).astype("float32"))
    _, pushed = ag.jvp(layer, [x], [x])
    np.testing.assert_allclose(pushed.numpy(), x.numpy() @ layer.weight.numpy().T, rtol=1e-5)


# ---- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "primals", "tangents", "error", "message"),
    [
        (ag.sin, tensor(1.0), tensor(1.0), TypeError, "jvp: primals must be a sequence, got"),
        (ag.sin, (tensor(1.0),), tensor(1.0), TypeError, "jvp: tangents must be a sequence, got"),
        (ag.sin, (tensor(1.0),), (), ValueError, "1 primals but 0 tangents"),
        (ag.sin, (ag.Tensor([1]),), (ag.Tensor([1]),), DTypeError, "primal 0 is int64, which has"),
        (ag.sin, (tensor(1.0),), (tensor(1.0, 2.0),), ShapeError, r"tangent 0 is \(2,\) and its"),
        (ag.sin, (tensor(1.0),), (np.array([1j]),), DTypeError, "tangent 0 is complex128 and its"),
        (lambda x: x.numpy(), (tensor(1.0),), (tensor(1.0),), TypeError, "f returned ndarray, not"),
    ],
)  # fmt: skip
def test_bad_input_says_why(
    f: Any, primals: Any, tangents: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ag.jvp(f, primals, tangents)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"y": lambda t: t}, "a rule for y, but the inputs are x"),
        ({"x": lambda g: g}, "bad: the jvp for x must take the tangent t first"),
        ({"x": lambda t, y: t}, "bad: the jvp for x names 'y', which is none of x, out"),
    ],
)
def test_a_forward_rule_that_cannot_be_read_is_refused(rule: Any, message: str) -> None:
    def bad(x: Any, /) -> Any:
        return x

    with pytest.raises(OpDefinitionError, match=message):
        op("bad", x=lambda g: g, jvp=rule)(bad)
    assert "bad" not in OPS

"""Defining an op: one decorated function, whose rules' parameter names decide what is saved."""

from __future__ import annotations

import contextlib
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.node import Node
from autograd.engine.op import composite, op
from autograd.engine.row import OPS
from autograd.engine.rules import hands_on
from autograd.engine.samples import elementwise
from autograd.errors import GradientError, OpDefinitionError, ShapeError
from autograd.graph.formula import printed_rules
from tests.numeric import ATOL, RTOL, numeric_gradient


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def leaf(data: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(data, float), requires_grad=True, name=name)


def gradient(x: ag.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


# ---- a new op works everywhere -------------------------------------------------------------------


def cube_op() -> Callable[..., Any]:
    @op("x³", x=lambda g, x: g * 3 * x * x, elementwise=True, samples=elementwise((-2.0, 2.0)))
    def cube(x: Any, /) -> Any:
        """The cube."""
        return x * x * x

    return cube


def test_an_op_is_a_decorated_function_and_nothing_else() -> None:
    """What is defined in one place is in the table, differentiable to any order, and prints."""
    cube = cube_op()
    assert OPS["cube"] is cube.op  # type: ignore[attr-defined]
    assert cube.__name__ == "cube"
    assert cube.__doc__ == "The cube."
    x = leaf(2.0, "x")
    y = cube(x)
    assert y.item() == 8.0
    assert y.grad_fn.op.name == "cube"
    (dx,) = ag.grad(y, x, create_graph=True)
    (ddx,) = ag.grad(dx, x, create_graph=True)
    (dddx,) = ag.grad(ddx, x)
    assert (dx.item(), ddx.item(), dddx.item()) == (12.0, 12.0, 6.0)
    assert repr(OPS["cube"]) == "<op cube: x³>"
    rules = printed_rules(OPS["cube"], (np.float64(2.0),), {}, 1.0, 8.0)
    assert rules["x"].text == "g · 3 · x · x"
    assert ag.Graph(y).replay({"x": 3.0}) == 27.0
    assert len(list(OPS["cube"].samples())) >= 3


def test_raw_arrays_in_give_raw_arrays_out() -> None:
    cube = cube_op()
    assert type(cube(np.array([1.0, 2.0]))) is np.ndarray
    assert cube(2.0) == 8.0
    assert cube([1.0, 2.0]).tolist() == [1.0, 8.0]


def test_an_op_is_pickled_by_its_name() -> None:
    cube_op()
    assert pickle.loads(pickle.dumps(OPS["cube"])) is OPS["cube"]
    assert pickle.loads(pickle.dumps(OPS["exp"])) is OPS["exp"]


def test_static_parameters_keywords_aliases_and_optional_inputs() -> None:
    @op(
        "scaled sum",
        x=lambda g, weight, x_shape, axis: np.broadcast_to(
            np.expand_dims(g, axis) if weight is None else np.expand_dims(g, axis) * weight, x_shape
        ),
        weight=lambda g, x, axis: np.expand_dims(g, axis) * x,
    )
    def scaled_sum(x: Any, weight: Any = None, /, axis: int = 0) -> Any:
        return np.sum(x if weight is None else x * weight, axis=axis)

    data, w = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    for call in (
        lambda x, v: scaled_sum(x, v, 1),
        lambda x, v: scaled_sum(x, v, axis=1),
        lambda x, v: scaled_sum(x, v, dim=1),
        lambda x, v: scaled_sum(x, weight=v, axis=1),
    ):
        x, v = leaf(data), leaf(w)
        out = call(x, v)
        assert out.tolist() == [8.0, 26.0]
        out.backward([1.0, 10.0])
        assert gradient(x) == [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]
        assert gradient(v) == [30.0, 41.0, 52.0]
    x = leaf(data)
    scaled_sum(x, axis=1).sum().backward()
    assert gradient(x) == [[1.0] * 3] * 2


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "scaled(x, by=) misses its input 'x'"),
        ((1.0,), {}, "scaled(x, by=) misses by"),
        ((1.0, 2.0, 3.0), {}, "scaled(x, by=) takes at most 2 arguments"),
        ((1.0,), {"b": 2.0}, "scaled(x, by=) got an unexpected keyword argument 'b'"),
        ((1.0, 2.0), {"by": 2.0}, "scaled(x, by=) got two values for 'by'"),
    ],
)
def test_a_wrong_call_says_how_to_call(args: Any, kwargs: Any, message: str) -> None:
    @op("by · x", x=lambda g, by: g * by, linear=True)
    def scaled(x: Any, /, by: float) -> Any:
        return x * by

    with pytest.raises(TypeError, match=re.escape(message)):
        scaled(*args, **kwargs)


def test_an_op_of_any_number_of_inputs() -> None:
    @op("Σ xᵢ²", joint=lambda g, xs: tuple(2 * g * x for x in xs))
    def _sum_of_squares(*xs: Any) -> Any:
        return sum(x * x for x in xs)

    a, b = leaf([1.0, 2.0]), leaf(3.0)
    out = _sum_of_squares(a, np.array([5.0, 5.0]), b)
    assert out.tolist() == [35.0, 38.0]
    assert OPS["sum_of_squares"].variadic
    (da, db) = ag.grad(out.sum(), [a, b], create_graph=True)
    assert da.tolist() == [2.0, 4.0]
    assert db.item() == 12.0
    assert ag.grad(da.sum(), a)[0].tolist() == [2.0, 2.0]


def two_outputs() -> Callable[..., Any]:
    @op("(x², x³)", x=lambda g, x: g[0] * 2 * x + g[1] * 3 * x * x, outputs=2)
    def powers(x: Any, /) -> Any:
        return x * x, x * x * x

    return powers


def test_an_op_of_several_outputs() -> None:
    powers = two_outputs()
    x = leaf([1.0, 2.0])
    square, cube = powers(x)
    (square * 10 + cube).sum().backward()
    assert gradient(x) == [23.0, 52.0]
    for used, expected in ((0, [2.0, 4.0]), (1, [3.0, 12.0])):  # the other has a zero cotangent
        x = leaf([1.0, 2.0])
        powers(x)[used].sum().backward()
        assert gradient(x) == expected
    x = leaf([1.0, 2.0])
    square, cube = powers(x)
    (dx,) = ag.grad([square.sum(), cube.sum()], x, create_graph=True)
    (ddx,) = ag.grad(dx.sum(), x)
    assert ddx.tolist() == [2 + 6.0, 2 + 12.0]
    for y in powers(np.array([1.0])):
        assert type(y) is np.ndarray


def test_hooks_and_retained_gradients_of_one_of_several_outputs() -> None:
    x = leaf([1.0, 2.0])
    square, cube = two_outputs()(x)
    square.retain_grad()
    square.register_hook(lambda g: g * 5)
    (square + cube).sum().backward()
    assert gradient(square) == [5.0, 5.0]
    assert gradient(x) == [10.0 + 3.0, 20.0 + 12.0]
    replayed = ag.Graph(*two_outputs_once(x)).replay({x: [2.0, 0.0]})
    assert [y.tolist() for y in replayed] == [[4.0, 0.0], [8.0, 0.0]]


def two_outputs_once(x: ag.Tensor) -> Any:
    OPS.pop("powers")
    return two_outputs()(x)


@pytest.mark.parametrize("define", [op, composite])
def test_a_definition_without_a_formula_is_refused_at_once(define: Any) -> None:
    with pytest.raises(OpDefinitionError, match=rf"^{define.__name__} begins with a formula"):

        @define
        def double(x: Any) -> Any:
            return 2 * x


def test_a_composite_needs_no_rule() -> None:
    @composite("x² + 1", samples=elementwise((-1.0, 1.0)))
    def shifted_square(x: Any) -> Any:
        return x * x + 1

    x = leaf(3.0)
    shifted_square(x).backward()
    assert gradient(x) == 6.0
    assert OPS["shifted_square"].composite
    assert shifted_square(2.0) == 5.0


def test_an_op_without_rules_leaves_the_graph() -> None:
    @op("sign of x")
    def is_positive(x: Any, /) -> Any:
        return x > 0

    out = is_positive(leaf([1.0, -1.0]))
    assert not out.requires_grad
    assert out.tolist() == [True, False]


def test_an_input_without_a_rule_gets_no_gradient() -> None:
    @op("x where kept", x=lambda g, mask: g * mask)
    def masked(x: Any, mask: Any, /) -> Any:
        return x * mask

    x, mask = leaf([1.0, 2.0]), leaf([1.0, 0.0])
    out = masked(x, mask)
    out.sum().backward()
    assert gradient(x) == [1.0, 0.0]
    assert mask.grad is None
    assert not masked(x.detach(), mask).requires_grad


# ---- what is saved -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (lambda g: g, ()),
        (lambda g, x: g * x, (0,)),
        (lambda g, out: g * out, (1,)),
        (lambda g, x, out: g * x * out, (0, 1)),
        (lambda g, out, x: g * x * out, (0, 1)),
    ],
)
def test_the_names_of_a_rules_parameters_decide_what_is_saved(rule: Any, kept: Any) -> None:
    @op("x", x=rule)
    def probe(x: Any, /) -> Any:
        return x + 0.0

    node = probe(leaf([1.0, 2.0]))._node
    assert type(node) is Node
    saved = node.saved or (None, None)
    assert [i for i, value in enumerate(saved) if value is not None] == list(kept)


def test_the_sweep_calls_no_rule_that_is_declared_to_hand_its_cotangent_on() -> None:
    x = leaf([1.0, 2.0])
    y, called = (x + x) * 3, []
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code))
    try:
        y.sum().backward()
    finally:
        sys.setprofile(None)
    assert gradient(x) == [6.0, 6.0]
    assert OPS["multiply"].rules["x"].__code__ in called
    assert hands_on.__code__ not in called


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=f"{op.name}-{name}")
        for op in OPS.values()
        for name, rule in op.rules.items()
        if rule.__code__.co_argcount == 1
    ],
)
def test_every_rule_of_the_table_that_gives_its_cotangent_back_is_declared(rule: Any) -> None:
    g, handed_on = object(), False  # nothing else can be done with it
    with contextlib.suppress(TypeError, AttributeError, ValueError):
        handed_on = rule(g) is g
    assert handed_on is (rule is hands_on)


def test_new_pulls_of_an_op_are_those_that_the_sweep_runs(monkeypatch: Any) -> None:
    @op("x + y + z", x=lambda g: g, y=lambda g: g, z=lambda g: 2 * g)
    def three(x: Any, y: Any, z: Any, /) -> Any:
        return x + y + z

    x, y, z = leaf([1.0]), leaf([2.0]), leaf([3.0])
    three(x, y, z).sum().backward()
    assert [gradient(v) for v in (x, y, z)] == [[1.0], [1.0], [2.0]]
    changed = tuple((lambda g, i=i: (i + 5) * g, None) for i in range(3))
    monkeypatch.setattr(OPS["three"], "pulls", changed)
    assert OPS["three"].pulls is changed
    assert [d.tolist() for d in ag.grad(three(x, y, z).sum(), (x, y, z))] == [[5.0], [6.0], [7.0]]


@pytest.mark.parametrize("given", [2, 3])
def test_an_input_that_may_be_left_out_is_none(given: int) -> None:
    @op("x · y + z", x=lambda g, y: g * y, y=lambda g, x: g * x, z=lambda g: g)
    def scaled(x: Any, y: Any, z: Any = None, /) -> Any:
        return x * y if z is None else x * y + z

    values = (leaf([1.0, 2.0]), np.array([3.0, 4.0]), leaf([5.0, 6.0]))[:given]
    out = scaled(*values)
    assert out.tolist() == ([3.0, 8.0] if given == 2 else [8.0, 14.0])
    out.sum().backward()
    assert gradient(values[0]) == [3.0, 4.0]  # type: ignore[arg-type]
    raw = [getattr(v, "_value", v) for v in values]
    assert type(scaled(*raw)) is np.ndarray  # arrays alone give an array
    with ag.no_grad():
        assert scaled(*values)._node is None


def test_a_shape_is_saved_instead_of_a_value() -> None:
    @op("Σ x", x=lambda g, x_shape: np.broadcast_to(g, x_shape))
    def total(x: Any, /) -> Any:
        return np.sum(x)

    x = leaf([[1.0, 2.0]])
    out = total(x)
    assert not any(isinstance(value, np.ndarray) for value in out.grad_fn.saved)
    out.backward()
    assert gradient(x) == [[1.0, 1.0]]


def test_needs_tells_a_joint_rule_what_to_compute() -> None:
    seen = []

    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        seen.append(needs)
        return g * y if needs[0] else None, g * x if needs[1] else None

    @op("x · y", joint=rule)
    def product(x: Any, y: Any, /) -> Any:
        return x * y

    x, y = leaf(2.0), leaf(5.0)
    product(x, y).backward()
    assert (gradient(x), gradient(y)) == (5.0, 2.0)
    product(x, 7.0).backward()
    assert gradient(x) == 12.0
    product(3.0, y).backward()
    assert gradient(y) == 5.0
    assert seen == [(True, True), (True, False), (False, True)]


# ---- a rule's freedom, and its limits ------------------------------------------------------------


def test_a_rule_may_return_what_broadcasts_and_python_numbers() -> None:
    @op("x + y", x=lambda g: np.sum(g), y=lambda g: 2)
    def odd(x: Any, y: Any, /) -> Any:
        return x + y

    x, y = leaf([1.0, 2.0]), leaf([[1.0], [2.0]])
    odd(x, y).backward(np.ones((2, 2)))
    assert gradient(x) == [4.0, 4.0]
    assert gradient(y) == [[2.0], [2.0]]
    assert x.grad is not None
    assert x.grad.dtype == np.float64


def test_a_gradient_that_does_not_fit_its_input_raises() -> None:
    @op("x", x=lambda g: np.ones(3))
    def misfit(x: Any, /) -> Any:
        return x + 0.0

    with pytest.raises(ValueError, match=r"gave a .* \(3,\) for an input .* \(2,\)") as caught:
        misfit(leaf([1.0, 2.0], "x")).sum().backward()
    assert "while the rule of misfit for x ran" in "\n".join(caught.value.__notes__)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_joint_rule_must_give_one_cotangent_per_input(count: int) -> None:
    @op("x + y", joint=lambda g: (g,) * count)
    def pair(x: Any, y: Any, /) -> Any:
        return x + y

    with pytest.raises(GradientError, match=rf"pair: .* {count} .* 2"):
        pair(leaf(1.0), leaf(2.0)).backward()


def test_none_from_a_joint_rule_is_no_gradient() -> None:
    @op("x + y", joint=lambda g: (g, None))
    def first_only(x: Any, y: Any, /) -> Any:
        return x + y

    x, y = leaf(1.0), leaf(2.0)
    first_only(x, y).backward()
    assert gradient(x) == 1.0
    assert y.grad is None
    dx, dy = ag.grad(first_only(x, y), [x, y], allow_unused=True)
    assert dx.item() == 1.0
    assert dy is None


def test_an_error_in_a_rule_names_op_and_input() -> None:
    def fails(g: Any) -> Any:
        raise ZeroDivisionError("oh")

    @op("x", x=fails)
    def broken(x: Any, /) -> Any:
        return x + 0.0

    with pytest.raises(ZeroDivisionError, match="oh") as caught:
        broken(leaf(1.0)).backward()
    assert caught.value.__notes__ == [
        "while the rule of broken for x ran (record under autograd.tracing() to see the line)"
    ]


def test_an_error_in_a_joint_rule_names_the_op() -> None:
    def fails(g: Any) -> Any:
        raise ZeroDivisionError("oh")

    @op("x", joint=fails)
    def broken(*xs: Any) -> Any:
        return xs[0] + 0.0

    with pytest.raises(ZeroDivisionError) as caught:
        broken(leaf(1.0)).backward()
    assert "while the rule of broken" in "\n".join(getattr(caught.value, "__notes__", []))


def test_a_hint_says_more_about_inputs_that_do_not_fit() -> None:
    @op("x", x=lambda g: g, hint=lambda x: f"x has {np.ndim(x)} axes; it needs two")
    def matrix_only(x: Any, /) -> Any:
        if x.ndim != 2:
            raise ValueError("bad shape")
        return x + 0.0

    with pytest.raises(ShapeError, match="matrix_only: x has 1 axes; it needs two"):
        matrix_only(leaf([1.0]))


# ---- refused definitions -------------------------------------------------------------------------


def identity(x: Any, /, axis: int = 0) -> Any:
    return x


def test_an_op_without_the_slash_is_told_where_it_goes() -> None:
    with pytest.raises(OpDefinitionError, match=r"a rule for x, .*: write def root\(x, /\)"):

        @op("√x", x=lambda g, out: g / (2 * out))
        def root(x: Any) -> Any:
            return np.sqrt(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": lambda g: g}, "identity: a rule for y, but the inputs are x (the parameters before"),
        ({"axis": lambda g: g}, "identity: a rule for axis, but the inputs are x"),
        ({"sample": lambda: ()}, "(the parameters before the /); did you mean 'samples'?"),
        ({"x": lambda x: x}, "identity: the rule for x must take the cotangent g first"),
        ({"x": lambda: 0}, "identity: the rule for x must take the cotangent g first"),
        (
            {"x": lambda g, y: g},
            "identity: the rule for x names 'y', which is none of x, out, axis",
        ),
        ({"x": lambda g, result: g}, "names 'result', which is none of x, out, axis, x_shape"),
        ({"joint": lambda g, z: g}, "identity: the joint rule names 'z', which is none of"),
        ({"joint": lambda x: x}, "identity: the joint rule must take the cotangent g first"),
    ],
)
def test_a_rule_that_does_not_fit_its_op_is_refused_when_it_is_defined(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OpDefinitionError, match=re.escape(message)):
        op("x", **options)(identity)
    assert "identity" not in OPS


def test_names_with_a_meaning_in_rules_are_refused_as_parameters() -> None:
    def bad(g: Any, /) -> Any:
        return g

    with pytest.raises(OpDefinitionError, match="bad: g has a meaning in rules; rename"):
        op("g")(bad)


def test_an_op_is_defined_once() -> None:
    cube_op()
    with pytest.raises(OpDefinitionError, match="an op named 'cube' exists already"):
        cube_op()


def test_a_local_variable_of_the_forward_is_no_input() -> None:
    @op("2x", x=lambda g: g * 2, samples=elementwise((-1.0, 1.0)))
    def doubled(x: Any, /) -> Any:
        samples = x + x
        return samples

    x = leaf(1.0)
    doubled(x).backward()
    assert gradient(x) == 2.0


def test_needs_belongs_to_joint_rules() -> None:
    with pytest.raises(OpDefinitionError, match="needs"):
        op("x", x=lambda g, needs: g)(identity)


def test_a_wrong_rule_disagrees_with_finite_differences() -> None:
    """The generic tests can fail: a rule without its factor is off by just that factor."""

    @op("x²", x=lambda g, x: g * x)
    def wrong_square(x: Any, /) -> Any:
        return x * x

    x = leaf([1.0, 3.0])
    wrong_square(x).sum().backward()
    slopes = numeric_gradient(lambda v: float(np.sum(wrong_square(v))), [x.numpy()], 0)
    assert not np.allclose(gradient(x), slopes, RTOL, ATOL)
    np.testing.assert_allclose(slopes, 2 * np.array(gradient(x)), RTOL, ATOL)

"""gradcheck: finds wrong derivatives, never blames right ones, and says how far it can tell."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.errors import GradcheckError
from autograd.gradcheck import (
    Entry,
    Finding,
    Report,
    gradcheck,
    gradgradcheck,
    numerical_grad,
    numerical_jacobian,
)


def tensor(*data: Any, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(data, float), name=name)


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def wrong(rule: Callable[..., Any], forward: Callable[[Any], Any] = np.square) -> Any:
    """An op with a rule of its own making: x² unless told otherwise."""

    def bad(x: Any, /) -> Any:
        return forward(x)

    return op("bad", x=rule)(bad)


# ---- right derivatives pass ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x: (x * x).sum(), (tensor(1.0, 2.0),)),
        (lambda x: x.tanh(), (tensor([1.0, -2.0], [0.1, 0.5]),)),
        (lambda x, y: x / y, (tensor(1.0, 2.0), tensor([3.0], [4.0]))),
        (lambda x: x.exp(), (3.0,)),
        (lambda x: 1e6 * x * x, (tensor(1e3, -1e-3),)),
        (lambda x: 1e-9 * x.tanh(), (tensor(0.3),)),
        (lambda x: (x[0] * x, x[1:] * 3), (tensor(1.0, 2.0, 3.0),)),
        (lambda x, n: x**n, (tensor(1.5, 2.0), 3)),
        (lambda x, i: x[i], (tensor(1.0, 2.0, 3.0), np.array([0, 0, 2]))),
        (lambda x: x * 0.0, (tensor(1.0),)),
        (lambda x: np.log(x), (tensor(1e-6, 1.0),)),
        (lambda z: ag.real(z * z), (ag.Tensor(np.array([1 + 2j, 0.5 - 1j])),)),
        (lambda z: z * z.exp(), (ag.Tensor(np.array([1 + 2j, 0.5 - 1j])),)),
        (lambda x: x.astype("float32") * 3, (tensor(1.0, 2.0),)),
    ],
)
def test_right_derivatives_pass(f: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    report = gradcheck(f, *inputs)
    assert report
    assert report.failures == ()
    expected = sum(np.size(x) for x in inputs if np.asarray(x).dtype.kind in "fc")
    assert report.checked == expected
    assert report.inconclusive == report.kinks == ()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_higher_orders(order: int) -> None:
    x, y = tensor(0.3, -0.7), tensor(1.2, 0.4)
    report = gradcheck(lambda x, y: (x * y).tanh() * x.exp(), x, y, order=order)
    assert report
    assert report.inconclusive == ()
    assert report.checked == 4 * order


def test_gradgradcheck_is_order_two() -> None:
    x = tensor(0.3, -0.7)
    assert gradgradcheck(lambda x: x.tanh(), x).checked == 4


def test_numbers_of_the_report_are_the_derivatives() -> None:
    bad = wrong(lambda g, x: g * x)
    (finding,) = gradcheck(
        lambda x: bad(x).sum(), tensor(1.0, -2.0), raise_exception=False
    ).failures
    assert {e.index: e.analytic for e in finding.entries} == {(0,): 1.0, (1,): -2.0}
    for entry in finding.entries:
        assert entry.numeric == pytest.approx(2 * entry.analytic, abs=10 * entry.error)
        assert 0 < entry.error < 1e-6  # tight enough to mean something


def test_the_estimated_error_bounds_the_true_one() -> None:
    x = np.linspace(-2, 2, 41)
    for f, derivative in ((np.tanh, lambda x: 1 - np.tanh(x) ** 2), (np.exp, np.exp)):
        found = numerical_jacobian(f, x)
        true = np.diag(derivative(x))
        assert np.all(np.abs(found.value - true) <= found.error * 1.0 + 1e-300)
        assert np.all(found.error < 2e-7)


# ---- wrong derivatives fail ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "forward", "ratio"),
    [
        (lambda g, x: g * x, np.square, 0.5),
        (lambda g, x: -g * 2 * x, np.square, -1.0),
        (lambda g, x: 2 * g * x * (1 + 1e-6), np.square, 1 + 1e-6),
        (lambda g: g * 0.0, np.square, 0.0),
        (lambda g, x: 2.0, np.square, None),
        (lambda g, x: 2 * x, np.square, None),  # forgets the cotangent
        (lambda g, out: g * out, np.tanh, None),
        (lambda g, x: g * np.nan, np.square, None),
    ],
)
def test_wrong_rules_fail(rule: Any, forward: Any, ratio: float | None) -> None:
    bad = wrong(rule, forward)
    inputs = tensor(0.4, 0.7, 1.9)
    with pytest.raises(GradcheckError, match=r"0 of 3 elements agree, 3 disagree"):
        gradcheck(bad, inputs)
    report = gradcheck(bad, inputs, raise_exception=False)
    assert not report
    (finding,) = [f for f in report.failures if f.leg == "reverse"]
    assert len(finding.entries) == 3
    if ratio is not None:
        for entry in finding.entries:
            assert complex(entry.ratio).real == pytest.approx(ratio, abs=1e-7)


def test_a_missing_gradient_is_a_wrong_one() -> None:
    report = gradcheck(lambda x: x * x.detach(), tensor(3.0), raise_exception=False)
    ((entry,),) = [f.entries for f in report.failures]
    assert (entry.analytic, round(abs(entry.numeric), 6)) == (3.0, 6.0)
    constant = gradcheck(lambda x: x.detach() * 2, tensor(3.0), raise_exception=False)
    assert constant.failures[0].entries[0].analytic == 0.0
    assert "missing path" in str(constant)


def test_a_wrong_second_derivative_fails_at_order_two_alone() -> None:
    """The rule's value is right, but a detour through NumPy cuts the graph of the rule itself."""
    bad = wrong(lambda g, x: g * 2 * getattr(x, "_value", x))
    assert gradcheck(bad, tensor(0.4, 0.7))
    report = gradcheck(bad, tensor(0.4, 0.7), order=2, raise_exception=False)
    assert {finding.order for finding in report.failures} == {2}
    assert "second order, order 2" in str(report)


def test_the_report_ranks_the_worst_first_and_counts() -> None:
    def rule(g: Any, x: Any) -> Any:
        return g * 2 * x * np.array([1.0, 1.001, 1.0, 2.0, 1.0])

    bad = wrong(rule)
    report = gradcheck(lambda x: bad(x).sum(), tensor(1, 1, 1, 1, 1), raise_exception=False)
    (finding,) = report.failures
    assert [entry.index for entry in finding.entries] == [(3,), (1,)]
    assert (finding.input, finding.wrong, finding.total) == ("x", 2, 5)
    lines = str(report).splitlines()
    assert lines[0] == "gradcheck: 3 of 5 elements agree, 2 disagree"
    assert lines[1] == "FAIL  f  d out / d x   (reverse, order 1, float64, seed 0)"
    assert lines[2].startswith("  2 of 5 elements wrong; the others agree to ")
    number = r"\+2(\.0+\d*)? ± \de-\d+"
    assert re.fullmatch(rf"  x\[3\] +analytic \+4 +numeric {number} +ratio \+2\.000", lines[3])
    assert lines[4].startswith("  x[1]")
    assert lines[4].endswith("1.001")


def test_the_error_has_the_reports_text() -> None:
    bad = wrong(lambda g, x: g * x)
    x = tensor(1.0, name="theta")
    texts = []
    for raises in (False, True):
        try:
            texts.append(str(gradcheck(bad, x, raise_exception=raises)))
        except AssertionError as error:
            texts.append(str(error))
            with pytest.raises(GradcheckError):
                raise
    assert texts[0] == texts[1]
    report = gradcheck(bad, x, raise_exception=False)
    with pytest.raises(GradcheckError, match="theta"):
        report.raise_()
    assert "theta[0]" in str(report)


def test_many_failures_are_cut_short() -> None:
    bad = wrong(lambda g, x: g * x)
    text = str(gradcheck(bad, ag.Tensor(np.ones(50)), raise_exception=False))
    assert "0 of 50 elements agree" in text
    assert "... and 30 more" in text
    assert len(text.splitlines()) < 30


def test_a_numeric_derivative_that_tells_nothing_is_named(monkeypatch: Any) -> None:
    def f(x: Any) -> Any:
        return (x * 1e-9).tanh() + 1e9

    assert not gradcheck(f, tensor(1.0)).inconclusive  # it is decided in many digits
    monkeypatch.setattr("autograd.gradcheck.precise.referee.is_installed", lambda: False)
    report = gradcheck(f, tensor(1.0), raise_exception=False)
    assert report
    assert len(report.inconclusive) == 1
    assert "INCONCLUSIVE  f  d out / d x" in str(report)
    assert "not known to 1 %" in str(report)
    assert gradcheck(lambda x: x * x, tensor(1.0)).inconclusive == ()


@pytest.mark.parametrize("error", [ValueError, RuntimeError, KeyError, ZeroDivisionError])
def test_what_f_raises_beside_the_point_is_said(error: type[Exception]) -> None:
    def f(x: Any) -> Any:
        if x.numpy()[0] != 1.0:
            raise error("off the grid")
        return x * x

    report = gradcheck(f, tensor(1.0, 2.0))
    (finding,) = report.inconclusive
    assert {entry.index for entry in finding.entries} == {(0,)}
    assert f"f raised {error.__name__}: " in str(report)
    assert "off the grid" in str(report)
    assert "next to this point: move it" in str(report)


def test_at_a_kink_the_gradient_lies_between_the_one_sided_slopes() -> None:
    report = gradcheck(ag.relu, tensor(0.0))
    assert [finding.entries[0].analytic for finding in report.kinks] == [0.0]
    assert "KINK" in str(report)
    outside = wrong(lambda g, x: g * np.where(x == 0, -0.5, x > 0), lambda x: np.maximum(x, 0))
    assert not gradcheck(outside, tensor(0.0, 1.0), raise_exception=False)
    assert gradcheck(outside, tensor(0.0, 1.0), kinks="skip")
    assert not gradcheck(ag.relu, tensor(0.0), kinks="error", raise_exception=False)
    assert gradcheck(ag.relu, tensor(0.3, -0.3), kinks="error").kinks == ()
    with pytest.raises(ValueError, match="'bracket', 'skip' or 'error'"):
        gradcheck(ag.relu, tensor(0.0), kinks="maybe")


def test_beside_a_kink_the_gradient_is_checked_too() -> None:
    bad = wrong(lambda g, x: g * np.where(x == 0, 0.5, 0.3), lambda x: np.maximum(x, 0))
    report = gradcheck(bad, tensor(0.0), raise_exception=False)
    assert [finding.leg for finding in report.failures] == ["reverse, beside a kink"]


def test_a_jump_has_no_slope_and_is_said() -> None:
    assert "jump" in str(gradcheck(ag.floor, tensor(1.0, 0.3)))


# ---- what is checked -----------------------------------------------------------------------------


def test_inputs_are_not_changed_and_get_no_gradient() -> None:
    x = ag.Tensor(np.array([1.0, 2.0]), requires_grad=True, name="x")
    weight = ag.Tensor(np.array([3.0, 4.0]), requires_grad=True)
    array = np.array([5.0, 6.0])
    array.flags.writeable = False
    node = x._node
    assert gradcheck(lambda x, a: x * weight * a, x, array)
    assert x.tolist() == [1.0, 2.0]
    assert x._node is node
    assert x.grad is None
    assert weight.grad is None
    assert array.tolist() == [5.0, 6.0]


def test_f_may_change_what_it_is_given() -> None:
    n = np.array([0.0, 1.0])

    def f(x: Any, counts: Any) -> Any:
        with ag.no_grad():
            counts *= 2.0
        return x * counts

    x = tensor(1.0, 2.0)
    assert gradcheck(f, x, n, wrt=0)
    assert n.tolist() == [0.0, 1.0]


def test_wrt_selects_inputs() -> None:
    bad = wrong(lambda g, x: g * x)
    x, y = tensor(1.0), tensor(2.0)

    def f(x: Any, y: Any) -> Any:
        return x * x + bad(y)

    assert gradcheck(f, x, y, wrt=0)
    assert gradcheck(f, x, y, wrt=(0,)).checked == 1
    with pytest.raises(GradcheckError, match=r"y\[0\]"):
        gradcheck(f, x, y, wrt=[0, 1])


def test_elements_are_named_by_tensor_parameter_or_position() -> None:
    def names(f: Any, *inputs: Any) -> list[str]:
        report = gradcheck(f, *inputs, raise_exception=False)
        return [finding.input for finding in report.failures]

    bad = wrong(lambda g, x: g * x)
    assert names(lambda a, b: bad(a * b), tensor(1.0, name="weight"), 2.0) == ["weight", "b"]
    assert names(lambda *xs: bad(xs[0] * xs[1]), 1.0, 2.0) == ["input0", "input1"]
    assert "m[1]" in str(gradcheck(lambda m: bad(m), tensor(1.0, 2.0), raise_exception=False))


def test_low_precision_is_promoted_and_said() -> None:
    x = ag.Tensor([1.0, 2.0])
    assert x.dtype == np.float32
    assert "note: computed in double precision: x (float32)" in str(gradcheck(lambda x: x * x, x))
    assert "double" not in str(gradcheck(lambda x: x * x, tensor(1.0)))


def test_every_output_is_compared() -> None:
    f = wrong(lambda g, x: np.stack([g[..., 0], g[..., 0]], axis=-1), lambda x: x * 1.0)
    (finding,) = gradcheck(f, tensor(1.0, 2.0), raise_exception=False).failures
    assert [entry.index for entry in finding.entries] == [(1,)]
    assert finding.entries[0].output in ("out[0]", "out[1]")


def test_the_seed_draws_the_probes() -> None:
    x = ag.Tensor(np.linspace(0.1, 1.0, 600))
    assert gradcheck(ag.sin, x).probes == 8
    assert gradcheck(ag.sin, x, probes=3, rng=5).probes == 3
    assert gradcheck(ag.sin, x, full=True).probes == 0


def test_eps_sets_the_step() -> None:
    coarse = numerical_grad(np.exp, 1.0, eps=0.1)
    fine = numerical_grad(np.exp, 1.0, eps=1e-2)
    assert coarse.error > 100 * fine.error


# ---- what cannot be checked ----------------------------------------------------------------------


def not_finite(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return x / 0.0


def noisy(x: Any, rng: np.random.Generator = np.random.default_rng(0)) -> Any:  # noqa: B008
    return x * rng.uniform()


@pytest.mark.parametrize("raise_exception", [True, False])
@pytest.mark.parametrize(
    ("f", "inputs", "options", "message"),
    [
        (lambda: None, (), {}, "no floating input to check (the inputs are none at all)"),
        (lambda n: n, (ag.Tensor([1, 2]),), {}, "(the inputs are Tensor of int64); pass a float"),
        (lambda n: n, (3, "a"), {}, "(the inputs are int, str)"),
        (lambda x: x, ((1.0, 2.0),), {}, "one by one: gradcheck(f, *inputs)"),
        (
            lambda x, n: x,
            (1.0, ag.Tensor(2)),
            {"wrt": 1},
            "input 1 is Tensor of int64, which has no",
        ),
        (lambda x: x, (1.0,), {"wrt": 3}, "wrt names input 3; there are 1"),
        (lambda x: x, (1.0,), {"wrt": "x"}, "wrt names 'x'; it takes the positions of inputs"),
        (lambda x: x, (1.0,), {"wrt": [0, 1.5]}, "wrt names 1.5; it takes the positions"),
        (lambda x: x, (1.0,), {"wrt": []}, "wrt names nothing; it takes the positions"),
        (3, (1.0,), {}, "the first argument is the function to check, got int"),
        (tensor(1.0), (ag.sin,), {}, "the first argument is the function to check, got Tensor"),
        (lambda x: None, (1.0,), {}, "f returned nothing; it must return a Tensor"),
        (lambda x: (), (1.0,), {}, "f returned nothing"),
        (lambda x: 3.0, (1.0,), {}, "f returned float, not a Tensor: the value left the graph"),
        (lambda x: x.numpy(), (1.0,), {}, "f returned ndarray, not a Tensor"),
        (lambda x: (x, x.numpy()), (1.0,), {}, "f returned ndarray, not a Tensor"),
        (
            lambda x: x.astype(int),
            (1.0,),
            {},
            "f returned a Tensor of int64, which has no derivative",
        ),
        (lambda x: x, (ag.Tensor(np.zeros((0, 3))),), {}, "the inputs are empty, (0, 3)"),
        *[
            (lambda x: x * x, (tensor(1.0),), {name: value}, f"{name} must be a whole number of")
            for name in ("probes", "order")
            for value in (0, -3, 1.5, True, "2")  # 0 would compare nothing, and pass
        ],
        (lambda x: x[:0], (tensor(1.0),), {}, "nothing to check: the result of f is empty"),
        (lambda x: x, (tensor(1.0, np.nan),), {}, "input 0 holds NaN or infinity"),
        (not_finite, (tensor(1.0),), {}, "f is not finite at these inputs (the output[0] is inf)"),
        (lambda x: (x, not_finite(x)), (tensor(0, 1.0),), {}, "(output 1[0] is nan)"),
        (
            noisy,
            (tensor(1.0),),
            {},
            "f gave two values for the same inputs; fix its random numbers",
        ),
    ],
)
def test_what_cannot_be_checked_says_why(
    f: Any, inputs: Any, options: Any, message: str, raise_exception: bool
) -> None:
    with pytest.raises(GradcheckError, match=re.escape(message)):
        gradcheck(f, *inputs, **options, raise_exception=raise_exception)


# ---- the numeric derivative alone ----------------------------------------------------------------


def test_numerical_jacobian_has_the_shapes_of_output_and_input() -> None:
    x = np.arange(1.0, 7.0).reshape(2, 3)
    found = numerical_jacobian(lambda x: x.sum(axis=1) ** 2, x)
    assert found.value.shape == (2, 2, 3)
    expected = np.zeros((2, 2, 3))
    for i in range(2):
        expected[i, i] = 2 * x[i].sum()
    np.testing.assert_allclose(found.value, expected, rtol=1e-8, atol=1e-8)
    assert numerical_jacobian(np.exp, np.zeros((0, 2))).value.shape == (0, 2, 0, 2)


def test_numerical_grad_of_a_function_of_tensors() -> None:
    w = tensor(1.0, 2.0)
    found = numerical_grad(lambda a, x: (a * x.tanh()).sum(), 2.0, w, wrt=1)
    np.testing.assert_allclose(found.value, 2 * (1 - np.tanh([1.0, 2.0]) ** 2), rtol=1e-9)
    with pytest.raises(GradcheckError, match="must have one output element"):
        numerical_grad(lambda x: x * x, w)
    assert numerical_grad(lambda x: x * x, 3.0).value.shape == ()


def test_numerical_gradients_by_complex_numbers() -> None:
    z = np.array([1 + 2j, -0.5j])
    found = numerical_grad(lambda z: np.sum(np.abs(z) ** 2), z)
    np.testing.assert_allclose(found.value, 2 * z, rtol=1e-9, atol=1e-9)
    with pytest.raises(GradcheckError, match="f must be real where its input is complex"):
        numerical_jacobian(np.square, z)


def test_the_step_shrinks_where_f_ends() -> None:
    found = numerical_grad(lambda x: float(np.sqrt(x)), np.array(1e-5))
    true = 0.5 / np.sqrt(1e-5)
    assert abs(found.value - true) < found.error < 0.1 * true


def test_a_report_is_a_value() -> None:
    entry = Entry((1,), 2.0, 1.0, 1e-9)
    finding = Finding("reverse", "x", "out", 1, "float64", (entry,), wrong=1, total=3)
    assert repr(Report((finding,), checked=3)) == "<Report: 2 of 3 elements agree, 1 disagree>"
    assert not Report((finding,))
    assert Report((), (finding,), (finding,)).passed
    assert bool(Report()) is True
    assert str(Report(checked=1)) == "gradcheck: 1 of 1 elements agree"


def test_a_report_as_json_and_html() -> None:
    entry = Entry((1,), 2.0, complex(1, 2), float("inf"))
    finding = Finding("reverse", "<x>", "out", 1, "float64", (entry,), wrong=1, total=3)
    found = json.loads(Report((finding,), notes=("a note",), checked=3).to_json())
    assert found["passed"] is False
    assert found["failures"][0]["entries"][0]["numeric"] == [1.0, 2.0]
    assert found["failures"][0]["entries"][0]["error"] == "inf"
    page = Report((finding,), notes=("a note",))._repr_html_()
    assert "&lt;x&gt;[1]" in page
    assert "1 of 3 elements wrong" in page
    assert "a note" in page


def test_html_says_what_the_text_says() -> None:
    bad = wrong(lambda g, x: g * x)
    for report in (
        gradcheck(bad, ag.Tensor(np.ones(30)), raise_exception=False),
        gradcheck(lambda x: (x * 1e-9).tanh() + 1e9, tensor(1.0)),
        gradcheck(ag.relu, tensor(0.0, 1.0)),
        gradcheck(ag.tanh, tensor(1.0)),
    ):
        page = html.unescape(re.sub("<[^>]*>", " ", report._repr_html_()))
        said = " ".join(page.replace("\u2002", " ").split())
        for line in str(report).replace("gradcheck: ", "gradcheck ").splitlines():
            for word in line.replace("analytic", "").replace("numeric ", "").split():
                assert word.rstrip(":") in said, f"{word!r} is not in {said}"


def test_a_report_as_json_holds_the_one_sided_slopes() -> None:
    (kink,) = json.loads(gradcheck(ag.relu, tensor(0.0)).to_json())["kinks"]
    assert kink["entries"][0]["sides"] == [0.0, 1.0]

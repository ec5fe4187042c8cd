"""The referee: in many digits what double precision cannot decide is decided, and rightly.

Every function here is right once and wrong once: of the two one agrees and one fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.extend import op
from autograd.gradcheck import gradcheck
from autograd.gradcheck.precise import digits as digits_of
from autograd.gradcheck.precise import referee


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def scaled(y: Any, factor: float) -> Any:
    """y, whose slope is given as `factor` times what it is."""
    OPS.pop("given_wrong", None)

    @op("y", y=lambda g: g * factor)
    def given_wrong(y: Any, /) -> Any:
        return y * 1

    return given_wrong(y)


def logistic_map(steps: int) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        for _ in range(steps):
            x = 3.9 * x * (1 - x)
        return x

    return run


def lorenz(state: Any) -> Any:
    x, y, z = state[0], state[1], state[2]
    for _ in range(12):
        x, y, z = (
            x + 0.02 * 10 * (y - x),
            y + 0.02 * (x * (28 - z) - y),
            z + 0.02 * (x * y - 8 / 3 * z),
        )
    return x + y + z


def weierstrass(x: Any) -> Any:
    return sum(0.5**k * ag.cos(13.0**k * np.pi * x) for k in range(12))


def halved(x: Any) -> Any:
    """A loop that ends by its numbers: branches are decided in many digits, too."""
    for _ in range(60):
        if x < 1:
            break
        x = x / 2
    return 1e10 + x


HARD: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "many waves": (ag.sin, 1e9 + 0.3),
    "a wave that is noise at every step": (lambda x: ag.sin(1e9 * x), 1e9 + 0.3),
    "a pole": (lambda x: 1 / (1 - x), 1 - 1e-9),
    "a pole of a power": (lambda x: (1 - x) ** -3, 1 - 1e-7),
    "a logarithm's pole": (ag.atanh, 1 - 1e-11),
    "a huge offset": (lambda x: 1e12 + x * x, 0.7),
    "an offset of offsets": (lambda x: (x + 1e13) - 1e13, 0.7),
    "a small slope": (lambda x: 1 + 1e-20 * ag.exp(x), 0.7),
    "a small slope of many": (lambda x: (1e8 + 1e-14 * ag.tanh(x)).sum(), [0.3, 0.2]),
    "chaos": (logistic_map(25), 0.3),
    "a strange attractor": (lorenz, [1.0, 2.0, 3.0]),
    "no slope in the limit": (weierstrass, 0.3),
    "cancellation": (lambda x: (1 - ag.cos(x)) / x**2, 1e-3),
    "a step far out": (lambda x: ag.floor(x) + x / 8, 1e6 + 0.3),
    "an element next to nothing": (lambda x: ag.exp(x * 1e30), 1e-30),
    "a loop that ends by its numbers": (halved, 11.0),
    "complex numbers": (lambda z: ag.abs(1e10 + z * z), [0.5 + 2j, -1j]),
    "linear algebra": (lambda x: 1e11 + ag.linalg.inv(x).sum(), [[2.0, 1.0], [0.5, 1.0]]),
    "a gather": (lambda x: 1e11 + (x[[0, 0, 1]] * x[::-1][[1, 0, 0]]).sum(), [0.5, 2.0]),
}


@pytest.mark.parametrize(("f", "x"), HARD.values(), ids=HARD)
def test_what_double_precision_cannot_decide_is_decided(f: Any, x: Any) -> None:
    x = ag.Tensor(np.array(x))
    report = gradcheck(f, x, precision=50, raise_exception=False)
    assert report, report
    assert not report.inconclusive
    assert any("decided in 50 digits" in note for note in report.notes)
    wrong = gradcheck(lambda x: scaled(f(x), 1.5), x, precision=50, raise_exception=False)
    assert not wrong
    assert not wrong.inconclusive


@pytest.mark.parametrize(("f", "x"), HARD.values(), ids=HARD)
def test_what_is_undecided_is_decided_unasked(f: Any, x: Any) -> None:
    report = gradcheck(f, ag.Tensor(np.array(x)), raise_exception=False)
    assert report, report
    assert not report.inconclusive, report


@pytest.mark.parametrize("factor", [1 + 1e-9, 0.5, -1.0, 0.0])
def test_small_mistakes_are_seen_where_nothing_is_lost(factor: float) -> None:
    x = ag.Tensor(np.array([0.5, 1e9 + 0.3]))
    assert not gradcheck(
        lambda x: scaled(ag.sin(x), factor), x, precision=50, raise_exception=False
    )


def test_formula_and_rounding_are_told_apart() -> None:
    @op("x", x=lambda g, x: g * (np.sin(x) / x**2 - 2 * (1 - np.cos(x)) / x**3), elementwise=True)
    def humps(x: Any, /) -> Any:
        return (1 - np.cos(x)) / x**2

    report = gradcheck(humps, ag.Tensor(np.array(1e-4)), precision=50, raise_exception=False)
    assert any("that is rounding, not the formula" in note for note in report.notes)
    assert not report.failures


def test_a_rule_that_is_wrong_in_double_precision_alone_is_wrong() -> None:
    @op("x", x=lambda g, x: g * np.cos(x) * (2 if isinstance(x, np.ndarray) else 1))
    def sine(x: Any, /) -> Any:
        return np.sin(x)

    report = gradcheck(sine, ag.Tensor(np.array([0.5, 1.0])), precision=50, raise_exception=False)
    assert not report
    assert any("wrong in double precision alone" in note for note in report.notes)


def test_a_kink_stays_a_kink_and_a_wrong_choice_at_it_wrong() -> None:
    x = ag.Tensor(np.array([0.0, 1.0]))
    assert gradcheck(ag.relu, x, precision=50).kinks
    OPS.pop("beyond", None)

    @op("x", x=lambda g, x: g * np.where(x == 0, 2.0, x > 0), elementwise=True)
    def beyond(x: Any, /) -> Any:
        return np.maximum(x, 0)

    assert not gradcheck(beyond, x, precision=50, raise_exception=False)


def test_the_second_order_is_decided_by_the_rules() -> None:
    x = ag.Tensor(np.array([1e9 + 0.3, 0.5]))
    report = gradcheck(ag.sin, x, order=2, precision=50)
    assert report
    assert not report.inconclusive

    @op("x", x=lambda g, x: g * np.cos(np.asarray(getattr(x, "_value", x))), elementwise=True)
    def leaves(x: Any, /) -> Any:
        return np.sin(x)

    assert not gradcheck(leaves, ag.Tensor(0.5), order=2, precision=50, raise_exception=False)


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: ag.linalg.svdvals(x).sum(), "svd runs in double precision only"),
        (lambda x: x * ag.Tensor(np.sin(x.numpy())), "many digits"),
    ],
    ids=["LAPACK", "numpy"],
)
def test_what_has_no_form_in_many_digits_says_so(f: Any, what: str) -> None:
    x = ag.Tensor(np.array([[0.5, 0.2], [0.1, 0.7]]))
    report = gradcheck(f, x, precision=50, raise_exception=False)
    assert any("not decided in 50 digits" in note and what in note for note in report.notes)


def test_many_elements_are_decided_along_directions() -> None:
    x = ag.Tensor(np.linspace(0.1, 1, 501))

    def f(x: Any) -> Any:
        return 1e14 + ag.sum(x * x)

    assert gradcheck(f, x, precision=30)
    wrong = gradcheck(lambda x: scaled(f(x), 1.1), x, precision=30, raise_exception=False)
    assert not wrong


def test_the_budget_of_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referee, "_SECONDS", 0.0)
    report = gradcheck(lambda x: 1e16 + x * x, ag.Tensor(np.array(0.7)), raise_exception=False)
    assert report.inconclusive
    assert any("it takes too long" in note for note in report.notes)


def test_a_loop_that_waits_for_equal_numbers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits_of, "_LONGEST", 0.2)

    def waits(x: Any) -> Any:
        y = x * 1.0
        while y + 1e-30 != y:  # at once in double precision, and never in more
            y = y * 1.0
        return y

    report = gradcheck(waits, ag.Tensor(np.array(0.7)), precision=50, raise_exception=False)
    assert any("does a loop of f end?" in note for note in report.notes), report.notes


def test_a_sign_below_what_double_precision_shows_of_a_sum_is_decided() -> None:
    for signs in ((1, 1), (1, -1)):
        x = ag.Tensor(np.array([20.0, -20.0]))

        def f(x: Any, signs: Any = signs) -> Any:
            return scaled(ag.exp(x), np.array(signs)).sum()

        assert bool(gradcheck(f, x, raise_exception=False)) is (signs == (1, 1))


def test_a_thousandth_is_decided_where_double_precision_gives_noise() -> None:
    def rough(x: Any) -> Any:
        return sum(0.7**k * ag.cos(7.0**k * np.pi * x) for k in range(30))

    x = ag.Tensor(np.array(0.3))
    assert gradcheck(rough, x, precision=50)
    assert not gradcheck(lambda x: scaled(rough(x), 1.001), x, precision=50, raise_exception=False)


def test_a_right_rule_whose_rounding_is_all_that_it_gives_fails_and_it_is_said() -> None:
    @op("x²/2", x=lambda g, x: 2 * g * (1 - np.cos(x)) / x, elementwise=True)
    def unstable(x: Any, /) -> Any:
        return x * x / 2

    report = gradcheck(unstable, ag.Tensor(np.array(1e-9)), raise_exception=False)
    assert not report
    assert any("in 50 digits the rule is right" in note for note in report.notes)
    nearly_equal = ag.Tensor(np.array([0.7, 0.7 + 1e-12]))
    report = gradcheck(ag.std, nearly_equal, raise_exception=False)
    assert report, str(report)
    assert any("that is rounding, not the formula" in note for note in report.notes)


@pytest.mark.parametrize("seed", range(5))
def test_the_verdict_does_not_hang_on_the_seed(seed: int) -> None:
    x = ag.Tensor(np.array([1e9 + 0.3, 0.5]))
    assert gradcheck(ag.sin, x, precision=40, rng=seed)
    assert not gradcheck(
        lambda x: scaled(ag.sin(x), 1.01), x, precision=40, rng=seed, raise_exception=False
    )

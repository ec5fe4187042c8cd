"""Wrong rules and their repaired twins that were once confused, each at all seeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.modes import current_mode
from autograd.engine.row import OPS
from autograd.engine.trail import exits
from autograd.gradcheck import gradcheck
from autograd.gradcheck.legs.directions import drawn
from autograd.gradcheck.numeric.decisions import AGREES, FAILS
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.judge import Judge
from autograd.gradcheck.numeric.ladder import unit_steps
from autograd.gradcheck.numeric.slopes import Analytic
from tests.twins import Pairs, Rule, one, tensor, verdicts

PAIRS = Pairs()
rules = PAIRS.rules
COS = lambda g, x: g * np.cos(x)  # noqa: E731


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


# ---- a kink that is near, but not at the point ---------------------------------------------------


def ramp_from(threshold: float) -> tuple[Rule, Rule]:
    return lambda x: np.maximum(x - threshold, 0), lambda g, x: g * (x > threshold)


for threshold in (1e-6, 1e-9, 1e-12):
    forward, rule = ramp_from(threshold)
    rules(
        f"below a ramp that begins at {threshold}", lambda g, x: g * (x > 0), rule,
        tensor(threshold / 10), forward=forward,
    )  # fmt: skip
    rules(
        f"on a ramp that begins at {threshold}", lambda g, x: 0 * g * x, rule,
        tensor(2 * threshold, 1.0), forward=forward,
    )  # fmt: skip

# ---- what rounding to float32 hides at every step ------------------------------------------------


def plateaus(offset: float) -> Rule:
    low = np.float32(offset)
    return lambda x: (np.sin(x).astype("float32") + low).astype("float64")


for offset in (1e5, 1e6, 1e8):
    rules(
        f"nothing on plateaus of {offset:.0e}", lambda g, x: 0 * g * x, COS, tensor(0.8, 0.3),
        forward=plateaus(offset),
    )  # fmt: skip

# ---- bends within the first steps, and wide steps that matter ------------------------------------


def bent(distance: float, slope: float = 3.0) -> tuple[Rule, Rule]:
    """sin with a kink so far away: the rungs that are wider see it, and the finer ones do not."""

    def forward(x: Any) -> Any:
        return np.sin(x) + slope * np.abs(x - (0.7 + distance))

    def rule(g: Any, x: Any) -> Any:
        return g * (np.cos(x) + slope * np.sign(x - (0.7 + distance)))

    return forward, rule


for distance in (1e-2, -1e-4, 1e-6, -1e-8):
    forward, rule = bent(distance)
    rules(f"a kink {distance} away", lambda g, x: g * np.cos(x), rule, tensor(0.7), forward=forward)

rules(
    "a sign where only wide steps tell", lambda g, x: -g * np.cos(x), COS, tensor(0.8, 0.2),
    forward=plateaus(3e3),
)  # fmt: skip
rules(
    "the mean slope of a fine ripple", lambda g, x: g * np.cos(x),
    lambda g, x: g * (np.cos(x) + np.cos(x * 1e5)), tensor(0.8, 0.2),
    forward=lambda x: np.sin(x) + 1e-5 * np.sin(x * 1e5),
)  # fmt: skip

# ---- far from 1 ----------------------------------------------------------------------------------

rules(
    "half of a slope of 1e-90", lambda g, x, out: -g * x * out, lambda g, x, out: -2 * g * x * out,
    tensor(14.5, 0.5), forward=lambda x: np.exp(-x * x),
)  # fmt: skip
rules(
    "nothing for a small one in single precision", lambda g, x: g * 3 * x**4 / (x * x),
    lambda g, x: g * 3 * x * x, tensor(3e-12, 0.5, dtype="float32"), forward=lambda x: x**3,
)  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_wrong_rule_is_caught_at_every_seed(name: str) -> None:
    wrong, _, inputs, options = PAIRS[name]
    for passes, text in verdicts(wrong(), inputs, options):
        assert not passes, text


@pytest.mark.parametrize("name", PAIRS)
def test_its_repaired_twin_is_blamed_at_no_seed(name: str) -> None:
    _, right, inputs, options = PAIRS[name]
    for passes, text in verdicts(right(), inputs, options):
        assert passes, text


# ---- rules that cancel, and second derivatives that there are none of ----------------------------


@pytest.mark.parametrize("seed", [5, 8, 11, 12])
def test_what_cancels_inside_of_a_rule_is_rounding(seed: int) -> None:
    """A rule of third derivatives gives 1e-11 of rounding where the slope is 0."""
    cofactor = OPS["cofactor"]
    for x in [s.inputs[0] for s in cofactor.samples() if s.label in ("(3,3)", "(2,2,2)")]:
        assert gradcheck(cofactor.record, ag.Tensor(x), order=2, rng=seed)


@pytest.mark.parametrize("f", [ag.std, ag.linalg.vector_norm, lambda x: ag.hypot(x[0], x[1])])
def test_a_second_derivative_may_be_nan_where_the_first_is_at_a_kink(f: Any) -> None:
    report = gradcheck(f, ag.Tensor(np.zeros(3)), order=2)
    assert report.kinks


def test_a_second_derivative_that_is_nan_where_the_first_is_smooth_is_wrong() -> None:
    f = one(lambda g, x: g * (2 * x + 0 * x / np.sqrt(x * x)), np.square)
    with np.errstate(invalid="ignore"):
        assert not gradcheck(f, tensor(0.0, 1.0), order=2, raise_exception=False)


def test_ties_of_opposite_signs_are_judged_at_every_seed() -> None:
    both = one(lambda g, x, out: g * np.sign(x) * (np.abs(x) == out), lambda x: np.max(np.abs(x)))
    for seed in range(12):
        assert not gradcheck(both, tensor(2.0, -2.0, 1.0), rng=seed, raise_exception=False)


# ---- names ---------------------------------------------------------------------------------------


def test_a_chaotic_gradient_is_named_by_what_the_rule_gives_in_many_digits() -> None:
    cos = one(lambda g, x: -1.001 * g * np.sin(x), np.cos)

    def rough(x: Any) -> Any:
        return sum(0.7**k * cos(7.0**k * np.pi * x) for k in range(25))

    (found,) = gradcheck(rough, ag.Tensor(np.array(0.3)), raise_exception=False).failures
    assert found.pattern == "+0.1 %"


def test_a_factor_seen_through_noise_is_a_round_one() -> None:
    f = one(
        lambda g, x: -g * np.cos(x),
        lambda x: np.sin(x).astype("float16").astype("float64") + 8.0,
    )
    (found,) = gradcheck(f, tensor(0.4), raise_exception=False).failures
    assert found.pattern == "sign flipped"


def test_a_factor_is_that_of_the_outputs_that_are_wrong() -> None:
    twice = one(lambda g, x: 2 * g * np.cos(x))
    report = gradcheck(
        lambda x: ag.stack([twice(x[0]), x[0] * 5]), tensor(0.4, 1.0), raise_exception=False
    )
    assert report.failures[0].pattern.startswith("constant factor 2")


def test_a_failure_that_stands_is_told_by_the_numbers_that_were_there() -> None:
    """What the referee looked at, and left, changes neither the count nor the name."""
    f = one(lambda g, x: g * 2 * x * np.float64(1.002), lambda x: x * x * 1e-200)
    report = gradcheck(f, tensor(3.0), raise_exception=False)
    assert "0 of 1 elements agree, 1 disagree" in str(report)


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_element_of_many_hides_in_no_error_of_kinks_that_are_near(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, signs = rng.normal(size=600), np.ones(600)
    ramps = x - 1
    ramps[rng.choice(600, 3, replace=False)] += 1 - 1e-5
    planted = one(lambda g, x: g * np.cos(x) * signs)

    def report() -> Any:
        def f(x: Any) -> Any:
            return (100 * ag.relu(x - ramps)).sum() + planted(x).sum()

        return gradcheck(f, ag.Tensor(x), rng=seed, raise_exception=False)

    assert report()
    signs[np.argmax(np.cos(x))] = -1
    assert not report()


@pytest.mark.parametrize("off", [1e-3, 0.0])
def test_a_direction_is_judged_alike_whatever_was_judged_before(off: float) -> None:
    """Below kinks at 1e-4, and a slope of 2,000; the direction before it meets kinks at 1e-7."""
    rng = np.random.default_rng(0)
    x, more = rng.normal(size=600), np.zeros(600)
    x[:2], more[2] = 1.0, off
    ramps = x - 1
    ramps[:2] = x[:2] - (1e-4, 1e-7)
    planted = one(lambda g, x: g * (np.cos(x) + more))
    function = Function(
        lambda x: (100 * ag.relu(x - ramps)).sum() + planted(x).sum(), [x], [0], ["x"]
    )
    with np.errstate(all="ignore"):
        slopes = Analytic(function, x, rng, full=False)
        before, later = (drawn(unit_steps(x), rng) for _ in range(2))
        later[1] = 0
        found = []
        for directions in ([later], [before, later]):
            judge = Judge(function, x, "bracket", np.random.default_rng(1))
            found.append([judge.screened(d, slopes.along(d)) for d in directions][-1])
    assert [a.tolist() for a in found[0]] == [a.tolist() for a in found[1]]
    assert found[1].status == [FAILS if off else AGREES]


def test_what_looks_for_the_bad_node_leaves_the_trail_of_the_program() -> None:
    with ag.tracing():
        (ag.Tensor(2.0, requires_grad=True) * 3).detach()
    before = exits()
    report = gradcheck(one(lambda g, x: -g * np.cos(x)), tensor(0.3), raise_exception=False)
    assert "planted  test_gradcheck_honest.py" in str(report)
    assert exits() == before != ()


@pytest.mark.parametrize("around", [ag.no_grad, ag.detect_anomaly, ag.profile, ag.checking])
def test_a_verdict_does_not_hang_on_what_is_switched_on_around(around: Any) -> None:
    sine = one(lambda g, x: g * np.cos(x) * signs)
    for signs in (1.0, -1.0):
        with around():
            mode = current_mode()
            assert bool(gradcheck(sine, tensor(0.3, 0.4), raise_exception=False)) == (signs > 0)
            assert gradcheck(ag.sqrt, tensor(0.0, 1.0))  # an infinity, as it should
            assert current_mode() is mode

"""What a verdict costs in evaluations of f, and that the short ways say what the long ones do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.engine.row import OPS
from autograd.extend import op
from autograd.gradcheck.check import check
from autograd.gradcheck.naming.blame import blamed
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.sides import KINK, quickly, sides

N = 2000


@op(
    "sin x, with signs in the rule",
    x=lambda g, x, signs: g * np.cos(x) * signs,
)
def signed_sine(x: Any, /, signs: Any = None) -> Any:
    return np.sin(x)


@op("log x, with a factor in the rule", x=lambda g, x, factor: factor * g / x)
def scaled_log(x: Any, /, factor: float = 1.0) -> Any:
    return np.log(x)


for made in ("signed_sine", "scaled_log"):  # from the table of all ops
    OPS.pop(made)


def _signs(*wrong: int) -> Any:
    signs = np.ones(N)
    signs[list(wrong)] = -1
    return signs


def _counted(f: Any) -> tuple[Any, list[int]]:
    calls = [0]

    def counting(x: Any) -> Any:
        calls[0] += 1
        return f(x)

    return counting, calls


@pytest.mark.parametrize(
    ("wrong", "summed", "most"),
    [
        ((), False, 110),
        ((), True, 110),
        ((1234,), False, 200),
        ((1234,), True, 220),
        (tuple(range(0, N, 40)), False, 1000),
        (tuple(range(0, N, 40)), True, 2100),
    ],
)
def test_a_verdict_takes_so_many_evaluations(wrong: Any, summed: bool, most: int) -> None:
    signs = _signs(*wrong)
    f, calls = _counted(
        lambda x: signed_sine(x, signs=signs).sum() if summed else signed_sine(x, signs=signs)
    )
    x = ag.Tensor(np.random.default_rng(1).normal(size=N))
    report = ag.gradcheck(f, x, raise_exception=False)
    assert bool(report) == (not wrong)

    assert calls[0] <= most


@given(st.integers(0, 2**32 - 1), st.sampled_from(["smooth", "kink", "near", "cusp", "jump"]))
def test_sides_that_meet_at_a_glance_are_at_no_kink(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    n = 40
    at = 10.0 ** rng.uniform(-9, 0, n) * (kind == "near")

    def f(t: float) -> Any:
        moved = t - at
        return {
            "smooth": np.sin(moved * 3),
            "kink": np.abs(moved),
            "near": np.abs(moved),
            "cusp": np.sqrt(np.abs(moved)),
            "jump": np.sign(moved),
        }[kind] + rough * np.sin(2 * t)

    rough = rng.normal(size=n)
    h = 0.25 * 4.0 ** -np.arange(3, 7)[:, None]
    start, high, low = f(0.0), np.stack([f(t) for t in h[:, 0]]), np.stack([f(-t) for t in h[:, 0]])
    size = 2.0**-52 * np.fmax(np.abs(high), np.abs(low))
    quick, slow = quickly(start, high, low, size, h), sides(start, high, low, size, h)
    assert np.array_equal(quick[3] > KINK, slow[3] > KINK)
    at_kink = slow[3] > KINK
    for one, other in zip(quick, slow, strict=True):
        assert np.array_equal(one[at_kink], other[at_kink], equal_nan=True)


@pytest.mark.parametrize(
    ("f", "named"),
    [
        (lambda x: signed_sine(x, signs=_signs(5)), True),
        (lambda x: signed_sine(x, signs=_signs(5)).sum(), True),
        # what leaves the graph is no mistake of the node that is left
        (lambda x: ag.sin(x) + ag.Tensor(np.cos(x.numpy())), False),
        (lambda x: ag.multiply(x, float(x.numpy()[0])), False),
    ],
)
def test_a_node_is_named_only_where_it_is_all_of_f_or_fails_itself(f: Any, named: bool) -> None:
    x = np.random.default_rng(0).normal(size=N)
    function = Function(f, [x], [0], ["x"])
    found = blamed(function, function.x, 1, check, whole=True)
    assert (found.node is not None) == named


# ---- a failure that is believed early ------------------------------------------------------------


def _floor(x: Any) -> Any:
    return ag.floor(x)


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9, 1e12])
def test_steps_across_whole_numbers_are_no_plain_failure(size: float) -> None:
    """The wide steps all agree that the slope of floor is 1; the gradient says 0, and is right."""
    assert ag.gradcheck(_floor, ag.Tensor(np.array([size + 0.3])), raise_exception=False)


@pytest.mark.parametrize("short", [-18, -26, -34, -42])
def test_a_slope_that_shows_at_short_steps_alone_is_no_plain_failure(short: int) -> None:
    """x + s sin(x / s) has the slope 2 at 0, and 1 at all steps longer than s."""
    s = 2.0**short

    def f(x: Any) -> Any:
        return x + s * ag.sin(x / s)

    for where in (0.0, 2 * np.pi * s):
        assert ag.gradcheck(f, ag.Tensor(np.array([where])), raise_exception=False)


@pytest.mark.parametrize("x", [1e-6, 1e-4, 0.7, 30.0, 1e5])
@pytest.mark.parametrize("factor", [-1.0, 1.01, 0.0, 2.0])
def test_plain_failures_fail_at_any_size(x: float, factor: float) -> None:
    wrong = lambda x: scaled_log(x, factor=factor)  # noqa: E731
    assert not ag.gradcheck(wrong, ag.Tensor(np.array([x])), raise_exception=False)
    assert ag.gradcheck(ag.log, ag.Tensor(np.array([x])), raise_exception=False)


def test_an_unused_input_hides_no_name() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, N))
    function = Function(lambda x, y: signed_sine(x, signs=_signs(5)), [x, y], [0, 1], ["x", "y"])
    assert "signed_sine" in str(blamed(function, function.x, 1, check, whole=True).node)

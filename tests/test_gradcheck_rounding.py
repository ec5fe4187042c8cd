"""Rounding is told from a mistake where large terms cancel, and a mistake from rounding.

A gradient that is zero by cancellation is what rounding left of its terms: its own size says
nothing about its error, and the size of the terms does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.engine.samples import draw
from autograd.gradcheck import gradcheck
from autograd.gradcheck.numeric.function import Function
from autograd.gradcheck.numeric.rounding import rounded, rounding_of_gradients, rounding_of_values
from tests.mistakes import planted, softmax

EPS = float(np.finfo(np.float64).eps)


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def centred(x: Any) -> Any:
    return (x - x.mean(axis=0)).sum()


def standardised(x: Any) -> Any:
    return ((x - x.mean(axis=-1, keepdims=True)) / ag.std(x, axis=-1, keepdims=True)).sum()


def recorded(f: Any, x: Any) -> Any:
    return Function(f, [x], [0], ["x"]).record()


# Sums that are constant: each gradient is zero, and AD gives what rounding leaves.
CANCELLING: dict[str, tuple[Any, tuple[int, ...], int]] = {
    "centred": (centred, (100,), 2),
    "centred columns": (centred, (5, 3), 2),
    "many centred": (centred, (2000,), 1),
    "long centred columns": (centred, (30_000, 3), 1),
    "centred, not summed": (lambda x: (x - x.mean(axis=0)).sum(axis=0), (100, 3), 1),
    "softmax": (lambda x: ag.softmax(x, axis=-1).sum(), (4, 5), 2),
    "large softmax": (lambda x: ag.softmax(x, axis=-1).sum(), (60, 10), 1),
    "standardised": (standardised, (4, 5), 2),
    "sin² + cos²": (lambda x: (x.sin() ** 2 + x.cos() ** 2).sum(), (30,), 2),
    "eˣ · e⁻ˣ": (lambda x: x.exp() * (-x).exp(), (30,), 2),
    "a thing less itself": (lambda x: (x - x).sum(), (5,), 2),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", CANCELLING)
def test_what_cancels_is_not_blamed(name: str, seed: int) -> None:
    f, shape, order = CANCELLING[name]
    report = gradcheck(f, ag.Tensor(draw(*shape)), order=order, rng=seed, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("name", ["centred", "softmax", "standardised", "sin² + cos²"])
def test_what_cancels_in_float32_is_not_blamed(name: str) -> None:
    f, shape, _ = CANCELLING[name]
    report = gradcheck(f, ag.Tensor(draw(*shape).astype(np.float32)), raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("shape", [(4,), (60,), (520,)])
@pytest.mark.parametrize("off", [1e-6, 1e-3, 1.0])
def test_a_wrong_term_of_what_cancels_is_caught(shape: tuple[int, ...], off: float) -> None:
    rule = lambda g, x_shape: np.broadcast_to(g / x_shape[0] * (1 + off), x_shape)  # noqa: E731
    mean = planted(rule, lambda x: np.mean(x, axis=0))
    x = ag.Tensor(draw(*shape))
    assert not gradcheck(lambda x: (x - mean(x)).sum(), x, raise_exception=False)


@pytest.mark.parametrize("shape", [(3, 4), (26, 20)])
def test_a_wrong_sum_inside_a_rule_that_cancels_is_caught(shape: tuple[int, ...]) -> None:
    rule = lambda g, out: out * (g - (1 + 1e-6) * np.sum(g * out, -1, keepdims=True))  # noqa: E731
    bad = planted(rule, softmax)
    x = ag.Tensor(draw(*shape))
    assert not gradcheck(lambda x: bad(x).sum(), x, raise_exception=False)


def test_a_rule_that_is_not_linear_is_caught_where_the_gradient_should_cancel() -> None:
    bad = planted(lambda g, x: g**3 * np.cos(x))
    f = lambda x: (bad(x) + bad(x) - 2 * bad(x).mean()).sum()  # noqa: E731
    report = gradcheck(f, ag.Tensor(draw(20)), raise_exception=False)
    assert "not linear in the cotangent" in str(report)


# ---- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("added", [1e8, 1e12, 1e14, 1e16])
def test_a_slope_below_the_rounding_of_what_is_on_the_way_is_not_blamed(
    added: float, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = ag.Tensor(draw(20))
    report = gradcheck(lambda x: (x + added) - added, x, rng=seed, raise_exception=False)
    assert report, str(report)
    assert not report.inconclusive, str(report)  # many digits have decided
    monkeypatch.setattr("autograd.gradcheck.precise.referee.is_installed", lambda: False)
    report = gradcheck(lambda x: (x + added) - added, x, rng=seed, raise_exception=False)
    assert report, str(report)
    assert bool(report.inconclusive) == (added > 1e10)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("f", "tiny"), [(ag.log, 1e-300), (ag.log, 1e-30), (lambda x: 1 / x, 1e-100), (ag.sqrt, 1e-20)]
)
def test_a_tiny_input_is_stepped_in_its_own_size(f: Any, tiny: float, seed: int) -> None:
    report = gradcheck(f, ag.Tensor(np.array([tiny, 1.0])), rng=seed, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("tiny", [1e-300, 1e-30, 1e-8])
def test_a_wrong_slope_at_a_tiny_input_is_caught(tiny: float) -> None:
    bad = planted(lambda g, x: g * 1.001 / x, np.log)
    assert not gradcheck(bad, ag.Tensor(np.array([tiny, 1.0])), raise_exception=False)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("zero", [8, 17])
def test_one_kink_below_the_noise_of_a_large_sum_is_not_blamed(zero: int, seed: int) -> None:
    x = np.random.default_rng(zero).uniform(-2, 2, 1000)
    x[zero] = 0
    report = gradcheck(
        lambda x: ag.relu(x).sum() + 1e9, ag.Tensor(x), rng=seed, raise_exception=False
    )
    assert report, str(report)


# ---- the measurement -----------------------------------------------------------------------------


def test_the_rounding_of_a_gradient_is_that_of_its_terms() -> None:
    recording = recorded(centred, draw(100))
    rng = np.random.default_rng(0)
    size = rounding_of_gradients(recording, np.array([[3.0]]), rng)[0]
    assert np.max(np.abs(recording.vjp(np.array([3.0])))) < 1e-12
    assert np.all((size > 0.1) & (size < 20))


def test_the_rounding_of_values_is_that_of_what_is_on_the_way() -> None:
    recording = recorded(lambda x: (x + 1e6) - 1e6, draw(50))
    noise = rounding_of_values(recording, np.random.default_rng(0))
    assert np.all((noise > 0.3e6 * EPS) & (noise < 3e6 * EPS))


def test_measuring_leaves_the_recording_as_it_was() -> None:
    recording = recorded(standardised, draw(6, 8))
    u = np.ones(1)
    before, value = recording.vjp(u), recording.value.copy()
    rng = np.random.default_rng(0)
    rounding_of_gradients(recording, u[None], rng)
    rounding_of_values(recording, rng)
    rounded(recording, 1e-7, rng)
    assert np.array_equal(recording.vjp(u), before)
    assert np.array_equal(recording.value, value)

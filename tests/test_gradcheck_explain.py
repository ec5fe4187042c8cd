"""`Report.explain()`: how each verdict came about, in sentences."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd.engine.samples import draw
from autograd.gradcheck import gradcheck
from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report


def test_a_failure_tells_how_many_errors_it_is_off() -> None:
    report = gradcheck(lambda x: np.sum(x**3), draw(6), grad=lambda x: 3 * x, raise_exception=False)
    text = " ".join(report.explain().split())
    assert "FAIL, " in text
    assert text.count("times that error apart") == 3
    assert "3 more elements are so." in text
    assert "More than ten errors are no rounding" in text
    assert text.endswith("Each of 6 elements was moved alone, and compared at every output.")


def test_what_is_undecided_is_told_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.gradcheck.precise.referee.is_installed", lambda: False)
    report = gradcheck(lambda x: (x + 1e16) - 1e16, ag.Tensor(np.array([0.5])))
    text = report.explain()
    assert "INCONCLUSIVE, " in text
    assert "What would help: the numeric slope is not known to 1 %" in text


def test_probes_tell_what_they_may_miss() -> None:
    text = gradcheck(lambda x: x.sin().sum(), ag.Tensor(draw(800))).explain()
    assert "in 8 random directions; one wrong element is missed" in text
    assert "2^-8" in text


def test_a_broken_promise_is_told_to_need_no_differences() -> None:
    finding = Finding("contract", "", "out", 1, "float64", pattern="cotangent mutated")
    text = Report([finding], checked=3).explain()
    assert "What it looks like: cotangent mutated." in text
    assert "by calling the rules alone, without differences" in text


def test_the_apply_of_a_function_is_called_by_its_class() -> None:
    class Doubled(ag.Function):
        @staticmethod
        def forward(ctx: object, x: ag.Tensor) -> ag.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: object, g: ag.Tensor) -> ag.Tensor:
            return g

    report = gradcheck(Doubled.apply, draw(2), raise_exception=False)
    assert "FAIL  Doubled.apply  d out" in str(report)
    assert "repro: autograd.gradcheck(Doubled.apply, *inputs" in str(report)

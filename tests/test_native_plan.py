"""Native plans give what the call gives, but for rounding: results, and all that is written."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd.compiler.native.plan import NativePlan
from tests.programs import Step, assert_near, assert_same_as_eager, draw
from tests.test_program import DRAWS, PROGRAMS, STEPS, loss_of, pairs, tensors
from tests.test_program_random import ONE, TWO, endings, made_of, moves

pytestmark = pytest.mark.filterwarnings("ignore::autograd.errors.GradientLostWarning")


def assert_native(make: Any, batches: Any, least: Any = np.float64) -> None:
    assert_same_as_eager(make, batches, NativePlan, partial(assert_near, least=least))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_does_what_the_call_does(name: str) -> None:
    assert_native(STEPS[name], pairs(3))


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_made_anew(name: str) -> None:
    batches = [(ag.Tensor(draw(3, 6, 4, seed=s), requires_grad=True),) for s in range(3)]

    def call(x: Any) -> Any:
        result = DRAWS[name](x)
        loss = loss_of(result)
        if isinstance(loss, ag.Tensor):
            loss.backward()
        return result

    assert_native(lambda: Step(call), batches)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_the_call_does(name: str) -> None:
    make, arguments = PROGRAMS[name]

    def step() -> Step:
        f = make()
        return Step(lambda args, kwargs: f(*args, **kwargs), f)

    assert_native(step, [tensors(arguments(4, seed)) for seed in (0, 1)], np.float32)


@settings(max_examples=40, deadline=None)
@given(path=moves, ending=endings, dtype=st.sampled_from([np.float32, np.float64]))
def test_a_random_program_does_what_the_call_does(path: Any, ending: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(3)]
    with np.errstate(all="ignore"):
        assert_native(made_of(path, ending, dtype), batches)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_each_move_alone_does_what_the_call_does(name: str, dtype: Any) -> None:
    batches = [(ag.Tensor(draw(3, 4, seed=s, dtype=dtype)),) for s in range(2)]
    assert_native(made_of([(name, 2, 1)], "Adam", dtype), batches)

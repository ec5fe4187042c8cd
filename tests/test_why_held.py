"""why of a gradient that is held: what it says of `.grad` is what lies there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.graphs import leaf


@pytest.fixture(autouse=True)
def _untraced() -> None:
    """Nothing was called under tracing: no loss is known."""
    with ag.tracing():
        pass


STATES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "there": (lambda w: 2 * w, "there: rms 2"),
    "zero": (lambda w: w - w + 1, "zero"),
    "tiny": (lambda w: 1e-9 * w, "tiny: rms 1e−9"),
    "huge": (lambda w: 1e9 * w, "huge: rms 1e9"),
    "NaN": (lambda w: w * np.nan, "NaN"),
    "infinite": (lambda w: w * np.inf, "infinite"),
}


@pytest.mark.parametrize("kind", STATES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_without_a_loss_the_gradient_that_is_there_is_told(
    kind: str, shape: tuple[int, ...]
) -> None:
    function, words = STATES[kind]
    w = leaf(np.full(shape, 2.0), "w")
    function(w).sum().backward()
    reason = ag.why(w)
    assert reason.headline.startswith(f"w.grad is {words}")
    assert "autograd.why(w, loss)" in str(reason)
    assert "None" not in reason.headline
    assert reason.illness == {"there": ""}.get(kind, kind)


def test_without_a_loss_what_keeps_its_gradient_is_told_too() -> None:
    h = leaf(2.0, "w") * 3
    h.retain_grad()
    (h**2).backward()
    assert ag.why(h).headline == "h.grad is there: rms 12."


def test_a_gradient_of_another_loss_is_not_called_none() -> None:
    w, v = leaf(2.0, "w"), leaf(1.0, "v")
    (w * 3).backward()
    reason = ag.why(w, v * 2)
    assert reason.headline == (
        "The loss does not depend on w through the graph; w.grad (rms 3) came from another one."
    )
    assert reason.illness == "none"


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0.0, "w.grad is zero"),
        (12.0, "w.grad is there: rms 12"),
        (1e9, "w.grad is huge: rms 1e9"),
    ],
)
def test_a_gradient_that_this_loss_did_not_give_is_told_beside_what_it_gives(
    held: float, words: str
) -> None:
    """Cleared in place, accumulated, or changed by a hook or by clipping."""
    w = leaf(1.0, "w")
    loss = (w * 3 + 0) * 2
    loss.backward()
    w.grad = ag.Tensor(np.float32(held))
    reason = ag.why(w, loss)
    assert reason.headline.startswith(words)
    assert "this loss gives rms 6" in str(reason)
    assert "No upstream gradient" not in str(reason)


def test_a_gradient_of_before_the_parameter_was_changed_is_not_called_dead() -> None:
    w = ag.Tensor(np.ones(4), requires_grad=True, name="w")
    loss = ag.relu(w * 1.0).sum()
    loss.backward()
    with ag.no_grad():
        w -= 3.0  # all units are dead now, and were not then
    assert str(ag.why(w, loss)) == "w.grad is there: rms 1."


def test_the_doctor_finds_a_loss_ill_whose_gradient_is_nan_whatever_lies_in_grad() -> None:
    x = ag.Tensor([0.0, 1.0], requires_grad=True, name="x")
    (x * x).sum().backward()
    with np.errstate(all="ignore"):
        told = str(ag.doctor(ag.where(x > 0, ag.log(x), 0.0).sum()))
    assert told.startswith("1 of 1 parameter is ill")
    assert "log gives NaN for x" in told
    assert "What lies in .grad is finite" in told

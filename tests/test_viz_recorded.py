"""A picture shows what was recorded, or says what was changed since: whoever changed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.viz import draw


def in_place(w: Any) -> None:
    with ag.no_grad():
        w += 1


def element(w: Any) -> None:
    with ag.no_grad():
        w[...] = 5.0


def data(w: Any) -> None:
    w.data = w.data * 2


def data_in_place(w: Any) -> None:
    w.data += 1


def loaded(w: Any) -> None:
    layer = nn.Module()
    layer.w = w
    layer.load_state_dict({"w": np.full(w.shape, 7.0, w.numpy().dtype)})


CHANGES: dict[str, Callable[[Any], None]] = {
    **{name: (lambda w, make=make: make([w], lr=0.1).step())
       for name, make in {"SGD": optim.SGD, "Adam": optim.Adam, "AdamW": optim.AdamW}.items()},
    "in place": in_place, "element": element, "data": data, "data in place": data_in_place,
    "loaded": loaded,
}  # fmt: skip


def squared(value: Any, backward: bool = True) -> tuple[Any, Any]:
    w = nn.Parameter(np.array(value, "float32"))
    w.name = "w"
    loss = ((w * 2.0) ** 2).sum()
    loss.name = "L"
    if backward:
        loss.backward()
    else:
        w.grad = ag.Tensor(np.ones(np.shape(value), "float32"))
    return w, loss


@pytest.mark.parametrize("backward", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_numbers_are_drawn_as_they_were_recorded(change: str, backward: bool) -> None:
    w, loss = squared(2.0, backward)
    CHANGES[change](w)
    now = w.item()
    assert now != 2.0
    picture = draw(loss, names={})
    cards = {card.name: card for card in picture.model.cards}
    assert float(cards["L"].value) == loss.item()
    assert float(cards["w"].value) == 2.0
    assert float(cards["w"].gradient) == 16.0
    assert "w changed since (2 → " in picture.model.note


@pytest.mark.parametrize("change", CHANGES)
def test_of_arrays_it_is_said_that_they_were_changed(change: str) -> None:
    w, loss = squared([2.0, 3.0, 4.0])
    CHANGES[change](w)
    note = draw(loss, names={}).model.note
    assert "w was changed after the recording" in note
    assert "L was 116 when it was recorded, and is" in note


def test_every_artefact_says_so() -> None:
    w, loss = squared(2.0)
    in_place(w)
    said = "w changed since (2 → 3)"
    picture = draw(loss, names={})
    ledger = ag.explain(loss, w)
    assert said in picture.svg()
    assert said in picture.html()
    assert said in picture.text()
    assert said in draw(loss, names={}, style="tower").svg()
    assert said in ledger.text()
    assert "w changed since (2 $\\to$ 3)" in ledger.latex()
    assert said in ledger.html()
    assert said in str(ag.stepper(loss, names={}))
    assert said in str(ag.stepper(loss, names={}).next())


def test_nothing_is_said_where_nothing_was_changed() -> None:
    w, loss = squared(2.0)
    assert draw(loss).model.note == ""
    in_place(w)
    again = w * 3.0
    assert draw(again, names={}).model.note == ""
    assert float(draw(again, names={}).model.outputs[0].value) == 9.0


def test_after_many_steps_the_first_number_is_still_known_or_its_loss_is_told() -> None:
    w, loss = squared(2.0)
    for _ in range(5):
        in_place(w)
    assert "w changed since (2 → 7)" in draw(loss, names={}).model.note
    for _ in range(50):
        in_place(w)
    note = draw(loss, names={}).model.note
    assert "w was changed after the recording" in note
    assert "L was 16 when it was recorded" in note


def test_a_change_between_two_uses_is_told() -> None:
    w = ag.Tensor(2.0, requires_grad=True, name="w")
    a = w * 3.0
    in_place(w)
    loss = a + w
    assert "w was changed between its uses (2 → 3)" in draw(loss, names={}).model.note


def test_buffers_that_training_moves_on_are_told() -> None:
    layer = nn.BatchNorm1d(2)
    x = ag.Tensor(np.arange(8.0).reshape(4, 2), requires_grad=True, name="x")
    layer.eval()
    loss = (layer(x) ** 2).sum()
    loss.name = "L"
    before = draw(loss, names={}).model
    layer.train()
    layer(x)
    after = draw(loss, names={}).model
    assert np.array_equal(before.outputs[0].value, after.outputs[0].value) or after.note
    assert before.note == ""


@pytest.mark.parametrize(("count", "said"), [
    (2, "p0 and p1 were changed after the recording, these are their values now"),
    (3, "p0, p1 and p2 were changed"),
    (9, "p0, p1, p2 and 6 others were changed"),
])  # fmt: skip
def test_all_arrays_that_were_changed_are_told_of(count: int, said: str) -> None:
    params = [ag.Tensor([1.0 + i, 2.0], requires_grad=True, name=f"p{i}") for i in range(count)]
    kept = ag.Tensor([1.0, 2.0], requires_grad=True, name="kept")
    loss = sum((p * p * kept).sum() for p in params)
    loss.backward()
    optim.SGD(params, lr=0.1).step()
    note = draw(loss, names={}).model.note
    assert said in note
    assert "kept" not in note


def test_memory_that_is_written_to_behind_everyones_back_is_noticed() -> None:
    w = ag.Tensor(np.arange(3.0), requires_grad=True, name="w")
    loss = (w * w).sum()
    loss.name = "L"
    w._value[...] = 7.0  # no method of a Tensor: nothing is noted
    note = draw(loss, names={}).model.note
    assert "L was 5 when it was recorded, and is 147 replayed" in note
    assert "was changed since" in note


@pytest.mark.parametrize(
    ("value", "step", "told"),
    [(2.0, 1e-5, "2 → 2.00001"), (123456789.0, 1.0, "1.23456789e8 → 1.2345679e8"), (2.0, 0.0, "")],
)
def test_a_change_is_told_in_as_many_digits_as_it_takes(value: Any, step: Any, told: str) -> None:
    w = ag.Tensor(np.array(value), requires_grad=True, name="w")
    loss = w * 3.0
    with ag.no_grad():
        w += 1.0 - step
        w -= 1.0 - 2 * step
    note = draw(loss, names={}).model.note
    assert (f"({told})" in note) if told else not note

"""A click on a box of the page tells what it is, in numbers that are those of the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
from autograd.viz import draw
from autograd.viz.model.about import about
from tests.graphs import affine, cards, deep_network, leaf, recurrent


def convolved() -> Any:
    with ag.tracing():
        x, w = leaf(np.ones((2, 3, 8, 8)), "x"), leaf(np.ones((4, 3, 3, 3)), "w")
        y = ag.relu(ag.sum(x, axis=(2, 3)) - 64)  # the line of relu
        return y.mean() + w.mean()


def told(picture: Any) -> Any:
    return about(picture.model, [box.key for box in picture.scene.boxes])


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("make", [affine, convolved, lambda: deep_network(2)])
def test_every_box_tells_its_facts_when_it_is_clicked(opened: Any, make: Any, width: int) -> None:
    shown = opened(draw(make(), names={}), "light", (width, 844))
    facts = told(shown.picture)["facts"]
    script = """((target) => { document.querySelector('#last').click();
        document.querySelector(target).dispatchEvent(
        new MouseEvent('click', {bubbles: true}));
        const pairs = [...document.querySelectorAll('#about dt')]
            .map((e) => [e.textContent, e.nextSibling.textContent]);
        const side = document.querySelector('#side').getBoundingClientRect();
        const head = document.querySelector('#about h2').getBoundingClientRect();
        return [document.querySelector('#about').hidden, pairs,
                head.top < side.bottom && head.bottom > side.top]; })(...arguments)"""
    boxes = [box for box in shown.picture.scene.boxes if box.key[0] in "to" and "p" not in box.key]
    seen = 0
    for box in boxes:
        key = box.key if box.key in facts else box.key.split("o")[0]
        if key in facts:
            seen += 1
            hidden, pairs, is_in_view = shown.js(script, f"g#{box.key}")
            assert not hidden
            assert pairs == facts[key]
            assert is_in_view
    assert seen > 4
    shown.press(Keys.HOME)
    assert not shown.find("#about").is_displayed()


def test_a_gradient_is_told_when_it_has_come_and_not_while_it_is_guessed(opened: Any) -> None:
    shown = opened(draw(affine(), names={}), "light", (1280, 844))
    card = f"g#{cards(shown.picture.model)['e'].key}"  # the gradient of e comes at the first step
    told_at = []
    for keys in ([], [Keys.ARROW_RIGHT], ["g"], [Keys.ARROW_RIGHT]):
        shown.press(*keys)
        shown.js(
            "document.querySelector(arguments[0]).dispatchEvent("
            "new MouseEvent('click', {bubbles: true}))",
            card,
        )
        told_at.append("∇e" in shown.find("#about").text)
    assert told_at == [False, True, False, True]


def test_the_facts_of_an_op_are_attributes_arguments_shapes_statistics_bytes_and_lines() -> None:
    picture = draw(convolved(), names={})
    found = told(picture)
    by_op = {step.op.name: step for step in picture.model.steps}
    facts = dict(found["facts"][by_op["sum"].key])
    assert facts["axis"] == "(2, 3)"
    assert facts["x"].startswith("x, 2×3×8×8 float")
    assert facts["gives"].startswith("sum, 2×3 float")
    assert facts["sum"] == "mean 64, rms 64, 64 to 64"
    size = np.asarray(by_op["sum"].edges[0].source.value).nbytes
    assert facts["bytes"].startswith(f"{size / 1024:g} KiB read")
    assert dict(found["facts"][by_op["relu"].key])["relu"].endswith("6 zeros")
    lines = found["source"][by_op["relu"].where]
    assert len(lines) == 5
    assert "the line of relu" in lines[2][1]


def test_numbers_that_are_none_are_counted() -> None:
    with np.errstate(all="ignore"):
        x = leaf([0.0, 1.0, np.nan], "x")
        found = told(draw(ag.log(x).sum(), names={}))["facts"]
    assert ["log", "mean 0, rms 0, 0 to 0, 1 zero, 1 NaN, 1 ∞"] in found["o0"]


def test_a_fold_tells_which_ops_it_stands_for(opened: Any) -> None:
    shown = opened(draw(recurrent(60), names={}), "light", (1280, 844))
    shown.js(
        "document.querySelector('g.op').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert shown.find("#about").is_displayed()
    assert len(told(shown.picture)["facts"]) < 20, "facts of what has no box"

"""Folded loops in the browser: every step has its box, and the slider draws any step."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.numbers import number, rms
from tests.loops import LOOPS, rnn
from tests.pages import Page

WALK = """((total, loss) => Array.from({ length: total }, () => {
  document.getElementById("next").click();
  const now = [...document.querySelectorAll("g.op.now, g.module.now")];
  const words = now.map((node) => node.textContent).join(" ");
  return [now.map((node) => node.id), words, !!document.querySelector(`#${loss}:not(.absent)`)];
}))(arguments[0], arguments[1])"""


def slide(page: Page, step: int, which: int = 0) -> None:
    """Put the slider of a loop to a step."""
    page.js(
        "(([i, at]) => { const field = document.querySelectorAll('#loops input')[i];"
        "field.value = at; field.dispatchEvent(new Event('input')); })(arguments[0])",
        [which, step - 1],
    )


def shown(page: Page, key: str) -> list[str]:
    script = "[...document.querySelectorAll(`#${arguments[0]} text`)].map((t) => t.textContent)"
    texts: list[str] = page.js(script, key)
    return texts


@pytest.mark.parametrize(
    ("make", "theme", "size"),
    [(LOOPS["two loops"][0], "light", (1280, 860)), (lambda: rnn(12), "dark", (390, 844))],
)
def test_each_step_is_marked_in_its_own_box_and_the_loss_stays(
    opened: Any, make: Any, theme: str, size: tuple[int, int]
) -> None:
    picture = draw(make(), names={})
    steps = sorted(picture.model.steps, key=lambda step: step.order)
    page = opened(picture, theme, size)
    walked = page.js(WALK, len(steps), picture.model.outputs[0].key)
    for step, (now, words, has_loss) in zip(steps, walked, strict=True):
        assert now == [step.key]
        assert f"↩{step.order}" in words
        assert has_loss
    assert page.complaints() == []
    for control in page.all("#loops input"):
        box = page.rect(control)
        assert 0 <= box["left"] <= box["right"] <= size[0]


def test_the_slider_puts_the_numbers_of_any_step_into_the_picture(opened: Any) -> None:
    hidden: list[ag.Tensor] = []
    loss = rnn(20, hidden)
    picture = draw(loss, names={})
    assert picture.scene.view is not None
    (loop,) = picture.scene.view.loops
    page = opened(picture)
    page.press(Keys.END)
    for step in (1, 2, 7, 19, 20, 11, 1):
        slide(page, step)
        assert page.find("#loops output").text == f"{step} / 20"
        (state,) = loop.states_of(step - 1)
        texts = shown(page, state.key)
        assert f"· step {step}" in texts[1]
        assert f"±{number(rms(hidden[step - 1].numpy()), 2)}" in texts
        assert number(rms(state.gradient), 2) in texts
        assert not page.hidden(state.key)
        (op, *_) = loop.steps[step - 1]
        assert f"↩{op.order}" in " ".join(shown(page, op.key))
    assert page.complaints() == []


def test_a_gradient_of_another_step_is_hidden_until_the_backward_pass_has_reached_it(
    opened: Any,
) -> None:
    picture = draw(rnn(), names={})
    assert picture.scene.view is not None
    (loop,) = picture.scene.view.loops
    page = opened(picture)
    op = loop.steps[14][-1]
    for _ in range(op.order - 1):
        page.press(Keys.ARROW_RIGHT)
    before, after = loop.states_of(13)[0], loop.states_of(15)[0]
    slide(page, 17)
    assert not page.hidden(after.key)
    slide(page, 15)
    assert page.hidden(before.key)
    assert not page.hidden(loop.states_of(14)[0].key)


def test_a_click_into_the_chart_draws_that_step(opened: Any) -> None:
    page = opened(draw(rnn(50), names={}))
    axis = page.js("document.querySelector('g.chart path').getBoundingClientRect().toJSON()")
    x, y = axis["left"] + 0.2 * axis["width"], axis["top"] - 2
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    page.mouse("mouseReleased", x, y, button="left", clickCount=1)
    step = int(page.find("#loops output").text.split(" / ")[0])
    assert 10 <= step <= 12


class Unrolled(nn.Module):
    """A module at each of its steps, and one after them."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4, rng=0), nn.Tanh())
        self.head = nn.Linear(4, 2, rng=0)

    def forward(self, h: ag.Tensor) -> ag.Tensor:
        for _ in range(30):
            h = self.inner(h) * 0.9
        out: ag.Tensor = self.head(h)
        return out


def unrolled() -> ag.Tensor:
    return Unrolled()(ag.ones((2, 4))).sum()


def press(page: Page, key: str) -> None:
    page.js("document.querySelector(`[id='${arguments[0]}']`).focus()", key)
    page.press(Keys.ENTER)


def visible(page: Page, kind: str) -> list[str]:
    script = f"[...document.querySelectorAll('#picture {kind}:not(.away):not(.absent)')]"
    return list(page.js(f"{script}.map((each) => each.id)"))


STEPS = (5, 1, 30, 2, 29, 15)


def test_a_module_that_was_closed_stays_closed_at_another_step(opened: Any) -> None:
    page = opened(draw(unrolled(), names={}))
    slide(page, 7)
    panels = visible(page, "g.panel")
    press(page, next(key for key in panels if "Sequential" in " ".join(shown(page, key))))
    left = len(visible(page, "g.panel"))
    assert left < len(panels)
    for step in STEPS:
        slide(page, step)
        closed = [k for k in visible(page, "g.module") if k.endswith("c")]
        assert len(closed) == 1
        assert len(visible(page, "g.panel")) == left
        assert f"step {step}" in page.find("#picture").text
    press(page, closed[0])
    for step in STEPS:
        slide(page, step)
        assert len(visible(page, "g.panel")) == len(panels)
    assert page.complaints() == []


PLACES = """[...document.querySelectorAll('#picture > svg > g:not(.away):not(.absent)')]
    .filter((each) => each.id && !each.matches('.line')).map((each) => {
        const { x, y } = each.getBBox(), m = each.transform.baseVal.consolidate()?.matrix;
        return [each.id, x + (m?.e ?? 0), y + (m?.f ?? 0)]; })"""
LINES = """[...document.querySelectorAll('#picture > svg > g.line:not(.away):not(.absent)')]
    .map((each) => each.id)"""


@pytest.mark.parametrize("make", [unrolled, LOOPS["cells"][0], LOOPS["nested"][0]])
def test_what_is_closed_and_opened_at_any_step_lies_as_that_step_was_drawn(
    opened: Any, make: Any
) -> None:
    page = opened(draw(make(), names={}))
    last = int(page.find("#loops output").text.split(" / ")[1])
    for step in (1, 2, last // 2, last):
        slide(page, step)
        places, lines = page.js(PLACES), page.js(LINES)
        for _ in range(len(visible(page, "g.panel"))):
            panels = visible(page, "g.panel")
            if panels:
                press(page, panels[-1])
        assert not visible(page, "g.panel")
        while closed := visible(page, "g.module[tabindex]"):
            press(page, closed[0])
        again = {key: at for key, *at in page.js(PLACES)}
        assert again.keys() == {key for key, *_ in places}
        for key, *at in places:
            assert again[key] == pytest.approx(at, abs=0.5), (step, key)
        assert sorted(page.js(LINES)) == sorted(lines)
    assert page.complaints() == []


def test_the_current_step_is_marked_whatever_is_closed(opened: Any) -> None:
    picture = draw(unrolled(), names={})
    page = opened(picture)
    for key in visible(page, "g.panel")[1:]:
        press(page, key)
    walked = page.js(WALK, len(picture.model.steps), picture.model.outputs[0].key)
    assert all(len(now) == 1 and has_loss for now, _, has_loss in walked)
    for _ in range(3):
        page.press(Keys.ARROW_LEFT)
        marked = page.all("g.now:not(.away):not(.line):not(.tensor)")
        assert len(marked) == 1
        assert marked[0].is_displayed()
    assert page.complaints() == []


def test_pictures_without_loops_have_no_slider_for_them(opened: Any) -> None:
    page = opened(draw(rnn(3), names={}))
    assert not page.find("#loops").is_displayed()


@pytest.mark.parametrize("loops", [1, 2])
def test_a_slider_says_of_which_loop_it_is(opened: Any, loops: int) -> None:
    x = ag.Tensor(0.5, requires_grad=True, name="x")
    w = ag.Tensor(0.9, requires_grad=True, name="w")
    h = x
    for activation in (ag.tanh, ag.sin)[:loops]:
        for _ in range(30):
            h = activation(h * w) + x
    page = opened(draw(h, names={}))
    labels = [label.text.splitlines()[0].strip() for label in page.all("#loops label")]
    wanted = ["step"] if loops == 1 else ["step of loop 1", "step of loop 2"]
    assert [label[: len(want)] for label, want in zip(labels, wanted, strict=True)] == wanted
    assert not any("of  " in label or label.endswith(" of") for label in labels)

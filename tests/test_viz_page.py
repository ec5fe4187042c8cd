"""The step-through page, driven in a real browser: every step, every key, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import autograd as ag
from autograd.viz import draw
from autograd.viz.model.numbers import number
from autograd.viz.render.html import page
from tests.graphs import affine, cards, deep_network, leaf, network, recurrent, shared
from tests.pages import Page

THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


@THEMES
@pytest.mark.parametrize("make", [affine, shared, lambda: deep_network(2)])
def test_every_step_shows_the_numbers_of_the_model(opened: Any, make: Any, theme: str) -> None:
    picture = draw(make(), names={})
    shown = opened(picture, theme)
    assert shown.js("document.documentElement.dataset.theme") == theme
    steps = sorted(picture.model.steps, key=lambda step: step.order)
    assert shown.count == f"0 / {len(steps)}"
    for place, step in enumerate(steps, start=1):
        shown.press(Keys.ARROW_RIGHT)
        assert shown.count == f"{place} / {len(steps)}"
        text = shown.step
        assert f"↩{step.order} backward of" in text
        for edge in step.edges:
            if edge.contribution is None:
                continue
            assert edge.source.name in text
            if edge.local is not None:
                assert number(edge.local) in text
                assert number(edge.contribution) in text
            else:
                assert "rms" in text or np.size(edge.contribution) == 1
    last = shown.step
    shown.press(Keys.ARROW_LEFT, Keys.ARROW_RIGHT)
    assert shown.step == last


def test_gradients_appear_in_the_picture_when_they_are_complete(opened: Any) -> None:
    picture = draw(affine(), names={})
    found = cards(picture.model)
    shown = opened(picture)
    w = next(b.key for b in picture.scene.boxes if b.key.startswith(found["w"].key + "o"))
    assert not shown.hidden(found["L"].key)
    seen = [[shown.hidden(key) for key in (found["e"].key, found["p"].key, w)]]
    for _ in range(4):
        shown.press(Keys.ARROW_RIGHT)
        seen.append([shown.hidden(key) for key in (found["e"].key, found["p"].key, w)])
    assert seen == [
        [True, True, True],
        [False, True, True],
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]
    shown.press(Keys.HOME)
    assert shown.hidden(w)


def test_how_much_an_op_passes_on_appears_at_its_step(opened: Any) -> None:
    picture = draw(network(), names={})
    shown = opened(picture)
    gains = """[...document.querySelectorAll('g.op text')]
        .filter((t) => t.textContent.includes('×0'))
        .filter((t) => getComputedStyle(t).visibility == 'visible')
        .map((t) => t.closest('g.op').id)"""
    assert shown.js(gains) == []
    (tanh,) = [step for step in picture.model.steps if step.op.name == "tanh"]
    shown.press(*[Keys.ARROW_RIGHT] * (tanh.order - 1))
    assert tanh.key not in shown.js(gains)
    shown.press(Keys.ARROW_RIGHT)
    assert tanh.key in shown.js(gains)
    shown.find("#guess").click()
    shown.find("#guess").click()
    assert tanh.key in shown.js(gains)
    shown.js("document.activeElement.blur()")
    shown.press(Keys.HOME)
    assert shown.js(gains) == []


def test_every_key_and_button_does_what_it_says(opened: Any) -> None:
    shown = opened(draw(affine(), names={}))
    shown.press(Keys.END)
    assert shown.count == "4 / 4"
    assert not shown.find("#next").is_enabled()
    shown.press(Keys.HOME)
    assert shown.count == "0 / 4"
    assert not shown.find("#previous").is_enabled()
    for button, count in (("next", 1), ("last", 4), ("previous", 3), ("first", 0)):
        shown.find(f"#{button}").click()
        assert shown.count == f"{count} / 4"
    shown.js("document.activeElement.blur()")
    shown.press("g")
    assert shown.find("#guess").get_attribute("aria-pressed") == "true"
    shown.press("g", "t")
    assert shown.js("document.documentElement.dataset.theme") == "dark"
    shown.press("t", "/")
    assert shown.js("document.activeElement.id") == "search"
    shown.press(Keys.ESCAPE)
    assert shown.js("document.activeElement.id") != "search"
    shown.press(Keys.SPACE)
    shown.wait(lambda: shown.count != "0 / 4")
    shown.press(Keys.SPACE)
    assert "play" in shown.find("#play").text
    shown.js("document.getElementById('slider').focus()")
    shown.press(Keys.HOME)
    shown.find("#slider").send_keys(Keys.ARROW_RIGHT)
    assert shown.count.startswith(("1 ", "2 "))


def test_playing_ends_at_the_last_step(opened: Any) -> None:
    x = leaf(2.0, "x")
    shown = opened(draw(x * 3.0, names={}))
    shown.find("#play").click()
    shown.wait(lambda: shown.count == "1 / 1" and "play" in shown.find("#play").text)


def test_a_click_on_an_op_or_a_gradient_goes_to_its_step(opened: Any) -> None:
    picture = draw(affine(), names={})
    shown = opened(picture)
    for step in picture.model.steps:
        shown.find(f"g#{step.key}").click()
        assert shown.count == f"{step.order} / 4"
    shown.press(Keys.END)
    shown.find(f"g#{cards(picture.model)['p'].key} g.g").click()
    assert shown.count == "3 / 4"


def test_search_counts_marks_and_cycles(opened: Any) -> None:
    shown = opened(draw(deep_network(3), names={}))
    shown.press("/")
    shown.press("sigmoid")
    hits = len(shown.all("g.hit"))
    assert shown.find("#found").text == f"{hits} found"
    assert hits >= 3
    shown.press(Keys.ENTER, Keys.ENTER)
    shown.find("#search").clear()
    shown.find("#search").send_keys("no such thing")
    assert shown.find("#found").text == "0 found"
    assert not shown.all("g.hit")


def test_modules_are_closed_and_opened_by_clicks_and_keys(opened: Any) -> None:
    shown = opened(draw(deep_network(3), names={}))

    def area() -> float:
        size = shown.js("document.querySelector('#picture svg').viewBox.baseVal")
        return float(size["width"] * size["height"])

    full = area()
    panel = shown.all("g.panel")[0]
    panel.find_element(By.CSS_SELECTOR, "g").click()
    assert area() < full
    assert not panel.is_displayed()
    closed = shown.find("g.module:not(.away)")
    assert closed.get_attribute("aria-expanded") == "false"
    assert shown.js("document.activeElement === arguments[0]", closed)
    closed.send_keys(Keys.ENTER)
    assert area() == full
    assert panel.get_attribute("aria-expanded") == "true"
    assert shown.js("document.activeElement === arguments[0]", panel)
    panel.send_keys(Keys.SPACE)
    assert area() < full


def test_the_page_can_be_heard(opened: Any) -> None:
    shown = opened(draw(deep_network(2), names={}))
    assert shown.find("#step").get_attribute("aria-live") == "polite"
    assert shown.find("html").get_attribute("lang") == "en"
    unnamed = shown.js(
        "[...document.querySelectorAll('button, input')].filter((e) => "
        "!(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length)))"
        ".length"
    )
    assert unnamed == 0
    assert shown.find("#picture svg title").get_attribute("textContent").startswith("The graph of")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "a \"b\" 'c' & d", "값", "🎉", "</script><b>x", "{{x}}"]
)
def test_any_name_is_text_on_the_page(opened: Any, name: str) -> None:
    x = leaf(2.0, name)
    shown = opened(draw(x * x, names={}))
    shown.press(Keys.ARROW_RIGHT)
    assert name in shown.step
    assert len(shown.all("script")) == 2
    assert not shown.all("#picture b, #step b")


def test_a_folded_graph_steps_through_all_of_its_ops(opened: Any) -> None:
    picture = draw(recurrent(200), names={})
    shown = opened(picture, "dark")
    shown.press(Keys.END)
    assert shown.count == f"{len(picture.model.steps)} / {len(picture.model.steps)}"
    assert len(shown.all("g.op.now")) == 1, "the box that stands for the op is marked"
    shown.press(Keys.HOME, *[Keys.ARROW_RIGHT] * 3)
    assert "tanh" in shown.find("g.op.now").text
    assert "backward of" in shown.step


def test_errors_and_requests_of_a_page_would_be_seen(browser: Any, tmp_path: Path) -> None:
    """The checks that every other test ends with can fail."""
    shown = Page(browser, draw(affine(), names={}), tmp_path)
    shown.js("console.error('broken')")
    shown.js("fetch('http://127.0.0.1:9/nothing').catch(() => 0)")
    shown.wait(lambda: any("broken" in entry["message"] for entry in shown.complaints()))
    shown.wait(lambda: "http://127.0.0.1:9/nothing" in shown.requests())


def test_a_notebook_frame_holds_a_page_that_works(browser: Any, tmp_path: Path) -> None:
    outer = tmp_path / "notebook.html"
    frame = draw(affine(), names={}).steps()._repr_html_()
    outer.write_text(f"<!doctype html><meta charset='utf-8'>{frame}", encoding="utf-8")
    browser.get(outer.as_uri())
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    browser.find_element(By.ID, "next").click()
    assert "backward of" in browser.find_element(By.ID, "step").text
    browser.switch_to.default_content()


def test_the_page_is_one_file_of_little_script() -> None:
    picture = draw(affine(), names={})
    document = page(picture.model, picture.scene, picture.style)
    assert "http://" not in document.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in document
    folder = Path(ag.viz.__file__).parent / "render" / "page"
    assert all(len(each.read_text().splitlines()) < 400 for each in folder.glob("*.js"))


@THEMES
def test_what_is_no_number_has_its_own_colour_in_every_word_of_a_step(
    opened: Any, theme: str
) -> None:
    x = leaf([0.0, 1.0, 4.0], "x")
    scalar = leaf(0.0, "s")
    with np.errstate(all="ignore"):
        loss = ag.where(x > 0, ag.log(x), 0.0).sum() + ag.sqrt(scalar) * scalar + 1 / scalar
    shown = opened(draw(loss, names={}, detail="full"), theme)
    own = {"light": "rgb(134, 25, 143)", "dark": "rgb(240, 171, 252)"}[theme]
    script = """[...document.querySelectorAll('#step *')].flatMap((e) => [...e.childNodes]
        .filter((n) => n.nodeType === 3 && /NaN|∞/.test(n.data))
        .map(() => getComputedStyle(e).color))"""
    met = []
    for _ in range(len(draw(loss, names={}).model.steps)):
        shown.press(Keys.ARROW_RIGHT)
        met += shown.js(script)
    assert len(met) > 3
    assert set(met) == {own}

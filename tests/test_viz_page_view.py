"""The window on a page's picture: fitted, zoomed, panned, pinched, followed by steps and search."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from autograd.viz import draw
from tests.graphs import affine, deep_network, leaf, recurrent, shared
from tests.pages import Page

WIDE, PHONE = (1280, 800), (390, 844)
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1280", "390"])
LOOKS = pytest.mark.parametrize(
    ("size", "theme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
SVG = "#picture > svg"


def holds(outer: dict[str, float], inner: dict[str, float], slack: float = 1.5) -> bool:
    return (
        outer["left"] - slack <= inner["left"]
        and outer["top"] - slack <= inner["top"]
        and inner["right"] <= outer["right"] + slack
        and inner["bottom"] <= outer["bottom"] + slack
    )


def scale(shown: Page) -> float:
    return shown.rect(SVG)["width"] / float(shown.find(SVG).get_attribute("width"))


def under(shown: Page, x: float, y: float) -> tuple[float, float]:
    """The point of the picture that is at a point of the screen."""
    box, k = shown.rect(SVG), scale(shown)
    return (x - box["left"]) / k, (y - box["top"]) / k


def middle(shown: Page, target: Any) -> tuple[float, float]:
    box = shown.rect(target)
    return (box["left"] + box["right"]) / 2, (box["top"] + box["bottom"]) / 2


@LOOKS
@pytest.mark.parametrize("make", [affine, lambda: deep_network(8)])
def test_the_page_opens_with_the_whole_picture_and_does_not_scroll(
    opened: Any, make: Any, size: tuple[int, int], theme: str
) -> None:
    shown = opened(draw(make(), names={}), theme, size)
    picture = shown.rect("#picture")
    assert holds(picture, shown.rect(SVG))
    assert picture["height"] > 0.35 * size[1]
    for selector in ("#picture", "#controls", "#side", "#search"):
        assert holds({"left": 0, "top": 0, "right": size[0], "bottom": size[1]},
                     shown.rect(selector)), selector  # fmt: skip
    root = "document.documentElement"
    assert shown.js(f"[{root}.scrollWidth, {root}.scrollHeight]") == list(size)
    assert not shown.find("#minimap").is_displayed()


@SIZES
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.2, 0.6), (0.9, 0.45)])
def test_the_wheel_keeps_what_is_under_the_pointer(
    opened: Any, size: tuple[int, int], place: tuple[float, float]
) -> None:
    shown = opened(draw(affine(), names={}), "light", size)
    box = shown.rect(SVG)
    x = round(box["left"] + place[0] * box["width"])
    y = round(box["top"] + place[1] * box["height"])
    for turns in (-120, -120, -300, 120, 240):
        before, was = under(shown, x, y), scale(shown)
        shown.mouse("mouseWheel", x, y, deltaX=0, deltaY=turns)
        shown.wait(lambda was=was: scale(shown) != was)
        assert (scale(shown) > was) == (turns < 0)
        np.testing.assert_allclose(under(shown, x, y), before, atol=0.5)


def test_keys_and_buttons_zoom_about_the_middle_and_fit(opened: Any) -> None:
    shown = opened(draw(affine(), names={}), "light", WIDE)
    fitted, centre = shown.rect(SVG), middle(shown, "#picture")
    before = under(shown, *centre)
    shown.press("+", "=", "-", "+")
    width = shown.js("document.querySelector(arguments[0]).viewBox.baseVal.width", SVG)
    assert scale(shown) == pytest.approx(fitted["width"] / width * 1.25**3 * 0.8)
    np.testing.assert_allclose(under(shown, *centre), before, atol=0.5)
    shown.press("0")
    assert shown.rect(SVG) == fitted
    shown.find("#closer").click()
    larger = scale(shown)
    shown.find("#farther").click()
    assert scale(shown) == pytest.approx(larger * 0.8)
    shown.find("#fit").click()
    assert shown.rect(SVG) == fitted
    shown.press(*["-"] * 40)
    shown.press(*["+"] * 60)
    assert 3.9 < scale(shown) < 4.1


@SIZES
def test_a_drag_moves_the_picture_and_clicks_on_nothing(opened: Any, size: tuple[int, int]) -> None:
    shown = opened(draw(affine(), names={}), "light", size)
    op = next(step.key for step in shown.picture.model.steps if step.order == 3)
    x, y = middle(shown, f"g#{op}")
    before = under(shown, x, y)
    held = {"button": "left", "buttons": 1, "clickCount": 1}
    shown.mouse("mousePressed", x, y, **held)
    for part in (0.3, 0.7, 1):
        shown.mouse("mouseMoved", x + 60 * part, y - 40 * part, **held)
    shown.mouse("mouseReleased", x + 60, y - 40, button="left", clickCount=1)
    np.testing.assert_allclose(under(shown, x + 60, y - 40), before, atol=0.5)
    assert shown.count == "0 / 4"
    x, y = middle(shown, f"g#{op}")
    shown.mouse("mousePressed", x, y, **held)
    shown.mouse("mouseMoved", x + 2, y, **held)  # a hand is never quite still
    shown.mouse("mouseReleased", x + 2, y, button="left", clickCount=1)
    assert shown.count == "3 / 4"


def test_two_fingers_zoom_and_move(opened: Any) -> None:
    shown = opened(draw(affine(), names={}), "light", PHONE)
    x, y = middle(shown, SVG)
    before, was = under(shown, x, y), scale(shown)
    shown.touch("touchStart", (x - 30, y), (x + 30, y))
    for apart in (40, 60, 90):
        shown.touch("touchMove", (x - apart, y), (x + apart, y))
    shown.touch("touchEnd")
    shown.wait(lambda: scale(shown) > 2 * was)
    assert scale(shown) == pytest.approx(3 * was, rel=0.05)
    np.testing.assert_allclose(under(shown, x, y), before, atol=3)


@SIZES
def test_the_minimap_frames_what_is_in_view_and_moves_it(
    opened: Any, size: tuple[int, int]
) -> None:
    shown = opened(draw(deep_network(8), names={}), "light", size)
    shown.press(*["+"] * 6)
    assert shown.find("#minimap").is_displayed()
    scene, window = shown.picture.scene, shown.rect("#picture")
    canvas, frame = shown.rect("#minimap canvas"), shown.rect("#frame")
    top = max(0, under(shown, 0, window["top"])[1]) / scene.height
    end = min(scene.height, under(shown, 0, window["bottom"])[1]) / scene.height
    assert (frame["top"] - canvas["top"]) / canvas["height"] == pytest.approx(top, abs=0.02)
    assert (frame["bottom"] - canvas["top"]) / canvas["height"] == pytest.approx(end, abs=0.02)
    x, y = (canvas["left"] + canvas["right"]) / 2, canvas["top"] + 0.8 * canvas["height"]
    held = {"button": "left", "buttons": 1, "clickCount": 1}
    shown.mouse("mousePressed", x, y, **held)
    shown.mouse("mouseReleased", x, y, button="left", clickCount=1)
    seen = under(shown, *middle(shown, "#picture"))
    assert seen[1] / scene.height == pytest.approx(0.8, abs=0.02)
    shown.press("0")
    assert not shown.find("#minimap").is_displayed()


GO_TO = """(([place, card, maker, at]) => {
    document.querySelectorAll('#step .jump')[place].click();
    const op = readData().steps[at].key, find = (id) => document.querySelector(`[id="${id}"]`);
    const box = find(card + op) ?? find(card) ?? document.querySelector(`[id^="${card}o"]`)
        ?? find(maker);
    return box.getBoundingClientRect().toJSON(); })(arguments[0])"""


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("make", [affine, shared, lambda: deep_network(4), lambda: recurrent(4)])
def test_every_step_has_its_boxes_and_its_explanation_in_view(
    opened: Any, make: Any, size: tuple[int, int], theme: str
) -> None:
    """Of a leaf with several cards, one; each pass starts from another scale."""
    shown = opened(draw(make(), names={}), theme, size)
    script = """((...keys) => {
        keys.forEach((key) => document.body.dispatchEvent(
            new KeyboardEvent('keydown', {key, bubbles: true})));
        const all = (s) => [...document.querySelectorAll(s)]
            .map((e) => [e.id, e.getBoundingClientRect().toJSON()]);
        const step = parseInt(document.getElementById('count').value), rows = step
            ? readData().steps[step - 1].rows : [];
        return [all('g.op.now, g.module.now'), all('g.tensor.now'), all('#picture')[0][1],
                all('#step h2')[0][1], all('#side')[0][1],
                rows.map((row, i) => [i, row.card, row.maker, step - 1])];})(...arguments)"""
    for start in ("", "++++++", "----"):
        shown.js(script, "Home", *start)
        for _ in shown.picture.model.steps:
            ((_, op),), receiving, window, heading, side, targets = shown.js(script, "ArrowRight")
            assert holds(window, op)
            assert op["height"] >= 12
            seen = {key.split("o")[0]: False for key, _ in receiving}
            for key, card in receiving:
                seen[key.split("o")[0]] |= holds(window, card) and card["height"] >= 12
            if not all(seen.values()):  # too far apart: one after the other
                assert size == PHONE
                for target in targets:
                    card = shown.js(GO_TO, target)
                    assert holds(window, card)
                    assert card["height"] >= 12
            assert holds(side, heading)


def test_a_step_inside_a_closed_module_marks_the_module(opened: Any) -> None:
    shown = opened(draw(deep_network(5), names={}), "light", WIDE)
    panel = shown.all("g.panel")[0]
    shown.js("arguments[0].focus()", panel)
    panel.send_keys(Keys.ENTER)
    shown.press(*["+"] * 8)
    seen = 0
    for _ in shown.picture.model.steps:
        shown.press(Keys.ARROW_RIGHT)
        if shown.all("g.module.now"):
            seen += 1
            assert holds(shown.rect("#picture"), shown.rect("g.module.now"))
    assert seen
    shown.press(Keys.HOME)
    assert not shown.all("g.module.now")


NAMES = [
    ("sigmoid", "op", "sigmoid"),
    ("SIGMOID linear₂", "op", "sigmoid"),
    ("linear2", "digits", "linear"),
    ("CrossEntropyLoss", "module", "cross"),
    ("0.weight", "parameter", "weight"), ("ℓ", "symbol", "cross"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "expected"), NAMES)
@SIZES
def test_search_finds_what_is_shown_lists_it_and_jumps(
    opened: Any, size: tuple[int, int], text: str, kind: str, expected: str
) -> None:
    shown = opened(draw(deep_network(5), names={}), "light", size)
    shown.press("+", "+", "+")
    shown.find("#picture").send_keys(Keys.CONTROL, "k")
    field = shown.find("#search")
    assert shown.js("document.activeElement.id") == "search"
    field.send_keys(text)
    listed = shown.all("#hits [role=option]")
    assert listed, kind
    assert shown.find("#found").text == f"{len(listed)} found"
    assert expected in listed[0].text.lower()
    assert holds({"left": 0, "top": 0, "right": size[0], "bottom": size[1]}, shown.rect("#hits"))
    for place in range(1, min(3, len(listed)) + 1):
        field.send_keys(Keys.ENTER)
        assert shown.find("#found").text == f"{place} of {len(listed)}"
        assert not shown.find("#hits").is_displayed()
        assert any(holds(shown.rect("#picture"), shown.rect(each)) for each in shown.all("g.hit"))


def test_search_is_worked_by_arrows_clicks_and_escape(opened: Any) -> None:
    shown = opened(draw(deep_network(5), names={}), "light", WIDE)
    shown.press("/", "sigmoid")
    shown.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    chosen = shown.find("#hits [aria-selected=true]").text
    assert chosen == shown.all("#hits [role=option]")[1].text
    shown.press(Keys.ENTER)
    assert shown.step.split("backward of ")[1].split("\n")[0] in chosen
    shown.press(Keys.ARROW_DOWN)
    last = shown.all("#hits [role=option]")[-1]
    text = last.text
    last.click()
    assert shown.step.split("backward of ")[1].split("\n")[0] in text or "module" in text
    shown.press(Keys.ESCAPE)
    assert shown.js("document.activeElement.id") != "search"
    shown.press("/", "nothing is called so")
    assert shown.find("#found").text == "0 found"
    assert not shown.find("#hits").is_displayed()
    shown.press(Keys.ENTER)


def test_search_finds_the_steps_that_a_fold_hides(opened: Any) -> None:
    shown = opened(draw(recurrent(60), names={}), "light", WIDE)
    shown.press("/", "tanh₃₀ =")
    shown.press(Keys.ENTER)
    assert "backward of tanh₃₀" in shown.step


@SIZES
def test_no_word_is_broken(opened: Any, size: tuple[int, int]) -> None:
    x = leaf(np.ones((3, 4)), "measurements_of_the_day")
    loss = (x * 2).sum() + deep_network(2)
    shown = opened(draw(loss, names={}), "light", size)
    script = """(() => { const broken = [], range = document.createRange();
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node; (node = walk.nextNode()); ) {
          if (!node.parentElement.closest('header, #side, #controls')) continue;
          for (const word of node.data.matchAll(/[\\p{L}\\p{N}_]+/gu)) {
            range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
            const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
            if (tops.size > 1) broken.push(word[0]);
          } }
        return broken; })()"""
    for _ in shown.picture.model.steps:
        shown.press(Keys.ARROW_RIGHT)
        assert shown.js(script) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", [affine, lambda: deep_network(8)])
def test_print_has_the_whole_picture_on_one_page_dark_ink_on_white(
    opened: Any, make: Any, theme: str
) -> None:
    shown = opened(draw(make(), names={}), theme, WIDE)
    shown.press(Keys.END, "+", "+", "+")
    paper = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}
    pdf = base64.b64decode(shown.driver.execute_cdp_cmd("Page.printToPDF", paper)["data"])
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
    shown.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        picture, svg = shown.rect("#picture"), shown.rect(SVG)
        assert holds(picture, svg)
        assert svg["height"] <= 0.93 * WIDE[1]
        assert shown.js("getComputedStyle(document.body).color") == "rgb(15, 23, 42)"
        assert not shown.find("#controls").is_displayed()
        assert shown.find("#step").is_displayed()
    finally:
        shown.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_a_long_name_makes_no_explanation_wider_than_its_place(opened: Any) -> None:
    a, b = leaf(1.5, "n" * 200), leaf(2.0, "b")
    shown = opened(draw((a + b) * b, names={}), "light", (1000, 800))
    for _ in range(2):
        shown.press(Keys.ARROW_RIGHT)
        assert shown.js("document.querySelector('#side').clientWidth") > 620, "in columns"
        for part in ("#side", "#step"):
            wide = shown.js(f"document.querySelector('{part}').scrollWidth")
            assert wide <= shown.js(f"document.querySelector('{part}').clientWidth"), part


def test_on_a_phone_on_its_side_the_explanation_stands_beside_the_picture(opened: Any) -> None:
    shown = opened(draw(affine(), names={}), "dark", (844, 390))
    picture, side = shown.rect("#picture"), shown.rect("#side")
    assert picture["right"] <= side["left"]
    assert picture["height"] > 0.6 * 390
    assert holds({"left": 0, "top": 0, "right": 844, "bottom": 390}, shown.rect("#controls"))

"""Modules of a page open and close in place, laid out by the layout that drew the picture."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
import nn
from autograd.engine.modes import scope
from autograd.viz import draw
from autograd.viz.layout.modules import lay
from autograd.viz.layout.parts import Block
from tests.graphs import deep_network, leaf
from tests.pages import Page

WIDE, PHONE = (1280, 800), (390, 844)


class Residual(nn.Module):
    """A shortcut around modules in modules."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.outer = nn.Linear(4, 4)

    def forward(self, x: Any) -> Any:
        return ag.relu(self.outer(self.inner(x)) + x)


def residual() -> ag.Tensor:
    nn.manual_seed(0)
    net = nn.Sequential(Residual(), Residual(), nn.Linear(4, 2))
    x = ag.Tensor(np.random.default_rng(0).normal(size=(3, 4)), name="x")
    loss: ag.Tensor = nn.CrossEntropyLoss()(net(x), ag.Tensor([0, 1, 1], name="t"))
    loss.name = "loss"
    return loss


def tied() -> ag.Tensor:
    """A parameter in two modules, a named output, an op between modules."""
    w, x = leaf(np.ones((3, 3)), "w"), ag.Tensor(np.ones((2, 3)), name="x")
    with scope("", "Net"):
        with scope("a", "Half"):
            h = ag.tanh(x @ w)
            h.name = "h"
        with scope("b", "Half"), scope("c", "Part"):
            z = (h * 2) @ w
        return (z + h).sum()


MAKERS = pytest.mark.parametrize("make", [residual, tied])
SHOWN = """[...document.querySelectorAll('#picture svg > g:not(.away)')].map((e) => {
    const b = e.getBoundingClientRect(), k = document.querySelector('#picture svg')
        .getBoundingClientRect(), s = k.width / document.querySelector('#picture svg')
        .viewBox.baseVal.width;
    return [e.id, e.getAttribute('class').replace(/ (now|later|hit)/g, ''),
        (b.x - k.x) / s, (b.y - k.y) / s, b.width / s, b.height / s]; })"""


def shown(page: Page, kind: str = "") -> dict[str, tuple[float, ...]]:
    """Where everything is, in the picture's points."""
    page.press("0")
    found = page.js(SHOWN)
    return {key: tuple(rest) for key, classes, *rest in found if kind in classes and key}


def click(page: Page, key: str) -> None:
    page.js(
        "document.querySelector(`[id='${arguments[0]}'] > g`).dispatchEvent("
        "new MouseEvent('click', {bubbles: true}))",
        key,
    )


def keys_of(page: Page, selector: str) -> list[str]:
    found: list[str] = page.js(
        f"[...document.querySelectorAll('{selector}')].map((e) => e.id)"
    )  # fmt: skip
    return found


def close_all(page: Page) -> None:
    while panels := keys_of(page, "g.panel:not(.away)"):
        click(page, panels[-1])


def open_all(page: Page) -> None:
    while closed := keys_of(page, "g.module:not(.away)[aria-expanded]"):
        click(page, closed[0])


def apart(boxes: dict[str, tuple[float, ...]]) -> bool:
    """Whether no two boxes lie on each other."""
    areas = list(boxes.values())
    return not any(
        a[0] < b[0] + b[2] - 1 and b[0] < a[0] + a[2] - 1
        and a[1] < b[1] + b[3] - 1 and b[1] < a[1] + a[3] - 1
        for i, a in enumerate(areas) for b in areas[:i]
    )  # fmt: skip


# ---- one layout ----------------------------------------------------------------------------------


def trees(seed: int) -> tuple[Block, list[tuple[str, str]]]:
    """Modules in modules at random, with links between their boxes."""
    rng = random.Random(seed)
    leaves: list[str] = []

    def items(depth: int) -> list[Block]:
        found = []
        for _ in range(rng.randint(1, 5)):
            name = f"{'m' if depth and rng.random() < 0.4 else 'b'}{len(leaves)}-{rng.random()}"
            if name[0] == "m":
                found.append(Block(name, head=(rng.randint(50, 200), 26.0)))
                found[-1].items = items(depth - 1)
            else:
                leaves.append(name)
                found.append(Block(name, 236.0, rng.randint(40, 160), 118.0, 4.0, 6.0, 118.0))
        return found

    root = Block("root", items=items(3))
    links = {
        (leaves[rng.choice((i - 1, rng.randrange(i)))], leaves[i])
        for i in range(1, len(leaves)) for _ in range(rng.choice((1, 1, 2)))
    }  # fmt: skip
    return root, sorted(links)


def as_data(block: Block) -> list[Any]:
    size = [block.width, block.height, block.port, block.top, block.bottom, block.reach]
    return [block.key, *size, [as_data(item) for item in block.items], list(block.head)]


def test_a_page_lays_out_as_python_does(opened: Any) -> None:
    page = opened(draw(residual(), names={}))
    script = """((root, links) => {
        const block = (d) => new placing.Block(...d.slice(0, 7), d[7].map(block), d[8]);
        const laid = placing.lay(block(root), links, 560, 120);
        return [laid.width, laid.height, py.$items(laid.places), py.$items(laid.paths)];
    })(...arguments)"""
    for seed in range(25):
        root, links = trees(seed)
        laid = lay(root, links, 560.0, 120.0)
        width, height, places, paths = page.js(script, as_data(root), links)
        assert (width, height) == pytest.approx((laid.width, laid.height))
        assert dict(places).keys() == laid.places.keys()
        for key, place in places:
            assert place == pytest.approx(laid.places[key]), key
        for key, path in paths:
            assert np.allclose(path, laid.paths[key]), key


def test_the_other_steps_of_a_loop_have_their_gradients_once_they_have_come(opened: Any) -> None:
    w, h = ag.Tensor(np.eye(3), requires_grad=True, name="w"), ag.ones((2, 3))
    for _ in range(16):
        h = ag.tanh(h @ w + 1)
    page = opened(draw(h.sum(), names={}), "light", WIDE)
    assert len(page.js("readData().layout.shut")) == 2
    rows = (
        "[...document.querySelectorAll('g.module:not([aria-expanded]):not(.absent) :is(g.g, g.w)')]"
        ".map((e) => getComputedStyle(e).visibility)"
    )
    hidden = page.js(rows)
    assert len(hidden) >= 4
    assert set(hidden) == {"hidden"}
    page.press(Keys.END)
    assert set(page.js(rows)) == {"visible"}


@pytest.mark.parametrize(("make", "size"), [(residual, WIDE), (tied, PHONE)])
def test_what_is_closed_and_opened_again_lies_as_it_was(
    opened: Any, make: Any, size: tuple[int, int]
) -> None:
    page = opened(draw(make(), names={}), "light", size)
    before = shown(page)
    close_all(page)
    assert len(shown(page)) < len(before)
    open_all(page)
    after = shown(page)
    assert before.keys() == after.keys()
    for key, place in before.items():
        assert after[key] == pytest.approx(place, abs=0.2), key


@MAKERS
def test_boxes_of_every_state_are_apart_and_lines_end_at_them(opened: Any, make: Any) -> None:
    page = opened(draw(make(), names={}), "dark", WIDE)
    rng = random.Random(0)
    for _ in range(8):
        titles = keys_of(page, "g.panel:not(.away), g.module:not(.away)[aria-expanded]")
        click(page, rng.choice(titles))
        boxes = {**shown(page, "tensor"), **shown(page, "op"), **shown(page, "module")}
        assert apart(boxes)
        ends = page.js(
            """[...document.querySelectorAll('#picture svg > g.line.value:not(.away)')].map((g) => {
                const path = g.querySelector('path'), at = path.getCTM(), svg = document
                    .querySelector('#picture svg'), own = svg.getCTM().inverse().multiply(at);
                return [0, path.getTotalLength()].map((d) => {
                    const p = path.getPointAtLength(d).matrixTransform(own); return [p.x, p.y]; });
            })"""
        )
        assert ends
        for points in ends:
            for x, y in points:
                assert any(
                    left - 9 <= x <= left + width + 9 and top - 9 <= y <= top + height + 9
                    for left, top, width, height in boxes.values()
                ), (x, y)


def test_all_modules_closed_are_the_picture_of_detail_0(opened: Any) -> None:
    """From the first box on, and but for the title, which counts the boxes."""
    loss = deep_network(4)
    page = opened(draw(loss, names={}))
    close_all(page)
    found = {key.removesuffix("c"): place for key, place in shown(page).items() if key[0] in "mt"}
    scene = draw(loss, names={}, detail=0).scene
    expected = {box.key: (box.x, box.y) for box in scene.boxes if box.key[0] in "mt"}
    expected.pop("title")
    found.pop("title")
    assert found.keys() == expected.keys()
    first = min(expected)
    for key, (x, y) in expected.items():
        dx, dy = found[key][0] - found[first][0], found[key][1] - found[first][1]
        assert (dx, dy) == pytest.approx((x - expected[first][0], y - expected[first][1]), abs=2)


# ---- what a closed module shows ------------------------------------------------------------------


@MAKERS
def test_a_closed_module_has_its_value_and_its_gradient_once_it_has_come(
    opened: Any, make: Any
) -> None:
    page = opened(draw(make(), names={}), "light", WIDE)
    modules = page.js("readData().layout.modules")
    cards = {card.key: card for card in page.picture.model.cards}
    close_all(page)
    closed = keys_of(page, "g.module:not(.away)")
    assert closed
    page.press(Keys.HOME)
    for now in range(len(page.picture.model.steps) + 1):
        for key in closed:
            card = cards[modules[key.removesuffix("c")]["card"]]
            orders = [e.target.order for e in card.uses if e.contribution is not None]
            row = f"[...document.querySelectorAll(`[id='{key}'] g.g`)]"
            hidden = page.js(f"{row}.map((e) => getComputedStyle(e).visibility === 'hidden')")
            assert hidden == [max(orders, default=0) > now], (key, now)
        page.press(Keys.ARROW_RIGHT)


@pytest.mark.parametrize(("make", "size"), [(residual, WIDE), (tied, PHONE)])
def test_the_step_is_in_view_whatever_is_open(
    opened: Any, make: Any, size: tuple[int, int]
) -> None:
    page = opened(draw(make(), names={}), "dark", size)
    rng = random.Random(1)
    page.press(*["+"] * 5)
    for _ in page.picture.model.steps:
        page.press(Keys.ARROW_RIGHT)
        titles = keys_of(page, "g.panel:not(.away), g.module:not(.away)[aria-expanded]")
        click(page, rng.choice(titles))
        boxes = "g.op.now:not(.away), g.module.now:not(.away), g.panel.now:not(.away)"
        (marked,) = keys_of(page, boxes)
        window, box = page.rect("#picture"), page.rect(f"[id='{marked}']")
        assert window["left"] - 2 <= box["left"] <= box["right"] <= window["right"] + 2
        assert window["top"] - 2 <= box["top"] <= box["bottom"] <= window["bottom"] + 2


def test_a_click_beside_the_title_of_a_closed_module_tells_what_is_in_it(opened: Any) -> None:
    page = opened(draw(residual(), names={}), "light", WIDE)
    close_all(page)
    first = keys_of(page, "g.module:not(.away)")[0]
    page.js(
        "document.querySelector(`[id='${arguments[0]}'] > g:nth-of-type(2)`).dispatchEvent("
        "new MouseEvent('click', {bubbles: true}))",
        first,
    )
    told = page.find("#about").text
    assert "stands for" in told
    assert "linear × 2" in told
    assert "tanh" in told


EVIL = [
    "</script><script>window.broken = 1</script>", "<img src=x onerror='window.broken = 1'>",
    "${window.broken = 1}", "층 하나", "🎉 party", "x" * 200, "a\u2028b", "]]>", "&lt;b&gt;",
]  # fmt: skip


def test_any_name_of_a_module_a_tensor_or_a_class_is_text(opened: Any) -> None:
    h = ag.Tensor(np.ones((2, 3)), name="<b>x")
    for name in EVIL:
        w = leaf(np.ones((3, 3)), name)
        with scope("", "Net"), scope(name, name), scope("inner", name):
            h = ag.tanh(h @ w)
        h.name = f"{name}!"
    page = opened(draw(h.sum(), names={}, detail="full"), "light", PHONE)
    page.press(Keys.END)
    close_all(page)
    page.press("/", "tanh", Keys.ENTER, Keys.ESCAPE)
    page.js(
        "document.querySelectorAll('#picture svg > g:not(.away)').forEach((e) => e.dispatchEvent("
        "new MouseEvent('click', {bubbles: true})))"
    )
    open_all(page)
    assert page.js("window.broken === undefined")
    assert len(page.all("script")) == 2
    assert not page.all("#picture img, #side img, #hits img, #picture b")
    assert page.js("document.documentElement.scrollWidth") == PHONE[0]

"""Tensors on the page: maps whose every cell tells its index and its number, with named axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
import nn
from autograd.engine.row import OPS
from autograd.viz import draw
from autograd.viz.model import axes
from autograd.viz.model.axes import axis_names
from autograd.viz.model.numbers import number
from autograd.viz.model.tensors import MOST_CELLS, Tensors, sampled
from tests.graphs import cards, leaf

NAN, INFINITE = float("nan"), float("inf")
RNG = np.random.default_rng(0)

# What a map can be of: ranks, axes of length 1, dtypes, sizes, numbers that are none, ties of
# decimal places, numbers beyond single precision.
KINDS = {
    "vector": RNG.normal(size=7),
    "vector in lines": RNG.normal(size=150),
    "matrix": RNG.normal(size=(5, 3)),
    "row": RNG.normal(size=(1, 9)),
    "rank 3": RNG.normal(size=(4, 2, 3)),
    "rank 4": RNG.normal(size=(3, 2, 3, 3)),
    "rank 5": RNG.normal(size=(2, 1, 3, 2, 2)),
    "large": RNG.normal(size=(130, 70)),
    "very long": RNG.normal(size=9001),
    "kernels": RNG.normal(size=(40, 30, 3, 3)),
    "NaN and infinities": np.array([[NAN, INFINITE], [-INFINITE, 2.0]]),
    "all NaN": np.full((2, 2), NAN),
    "zeros": np.zeros((2, 3)),
    "whole": np.array([[0, 99999], [123456, -7]]),
    "truths": np.array([[True, False], [False, True]]),
    "complex": RNG.normal(size=(2, 2)) + 1j * RNG.normal(size=(2, 2)),
    "beyond single": np.array([1e300, -1e-300, 5e-324]),
    "halves": np.array([1.0625, 0.12335, 2.0005, 9.9995, 99995.0, 0.00099995, 1e-3]),
    "single": RNG.normal(size=(3, 3)).astype(np.float32),
}
ENTER = """((record) => { const host = document.querySelector('#step');
    const figure = tensorFigure(record, 'T', 'grad');
    host.replaceChildren(figure);
    const map = readMap(record), svg = figure.querySelector('svg.heat'), found = [];
    const facets = facetsOf(map), each = facets.columns * facets.rows;
    svg.scrollIntoView();
    for (let i = 0; i < map.count; i += Math.max(1, Math.floor(map.count / 40))) {
        const [x, y] = facets.corner(Math.floor(i / each)), at = i % each;
        const box = svg.getBoundingClientRect(), k = box.width / svg.viewBox.baseVal.width;
        const clientX = box.left + k * (x + (at % facets.columns + 0.5) * facets.cell);
        const clientY = box.top
            + k * (y + facets.head + (Math.floor(at / facets.columns) + 0.5) * facets.cell);
        svg.dispatchEvent(new PointerEvent(i % 2 ? 'pointermove' : 'pointerdown',
            {clientX, clientY}));
        found.push(figure.querySelector('output').textContent);
    }
    const size = svg.getBoundingClientRect().toJSON();
    return [found, figure.textContent, size, !!svg.querySelector('path.not'),
            [...svg.querySelectorAll('path.minus')].map((p) => getComputedStyle(p).fill)];
})(...arguments)"""


def shown_number(value: Any) -> str:
    return number(value)


@pytest.mark.parametrize("width", [1280, 390])
def test_every_cell_tells_its_index_and_its_number(opened: Any, width: int) -> None:
    page = opened(draw(leaf([2.0, 3.0], "x").sum(), names={}), "light", (width, 844))
    for name, array in KINDS.items():
        record = Tensors(4)
        record.record(array)
        found, text, size, hatched, _ = page.js(ENTER, record.records[0])
        assert len(found) >= min(array.size, 20), name
        for line in found:
            place, told = line.split(" = ")
            index = tuple(map(int, place.strip("[]").split(", ")))
            assert told == shown_number(array[index]), (name, index)
        is_sample = array.size > np.prod(
            [-(-n // s) for n, s in zip(array.shape, sampled(array.shape, MOST_CELLS), strict=True)]
        )
        assert ("a sample" in text) == is_sample, name
        assert hatched == (not np.isfinite(array).all()), name
        assert size["right"] <= width, name


@pytest.mark.parametrize(
    ("theme", "negative"), [("light", "rgb(124, 58, 237)"), ("dark", "rgb(167, 139, 250)")]
)
def test_negative_numbers_have_a_colour_of_no_other_role_and_a_stroke(
    opened: Any, theme: str, negative: str
) -> None:
    page = opened(draw(leaf([2.0, 3.0], "x").sum(), names={}), theme)
    record = Tensors(4)
    record.record(KINDS["matrix"])
    *_, fills = page.js(ENTER, record.records[0])
    assert set(fills) == {negative}
    assert page.js("!!document.querySelector('.heat .strokes')")
    roles = page.js(
        "['value', 'local', 'gradient', 'nan', 'ink', 'flow'].map((name) => { const e ="
        " document.createElement('i'); e.style.color = `var(--${name})`; document.body.append(e);"
        " return getComputedStyle(e).color; })"
    )
    assert negative not in roles
    ends = [number(np.abs(KINDS["matrix"]).max(), 3), "0"]
    marks = page.js("[...document.querySelectorAll('.heat .tick')].map((e) => e.textContent)")
    assert marks == [f"−{ends[0]}", "0", ends[0]]


@pytest.mark.parametrize("size", [0, 1, 63, 4095, 4096, 4097, 100_000])
@pytest.mark.parametrize("most", [64, 211, MOST_CELLS])
def test_a_sample_is_as_large_as_it_may_be_and_no_larger(size: int, most: int) -> None:
    for shape in ((size,), (size, 1), (size // 7, 7), (size // 50, 5, 10), (size, 3, 3)):
        steps = sampled(shape, most)
        counts = [-(-n // s) for n, s in zip(shape, steps, strict=True)]
        assert np.prod(counts) <= most
        if np.prod(shape) <= most and max(shape) <= 64:
            assert steps == [1] * len(shape)


def test_maps_are_kept_once_and_within_a_budget() -> None:
    record = Tensors(4)
    a = RNG.normal(size=(60, 60))
    assert record.record(a) == record.record(a) == record.record(a.copy())
    assert record.record(a, ("out", "in")) != record.record(a)
    for _ in range(120):
        record.record(RNG.normal(size=(60, 60)))
    assert sum(len(each.get("cells", "")) for each in record.records) < 2_000_000
    assert "cells" not in record.records[-1]
    assert record.records[-1]["shape"] == "matrix 60×60"


def test_the_map_of_a_step_is_of_its_numbers(opened: Any) -> None:
    x = leaf(np.arange(6.0).reshape(2, 3) - 2, "x")
    page = opened(draw((x * x).sum(), names={}))
    page.press(Keys.END)
    assert len(page.all("#step svg.heat")) >= 2
    for image in page.all("#step svg.heat"):
        assert "matrix 2×3" in image.get_attribute("aria-label")


# ---- names of axes -------------------------------------------------------------------------------


def convolved() -> ag.Tensor:
    nn.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16, 5),
    )  # fmt: skip
    x = ag.Tensor(RNG.normal(size=(2, 3, 6, 6)).astype("float32"), name="x")
    return nn.CrossEntropyLoss()(net(x), ag.Tensor([1, 2], name="t"))


class Attended(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, words: Any) -> Any:
        x = self.table(words)
        return self.attention(x, x, x, need_weights=False)[0].sum()


def attended() -> ag.Tensor:
    nn.manual_seed(0)
    loss: ag.Tensor = Attended()(ag.Tensor(np.arange(6).reshape(2, 3)))
    return loss


def by_hand() -> ag.Tensor:
    x, w = ag.Tensor(RNG.normal(size=(4, 3)), name="x"), leaf(RNG.normal(size=(3, 2)), "w")
    h = ag.tanh(x @ w)
    h.name = "h"
    return h.sum()


NAMED: list[tuple[Any, dict[str, tuple[str, ...]]]] = [
    (convolved, {
        "x": ("N", "C", "H", "W"), "0.weight": ("out", "in", "h", "w"), "0.bias": ("out",),
        "1.weight": ("C",), "relu": ("N", "C", "H", "W"), "max_pool": ("N", "C", "H", "W"),
        "5.weight": ("out", "in"), "linear": ("N", "classes"), "t": ("N",),
    }),
    (attended, {
        "table.weight": ("words", "features"), "take": ("N", "T", "features"),
        "attention": ("N", "heads", "T", "features"),
    }),
    (by_hand, {"w": ("in", "out"), "h": ("", "out")}),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), NAMED)
def test_axes_are_named_by_the_ops_they_meet(make: Any, expected: Any) -> None:
    model = draw(make(), names={}).model
    found = axis_names(model)
    named = {name: found.get(card) for name, card in cards(model).items()}
    assert {name: named[name] for name in expected} == expected
    for card, names in found.items():
        assert len(names) == len(card.shape)


def test_the_names_of_axes_are_handed_on_by_ops_of_the_table() -> None:
    nn.Linear  # noqa: B018  (the ops of all layers are in the table once nn is)
    for name in (*axes.KNOWN, *axes.WEAK, *axes.ALIKE, *axes.REDUCING):
        assert name in OPS or name in dir(nn.functional), name


def test_a_map_says_which_axis_goes_where_and_tells_indices_by_name(opened: Any) -> None:
    page = opened(draw(convolved(), names={}), "dark", (390, 844))
    page.press(Keys.END)
    text = page.step
    assert "tensor 4×3×3×3 (out × in × h × w)" in text
    assert "a map for each out, in; h ↓, w →" in text
    told = page.js(
        "((svg) => { svg.scrollIntoView(); const box = svg.getBoundingClientRect();"
        "svg.dispatchEvent(new PointerEvent('pointerdown',"
        " {clientX: box.left + 2, clientY: box.top + 14}));"
        "return svg.parentNode.querySelector('output').textContent; })"
        "([...document.querySelectorAll('#step figure')]"
        ".find((f) => f.textContent.includes('out × in')).querySelector('svg'))"
    )
    assert told.startswith("[0, 0, 0, 0] out 0, in 0, h 0, w 0 = ")


def test_arrow_keys_go_from_number_to_number(opened: Any) -> None:
    w = leaf(np.arange(12.0).reshape(3, 4), "w")
    page = opened(draw((w * w).sum(), names={}))
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    count = page.count
    page.js("document.querySelector('#step svg.heat').focus({focusVisible: true})")
    told = [page.find("#step output").text]
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.END, Keys.ARROW_RIGHT,
                Keys.ARROW_UP, Keys.HOME, Keys.ARROW_LEFT):  # fmt: skip
        page.press(key)
        told.append(page.find("#step output").text)
    places = [text.split(" = ")[0] for text in told]
    assert places == ["[0, 0]", "[0, 1]", "[1, 1]", "[1, 0]", "[2, 3]", "[2, 3]", "[1, 3]",
                      "[0, 0]", "[0, 0]"]  # fmt: skip
    assert page.count == count  # the step stays
    page.press(Keys.TAB, Keys.ESCAPE)
    assert not page.complaints()

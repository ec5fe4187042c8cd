"""The report as a page, with error against step; and its text, which fits a screen."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
from autograd.gradcheck import Report, gradcheck
from autograd.gradcheck.report.finding import Entry, Finding
from autograd.gradcheck.report.plot import plot

NASTY = "<script>alert(1)</script>&\"'\N{LEFT DOUBLE QUOTATION MARK}]]>"


def failing(x: Any = (0.3, 1.0, 2.0), off: float = 1e-3, **options: Any) -> Report:
    f, slope = (lambda x: np.sum(np.exp(x))), (lambda x: np.exp(x) * (1 + off))
    return gradcheck(f, np.array(x), grad=slope, raise_exception=False, **options)


def drawn(page: str) -> list[Any]:
    return [ElementTree.fromstring(svg) for svg in re.findall("<svg.*?</svg>", page, re.DOTALL)]


def test_each_failing_element_has_a_plot_of_error_against_step() -> None:
    report = failing()
    svgs = drawn(report.to_html())
    assert len(svgs) == 3
    for svg, entry in zip(svgs, report.failures[0].entries, strict=True):
        text = " ".join(svg.itertext())
        assert f"x[{entry.index[0]}]" in text
        assert "from the gradient" in text
        assert "from the numeric slope" in text
        assert len([e for e in svg.iter() if e.tag.endswith("circle")]) >= len(entry.curve)


def test_the_curve_holds_difference_quotients() -> None:
    entry = failing().failures[0].entries[0]
    (at,) = entry.index
    x = np.array([0.3, 1.0, 2.0])[at]
    for h, slope in entry.curve:
        assert slope == pytest.approx((np.exp(x + h) - np.exp(x - h)) / (2 * h), rel=1e-6)
    steps = [h for h, _ in entry.curve]
    assert steps == sorted(steps, reverse=True)


def test_what_is_undecided_has_a_plot_and_a_kink_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.gradcheck.precise.referee.is_installed", lambda: False)
    assert drawn(gradcheck(lambda x: (x + 1e16) - 1e16, ag.Tensor(np.array([0.5]))).to_html())
    assert not drawn(gradcheck(ag.relu, ag.Tensor([0.0])).to_html())
    assert not drawn(gradcheck(ag.tanh, ag.Tensor([0.5])).to_html())


def test_only_the_worst_of_many_are_drawn() -> None:
    assert len(drawn(failing(np.linspace(0, 1, 40)).to_html())) == 3


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_names_are_no_markup() -> None:
    curve = ((0.1, 1.0), (0.01, 1.1), (0.001, 1.2))
    entry = Entry((), 2.0, 1.0, 1e-9, NASTY, None, curve)
    words: Any = dict.fromkeys(
        ("pattern", "forward", "where", "repro", "function", "advice"), NASTY
    )
    finding = Finding("reverse", NASTY, NASTY, 1, "float64", (entry,), wrong=1, total=3, **words)
    page = Report((finding,), (finding,), (finding,), (NASTY,)).to_html()
    tags = _Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert len(drawn(page)) == 3


def test_a_page_is_light_or_dark_and_a_notebook_lends_its_own_inks() -> None:
    report = failing()
    page, fragment = report.to_html(), report._repr_html_()
    assert "prefers-color-scheme:dark" in page
    assert page.count("--cg-gradient:") == 2
    assert fragment in page
    assert "var(--cg-gradient,#" in fragment


@pytest.mark.parametrize(
    "entry",
    [
        Entry((), np.nan, 1.0, 1e-9, curve=((0.1, 1.0), (0.01, 1.0))),
        Entry((), 1.0, np.nan, np.inf, curve=((0.1, 1.0), (0.01, 1.0))),
        Entry((), 0.0, 0.0, 0.0, curve=((0.1, 0.0), (0.01, 0.0))),
        Entry((), 1e300, -1e300, 1e290, curve=((0.1, -1e300), (0.01, np.nan), (0.001, 1e-300))),
        Entry((), 1.0, 2.0, 0.1),
    ],
    ids=str,
)
def test_a_plot_of_any_numbers_is_drawn_or_left_out(entry: Entry) -> None:
    svg = plot("x", entry)
    assert "nan" not in svg
    assert "inf" not in svg.replace("info", "")
    if svg:
        ElementTree.fromstring(svg)


def test_no_line_is_wider_than_a_screen() -> None:
    long = "a_function_whose_name_goes_on_and_on_" * 2
    finding = Finding(
        "reverse", "weight", "out", 1, "float64", function=f"{long}, in encoder.0 (Linear)",
        pattern="one thing and another, " * 12, where="gate " * 30, repro="x, " * 60,
    )  # fmt: skip
    report = Report([finding], notes=["a note that has much to say " * 8])
    for text in (str(report), report.explain(), failing().explain(), str(failing())):
        assert max(map(len, text.splitlines())) <= 100, text


def test_steps_are_told_in_sentences() -> None:
    text = " ".join(failing().explain().split())
    assert re.search(
        r"Of 14 steps from 0\.\d+ to \de-\d+, that of \S+ gives the numeric slope", text
    )
    assert "none gives what the gradient does to better than" in text


def test_the_severe_come_first() -> None:
    def find(name: str) -> Finding:
        return Finding("reverse", name, "out", 1, "float64")

    text = str(Report([find("a")], [find("b")], [find("c")]))
    assert text.index("FAIL") < text.index("INCONCLUSIVE") < text.index("KINK")

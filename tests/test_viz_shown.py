"""What a picture shows: legends of what is there, titles that name, NaN that stands out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
import nn
from autograd import extend
from autograd.engine.modes import scope
from autograd.errors import DrawingError
from autograd.viz import draw
from autograd.viz.scene.style import NAN, OP_MARK, OP_NOTE, RAMP
from tests.graphs import affine, deep_network, leaf, network, shared

RNG = np.random.default_rng(0)


def drawn(*shape: int) -> ag.Tensor:
    return ag.Tensor(RNG.normal(size=shape), requires_grad=True)


# ---- several outputs -----------------------------------------------------------------------------

SEVERAL: dict[str, Any] = {
    "LayerNorm": lambda: nn.LayerNorm(4)(drawn(3, 4)).sum(),
    "GroupNorm": lambda: nn.GroupNorm(2, 4)(drawn(2, 4, 3)).sum(),
    "BatchNorm": lambda: nn.BatchNorm1d(4)(drawn(3, 4)).sum(),
    "LSTM": lambda: nn.LSTM(3, 4)(drawn(5, 2, 3))[0].sum(),
    "GRU": lambda: nn.GRU(3, 4)(drawn(5, 2, 3))[1].sum(),
    "RNN": lambda: nn.RNN(3, 4)(drawn(5, 2, 3))[0].sum(),
    "LSTMCell": lambda: nn.LSTMCell(3, 4)(drawn(2, 3))[1].sum(),
    "attention": lambda: nn.MultiheadAttention(4, 2)(*[drawn(3, 2, 4)] * 3)[0].sum(),
    "sort": lambda: ag.sort(drawn(4)).sum(),
    "topk": lambda: ag.topk(drawn(5), 2)[0].sum(),
    "SVD": lambda: ag.linalg.svd(drawn(3, 3))[1].sum(),
    "one vector of SVD": lambda: ag.linalg.svd(drawn(3, 3))[0][0, 0],
    "QR": lambda: ag.linalg.qr(drawn(3, 3))[1].sum(),
    "eigh": lambda: ag.linalg.eigh(drawn(3, 3))[0].sum(),
    "a part of split": lambda: ag.split(drawn(4), 2)[1].sum(),
    "all of split": lambda: ag.Graph(*ag.split(drawn(4), 2)),
    "modf": lambda: ag.modf(leaf(2.5))[0],
    "dropout": lambda: nn.Dropout(0.5)(drawn(4)).sum(),
}


@pytest.mark.parametrize("style", ["auto", "tower", "profile"])
@pytest.mark.parametrize("name", SEVERAL)
def test_ops_of_several_outputs_are_drawn_in_every_style_and_face(name: str, style: str) -> None:
    x = SEVERAL[name]()
    picture = draw(x, names={}, style=style)
    for face in (picture.svg, picture.html, picture.text, picture.dot):
        assert face()
    for step in ag.stepper(x, names={}).model.steps:
        assert str(ag.stepper(x, names={}).run_to(step.op.name))
    if style == "profile":
        assert "µs" in picture.svg()
    if len(picture.model.outputs) == 1:
        card = next(c for c in picture.model.cards if c.kind == "param")
        ledger = ag.explain(x, card.name, names={})
        assert ledger.text()
        assert ledger.latex()
        assert ledger.html()


@pytest.mark.parametrize("make", [network, lambda: deep_network(2), lambda: drawn(3).sum()])
def test_mathematics_of_numbers_says_that_arrays_are_none(make: Any) -> None:
    with pytest.raises(DrawingError, match=r'numbers, and .* is a (vector|matrix) .*"tower"'):
        draw(make(), style="math")


def test_the_size_of_an_array_never_reads_as_its_value() -> None:
    x = leaf([0.0, 1.0, 4.0], "x")
    with np.errstate(all="ignore"):
        y = ag.sqrt(x)
        y.name = "y"
    ledger = ag.explain(y, x)
    assert "∂y/∂x = vector of 3, rms ∞" in ledger.text()
    assert "vector of 3" in ledger.latex()
    assert "vector of 3" in ledger.html()
    assert "vector of 3" in draw(y, names={}).text()
    assert "vector of 3, rms" in str(ag.stepper(y, names={}).next())
    assert '"vector of 3"' in draw(y, names={}).html()


# ---- legends -------------------------------------------------------------------------------------


def legend(picture: Any) -> str:
    box = next(box for box in picture.scene.boxes if box.key == "legend")
    return " ".join(text.text for each in box.rows for text in each.texts)


def test_a_legend_explains_what_is_shown_and_nothing_else() -> None:
    plain = legend(draw(affine()))
    assert "local derivative" in plain
    for sign in ("NaN", "conjugate", "▽", "×k"):
        assert sign not in plain
    z = ag.Tensor(1 + 2j, requires_grad=True, name="z")
    assert "conjugate" in legend(draw(ag.real(z * (0.5 - 1j))))
    assert "local" not in legend(draw(affine(), grads=False))
    weak, strong = (draw(ag.sum(ag.sin(drawn(3)) * by)) for by in (1e-3, 1e3))
    assert "▽ below" in legend(weak)
    assert "▲" not in legend(weak)
    assert "▲ above" in legend(strong)
    assert "×k" not in legend(draw(ag.sum(drawn(3) * 2.0)))
    assert "NaN" not in legend(draw(network()))


def test_every_sign_of_a_legend_has_its_words_in_view() -> None:
    for picture in (draw(shared()), draw(network()), draw(no_number())):
        box = next(box for box in picture.scene.boxes if box.key == "legend")
        for each in box.rows:
            assert sum(max(t.width, t.needs) for t in each.texts) <= box.width


# ---- no numbers ----------------------------------------------------------------------------------


def no_number() -> Any:
    x = leaf([[1.0, -1.0], [0.5, 4.0]], "x")
    with np.errstate(all="ignore"):
        h = ag.log(x)
        h.name = "h"
        loss = (h * h).sum()
        loss.name = "loss"
        return loss


def colours(svg: str, words: str) -> set[str]:
    root = ElementTree.fromstring(svg)
    return {e.get("fill", "") for e in root.iter() if (e.text or "") == words}


@pytest.mark.parametrize("style", ["tower", "profile"])
def test_nan_has_a_colour_a_badge_and_an_entry_of_its_own(style: str) -> None:
    picture = draw(no_number(), names={}, style=style)
    svg = picture.svg()
    assert colours(svg, "NaN") == {NAN}
    assert NAN not in RAMP
    assert "NaN or ∞" in legend(picture)
    (badge,) = re.findall("✱ [^<]*", svg)
    assert badge == "✱ NaN born here"
    log = next(box for box in picture.scene.boxes if any("✱" in t.text for r in box.rows
                                                         for t in r.texts))  # fmt: skip
    assert "log" in " ".join(t.text for r in log.rows for t in r.texts)
    assert "url(#hatch)" in svg
    assert picture.svg("p-").count("url(#p-hatch)") == svg.count("url(#hatch)")


def test_an_infinity_of_the_backward_pass_is_born_there() -> None:
    a = leaf(0.0, "a")
    with np.errstate(all="ignore"):
        b = ag.sqrt(a)
        svg = draw(b, names={}).svg()
        nothing = draw(b * 0.0, names={}).svg()
    assert "✱ ∇ ∞ born here" in svg
    assert colours(svg, "∞") == {NAN}
    assert "✱ ∇ NaN born here" in nothing
    assert "0 × ∞ = NaN" in nothing


@pytest.mark.parametrize("at", [0, 3, 39])
@pytest.mark.parametrize("detail", ["auto", "full", 0])
def test_a_birth_that_is_folded_away_is_marked_on_what_stands_for_it(detail: Any, at: int) -> None:
    h = leaf(np.full(3, 0.5), "x")
    with np.errstate(all="ignore"):
        for i in range(40):
            h = ag.log(ag.sin(h) * (-1.0 if i == at else 1.0) + 2.0 * (i != at))
            for _ in range(3):
                h = ag.tanh(h) * 0.5
        svg = draw(h.sum(), names={}, detail=detail).svg()
    assert svg.count("✱ NaN born here") == 1


def test_no_badge_is_on_a_sound_graph() -> None:
    for make in (affine, shared, network, lambda: deep_network(2)):
        svg = draw(make()).svg()
        assert "born here" not in svg
        assert f'fill="{NAN}">' not in svg
        assert "hatch" not in svg


def test_heat_maps_say_how_much_is_no_number() -> None:
    assert '"not":"1 NaN"' in draw(no_number(), names={}).html()
    x = leaf([0.0, 0.0, -1.0], "x")
    with np.errstate(all="ignore"):
        y = ag.log(x)
    assert '"not":"1 NaN, 2 ∞"' in draw(y, names={}).html()


# ---- titles --------------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(x)


def title(picture: Any) -> str:
    return str(picture.scene.boxes[0].rows[0].texts[0].text)


def test_titles_name_the_model_or_the_loss() -> None:
    x = ag.Tensor(np.ones((4, 3)), name="x")
    assert title(draw(Net()(x).sum())) == "Net"
    classifier = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    loss = classifier(x).sum()
    assert title(draw(loss)) == "classifier"
    assert title(draw(loss, names={"loss": loss})) == "loss"
    assert title(draw(classifier, np.ones((4, 3)))) == "classifier"
    plain = (drawn(3, 3) @ drawn(3, 3)).sum()
    assert title(draw(plain)) == "plain"


def test_a_module_beside_others_that_do_as_much_is_a_panel_and_no_title() -> None:
    nn.manual_seed(0)
    table, layer = nn.Embedding(5, 4), nn.Linear(4, 4)
    loss = (layer(table(np.arange(3))) @ table.weight.mT).sum()
    picture = draw(loss, names={"loss": loss})
    assert title(picture) == "loss"
    assert len(picture.scene.panels) == 2


@pytest.mark.parametrize(
    ("scale", "gradient", "words", "ink"),
    [
        (1.0, np.nan, "∇/W = NaN", NAN),
        (1.0, np.inf, "∇/W = ∞", NAN),
        (0.0, 1.0, "∇ 1, W = 0", None),
    ],
)
@pytest.mark.parametrize("detail", ["auto", 0])
def test_the_ratio_of_a_module_is_a_number_or_has_the_ink_of_none(
    scale: float, gradient: float, words: str, ink: str | None, detail: Any
) -> None:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data = np.full((1, 1), scale)
    with scope("", "Net"), scope("fc", "Linear"):
        out = layer(np.ones((1, 1))) * gradient
    svg = draw(out.sum(), detail=detail).svg()
    found = re.findall(r'fill="([^"]*)"[^>]*>(∇[ /][^<]*)</text>', svg)
    assert words in {each for _, each in found}
    assert ink is None or {colour for colour, each in found if each == words} == {ink}


# ---- dark ----------------------------------------------------------------------------------------


def test_pictures_are_dark_for_readers_whose_system_is() -> None:
    for make in (affine, network, lambda: deep_network(3), no_number):
        picture = draw(make(), names={})
        svg, page = picture.svg(), picture.html()
        assert svg.count("prefers-color-scheme:dark") == 1
        assert "prefers-color-scheme:dark" not in page, "the page has a switch of its own"
        rules = svg[svg.index("<style>") : svg.index("</style>")]
        assert all(rule.startswith(".chaingrad ") for rule in rules.split("dark){")[1].split("}")
                   if rule), "no rule reaches beyond the picture"  # fmt: skip
        body = svg[svg.index("</style>") :]
        ink = {"#431407", *RAMP, OP_MARK, OP_NOTE, "none", f"url(#{'hatch'})"}
        for fill in set(re.findall('fill="([^"]*)"', body)) - ink:
            assert f'[fill="{fill}"]' in rules, fill
        for stroke in set(re.findall('stroke="([^"]*)"', body)) - set(RAMP[:6]):
            assert f'[stroke="{stroke}"]' in rules, stroke


def test_names_that_look_like_formulas_are_told_from_them() -> None:
    loss = leaf(3.0, "a+b") * leaf(2.0, "2")
    loss.name = "L"
    picture = draw(loss, names={})
    svg = picture.svg()
    assert "∂L/∂(a+b) = “2” = 2" in svg
    assert "L = (a+b)·“2”" in svg
    assert "∂L/∂“2”" in ag.explain(loss, "2").text()


def test_truth_values_count_as_numbers_in_products() -> None:
    svg = draw(leaf(2.0, "x") * True, names={}).svg()
    assert "true" not in svg.lower()
    assert "1 × 1 = 1" in svg
    x = leaf(2.0, "x")
    compared = draw(x * (x > 1.0) + (x < 1.0), names={})
    for text in (compared.text(), compared.svg(), str(ag.stepper(x * (x > 1.0)).next())):
        assert not re.search("true|false", text, re.IGNORECASE)


def test_an_output_that_is_used_too_starts_with_a_gradient_of_its_own() -> None:
    x = leaf(2.0, "x")
    y = x * 3.0
    z = y * y
    graph = ag.Graph(y, z)
    picture = draw(graph, names={"y": y, "z": z})
    assert "13 = 1 + 6 + 6" in picture.text()
    assert "13 = 1 + 6 + 6" in picture.svg()
    assert str(ag.stepper(graph, {"y": y}).next()).endswith("∇y = 1 + 6 + 6 = 13")


def a_rule_for_floats_alone(x: Any) -> Any:
    @ag.primitive
    def cube(x: Any) -> Any:
        return x**3

    extend.defvjp(cube, lambda out, x: lambda g: np.float64(float(g) * 3 * float(x) ** 2))
    return cube(x) * 2.0 - x


@pytest.mark.parametrize("style", ["auto", "tower", "profile"])
def test_rules_of_users_that_take_only_numbers_are_drawn_without_a_formula(style: str) -> None:
    x = leaf(2.0, "x")
    loss = a_rule_for_floats_alone(x)
    picture = draw(loss, names={}, style=style)
    assert "= 23" in picture.text() or "23 = 24 − 1" in picture.text()
    picture.svg()
    picture.html()
    assert "= (1)(2)(12)" in ag.explain(loss, x).text()
    assert "= 1 · 2 · 12" in ag.explain(loss, x).text()
    v = leaf([1.0, 2.0], "v")
    whole = ag.checkpoint(lambda y: (y * 3.0) ** 2)(v).sum()
    rules = {edge.rule for edge in draw(whole, names={}, style=style).model.edges}
    assert rules == {"G⊙(2·(v·3))·3", "G"}  # what runs again is a formula


def test_nothing_has_no_size(opened: Any) -> None:
    """Of a tensor without elements no face says 0."""
    loss = (leaf(np.ones((0, 3)), "w") * 2.0).sum()
    picture = draw(loss, names={})
    (box,) = [box for box in picture.scene.boxes if "param" in box.kind]
    assert [row.texts[-1].text for row in box.rows[1:3]] == ["empty", "empty"]
    assert re.search(r"w +param +matrix 0×3 +empty +empty", picture.text())
    assert "rms 0" not in str(ag.stepper(loss).run_to("multiply"))
    shown = opened(picture)
    shown.press(Keys.END)
    assert "matrix 0×3, empty" in shown.step
    assert "rms" not in shown.step


def test_a_leaf_alone_has_no_step(opened: Any) -> None:
    shown = opened(draw(leaf(3.0, "w"), names={}))
    assert "there is no step" in shown.step


@pytest.mark.parametrize("name", ["w" * 200, "가중치" * 40])
def test_one_path_is_no_sum(name: str) -> None:
    w, b = leaf(2.0, name), leaf(3.0, "b")
    assert "sum over" not in draw((w * 3.0 + b) * b, names={}).svg().replace("sum over 2", "")


def test_a_picture_is_of_no_container() -> None:
    """What says nothing about a model gives way to the loss, whatever made that."""
    a, b = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.Linear(2, 3))
    loss = (a(np.ones((1, 2))) - b(np.ones((1, 2)))).sum()
    title = next(box for box in draw(loss, names={}).scene.boxes if box.kind == "title")
    assert title.rows[0].texts[0].text == "sum"


@pytest.mark.usefixtures("requires_dot")
def test_a_curve_of_many_points_is_a_pdf_too(tmp_path: Path) -> None:
    x = leaf(1.0001, "x")
    h = x
    for _ in range(700):
        h = h * 0.9999 + x
    assert draw(h, names={}).save(tmp_path / "long.pdf").read_bytes().startswith(b"%PDF")


def test_a_title_names_every_loss() -> None:
    w = leaf(np.ones(3), "w")
    graph = ag.Graph((w**2).mean(), ag.abs(w).sum())
    title = next(box for box in draw(graph, names={}).scene.boxes if box.kind == "title")
    assert title.rows[0].texts[0].text == "mean, sum"

"""Paths on the page: lit one after another, with the ledger's numbers, whose sum is right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
from autograd.graph.graph import Graph
from autograd.viz import draw
from autograd.viz.model.model import Card, Model, build
from autograd.viz.model.numbers import number
from autograd.viz.picture import Picture
from autograd.viz.words.explain import explain, ledger_of
from autograd.viz.words.lit_paths import lit_paths
from tests.graphs import affine, cards, deep_network, leaf, network, recurrent, shared


def doubled(times: int = 12) -> ag.Tensor:
    """2 to the power of `times` paths, of different sizes."""
    w = leaf(1.5, "w")
    z = w
    for i in range(times):
        z = z * 0.5 - z * (0.6 + 0.01 * i)
    return z


def cancelling() -> ag.Tensor:
    w = leaf(2.0, "w")
    return 3 * w + 1 - 3 * w


def two_losses() -> Picture:
    w, b = leaf(2.0, "w"), leaf(-1.0, "b")
    h = w * b
    h.name = "h"
    first, second = h * h, h * w + b
    first.name, second.name = "A", "B"
    return Picture(build(Graph(first, second, h), {}))


def of(make: Any) -> Picture:
    made = make()
    return made if isinstance(made, Picture) else draw(made, names={})


MAKERS = {
    "affine": affine, "shared": shared, "network": network, "deep": lambda: deep_network(2),
    "many": doubled, "cancelling": cancelling, "losses": two_losses,
    "complex": lambda: ag.real(
        (z := ag.Tensor(1 + 2j, requires_grad=True, name="z")) * (0.5 - 1j) + ag.conj(z) * z
    ),
    "split": lambda: ag.tanh(sum(ag.split(leaf(np.arange(6.0), "s"), 2))).sum(),
}  # fmt: skip


def keys_of(picture: Picture) -> list[str]:
    return [box.key for box in picture.scene.boxes]


@pytest.mark.parametrize("name", MAKERS)
def test_the_paths_of_a_page_are_those_of_explain(name: str) -> None:
    picture = of(MAKERS[name])
    model = picture.model
    data = lit_paths(model, keys_of(picture))
    by_key = {card.key: card for card in model.cards}
    assert data["cards"]
    for key, record in data["cards"].items():
        card = by_key[key]
        ledger = ledger_of(model, card)
        assert record["count"] == ledger.count
        if "list" not in record:  # too much for the page
            assert card.kind != "param"
            continue
        assert record["text"] == ledger.text()
        index = tuple(map(int, record["at"].strip("[]").split(", "))) if record["at"] else ()
        gradient = np.asarray(card.gradient)[index]
        values = [value for _, value, _ in record["list"]]
        rest = [record["rest"][0]] if "rest" in record else []
        slack = 64 * float(np.finfo(gradient.dtype).eps)
        total = math.fsum(values + rest)
        assert math.isclose(total, np.real(gradient), rel_tol=slack, abs_tol=slack)
        for (lead, _, text), path in zip(record["list"], ledger.paths, strict=True):
            assert text == number(np.asarray(path.contribution)[index])
            walked = []
            while lead >= 0:
                lead, edge, *_ = data["leads"][lead]
                walked.append(edge)
            wanted = [f"{edge.target.key}p{edge.position}" for edge in path.edges]
            assert walked[::-1][1:] == wanted


def test_many_losses_are_added() -> None:
    model = two_losses().model
    found = cards(model)
    for name in ("w", "b", "h"):
        ledger = ledger_of(model, found[name])
        assert ledger.output == "A + B + h"
        assert ledger.text().startswith("∂(A + B + h)/∂")
        total = sum(path.contribution for path in ledger.paths)
        assert total == found[name].gradient
    assert ledger_of(model, found["h"]).count == 4, "of its own, twice in A, once in B"


@pytest.mark.parametrize("times", [1, 6, 7, 40])
def test_the_strongest_paths_of_numbers_are_the_strongest(times: int) -> None:
    """However many lead there, and whichever tensors are asked about together."""
    model = draw(doubled(times), names={}).model
    w = cards(model)["w"]
    ledger = ledger_of(model, w)
    assert ledger.count == 2**times
    factors = [(0.5, 0.6 + 0.01 * i) for i in range(times)]
    best = math.prod(max(pair) for pair in factors)
    assert math.isclose(abs(ledger.paths[0].contribution), best, rel_tol=1e-12)
    sizes = [abs(float(path.contribution)) for path in ledger.paths]
    assert sizes == sorted(sizes, reverse=True)
    if times <= 6:
        assert len(sizes) == 2**times
    else:
        assert len(sizes) == 10
        flips = sorted(math.log(b / a) for a, b in factors)
        assert math.isclose(sizes[1], best / math.exp(flips[0]), rel_tol=1e-9)


def test_what_is_too_much_for_a_page_is_told_and_left_to_explain() -> None:
    rng = np.random.default_rng(0)
    h = leaf(rng.normal(size=(64, 128)), "x")
    for _ in range(12):
        h = h + ag.tanh(h @ leaf(rng.normal(size=(128, 128)) / 12))
    picture = draw(h.sum(), names={})
    data = lit_paths(picture.model, keys_of(picture))
    x = data["cards"][cards(picture.model)["x"].key]
    assert x == {"count": 2**12}
    assert any("list" in record for record in data["cards"].values()), "one path needs no walk"
    deep = draw(recurrent(400), names={})
    leads = lit_paths(deep.model, keys_of(deep))["leads"]
    assert 0 < len(leads) < 10_000


# ---- the page ------------------------------------------------------------------------------------


def box_of(picture: Picture, card: Card) -> str:
    return next(box.key for box in picture.scene.boxes if box.key.partition("o")[0] == card.key)


def click(shown: Any, name: str) -> None:
    key = box_of(shown.picture, cards(shown.picture.model)[name])
    shown.find(f"g#{key} > g").click()


def bars(shown: Any, where: str) -> list[float]:
    return [
        float(bar.get_attribute("data-value")) for bar in shown.all(f"{where} rect[data-value]")
    ]


def still(shown: Any) -> None:
    """A reader who wants no motion gets all paths at once."""
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    shown.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def model_of(shown: Any) -> Model:
    model: Model = shown.picture.model
    return model


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)], ids=["wide", "phone"])
@pytest.mark.parametrize("name", ["shared", "network", "many", "cancelling", "losses"])
def test_the_bars_of_a_page_sum_to_the_gradient(opened: Any, name: str, size: Any) -> None:
    shown = opened(of(MAKERS[name]), "dark" if name == "many" else "light", size)
    still(shown)
    wanted = "a" if name == "shared" else "w"
    click(shown, wanted)
    card = cards(model_of(shown))[wanted]
    head = shown.find("#paths .total").text
    gradient = np.asarray(card.gradient)
    if gradient.ndim:
        index = tuple(map(int, head.partition("[")[2].partition("]")[0].split(",")))
        gradient = gradient[index]
    for where in ("#paths", "#picture .overlay"):
        values = bars(shown, where)
        assert 2 <= len(values) <= 8
        assert math.isclose(math.fsum(values), float(gradient), rel_tol=1e-12, abs_tol=1e-12)
    assert head.endswith(f"= {number(gradient)}")
    if name == "many":
        assert "others" in shown.find("#paths").text
        assert "4,089 others" in shown.find("#paths").text
    if name == "cancelling":
        left, right = (shown.rect(bar) for bar in shown.all("#picture .overlay rect[data-value]"))
        assert {bar.get_attribute("class") for bar in shown.all("#paths rect[data-value]")} == {
            "plus", "minus",
        }  # fmt: skip
        assert left["right"] <= right["left"] + 1 or right["right"] <= left["left"] + 1


def test_paths_are_lit_one_after_another(opened: Any) -> None:
    shown = opened(of(shared))
    picture, model = shown.picture, model_of(shown)
    click(shown, "a")
    ledger = ledger_of(model, cards(model)["a"])
    assert "stop" in shown.find("#paths .onebyone").text
    shown.find("#paths .onebyone").click()
    script = "[...document.querySelectorAll('#picture g.op.lit')].map((g) => g.id)"
    for place, path in enumerate(ledger.paths):
        line = shown.all("#paths .path")[place]
        if line.get_attribute("aria-pressed") != "true":
            line.click()
        assert set(shown.js(script)) == {edge.target.key for edge in path.edges}
        running = [element.text for element in shown.all("#picture .overlay text")]
        assert running[-1] == number(path.contribution)
        along = shown.find("#paths .along").text
        assert along.split(" → ")[0] == f"{ledger.output} 1"
        assert along.endswith(f"a {number(path.contribution)}")
        assert len(along.split(" → ")) == len(path.edges) + 1
    assert picture.model is model
    shown.all("#paths .path")[place].click()
    assert set(shown.js(script)) == {edge.target.key for p in ledger.paths for edge in p.edges}
    shown.press(Keys.ESCAPE)
    assert not shown.all("#picture .lit, #picture .overlay")
    assert not shown.find("#paths").is_displayed()


def test_playing_the_paths_ends_with_their_sum(opened: Any) -> None:
    shown = opened(of(cancelling))
    click(shown, "w")
    shown.wait(lambda: shown.all("#picture .overlay rect[data-value]"))
    shown.wait(lambda: "one after another" in shown.find("#paths .onebyone").text)
    assert shown.find("#picture .overlay text[font-weight=bold]").text == "= 0"


def test_a_click_on_a_card_shows_what_explain_says(opened: Any) -> None:
    shown = opened(of(affine))
    model = model_of(shown)
    for name in ("w", "b", "p", "e", "L"):
        click(shown, name)
        said = shown.find("#paths pre").get_attribute("textContent")
        assert said == ledger_of(model, cards(model)[name]).text()
    loss = affine()
    w = next(node for node in Graph(loss).leaves)
    assert said != explain(loss, w, names={}).text()
    op = next(step for step in model.steps if step.op.name == "power")
    shown.find(f"g#{op.key}").click()
    assert shown.find("#paths pre").get_attribute("textContent").startswith("∂L/∂L = 1")


def test_a_parameter_is_reached_by_the_keyboard(opened: Any) -> None:
    shown = opened(of(affine))
    node = shown.find(f"g#{box_of(shown.picture, cards(model_of(shown))['w'])}")
    assert node.get_attribute("aria-label") == "Paths to w"
    shown.js("arguments[0].focus()", node)
    node.send_keys(Keys.ENTER)
    assert shown.find("#paths").is_displayed()
    assert shown.count == "0 / 4"
    shown.press(Keys.ESCAPE)
    assert not shown.find("#paths").is_displayed()


def test_paths_do_not_tell_what_is_to_be_guessed(opened: Any) -> None:
    shown = opened(of(affine))
    shown.press("g")
    click(shown, "w")
    assert shown.find("#paths").text == "Guess ∇w first: its paths would tell it."
    assert not shown.all("#picture .lit")
    shown.find("#step .onward").click()
    assert not shown.find("#paths").is_displayed()

"""Guess mode: it hides what it asks, reads what people write, and names mistakes that were made."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.guesses import asks_of
from autograd.viz.model.model import Model
from autograd.viz.model.numbers import number
from tests.graphs import affine, cards, deep_network, leaf, network, recurrent, shared

NAMES = {"e": [-3, 0], "x₁": [5, 0], "tanh": [0.5, 0], "w": [2, 0], "z": [1, 2], "my loss": [4, 0]}
ROOT = 2**0.5
NUMBERS: dict[str, Any] = {
    "2*e": -6, "2e": -6, "2 e": -6, "2·e": -6, "2×e": -6, "-6": -6, "−6": -6, "–6": -6, "+6": 6,
    "1/3": 1 / 3, "½": 0.5, ".5": 0.5, "0,5": 0.5, "6.": 6, "1e-3": 1e-3, "2E3": 2000,
    "sqrt(2)": ROOT, "√2": ROOT, "√(2)": ROOT, "sqrt 2": ROOT, "2**3": 8, "2^3": 8, "e²": 9,
    "w⁻¹": 0.5, "-2^2": -4, "2^-1": 0.5, "(−6)(3)": -18, "2(w + 1)": 6, "we": -6, "2x1": 10,
    "1 - tanh²": 0.75, "tanh(0)": 0, "3 my loss": 12, "∂L/∂e = 2e": -6, "２＊３": 6, "--3": 3,
    "8/2/2": 2, "2 - 3 - 4": -5, "exp(0)": 1, "ln(1)": 0, "∞": np.inf, "-inf": -np.inf,
    "NaN": np.nan, "0.5 − 1i": [0.5, -1], "(1+2i)*z": [-3, 4], "z/z": 1, "z²": [-3, 4],
}  # fmt: skip
UNREADABLE = [
    "", " ", "foo", "2**", "(2", "2)", "alert(1)", "constructor", "__proto__", "w.constructor",
    "1;2", "[].map", "`x`", "w" * 300, "exp(z)", "sqrt", "=",
    "1/0", "0/0", "ln(0)", "0^-1", "sqrt(-1)",
]  # fmt: skip
SHAPES = {
    "(3, 4)": [3, 4], "3x4": [3, 4], "3×4": [3, 4], "3 X 4": [3, 4], "[3,4]": [3, 4],
    "3 4": [3, 4], "3*4": [3, 4], "torch.Size([3, 4])": [3, 4], "shape = (3, 4)": [3, 4],
    "(3,)": [3], "3": [3], "3,": [3], "()": [], "[]": [], "scalar": [], "a number": [],
}  # fmt: skip
NO_SHAPES = ["", "3.5", "-1", "3x", "(3,4", "three", "3x-4", "alert(1)"]


@pytest.fixture(scope="module")
def reader(browser: Any, tmp_path_factory: Any) -> Any:
    """The page's own parser; an answer that it refuses gives its words."""
    browser.get(draw(affine(), names={}).save(tmp_path_factory.mktemp("page") / "p.html").as_uri())

    def read(function: str, *arguments: Any) -> Any:
        script = f"""try {{ return String({function}(...arguments[0])) }}
            catch (error) {{ return "refused: " + error.message }}"""
        return browser.execute_script(script, arguments)

    return read


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_read_as_people_write_them(reader: Any, text: str) -> None:
    said = reader(f"((t) => readNumber(t, new Map(Object.entries({json.dumps(NAMES)}))))", text)
    wanted = NUMBERS[text]
    wanted = wanted if isinstance(wanted, list) else [wanted, 0]
    found = [float(part.replace("Infinity", "inf")) for part in said.split(",")]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, err_msg=said)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_number_is_refused_with_a_word(reader: Any, text: str) -> None:
    said = reader(f"((t) => readNumber(t, new Map(Object.entries({json.dumps(NAMES)}))))", text)
    assert said.startswith("refused: ")
    assert len(said) > 20


@pytest.mark.parametrize("text", SHAPES)
def test_shapes_are_read_as_libraries_write_them(reader: Any, text: str) -> None:
    assert reader("readShape", text) == ",".join(map(str, SHAPES[text]))


@pytest.mark.parametrize("text", NO_SHAPES)
def test_what_is_no_shape_is_refused(reader: Any, text: str) -> None:
    assert reader("readShape", text).startswith("refused: write the lengths")


@pytest.mark.parametrize(
    ("said", "right", "written", "is_near"),
    [
        (0.33, 1 / 3, "0.33", True),  # rounded to what is written
        (0.3, 1 / 3, "0.3", False),  # one digit is no answer
        (0.34, 1 / 3, "0.34", False),
        (-6.0, -6.0, "2e", True),
        (6.0, -6.0, "6", False),
        (0.0, 1e-9, "0", False),
        (1.0, 1.02, "1", False),
        (0.333, 1 / 3, "−.333", True),
    ],
)
def test_an_answer_is_right_to_its_digits(
    reader: Any, said: float, right: float, written: str, is_near: bool
) -> None:
    found = reader(f"((...a) => isNear([{said}, 0], [{right}, 0], 0, ...a))", written)
    assert found == str(is_near).lower()


# ---- mistakes ------------------------------------------------------------------------------------


def questions_of(model: Model) -> dict[str, list[dict[str, Any]]]:
    """By edge, with the words and the numbers that they share written out."""
    asks = asks_of(model)
    for ask in [ask for questions in asks["edges"].values() for ask in questions]:
        if ask["what"] == "shape":
            shape = "×".join(map(str, ask["answer"])) or "a number"
            ask |= {"ask": f"the shape of {ask['of']}", "told": f"{ask['of']} is {shape}"}
        ask["mistakes"] = [(value, asks["words"][at]) for value, at in ask["mistakes"]]
        ask["given"] = [(name, *asks["grids"][at]) for name, at in ask.get("given", ())]
    return dict(asks["edges"])


def asked(model: Model, edge: str, what: str) -> dict[str, Any]:
    return next(ask for ask in questions_of(model)[edge] if ask["what"] == what)


def words(ask: dict[str, Any], wrong: Any) -> str:
    """What is said of a wrong answer."""
    found = [w for v, w in ask["mistakes"] if v == wrong or np.allclose(v, wrong, rtol=1e-6)]
    return found[0] if found else ""


def test_mistakes_on_numbers_have_their_names() -> None:
    a, b = leaf(0.5, "a"), leaf(-1.5, "b")
    model = draw(3 * ag.sigmoid(a) * b, names={}).model
    by_op = {step.op.name: step.key for step in model.steps}
    s = 1 / (1 + np.exp(-0.5))
    local = asked(model, f"{by_op['sigmoid']}p0", "local")
    assert "uses the input where the output is asked" in words(local, 0.5 * (1 - 0.5))
    assert "sign" in words(local, -s * (1 - s))
    assert "already times the upstream" in words(local, 3 * -1.5 * s * (1 - s))
    product = asked(model, f"{by_op['sigmoid']}p0", "product")
    assert "the chain is forgotten" in words(product, s * (1 - s))
    assert "the upstream gradient alone" in words(product, -4.5)
    assert "added" in words(product, -4.5 + s * (1 - s))
    times = asked(model, f"{model.steps[-1].key}p1", "local")
    assert "derivative by multiply" in words(times, -1.5)
    x = leaf(5.0, "x")
    square = draw(x**3, names={}).model
    power = asked(square, f"{square.steps[0].key}p0", "local")
    assert "exponent is missing" in words(power, 25.0)
    assert "not lowered" in words(power, 375.0)
    log = draw(ag.log(x), names={}).model
    derivative = asked(log, f"{log.steps[0].key}p0", "local")
    assert "uses the output where the input is asked" in words(derivative, 1 / np.log(5.0))


def test_mistakes_on_sums_over_uses_have_their_names() -> None:
    x = leaf(4.0, "x")
    model = draw(x * 3 - x * 5, names={}).model
    last = max(model.steps, key=lambda step: step.order)
    total = asked(model, f"{last.key}p0", "total")
    assert total["answer"] == -2.0
    for share in (3.0, -5.0):
        assert "one of 2 uses alone" in words(total, share)
    assert "not multiplied" in words(total, -15.0)
    assert "mean" in words(total, -1.0)
    assert "with their signs" in words(total, 8.0)
    assert words(total, 7.0) == ""


def test_mistakes_on_arrays_have_their_names() -> None:
    rng = np.random.default_rng(0)
    x, w, b = leaf(rng.normal(size=(3, 3)), "x"), leaf(rng.normal(size=(3, 3)), "w"), leaf(1.0, "b")
    c = rng.normal(size=(3, 3))
    z = x @ w
    v = leaf(rng.normal(size=3), "v")
    h = (z + v) * b * c
    model = draw(h.mean(), names={}).model
    steps = {step.op.name: step for step in model.steps}
    g = c / 9
    for position, wrongs in {
        0: ("g @ w", "w @ g", "w.T @ g"),
        1: ("x @ g", "g @ x", "g @ x.T"),
    }.items():
        ask = asked(model, f"{steps['matmul'].key}p{position}", "element")
        right = (g @ w.data.T, x.data.T @ g)[position]
        index = tuple(map(int, ask["ask"].partition("[")[2].partition("]")[0].split(",")))
        np.testing.assert_allclose(ask["answer"], right[index])
        assert index[0] != index[1]
        assert "wrong transpose" in words(ask, right.T[index])
        for wrong in wrongs:
            value = eval(wrong, {"g": g, "w": w.data, "x": x.data})  # noqa: S307
            assert "wrong transpose" in words(ask, value[index]), wrong
    add = next(step for step in model.steps if step.op.name == "add")
    broadcast = asked(model, f"{add.key}p1", "element")
    (at,) = map(int, broadcast["ask"].partition("[")[2].partition("]")[0].split(","))
    np.testing.assert_allclose(broadcast["answer"], g.sum(axis=0)[at])
    for row in g[:, at]:
        assert "forgot to sum over the broadcast axis 0" in words(broadcast, row)
    assert "the mean over the broadcast axis" in words(broadcast, g.mean(axis=0)[at])
    shape = asked(model, f"{add.key}p1", "shape")
    assert shape["answer"] == [3]
    assert "forgot to sum over the broadcast axis 0" in words(shape, [3, 3])
    mean = asked(model, f"{steps['mean'].key}p0", "element")
    assert "forgot the factor 1/n of the mean: n is 9" in words(mean, 1.0)
    norm = nn.LayerNorm(4)
    normed = draw(norm(leaf(rng.normal(size=(5, 4)), "x")).sum(), names={}).model
    weight = asked(normed, f"{normed.steps[0].key}p1", "shape")
    assert "forgot to sum over the broadcast axis 0" in words(weight, [5, 4])
    turned = draw((leaf(np.ones((2, 3)), "m") @ np.ones((3, 4))).sum(), names={}).model
    key = next(step.key for step in turned.steps if step.op.name == "matmul")
    assert "wrong transpose" in words(asked(turned, f"{key}p0", "shape"), [3, 2])


def complex_graph() -> ag.Tensor:
    z = ag.Tensor(1 + 2j, requires_grad=True, name="z")
    return ag.real(z * (0.5 - 1j) + ag.conj(z) * z)


def not_numbers() -> ag.Tensor:
    x = leaf(0.0, "x")
    with np.errstate(all="ignore"):
        return ag.log(x) * x + 1 / x


def split() -> ag.Tensor:
    return sum(ag.split(leaf(np.arange(6.0), "s"), 2)).sum()


def small() -> ag.Tensor:
    """Several uses, a chain and a product, in few ops."""
    a, b = leaf(0.8, "a"), leaf(-1.3, "b")
    return ag.tanh(a * b) * a


GRAPHS = pytest.mark.parametrize(
    "make",
    [affine, shared, network, lambda: deep_network(2), complex_graph, not_numbers,
     split],
    ids=["affine", "shared", "network", "deep", "complex", "NaN", "split"],
)  # fmt: skip


@GRAPHS
def test_no_mistake_is_the_right_answer_and_all_fits_in_json(make: Any) -> None:
    model = draw(make(), names={}).model
    json.dumps(asks_of(model), allow_nan=False)
    asks = questions_of(model)
    edges = {f"{e.target.key}p{e.position}": e for e in model.edges if e.contribution is not None}
    assert set(asks) == set(edges)
    count = 0
    for key, questions in asks.items():
        for ask in questions:
            count += 1
            if ask["what"] == "product" and np.isrealobj(edges[key].contribution):
                assert ask["answer"] in (float(edges[key].contribution), "NaN", "∞", "−∞")
            said = [w for v, w in ask["mistakes"] if v == ask["answer"]]
            assert not said, (key, ask["ask"], said)
    assert count >= len(edges)


# ---- the page ------------------------------------------------------------------------------------


def answer_of(ask: dict[str, Any]) -> str:
    value = ask["answer"]
    if ask["what"] == "shape":
        return f"({', '.join(map(str, value))})"
    if isinstance(value, list):
        return f"{value[0]!r} + ({value[1]!r})*i"
    return value if isinstance(value, str) else repr(value)


EVERYTHING = """[...document.querySelectorAll('body *:not(script)')].flatMap((node) =>
    [...node.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data)
    .concat([...node.attributes].filter((a) => /title|label|desc/.test(a.name))
    .map((a) => a.value)))
    .join('\\n')"""


@pytest.mark.parametrize(
    ("make", "size"),
    [(affine, (390, 844)), (complex_graph, (1280, 860)), (not_numbers, (390, 844)),
     (split, (1280, 860))],
)  # fmt: skip
def test_all_questions_are_answered_with_enter_alone(opened: Any, make: Any, size: Any) -> None:
    picture = draw(make(), names={})
    asks = questions_of(picture.model)
    shown = opened(picture, "dark" if size[0] < 600 else "light", size)
    shown.press("g", Keys.ENTER)
    count = 0
    for place, step in enumerate(sorted(picture.model.steps, key=lambda s: s.order), start=1):
        assert shown.count.startswith(f"{place} /")
        for edge in step.edges:
            for ask in asks.get(f"{step.key}p{edge.position}", ()):
                count += 1
                assert ask["ask"] in shown.step
                field = shown.js("document.activeElement.tagName")
                assert field == "INPUT", "what was asked next waits for an answer"
                shown.press(answer_of(ask), Keys.ENTER)
                assert f"right: {ask['told']}" in shown.step
        shown.press(Keys.ENTER)
    assert shown.count.startswith("0 /"), "once more, from the beginning"
    shown.press(Keys.ENTER)
    total = sum(map(len, asks.values()))
    assert count == total
    assert f"0 of 0 right, 0 at once ({total} questions in all)" in shown.step


@pytest.mark.parametrize("make", [small, network, lambda: deep_network(1)])
def test_what_is_asked_is_nowhere_on_the_page(opened: Any, make: Any) -> None:
    picture = draw(make(), names={})
    asks = questions_of(picture.model)
    shown = opened(picture)
    shown.press("g", Keys.ENTER)
    known = {number(c.value).strip("−") for c in picture.model.cards if np.size(c.value) == 1}
    checked, told = 0, set()
    for step in sorted(picture.model.steps, key=lambda s: s.order):
        known |= {number(c.gradient).strip("−") for c in step.outputs if np.size(c.gradient) == 1}
        for edge in step.edges:
            for ask in asks.get(f"{step.key}p{edge.position}", ()):
                said = shown.js(EVERYTHING)
                assert ask["told"] in told or ask["told"] not in said
                told.add(ask["told"])
                digits = number(ask["answer"]).strip("−") if ask["what"] != "shape" else ""
                given = " ".join(text for *_, texts in ask.get("given", ()) for text in texts)
                if len(digits) > 4 and digits not in known and digits not in given:
                    checked += 1
                    assert digits not in said, ask["ask"]
                known.add(digits)
                shown.press(answer_of(ask), Keys.ENTER)
        shown.press(Keys.ENTER)
    assert checked


def test_a_wrong_answer_is_explained_and_may_be_tried_again(opened: Any) -> None:
    shown = opened(draw(affine(), names={}))
    shown.press("g", Keys.ENTER, "6", Keys.ENTER)
    assert "Not yet: the size is right, the sign is not." in shown.step
    shown.press("5", Keys.ENTER)
    assert "Not yet: try again, or let it be shown." in shown.step
    shown.press("foo", Keys.ENTER)
    assert "“foo” is no number and no name here." in shown.step
    shown.press("2*e", Keys.ENTER)
    assert "right: ∂L/∂e = 2e = −6" in shown.step
    assert "1 of 1 right, 0 at once" in shown.step
    shown.press("1", Keys.ENTER)
    assert "the upstream gradient alone" in shown.step
    shown.find("#step .answer button[type=button]").click()
    assert "it is 1 × (−6) = −6" in shown.step
    assert "1 of 2 right, 0 at once" in shown.step
    assert "∇e = −6" not in shown.step
    assert (
        "−6"
        in shown.find(f"g#{next(c.key for c in shown.picture.model.cards if c.name == 'e')}").text
    )


def test_a_shape_is_hidden_in_every_place_while_it_is_asked(opened: Any) -> None:
    rng = np.random.default_rng(1)
    x = ag.Tensor(rng.normal(size=(5, 7)), name="x")
    w = leaf(rng.normal(size=(7, 2)), "w")
    picture = draw(ag.tanh(x @ w).sum(), names={})
    shown = opened(picture)
    assert "7×2" in shown.js(EVERYTHING)
    last = max(picture.model.steps, key=lambda step: step.order)
    shown.press("g", *[Keys.ARROW_RIGHT] * last.order)
    assert "the shape of ∇w" in shown.step
    assert "7×2" not in shown.js(EVERYTHING)
    key = next(
        b.key for b in picture.scene.boxes if b.key.startswith("t") and "w" in str(b.tooltip)[:1]
    )
    shown.find(f"g#{key}").click()
    assert "7×2" not in shown.js(EVERYTHING)
    shown.find("#step .answer input").send_keys("5x2", Keys.ENTER)
    assert "the shape of the output" in shown.step
    shown.find("#step .answer input").send_keys("7x2", Keys.ENTER)
    assert "7×2" in shown.js(EVERYTHING)


def test_search_finds_no_gradient(opened: Any) -> None:
    picture = draw(network(), names={})
    shown = opened(picture)
    assert "∇/W" in shown.js(EVERYTHING)
    shown.press("g", Keys.ENTER, Keys.ESCAPE)
    shown.find("#search").send_keys("linear")
    assert shown.all("#hits [role=option]")
    assert "∇" not in shown.find("#hits").text
    for text in ("∇", "×0.029", "9.9"):
        shown.find("#search").clear()
        shown.find("#search").send_keys(text)
        assert shown.find("#found").text == "0 found"


def test_badges_do_not_tell_what_is_asked(opened: Any) -> None:
    w = leaf(2.0, "w")
    shown = opened(draw(3 * w + 1 - 3 * w, names={}))
    assert "cancels" in shown.js(EVERYTHING)
    shown.press("g")
    for _ in range(4):
        shown.press(Keys.ARROW_RIGHT)
        assert "cancel" not in shown.js(EVERYTHING), "in the picture, the explanation, or about"
    for answer in ("3", "3"):
        shown.find("#step .answer input").send_keys(answer, Keys.ENTER)
    assert "cancel" not in shown.js(EVERYTHING)
    shown.find("#step .answer input").send_keys("0", Keys.ENTER)
    assert "cancels" in shown.js(EVERYTHING)


def test_guessing_ends_as_if_it_had_not_been(opened: Any) -> None:
    shown = opened(draw(shared(), names={}))
    script = "document.querySelector('#picture svg').textContent"
    before = shown.js(script)
    shown.press("g")
    assert shown.js(script) != before
    shown.press("g")
    assert shown.js(script) == before
    shown.press(Keys.END, "g")
    assert shown.js(script) != before, "the last step is not gone past yet"
    assert "−1.671" not in shown.js(EVERYTHING)
    shown.press(Keys.ESCAPE)
    shown.js("document.activeElement.blur()")
    shown.press("g")
    assert shown.js(script) == before


def test_a_large_graph_asks_about_its_last_ops_and_tells_the_others(opened: Any) -> None:
    x = leaf(1.0, "x")
    y = x
    for _ in range(210):
        y = y * 1.01
    picture = draw(y, names={})
    asks = questions_of(picture.model)
    assert len(asks) == 200
    shown = opened(picture)
    shown.press("g")
    shown.js("((s) => { s.value = 205; s.dispatchEvent(new Event('input')) })"
             "(document.getElementById('slider'))")  # fmt: skip
    assert not shown.all("#step .answer")
    step = sorted(picture.model.steps, key=lambda step: step.order)[204]
    assert step.edges[0].equation in shown.step


def test_folds_hide_what_their_ops_ask(opened: Any) -> None:
    picture = draw(recurrent(60), names={})
    shown = opened(picture)
    script = """[...document.querySelectorAll('g.module:not(.away) text')]
        .filter((t) => /∇|rms/.test(
        t.textContent) && getComputedStyle(t).visibility !== 'hidden').map((t) => t.textContent)"""
    assert not shown.js(script), "no gradient is there yet"
    shown.press(Keys.END)
    assert shown.js(script)
    shown.press("g", Keys.ENTER)
    asked = shown.js(script)
    assert asked
    assert all(text.endswith("= ?") for text in asked)
    shown.js("((f) => { f.value = 3; f.dispatchEvent(new Event('input')) })"
             "(document.querySelector('#loops input'))")  # fmt: skip
    assert all(text.endswith("= ?") for text in shown.js(script)), "no number of another step"
    shown.js("document.activeElement.blur()")
    shown.press("g", Keys.END)
    told = shown.js(script)
    assert told
    assert not any(text.endswith("?") for text in told)


def test_what_was_told_of_a_box_is_gone_when_it_is_asked(opened: Any) -> None:
    picture = draw(network(), names={})
    shown = opened(picture)
    w = cards(picture.model)["w"]
    shown.press(Keys.END)
    box = next(each for each in picture.scene.boxes if each.key.startswith(w.key + "o"))
    shown.find(f"g#{box.key}").click()
    text = "document.querySelector('#side').textContent"
    amount = f"rms {number(np.sqrt(np.mean(np.square(w.gradient))), 3)}"
    assert amount in shown.js(text)
    shown.js("document.activeElement.blur()")
    shown.press(Keys.HOME, "g")
    assert amount not in shown.js(text), "not even where it is hidden"
    assert shown.js("document.querySelectorAll('#about *, #paths *').length") == 0

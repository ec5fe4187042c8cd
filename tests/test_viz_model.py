"""The model of a picture: its numbers, its names, its text, and that it leaves the graph alone."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import BackwardError
from autograd.viz import draw
from autograd.viz.model.measures import sparkline
from autograd.viz.model.numbers import magnitude_step, number, rms
from autograd.viz.styles.chain import paths_to
from nn import keras
from tests.graphs import affine, cards, close, leaf, network, onward, shared
from tests.numeric import numeric_gradient

# ---- the numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [affine, shared, network])
def test_the_gradient_of_every_tensor_is_its_finite_difference(make: Any) -> None:
    model = draw(make()).model
    for card in model.cards:
        if card.kind == "data":
            assert card.gradient is None
            continue
        expected = numeric_gradient(lambda v, card=card: onward(model, card, v), [card.value], 0)
        np.testing.assert_allclose(card.gradient, expected, err_msg=card.name, **close)


@pytest.mark.parametrize("make", [affine, shared])
def test_every_local_derivative_is_its_finite_difference(make: Any) -> None:
    edges = [edge for edge in draw(make()).model.edges if edge.contribution is not None]
    assert edges
    for edge in edges:
        step = edge.target
        inputs = step.literals | {e.position: e.source.value for e in step.edges}

        def moved(
            value: Any, step: Any = step, inputs: Any = inputs, at: int = edge.position
        ) -> float:
            return float(step.op.record(*((inputs | {at: value})[i] for i in sorted(inputs))))

        expected = numeric_gradient(moved, [edge.source.value], 0)
        np.testing.assert_allclose(edge.local, expected, **close)
        upstream = step.outputs[0].gradient
        np.testing.assert_allclose(edge.contribution, upstream * edge.local, rtol=1e-14)


@pytest.mark.parametrize("make", [affine, shared, network])
def test_the_contributions_along_the_edges_add_up_to_the_gradient(make: Any) -> None:
    for card in draw(make()).model.cards:
        parts = [edge.contribution for edge in card.uses if edge.contribution is not None]
        if parts and card.kind != "loss":
            assert all(part.shape == card.shape for part in parts)
            np.testing.assert_allclose(np.sum(parts, axis=0), card.gradient, rtol=1e-14)


@pytest.mark.parametrize("make", [affine, shared])
def test_the_sum_over_all_paths_of_local_derivatives_is_the_gradient(make: Any) -> None:
    model = draw(make()).model
    for card in model.cards:
        if card.kind == "param":
            products = [np.prod([edge.local for edge in path]) for path in paths_to(card)]
            np.testing.assert_allclose(sum(products), card.gradient, rtol=1e-13)


@pytest.mark.parametrize("make", [affine, shared, network])
def test_leaves_get_what_backward_gives(make: Any) -> None:
    loss = make()
    model = draw(loss).model
    leaves = [node for node in ag.Graph(loss) if node.is_leaf]
    loss.backward()
    assert leaves
    for node in leaves:
        drawn = cards(model)[node.name or ""].gradient
        np.testing.assert_array_equal(drawn, node.more().grad.numpy())


def test_the_order_is_the_one_in_which_the_engine_runs() -> None:
    a, b = leaf(0.8), leaf(-1.3)
    p = a * b
    q = ag.exp(a)
    r = p + q
    ran: list[str] = []
    for name, tensor in {"p": p, "q": q, "r": r}.items():
        tensor.register_hook(lambda g, name=name: ran.append(name))
    model = draw(r).model
    assert ran == []  # drawing runs no hooks
    r.backward()
    by_order = sorted(model.steps, key=lambda step: step.order)
    assert [step.outputs[0].name for step in by_order] == ran == ["r", "q", "p"]


def test_an_output_with_several_elements_starts_from_ones() -> None:
    x = leaf([1.0, 2.0])
    model = draw(x * x).model
    np.testing.assert_array_equal(model.outputs[0].gradient, [1.0, 1.0])
    np.testing.assert_array_equal(cards(model)["x"].gradient, [2.0, 4.0])


def test_complex_gradients_are_shown_as_grad_has_them() -> None:
    z = ag.Tensor(np.array(1 + 2j), requires_grad=True)
    (g,) = ag.grad(ag.abs(z * z), z)
    drawn = cards(draw(ag.abs(z * z)).model)["z"].gradient
    np.testing.assert_allclose(drawn, g.numpy(), rtol=1e-14)


def test_an_op_with_several_outputs_has_a_card_for_each_that_is_used() -> None:
    x = leaf([[2.0, 1.0], [0.5, 3.0]])
    values, vectors = ag.linalg.eigh(x + x.T)
    loss = (values * values).sum() + vectors[0, 0] * 0
    model = draw(loss).model
    step = next(step for step in model.steps if step.op.name == "eigh")
    assert [card.name for card in step.outputs] == ["values", "vectors"]
    (g,) = ag.grad(loss, x)
    np.testing.assert_allclose(cards(model)["x"].gradient, g.numpy(), rtol=1e-12)


# ---- the graph stays as it was -------------------------------------------------------------------


def test_drawing_leaves_grad_and_graph_as_they_were() -> None:
    loss = network()
    graph = ag.Graph(loss)

    def contents() -> list[tuple[Any, ...]]:
        return [(node, *node.inputs, node.saved, node.extra and node.extra.grad) for node in graph]

    before = contents()
    draw(loss).dot()
    after = contents()
    for old, new in zip(before, after, strict=True):
        assert all(a is b for a, b in zip(old, new, strict=True))
    loss.backward()  # nothing was freed


def test_a_graph_that_backward_has_freed_can_be_drawn() -> None:
    loss = network()
    before = draw(loss)
    loss.backward()
    assert draw(loss).dot().source == before.dot().source


def test_a_graph_object_with_several_outputs_can_be_drawn() -> None:
    x = leaf(3.0)
    double, square = 2 * x, x**2
    model = draw(ag.Graph(double, square)).model
    assert [card.name for card in model.outputs] == ["double", "square"]
    assert cards(model)["x"].gradient == 2 + 6
    assert "double" in draw(ag.Graph(double, square)).dot().source


def test_a_tensor_without_a_graph_is_refused() -> None:
    with pytest.raises(BackwardError, match="does not require grad"):
        draw(ag.Tensor(1.0))


@pytest.mark.parametrize(
    "model", [nn.Linear(3, 2), keras.Sequential([keras.layers.Dense(2)]), lambda x: x * 2]
)
def test_a_model_without_inputs_asks_for_them(model: Any) -> None:
    with pytest.raises(BackwardError, match=r"give it inputs, draw\(model, x\)"):
        draw(model)


def test_drawing_is_quiet_where_an_unused_rule_is_not_defined() -> None:
    e = leaf(-3.0)
    assert cards(draw(e**2).model)["e"].gradient == -6  # log(−3) is in the rule for the exponent


# ---- names ---------------------------------------------------------------------------------------


def test_names_come_from_the_user_then_from_variables_then_from_ops() -> None:
    first = leaf(1.0, "given")
    second = leaf(2.0)
    product = first * second
    loss = ag.tanh(product + first)
    names = {card.name for card in draw(loss).model.cards}
    assert names == {"given", "second", "product", "add", "loss"}


def test_a_mapping_of_names_replaces_the_callers_variables() -> None:
    here = leaf(1.0)
    there = here * here
    assert [c.name for c in draw(there, names={"theta": here}).model.cards] == ["theta", "multiply"]


def test_an_array_has_the_name_of_the_one_variable_with_its_numbers() -> None:
    w, xs, ys = leaf([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])
    model = draw(w * xs + w * ys + xs * w).model
    assert [card.name for card in model.cards if card.kind == "data"] == ["xs", "ys"]
    loss = w * xs
    xs[0] = 5.0  # the graph holds [3, 4], which is no variable's any more
    assert "xs" not in {card.name for card in draw(loss).model.cards}
    twin = ys.copy()  # now either could be meant
    assert not {"ys", "twin"} & {card.name for card in draw(w * ys).model.cards}
    assert twin is not ys


def test_constants_are_named_by_identity_and_numbers_are_not() -> None:
    w = leaf([1.0, 2.0])
    data = np.array([3.0, 5.0])
    tensor = ag.Tensor(np.array([3.0, 4.0]))
    two = 2  # the literal below is the same object in CPython
    model = draw((w * data + tensor) * 2).model
    assert two == 2
    assert {card.name for card in model.cards if card.kind == "data"} == {"data", "tensor"}


def test_members_of_a_list_and_of_a_dict_are_named() -> None:
    ws = [leaf(1.0), leaf(2.0)]
    table = {"k": leaf(3.0)}
    names = {card.name for card in draw(ws[0] * ws[1] * table["k"]).model.cards}
    assert {"ws[0]", "ws[1]", "table['k']"} <= names


def test_equal_names_get_subscripts() -> None:
    x = leaf(1.0, "n")
    loss = ag.tanh(ag.tanh(x * leaf(2.0, "n")))
    names = [card.name for card in draw(loss, names={}).model.cards]
    assert names == ["n", "n₂", "multiply", "tanh", "tanh₂"]


def test_formulas_speak_with_the_names_of_the_picture() -> None:
    edges = {(e.source.name, e.target.op.name): e for e in draw(affine()).model.edges}
    assert edges["w", "multiply"].derivative == "x"
    assert edges["w", "multiply"].rule == "G · x"
    source = draw(affine()).dot().source
    for text in ("∂p/∂w = x = 3", "∂L/∂e = 2e = −6", "(−6) × 3 = −18", "1 × (−6) = −6"):
        assert text in source


def test_the_title_is_the_formula_and_the_chain_rule_is_written_out() -> None:
    source = draw(affine()).dot().source
    assert "L = (w·x + b − y)²" in source
    assert "at w=2, b=1, x=3, y=10" in source
    assert "= (−6)(1)(1)(3)" in source


def test_where_paths_meet_the_gradient_shows_its_terms() -> None:
    p = leaf(2.0, "p")
    loss = p * p + p
    assert "5 = 2 + 2 + 1" in draw(loss).dot().source
    assert "5 = 2 + 2 + 1" in draw(loss).text()


def test_each_copy_of_a_leaf_that_is_used_often_shows_its_part() -> None:
    w = leaf(3.0, "w")
    source = draw(3 * w + w * w * 2 - w * 15 + ag.exp(0 * w), names={}).svg()
    for part in ("3", "6", "−15", "0"):
        assert f">{part} of 0<" in source


# ---- looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (2.0, "2"), (-3.5, "−3.5"), (1 / 3, "0.3333"), (12345.0, "12345"),
        (12345.678, "12350"), (99999.9, "1e5"), (123456.0, "1.235e5"), (1e-3, "0.001"),
        (5.4e-4, "5.4e−4"), (-5.4e-10, "−5.4e−10"), (float("nan"), "NaN"), (float("inf"), "∞"),
        (float("-inf"), "−∞"), (np.float32(0.1), "0.1"), (7, "7"), (1 - 2j, "1 − 2i"),
        (True, "true"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits_and_a_true_minus(value: Any, text: str) -> None:
    assert number(value) == text


def test_statistics_of_hostile_arrays() -> None:
    assert sparkline([]) == ""
    assert sparkline([np.nan, np.inf]) == ""
    assert sparkline([2.0, 2.0]) == "▁▁▁█▁▁▁▁"
    assert sparkline([-1.7e308, 1.7e308]) == "█▁▁▁▁▁▁█"
    assert rms([]) == 0
    assert rms([3e300, -4e300]) == pytest.approx(np.sqrt(12.5) * 1e300)
    assert np.isnan(rms([1.0, np.nan]))
    assert rms(np.array([3 + 4j])) == 5
    steps = [magnitude_step(v) for v in (0.0, 1e-8, 9e-8, 1e-3, 0.5, 1.0, 10.0, np.inf, np.nan)]
    assert steps == [0, 0, 0, 5, 7, 8, 9, 9, 9]


HOSTILE = [
    "<script>alert(1)</script>",
    "a \"quote\" & 'more'",
    "값",
    "🎉",
    "a\\nb\\",
    "a\nb\x00c",
    "]]>",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("shape", [(), (2,)])
def test_any_name_is_shown_as_text(name: str, shape: tuple[int, ...]) -> None:
    x = ag.Tensor(np.ones(shape), requires_grad=True, name=name)
    drawing = draw((x * x).sum())
    svg = drawing.svg()
    root = ElementTree.fromstring(svg)
    assert not [e for e in root.iter() if "script" in e.tag]
    texts = [e.text or "" for e in root.iter() if e.tag.endswith("text")]
    start = name.replace("\n", " ").replace("\x00", "�")[:13]
    assert any(text.startswith(start) for text in texts), texts
    assert "\x00" not in drawing.text()
    assert len(drawing.text().splitlines()) == 5


def test_text_is_a_tree_with_columns() -> None:
    assert draw(affine()).text().splitlines() == [
        "tensor         made by   =   ∇",
        "L              ( )²  ↩1  9   1",
        "└─ e           −  ↩2     −3  −6",
        "   ├─ add      +  ↩3     7   −6",
        "   │  ├─ p     ×  ↩4     6   −6",
        "   │  │  ├─ w  param     2   −18",
        "   │  │  └─ x  data      3   no grad",
        "   │  └─ b     param     1   −6",
        "   └─ y        data      10  no grad",
    ]


def test_text_shows_a_shared_tensor_once() -> None:
    p = leaf(2.0) * 3
    lines = draw(p * p).text().splitlines()
    assert [line.split("  ")[0] for line in lines].count("└─ p") == 1
    assert "↑ see p" in lines[-1]


def test_a_very_deep_graph_can_be_printed() -> None:
    x = leaf(0.5)
    y = x
    for _ in range(5000):
        y = ag.tanh(y)
    lines = draw(y).text().splitlines()
    assert len(lines) == 5002
    assert max(map(len, lines)) < 200

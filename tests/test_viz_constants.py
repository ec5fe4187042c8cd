"""What stands beside parameters: truth values, whole numbers, halves, one tensor twice, none."""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.viz import draw
from tests.graphs import cards, leaf
from tests.overlaps import crossed_boxes, lines_on_lines

for _op in ("gru", "lstm", "rnn"):  # which join the table
    importlib.import_module(f"nn.recurrent.{_op}")


def constant(value: Any, name: str) -> ag.Tensor:
    return ag.Tensor(np.asarray(value), name=name)


KINDS = {"bool": np.bool_, "int64": np.int64, "uint8": np.uint8, "float16": np.float16}


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_any_kind_stands_beside_a_parameter_in_every_face(kind: str) -> None:
    one = constant(KINDS[kind](1), "one")
    loss = ag.where(one > 0, leaf(3.0, "w"), 2.0) * one + ag.clip(leaf(0.5, "v"), 0.0, one)
    picture = draw(loss, names={})
    assert "one" in cards(picture.model)
    for face in (picture.svg(), picture.html(), picture.text(), picture.dot().source):
        assert "one" in face


def test_two_truth_values_keep_their_names() -> None:
    w, t, u = leaf(3.0, "w"), constant(True, "t"), constant(True, "u")
    text = draw(ag.where(t, w, 0.0) + ag.where(u, w, 1.0), names={}).text()
    assert re.search("t +data +true", text)
    assert re.search("u +data +true", text)


W, ONE = leaf(3.0, "w"), constant(1.0, "one")
TWICE = {
    "data at the side": lambda: ag.clip(W, ONE, ONE),
    "data ahead": lambda: ag.clip(ONE, ONE, W),
    "data everywhere": lambda: ag.clip(W * ONE, ONE, ONE) * ONE,
    "a parameter twice": lambda: W * W,
    "a parameter thrice": lambda: ag.clip(W, W, W),
    "both": lambda: ag.clip(W, ONE, W),
}


@pytest.mark.parametrize("grads", [True, False])
@pytest.mark.parametrize("name", TWICE)
def test_one_tensor_in_several_places_of_an_op_has_a_line_to_each(name: str, grads: bool) -> None:
    scene = draw(TWICE[name](), names={}, grads=grads).scene
    boxes = [box for box in scene.boxes if box.kind.startswith(("tensor", "op", "local"))]
    values = [line for line in scene.lines if line.kind == "value"]
    for line in values:
        for x, y in (line.points[0], line.points[-1]):
            assert any(
                b.x - 1 <= x <= b.right + 1 and b.y - 1 <= y <= b.bottom + 1 for b in boxes
            ), f"{line.key} ends where nothing is"
    assert len({tuple(line.points) for line in values}) == len(values)
    assert not crossed_boxes(scene)
    assert not lines_on_lines(scene)


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda w, x: ag.clip(w, 1.0, 5.0), "clip(w, 1, 5)"),
        (lambda w, x: ag.clip(w, None, 5.0), "clip(w, –, 5)"),
        (lambda w, x: ag.clip(w, x, 5.0), "clip(w, x, 5)"),
        (lambda w, x: ag.maximum(w, 0.0), "max(w, 0)"),
        (lambda w, x: w * w + -3 * w * x, "w² − 3 · w · x"),
        (lambda w, x: w - -3 * x, "w − (−3 · x)"),
        (lambda w, x: w + -x, "w − x"),
        (lambda w, x: w + (-x + 2), "w + (−x + 2)"),
        (lambda w, x: ag.where(w > x, w, x * 2), "{w if true, else x · 2}"),
        (lambda w, x: ag.sqrt(ag.where(w > 0, w, 1.0)), "√{w if true, else 1}"),
    ],
)
def test_a_title_is_the_function_and_not_what_it_does_at_these_values(
    make: Any, formula: str
) -> None:
    model = draw(make(leaf(3.0, "w"), leaf(2.0, "x")), names={}).model
    assert model.formula == formula


def test_an_input_that_was_left_out_is_a_dash_on_the_box() -> None:
    assert "clip(·, –, 2)" in draw(ag.clip(leaf(3.0, "w"), None, 2.0), names={}).text()
    assert "clip(·, 2, –)" in draw(ag.clip(leaf([3.0, 1.0]), 2.0, None), names={}).text()


@pytest.mark.parametrize("name", ["gru", "lstm", "rnn"])
def test_a_recurrent_net_in_half_precision_is_drawn(name: str) -> None:
    sample = next(each for each in OPS[name].samples() if np.size(each.inputs[0]))
    inputs = [
        None if x is None else leaf(x, f"x{i}").astype("float16")
        for i, x in enumerate(sample.inputs)
    ]
    out = OPS[name].record(*inputs, **sample.params)
    picture = draw(out[0].sum(), names={})
    assert name in picture.svg()
    assert "class" not in picture.text()

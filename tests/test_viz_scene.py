"""Where everything in a picture lies, what is folded, and whether it can be read."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.numbers import number
from autograd.viz.model.repeats import runs
from autograd.viz.model.view import MOST
from autograd.viz.scene.scene import Box, Scene
from autograd.viz.scene.style import (
    GRADIENT,
    GRADIENT_TINT,
    INK,
    LOCAL,
    LOCAL_TINT,
    MUTED,
    PANEL,
    PAPER,
    RAMP,
    VALUE,
    VALUE_TINT,
    dark_ground,
    ramp_ink,
    text_width,
)
from tests.golden_pictures import GOLDEN, PICTURES, geometry
from tests.graphs import affine, cards, chain, deep_network, leaf, network, recurrent, shared

GRAPHS = {
    "affine": affine,
    "shared": shared,
    "network": network,
    "sigmoids": deep_network,
    "loop": recurrent,
    "row": lambda: chain(100),
}


def texts(scene: Scene) -> list[str]:
    rows = [row for box in scene.boxes for row in box.rows]
    rows += [row for panel in scene.panels for row in panel.rows]
    return [text.text for row in rows for text in row.texts]


def box(scene: Scene, key: str) -> Box:
    return next(each for each in scene.boxes if each.key == key)


# ---- geometry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["auto", "full", 0, 1])
@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_lies_on_anything_or_outside(name: str, detail: Any) -> None:
    scene = draw(GRAPHS[name](), detail=detail).scene
    assert scene.overlaps() == []
    for each in scene.boxes:
        assert each.x >= 0
        assert each.y >= 0
        assert each.right <= scene.width
        assert each.bottom <= scene.height
    for line in scene.lines:
        for x, y in line.points:
            assert 0 <= x <= scene.width
            assert 0 <= y <= scene.height


@pytest.mark.parametrize("name", GRAPHS)
def test_every_text_fits_its_cell(name: str) -> None:
    for each in draw(GRAPHS[name]()).scene.boxes:
        for row in each.rows:
            for text, x, width in row.cells(each.width):
                assert x >= 0
                assert x + width <= each.width + 0.01
                needed = text_width(text.text, text.size, text.font, text.bold)
                assert needed <= width + 6 or text.text.endswith("…"), (each.key, text.text)


def test_the_main_chain_of_a_formula_is_one_straight_line() -> None:
    """In the reference picture w, p, e and L have their values on one line, side inputs above."""
    picture = draw(affine())
    found = cards(picture.model)
    scene = picture.scene
    level = {name: box(scene, found[name].key).level("v") for name in ("p", "e", "L")}
    copies = {each.key: each for each in scene.boxes}
    w = next(each for key, each in copies.items() if key.startswith(found["w"].key + "o"))
    assert len({round(y, 6) for y in (*level.values(), w.level("v"))}) == 1
    for name in ("x", "b", "y"):
        above = next(each for key, each in copies.items() if key.startswith(found[name].key + "o"))
        assert above.bottom < w.y
    xs = [box(scene, found[name].key).x for name in ("p", "e", "L")]
    assert xs == sorted(xs)
    bent = [line for line in scene.lines if len({round(y, 6) for _, y in line.points}) > 1]
    assert len(bent) == 4  # x and y arrive from above; b does, and its gradient leaves


def test_ops_of_a_tower_stand_below_each_other_in_the_order_in_which_they_ran() -> None:
    """And where they go on in a further column, it stands at the right."""
    short, long = draw(deep_network(1), detail=0), draw(deep_network(3))
    ops = [box(long.scene, step.key) for step in long.model.steps]
    places = [(op.x, op.y) for op in ops]
    assert places == sorted(places)
    assert len({op.x for op in ops}) == 2
    closed = [each for each in short.scene.boxes if each.kind == "module"]
    assert [each.y for each in closed] == sorted(each.y for each in closed)
    assert len({each.x for each in closed}) == 1


def test_parameters_dock_beside_every_op_that_uses_them() -> None:
    picture = draw(recurrent(3), detail="full")
    w = cards(picture.model)["Wh"]
    copies = [each for each in picture.scene.boxes if each.key.startswith(w.key + "o")]
    assert len(copies) == 3
    for copy, edge in zip(copies, w.uses, strict=True):
        op = box(picture.scene, edge.target.key)
        assert copy.right < op.x
        assert copy.y - 1 <= op.y <= copy.bottom
    assert max(line.width for line in picture.scene.lines) < 4


def test_lines_from_docked_cards_do_not_cross() -> None:
    """They arrive at their op in the order in which they leave the cards."""
    scene = draw(deep_network(1)).scene
    weight, bias, *_ = (each for each in scene.boxes if each.kind == "tensor param")
    op = next(each for each in scene.boxes if each.kind == "op")
    ends = sorted((line.points[0], line.points[-1]) for line in scene.lines)
    sides = [sorted((a, b)) for a, b in ends if {a[0], b[0]} == {weight.right, op.x}]
    sides = [side for side in sides if weight.y < side[0][1] < bias.bottom]
    assert len(sides) == 4
    sides.sort(key=lambda side: side[0][1])
    ports = [port for _, (_, port) in sides]
    assert ports == sorted(set(ports))
    assert op.y < ports[0]
    assert ports[-1] < op.bottom
    middle = (weight.y + bias.bottom) / 2
    assert op.y + op.height / 2 == pytest.approx(middle)


def test_data_that_stands_beside_an_op_has_no_second_line_to_it() -> None:
    x, w = ag.Tensor(np.ones((2, 2)), name="x"), leaf(np.ones((2, 2)), "w")
    picture = draw((ag.tanh(ag.tanh(x @ w)) + x).sum())
    adding = cards(picture.model)["x"].uses[1]
    into_it = [
        line for line in picture.scene.lines if line.key.startswith(f"v{adding.target.key}p")
    ]
    assert len(into_it) == 2
    assert sum(each.kind == "tensor data" for each in picture.scene.boxes) == 2


def test_data_of_a_folded_loop_enters_its_first_step_and_stands_beside_the_drawn_one() -> None:
    scene = draw(recurrent(60)).scene
    x, beside = (each for each in scene.boxes if each.kind == "tensor data")
    assert x.bottom < beside.y
    (op,) = (each for each in scene.boxes if beside.key.endswith(each.key) and each.kind == "op")
    assert beside.right < op.x
    start = beside.right, beside.level("v")
    ends = [line.points[-1] for line in scene.lines if line.points[0] == start]
    assert [x for x, y in ends if op.y < y < op.bottom] == [op.x], "a line leads across"
    starts = [line.points[0] for line in scene.lines]
    out = [px for px, py in starts if x.y <= py <= x.bottom and x.x <= px <= x.right]
    assert out == [x.middle]
    assert len([px for px, py in starts if px == beside.right and beside.y <= py]) >= 1


def test_a_term_of_a_sum_lies_on_one_line_with_what_it_is_made_of() -> None:
    a, b, x = leaf(1.0, "a"), leaf(2.0, "b"), ag.Tensor(3.0, name="x")
    p, q = a * x, b * x
    picture = draw(p + q)
    scene, found = picture.scene, cards(picture.model)
    for name in "pq":
        (edge,) = found[name].uses
        pill = box(scene, f"{edge.target.key}p{edge.position}")
        assert pill.level("v") == box(scene, found[name].key).level("v")


def test_a_line_that_skips_ops_runs_on_the_right_of_them() -> None:
    x = leaf(np.ones(3), "x")
    y = ag.tanh(x * 2.0)
    picture = draw(ag.sin(ag.exp(y)) + y)
    right = max(each.right for each in picture.scene.boxes if each.kind == "op")
    skips = [line for line in picture.scene.lines if max(p[0] for p in line.points) > right + 5]
    assert [line.kind for line in skips] == ["value", "gradient"]


@pytest.mark.parametrize("name", GRAPHS)
def test_a_picture_is_the_same_every_time(name: str) -> None:
    first, second = (draw(GRAPHS[name]()) for _ in range(2))
    assert first.svg() == second.svg()
    assert first.dot().source == second.dot().source


# ---- styles and folding --------------------------------------------------------------------------


def test_small_scalar_graphs_are_mathematics_and_others_towers() -> None:
    assert draw(affine()).style == "math"
    assert draw(network()).style == "tower"
    x = leaf(0.5)
    y = x
    for _ in range(31):
        y = ag.tanh(y)
    assert draw(y).style == "tower"
    assert draw(affine(), style="tower").style == "tower"


def test_modules_are_panels_with_their_parameters_and_ratio() -> None:
    picture = draw(network())
    shown = texts(picture.scene)
    assert "Net" in shown  # the outermost module without a name is the title
    assert "fc" in shown
    assert "Linear · 8 params" in shown
    w, b = cards(picture.model)["w"], cards(picture.model)["b"]
    values = np.concatenate([w.value.ravel(), b.value.ravel()])
    gradients = np.concatenate([w.gradient.ravel(), b.gradient.ravel()])
    ratio = number(np.linalg.norm(gradients) / np.linalg.norm(values), 2)
    assert f"∇/W = {ratio}" in shown
    (panel,) = picture.scene.panels
    for step in picture.model.steps:
        op = box(picture.scene, step.key)
        inside = panel.y < op.y and op.bottom < panel.y + panel.height
        inside = inside and panel.x < op.x and op.right < panel.x + panel.width
        assert inside is (step.scope is not None)


def test_the_backward_gain_of_an_op_is_over_all_its_outputs() -> None:
    first, second = ag.split(leaf(np.ones(4), "x") * 2, 2)
    shown = texts(draw((first * 1e-3).sum() + second.sum()).scene)
    place = shown.index("split")
    assert shown[place : place + 4] == ["split", "↩5", "2 outputs · 32 B", "×1"]


def test_the_title_is_the_module_that_holds_the_parameters() -> None:
    """And not its loss, though that has more ops."""
    net = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Sigmoid())
    shown = texts(draw(nn.BCELoss()(net(ag.ones((3, 2))), ag.ones((3, 1)))).scene)
    assert shown[0] == "net"
    assert "BCELoss" in shown


def test_an_input_that_requires_grad_is_not_counted_among_a_modules_parameters() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 3, rng=0)

        def forward(self, x: ag.Tensor) -> ag.Tensor:
            return self.fc(x)

    x = ag.ones((5, 2), requires_grad=True)
    assert "Linear · 9 params" in texts(draw(Outer()(x).sum()).scene)


def test_rules_in_a_tower_name_the_sum_of_unbroadcasting() -> None:
    shown = texts(draw(network()).scene)
    assert "∇ = xᵀ·G" in shown
    assert "∇ = Σ₀ G" in shown


def test_what_repeats_is_shown_once_with_its_count() -> None:
    picture = draw(deep_network(80))
    assert any("× 80" in text for text in texts(picture.scene))
    assert any("in the first …" in text for text in texts(picture.scene))
    loop = draw(recurrent(60))
    shown = texts(loop.scene)
    assert any("× 60" in text for text in shown)
    assert any("242 ops in 8 boxes" in text for text in shown), "the picture says what it folded"
    assert sum(each.kind == "op" for each in loop.scene.boxes) == 6
    assert sum(each.kind == "module" for each in loop.scene.boxes) == 2, "the steps before, after"


def test_a_vanishing_gradient_shows_in_the_colours_of_the_panels() -> None:
    """Twelve sigmoids against twelve relus: the decades of the first layer's gradient."""
    steps = {}
    for activation in ("sigmoid", "relu"):
        model = draw(deep_network(12, activation)).model
        first = next(card for card in model.cards if card.name == "0.0.weight")
        steps[activation] = np.log10(np.sqrt(np.mean(first.gradient**2)))
    assert steps["sigmoid"] < steps["relu"] - 4


@pytest.mark.parametrize("name", ["sigmoids", "loop", "row"])
def test_above_150_boxes_a_picture_folds_by_itself(name: str) -> None:
    large = {"sigmoids": lambda: deep_network(90), "loop": lambda: recurrent(200),
             "row": lambda: chain(700)}[name]()  # fmt: skip
    picture = draw(large)
    assert len(picture.model.steps) > MOST
    boxes = [each for each in picture.scene.boxes if each.kind.split()[0] in ("op", "module")]
    assert len(boxes) <= MOST
    assert any(" ops in " in text for text in texts(picture.scene))
    full = draw(large, detail="full")
    assert sum(each.kind == "op" for each in full.scene.boxes) == len(picture.model.steps)


def test_detail_closes_modules_below_a_depth() -> None:
    loss = deep_network(3)
    closed = draw(loss, detail=0).scene
    assert {each.key for each in closed.boxes if each.kind == "module"}
    assert not closed.panels
    opened = draw(loss, detail=2).scene
    assert not [each for each in opened.boxes if each.kind == "module"]


def test_with_a_depth_what_repeats_is_shown_each_time_unless_it_is_too_much() -> None:
    few = [each for each in draw(deep_network(12), detail=0).scene.boxes if each.kind == "module"]
    assert len(few) == 12 + 2  # the layers, the last linear one, and the loss
    lone = draw(deep_network(1), detail=0).scene
    legend = box(lone, "legend")
    middles = {each.x + each.width / 2 for each in lone.boxes if each.kind == "module"}
    assert middles == {legend.x + legend.width / 2}, "a column that stands alone is centred"
    many = draw(deep_network(MOST + 1), detail=0).scene
    assert any(f"× {MOST + 1}" in text for text in texts(many))


def test_a_named_output_of_a_closed_module_has_its_card() -> None:
    nn.manual_seed(0)
    h = nn.Linear(2, 2)(ag.ones((1, 2)))
    h.name = "h"
    picture = draw((h * h).sum(), detail=0)
    assert cards(picture.model)["h"].key in {each.key for each in picture.scene.boxes}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([], []),
        ([1, 2, 3], []),
        ([1, 1], []),
        ([1, 1, 1], [(0, 1, 3)]),
        ([1, 2, 1, 2, 1, 2], [(0, 2, 3)]),
        ([9, 1, 2, 1, 2, 1, 2, 1], [(1, 2, 3)]),
        ([1, 1, 1, 5, 2, 2, 2, 2], [(0, 1, 3), (4, 1, 4)]),
    ],
)
def test_runs_are_the_longest_repetitions(row: list[int], found: Any) -> None:
    assert runs(row) == found


def test_without_gradients_only_the_forward_pass_is_drawn() -> None:
    for graph in (affine(), network()):
        scene = draw(graph, grads=False).scene
        assert not [line for line in scene.lines if line.kind == "gradient"]
        assert not [t for t in texts(scene) if "∇" in t or "↩" in t]
    assert "∇" not in draw(affine(), grads=False).text()


def test_a_profile_shows_times_and_kept_bytes_instead_of_gains() -> None:
    shown = texts(draw(network(), style="profile").scene)
    notes = [text for text in shown if text.startswith("→ ")]
    assert len(notes) == 6
    assert all(re.match(r"→ [\d.]+ µs  ← [\d.]+ µs  [\d.]+ [KM]?B$", note) for note in notes), notes
    assert not [text for text in shown if text.startswith("×0.")]


def test_a_parameter_changed_since_the_recording_is_said_in_the_title() -> None:
    """The replay takes it as it is now, so the picture is not of the loss that was computed."""
    w = ag.Tensor(np.ones(3), requires_grad=True, name="w")
    loss = (w * w).sum()
    assert not [text for text in texts(draw(loss).scene) if "changed" in text]
    with ag.no_grad():
        w += 1.0
    assert [text for text in texts(draw(loss).scene) if "w was changed after the recording" in text]
    again = (w * w).sum()
    assert not [text for text in texts(draw(again).scene) if "changed" in text]


# ---- colours -------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4

    parts = [linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5)]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_bars_of_shares_are_told_from_dark_paper() -> None:
    svg = draw(leaf([[1e3, 2.0]], "w") @ leaf(np.full((2, 1), 1e4), "v"), names={}).svg()
    for colour in RAMP[6:]:
        rule = re.search(rf'\.share rect\[fill="{colour}"\]{{stroke:([^}}]*)}}', svg)
        assert rule, colour
        assert contrast(rule[1], dark_ground(GRADIENT_TINT)) > 3


@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        (VALUE, VALUE_TINT, 6.0),
        (LOCAL, LOCAL_TINT, 7.0),
        (GRADIENT, GRADIENT_TINT, 4.5),
        (MUTED, PANEL, 5.6),
        (INK, PAPER, 7.0),
        *((ramp_ink(step), colour, 5.0) for step, colour in enumerate(RAMP)),
    ],
)
def test_text_can_be_read_on_its_ground(ink: str, ground: str, least: float) -> None:
    assert contrast(ink, ground) >= least


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def lab(colour: str, eye: str) -> Any:
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    rgb = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    rgb = np.clip(np.asarray(VISION[eye]) @ rgb, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                    [0.0193, 0.1192, 0.9505]]) @ rgb / [0.9505, 1.0, 1.089]  # fmt: skip
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", VISION)
def test_the_three_roles_are_told_apart_by_every_eye(eye: str) -> None:
    inks = [lab(ink, eye) for ink in (VALUE, LOCAL, GRADIENT)]
    distances = [float(np.linalg.norm(a - b)) for a, b in itertools.combinations(inks, 2)]
    assert min(distances) >= 20, distances


def test_a_gradients_colour_darkens_with_every_decade() -> None:
    levels = [luminance(colour) for colour in RAMP]
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("name", PICTURES)
def test_the_geometry_is_the_one_that_was_looked_at(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert geometry(name) == golden

"""Folds tell the truth: a typical step, the loop, the gradient by step, shares that add up."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.model import Card
from autograd.viz.model.numbers import magnitude_step, number, rms
from autograd.viz.model.sequences import sequence_curve
from autograd.viz.model.shares import shares_by_loss, shares_by_use
from autograd.viz.model.view import View
from autograd.viz.render import svg
from autograd.viz.render.frames import frames
from autograd.viz.scene.folding import Folding
from autograd.viz.scene.scene import Scene
from autograd.viz.scene.style import RAMP
from autograd.viz.styles.looks import Looks
from autograd.viz.styles.turns import turns
from tests.graphs import cards, leaf
from tests.loops import LOOPS, gan, rnn

pytestmark = pytest.mark.filterwarnings("ignore:invalid value")
FOLDED = [name for name, (_, loops) in LOOPS.items() if loops]


def view_of(scene: Scene) -> View:
    assert scene.view is not None
    return scene.view


def texts(scene: Scene) -> list[str]:
    blocks = [*scene.boxes, *scene.panels]
    return [text.text for block in blocks for row in block.rows for text in row.texts]


def boxes_of(scene: Scene) -> dict[str, Any]:
    return {box.key: box for box in scene.boxes}


# ---- what folds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOOPS)
def test_loops_fold_by_what_repeats_in_the_graph(name: str) -> None:
    make, loops = LOOPS[name]
    picture = draw(make(), names={})
    assert [(loop.times, loop.kind) for loop in view_of(picture.scene).loops] == loops
    assert picture.scene.overlaps() == []
    if loops:
        assert picture.scene.height < 3600
        assert len(picture.scene.boxes) < 50


@pytest.mark.parametrize("name", FOLDED)
def test_every_op_stands_in_a_box_and_the_loss_has_its_card(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    boxes = boxes_of(picture.scene)
    for step in picture.model.steps:
        assert picture.scene.stands_for[step.key] in boxes
    assert boxes[picture.model.outputs[0].key].kind == "tensor loss"


@pytest.mark.parametrize("name", FOLDED)
def test_the_drawn_step_is_typical_and_its_loop_is_closed(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    scene = picture.scene
    keys = boxes_of(scene)
    for loop in view_of(scene).loops:
        assert 0 < loop.shown < loop.times - 1
        for step in loop.steps[loop.shown]:
            assert scene.stands_for[step.key] == step.key or view_of(scene).has_chains
        if loop.is_chained:
            given, taken = loop.carried(loop.shown)[0]
            assert given in loop.states_of(loop.shown)
            assert taken in loop.states_of(loop.shown - 1)
            assert {given.key, taken.key} <= keys.keys()
            closing = [line for line in scene.lines if line.dashed]
            assert {line.kind for line in closing} == {"value", "gradient"}
            assert "to the next step" in texts(scene)
        else:
            assert not [line for line in scene.lines if line.dashed]


def test_the_drawn_step_is_where_a_nan_was_born() -> None:
    scene = draw(LOOPS["NaN at the seventh"][0](), names={}).scene
    (loop,) = view_of(scene).loops
    assert loop.shown + 1 == 7
    assert "step 7 of 20 is drawn" in texts(scene)
    assert [text for text in texts(scene) if "∇ is NaN at" in text]


@pytest.mark.parametrize("name", ["rnn", "two layers", "cells", "momentum", "euler"])
def test_no_arrow_is_stronger_than_the_card_that_it_enters(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    found = {card.key: card for card in picture.model.cards}
    for line in picture.scene.lines:
        x, y = line.points[-1]
        for box in picture.scene.boxes:
            inside = box.x - 1 <= x <= box.right + 1 and box.y - 1 <= y <= box.bottom + 1
            if line.kind == "gradient" and inside and box.kind.startswith("tensor"):
                card = found[box.key.partition("o")[0]]
                largest = max(map(magnitude_step, (card.gradient, *card.shares)))  # of paths too
                assert RAMP.index(line.colour) <= max(2, largest), line.key


@pytest.mark.parametrize("name", FOLDED)
def test_rules_name_only_what_is_in_the_picture(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    made = {card.name: card for card in picture.model.cards if card.maker is not None}
    shown = set(boxes_of(picture.scene))
    labels = " ".join(texts(picture.scene))
    for box in picture.scene.boxes:
        for row in box.rows:
            if row.part == "r" and "∇ = sum over" not in row.texts[0].text:
                for word in re.findall(r"[^\W\d₀-₉]\w*[₀-₉]+", row.texts[0].text):
                    if word in made:
                        assert made[word].key in shown or f" {word}" in labels, row.texts[0].text


# ---- time as a curve -----------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [-1, 9])
def test_the_curve_is_the_gradient_of_each_state_by_the_engine(cut: int) -> None:
    hidden: list[ag.Tensor] = []
    loss = rnn(30, hidden, cut)
    scene = draw(loss, names={}, detail="auto").scene
    (loop,) = view_of(scene).loops
    engine = ag.grad(loss, hidden[-loop.times :], allow_unused=True)
    wanted = [None if g is None else rms(g.numpy()) for g in engine]
    assert len(wanted) == loop.times
    np.testing.assert_allclose(loop.curve.amounts, wanted, rtol=1e-12)
    shown = texts(scene)
    least, most = (pick(range(loop.times), key=wanted.__getitem__) for pick in (min, max))
    for text in (
        f"∇ {number(wanted[0], 2)} in the first … {number(wanted[-1], 2)} in the last",
        f"least {number(wanted[least], 2)} at step {least + 1}",
        f"largest {number(wanted[most], 2)} at step {most + 1}",
    ):
        assert text in shown


def test_a_running_total_of_losses_is_no_part_of_the_curve() -> None:
    rng = np.random.default_rng(0)
    w, h, total = leaf(rng.normal(size=(3, 3)), "w"), ag.Tensor(rng.normal(size=(2, 3))), 0.0
    hidden = []
    for _ in range(20):
        h = ag.tanh(h @ w)
        total = total + ((h - rng.normal(size=(2, 3))) ** 2).sum()
        hidden.append(h)
    (loop,) = view_of(draw(total, names={}).scene).loops
    wanted = [rms(g.numpy()) for g in ag.grad(total, hidden[-loop.times :])]
    assert len(loop.states) == 2
    assert loop.times >= 18
    np.testing.assert_allclose(loop.curve.amounts, wanted, rtol=1e-9)


def test_the_curve_is_drawn_to_scale() -> None:
    """On a log axis, from the first step at the left to the last at the right."""
    scene = draw(rnn(), names={}).scene
    (loop,) = view_of(scene).loops
    (chart,) = [row for panel in scene.panels for row in panel.rows if row.part == "chart"]
    curve = max((mark.points for mark in chart.marks), key=len)
    assert len(curve) == 20
    steps = np.diff([x for x, _ in curve])
    np.testing.assert_allclose(steps, steps[0])
    heights = -np.array([y for _, y in curve])
    slope, _ = np.polyfit(np.log10(np.array(loop.curve.amounts, float)), heights, 1)
    assert slope > 0
    spread = np.log10(np.array(loop.curve.amounts, float))
    np.testing.assert_allclose(heights - heights[0], slope * (spread - spread[0]), atol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_an_op_that_holds_a_loop_has_the_gradient_of_what_each_step_reads(
    kind: Any, reverse: bool
) -> None:
    net = kind(3, 4, bidirectional=reverse)
    x = ag.Tensor(np.random.default_rng(0).normal(size=(9, 2, 3)), dtype="float32")
    for steps in (9, 2):
        needs = ag.Tensor(x.numpy()[:steps], requires_grad=True)
        (engine,) = ag.grad((net(needs)[0][-1] ** 2).sum(), [needs])
        picture = draw((net(x[:steps])[0][-1] ** 2).sum(), names={})
        ops = [s for s in picture.model.steps if s.op.name in ("lstm", "gru", "rnn")]
        curves = [sequence_curve(picture.model, step) for step in ops]
        if steps == 2:
            assert curves == [None] * len(ops), "two points are no curve"
            continue
        assert len(curves) == 1 + reverse
        if not reverse and curves[0] is not None:
            wanted = [rms(row) for row in engine.numpy()]
            np.testing.assert_allclose(curves[0].amounts, wanted, rtol=1e-5)
        assert len([t for t in texts(picture.scene) if t.startswith("rms ∇ of")]) == 1 + reverse


# ---- other steps ---------------------------------------------------------------------------------


def apply(base: list[tuple[str, str]], change: list[Any]) -> dict[str, str]:
    """What the script of the page makes of a change: the elements by their keys."""
    slot = re.compile(r'="([^"]*)"|>([^<>]+)(?=<)')
    found: list[str | None] = [text for _, text in base]
    extra = []
    for place, what in change:
        if what == 0:
            found[place] = None
        elif isinstance(what, str):
            extra.append(what)
        else:
            new, numbered = dict(zip(what[::2], what[1::2], strict=True)), iter(range(10**6))

            def put(match: re.Match[str], new: Any = new, numbered: Any = numbered) -> str:
                text = new.get(next(numbered))
                if text is None:
                    return match[0]
                for a, b in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
                    text = text.replace(a, b)
                return f'="{text}"' if match[1] is not None else f">{text}"

            found[place] = slot.sub(put, base[place][1])
    whole = [text for text in (*found, *extra) if text is not None]
    return {text.split('"', 2)[1]: text for text in whole}


@pytest.mark.parametrize("name", ["rnn", "cells", "growing", "nested", "side by side"])
def test_the_slider_makes_the_very_picture_of_another_step(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    scene = picture.scene
    others = list(turns(picture.model, scene, "auto", Looks()))
    base = list(svg.elements(scene))
    for record, (_, scenes) in zip(frames(scene, others), others, strict=True):
        wanted = {
            copy + 1: dict([*svg.elements(other), *svg.elements(closed or Folding(), mark="away ")])
            for copy, other, closed in scenes
        }
        assert {1, record["times"]} <= {*wanted, record["shown"]}
        for step, elements in wanted.items():
            made = apply(base, record["frames"][step]["change"])
            assert made == {key: text.replace("&#x27;", "'") for key, text in elements.items()}


def test_a_long_loop_offers_the_ends_the_extremes_and_some_between() -> None:
    picture = draw(LOOPS["a thousand steps"][0](), names={})
    (record,) = frames(picture.scene, turns(picture.model, picture.scene, "auto", Looks()))
    offered = sorted(record["frames"])
    assert {1, 501, 1000} <= set(offered)
    assert 6 <= len(offered) <= 100


# ---- shares --------------------------------------------------------------------------------------


def tied() -> ag.Tensor:
    table = leaf(np.random.default_rng(0).normal(size=(7, 4)), "E")
    return nn.functional.cross_entropy(ag.tanh(table[[1, 2, 3]]) @ table.T, ag.Tensor([2, 3, 4]))


def siamese() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w = leaf(rng.normal(size=(3, 4)), "W")
    a, b = (ag.tanh(rng.normal(size=(rows, 3)) @ w).sum(0) for rows in (2, 5))
    return ((a - b) ** 2).sum()


def cancelling() -> ag.Tensor:
    rng = np.random.default_rng(0)
    w, x = leaf(rng.normal(size=(3, 3)), "W"), rng.normal(size=(2, 3))
    return (x @ w).sum() - (x @ w).sum() * 0.999


def nothing_left() -> ag.Tensor:
    w = leaf([1.0, -2.0], "W")
    return (w * 3.0).sum() - (w * 3.0).sum()


SHARED = {
    "tied": tied, "siamese": siamese, "cancelling": cancelling, "nothing left": nothing_left,
    "recurrent": rnn, "collected": LOOPS["collected"][0],
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_the_shares_of_the_uses_add_up_and_are_those_of_the_paths(name: str) -> None:
    loss = SHARED[name]()
    picture = draw(loss, names={})
    for card in [c for c in picture.model.cards if c.kind == "param"]:
        for loops in ((), view_of(picture.scene).loops):
            shares = shares_by_use(card, loops)
            assert shares is not None
            np.testing.assert_allclose(
                sum(share.amount for share in shares.each), card.gradient, rtol=1e-9, atol=1e-12
            )
            total = float(np.sum(np.abs(card.gradient)))
            if total > 1e-9:
                assert sum(share.part for share in shares.each) == pytest.approx(1.0)
            else:
                assert sum(abs(share.part) for share in shares.each) == pytest.approx(1.0)
                assert shares.cancelling
        if name in ("tied", "siamese", "cancelling"):
            check_paths(loss, card)


def check_paths(loss: ag.Tensor, card: Card) -> None:
    ledger = ag.explain(loss, card.name, names={})
    assert ledger.rest is None
    shares = shares_by_use(card)
    assert shares is not None
    for share in shares.each:
        (edge,) = share.edges
        order = edge.target.order, edge.position
        paths = [
            p for p in ledger.paths if (p.edges[-1].target.order, p.edges[-1].position) == order
        ]
        np.testing.assert_allclose(
            sum(path.contribution for path in paths), share.amount, rtol=1e-9, atol=1e-12
        )


def test_each_loss_has_the_share_that_the_engine_gives_for_it_alone() -> None:
    graph, losses, params = gan()
    model = draw(graph, names={}).model
    found = shares_by_loss(model)
    by_shape = {tuple(p.shape): p for p in params.values()}
    assert len(found) == len(params)
    for card, shares in found.items():
        parameter = by_shape[card.shape]
        assert [share.name for share in shares.each] == list(losses)
        for share in shares.each:
            (engine,) = ag.grad(losses[share.name], [parameter], retain_graph=True)
            np.testing.assert_allclose(share.amount, engine.numpy(), rtol=1e-5, atol=1e-8)
        assert sum(share.part for share in shares.each) == pytest.approx(1.0, abs=1e-5)


def test_the_card_tells_the_shares_of_steps_and_losses_and_what_cancels() -> None:
    shown = texts(draw(gan()[0], names={}).scene)
    assert [text for text in shown if re.search(r"loss_real: [−\d.]+ %", text)]
    assert [text for text in shown if "loss_G: " in text]
    recurrent = texts(draw(rnn(), names={}).scene)
    assert [text for text in recurrent if re.match(r"step 11: [−\d.e]+ %, 20: \d", text)]
    assert [text for text in texts(draw(cancelling()).scene) if "they cancel to 0.05 %" in text]
    for scene, has in ((draw(rnn(), names={}).scene, True), (draw(leaf([1.0]) * 2).scene, False)):
        assert ("share of the gradient" in texts(scene)) is has, "only what is shown"


def bars(scene: Scene, kind: str) -> list[list[int]]:
    rows = [row for box in scene.boxes if box.kind == kind for row in box.rows if row.fills]
    return [[text.width for text, fill in zip(r.texts, r.fills, strict=True) if fill] for r in rows]


def test_the_pieces_of_a_bar_are_as_wide_as_their_shares() -> None:
    picture = draw(tied(), names={})
    shares = shares_by_use(cards(picture.model)["E"])
    assert shares is not None
    for first, second in bars(picture.scene, "tensor param"):
        ratio = shares.each[0].part / shares.each[1].part
        wanted = sorted((ratio, 1 / ratio))
        assert wanted[0] - 0.05 <= first / second <= wanted[1] + 0.05

"""What would be too large to be read closes further; what is closed tells what it is made of."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.viz import draw
from autograd.viz.model.shares import shares_by_loss, shares_of_all
from autograd.viz.styles.turns import turns
from tests.overlaps import crossed_boxes, crossed_texts, lines_on_lines

LARGE = 6e6


class Seq2Seq(nn.Module):
    """Cells that read, and cells that write and look back; the last step is unlike the others."""

    def __init__(self, size: int = 8) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, size)
        self.reader, self.writer = nn.LSTMCell(size, size), nn.LSTMCell(2 * size, size)
        self.score, self.out = nn.Linear(size, size), nn.Linear(2 * size, 11)

    def forward(self, x: Any, y: Any) -> Any:
        h = c = seen = ag.zeros((len(x), 8))
        states, losses = [], []
        for word in x.T:
            h, c = self.reader(self.embed(word), (h, c))
            states.append(h)
        memory = ag.stack(states, axis=1)
        for word in y.T:
            h, c = self.writer(ag.concatenate([self.embed(word), seen], axis=-1), (h, c))
            weights = ag.softmax((memory @ self.score(h)[:, :, None])[:, :, 0], axis=-1)
            seen = (weights[:, :, None] * memory).sum(axis=1)
            logits = self.out(ag.concatenate([h, seen], axis=-1))
            losses.append(nn.functional.cross_entropy(logits, word))
        return ag.stack(losses).mean()


def seq2seq() -> Any:
    words = np.arange(18).reshape(2, 9) % 11
    return Seq2Seq()(words, words[:, :7])


class Nest(nn.Module):
    """Blocks within blocks, with shortcuts."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.a = Nest(depth - 1) if depth else nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4)

    def forward(self, x: Any) -> Any:
        return self.norm(x + self.b(ag.relu(self.a(x))))


def nests() -> Any:
    return nn.Sequential(Nest(2), Nest(2))(ag.ones((3, 4))).square().mean()


def gates() -> Any:
    """Without modules, and without loops: chains of elementwise ops."""
    ends = []
    for _ in range(12):
        x = ag.Tensor(np.ones((3, 4)), requires_grad=True)
        ends.append((ag.tanh(ag.exp(ag.sigmoid(ag.sin(x * 2) + 1) * 3)) * x).sum())
    return ag.stack(ends).sum()


@pytest.mark.parametrize("make", [seq2seq, nests, gates])
def test_what_would_be_too_large_closes_further(make: Any) -> None:
    nn.manual_seed(0)
    loss = make()
    picture = draw(loss, names={})
    scene, whole = picture.scene, draw(loss, names={}, detail="full").scene
    assert whole.width * whole.height > LARGE
    assert scene.width * scene.height < whole.width * whole.height
    assert scene.height <= 1.5 * scene.width
    assert " boxes" in str(scene.view.note if scene.view else "")
    assert scene.overlaps() == []
    assert crossed_boxes(scene) == crossed_texts(scene) == lines_on_lines(scene) == set()


def test_deeper_modules_close_first_and_no_more_than_is_needed() -> None:
    nn.manual_seed(0)
    picture = draw(nests(), names={})
    scene = picture.scene
    assert scene.width * scene.height <= LARGE
    titles = {panel.rows[0].texts[0].text for panel in scene.panels}
    assert "0" in titles or "1" in titles  # the outer ones are open
    assert scene.view is not None
    assert scene.view.depth
    assert not scene.view.has_chains


def test_a_loop_stays_open_and_so_do_its_other_steps() -> None:
    nn.manual_seed(0)
    picture = draw(seq2seq(), names={})
    scene = picture.scene
    assert scene.view is not None
    assert [loop.times for loop in scene.view.loops] == [9, 6]
    assert scene.view.depth == 0
    panels = len(scene.panels)
    for _, others in turns(picture.model, scene, "auto", picture._looks):
        for _, other, _ in others:
            assert len(other.panels) == panels


def test_a_picture_that_is_asked_for_in_full_is_full() -> None:
    nn.manual_seed(0)
    loss = nests()
    scene = draw(loss, names={}, detail="full").scene
    ops = [box for box in scene.boxes if box.kind == "op"]
    assert len(ops) == len(draw(loss, names={}).model.steps)


# ---- what the gradient of a module is made of ----------------------------------------------------


def judged() -> tuple[Any, Any, list[Any]]:
    """A model that is used three times, for two losses."""
    nn.manual_seed(0)
    judge = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x = ag.Tensor(np.random.default_rng(0).normal(size=(4, 2)), dtype="float32")
    first, second = judge(x).mean() + judge(x * 2).mean(), -judge(x * 3).mean()
    first.name, second.name = "loss_D", "loss_G"
    return judge, x, [first, second]


def test_the_shares_of_a_module_are_those_of_all_its_parameters_together() -> None:
    judge, x, losses = judged()
    model = draw(losses, names={"judge": judge}).model
    cards = [card for card in model.cards if card.kind == "param"]
    by_loss = shares_by_loss(model)
    (found,) = shares_of_all({card: [by_loss[card]] for card in cards})
    assert found.by == "loss"
    assert sum(share.part for share in found.each) == pytest.approx(1)
    parts = []
    for term in (judge(x).mean(), judge(x * 2).mean(), -judge(x * 3).mean()):
        given = ag.grad(term, list(judge.parameters()))
        parts.append(np.concatenate([np.ravel(g.numpy()) for g in given]))
    whole = np.sum(parts, axis=0)
    expected = [float(part @ whole / (whole @ whole)) for part in parts]
    assert [share.part for share in found.each] == pytest.approx(expected, rel=1e-4)


def test_shares_that_some_parameters_do_not_have_are_not_told_of_the_module() -> None:
    judge, _, losses = judged()
    model = draw(losses, names={"judge": judge}).model
    first, *others = [card for card in model.cards if card.kind == "param"]
    by_loss = shares_by_loss(model)
    assert shares_of_all({first: [], **{card: [by_loss[card]] for card in others}}) == []
    assert shares_of_all({}) == []


def test_a_closed_module_that_is_used_again_has_the_bar_of_its_losses() -> None:
    judge, _, losses = judged()
    picture = draw(losses, names={"judge": judge}, detail=0)
    told = re.findall(r">(loss_[DG][^<]*: [^<]*%[^<]*)<", picture.svg())
    assert len(told) >= 3
    assert picture.scene.overlaps() == []


def test_a_module_that_is_used_once_has_no_bar() -> None:
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    picture = draw(model(ag.ones((4, 2))).mean(), names={"model": model}, detail=0)
    assert "share of the gradient" not in picture.svg()

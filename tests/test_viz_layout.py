"""What is parallel stands side by side, pages are no towers, and nothing lies on anything."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.modes import scope
from autograd.viz import draw
from autograd.viz.model.bundles import Bundles
from autograd.viz.model.model import Step
from autograd.viz.scene.scene import Box, Scene
from autograd.viz.styles.math import fitted
from examples.gallery.__main__ import names
from tests.loops import LOOPS, attended
from tests.overlaps import crossed_boxes, crossed_texts, lines_on_lines


def random_graph(seed: int, ops: int, size: tuple[int, ...] = (2, 2)) -> list[ag.Tensor]:
    """Ops on what there is, some in modules within modules, shared and skipped; several ends."""
    rng = np.random.default_rng(seed)
    made = [ag.Tensor(rng.normal(size=size), name="x")]
    weights = [ag.Tensor(rng.normal(size=size), requires_grad=True, name=f"w{i}") for i in range(3)]
    made.append(made[0] * weights[0])
    unary: list[Callable[[Any], Any]] = [ag.tanh, ag.sin, ag.cos, ag.sigmoid]
    with contextlib.ExitStack() as stack:
        depth = 0
        for number in range(ops):
            if depth < 3 and rng.random() < 0.25:
                stack.enter_context(scope(f"m{number}", "Module"))
                depth += 1
            elif depth and rng.random() < 0.2:
                stack.pop_all().close()
                depth = 0
            near = made[-min(len(made), 5) :]
            a = made[rng.integers(len(made))] if rng.random() < 0.2 else near[-1]
            b = near[rng.integers(len(near))] if rng.random() < 0.6 else weights[rng.integers(3)]
            made.append(a + b if rng.random() < 0.6 else unary[rng.integers(4)](a))
            if rng.random() < 0.2:
                made[-1].name = f"t{number}"
    ends = [made[-1].sum()]
    ends += [each.mean() for each in made[2:-1] if each.requires_grad and rng.random() < 0.08]
    return ends


def scalar_graph(seed: int, ops: int) -> list[ag.Tensor]:
    return [end for end in random_graph(seed, ops, ()) if end.requires_grad]


def drawn(ends: list[ag.Tensor], **options: Any) -> Scene:
    return draw(ag.Graph(*ends), names={}, **options).scene


def holds(scene: Scene) -> None:
    assert scene.overlaps() == []
    assert crossed_boxes(scene) == set()
    assert crossed_texts(scene) == set()
    assert lines_on_lines(scene) == set()
    for line in scene.lines:
        for x, y in line.points:
            assert 0 <= x <= scene.width
            assert 0 <= y <= scene.height


@pytest.mark.parametrize("name", names())
def test_nothing_lies_on_anything_in_the_gallery(name: str) -> None:
    holds(importlib.import_module(f"examples.gallery.{name}").picture().scene)


@pytest.mark.parametrize("seed", range(15))
def test_nothing_lies_on_anything_in_a_random_network(seed: int) -> None:
    holds(drawn(random_graph(seed, 4 + 3 * seed)))


@pytest.mark.parametrize("seed", range(15))
def test_nothing_lies_on_anything_in_a_random_formula(seed: int) -> None:
    holds(drawn(scalar_graph(seed, 2 + 2 * seed), style="math"))


def test_the_measure_sees_what_lies_on_something() -> None:
    scene = drawn(random_graph(1, 12))
    line, other = scene.lines[0], scene.lines[1]
    other.points = [(x + 1, y) for x, y in line.points]
    assert (line.key, other.key) in lines_on_lines(scene)
    box = scene.boxes[1]
    line.points = [
        (box.x - 9, box.y + 9),
        (box.x, box.y + 9),
        (box.x, box.y + 9),
        (box.middle, box.y + 9),
    ]
    assert crossed_boxes(scene) == {(line.key, box.key)}


# ---- formulas ------------------------------------------------------------------------------------


def branches(ops: int) -> ag.Tensor:
    """Two chains of the same length that meet."""
    a, b = (ag.Tensor(v, requires_grad=True, name=n) for v, n in ((0.5, "a"), (0.7, "b")))
    p, q = a, b
    for _ in range(ops // 2):
        p, q = ag.tanh(p), ag.sin(q)
    return p * q


@pytest.mark.parametrize("ops", [14, 28])
def test_a_long_formula_goes_on_in_further_rows(ops: int) -> None:
    picture = draw(branches(ops), names={}, style="math")
    scene = picture.scene
    assert scene.width <= 1700
    marks = [box for box in scene.boxes if box.kind == "mark"]
    assert marks
    for mark in marks:
        assert mark.rows[0].texts[0].text.startswith("↵ ")
    ends = [box for box in scene.boxes if box.kind == "tensor loss"]
    assert ends[0].y > marks[-1].y


@pytest.mark.parametrize("ops", [14, 28])
def test_a_long_formula_is_larger_at_first_on_its_page(ops: int) -> None:
    """All of it is shown there; a picture that is high and narrow would be small."""
    picture = draw(branches(ops), names={}, style="math")
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.html())[0])
    page, alone = (
        min(840 / w, 730 / h)
        for w, h in ((width, height), (picture.scene.width, picture.scene.height))
    )
    assert page >= alone
    assert page >= 0.4
    assert fitted(picture.scene, picture.model, True).overlaps() == []


def test_branches_of_a_formula_run_in_parallel_rows() -> None:
    picture = draw(branches(4), names={}, style="math")
    first, second = (
        [box(picture.scene, s.key) for s in picture.model.steps[k:4:2]] for k in (0, 1)
    )
    assert [b.middle for b in first] == pytest.approx([b.middle for b in second], abs=30)
    assert len({b.y for b in first}) == len({b.y for b in second}) == 1
    assert first[0].y != second[0].y


@pytest.mark.parametrize("count", [1, 9, 25])
def test_the_chain_rule_has_a_line_for_every_parameter(count: int) -> None:
    weights = [ag.Tensor(0.1 * i, requires_grad=True, name=f"w{i}") for i in range(count)]
    total = ag.Tensor(1.0, name="x") * weights[0]
    for weight in weights:
        total = ag.tanh(total + weight) * weight + total
    rule = box(draw(total, names={}, style="math").scene, "rule")
    assert [row.texts[0].text.rpartition("∂")[2] for row in rule.rows[1:]] == [
        w.name for w in weights
    ]
    assert rule.width <= 1500


# ---- networks ------------------------------------------------------------------------------------


def box(scene: Scene, key: str) -> Box:
    return next(each for each in scene.boxes if each.key == key)


def named(scene: Scene, name: str) -> Box:
    return next(each for each in scene.boxes if each.rows[0].texts[0].text.strip() == name)


def test_query_key_and_value_stand_beside_each_other() -> None:
    scene = importlib.import_module("examples.gallery.transformer_block").picture().scene
    boxes = [named(scene, name) for name in ("query", "key", "value")]
    assert len({each.y for each in boxes}) == 1
    assert [each.x for each in boxes] == sorted({each.x for each in boxes})


def test_a_shortcut_is_a_rail_at_the_outside_of_what_it_passes() -> None:
    h = ag.tanh(ag.Tensor(np.ones((2, 2)), requires_grad=True, name="x"))
    scene = drawn([(ag.sin(ag.exp(h) + h) + h).sum()])
    inside = max(each.right for each in scene.boxes if each.kind == "op")
    values = [line for line in scene.lines if line.kind == "value"]
    short, long = sorted(
        (line for line in values if max(x for x, _ in line.points) > inside),
        key=lambda line: line.points[-1][1] - line.points[0][1],
    )
    assert inside < max(x for x, _ in short.points) < max(x for x, _ in long.points)


class Level(nn.Module):
    """What is drawn as one box."""

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        return ag.tanh(x * 0.9)


class Hourglass(nn.Module):
    def __init__(self, levels: int) -> None:
        super().__init__()
        self.down, self.up = (nn.ModuleList(Level() for _ in range(levels)) for _ in range(2))
        self.bottom = Level()
        self.w = nn.Parameter(np.ones((2, 2)))

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        x, skips = x * self.w, []
        for level in self.down:
            x = level(x)
            skips.append(x)
            x = ag.sin(x)
        x = self.bottom(x)
        for level in self.up:
            x = level(ag.concatenate([ag.sin(x), skips.pop()])[:2])
        return x


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_a_u_net_is_a_u(levels: int) -> None:
    picture = draw(Hourglass(levels)(ag.ones((2, 2))).sum(), names={}, detail=0)
    scene = picture.scene
    closed = [each for each in scene.boxes if each.kind == "module"]
    down, up = closed[:levels], closed[-levels:]
    assert [each.y for each in down] == sorted(each.y for each in down), "down on the left"
    assert [each.y for each in up] == sorted((each.y for each in up), reverse=True), "up again"
    assert max(each.right for each in down) < min(each.x for each in up)
    values = [line for line in scene.lines if line.kind == "value"]
    starts = [line for line in values if line.points[0][0] < down[0].right]
    across = [line for line in starts if up[0].x < line.points[-1][0] < up[0].right]
    assert len(across) == levels + 1, "a line for each level, and one at the ground"
    for line in across:
        assert len({round(y, 3) for (x, y) in line.points if down[0].right < x < up[0].x}) == 1
    holds(scene)


def test_several_losses_are_several_ends() -> None:
    x = ag.Tensor(np.ones((2, 2)), requires_grad=True, name="x")
    h = ag.tanh(x)
    first, second = ag.square(h).mean(), ag.exp(ag.sin(h)).sum()
    scene = drawn([first, second])
    ends = [each for each in scene.boxes if each.kind == "tensor loss"]
    assert len(ends) == 2
    assert ends[0].x != ends[1].x
    holds(scene)


class Residual(nn.Module):
    def __init__(self, width: int, stride: int) -> None:
        super().__init__()
        before = width // stride
        self.conv1 = nn.Conv2d(before, width, 3, stride=stride, padding=1, bias=False, rng=0)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False, rng=0)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.down = nn.Conv2d(before, width, 1, stride=stride, bias=False, rng=0)
        self.stride = stride

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        y = self.bn2(self.conv2(ag.relu(self.bn1(self.conv1(x)))))
        return ag.relu(y + (x if self.stride == 1 else self.down(x)))


def resnet18() -> ag.Tensor:
    layers = [
        nn.Sequential(Residual(4 * 2**k, 1 + (k > 0)), Residual(4 * 2**k, 1)) for k in range(4)
    ]
    net = nn.Sequential(nn.Conv2d(3, 4, 3, rng=0), *layers, nn.Flatten(), nn.Linear(32, 10, rng=0))
    return nn.CrossEntropyLoss()(net(ag.ones((2, 3, 10, 10))), np.array([1, 2]))


def encoder() -> ag.Tensor:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return ag.square(nn.TransformerEncoder(layer, 6)(ag.ones((1, 3, 8)))).mean()


@pytest.mark.parametrize("detail", ["auto", 0, 1, 2])
@pytest.mark.parametrize("make", [resnet18, encoder])
def test_a_large_network_is_a_page_and_no_tower(make: Callable[[], ag.Tensor], detail: Any) -> None:
    nn.manual_seed(0)
    scene = draw(make(), names={}, detail=detail).scene
    assert scene.height <= 1.5 * scene.width
    assert scene.overlaps() == []
    assert crossed_boxes(scene) == set()
    assert crossed_texts(scene) == set()


def test_what_all_steps_of_a_loop_take_from_another_is_one_line() -> None:
    picture = draw(attended(), names={})
    scene = picture.scene
    first, second = (panel for panel in scene.panels if panel.rows[0].texts[0].text == "step")
    values = [line.points for line in scene.lines if line.kind == "value" and not line.dashed]
    across = [p for p in values if p[0][0] < first.x + first.width and p[-1][0] > second.x]
    assert len(across) == 2, "the last state; and one to the stack, for those of all steps"
    assert scene.height <= 1.5 * scene.width
    assert scene.width * scene.height < 6e6
    holds(scene)


def test_a_loop_stands_beside_its_chart_and_goes_on_straight() -> None:
    w, u = (ag.Tensor(np.eye(3), requires_grad=True, name=name) for name in "wu")
    x, h = ag.Tensor(np.ones((20, 2, 3)), name="x"), ag.zeros((2, 3))
    for t in range(20):
        h = ag.tanh(h @ w + x[t] @ u)
    scene = draw((h**2).mean(), names={}).scene
    (panel,) = scene.panels
    inside = [box for box in scene.boxes if panel.y < box.y < panel.y + panel.height]
    assert min(box.y for box in inside) < panel.y + sum(each.height for each in panel.rows)
    line = [box.middle for box in scene.boxes if box.kind == "module"]
    assert len(set(line)) == 1  # the steps before, and those after
    holds(scene)


@pytest.mark.filterwarnings("ignore:invalid value")  # one of the loops makes a NaN
@pytest.mark.parametrize("name", LOOPS)
def test_a_line_that_is_left_out_has_one_that_stands_for_it(name: str) -> None:
    picture = draw(LOOPS[name][0](), names={})
    assert picture.scene.view is not None
    loops = [loop for loop in picture.scene.view.loops if loop.is_chained]
    bundles = Bundles(loops)
    copies: dict[Any, Any] = {
        step: (n, i)
        for n, loop in enumerate(loops)
        for copy in loop.steps
        for i, step in enumerate(copy)
    }
    drawn = {step for loop in loops for step in loop.steps[loop.shown]}

    def same(a: Step | None, b: Step | None) -> bool:
        return a is b or (copies.get(a, a) == copies.get(b, b) and b in drawn)

    left = [edge for edge in picture.model.edges if bundles.tells(edge)]
    assert bool(left) == (name in ("attended", "collected", "growing", "scan"))
    for edge in left:
        assert [
            each
            for each in picture.model.edges
            if not bundles.tells(each)
            and same(edge.target, each.target)
            and edge.source.place == each.source.place
            and same(edge.source.maker, each.source.maker)
        ]


def adversaries() -> ag.Tensor:
    made = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3))(ag.ones((4, 2)))
    judge = nn.Sequential(nn.Linear(3, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1))
    terms = [nn.functional.softplus(score).mean()
             for score in (-judge(ag.ones((4, 3))), judge(made), -judge(made))]  # fmt: skip
    return terms[0] + terms[1] + terms[2]


def dense_block() -> ag.Tensor:
    found = [ag.ones((2, 4, 6, 6))]
    for size in range(4, 20, 4):
        both = nn.BatchNorm2d(size)(ag.concatenate(found, axis=1))
        found.append(nn.Conv2d(size, 4, 3, padding=1)(ag.relu(both)))
    return ag.concatenate(found, axis=1).mean()


@pytest.mark.parametrize("make", [adversaries, dense_block])
def test_a_loss_alone_is_no_column(make: Callable[[], ag.Tensor]) -> None:
    nn.manual_seed(0)
    picture = draw(make(), names={})
    scene, (loss,) = picture.scene, picture.model.outputs
    assert loss.maker is not None
    card, op = box(scene, loss.key), box(scene, loss.maker.key)
    assert abs(card.x - op.x) < card.width
    assert op.y < card.y
    assert scene.overlaps() == []
    assert crossed_boxes(scene) == set()
    assert crossed_texts(scene) == set()

"""Names of any letters have the room that they take: no words lie on others, as a browser draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.viz import draw

OVERLAPS = """
const boxes = [...document.querySelectorAll("text")].filter((t) => t.textContent.trim())
  .map((t) => [t.getBoundingClientRect(), t.textContent]);
return boxes.flatMap(([a, one], i) => boxes.slice(i + 1).filter(([b]) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4).map(([, other]) => [one, other]));
"""

NAMES = (
    "w11111111111", "DNOGHUQDNOGHUQ", "mmmmWWWW%%%%@@@@", "x" * 200, "<b>&amp;\"'</b>", "ωΘΜΗΩΘΜΗω",
    "Скорость обучения", "ЖЖЖЖЖЖЖЖЖЖЖЖ", "𝐖𝐌𝐗𝐖𝐌𝐗", "½¾½¾…—½¾", "سسسششش", "가중치 행렬",
    "🔥🚀 emoji",
    "→→→→∈∈∞∞", "★★★★★★", "\u202ertl\u202e\u202e\u202e", "é́́ combined",
)  # fmt: skip


def formula(name: str) -> Any:
    a, b = (ag.Tensor(v, requires_grad=True, name=n) for v, n in ((2.0, name), (3.0, f"{name}2")))
    loss = ag.exp(a * b) / (a - b)
    loss.name = name
    return loss


def network(name: str) -> Any:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    for parameter in model.parameters():
        parameter.name = name
    loss = model(ag.Tensor(np.ones((2, 3)), dtype="float32", name=name)).sum()
    loss.name = name
    return loss


@pytest.mark.parametrize("make", [formula, network])
@pytest.mark.parametrize("name", NAMES)
def test_no_words_lie_on_others(make: Any, name: str, browser: Any, tmp_path: Path) -> None:
    browser.get(draw(make(name), names={}).save(tmp_path / "names.svg").as_uri())
    assert browser.execute_script(OVERLAPS) == []


def test_the_measure_sees_words_on_words(browser: Any, tmp_path: Path) -> None:
    picture = draw(formula("w"), names={})
    picture.scene.boxes[1].x = picture.scene.boxes[2].x
    picture.scene.boxes[1].y = picture.scene.boxes[2].y
    browser.get(picture.save(tmp_path / "names.svg").as_uri())
    assert browser.execute_script(OVERLAPS) != []

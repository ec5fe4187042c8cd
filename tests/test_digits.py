"""The demo: it learns real digits, draws a backward pass, and says what is missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn")

from autograd.viz.render.packed import unpacked
from examples import digits

SUFFIXES = (".svg", ".html")


def test_the_demo_reaches_96_percent_and_says_where_the_picture_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    score = digits.main(["--out", str(tmp_path)])
    shown = capsys.readouterr().out
    assert score >= 0.96
    assert f"test accuracy {score:.2%} on 360 images" in shown
    assert "Epoch 20/20  loss " in shown
    assert "Total params: 6,570 " in shown
    svg, html = ((tmp_path / f"loss{suffix}").read_text(encoding="utf-8") for suffix in SUFFIXES)
    for suffix in SUFFIXES:
        assert f": {tmp_path / f'loss{suffix}'}\n" in shown
    for name in ("images", "labels", "loss", "CrossEntropyLoss"):
        assert f">{name}<" in svg
    data = re.search(r'<script[^>]*id="data">(.*?)</script>', html, re.DOTALL)
    assert data, "the page has its data"
    assert "examples/digits.py" in unpacked(data[1]), "each step names its source line"


def test_the_same_seed_gives_the_same_accuracy(tmp_path: Path) -> None:
    arguments = ["--epochs", "2", "--seed", "3", "--out", str(tmp_path)]
    assert digits.main(arguments) == digits.main(arguments)


def test_training_and_test_images_are_different_and_stratified() -> None:
    (train_x, train_y), (test_x, test_y) = digits.load_split(0)
    assert (len(train_x), len(test_x)) == (1437, 360)
    assert len({row.tobytes() for row in test_x}) > 350
    for digit in range(10):
        share = (test_y == digit).sum() / ((train_y == digit).sum() + 1)
        assert 0.2 < share < 0.3


def test_without_scikit_learn_the_demo_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing: Any = None
    monkeypatch.setitem(sys.modules, "sklearn.datasets", missing)
    with pytest.raises(SystemExit, match="pip install scikit-learn"):
        digits.main(["--epochs", "1"])

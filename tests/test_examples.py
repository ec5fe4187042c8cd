"""The examples of the course: each runs on small settings, and its result is what it should be."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

HAS_DATA = bool(os.environ.get("CHAINGRAD_DATA"))
ROOT = Path(__file__).parent.parent


def perceptron(found: Any) -> None:
    for name, labels in {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0]}.items():
        assert found[name] == found[f"{name} learned"] == labels
    assert found["XOR"] == [0, 1, 1, 0]
    assert "no line separates the classes" in found["XOR alone"]
    assert found["go out"] == -1


def xor(found: Any) -> None:
    assert found == {"features": [0, 1, 1, 0], "accuracy": 1.0, "graph": [0, 1, 1, 0]}


def two_phases(found: Any) -> None:
    assert (found["sum"], found["variable"], found["product"]) == (42, 40, [[4.0]])
    assert found["xor"] == [0, 1, 1, 0]
    assert found["loss"] < 0.01


def shop(found: Any) -> None:
    assert found["bill"] == pytest.approx(715, rel=1e-6)
    wanted = {"apple": 2.2, "apples": 110, "orange": 3.3, "oranges": 165, "tax": 650}
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, rel=1e-6)


def three_layers(found: Any) -> None:
    assert_allclose(found["A1"], [0.3, 0.7, 1.1], rtol=1e-6)
    assert_allclose(found["Z1"], [0.57444252, 0.66818777, 0.75026011], rtol=1e-6)
    assert_allclose(found["A2"], [0.51615984, 1.21402696], rtol=1e-6)
    assert_allclose(found["Z2"], [0.62624937, 0.7710107], rtol=1e-6)
    assert_allclose(found["Z3"], [0.31682708, 0.69627909], rtol=1e-6)


def linear_regression(found: Any) -> None:
    assert_allclose(found["costs"], [14 / 3, 0, 14 / 3], atol=1e-6)
    assert found["W"] == pytest.approx(1, abs=1e-4)
    assert_allclose(found["line"], found["least squares"], atol=0.01)


def cross_entropy(found: Any) -> None:
    assert found["log10"] == pytest.approx(0.214, abs=5e-4)
    assert found["nats"] == pytest.approx(0.4937, abs=5e-5)
    assert found["categorical"] == pytest.approx(found["nats"])
    assert found["sparse"] == pytest.approx(found["nats"])


def activations(found: Any) -> None:
    assert found["h1"] == pytest.approx(0.731, abs=5e-4)
    assert found["h2"] == pytest.approx(0.8808, abs=5e-5)
    assert found["sigmoid"][0] < 1e-3 * found["sigmoid"][-1]
    assert found["relu"][0] > 0.1 * found["relu"][-1]


def sgd_by_hand(found: Any) -> None:
    assert found["difference"] < 1e-12
    assert found["accuracy"] > 0.9
    assert found["losses"][-1] < 0.3 * found["losses"][0]


def optimizer_paths(found: Any) -> None:
    assert len(found) == 6
    assert max(found.values()) < 0.2, "8.45 at the start"


def initialization(found: Any) -> None:
    assert min(found["deviation 1, tanh"]) > 0.9, "saturated"
    assert found["deviation 0.01, tanh"][-1] < 1e-4, "all alike"
    assert 0.2 < found["Xavier, tanh"][-1] < found["Xavier, tanh"][0] < 0.7
    assert found["Xavier, ReLU"][-1] < 0.4 * found["Xavier, ReLU"][0]
    for name in ("He, ReLU", "deviation 0.01, batch norm, ReLU"):
        assert 0.5 < min(found[name])
        assert max(found[name]) < 1.3


def overfitting(found: Any) -> None:
    plain = found["nothing"]
    for name in ("weight decay", "dropout"):
        assert found[name]["train"]["accuracy"] < plain["train"]["accuracy"]
        assert found[name]["test"]["accuracy"] > plain["test"]["accuracy"] + 0.01


def nonlinear(found: Any) -> None:
    sigmoid = found["sigmoid"]
    if HAS_DATA:  # the numbers of the file
        assert sigmoid["start"] == pytest.approx(0.69, abs=0.05)
        assert sigmoid["loss"][-1] == pytest.approx(0.37, abs=0.02)
    for name in ("linear at the end", "tanh"):
        assert found[name]["loss"][-1] < sigmoid["loss"][-1]


def mnist(found: Any) -> None:
    assert found["accuracy"] > 0.8
    assert found["loss"] < 0.7


def hyperparameters(found: Any) -> None:
    assert found["best"][0] > 0.85 > found["worst"][0]
    assert found["test"] > 0.85


def convolution_by_hand(found: Any) -> None:
    assert found["value"] == sum(found["parts"]) == 9
    assert found["weights"] == 3200
    assert found["zero"].tolist() == [[0, 8, 5], [2, 9, 11], [2, 9, 4]]
    assert found["max"].ravel().tolist() == [5, 7, 13, 15]
    assert found["average"].ravel().tolist() == [2.5, 4.5, 10.5, 12.5]


def lenet(found: Any) -> None:
    assert found["accuracy"] > 0.75


def distributed(found: Any) -> None:
    assert found["accuracy"] > 0.75


def fashion_resnet(found: Any) -> None:
    assert found["accuracy"] > 0.4


def segmentation(found: Any) -> None:
    assert found["iou"] > 0.25
    assert found["onnx"] is None or found["onnx"] < 1e-5


def detection(found: Any) -> None:
    assert found["map_50"] > 0.15
    assert found["map"] < found["map_50"]
    assert found["onnx"] is None or found["onnx"] < 1e-5


def char_lstm(found: Any) -> None:
    assert found["losses"][0] == pytest.approx(np.log(65), abs=0.2), "by chance"
    assert found["held out"] < 3.4
    assert found["text"].startswith("ROMEO:")


def gpt(found: Any) -> None:
    assert found["held out"] < 3.4
    assert len(found["text"]) == 26


def names(found: Any) -> None:
    assert found["held out"] < 2.9
    assert len(found["names"]) == 3


def keras_xor(found: Any) -> None:
    assert found["losses"][-1] < 0.5 * found["losses"][0]
    assert (found["predicted"] > 0.5).ravel().tolist() == [False, True, True, False]


def keras_curve(found: Any) -> None:
    assert found["shape"] == (1000,), "as it is given to fit"
    assert found["losses"][-1] < 0.7 * found["losses"][0]
    assert found["curve"].shape == (100, 1)


def keras_mnist(found: Any) -> None:
    assert found["accuracy"] > 0.8
    assert found["loss"] < 0.7


Check = Callable[[Any], None]
EXAMPLES: list[tuple[Check, str]] = [  # what must hold, and the small settings
    (perceptron, "--epochs 50"),
    (xor, ""),
    (two_phases, "--steps 700"),
    (shop, ""),
    (three_layers, ""),
    (linear_regression, ""),
    (cross_entropy, ""),
    (activations, ""),
    (sgd_by_hand, "--epochs 5"),
    (optimizer_paths, ""),
    (initialization, "--examples 300"),
    (overfitting, "--epochs 120"),
    (nonlinear, ""),
    (mnist, "--epochs 1 --examples 3000"),
    (hyperparameters, "--trials 10 --epochs 4"),
    (convolution_by_hand, ""),
    (lenet, "--epochs 1 --examples 3000"),
    (distributed, "--epochs 1 --examples 3000"),
    (fashion_resnet, "--epochs 1 --examples 1500 --width 4 --batch 16"),
    (segmentation, "--epochs 8 --examples 320 --size 32 --width 6 --depth 2 --batch 8"),
    (detection, "--epochs 6 --examples 240 --size 64 --width 8 --batch 8 --held-out 60"),
    (char_lstm, "--steps 60 --width 32 --length 16 --letters 20"),
    (gpt, "--epochs 1 --steps 40 --width 16 --depth 1 --context 16 --letters 20"),
    (names, "--epochs 1 --names 2000 --count 3"),
    (keras_xor, "--epochs 400"),
    (keras_curve, "--epochs 20"),
    (keras_mnist, "--epochs 1 --examples 3000"),
]
REAL = {
    "mnist",
    "keras_mnist",
    "lenet",
    "detection",
    "distributed",
    "fashion_resnet",
    "char_lstm",
    "gpt",
    "names",
}  # need their files


@pytest.mark.parametrize(
    ("check", "settings"), [pytest.param(*row, id=row[0].__name__) for row in EXAMPLES]
)
def test_an_example_gives_the_result_that_it_is_for(
    check: Check, settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = check.__name__
    if name in REAL and not HAS_DATA:
        if os.environ.get("CI"):
            pytest.fail("CHAINGRAD_DATA names no folder")
        pytest.skip("CHAINGRAD_DATA names no folder")
    example = importlib.import_module(f"examples.{name}")
    check(example.main([*settings.split(), "--out", str(tmp_path)]))
    shown = capsys.readouterr().out
    for file in re.findall(r"^(?:picture|graph): (.+)$", shown, re.MULTILINE):
        assert Path(file).stat().st_size > 1000, "the pictures that are named are there"
    assert shown.strip()


@pytest.mark.parametrize("way", [["examples/keras_xor.py"], ["-m", "examples.keras_xor"]])
def test_an_example_runs_as_a_file_and_as_a_module(way: list[str], tmp_path: Path) -> None:
    command = [sys.executable, *way, "--epochs", "2", "--out", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "Epoch 2/2" in run.stdout


def test_every_example_is_tested_and_listed() -> None:
    files = {path.stem for path in (ROOT / "examples").glob("*.py")} - {"shared", "digits"}
    files -= {"examples"}  # which lets the others run as files
    assert (ROOT / "tests" / "test_deploy.py").exists()
    files -= {"deploy"}  # whose page is looked at there
    assert files == {check.__name__ for check, _ in EXAMPLES}
    page = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    for name in (*files, "digits", "deploy"):
        assert f"({name}.py)" in page, name
    for picture in re.findall(r"\]\((pictures/[^)]+)\)", page):
        assert (ROOT / "examples" / picture).exists(), picture


def test_data_that_is_not_there_is_made_and_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CHAINGRAD_DATA", raising=False)
    example = importlib.import_module("examples.linear_regression")
    found = example.main(["--out", str(tmp_path)])
    assert "data: made here, like linear_data.csv" in capsys.readouterr().out
    assert_allclose(found["line"], found["least squares"], atol=0.01)

"""Every example of the course that trains does so compiled too, to the same losses."""

from __future__ import annotations

import importlib
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from nn.keras.models.training import TrainedByKeras
from tests.programs import assert_same, flat

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

# The small settings; those that need their files come last. A GPT is trained in
# test_compile_same.py: the loss of the example on text that is held out takes long.
BY_FIT = {
    "xor": "", "linear_regression": "", "overfitting": "--epochs 5", "nonlinear": "--epochs 3",
    "hyperparameters": "--trials 2 --epochs 2", "keras_xor": "--epochs 20",
    "keras_curve": "--epochs 3",
    "mnist": "--epochs 1 --examples 300", "lenet": "--epochs 1 --examples 200",
    "fashion_resnet": "--epochs 1 --examples 100 --width 4 --batch 16",
    "names": "--epochs 1 --names 300 --count 2", "keras_mnist": "--epochs 1 --examples 300",
}  # fmt: skip
BY_HAND = {  # the functions to compile
    "char_lstm": ("--steps 6 --width 16 --length 8 --letters 5", ["loss_of"]),
    "optimizer_paths": ("", ["bowl"]),
}
REAL = {"mnist", "lenet", "fashion_resnet", "names", "keras_mnist", "char_lstm"}


@pytest.fixture(autouse=True)
def nothing_is_fused(monkeypatch: Any) -> None:
    """So that the bits are the same."""
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: "kernels")


@pytest.fixture(autouse=True)
def few_are_held_out(monkeypatch: Any) -> None:
    """Of ten thousand images to test on, the first hundreds."""
    for path in (
        "nn.datasets.mnist",
        "nn.datasets.fashion_mnist",
        "nn.keras.datasets.mnist.load_data",
    ):
        module, _, name = path.rpartition(".")
        home = importlib.import_module(module)
        monkeypatch.setattr(home, name, partial(few, getattr(home, name)))


def few(load: Any, *args: Any, **options: Any) -> Any:
    return tuple(tuple(part[:400] for part in pair) for pair in load(*args, **options))


def run(name: str, settings: str, folder: Path) -> list[Any]:
    if name in REAL and not os.environ.get("CHAINGRAD_DATA"):
        pytest.skip("CHAINGRAD_DATA names no folder")
    example = importlib.import_module(f"examples.{name}")
    nn.manual_seed(0)
    found = example.main([*settings.split(), "--out", str(folder)])
    return [x for x in flat(found) if isinstance(x, (float, int, str, np.ndarray, np.generic))]


@pytest.mark.filterwarnings("ignore:compile")
@pytest.mark.parametrize("name", BY_FIT)
def test_an_example_is_fitted_to_the_same_numbers(
    name: str, tmp_path: Path, monkeypatch: Any
) -> None:
    right = run(name, BY_FIT[name], tmp_path)
    made = []
    for kind in (nn.Model, TrainedByKeras):
        told: Any = kind.compile

        def compiled(self: Any, *args: Any, told: Any = told, **options: Any) -> Any:
            made.append(self)
            return told(self, *args, **{**options, "jit_compile": True})

        monkeypatch.setattr(kind, "compile", compiled)
    found = run(name, BY_FIT[name], tmp_path)
    assert_same(found, right)
    assert made


@pytest.mark.filterwarnings("ignore:compile")
@pytest.mark.parametrize("name", BY_HAND)
def test_an_example_with_a_loop_of_its_own_gives_the_same(
    name: str, tmp_path: Path, monkeypatch: Any
) -> None:
    settings, functions = BY_HAND[name]
    right = run(name, settings, tmp_path)
    example = importlib.import_module(f"examples.{name}")
    for each in functions:
        monkeypatch.setattr(example, each, ag.compile(getattr(example, each)))
    assert_same(run(name, settings, tmp_path), right)
    assert all(getattr(example, each).plans for each in functions)

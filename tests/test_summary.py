"""Summaries and pictures of models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd.random import generator

MNIST = """\
Model: "Sequential"
┏━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type) ┃ Output shape ┃ Param # ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ 1 (Flatten)  │ (None, 784)  │       0 │
├──────────────┼──────────────┼─────────┤
│ 2 (Dense)    │ (None, 256)  │ 200,960 │
├──────────────┼──────────────┼─────────┤
│ 3 (Dense)    │ (None, 10)   │   2,570 │
└──────────────┴──────────────┴─────────┘
 Total params: 203,530 (795 KiB)
 Trainable params: 203,530 (795 KiB)
 Non-trainable params: 0 (0 B)
"""


def mnist(*first: nn.Module) -> nn.Sequential:
    layers = [nn.Flatten(), nn.Dense(256, activation="relu"), nn.Dense(10, activation="softmax")]
    return nn.Sequential([*first, *layers])


def test_a_summary_shows_layers_shapes_and_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    mnist(nn.Input((28, 28))).summary()
    assert capsys.readouterr().out == MNIST


def test_without_a_shape_what_is_not_known_is_a_question_mark() -> None:
    lines: list[str] = []
    model = mnist()
    model.summary(print_fn=lines.append)
    assert "│ 1 (Dense)    │ ?            │ ? (unbuilt) │" in lines[0]
    assert "Total params: ?" in lines[0]
    model.summary((28, 28), print_fn=lines.append)
    assert "│ 1 (Dense)    │ (None, 256)  │ 200,960 │" in lines[1]


def test_the_shape_is_that_of_the_data_seen() -> None:
    lines: list[str] = []
    model = mnist()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.zeros((2, 28, 28)), np.zeros(2, int), verbose=0)
    model.summary(print_fn=lines.append)
    assert "(None, 784)" in lines[0]


def test_a_summary_counts_means_and_frozen_weights_apart_and_changes_nothing() -> None:
    model = nn.Sequential(nn.Input((3, 8, 8)), nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    model[1].requires_grad_(False)
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert "│ 2 (BatchNorm2d) │ (None, 4, 6, 6) │      16 │" in lines[0]
    assert "Trainable params: 8 " in lines[0]
    assert "Non-trainable params: 120 " in lines[0]
    assert all(np.array_equal(before[k], v.numpy()) for k, v in model.state_dict().items())
    assert model.training
    assert not model[1]._hooks


class Two(nn.Model):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(3, 2)
        self.scale = nn.Parameter(np.ones(2, "float32"))

    def forward(self, x: Any) -> Any:
        return self.one(x) * self.scale


def test_parameters_of_the_model_itself_have_a_row() -> None:
    lines: list[str] = []
    Two().summary((3,), print_fn=lines.append)
    assert "│ one (Linear) │ (None, 2)    │       8 │" in lines[0]
    assert "│ (own) (Two)  │              │       2 │" in lines[0]


def test_a_model_is_drawn(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Input((3,)), nn.Dense(4, "relu"), nn.Dense(1))
    picture = model.plot(tmp_path / "model.svg")
    assert (tmp_path / "model.svg").read_text().startswith("<svg")
    assert "linear" in picture.text()
    with pytest.raises(ValueError, match="the shape of an example is not known"):
        nn.Sequential(nn.Linear(3, 1)).plot()
    assert nn.Sequential(nn.Linear(3, 1)).plot(input_shape=(3,))


def test_drawing_a_model_changes_nothing() -> None:
    model = nn.Sequential(nn.Input((3,)), nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    state = nn.manual_seed(0).bit_generator.state
    model.plot()
    assert all(np.array_equal(before[k], v.numpy()) for k, v in model.state_dict().items())
    assert generator().bit_generator.state == state
    assert model.training

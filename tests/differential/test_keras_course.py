"""The three programs of the course in either library: equal weights, equal losses."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from tests.differential.keras_pairs import agree_in, ours, theirs

pytestmark = [  # what Keras says
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
    pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`"),
]


def xor(example: Any) -> tuple[Any, Any]:
    return example.x, example.y


def curve(example: Any) -> tuple[Any, Any]:
    table = example.stand_in(np.random.default_rng(0))
    return table["x"], table["y"]


def digits(example: Any) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((96, 28, 28)), rng.integers(0, 10, 96)


@pytest.mark.parametrize(
    ("name", "data"), [("keras_xor", xor), ("keras_curve", curve), ("keras_mnist", digits)]
)
def test_a_program_of_the_course_gives_the_losses_of_keras(
    name: str, data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = importlib.import_module(f"examples.{name}")
    x, y = data(example)
    models = []
    theirs.utils.set_random_seed(0)
    for keras in (ours, theirs):
        if hasattr(example, "keras"):
            monkeypatch.setattr(example, "keras", keras)
        else:
            monkeypatch.setattr(example, "Sequential", keras.models.Sequential)
            monkeypatch.setattr(example, "Dense", keras.layers.Dense)
        models.append(example.network())
    one, two = models
    # Keras 3 refuses (1000,) where Keras 2 has made (1000, 1) of it.
    theirs_x = x[:, None] if x.ndim == 1 else x
    one.predict(x[:1], verbose=0)
    two.predict(theirs_x[:1], verbose=0)
    one.set_weights(two.get_weights())
    found, wanted = (
        model.fit(given, y, epochs=20, shuffle=False, verbose=0).history
        for model, given in ((one, x), (two, theirs_x))
    )
    assert [*found] == [*wanted]
    for each, values in found.items():
        agree_in(values, wanted[each], each)
    agree_in(one.predict(x, verbose=0), two.predict(theirs_x, verbose=0), "predict")
    assert one.count_params() == two.count_params()

"""A model of ours and one of Keras' with the same weights, trained on the same data."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras as theirs

from nn import keras as ours

__all__ = ["agree_in", "both", "data", "ours", "theirs", "trained"]

TOLERANCE = 1e-5


def data(*shape: int, seed: int = 0) -> Any:
    """Numbers around 0, the same each time."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def both(make: Callable[[Any], Any], *inputs: Any) -> tuple[Any, Any]:
    """The model in either library, called once, with the weights of Keras'."""
    theirs.utils.set_random_seed(0)  # the weights are Keras', and the same each time
    one, two = make(ours), make(theirs)
    for model in (one, two):
        if not model.built and inputs:
            model.predict(inputs[0][:1], verbose=0)
    one.set_weights(two.get_weights())
    return one, two


def agree_in(found: Any, wanted: Any, what: str, tolerance: float = TOLERANCE) -> None:
    """Both have the same shape and, to the tolerance, the same values."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, what
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale, err_msg=what)


def trained(make: Callable[[Any], Any], x: Any, y: Any, epochs: int = 20, **options: Any) -> None:
    """Losses, metrics, outputs and weights agree over the epochs."""
    one, two = both(make, x)
    options = {"shuffle": False, "verbose": 0, "epochs": epochs, **options}
    first = options.pop("makes", None)
    histories = [
        model.fit(x, y, **options, **(first(library) if first else {})).history
        for model, library in ((one, ours), (two, theirs))
    ]
    assert [*histories[0]] == [*histories[1]]
    for name, values in histories[0].items():
        agree_in(values, histories[1][name], name)
    for name, pair in {
        "predict": [m.predict(x, verbose=0) for m in (one, two)],
        "evaluate": [m.evaluate(x, y, verbose=0) for m in (one, two)],
    }.items():
        flat = [p if isinstance(p, list) else [p] for p in pair]
        for a, b in zip(*flat, strict=True):
            agree_in(a, b, name, 1e-4)
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        agree_in(a, b, "a weight after training", 1e-4)

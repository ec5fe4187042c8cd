"""Makes the files of this folder, with Keras 3, which the tests do not need.

Keras packs its archive without compression; here it is packed again with it.

KERAS_BACKEND=numpy python tests/keras_files/make.py
"""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


def small(keras: Any) -> Any:
    """A model of layers of many kinds, with others inside of it, of Keras or of its face here."""
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((8, 3)), layers.Conv1D(4, 3), layers.BatchNormalization()]
    )
    h = keras.Input((6, 4))
    rows = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(h)
    seen = layers.MultiHeadAttention(2, 2)(rows, rows)
    outer = keras.Model(h, layers.LayerNormalization()(layers.Add()([rows, seen])))
    x = keras.Input((8, 3))
    last = layers.GRU(3)(outer(inner(x)))
    return keras.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu", name="a")(last)))


def main() -> None:
    """Write both kinds of file, and what the model gives."""
    keras = importlib.import_module("keras")
    model = small(keras)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(0.1 + rng.random(weight.shape))
    x = rng.normal(size=(2, 8, 3)).astype("float32")
    path = FOLDER / "small.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    np.savez(FOLDER / "small.npz", x=x, y=np.asarray(model(x, training=False)))


if __name__ == "__main__":
    main()

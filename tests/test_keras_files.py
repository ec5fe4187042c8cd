"""Files that Keras itself has written give the weights of the same model here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import nn.keras
from tests.keras_files.make import FOLDER, small

pytest.importorskip("h5py")


@pytest.mark.parametrize("kind", [".keras", ".weights.h5"])
def test_a_model_of_keras_gives_what_it_gave_there(kind: str, tmp_path: Path) -> None:
    path = FOLDER / "small.keras"
    if kind == ".weights.h5":  # which the other holds
        path = tmp_path / "small.weights.h5"
        with zipfile.ZipFile(FOLDER / "small.keras") as archive:
            path.write_bytes(archive.read("model.weights.h5"))
    model = small(nn.keras)
    model.load_weights(str(path))
    told = np.load(FOLDER / "small.npz")
    assert np.abs(np.asarray(model.predict(told["x"], verbose=0)) - told["y"]).max() < 1e-5

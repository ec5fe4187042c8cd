"""XOR as it is written for Keras: the lines of the network are Keras' own.

python -m examples.keras_xor
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
from examples.shared import options_of
from nn.keras.layers.core import Dense
from nn.keras.models import Sequential

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np.array([[0], [1], [1], [0]], "float32")


def network() -> Any:
    model = Sequential()
    model.add(Dense(32, input_dim=2, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="mean_squared_error", optimizer="adam", metrics=["binary_accuracy"])
    return model


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "keras_xor", epochs=1000, seed=0).parse_args(arguments)
    nn.manual_seed(options.seed)
    model = network()
    history = model.fit(x, y, epochs=options.epochs, verbose=2)
    print(model.predict(x))
    return {"losses": history.history["loss"], "predicted": model.predict(x, verbose=0)}


if __name__ == "__main__":
    main()

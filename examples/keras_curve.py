"""A curve through noisy points as it is written for Keras: the lines of the network are Keras' own.

python -m examples.keras_curve
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn
from examples.nonlinear import stand_in
from examples.shared import course_table, options_of, save
from nn import keras


def network() -> Any:
    Dense = keras.layers.Dense
    model = keras.models.Sequential([
        Dense(6, activation='sigmoid'),
        Dense(4, activation='sigmoid'),
        Dense(1, activation='sigmoid'),
    ])  # fmt: skip
    sgd = keras.optimizers.SGD(learning_rate=5.0)
    model.compile(optimizer=sgd, loss="mse")
    return model


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "keras_curve", epochs=100, seed=0).parse_args(arguments)
    nn.manual_seed(options.seed)
    table = course_table("nonlinear.csv", stand_in)
    X, y_label = np.asarray(table["x"]), np.asarray(table["y"])
    model = network()
    history = model.fit(X, y_label, epochs=options.epochs)
    domain = np.linspace(X.min(), X.max(), 100).reshape(-1, 1)
    y_hat = model.predict(domain)
    save(nn.plot.history(history), options.out, "keras_curve")
    return {"losses": history.history["loss"], "curve": y_hat, "shape": X.shape}


if __name__ == "__main__":
    main()

"""Handwritten digits: Flatten, Dense 256, Dense 10, Adam, five epochs.

python -m examples.mnist
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import nn
from examples.shared import options_of, save


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(__doc__, "mnist", epochs=5, examples=60_000, seed=0).parse_args(arguments)
    nn.manual_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = nn.datasets.mnist()
    x_train, y_train = x_train[: options.examples], y_train[: options.examples]
    x_train, x_test = x_train / np.float32(255), x_test / np.float32(255)

    model = nn.Sequential([
        nn.Input((28, 28)),
        nn.Flatten(),
        nn.Dense(256, activation="relu"),
        nn.Dense(10, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    history = model.fit(x_train, y_train, epochs=options.epochs, batch_size=32,
                        validation_data=(x_test, y_test))  # fmt: skip
    scores = model.evaluate(x_test, y_test)
    print(f"test accuracy {scores['accuracy']:.2%}, loss {scores['loss']:.4f}")
    save(nn.plot.history(history), options.out, "mnist")
    return scores


if __name__ == "__main__":
    main()

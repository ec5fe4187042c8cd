"""Handwritten digits as they are written for Keras: the lines of the network are Keras' own.

python -m examples.keras_mnist
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from examples.shared import options_of
from nn import keras


def network() -> Any:
    model = keras.models.Sequential([
        keras.layers.Flatten(input_shape=(28, 28)),
        keras.layers.Dense(256, activation='relu'),
        keras.layers.Dense(10, activation='softmax'),
    ])  # fmt: skip
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "keras_mnist", epochs=5, examples=60_000, seed=0).parse_args(
        arguments
    )
    nn.manual_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    x_train, y_train = x_train[: options.examples], y_train[: options.examples]
    x_train, x_test = x_train / 255.0, x_test / 255.0

    model = network()
    model.summary()
    model.fit(x_train, y_train, epochs=options.epochs)
    eval_loss, eval_acc = model.evaluate(x_test, y_test)
    print(f"test accuracy {eval_acc:.2%}, loss {eval_loss:.4f}")
    return {"loss": eval_loss, "accuracy": eval_acc}


if __name__ == "__main__":
    main()

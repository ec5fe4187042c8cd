"""Whole programs in the style of public ones, run by nn.keras and by Keras with equal weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.differential.keras_pairs import agree_in, data, ours, theirs

pytestmark = [  # what Keras says
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
    pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`"),
    pytest.mark.filterwarnings("ignore:The structure of `inputs`"),
]

Program = Callable[[Any, "Weights"], Any]


class Weights:
    """The initial weights of a program's models: drawn in the first run, taken over in the next."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.number = 0

    def __call__(self, model: Any) -> Any:
        if self.number == len(self.kept):
            self.kept.append(model.get_weights())
        model.set_weights(self.kept[self.number])
        self.number += 1
        return model


def autoencoder(keras: Any, same: Weights) -> Any:
    from_image = keras.Input(shape=(12,))
    penalty = keras.regularizers.l1(1e-4)
    encoded = keras.layers.Dense(5, activation="relu", name="code", activity_regularizer=penalty)(
        from_image
    )
    decoded = keras.layers.Dense(12, activation="sigmoid")(encoded)
    model = same(keras.Model(from_image, decoded))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    x = 1 / (1 + np.exp(-data(50, 12)))
    history = model.fit(x, x, epochs=6, batch_size=16, shuffle=False, verbose=0,
                        validation_data=(x[:10], x[:10]))  # fmt: skip
    encoder = keras.Model(from_image, model.get_layer("code").output)
    return [*history.history["val_loss"], *encoder.predict(x, verbose=0)[0]]


def residual(keras: Any, same: Weights) -> Any:
    layers = keras.layers

    def block(x: Any, filters: int, strides: int) -> Any:
        shortcut = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        return layers.ReLU()(layers.Add()([x, shortcut]))

    inputs = keras.Input((12, 12, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = block(x, 6, 1)
    x = block(x, 8, 2)
    x = layers.GlobalAveragePooling2D()(x)
    model = same(keras.Model(inputs, layers.Dense(4, activation="softmax")(x)))
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy"],
    )  # fmt: skip
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (24, 12, 12, 3)), np.eye(4)[rng.integers(0, 4, 24)]
    return model.fit(x, y, batch_size=8, epochs=5, shuffle=False, verbose=0).history["loss"]


def letters(keras: Any, same: Weights) -> Any:
    text = "the quick brown fox jumps over the lazy dog " * 4
    chars = sorted(set(text))
    numbers = np.array([chars.index(c) for c in text])
    x = np.stack([numbers[i : i + 8] for i in range(len(text) - 8)])
    y = keras.utils.to_categorical(numbers[8:], num_classes=len(chars))
    model = keras.models.Sequential()
    model.add(keras.layers.Embedding(len(chars), 6, input_length=8) if keras is ours else (
        keras.layers.Embedding(len(chars), 6)))  # fmt: skip
    model.add(keras.layers.LSTM(12, return_sequences=True))
    model.add(keras.layers.LSTM(10))
    model.add(keras.layers.Dense(len(chars), activation="softmax"))
    model.build((None, 8))
    same(model)
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(0.01))
    losses = model.fit(x, y, batch_size=64, epochs=4, shuffle=False, verbose=0).history["loss"]
    probabilities = model.predict(x[:1], verbose=0)[0]
    return [*losses, *probabilities]


def translation(keras: Any, same: Weights) -> Any:
    layers = keras.layers
    first = keras.Input((None, 5))
    _, h, c = layers.LSTM(8, return_state=True)(first)
    second = keras.Input((None, 4))
    out, _, _ = layers.LSTM(8, return_sequences=True, return_state=True)(
        second, initial_state=[h, c]
    )
    out = layers.TimeDistributed(layers.Dense(4, activation="softmax"))(out)
    model = same(keras.Model([first, second], out))
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    x = np.eye(5)[rng.integers(0, 5, (20, 6))], np.eye(4)[rng.integers(0, 4, (20, 7))]
    y = np.roll(x[1], -1, axis=1)
    history = model.fit([*x], y, batch_size=10, epochs=5, shuffle=False, verbose=0).history
    return history["loss"] + history["accuracy"]


def transformer(keras: Any, same: Weights) -> Any:
    layers = keras.layers

    class Block(layers.Layer):
        def __init__(self, width: int, heads: int) -> None:
            super().__init__()
            self.attention = layers.MultiHeadAttention(num_heads=heads, key_dim=width)
            self.forward_part = keras.Sequential([layers.Dense(12, activation="relu"),
                                                  layers.Dense(width)])  # fmt: skip
            self.norm1 = layers.LayerNormalization(epsilon=1e-6)
            self.norm2 = layers.LayerNormalization(epsilon=1e-6)
            self.dropout = layers.Dropout(0.0)

        def call(self, inputs: Any, training: Any = None) -> Any:
            seen = self.dropout(self.attention(inputs, inputs), training=training)
            out = self.norm1(inputs + seen)
            return self.norm2(out + self.forward_part(out))

    class Positions(layers.Layer):
        def __init__(self, length: int, words: int, width: int) -> None:
            super().__init__()
            self.words = layers.Embedding(input_dim=words, output_dim=width)
            self.places = layers.Embedding(input_dim=length, output_dim=width)

        def call(self, x: Any) -> Any:
            places = keras.ops.arange(0, keras.ops.shape(x)[-1], 1)
            return self.words(x) + self.places(places)

    inputs = keras.Input(shape=(10,))
    x = Positions(10, 20, 8)(inputs)
    x = Block(8, 2)(x)
    x = layers.GlobalAveragePooling1D()(x)
    outputs = layers.Dense(2, activation="softmax")(x)
    model = same(keras.Model(inputs=inputs, outputs=outputs))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 20, (32, 10)), rng.integers(0, 2, 32)
    return model.fit(x, y, batch_size=8, epochs=4, shuffle=False, verbose=0).history["loss"]


def siamese(keras: Any, same: Weights) -> Any:
    layers = keras.layers
    body = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, activation="tanh"), layers.Dense(4)]
    )
    a, b = keras.Input((6,)), keras.Input((6,))

    def distance(pair: Any) -> Any:
        one, two = pair
        squares = keras.ops.sum(keras.ops.square(one - two), axis=1, keepdims=True)
        return keras.ops.sqrt(keras.ops.maximum(squares, 1e-7))

    apart = layers.Lambda(distance, output_shape=(1,))([body(a), body(b)])
    model = same(keras.Model([a, b], apart))

    def contrastive(y: Any, out: Any) -> Any:
        margin = keras.ops.square(keras.ops.maximum(1 - out, 0))
        return keras.ops.mean(y * keras.ops.square(out) + (1 - y) * margin)

    model.compile(loss=contrastive, optimizer="rmsprop")
    y = (data(30, seed=3) > 0).astype("float32")
    x = [data(30, 6), data(30, 6, seed=1)]
    return model.fit(x, y, batch_size=10, epochs=6, shuffle=False, verbose=0).history["loss"]


def game(keras: Any, same: Weights) -> Any:
    layers = keras.layers
    critic = same(keras.Sequential([
        keras.Input((2,)), layers.Dense(8), layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(1, activation="sigmoid"),
    ]))  # fmt: skip
    critic.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, beta_1=0.5))
    artist = same(keras.Sequential([
        keras.Input((3,)), layers.Dense(8, activation="relu"),
        layers.BatchNormalization(momentum=0.8), layers.Dense(2, activation="tanh"),
    ]))  # fmt: skip
    noise = keras.Input((3,))
    both = keras.Model(noise, critic(artist(noise)))
    both.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, beta_1=0.5))
    found = []
    for step in range(6):
        real, z = data(16, 2, seed=step), data(16, 3, seed=100 + step)
        critic.trainable = True
        found.append(float(critic.train_on_batch(real, np.ones((16, 1)))))
        fake = artist.predict(z, verbose=0)
        found.append(float(critic.train_on_batch(fake, np.zeros((16, 1)))))
        critic.trainable = False
        found.append(float(both.train_on_batch(z, np.ones((16, 1)))))
    return found


def transfer(keras: Any, same: Weights) -> Any:
    layers = keras.layers
    base = keras.Sequential([
        layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1)), layers.MaxPooling2D((2, 2)),
        layers.BatchNormalization(), layers.Flatten(),
    ])  # fmt: skip
    base.trainable = False
    model = same(keras.Sequential([base, layers.Dense(6, activation="relu"), layers.Dense(3)]))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    x, y = data(20, 8, 8, 1), np.arange(20) % 3
    losses = model.fit(x, y, epochs=3, shuffle=False, verbose=0).history["loss"]
    base.trainable = True
    model.compile(keras.optimizers.Adam(1e-3), loss=loss, metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=2)
    more = model.fit(x, y, epochs=3, shuffle=False, verbose=0, callbacks=[stop])
    return losses + more.history["loss"]


def mixed(keras: Any, same: Weights) -> Any:
    """Numbers and kinds by name, two heads, weights of examples."""
    layers = keras.layers
    numbers = keras.Input(shape=(4,), name="numbers")
    kind = keras.Input(shape=(1,), name="kind", dtype="int32")
    embedded = layers.Flatten()(layers.Embedding(5, 3)(kind))
    x = layers.Concatenate()([layers.Dense(6, activation="relu")(numbers), embedded])
    price = layers.Dense(1, name="price")(x)
    sold = layers.Dense(1, activation="sigmoid", name="sold")(x)
    model = same(keras.Model({"numbers": numbers, "kind": kind}, {"price": price, "sold": sold}))
    model.compile(
        "adam",
        loss={"price": "mae", "sold": "binary_crossentropy"},
        loss_weights={"price": 0.3, "sold": 1.0},
        metrics={"sold": ["accuracy"]},
    )
    rng = np.random.default_rng(0)
    given = {"numbers": data(30, 4), "kind": rng.integers(0, 5, (30, 1))}
    wanted = {"price": data(30, 1, seed=2), "sold": rng.integers(0, 2, (30, 1))}
    history = model.fit(given, wanted, batch_size=10, epochs=4, shuffle=False, verbose=0).history
    return [x for name in sorted(history) for x in history[name]]


PROGRAMS: list[Program] = [
    autoencoder, residual, letters, translation, transformer, siamese, game, transfer, mixed,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_program_gives_the_numbers_of_keras(program: Program) -> None:
    same = Weights()
    wanted = program(theirs, same)
    same.number = 0
    agree_in(program(ours, same), wanted, program.__name__, 2e-5)

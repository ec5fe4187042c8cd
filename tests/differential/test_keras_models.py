"""Models of nn.keras trained beside Keras': equal weights, and losses equal over 20 epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.differential.keras_pairs import agree_in, both, data, ours, theirs, trained

pytestmark = [  # what Keras says
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
    pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`"),
    pytest.mark.filterwarnings("ignore:`shuffle=True` was passed"),
]

Y = (data(40, 1, seed=1) > 0).astype("float32")
CLASSES = np.random.default_rng(2).integers(0, 3, 40)


def xor(keras: Any) -> Any:
    model = keras.Sequential()
    model.add(keras.layers.Dense(32, input_dim=2, activation="relu"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(loss="mean_squared_error", optimizer="adam", metrics=["binary_accuracy"])
    return model


def classes(keras: Any, **options: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((8,)),
        layers.Dense(16, activation="tanh"),
        layers.BatchNormalization(),
        layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    model.compile(**{
        "optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"],
        **options,
    })  # fmt: skip
    return model


def images(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((8, 8, 2)),
        layers.Conv2D(4, 3, activation="relu", padding="same", kernel_regularizer="l2"),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(6, 3, activation="elu"),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["acc"])
    return model


def branches(keras: Any) -> Any:
    """Two inputs, a layer that is shared, a residual sum, and operators."""
    layers = keras.layers
    a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    shared = layers.Dense(8, activation="relu", name="shared")
    x, y = shared(a), shared(b)
    joined = layers.concatenate([x, y, a * 2 - b])
    out = layers.Dense(8)(joined)
    out = layers.add([out, a])
    out = layers.LayerNormalization()(out)
    out = layers.Dense(1, name="out")(out) + 0.5
    model = keras.Model(inputs=[a, b], outputs=out)
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def heads(keras: Any) -> Any:
    layers = keras.layers
    x = keras.Input((8,))
    h = layers.Dense(6, activation="tanh")(x)
    one = layers.Dense(1, activation="sigmoid", name="yes")(h)
    two = layers.Dense(3, activation="softmax", name="kind")(layers.Dense(4)(h))
    model = keras.Model(x, [one, two])
    model.compile(
        "rmsprop",
        loss={"yes": "binary_crossentropy", "kind": "sparse_categorical_crossentropy"},
        loss_weights={"yes": 0.5, "kind": 2.0},
        metrics={"yes": ["accuracy"], "kind": ["accuracy", "sparse_categorical_crossentropy"]},
    )
    return model


def sequences(keras: Any) -> Any:
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((6,)),
        layers.Embedding(10, 4, mask_zero=True),
        layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
        layers.GRU(4),
        layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def subclassed(keras: Any) -> Any:
    class Block(keras.layers.Layer):
        def __init__(self, units: int) -> None:
            super().__init__()
            self.units = units

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w",
                                     initializer="glorot_uniform")  # fmt: skip
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

        def call(self, inputs: Any, training: Any = None) -> Any:
            if training:
                inputs = inputs * 1.0
            return keras.ops.tanh(keras.ops.matmul(inputs, self.w) + self.b)

    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [Block(6)]
            self.blocks.append(Block(5))
            self.norm = keras.layers.BatchNormalization()
            self.out = keras.layers.Dense(1)

        def call(self, inputs: Any, training: bool = False) -> Any:
            x = inputs
            for block in self.blocks:
                x = block(x)
            x = self.norm(x, training=training)
            return self.out(x)

    model = Net()
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "mse", metrics=["mae"])
    return model


def nested(keras: Any) -> Any:
    layers = keras.layers
    x = keras.Input((8,))
    body = keras.Model(x, layers.Dense(5, activation="relu")(layers.Dense(6)(x)), name="body")
    body.trainable = False
    head = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    start = keras.Input((8,))
    model = keras.Model(start, head(body(start)))
    model.compile("adam", "mse")
    return model


X = data(40, 8)
WORDS = np.random.default_rng(3).integers(1, 10, (40, 6)) * (np.arange(6) < 4)
MODELS: dict[str, tuple[Any, Any, Any]] = {
    "xor": (xor, np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32"),
            np.array([[0], [1], [1], [0]], "float32")),
    "xor of whole numbers": (xor, np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
                             np.array([0, 1, 1, 0])),
    "classes": (classes, X, CLASSES),
    "classes in a column": (classes, X, CLASSES[:, None]),
    "one-hot": (lambda k: classes(k, loss="categorical_crossentropy"), X,
                np.eye(3, dtype="float32")[CLASSES]),
    "images": (images, data(40, 8, 8, 2), CLASSES),
    "branches": (branches, [X, data(40, 8, seed=7)], Y),
    "heads": (heads, X, [Y, CLASSES]),
    "heads by name": (heads, X, {"yes": Y, "kind": CLASSES}),
    "sequences": (sequences, WORDS, Y),
    "subclassed": (subclassed, X, Y),
    "nested and frozen": (nested, X, Y),
    "float64 data": (classes, X.astype("float64"), CLASSES.astype("float64")),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_equal_weights_give_equal_losses(name: str) -> None:
    make, x, y = MODELS[name]
    trained(make, x, y, batch_size=16)


WEIGHTS = np.random.default_rng(4).random(40).astype("float32")
OPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a batch": {"batch_size": 7},
    "a share held out": {"validation_split": 0.25},
    "held out": {"validation_data": (X[:9], CLASSES[:9])},
    "held out, weighted": {"validation_data": (X[:9], CLASSES[:9], WEIGHTS[:9])},
    "held out in small batches": {"validation_data": (X[:9], CLASSES[:9]),
                                  "validation_batch_size": 2, "validation_steps": 3},
    "held out now and then": {"validation_split": 0.5, "validation_freq": 3},
    "weights": {"sample_weight": WEIGHTS},
    "weights, and a share held out": {"sample_weight": WEIGHTS, "validation_split": 0.25},
    "weights of classes": {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}},
    "later epochs": {"initial_epoch": 4},
    "few steps": {"steps_per_epoch": 2, "batch_size": 10, "epochs": 6},
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_of_fit_is_that_of_keras(name: str) -> None:
    def make(keras: Any) -> Any:
        return classes(keras, weighted_metrics=["accuracy"])

    trained(make, X, CLASSES, **{"epochs": 8, **OPTIONS[name]})


COMPILED: dict[str, dict[str, Any]] = {
    "objects": {"optimizer": "SGD", "loss": "SparseCategoricalCrossentropy",
                "metrics": ["SparseCategoricalAccuracy"]},
    "names": {"optimizer": "nadam", "metrics": ["acc", "sparse_categorical_crossentropy"]},
    "no metrics": {"metrics": None},
}  # fmt: skip


@pytest.mark.parametrize("name", COMPILED)
def test_a_way_to_compile_is_that_of_keras(name: str) -> None:
    def make(keras: Any) -> Any:
        given = dict(COMPILED[name])
        if name == "objects":
            given = {
                "optimizer": keras.optimizers.SGD(0.1, nesterov=True, momentum=0.5),
                "loss": keras.losses.SparseCategoricalCrossentropy(),
                "metrics": [keras.metrics.SparseCategoricalAccuracy(name="hits")],
            }
        return classes(keras, **given)

    trained(make, X, CLASSES, epochs=6)


def test_functions_of_ones_own_are_losses_and_metrics() -> None:
    def make(keras: Any) -> Any:
        def worst(y: Any, out: Any) -> Any:
            return keras.ops.max(keras.ops.abs(y - out), axis=-1)

        def mean_error(y: Any, out: Any) -> Any:
            return keras.ops.mean(keras.ops.abs(y - out))

        model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        model.compile("sgd", loss=worst, metrics=[mean_error, "mse"])
        return model

    trained(make, X, Y)
    trained(make, X, Y[:, 0])


def test_generators_are_those_of_keras() -> None:
    def batches() -> Any:
        while True:
            for i in range(0, 40, 8):
                yield X[i : i + 8], CLASSES[i : i + 8]

    one, two = both(classes)
    found = [m.fit(batches(), steps_per_epoch=3, epochs=4, verbose=0,
                   validation_data=(X, CLASSES)).history for m in (one, two)]  # fmt: skip
    for name, values in found[0].items():
        agree_in(values, found[1][name], name)
    agree_in(*(m.predict(batches(), steps=2, verbose=0) for m in (one, two)), "predict", 1e-4)
    for each in zip(*(m.evaluate(batches(), steps=3, verbose=0) for m in (one, two)), strict=True):
        agree_in(*each, "evaluate", 1e-4)


def test_one_batch_is_that_of_keras() -> None:
    one, two = both(classes)
    for _ in range(5):
        found = [m.train_on_batch(X, CLASSES) for m in (one, two)]
        agree_in(*found, "train_on_batch")
    agree_in(*(m.test_on_batch(X, CLASSES, sample_weight=WEIGHTS) for m in (one, two)), "test")
    agree_in(*(m.predict_on_batch(X) for m in (one, two)), "predict")
    given = [m.train_on_batch(X, CLASSES, return_dict=True) for m in (one, two)]
    assert given[0].keys() == given[1].keys()


@pytest.mark.parametrize("name", ["classes", "heads", "branches", "subclassed", "xor"])
def test_evaluate_lists_what_keras_lists(name: str) -> None:
    make, x, y = MODELS[name]
    one, two = both(make, x)
    found, wanted = (m.evaluate(x, y, verbose=0) for m in (one, two))
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        agree_in(a, b, name)
    shown = [m.evaluate(x, y, verbose=0, return_dict=True) for m in (one, two)]
    assert shown[0].keys() == shown[1].keys()


@pytest.mark.parametrize("name", [n for n in MODELS if n != "subclassed"])
def test_the_parts_of_a_model_are_those_of_keras(name: str) -> None:
    make, x, _ = MODELS[name]
    one, two = both(make, x)
    assert one.count_params() == two.count_params()
    kinds = [[type(layer).__name__ for layer in m.layers] for m in (one, two)]
    assert [k.replace("Functional", "Model") for k in kinds[1]] == kinds[0]
    for what in ("trainable_weights", "non_trainable_weights", "weights"):
        shapes = [[tuple(v.shape) for v in getattr(m, what)] for m in (one, two)]
        assert shapes[0] == shapes[1], what
    assert one.input_shape == two.input_shape
    assert one.output_shape == two.output_shape
    assert [o.shape for o in one.outputs] == [o.shape for o in two.outputs]


def test_features_are_taken_from_the_middle_of_a_model() -> None:
    one, two = both(classes)
    found = [
        keras.Model(m.inputs, m.layers[1].output).predict(X, verbose=0)
        for keras, m in ((ours, one), (theirs, two))
    ]
    agree_in(*found, "features")
    agree_in(one(X).detach(), two(X).detach().numpy(), "a call")


def any_graph(keras: Any, seed: int) -> Any:
    """A model of some shape, the same for a seed."""
    rng, layers = np.random.default_rng(seed), keras.layers
    inputs = [keras.Input((3,)) for _ in range(rng.integers(1, 3))]
    known = list(inputs)

    def one() -> Any:
        return known[rng.integers(len(known))]

    for _ in range(rng.integers(4, 10)):
        kind, x = rng.integers(5), one()
        if kind == 0:
            x = layers.Dense(int(rng.integers(2, 30)))(x)
        elif kind == 1:
            x = layers.Concatenate()([x, one()])
        elif kind == 2:
            x = layers.Add()([layers.Dense(5)(x), layers.Dense(5)(one())])
        elif kind == 3:
            x = layers.BatchNormalization()(x)
        else:
            x = x * 2 + layers.Dense(int(x.shape[-1]))(x)
        known.append(x)
    more = rng.integers(len(inputs), len(known), rng.integers(0, 2))
    return keras.Model(inputs, [known[-1], *(known[i] for i in more)])


@pytest.mark.parametrize("seed", range(15))
def test_the_weights_of_any_graph_come_in_the_order_of_keras(seed: int) -> None:
    one, two = any_graph(ours, seed), any_graph(theirs, seed)
    assert [v.shape for v in one.weights] == [tuple(v.shape) for v in two.weights]
    one.set_weights(two.get_weights())
    x = [data(4, 3, seed=i) for i in range(len(one.inputs))]
    for a, b in zip(*([p] if not isinstance(p, list) else p for p in (
        one.predict(x, verbose=0), two.predict(x, verbose=0))), strict=True):  # fmt: skip
        agree_in(a, b, "predict", 1e-4)

"""nn.keras: what it says of mistakes, keeps in files and prints, and how it is imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd as ag
import nn
import nn.keras as by_name
from autograd.errors import AutogradError
from nn import functional as F
from nn import keras
from nn.keras.layers import Dense, Input
from nn.keras.layers.core import Activation
from nn.keras.models import Model, Sequential

layers = keras.layers
X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


def small(**options: Any) -> Any:
    model = Sequential([Input((3,)), Dense(4, activation="relu"), Dense(1)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    return model


def graph() -> Any:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = Dense(4, activation="tanh", kernel_regularizer="l2")
    x = layers.concatenate([shared(a), shared(b), a * 2 - b])
    x = layers.BatchNormalization()(x)
    model = Model([a, b], Dense(1)(layers.Reshape((-1,))(x)))
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def of_words() -> Any:
    model = Sequential([
        Input((5,)), layers.Embedding(7, 3, mask_zero=True),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)), layers.GRU(2), Dense(1),
    ])  # fmt: skip
    model.compile("rmsprop", "mse")
    return model


def of_images() -> Any:
    body = Sequential([layers.Conv2D(2, 3, padding="same"), layers.LeakyReLU(negative_slope=0.2)])
    model = Sequential([
        Input((6, 6, 1)), body, layers.MaxPooling2D(), layers.Dropout(0.3), layers.Flatten(),
        Activation("relu"), Dense(2, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


KEPT: dict[str, tuple[Callable[[], Any], Any]] = {
    "small": (small, X),
    "graph": (graph, [X, X[::-1].copy()]),
    "words": (of_words, np.arange(60).reshape(12, 5) % 7),
    "images": (of_images, np.random.default_rng(1).random((4, 6, 6, 1), "float32")),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_model_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    make, x = KEPT[name]
    model = make()
    model.save(tmp_path / "model.keras")
    back = keras.models.load_model(tmp_path / "model.keras")
    assert_array_equal(back.predict(x, verbose=0), model.predict(x, verbose=0))
    y = model.predict(x, verbose=0)
    y = np.zeros(len(y), int) if name == "images" else y + 1
    assert back.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0), "compiled too"
    assert [layer.name for layer in back.layers] == [layer.name for layer in model.layers]


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd", "nadam", "adafactor"])
def test_training_goes_on_from_a_file_as_it_would_have(optimizer: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    model = small(optimizer=optimizer)
    model.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    model.save(tmp_path / "m.keras")
    back = keras.models.load_model(tmp_path / "m.keras")
    for each in (model, back):
        each.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), back.get_weights(), strict=True):
        assert_array_equal(one, two)


@pytest.mark.parametrize("name", KEPT)
def test_weights_go_over_and_configs_come_back(name: str, tmp_path: Path) -> None:
    make, x = KEPT[name]
    one, other = make(), make()
    one.save_weights(tmp_path / "w.weights.h5")
    other.load_weights(tmp_path / "w.weights.h5")
    third = keras.models.model_from_json(one.to_json())
    third.set_weights(one.get_weights())
    fourth = keras.models.clone_model(one)
    fourth.set_weights(one.get_weights())
    for model in (other, third, fourth):
        assert_array_equal(model.predict(x, verbose=0), one.predict(x, verbose=0))


def test_layers_of_ones_own_come_back_by_custom_objects(tmp_path: Path) -> None:
    class Twice(layers.Layer):  # type: ignore[misc]
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    model = Sequential([Input((3,)), Twice(3.0), Dense(1)])
    model.save(tmp_path / "m.keras")
    with pytest.raises(AutogradError, match="custom_objects"):
        keras.models.load_model(tmp_path / "m.keras")
    back = keras.models.load_model(tmp_path / "m.keras", custom_objects={"Twice": Twice})
    assert_array_equal(back.predict(X, verbose=0), model.predict(X, verbose=0))


def broken_file(path: Path) -> Path:
    (path / "k.h5").write_bytes(b"\x89HDF\r\n")
    return path / "k.h5"


MISTAKES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "an option of a layer": (lambda _: Dense(3, activaton="relu"), "no option 'activaton'"),
    "units": (lambda _: Dense(0), "units must be at least 1"),
    "padding": (lambda _: layers.Conv2D(2, 3, padding="full"), "'valid' or 'same'"),
    "data_format": (lambda _: layers.Conv2D(2, 3, data_format="NCHW"),
                    "'channels_last' or 'channels_first'"),
    "a rate": (lambda _: layers.Dropout(1.5), "rate is the share"),
    "an activation": (lambda _: Dense(3, activation="rellu"), "relu"),
    "an initializer": (lambda _: Dense(3, kernel_initializer="glorot"), "glorot_uniform"),
    "an optimizer": (lambda _: small(optimizer="adams"), "adam"),
    "a loss": (lambda _: small(loss="msee"), "mse"),
    "an option of compile": (lambda _: small(lr=0.1), "no option 'lr'"),
    "metrics that are no list": (lambda _: small(metrics="mae"), r"metrics=\['mae'\]"),
    "an option of fit": (lambda _: small().fit(X, Y, epoch=3), "no option 'epoch'"),
    "an old option of fit": (lambda _: small().fit(X, Y, samples_per_epoch=3), "steps_per_epoch"),
    "no compile": (lambda _: Sequential([Input((3,)), Dense(1)]).fit(X, Y), "not compiled"),
    "no loss": (lambda _: small(loss=None).fit(X, Y, verbose=0), "there is no loss"),
    "no targets": (lambda _: small().fit(X, verbose=0), "there is no y"),
    "numbers of examples": (lambda _: small().fit(X, Y[:-1]), "numbers of examples differ"),
    "a shape": (lambda _: small().predict(X[:, :2], verbose=0), r"declared \(None, 3\)"),
    "channels first": (lambda _: of_images().predict(np.zeros((2, 1, 6, 6)), verbose=0),
                       r"declared \(None, 6, 6, 1\)"),
    "texts": (lambda _: small().fit(np.array(["a"] * 12), Y), "must hold numbers"),
    "inputs": (lambda _: graph().predict(X, verbose=0), "takes 2 inputs, a, b"),
    "an input by name": (lambda _: graph().predict({"a": X}, verbose=0), "'b' is not given"),
    "weights of another model": (lambda _: small().set_weights([X]), "has 4 weights"),
    "a weight of another model": (lambda _: small().set_weights([X] * 4), r"is \(3, 4\)"),
    "weights in a file": (lambda p: (small().save_weights(p / "w"), graph().load_weights(p / "w")),
                          "of another model"),
    "a file of Keras": (lambda p: keras.models.load_model(broken_file(p)), "load_weights"),
    "an Input that is a number": (lambda _: Input(3), r"shape=\(3,\)"),
    "a class for a layer": (lambda _: Sequential([Dense]), r"write Dense\(\.\.\.\)"),
    "a layer of nn": (lambda _: Sequential([__import__("nn").Linear(2, 3)]), "layers of nn.keras"),
    "two names": (lambda _: Sequential([Dense(1, name="a"), Dense(1, name="a")]), "another name="),
    "not one input": (lambda _: layers.Add()(Input((3,))), r"Add\(\)\(\[a, b\]\)"),
    "inputs that differ": (lambda _: layers.Add()([Input((3,)), Input((4,))]), "do not go togeth"),
    "images too small": (lambda _: layers.Conv2D(2, 5)(Input((4, 4, 1))), "padding='same'"),
    "a kernel of nothing": (lambda _: Dense(2)(Input((None,))), "must know the length"),
    "an output without input": (lambda _: Model(Input((3,)), Dense(1)(Input((3,)))),
                                "not among the inputs"),
    "no KerasTensor": (lambda _: Model(X, X), "are KerasTensors"),
    "a KerasTensor as numbers": (lambda _: np.asarray(Input((3,))), "has no numbers"),
    "a layer that is not here": (lambda _: layers.TextVectorization, "give integers"),
    "a name of a layer": (lambda _: small().get_layer("dens"), "it has"),
    "both validations": (lambda _: small().fit(X, Y, validation_split=0.5, validation_data=(X, Y)),
                         "not both"),
    "both weights": (lambda _: small().fit(X, Y, class_weight={0: 1}, sample_weight=Y[:, 0]),
                     "not both"),
    "an endless generator": (lambda _: small().fit(iter([(X, Y)])), "steps_per_epoch"),
    "y beside a generator": (lambda _: small().fit(iter([(X, Y)]), Y), "leave out y="),
    "layers for a list": (lambda _: setattr(Model(), "layers", []), "another name"),
    "a part of a batch": (lambda _: small().fit(iter([(X, Y, Y, Y)]), steps_per_epoch=1,
                                                verbose=0), "4 parts"),
    "losses of outputs": (lambda _: small(loss={"x": "mse"}).fit(X, Y, verbose=0), "names the out"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_what_to_write(name: str, tmp_path: Path) -> None:
    make, words = MISTAKES[name]
    with pytest.raises(AutogradError, match=words):
        make(tmp_path)


def test_nb_epoch_is_an_old_name() -> None:
    with pytest.warns(DeprecationWarning, match="write epochs"):
        history = small().fit(X, Y, nb_epoch=3, verbose=0)
    assert history.epoch == [0, 1, 2]


def test_progress_is_printed_as_keras_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    model = small(metrics=["mae"])
    model.fit(X, Y, epochs=2, batch_size=4, verbose=2, validation_split=0.25)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2"
    number = r"\d+\.\d{4}(e-\d\d)?"
    assert re.fullmatch(
        rf"3/3 - \d+s - \d+[mu]?s/step - loss: {number} - mae: {number} - val_loss: {number} - "
        rf"val_mae: {number}",
        lines[1],
    )
    model.fit(X, Y, verbose=1)
    shown = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out).split("\r")[-1]
    assert re.fullmatch(
        rf"1/1 ━{{20}} 0s \d+[mu]?s/step - loss: {number} - mae: {number} *\n", shown
    )
    model.predict(X)
    assert "━" * 20 in re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out)
    model.fit(X, Y, verbose=0)
    model.evaluate(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_a_summary_shows_layers_shapes_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    small().summary()
    shown = capsys.readouterr().out
    assert re.search(r"dense\w* \(Dense\) +│ \(None, 4\) +│ +16 │", shown)
    assert " Total params: 21 (84.00 B)\n" in shown
    graph().summary()
    shown = capsys.readouterr().out
    assert "Connected to" in shown
    assert " Non-trainable params: 22 (88.00 B)\n" in shown
    model = Sequential([Dense(2)])
    model.summary()
    assert "? (unbuilt)" in capsys.readouterr().out


def test_all_ways_to_import_lead_to_the_same_things() -> None:
    assert by_name is keras
    assert keras.Sequential is keras.models.Sequential is Sequential
    assert keras.layers.Dense is keras.layers.core.Dense is Dense
    assert keras.Input is Input
    assert keras.Model is Model
    assert keras.layers.Conv1D is keras.layers.Convolution1D
    for name in layers.__all__:
        assert getattr(layers, name) is not None, name


def test_one_dimensional_data_are_rows_of_one_number() -> None:
    model = Sequential([Dense(2), Dense(1)])
    model.compile("sgd", "mse")
    x = np.linspace(0, 1, 1000)
    model.fit(x, x**2, verbose=0)
    assert model.get_weights()[0].shape == (1, 2)
    assert model.predict(x, verbose=0).shape == (1000, 1)
    assert model.predict(x[:, None], verbose=0).shape == (1000, 1)


def test_frozen_layers_stay_as_they_are() -> None:
    model = small()
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    assert_array_equal(before[0], after[0])
    assert not np.array_equal(before[2], after[2])
    assert len(model.trainable_weights) == len(model.non_trainable_weights) == 2


def test_a_constraint_holds_after_every_step() -> None:
    model = Sequential([Input((3,)), Dense(4, kernel_constraint="non_neg")])
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((12, 4)), verbose=0)
    assert model.get_weights()[0].min() == 0


def test_dropout_drops_in_training_alone() -> None:
    layer = layers.Dropout(0.5, seed=0)
    x = np.ones((100, 10), "float32")
    assert_array_equal(layer(x).detach(), x)
    dropped = np.asarray(layer(x, training=True).detach())
    assert set(np.unique(dropped)) == {0.0, 2.0}
    model = Sequential([Input((10,)), layer])
    assert set(np.unique(model(x, training=True).detach().numpy())) == {0.0, 2.0}
    assert_array_equal(model.predict(x, verbose=0), x)


def test_a_chain_of_convolutions_copies_nothing_on_its_way() -> None:
    """What is between two layers lies in memory as that of nn's own layers, channels first."""
    layer_list = [
        layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization(),
        layers.MaxPooling2D(), layers.Conv2D(5, 3),
    ]  # fmt: skip
    x: Any = np.random.default_rng(0).random((2, 8, 8, 3), "float32")
    own: Any = ag.Tensor(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    functions: list[Callable[[Any], Any]] = [
        lambda x: F.relu(F.conv2d(x, np.ones((4, 3, 3, 3), "float32"))),
        nn.BatchNorm2d(4).eval(),
        lambda x: F.max_pool2d(x, 2),
        lambda x: F.conv2d(x, np.ones((5, 4, 3, 3), "float32")),
    ]
    for layer, function in zip(layer_list, functions, strict=True):
        x, own = layer(x), function(own)
        assert np.moveaxis(x.detach().numpy(), -1, 1).strides == own.detach().numpy().strides


def test_average_pooling_leaves_out_what_is_padded() -> None:
    x = np.arange(12.0, dtype="float32").reshape(1, 3, 4, 1)
    found = layers.AveragePooling2D(3, strides=2, padding="same")(x).detach().numpy()[0, ..., 0]
    windows = [[x[0, :2, :3], x[0, :2, 2:]], [x[0, 1:, :3], x[0, 1:, 2:]]]
    assert_allclose(found, [[w.mean() for w in row] for row in windows])


def test_penalties_are_part_of_the_loss() -> None:
    class Penalised(layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            self.add_loss(0.5 * ag.mean(inputs * inputs))
            return inputs

    model = Sequential([Input((3,)), Penalised(), Dense(1, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    for _ in range(2):  # what the call before has added is gone
        total = model.evaluate(X, Y, verbose=0)
    (kernel, _), out = model.get_weights(), model.predict(X, verbose=0)
    wanted = np.mean((out - Y) ** 2) + 0.5 * np.mean(X**2) + 0.01 * np.sum(kernel**2)
    assert total == pytest.approx(wanted, rel=1e-6)


def test_a_game_of_two_models_trains_the_one_whose_turn_it_is() -> None:
    critic = Sequential([Input((2,)), Dense(4, activation="relu"), Dense(1, activation="sigmoid")])
    critic.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    artist = Sequential([Input((3,)), Dense(2)])
    critic.trainable = False
    noise = keras.Input((3,))
    game = Model(noise, critic(artist(noise)))
    game.compile("adam", "binary_crossentropy")
    before = critic.get_weights(), artist.get_weights()
    game.train_on_batch(X, np.ones((12, 1)))
    assert all(map(np.array_equal, before[0], critic.get_weights()))
    assert not np.array_equal(before[1][0], artist.get_weights()[0])
    critic.trainable = True
    loss, accuracy = critic.train_on_batch(artist.predict(X, verbose=0), np.zeros((12, 1)))
    assert loss > 0
    assert 0 <= accuracy <= 1
    assert not np.array_equal(before[0][0], critic.get_weights()[0])


def test_weights_that_were_frozen_at_the_first_step_are_not_forgotten() -> None:
    model = small()
    model.layers[0].trainable = False
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = True
    with pytest.raises(AutogradError, match="compile the model again"):
        model.fit(X, Y, verbose=0)
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)


def test_a_step_of_ones_own_is_refused() -> None:
    class Own(Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return {}

    with pytest.raises(AutogradError, match="train_step would not be called"):
        Own().compile("sgd", "mse")


@pytest.mark.parametrize("make", [
    lambda: layers.LSTM(4, "relu", "hard_sigmoid"), lambda: Dense(2, "tanh", True, "he_normal"),
    lambda: layers.LayerNormalization(-1, 1e-4), lambda: layers.Conv2D(3, (2, 2), 2, "same"),
    lambda: layers.Embedding(4, 3, mask_zero=True), lambda: layers.MultiHeadAttention(2, 3),
    lambda: layers.TimeDistributed(Dense(3)), lambda: layers.RNN([layers.LSTMCell(3)]),
    lambda: layers.Normalization(mean=[1.0], variance=[2.0]), lambda: layers.PReLU(None),
])  # fmt: skip
def test_a_layer_is_made_again_from_its_config(make: Callable[[], Any]) -> None:
    layer = make()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    written = keras.saving.serialize_keras_object(layer)
    assert type(keras.saving.deserialize_keras_object(written)) is type(layer)

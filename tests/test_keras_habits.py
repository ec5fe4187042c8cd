"""What public programs do with Keras beside the plain path, done with nn.keras."""

from __future__ import annotations

import copy
import importlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd as ag
import nn
from autograd.errors import AutogradError
from nn import keras
from nn.keras.base.options import options_of
from nn.keras.engine.refused import REFUSED

layers = keras.layers
RNG = np.random.default_rng(0)
X, Y = RNG.random((12, 3)), RNG.random((12, 1))
DOCS = Path(__file__).parent.parent / "docs" / "from_keras.md"


def line(**options: Any) -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    return model


def predicted(model: Any, x: Any) -> Any:
    return model.predict(x, verbose=0)


class Table:
    """A frame of pandas, as far as fit sees one."""

    def __init__(self, array: Any) -> None:
        self.array, self.shape = array, array.shape

    def to_numpy(self) -> Any:
        return self.array

    def __len__(self) -> int:
        return len(self.array)


class Batches(keras.utils.Sequence):  # type: ignore[misc, name-defined]
    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> Any:
        return X[4 * number : 4 * number + 4], Y[4 * number : 4 * number + 4]


class Stream:
    def __iter__(self) -> Any:
        return iter([(X[:6], Y[:6]), (X[6:], Y[6:])])


SOURCES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "arrays": lambda: (X, Y),
    "float32": lambda: (X.astype("float32"), Y.astype("float32")),
    "lists": lambda: (X.tolist(), Y[:, 0].tolist()),
    "tables": lambda: (Table(X), Table(Y[:, 0])),
    "whole numbers": lambda: ((10 * X).astype("uint8"), Y > 0.5),
    "a Sequence": lambda: (Batches(),),
    "any iterable of batches": lambda: (Stream(),),
    "a DataLoader of nn": lambda: (nn.data.DataLoader((X, Y), batch_size=5),),
    "a Dataset of nn": lambda: (nn.data.TensorDataset(X, Y),),
    "objects": lambda: (X.astype(object), Y),
}


@pytest.mark.parametrize("source", SOURCES)
def test_fit_takes_what_people_have(source: str) -> None:
    model = line(metrics=["mae"])
    before = model.get_weights()
    history = model.fit(*SOURCES[source](), epochs=2, verbose=0)
    assert [*history.history] == ["loss", "mae"]
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert len(model.evaluate(*SOURCES[source](), verbose=0)) == 2
    assert predicted(model, SOURCES[source]()[0]).shape == (12, 1)


def test_a_model_is_copied_and_pickled() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.BatchNormalization()])
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert_array_equal(predicted(other, X), predicted(model, X))


class Own(keras.Model):  # type: ignore[misc, name-defined]
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.all = (layers.Dense(width), layers.Dense(2))
        self.by_name = {"last": layers.Dense(1)}
        self.more: list[Any] = []
        self._private = [layers.Dense(width)]
        for _ in range(2):
            self.more.append(layers.Dense(width))

    def call(self, x: Any) -> Any:
        for layer in (*self.all, *self.more, *self._private):
            x = layer(x)
        return self.by_name["last"](x)


def test_layers_in_tuples_lists_and_dicts_are_found(tmp_path: Path) -> None:
    one, two = Own(), Own()
    for model in (one, two):
        model.build((None, 5))
    assert len(one.weights) == 12
    one.save_weights(tmp_path / "w")
    two.load_weights(tmp_path / "w")
    x = RNG.random((2, 5))
    assert_array_equal(predicted(one, x), predicted(two, x))


def test_parts_of_models_are_used_again() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(2)])
    assert predicted(keras.Sequential(model.layers[:-1]), X).shape == (12, 4)
    assert keras.Model(model.input, model.layers[0].output).output_shape == (None, 4)
    assert keras.Model(model.inputs, model.outputs).count_params() == model.count_params()
    assert model.layers[0].output_shape == (None, 4)
    model.pop()
    model.add(layers.Dense(5))
    assert model.output_shape == (None, 5)


def test_states_are_kept_between_batches_if_asked() -> None:
    model = keras.Sequential([
        layers.LSTM(4, batch_input_shape=(2, 5, 3), stateful=True, return_sequences=True),
        layers.GRU(2, stateful=True),
    ])  # fmt: skip
    x = RNG.random((2, 5, 3))
    first, second = predicted(model, x), predicted(model, x)
    assert not np.array_equal(first, second)
    model.reset_states()
    assert_array_equal(predicted(model, x), first)


def test_lengths_may_be_unknown_until_data_come() -> None:
    steps = keras.Input((None, 3))
    x = layers.Conv1D(4, 3, padding="causal")(steps)
    model = keras.Model(steps, layers.Dense(1)(layers.GlobalMaxPooling1D()(x)))
    assert predicted(model, RNG.random((2, 9, 3))).shape == (2, 1)
    image = keras.Input((None, None, 3))
    assert layers.UpSampling2D()(layers.Conv2D(4, 3)(image)).shape == (None, None, None, 4)


def test_one_callback_may_stand_alone() -> None:
    seen = []

    class Look(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])
            self.model.stop_training = len(seen) == 2

    line().fit(X, Y, batch_size=4, epochs=5, verbose=0, callbacks=Look())
    assert len(seen) == 2, "stop_training ends the epoch too, as in Keras"


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
def test_a_loss_that_is_not_finite_goes_on_as_in_keras() -> None:
    history = line(optimizer=keras.optimizers.SGD(1e30)).fit(X, Y, epochs=4, verbose=0)
    assert len(history.epoch) == 4
    assert not np.isfinite(history.history["loss"][-1])


def test_floatx_is_the_dtype_of_new_layers() -> None:
    keras.backend.set_floatx("float64")
    try:
        model = line()
        model.fit(X, Y, verbose=0)
        assert predicted(model, X).dtype == np.float64
    finally:
        keras.backend.set_floatx("float32")
    assert predicted(line(), X).dtype == np.float32


def test_masked_steps_change_nothing() -> None:
    model = keras.Sequential([
        keras.Input((6,)), layers.Embedding(9, 4, mask_zero=True),
        layers.Bidirectional(layers.GRU(3)), layers.Dense(1),
    ])  # fmt: skip
    short, long = np.array([[3, 4, 5]]), np.array([[3, 4, 5, 0, 0, 0]])
    open_ended = keras.Sequential([keras.Input((None,)), *model.layers])
    np.testing.assert_allclose(predicted(open_ended, short), predicted(model, long), atol=1e-6)


def test_what_is_not_here_is_listed() -> None:
    page = DOCS.read_text(encoding="utf-8")
    listed = page[page.index("Layers that are not there") :].split("\n\n")[0]
    assert set(REFUSED) == {name for name in listed.split("`") if name.isidentifier()}


def test_a_layer_says_what_it_takes() -> None:
    assert options_of(layers.Flatten) == ["data_format", "name", "trainable", "dtype"]


OLD_PLACES = {
    "core": "Dense Dropout Activation Flatten Reshape Lambda RepeatVector Permute Masking",
    "convolutional": "Conv1D Conv2D Convolution2D MaxPooling2D AveragePooling2D UpSampling2D "
    "ZeroPadding2D Cropping2D Conv2DTranspose SeparableConv2D",
    "pooling": "MaxPooling2D GlobalAveragePooling2D",
    "recurrent": "LSTM GRU SimpleRNN",
    "wrappers": "TimeDistributed Bidirectional",
    "normalization": "BatchNormalization",
    "embeddings": "Embedding",
    "advanced_activations": "LeakyReLU PReLU ELU",
    "merge": "concatenate add Concatenate",
    "noise": "GaussianNoise",
}


@pytest.mark.parametrize("place", OLD_PLACES)
def test_layers_are_found_where_old_programs_look(place: str) -> None:
    module = importlib.import_module(f"nn.keras.layers.{place}")
    for name in OLD_PLACES[place].split():
        assert getattr(module, name).__qualname__ == getattr(layers, name).__qualname__


AUGMENTED: dict[str, Callable[[], Any]] = {
    "RandomFlip": lambda: layers.RandomFlip("horizontal", seed=1),
    "RandomRotation": lambda: layers.RandomRotation(0.25, seed=1),
    "RandomZoom": lambda: layers.RandomZoom((-0.5, -0.2), seed=1),
    "RandomTranslation": lambda: layers.RandomTranslation(0.2, (0.1, 0.3), "nearest", seed=1),
    "RandomContrast": lambda: layers.RandomContrast(0.5, (0, 1), seed=1),
    "RandomBrightness": lambda: layers.RandomBrightness(0.3, (0, 1), seed=1),
}


@pytest.mark.parametrize("name", AUGMENTED)
def test_images_are_changed_in_training_alone(name: str) -> None:
    layer = AUGMENTED[name]()
    x = RNG.random((6, 8, 8, 3)).astype("float32")
    assert_array_equal(layer(x).detach(), x)
    changed = layer(x, training=True).detach().numpy()
    assert changed.shape == x.shape
    assert not np.array_equal(changed, x)
    assert changed.min() >= 0
    assert changed.max() <= 1


def test_images_are_turned_and_moved_where_they_should() -> None:
    x = np.zeros((1, 5, 5, 1), "float32")
    x[0, 0, 1] = 1
    turned = layers.RandomRotation((0.25, 0.25), "constant")(x, training=True).detach().numpy()
    assert np.argwhere(turned > 0.5)[:, 1:3].tolist() == [[3, 0]], "a quarter turn"
    moved = layers.RandomTranslation((0.2, 0.2), (0.4, 0.4), "constant")(x, training=True)
    assert np.argwhere(moved.detach().numpy() > 0.5)[:, 1:3].tolist() == [[1, 3]]
    zoomed = layers.RandomZoom((-0.5, -0.5))(np.ones((1, 4, 4, 1), "float32"), training=True)
    assert np.allclose(zoomed.detach(), 1)
    flipped = np.stack([layers.RandomFlip("vertical", seed=s)(x, training=True).detach().numpy()[0]
                        for s in range(8)])  # fmt: skip
    assert {tuple(np.argwhere(f)[0][:2].tolist()) for f in flipped} == {(0, 1), (4, 1)}


def test_gradcheck_computes_a_model_in_double() -> None:
    model = keras.Sequential([
        layers.Dense(4), layers.Activation("tanh"), layers.Dense(2, activation="softmax"),
    ])  # fmt: skip
    x = X.astype("float32")
    model(x)
    assert "undecided" not in str(ag.gradcheck_module(model, x))
    assert model(X).dtype == "float32", "as before"


def fitted(**options: Any) -> Any:
    model = line()
    return model.fit(X, Y, verbose=0, **options)


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "metrics in third place": (
        lambda: line().compile("sgd", "mse", ["accuracy"]), r"write metrics=\['accuracy'\]",
    ),
    "a misspelled option of compile": (
        lambda: line().compile(optmizer="sgd"), "no option 'optmizer'; did you mean 'optimizer'",
    ),
    "a misspelled option of fit": (
        lambda: fitted(epoch=2), "fit has no option 'epoch'; did you mean 'epochs'",
    ),
    "layers that are in no list": (
        lambda: keras.Sequential(layers.Dense(1), layers.Dense(2)), r"write Sequential\(\[a, b\]\)",
    ),
    "an option of no verb": (lambda: line().predict(X, zzz=1), "'zzz'; it takes x, batch_size"),
    "an old name": (lambda: fitted(nb_val_samples=2), "it is validation_steps, in batches now"),
    "epochs in quotes": (lambda: fitted(epochs="2"), "epochs is a whole number, got"),
    "a misspelled option of an optimizer": (
        lambda: keras.optimizers.Adam(learnin_rate=1.0), "did you mean 'learning_rate'",
    ),
    "parameters for an optimizer": (
        lambda: keras.optimizers.SGD(line().parameters(), lr=0.1), "learning_rate is a number",
    ),
    "a misspelled optimizer": (
        lambda: line().compile("adamm", "mse"), "got 'adamm'; did you mean 'Adam'",
    ),
    "a misspelled loss": (
        lambda: line().compile("adam", "mean_square_error"),
        r"one of \d+ names, such as .*, got .*; did you mean 'mean_squared_error'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_by_what_to_write(mistake: str) -> None:
    make, said = MISTAKES[mistake]
    with pytest.raises(AutogradError, match=said):
        make()


def test_what_training_gives_is_shown_in_words() -> None:
    assert repr(fitted(epochs=1)).startswith("<History of 1 epoch; loss: ")
    assert repr(keras.optimizers.SGD(learning_rate=0.5)).startswith("<SGD, learning_rate=0.5")

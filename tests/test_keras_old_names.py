"""Programs of Keras 1 and 2: an old name that can mean one thing is read so, with a warning."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd.errors import AutogradError
from nn import keras
from nn.keras import backend as K
from nn.keras import layers
from nn.keras.base.old_options import OLD
from nn.keras.engine.old_names import OLD as NAMES
from nn.keras.engine.old_names import REFUSED as GONE

DOCS = Path(__file__).parent.parent / "docs" / "from_keras.md"
RNG = np.random.default_rng(0)
X, Y = RNG.random((12, 3)), RNG.integers(0, 2, (12, 1))
A, B = RNG.random((2, 3, 4)), RNG.random((2, 5, 4))
image = (8, 8, 3)

OPTIONS: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "a convolution": (
        layers.Conv2D,
        {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "same", "subsample": (2, 2),
         "init": "he_normal", "W_regularizer": "l2", "b_regularizer": "l1", "bias": True,
         "dim_ordering": "tf", "W_constraint": "non_neg", "b_constraint": "max_norm"},
        {"filters": 4, "kernel_size": (3, 2), "padding": "same", "strides": (2, 2),
         "kernel_initializer": "he_normal", "kernel_regularizer": "l2", "bias_regularizer": "l1",
         "use_bias": True, "data_format": "channels_last", "kernel_constraint": "non_neg",
         "bias_constraint": "max_norm"},
    ),
    "one of sequences": (
        layers.Convolution1D,
        {"nb_filter": 4, "filter_length": 3, "subsample_length": 2},
        {"filters": 4, "kernel_size": 3, "strides": 2},
    ),
    "with holes": (
        layers.Conv2D,
        {"nb_filter": 4, "kernel_size": 3, "atrous_rate": (2, 2), "dim_ordering": "th"},
        {"filters": 4, "kernel_size": 3, "dilation_rate": (2, 2), "data_format": "channels_first"},
    ),
    "a dense layer": (layers.Dense, {"output_dim": 3, "init": "uniform"},
                      {"units": 3, "kernel_initializer": "uniform"}),
    "a pooling": (layers.MaxPooling1D, {"pool_length": 3, "stride": 2, "border_mode": "same"},
                  {"pool_size": 3, "strides": 2, "padding": "same"}),
    "an LSTM": (
        layers.LSTM,
        {"output_dim": 3, "init": "zeros", "inner_init": "ones", "inner_activation": "tanh",
         "dropout_W": 0.1, "dropout_U": 0.2, "U_regularizer": "l2", "U_constraint": "non_neg",
         "consume_less": "gpu"},
        {"units": 3, "kernel_initializer": "zeros", "recurrent_initializer": "ones",
         "recurrent_activation": "tanh", "dropout": 0.1, "recurrent_dropout": 0.2,
         "recurrent_regularizer": "l2", "recurrent_constraint": "non_neg"},
    ),
    "an embedding": (layers.Embedding, {"input_dim": 3, "output_dim": 2, "init": "zeros",
                                        "W_regularizer": "l1"},
                     {"input_dim": 3, "output_dim": 2, "embeddings_initializer": "zeros",
                      "embeddings_regularizer": "l1"}),
    "dropout": (layers.Dropout, {"p": 0.3}, {"rate": 0.3}),
    "noise": (layers.GaussianNoise, {"sigma": 0.3}, {"stddev": 0.3}),
    "batch normalization": (
        layers.BatchNormalization, {"mode": 0, "beta_init": "ones", "gamma_init": "zeros"},
        {"beta_initializer": "ones", "gamma_initializer": "zeros"},
    ),
}  # fmt: skip


def without_name(layer: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(layer).items()
            if isinstance(value, (int, float, str, tuple))} | {"name": ""}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_an_old_option_is_read_as_the_new_one(name: str) -> None:
    make, old, new = OPTIONS[name]
    with pytest.warns(DeprecationWarning, match="is an old name; write"):
        found = make(**old)
    wanted = make(**new)
    assert without_name(found) == without_name(wanted)
    config, other = found.get_config(), wanted.get_config()
    assert config | {"name": ""} == other | {"name": ""}


def test_every_old_option_is_tried() -> None:
    assert {*OLD} <= {name for _, old, _ in OPTIONS.values() for name in old}


def test_a_kernel_of_two_numbers() -> None:
    with pytest.warns(DeprecationWarning, match=r"write Conv2D\(4, \(3, 2\)\)"):
        layer = layers.Convolution2D(4, 3, 2, input_shape=image)
    assert (layer.kernel_size, layer.strides) == ((3, 2), (1, 1))
    with pytest.warns(DeprecationWarning, match="padding|Keras 1"):
        assert layers.Conv2D(4, 3, 2, border_mode="same").kernel_size == (3, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert layers.Conv2D(4, 3, 2).strides == (2, 2)  # as Keras has it since 2
        assert layers.Convolution2D(4, (3, 2)).kernel_size == (3, 2)


def test_a_layer_of_ones_own_may_have_such_options() -> None:
    class Own(layers.Layer):
        def __init__(self, p: int, **kwargs: Any) -> None:
            super().__init__()
            self.p, self.others = p, kwargs

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (own := Own(p=3, init="x")).p == 3
    assert own.others == {"init": "x"}


def small(units: int) -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(units, activation="sigmoid")])
    model.compile("sgd", "mse")
    return model


def batches() -> Any:
    while True:
        yield X, Y


def test_verbs_that_are_gone() -> None:
    one, three = small(1), small(3)
    wanted = three.predict(X, verbose=0).argmax(-1)
    with pytest.warns(DeprecationWarning, match="argmax"):
        assert_array_equal(three.predict_classes(X, verbose=0), wanted)
    with pytest.warns(DeprecationWarning, match="argmax"):
        found = one.predict_classes(X, batch_size=4, verbose=0)
    assert_array_equal(found, (one.predict(X, verbose=0) > 0.5).astype("int32"))
    with pytest.warns(DeprecationWarning, match=r"write predict\(x\)"):
        assert_array_equal(one.predict_proba(X, verbose=0), one.predict(X, verbose=0))
    with pytest.warns(DeprecationWarning, match="write fit"):
        history = one.fit_generator(batches(), 2, 3, verbose=0, workers=2)
    assert len(history.history["loss"]) == 3
    with pytest.warns(DeprecationWarning, match="write evaluate"):
        loss = one.evaluate_generator(batches(), steps=1, verbose=0)
    assert loss == one.evaluate(X, Y, verbose=0)
    with pytest.warns(DeprecationWarning, match=r"write predict\(generator"):
        assert one.predict_generator(batches(), 2, verbose=0).shape == (24, 1)


def test_arguments_of_functions() -> None:
    with pytest.warns(DeprecationWarning, match="num_classes"):
        assert keras.utils.to_categorical([0, 1], nb_classes=3).shape == (2, 3)
    with pytest.warns(DeprecationWarning, match="min_delta"):
        assert keras.callbacks.ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
    x = keras.Input((3,))
    with pytest.warns(DeprecationWarning, match="inputs|outputs"):
        assert keras.Model(input=x, output=layers.Dense(2)(x)).output_shape == (None, 2)
    assert keras.callbacks.ModelCheckpoint("a.keras", period=1).save_freq == "epoch"


@pytest.mark.parametrize("face", NAMES)
def test_a_name_is_what_it_is_called_now(face: str) -> None:
    module = importlib.import_module(f"nn.{face}")
    for old, new in NAMES[face].items():
        with pytest.warns(DeprecationWarning, match=f"write {face}.{new}"):
            assert getattr(module, old) is getattr(module, new)


def test_the_version_is_that_of_the_keras_whose_names_these_are() -> None:
    assert keras.version() == keras.__version__
    assert int(keras.__version__.split(".")[0]) == 3
    assert keras.config.floatx() == keras.backend.floatx() == "float32"
    assert issubclass(keras.losses.MeanSquaredError, keras.Loss)


def test_what_is_gone_is_on_the_page() -> None:
    page = DOCS.read_text(encoding="utf-8")
    missing = [f"{face}.{name}" for face in GONE for name in GONE[face]
               if f"`{face}.{name}`".replace("`keras.", "`") not in page]  # fmt: skip
    assert not missing, missing


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "a mode": (lambda: layers.BatchNormalization(mode=1), "training=True"),
    "a period": (lambda: keras.callbacks.ModelCheckpoint("a.keras", period=2), "save_freq"),
    "a plateau": (lambda: keras.callbacks.ReduceLROnPlateau(eps=1), "no option 'eps'"),
    "accuracy": (lambda: small(1).fit(X, Y, show_accuracy=True), "metrics="),
    "channels": (lambda: K.set_image_dim_ordering("th"), "channels_first"),
    "what is gone": (lambda: layers.Merge, "keras.layers.concatenate"),
    "a room that is gone": (lambda: keras.applications, "weights of your own"),
    "a reduction": (lambda: keras.losses.Reduction, "reduction='sum'"),
    "a graph": (lambda: K.tensorflow_backend, "leave the line out"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_has_no_one_meaning_is_told(name: str) -> None:
    make, words = MISTAKES[name]
    with pytest.raises(AutogradError, match=words):
        make()


# Keras 2's backend took other axes by default than keras.ops takes
BACKEND: dict[str, tuple[Callable[[], Any], Any]] = {
    "argmax": (lambda: K.argmax(A), A.argmax(-1)),
    "argmin": (lambda: K.argmin(A), A.argmin(-1)),
    "concatenate": (lambda: K.concatenate([A, A]), np.concatenate([A, A], -1)),
    "concatenate along": (lambda: K.concatenate([A, A], axis=1), np.concatenate([A, A], 1)),
    "cumsum": (lambda: K.cumsum(A), A.cumsum(0)),
    "cumprod": (lambda: K.cumprod(A, axis=1), A.cumprod(1)),
    "expand_dims": (lambda: K.expand_dims(A), A[..., None]),
    "repeat": (lambda: K.repeat(X, 4), np.repeat(X[:, None], 4, 1)),
    "relu": (lambda: K.relu(A - 0.5, alpha=0.1, max_value=0.3),
             np.minimum(np.where(A > 0.5, A - 0.5, 0.1 * (A - 0.5)), 0.3)),
    "batch_dot": (lambda: K.batch_dot(A, B, axes=2), np.einsum("bij,bkj->bik", A, B)),
    "batch_dot of two axes": (lambda: K.batch_dot(A, B, axes=[2, 2]),
                              np.einsum("bij,bkj->bik", A, B)),
    "batch_dot of matrices": (lambda: K.batch_dot(X, X, axes=1), (X * X).sum(1)[:, None]),
    "batch_dot by default": (lambda: K.batch_dot(A, np.swapaxes(B, 1, 2)),
                             A @ np.swapaxes(B, 1, 2)),
    "batch_dot with vectors": (lambda: K.batch_dot(A, B[:, 0], axes=(2, 1)),
                               np.einsum("bij,bj->bi", A, B[:, 0])),
    "bias_add": (lambda: K.bias_add(A, np.ones(4)), A + 1),
    "cast_to_floatx": (lambda: K.cast_to_floatx(X), X),
}  # fmt: skip


@pytest.mark.parametrize("name", BACKEND)
def test_the_backend_takes_the_axes_it_took(name: str) -> None:
    make, wanted = BACKEND[name]
    assert_allclose(np.asarray(make()), wanted, rtol=1e-6)


def test_in_train_phase_knows_whether_a_model_is_trained() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, layers.Lambda(lambda x: K.in_train_phase(x + 1, x))(x))
    assert_allclose(np.asarray(model(X, training=True)), X + 1, rtol=1e-6)
    assert_allclose(np.asarray(model(X)), X, rtol=1e-6)

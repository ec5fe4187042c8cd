"""Every layer of nn.keras beside Keras': shapes, weights, outputs, and losses in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.differential.keras_pairs import agree_in, both, data, ours, theirs

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras

IMAGES, SEQUENCES, ROWS, VOLUMES = (3, 7, 6, 4), (3, 5, 4), (3, 6), (2, 5, 4, 5, 3)


def every(name: str, shape: Any, *options: dict[str, Any]) -> list[Any]:
    """Rows of the table: a layer with some options, on inputs of a shape."""
    return [pytest.param(name, shape, each, id=f"{name}-{each}-{len(shape)}") for each in options]


CONVOLUTIONS: list[dict[str, Any]] = [
    {"filters": 4, "kernel_size": 3},
    {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"},
    {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "use_bias": False},
    {"filters": 4, "kernel_size": 3, "strides": 2},
    {"filters": 4, "kernel_size": 2, "dilation_rate": 2, "padding": "same"},
    {"filters": 4, "kernel_size": 1, "groups": 2},
    {"filters": 2, "kernel_size": 2, "kernel_initializer": "he_normal",
     "kernel_regularizer": "l2", "bias_initializer": "ones"},
]  # fmt: skip
POOLS: list[dict[str, Any]] = [
    {"pool_size": 2}, {"pool_size": 2, "padding": "same"},
    {"pool_size": 3, "strides": 1, "padding": "same"},
    {"pool_size": 3, "strides": 2}, {"pool_size": 3, "strides": 2, "padding": "same"},
]  # fmt: skip
GLOBALS: list[dict[str, Any]] = [{}, {"keepdims": True}]
RECURRENT: list[dict[str, Any]] = [
    {"units": 3}, {"units": 3, "return_sequences": True}, {"units": 3, "go_backwards": True},
    {"units": 2, "return_sequences": True, "go_backwards": True, "use_bias": False},
    {"units": 3, "activation": "relu"}, {"units": 2, "unroll": True, "stateful": False},
]  # fmt: skip
# Channels first
FIRST: dict[str, dict[str, Any]] = {
    name: {**options, "data_format": "channels_first"} for name, options in {
        "Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"},
        "DepthwiseConv2D": {"kernel_size": 3, "padding": "same"},
        "SeparableConv2D": {"filters": 2, "kernel_size": 2},
        "Conv2DTranspose": {"filters": 2, "kernel_size": 3},
        "MaxPooling2D": {"padding": "same"}, "AveragePooling2D": {"pool_size": 2},
        "GlobalMaxPooling2D": {}, "GlobalAveragePooling2D": {"keepdims": True}, "Flatten": {},
        "ZeroPadding2D": {"padding": (2, 1)}, "Cropping2D": {"cropping": 1}, "UpSampling2D": {},
    }.items()
}  # fmt: skip
TABLE = [
    *every("Dense", ROWS, {"units": 4}, {"units": 4, "activation": "softmax"},
           {"units": 2, "use_bias": False}, {"units": 2, "kernel_regularizer": "l1",
            "bias_regularizer": "l2", "activity_regularizer": "l2"}),
    *every("Dense", SEQUENCES, {"units": 4}),
    *every("Conv1D", SEQUENCES, *CONVOLUTIONS, {"filters": 2, "kernel_size": 3,
                                                "padding": "causal", "dilation_rate": 2}),
    *every("Conv2D", IMAGES, *CONVOLUTIONS, {"filters": 2, "kernel_size": (3, 1),
                                             "strides": (1, 2)}),
    *every("Conv3D", VOLUMES, {"filters": 2, "kernel_size": 2},
           {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}),
    *every("DepthwiseConv2D", IMAGES, {"kernel_size": 3}, {"kernel_size": 3, "padding": "same",
           "depth_multiplier": 2, "strides": 2}),
    *every("DepthwiseConv1D", SEQUENCES, {"kernel_size": 2, "depth_multiplier": 2}),
    *every("SeparableConv2D", IMAGES, {"filters": 3, "kernel_size": 3}, {"filters": 3,
           "kernel_size": 2, "padding": "same", "depth_multiplier": 2, "activation": "relu"}),
    *every("SeparableConv1D", SEQUENCES, {"filters": 3, "kernel_size": 2}),
    *every("Conv2DTranspose", IMAGES, {"filters": 3, "kernel_size": 3}, {"filters": 3,
           "kernel_size": 2, "strides": 2}, {"filters": 2, "kernel_size": 3, "padding": "same"},
           {"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same"}),
    *every("Conv1DTranspose", SEQUENCES, {"filters": 3, "kernel_size": 3, "strides": 2}),
    *every("MaxPooling1D", SEQUENCES, *POOLS), *every("AveragePooling1D", SEQUENCES, *POOLS),
    *every("MaxPooling2D", IMAGES, *POOLS), *every("AveragePooling2D", IMAGES, *POOLS[:-1]),
    *every("MaxPooling3D", VOLUMES, {}), *every("AveragePooling3D", VOLUMES, POOLS[0]),
    *every("GlobalMaxPooling1D", SEQUENCES, *GLOBALS),
    *every("GlobalAveragePooling1D", SEQUENCES, *GLOBALS),
    *every("GlobalMaxPooling2D", IMAGES, *GLOBALS),
    *every("GlobalAveragePooling2D", IMAGES, *GLOBALS),
    *every("GlobalAveragePooling3D", VOLUMES, *GLOBALS),
    *every("GlobalMaxPooling3D", VOLUMES, *GLOBALS),
    *every("BatchNormalization", IMAGES, {}, {"axis": 1}, {"scale": False}, {"center": False},
           {"momentum": 0.8, "epsilon": 1e-2}, {"trainable": False}),
    *every("BatchNormalization", SEQUENCES, {}), *every("BatchNormalization", ROWS, {}),
    *every("LayerNormalization", SEQUENCES, {}, {"axis": [1, 2]}, {"center": False},
           {"epsilon": 1e-5}),
    *every("LayerNormalization", IMAGES, {}, {"axis": [1, 2, 3]}),
    *every("GroupNormalization", IMAGES, {"groups": 2}, {"groups": -1}),
    *every("RMSNormalization", SEQUENCES, {}), *every("UnitNormalization", ROWS, {}),
    *every("SimpleRNN", SEQUENCES, *RECURRENT), *every("LSTM", SEQUENCES, *RECURRENT,
           {"units": 2, "recurrent_activation": "tanh"}, {"units": 2, "unit_forget_bias": False}),
    *every("GRU", SEQUENCES, *RECURRENT, {"units": 2, "reset_after": False}),
    *every("Flatten", IMAGES, {}), *every("Reshape", IMAGES, {"target_shape": (6, -1)}),
    *every("Permute", IMAGES, {"dims": (2, 3, 1)}), *every("RepeatVector", ROWS, {"n": 3}),
    *every("ZeroPadding1D", SEQUENCES, {}, {"padding": (2, 1)}),
    *every("ZeroPadding2D", IMAGES, {}, {"padding": (2, 1)}, {"padding": ((1, 2), (0, 3))}),
    *every("Cropping1D", SEQUENCES, {}, {"cropping": (2, 1)}),
    *every("Cropping2D", IMAGES, {"cropping": 1}, {"cropping": ((1, 0), (2, 1))}),
    *every("UpSampling1D", SEQUENCES, {}, {"size": 3}),
    *every("UpSampling2D", IMAGES, {}, {"size": (1, 3)}, {"interpolation": "bilinear"}),
    *every("ReLU", ROWS, {}, {"max_value": 0.5}, {"negative_slope": 0.1, "threshold": 0.2}),
    *every("LeakyReLU", ROWS, {}, {"negative_slope": 0.1}),
    *every("PReLU", IMAGES, {"alpha_initializer": "ones"}, {"shared_axes": [1, 2]}),
    *every("ELU", ROWS, {}, {"alpha": 0.5}), *every("Softmax", SEQUENCES, {}, {"axis": 1}),
    *every("Activation", ROWS, *[{"activation": name} for name in (
        "relu", "sigmoid", "tanh", "softmax", "softplus", "softsign", "selu", "elu",
        "exponential", "linear", "gelu", "silu", "swish", "hard_sigmoid", "relu6", "mish")]),
    *every("Rescaling", IMAGES, {"scale": 0.5, "offset": 1.0}),
    *every("Dropout", ROWS, {"rate": 0.0}), *every("ActivityRegularization", ROWS, {"l2": 0.1}),
    *[row for name, options in FIRST.items() for row in every(name, IMAGES, options)],
    *every("Conv2DTranspose", IMAGES, {"filters": 2, "kernel_size": 3, "strides": 2,
           "output_padding": 1}, {"filters": 2, "kernel_size": 2, "strides": 3},
           {"filters": 2, "kernel_size": 3, "strides": 1, "dilation_rate": 2}),
    *every("GRU", SEQUENCES, {"units": 2, "reset_after": False, "use_bias": False},
           {"units": 2, "recurrent_activation": "hard_sigmoid", "activation": "relu"}),
    *every("Resizing", IMAGES, {"height": 5, "width": 9}, {"height": 14, "width": 6,
           "interpolation": "nearest"}),
    *every("CenterCrop", IMAGES, {"height": 4, "width": 3}),
    *every("RandomFlip", IMAGES, {}), *every("RandomRotation", IMAGES, {"factor": 0.1}),
    *every("Dense", IMAGES, {"units": 2}), *every("BatchNormalization", VOLUMES, {}),
    *every("Dense", ROWS, {"units": 2, "kernel_constraint": "max_norm", "bias_constraint":
                           "non_neg", "kernel_initializer": "zeros"}),
    *every("EinsumDense", SEQUENCES, {"equation": "abc,cd->abd", "output_shape": (None, 3),
                                      "bias_axes": "d"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "options"), TABLE)
def test_a_layer_is_that_of_keras(name: str, shape: Any, options: dict[str, Any]) -> None:
    x = data(*shape)

    def make(keras: Any) -> Any:
        layer = getattr(keras.layers, name)(**options)
        model = keras.Sequential([keras.Input(shape[1:]), layer])
        model.compile(keras.optimizers.SGD(0.1), loss="mse")
        return model

    one, two = both(make)
    assert one.output_shape == two.output_shape
    assert [w.shape for w in one.weights] == [tuple(w.shape) for w in two.weights]
    assert [w.name for w in one.weights] == [w.name for w in two.weights]
    assert len(one.trainable_weights) == len(two.trainable_weights)
    found = one.predict(x, verbose=0)
    agree_in(found, two.predict(x, verbose=0), "predict")
    y = data(*found.shape, seed=1)
    losses = [m.fit(x, y, epochs=3, verbose=0).history["loss"] if m.trainable_weights else [
        m.evaluate(x, y, verbose=0)] for m in (one, two)]  # fmt: skip
    agree_in(*losses, "losses")
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        agree_in(a, b, "a weight after training")


# ---- layers of several inputs, or of layers ------------------------------------------------------

MERGES: dict[str, dict[str, Any]] = {
    "Add": {}, "Subtract": {}, "Multiply": {}, "Average": {}, "Maximum": {}, "Minimum": {},
    "Concatenate": {}, "Dot": {"axes": 1}, "Attention": {}, "AdditiveAttention": {},
}  # fmt: skip


@pytest.mark.parametrize(("name", "options"), [
    *MERGES.items(), ("Concatenate", {"axis": 1}), ("Dot", {"axes": (2, 2)}),
    ("Dot", {"axes": 2, "normalize": True}), ("Attention", {"use_scale": True}),
    ("Attention", {"score_mode": "concat"}),
])  # fmt: skip
def test_a_layer_of_two_inputs_is_that_of_keras(name: str, options: dict[str, Any]) -> None:
    def make(keras: Any) -> Any:
        a, b = keras.Input((4, 3)), keras.Input((4, 3))
        model = keras.Model([a, b], getattr(keras.layers, name)(**options)([a, b]))
        model.compile("sgd", loss="mse")
        return model

    one, two = both(make)
    x = [data(5, 4, 3), data(5, 4, 3, seed=1)]
    assert one.output_shape == two.output_shape
    found = one.predict(x, verbose=0)
    agree_in(found, two.predict(x, verbose=0), name)
    y = data(*found.shape, seed=2)
    agree_in(*(m.evaluate(x, y, verbose=0) for m in (one, two)), "evaluate")


@pytest.mark.parametrize("options", [
    {}, {"use_bias": False}, {"value_dim": 5}, {"output_shape": 7}, {"use_causal_mask": True},
    {"attention_mask": True}, {"return_attention_scores": True}, {"key": True},
])  # fmt: skip
def test_attention_of_several_heads_is_that_of_keras(options: dict[str, Any]) -> None:
    made = {k: v for k, v in options.items() if k in ("use_bias", "value_dim", "output_shape")}
    called = {k: v for k, v in options.items() if k not in made}
    mask = np.random.default_rng(5).random((2, 4, 6)) > 0.3
    mask[..., 0] = True
    if "attention_mask" in called:
        called["attention_mask"] = mask
    q, v, k = data(2, 4, 3), data(2, 6, 3, seed=1), data(2, 6, 3, seed=2)
    if called.pop("key", None):
        called["key"] = k
    layers = [keras.layers.MultiHeadAttention(2, 3, **made) for keras in (ours, theirs)]
    for layer in layers:
        layer(q, v, **called)
    layers[0].set_weights(layers[1].get_weights())
    assert [w.shape for w in layers[0].get_weights()] == [w.shape for w in layers[1].get_weights()]
    found, wanted = (layer(q, v, **called) for layer in layers)
    if not isinstance(found, tuple):
        found, wanted = (found,), (wanted,)
    for a, b in zip(found, wanted, strict=True):
        agree_in(a.detach(), b.detach().numpy(), "attention")


WRAPPED: dict[str, Any] = {
    "both ways": lambda k: k.layers.Bidirectional(k.layers.LSTM(3)),
    "both ways, all steps": lambda k: k.layers.Bidirectional(
        k.layers.GRU(3, return_sequences=True), merge_mode="sum"),
    "both ways, times": lambda k: k.layers.Bidirectional(k.layers.SimpleRNN(2), merge_mode="mul"),
    "both ways, average": lambda k: k.layers.Bidirectional(
        k.layers.LSTM(2, return_sequences=True), merge_mode="ave"),
    "each step": lambda k: k.layers.TimeDistributed(k.layers.Dense(3, activation="relu")),
    "a cell": lambda k: k.layers.RNN(k.layers.LSTMCell(3)),
    "cells": lambda k: k.layers.RNN([k.layers.GRUCell(3), k.layers.LSTMCell(2)],
                                    return_sequences=True),
    "a model": lambda k: k.Sequential([k.layers.Dense(3), k.layers.Dense(2)]),
    "a function": lambda k: k.layers.Lambda(lambda x: x * 2 + 1),
    "a mask": lambda k: k.Sequential([k.layers.Masking(), k.layers.LSTM(3)]),
    "a mask, all steps": lambda k: k.Sequential(
        [k.layers.Masking(), k.layers.GRU(3, return_sequences=True)]),
    "a mask both ways": lambda k: k.Sequential(
        [k.layers.Masking(), k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))]),
    "a mask before an average": lambda k: k.Sequential(
        [k.layers.Masking(), k.layers.GlobalAveragePooling1D()]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPED)
def test_a_layer_made_of_layers_is_that_of_keras(name: str) -> None:
    def make(keras: Any) -> Any:
        model = keras.Sequential([keras.Input((5, 4)), WRAPPED[name](keras)])
        model.compile(keras.optimizers.SGD(0.1), loss="mse")
        return model

    one, two = both(make)
    assert one.output_shape == two.output_shape
    x = data(6, 5, 4)
    x[0, 3:] = x[1, 2:] = x[2, 4:] = 0
    found = one.predict(x, verbose=0)
    agree_in(found, two.predict(x, verbose=0), name)
    if one.weights:
        y = data(*found.shape, seed=1)
        agree_in(*(m.fit(x, y, epochs=3, verbose=0).history["loss"] for m in (one, two)), name)


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("kind", ["int32", "int64", "float32"])
def test_an_embedding_is_that_of_keras(mask_zero: bool, kind: str) -> None:
    def make(keras: Any) -> Any:
        model = keras.Sequential([
            keras.Input((6,)),
            keras.layers.Embedding(9, 4, mask_zero=mask_zero),
            keras.layers.LSTM(3, return_sequences=True),
            keras.layers.Dense(1),
        ])  # fmt: skip
        model.compile("sgd", loss="mse", weighted_metrics=["mae"])
        return model

    x = np.random.default_rng(0).integers(1, 9, (5, 6)).astype(kind)
    x[0, 2:] = x[1, 4:] = x[2, 1:3] = 0
    y = data(5, 6, 1)
    one, two = both(make)
    agree_in(one.predict(x, verbose=0), two.predict(x, verbose=0), "predict")
    agree_in(*(m.fit(x, y, epochs=5, verbose=0).history["loss"] for m in (one, two)), "losses")


def test_states_go_in_and_out_as_in_keras() -> None:
    def make(keras: Any) -> Any:
        first, second = keras.Input((4, 3)), keras.Input((5, 3))
        _, h, c = keras.layers.LSTM(6, return_state=True)(first)
        out = keras.layers.LSTM(6, return_sequences=True)(second, initial_state=[h, c])
        _, g = keras.layers.GRU(2, return_state=True)(first)
        model = keras.Model([first, second], [keras.layers.Dense(2)(out), g])
        model.compile("sgd", loss="mse")
        return model

    one, two = both(make)
    x = [data(3, 4, 3), data(3, 5, 3, seed=1)]
    for a, b in zip(*(m.predict(x, verbose=0) for m in (one, two)), strict=True):
        agree_in(a, b, "states")

"""Layers of one's own, in the forms that public programs write them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from nn import keras
from nn.keras import layers, ops

RNG = np.random.default_rng(0)
STEPS = np.array([[3, 1, 0, 0], [2, 0, 0, 0]])


class Around(layers.Layer):
    """Holds a layer before super().__init__() has run."""

    def __init__(self, layer: Any, units: int = 2, **kwargs: Any) -> None:
        self.supports_masking = True
        self.layer = layer
        self.parts = [layers.Dense(units)]
        super().__init__(**kwargs)

    def call(self, inputs: Any) -> Any:
        return self.parts[0](self.layer(inputs))


class OwnEmbedding(layers.Layer):
    """Makes the mask of its output itself."""

    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(shape=(4, 3), initializer="random_normal")

    def call(self, inputs: Any) -> Any:
        return ops.take(self.table, inputs, axis=0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0)


class WithTable(layers.Embedding):
    """Gives the embeddings beside their rows."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [super().compute_output_shape(input_shape), (self.input_dim, self.output_dim)]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return [super().compute_mask(inputs, mask), None]

    def call(self, inputs: Any) -> Any:
        return [super().call(inputs), self.embeddings + 0.0]


class SeesMasks(layers.Layer):
    """Notes the masks that it is given."""

    seen: Any = None

    def call(self, inputs: Any, mask: Any = None) -> Any:
        type(self).seen = mask
        return inputs[0]


def test_what_is_set_before_super_init_is_kept() -> None:
    layer = Around(layers.Dense(4), name="around")
    assert layer(np.ones((2, 3))).shape == (2, 2)
    assert [w.shape for w in layer.weights] == [(3, 4), (4,), (4, 2), (2,)]
    assert layer.supports_masking
    assert layer.name == "around"


def test_a_mask_of_ones_own_reaches_the_recurrent_layer() -> None:
    inputs = keras.Input((4,), dtype="int32")
    embedding, lstm = OwnEmbedding(), layers.LSTM(2)
    model = keras.Model(inputs, lstm(embedding(inputs)))
    built_in = layers.Embedding(4, 3, mask_zero=True)
    other = keras.Model(inputs, lstm(built_in(inputs)))
    built_in.set_weights(embedding.get_weights())
    assert_allclose(model.predict(STEPS, verbose=0), other.predict(STEPS, verbose=0))


def test_a_layer_may_give_several_outputs_with_their_shapes_and_masks() -> None:
    inputs = keras.Input((4,), dtype="int32")
    rows, table = WithTable(4, 3, mask_zero=True)(inputs)
    assert (rows.shape, table.shape) == ((None, 4, 3), (4, 3))
    model = keras.Model(inputs, layers.LSTM(2)(rows))
    shorter = STEPS[:, :3]
    assert_allclose(
        model(STEPS).detach(), keras.Model(inputs, model.layers[-1](rows))(STEPS).detach()
    )
    lstm, embed = model.layers[-1], model.layers[-2]
    assert_allclose(model(STEPS).detach(), lstm(embed(shorter)[0]).detach(), rtol=1e-6)


def test_masks_of_a_list_come_as_a_list() -> None:
    x = np.ones((2, 4, 3))
    SeesMasks()([x, x])
    assert SeesMasks.seen == [None, None]
    SeesMasks()([OwnEmbedding()(STEPS), x])
    assert_array_equal(np.asarray(SeesMasks.seen[0]), STEPS != 0)
    assert SeesMasks.seen[1] is None


@keras.saving.register_keras_serializable()
class Doubled(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


@pytest.mark.parametrize("name", ["Doubled", "doubled"])
def test_a_layer_may_be_called_as_its_class(name: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), Doubled(name=name), layers.Dense(1)])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras", custom_objects={"Doubled": Doubled})
    assert again.layers[0].name == name
    assert type(Doubled.from_config(Doubled(name=name).get_config())) is Doubled


def test_relu_has_its_old_slope() -> None:
    x = RNG.normal(size=5)
    with pytest.warns(DeprecationWarning, match="negative_slope"):
        found = keras.activations.relu(x, alpha=0.1)
    assert_allclose(found, np.where(x > 0, x, 0.1 * x))


@pytest.mark.parametrize("names", [("one", "two"), ("two", "one")])
def test_outputs_by_name_are_in_keras_order(names: tuple[str, str]) -> None:
    """The dict by its keys in order; the losses that `evaluate` lists as `compile` has them."""
    sizes, x = {"one": 1, "two": 2}, RNG.random((4, 3))
    inputs = keras.Input((3,))
    model = keras.Model(inputs, {name: layers.Dense(sizes[name])(inputs) for name in names})
    assert [w.shape[-1] for w in model.weights] == [1, 1, 2, 2]
    assert [*model.predict(x, verbose=0)] == ["one", "two"]
    y = {name: np.ones((4, sizes[name])) for name in reversed(names)}
    model.compile("sgd", dict.fromkeys(names, "mse"), metrics=dict.fromkeys(names, "mae"))
    found, by_name = model.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0, return_dict=1)
    wanted = ["loss", *(f"{name}_loss" for name in names), "one_mae", "two_mae"]
    assert_allclose(found, [by_name[name] for name in wanted])


def test_an_output_without_a_loss_needs_no_target() -> None:
    x, y = RNG.random((8, 3)), RNG.random((8, 1))
    inputs = keras.Input((3,))
    hidden = layers.Dense(4)(inputs)
    both = keras.Model(inputs, [hidden, layers.Dense(1)(hidden)])
    both.compile("sgd", loss=[None, "mse"])
    one = keras.Model(inputs, both.outputs[1])
    one.compile("sgd", loss="mse")
    wanted = one.evaluate(x, y, verbose=0)
    assert_allclose(np.ravel(both.evaluate(x, y, verbose=0))[0], wanted)
    history = both.fit(x, y, epochs=2, verbose=0).history
    assert [*history] == ["loss"]
    assert history["loss"][1] < wanted


def test_a_weight_has_the_name_it_was_given() -> None:
    inputs = keras.Input((3,))
    dense = layers.Dense(1, name="last")
    model = keras.Model(inputs, dense(layers.Dense(2)(inputs)))
    assert [w.name for w in model.weights] == ["kernel", "bias"] * 2
    assert [w.path for w in dense.weights] == ["last/kernel", "last/bias"]


def test_layers_in_containers_of_containers_are_the_model_s_whenever_they_come() -> None:
    class Net(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rows: Any = [[keras.layers.Dense(2)], (keras.layers.Dense(2),)]
            self.named: Any = {}
            self.named["a"] = [keras.layers.Dense(2)]
            self.named.setdefault("b", keras.layers.Dense(2))
            self.named |= {"c": keras.layers.Dense(2)}
            self.rows[0].insert(0, keras.layers.Dense(2))
            self.rows[0][:] = [*self.rows[0], keras.layers.Dense(2)]

        def call(self, x: Any) -> Any:
            rows = [*self.rows[0], *self.rows[1], *self.named["a"]]
            for layer in [*rows, self.named["b"], self.named["c"]]:
                x = layer(x)
            return x

    net = Net()
    x = np.ones((1, 2), "f4")
    before = np.asarray(net(x).numpy())
    assert (len(net.layers), len(net.trainable_weights)) == (7, 14)
    twin = copy.deepcopy(net)
    for v in net.weights:
        v.assign(v.numpy() * 0)
    np.testing.assert_array_equal(twin(x).numpy(), before)
    assert {id(layer) for layer in twin.layers} >= {id(layer) for layer in twin.rows[0]}

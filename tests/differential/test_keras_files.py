"""Weights that Keras has written are those that the same model here takes, by their layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras as theirs
import numpy as np
import pytest

from autograd.errors import AutogradError
from nn import keras as ours


def _sequential(k: Any) -> Any:
    L = k.layers
    return k.Sequential([
        k.Input((6, 6, 2)), L.Conv2D(3, 3, activation="relu"), L.BatchNormalization(),
        L.SeparableConv2D(4, 3), L.Dropout(0.2), L.Flatten(), L.Dense(5), L.PReLU(), L.Dense(2),
    ])  # fmt: skip


def _recurrent(k: Any) -> Any:
    L = k.layers
    x = given = k.Input((5, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(x)
    x = L.TimeDistributed(L.Dense(2))(x)
    x = L.GRU(2, return_sequences=True)(x)
    x = L.SimpleRNN(3, return_sequences=True)(x)
    return k.Model(given, L.RNN([L.LSTMCell(2), L.LSTMCell(3)])(x))


def _attention(k: Any) -> Any:
    L = k.layers
    tokens = k.Input((5,), dtype="int32")
    x = L.Embedding(7, 4)(tokens)
    x = L.LayerNormalization()(x + L.MultiHeadAttention(2, 3)(x, x))
    return k.Model(tokens, L.Dense(2)(L.GlobalAveragePooling1D()(x)))


def _nested(k: Any) -> Any:
    L = k.layers
    a, b = k.Input((3,)), k.Input((3,))
    shared = k.Sequential([L.Dense(4), L.Dense(4)])
    x = L.Concatenate()([shared(a), L.Dense(2)(b), shared(b)])
    return k.Model([a, b], L.Dense(1)(x))


def _subclassed(k: Any) -> Any:
    L = k.layers

    class Block(L.Layer):  # type: ignore[misc]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.inner = L.Dense(4)

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(4,), initializer="ones", name="scale")
            self.offset = self.add_weight(shape=(4,), trainable=False, name="offset")
            self.inner.build(shape)

        def call(self, x: Any) -> Any:
            return self.inner(x) * self.scale + self.offset

    class Net(k.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.zed, self.first = L.Dense(4), L.Dense(4)
            self.blocks = [Block(), L.Dense(4), Block()]

        def call(self, x: Any) -> Any:
            x = self.zed(self.first(x))
            for block in self.blocks:
                x = block(x)
            return x

    net = Net()
    net(np.zeros((1, 4), "f4"))
    return net


def _prepared(k: Any) -> Any:
    L = k.layers
    given = k.Input((4,))
    normal = L.Normalization()
    normal.adapt(np.arange(12.0, dtype="f4").reshape(3, 4))
    twice = k.Model(given, [L.Dense(3)(given), L.Dense(2)(given)])
    a = k.Input((4,))
    x, y = twice(normal(a))
    return k.Model(a, L.Concatenate()([L.Dense(2)(x), y]))


def _contained(k: Any) -> Any:
    """Layers in lists and dicts of lists, some of them put there later."""
    L = k.layers

    class Block(L.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self._private = L.Dense(4)
            self.rows = [[L.Dense(4), L.Dense(4)], {"z": L.Dense(4), "a": (L.Dense(4),)}]

        def build(self, shape: Any) -> None:
            for each in self.all():
                each.build(shape)

        def all(self) -> list[Any]:
            return [self._private, *self.rows[0], self.rows[1]["z"], *self.rows[1]["a"]]

        def call(self, x: Any) -> Any:
            for each in self.all():
                x = each(x)
            return x

    class Net(k.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.grid, self.named = [], {"deep": {"list": []}}
            self.grid.append([L.Dense(4), L.Dense(4)])
            self.named["deep"]["list"].append(L.Dense(4))
            self.named["block"] = Block()

        def call(self, x: Any) -> Any:
            for each in [*self.grid[0], *self.named["deep"]["list"], self.named["block"]]:
                x = each(x)
            return x

    net = Net()
    net(np.zeros((1, 4), "f4"))
    return net


# What Keras does with arrays of PyTorch when it writes
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MODELS = {"sequential": (_sequential, [(6, 6, 2)]), "recurrent": (_recurrent, [(5, 4)]),
          "attention": (_attention, [(5,)]), "nested": (_nested, [(3,), (3,)]),
          "subclassed": (_subclassed, [(4,)]), "prepared": (_prepared, [(4,)]),
          "contained": (_contained, [(4,)])}  # fmt: skip


def with_weights(model: Any) -> Any:
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) ** 2 + 0.1 for w in model.get_weights()])
    return model


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_with_the_weights_of_keras_gives_what_it_gives_there(
    name: str, suffix: str, tmp_path: Path
) -> None:
    make, shapes = MODELS[name]
    there, here = with_weights(make(theirs)), make(ours)
    path = tmp_path / f"model{suffix}"
    (there.save if suffix == ".keras" else there.save_weights)(path)
    here.load_weights(path)
    rng = np.random.default_rng(1)
    xs = [rng.integers(0, 7, (2, *s)) if name == "attention" else rng.normal(size=(2, *s))
          for s in shapes]  # fmt: skip
    given = xs if len(xs) > 1 else xs[0]
    np.testing.assert_allclose(
        here.predict(given, verbose=0), there.predict(given, verbose=0), rtol=2e-5, atol=2e-5
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_file_of_another_model_changes_nothing(name: str, tmp_path: Path) -> None:
    other = theirs.Sequential([theirs.Input((3,)), theirs.layers.Dense(7)])
    other.save_weights(tmp_path / "other.weights.h5")
    here = MODELS[name][0](ours)
    before = here.get_weights()
    with pytest.raises(AutogradError, match=r"(they are|it is) of another model"):
        here.load_weights(tmp_path / "other.weights.h5")
    for a, b in zip(before, here.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    there = with_weights(_sequential(theirs))
    path = tmp_path / "x.weights.h5"
    there.save_weights(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(AutogradError, match="is no HDF5 file, or is damaged"):
        _sequential(ours).load_weights(path)

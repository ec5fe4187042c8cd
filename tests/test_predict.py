"""Model.predict: loaders that bring labels, several inputs and outputs, by position and by name."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ShapeError

RNG = np.random.default_rng(0)
X, Z = RNG.normal(size=(11, 3)).astype("float32"), RNG.normal(size=(11, 2)).astype("float32")
Y = RNG.integers(0, 2, 11)
Pair = namedtuple("Pair", ["low", "high"])


class One(nn.Model):
    def forward(self, x: Any) -> Any:
        return x * 2


class Two(nn.Model):
    def forward(self, a: Any, b: Any) -> Any:
        return ag.concat([a, b], axis=1)


class Masked(nn.Model):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(1.0)

    def forward(self, x: Any, mask: Any = None) -> Any:
        return (x if mask is None else ag.concat([x, mask], axis=1)).mean(axis=1) * self.w


class Any_(nn.Model):
    def forward(self, *parts: Any) -> Any:
        return ag.concat(list(parts), axis=1)


class Examples:
    """A dataset of another library: a length, and examples by number, without an end."""

    def __init__(self, *arrays: Any) -> None:
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> Any:
        return tuple(array[index % len(self)] for array in self.arrays)


def forms(*arrays: Any) -> list[Any]:
    data = nn.data.TensorDataset(*arrays)
    return [
        data, Examples(*arrays), nn.data.Subset(data, np.arange(11)), nn.data.DataLoader(data, 4),
        nn.data.DataLoader(arrays, 4, shuffle=True, drop_last=True, rng=0),
        nn.data.DataLoader(Examples(*arrays), 4, shuffle=True, prefetch=2),
    ]  # fmt: skip


@pytest.mark.parametrize("model", [One(), Two()], ids=["one", "two"])
def test_labels_of_a_loader_are_left_out(model: Any) -> None:
    inputs = (X, Z) if isinstance(model, Two) else (X,)
    wanted = model.predict(inputs)
    for labels in ((Y,), ()):
        for form in forms(*inputs, *labels):
            np.testing.assert_array_equal(model.predict(form), wanted)


def test_inputs_may_come_by_name() -> None:
    wanted = np.concatenate([X, Z], axis=1)
    for x in ({"a": X, "b": Z}, {"b": Z, "a": X}, (X, Z), [X, Z]):
        np.testing.assert_array_equal(Two().predict(x, batch_size=3), wanted)
    model = nn.Sequential(nn.Linear(3, 2))
    np.testing.assert_array_equal(model.predict({"x": X}), model.predict(X))
    model.compile("sgd", nn.CrossEntropyLoss())
    model.fit({"x": X}, Y, validation_split=0.2, verbose=0)
    assert model.evaluate({"x": X}, Y) == model.evaluate(X, Y)
    for x, message in (
        ({"a": X}, "missing a required argument: 'b'"),
        ({"a": X, "c": Z}, "x has the inputs a, c; forward: "),
        ({"a": X[:3], "b": Z}, r"x\[0\] has 3"),
    ):
        with pytest.raises((TypeError, ShapeError), match=message):
            Two().predict(x)


def test_what_may_be_labels_or_an_input_is_told_by_the_training_or_asked() -> None:
    model = Masked()
    with pytest.raises(ValueError, match="2 parts and forward takes 1 to 2 inputs, so the last"):
        model.predict(nn.data.TensorDataset(X, Z))
    with pytest.raises(ValueError, match="2 parts and forward takes 0 or more inputs"):
        Any_().predict(nn.data.TensorDataset(X, Z))
    with pytest.raises(ValueError, match="4 parts and forward takes 1 inputs, which does not fit"):
        One().predict(nn.data.TensorDataset(X, Z, X, Y))
    model.compile("sgd", "mse")
    model.fit(nn.data.TensorDataset(X, Y), verbose=0)
    assert model.predict(nn.data.TensorDataset(X, Y)).tolist() == model.predict(X).tolist()
    model.fit(nn.data.TensorDataset(X, Z, Y), verbose=0)
    assert model.predict(nn.data.TensorDataset(X, Z)).tolist() == model.predict((X, Z)).tolist()


@pytest.mark.parametrize("form", [
    lambda x: (x, x + 1), lambda x: [x, x + 1], lambda x: {"low": x, "high": x + 1},
    lambda x: Pair(x, x + 1), lambda x: {"both": (x, [x + 1])},
], ids=["tuple", "list", "dict", "namedtuple", "nested"])  # fmt: skip
def test_several_outputs_come_in_the_form_of_the_model(form: Any) -> None:
    class Several(nn.Model):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(1.0)

        def forward(self, x: Any) -> Any:
            return form(x * self.w)

    def flat(out: Any) -> list[Any]:
        if isinstance(out, (np.ndarray, ag.Tensor)):
            return [out]
        parts = out.values() if isinstance(out, dict) else out
        return [leaf for part in parts for leaf in flat(part)]

    def loss(out: Any, target: Any) -> Any:
        return sum(nn.functional.mse_loss(part[:, 0], target * 1.0) for part in flat(out))

    model = Several()
    found = model.predict(X, batch_size=4)
    wanted = form(X)
    assert type(found) is type(wanted)
    for one, two in zip(flat(found), flat(wanted), strict=True):
        assert isinstance(one, np.ndarray)
        np.testing.assert_array_equal(one, two)
    model.compile("sgd", loss, metrics=[lambda true, out: float(np.mean(flat(out)[0]))])
    history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    whole = model.evaluate(X, Y, batch_size=11)
    assert model.evaluate(X, Y, batch_size=4) == pytest.approx(whole, rel=1e-6)


def test_an_output_that_does_not_count_the_examples_says_so() -> None:
    class Odd(nn.Model):
        kind = 0

        def forward(self, x: Any) -> Any:
            return [x.sum(), (x, x[:1]), (x, 3.0)][self.kind]

    model = Odd()
    for kind, error, message in (
        (0, ShapeError, r"an output is \(\) for a batch of 11"),
        (1, ShapeError, r"an output is \(1, 3\) for a batch of 11; its first axis must count"),
        (2, TypeError, "the outputs of a model are Tensors, in tuples, lists or dicts; got float"),
    ):
        model.kind = kind
        with pytest.raises(error, match=message):
            model.predict(X)


@pytest.mark.parametrize("batch_size", [None, 4])
def test_validation_data_may_be_what_brings_labels(batch_size: int | None) -> None:
    wanted = None
    for held in ((X, Y), *forms(X, Y)[:4]):
        nn.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 2))
        model.compile("sgd", nn.CrossEntropyLoss(), ["accuracy"])
        found = model.fit(
            X, Y, batch_size=batch_size, validation_data=held, verbose=0, shuffle=False
        ).history
        wanted = wanted or found
        assert found == {name: pytest.approx(value, rel=1e-6) for name, value in wanted.items()}

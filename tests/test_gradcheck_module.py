"""gradcheck_module: a model's gradients by name, in both modes, and the model as it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.errors import GradcheckError
from autograd.gradcheck.module import gradcheck_module


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


class Dropout(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * ag.bernoulli(0.5, x.shape, dtype=x.dtype) * 2.0 if self.training else x


class Centered(nn.Module):
    """Subtracts the mean of the batch, or a running one, which it writes in place or replaces."""

    mean: ag.Tensor
    count: ag.Tensor

    def __init__(self, size: int, replaces: bool = False) -> None:
        super().__init__()
        self.replaces = replaces
        self.register_buffer("mean", ag.Tensor(np.zeros(size, "float32")))
        self.register_buffer("count", ag.Tensor(np.zeros(2, "int64")))

    def forward(self, x: Any) -> Any:
        if not self.training:
            return x - self.mean
        mean = x.mean(axis=0)
        with ag.no_grad():
            new = 0.9 * self.mean + 0.1 * mean.detach()
            if self.replaces:
                self.mean = new.astype("float32")
            else:
                self.mean[:] = new
        return x - mean


def batch(*shape: int, dtype: str = "float32") -> ag.Tensor:
    return ag.Tensor(np.random.default_rng(0).normal(size=shape).astype(dtype))


def bad_tanh(spoil: Callable[[Any], Any]) -> Callable[..., Any]:
    def tanh_(x: Any, /) -> Any:
        return np.tanh(x)

    def rule(g: Any, out: Any) -> Any:
        return spoil(g * (1 - out * out))

    tanh_.__name__ = "bad_tanh"
    return op("tanh", x=rule)(tanh_)


def both(report: Any) -> str:
    return str(report) + "\n".join(report.notes)


# ---- right models --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("order", [1, 2])
def test_a_right_model_passes_in_both_modes(dtype: str, order: int) -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1)).to(dtype)
    assert gradcheck_module(model, batch(2, 3, dtype=dtype), order=order)


def test_a_loss_is_checked_in_place_of_the_output() -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.GELU())
    target = ag.Tensor(np.array([0, 3]))
    criterion = nn.CrossEntropyLoss()
    assert gradcheck_module(model, batch(2, 3), loss=lambda out: criterion(out, target))


def test_random_numbers_are_replayed_and_the_generator_is_put_back() -> None:
    ag.manual_seed(4)
    expected = ag.rand(3).tolist()
    ag.manual_seed(4)
    model = nn.Sequential(nn.Linear(3, 8, rng=0), Dropout(), nn.Linear(8, 2, rng=0))
    assert gradcheck_module(model, batch(2, 3))
    assert ag.rand(3).tolist() == expected


def test_nested_outputs_and_integer_inputs() -> None:
    class Lookup(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Parameter(np.arange(6.0).reshape(3, 2))

        def forward(self, index: Any, x: Any) -> Any:
            found = self.table[index]
            return {"sum": found + x, "parts": (found.sin(), [x * 2.0])}

    assert gradcheck_module(Lookup(), np.array([0, 2, 2]), batch(3, 2, dtype="float64"))


def test_it_needs_no_nn_module() -> None:
    class Own:
        training = True

        def __init__(self) -> None:
            self.scale = ag.Tensor([1.0, 2.0], requires_grad=True)

        def named_parameters(self) -> Iterator[tuple[str, ag.Tensor]]:
            yield "scale", self.scale

        def train(self) -> None:
            self.training = True

        def eval(self) -> None:
            self.training = False

        def __call__(self, x: Any) -> Any:
            return x * self.scale

    own = Own()
    assert gradcheck_module(own, batch(3, 2))
    assert own.training


# ---- wrong models --------------------------------------------------------------------------------


class Wrong(nn.Module):
    """Right in eval mode, wrong in train mode, or the other way round."""

    def __init__(self, spoil: Callable[[Any], Any], training: bool) -> None:
        super().__init__()
        self.bad = bad_tanh(spoil)
        self.when = training

    def forward(self, x: Any) -> Any:
        return self.bad(x) if self.training is self.when else x.tanh()


@pytest.mark.parametrize("training", [True, False])
def test_a_rule_that_is_wrong_in_one_mode_is_found_there(training: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), Wrong(lambda g: -g, training))
    report = gradcheck_module(model, batch(2, 3), raise_exception=False)
    assert not report
    text = str(report)
    assert ("train mode" in text, "eval mode" in text) == (training, not training)
    assert "0.weight" in text
    assert "0.bias" in text


@pytest.mark.parametrize("training", [True, False])
def test_a_mode_that_is_left_out_is_not_checked(training: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), Wrong(lambda g: -g, training))
    right, wrong = ("eval", "train") if training else ("train", "eval")
    assert gradcheck_module(model, batch(2, 3), modes=(right,))
    assert not gradcheck_module(model, batch(2, 3), modes=(wrong,), raise_exception=False)


@pytest.mark.parametrize("modes", [(), ("test",), "eval"])
def test_modes_are_train_and_eval(modes: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"modes (are 'train' and|must be a seq)"):
        gradcheck_module(nn.Linear(3, 2), batch(2, 3), modes=modes)


def test_parameters_are_named_by_their_path() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(3, 2, rng=0), Wrong(lambda g: g * 2, True))
            self.head = nn.Linear(2, 2, rng=0)

        def forward(self, features: Any) -> Any:
            return self.head(self.encoder(features))

    model = Model()
    with pytest.raises(GradcheckError, match=r"encoder\.0\.weight"):
        gradcheck_module(model, batch(2, 3))
    report = gradcheck_module(model, batch(2, 3), raise_exception=False)
    failures = "".join(map(str, report.failures))
    for name in ("encoder.0.weight", "encoder.0.bias", "features"):
        assert name in failures
    assert "head" not in failures


# ---- nothing is changed --------------------------------------------------------------------------


@pytest.mark.parametrize("replaces", [False, True])
def test_buffers_are_put_back_and_reported(replaces: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4, rng=0), Centered(4, replaces))
    centered = model[1]
    mean, value = centered.mean, centered.mean._value
    report = gradcheck_module(model, batch(5, 3))
    assert report
    assert centered.mean is mean
    assert mean._value is value
    assert value.tolist() == [0.0] * 4
    assert "train mode: buffers written by the model, and restored: 1.mean" in report.notes
    assert "train mode: buffers unchanged: 1.count" in report.notes
    assert "eval mode: buffers unchanged: 1.mean, 1.count" in report.notes


def test_parameters_keep_their_arrays_gradients_and_hooks() -> None:
    model = nn.Linear(3, 2, rng=0)
    seen: list[Any] = []
    model.weight.register_hook(seen.append)
    model(batch(1, 3)).sum().backward()
    gradient, array, node = model.weight.grad, model.weight._value, model.weight._node
    before, calls = array.copy(), len(seen)
    gradcheck_module(model, batch(2, 3))
    assert model.weight._value is array
    assert model.weight._node is node
    assert model.weight.grad is gradient
    assert len(seen) == calls
    np.testing.assert_array_equal(array, before)
    assert array.dtype == np.float32


def test_training_flags_are_put_back_one_by_one() -> None:
    model = nn.Sequential(nn.Linear(3, 2, rng=0), Dropout(), nn.Tanh())
    model[1].eval()
    gradcheck_module(model, batch(2, 3))
    assert [module.training for module in model.modules()] == [True, True, False, True]


def test_all_is_put_back_when_the_model_raises() -> None:
    class Raises(nn.Module):
        def forward(self, x: Any) -> Any:
            if not self.training:
                raise RuntimeError("eval is missing")
            return x

    model = nn.Sequential(nn.Linear(3, 4, rng=0), Centered(4), Raises())
    weight, mean = model[0].weight._value, model[1].mean._value
    with pytest.raises(Exception, match="eval is missing"):
        gradcheck_module(model, batch(2, 3))
    assert model[0].weight._value is weight
    assert model[0].weight.dtype == np.float32
    assert model[1].mean._value is mean
    assert mean.tolist() == [0.0] * 4
    assert model.training
    assert model[2].training


# ---- what it says --------------------------------------------------------------------------------


def test_frozen_parameters_are_left_out_with_a_note() -> None:
    model = nn.Linear(3, 2, rng=0)
    model.bias.requires_grad_(False)
    report = gradcheck_module(model, batch(2, 3))
    assert "frozen, and not checked: bias" in report.notes


def test_a_function_is_no_module() -> None:
    with pytest.raises(GradcheckError, match=r"expected a module .* got function; .* gradcheck\(f"):
        gradcheck_module(lambda x: x, batch(2))


def test_a_model_of_no_floating_values_is_refused() -> None:
    class Count(nn.Module):
        def forward(self, index: Any) -> Any:
            return index + 1

    with pytest.raises(GradcheckError, match="no floating input"):
        gradcheck_module(Count(), np.array([1, 2]))

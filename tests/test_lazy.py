"""Lazy modules: shapes from the first input or a state, and clear errors before that."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.errors import ShapeError, StateDictError, UninitializedError
from nn.activation.names import ACTIVATIONS
from tests.layers import CASES
from tests.layers.case import Case

X = np.ones((4, 3), np.float32)


def same_tensors(a: nn.Module, b: nn.Module) -> bool:
    mine, other = a.state_dict(), b.state_dict()
    return list(mine) == list(other) and all(np.array_equal(mine[k], other[k]) for k in mine)


# ---- every lazy layer --------------------------------------------------------------------------

LAZY = sorted(name for name in nn.__all__ if name.startswith("Lazy") and name != "LazyModuleMixin")
ROWS = [
    pytest.param(case, id=f"{n}-Lazy{case}")
    for n, case in enumerate(CASES)
    if f"Lazy{case.name}" in LAZY and case.make().state_dict()  # else there is nothing to learn
]


def lazy_of(case: Case) -> Any:
    """The layer of a row without its first argument, the size of the input."""
    return getattr(nn, f"Lazy{case.name}")(*case.args[1:], **case.kwargs)


@pytest.mark.parametrize("case", ROWS)
def test_after_its_first_call_a_lazy_layer_is_the_plain_one_of_the_same_seed(case: Case) -> None:
    plain, lazy = case.make(3, np.float32), lazy_of(case)
    nn.manual_seed(3)
    for call in ("first", "second"):
        outputs = [layer(*map(Tensor, case.arrays(np.float32))) for layer in (lazy, plain)]
        np.testing.assert_array_equal(*[y.detach() for y in outputs], err_msg=call)
    assert type(lazy) is type(plain)
    assert repr(lazy) == repr(plain)
    assert same_tensors(lazy, plain)


@pytest.mark.parametrize("case", ROWS)
def test_a_loaded_state_makes_a_lazy_layer_the_plain_one(case: Case) -> None:
    plain, lazy = case.make(3, np.float32), lazy_of(case)
    lazy.load_state_dict(plain.state_dict())
    assert type(lazy) is type(plain)
    assert repr(lazy) == repr(plain)
    assert same_tensors(lazy, plain)


@pytest.mark.parametrize("name", LAZY)
def test_every_lazy_layer_has_rows_and_says_what_it_becomes(name: str) -> None:
    assert {f"Lazy{case.name}" for case in CASES} >= {name}
    text = inspect.getdoc(getattr(nn, name)) or ""
    assert "\nShape: " in text
    assert ">>> " in text


# ---- the first call ----------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
def test_after_its_first_call_a_lazy_linear_is_the_linear_of_the_same_seed(bias: bool) -> None:
    lazy = nn.LazyLinear(2, bias, rng=5)
    assert lazy.has_uninitialized_params()
    weight = lazy.weight
    out = lazy(Tensor(X))
    plain = nn.Linear(3, 2, bias, rng=5)
    assert type(lazy) is nn.Linear
    assert lazy.weight is weight
    assert type(weight) is nn.Parameter
    assert repr(lazy) == repr(plain)
    assert same_tensors(lazy, plain)
    np.testing.assert_array_equal(out, plain(Tensor(X)))
    assert lazy.__dict__.keys() - plain.__dict__.keys() == {"_hooks", "_rng"}
    assert lazy._hooks is None  # a call costs what a plain one's does


def test_dtype_and_names_are_kept_and_gradients_flow() -> None:
    net = nn.Sequential(nn.LazyLinear(2), nn.ReLU(), nn.LazyLinear(1)).double()
    net[0].requires_grad_(False)
    net(Tensor(X.astype(float))).sum().backward()
    assert [p.dtype for p in net.parameters()] == [np.dtype(float)] * 4
    assert [p.name for p in net.parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert net[0].weight.grad is None
    assert net[2].weight.grad.shape == (1, 2)
    assert net[0].in_features == 3


def test_freezing_can_be_undone_before_the_shape_is_known() -> None:
    lazy = nn.LazyLinear(2).requires_grad_(False).requires_grad_()
    lazy(Tensor(X)).sum().backward()
    assert lazy.weight.grad.shape == (2, 3)


def test_an_optimizer_made_before_the_first_call_trains_the_parameters() -> None:
    lazy = nn.LazyLinear(1)
    sgd = optim.SGD(lazy.parameters(), lr=0.5)
    lazy.zero_grad()
    sgd.step()  # there is no gradient yet, and so nothing to do
    lazy(Tensor(X)).sum().backward()
    before = lazy.weight.tolist()
    sgd.step()
    np.testing.assert_allclose(lazy.weight.numpy(), np.array(before) - 2.0, rtol=1e-6)


@pytest.mark.parametrize("make", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_of_a_lazy_module_are_lazy_and_independent(make: Any) -> None:
    lazy = nn.Sequential(nn.LazyLinear(2, dtype="float64"))
    new = make(lazy)
    lazy(Tensor(X))
    assert new[0].has_uninitialized_params()
    assert new[0].weight.name == "0.weight"
    assert new[0].weight.dtype == np.float64
    assert new(Tensor(np.ones((1, 7)))).shape == (1, 2)
    assert lazy[0].in_features == 3
    assert new[0].in_features == 7


def test_user_hooks_run_and_stay() -> None:
    lazy, seen = nn.LazyLinear(2), []
    lazy.register_forward_hook(lambda m, args, out: seen.append(type(m).__name__))
    lazy(Tensor(X))
    lazy(Tensor(X))
    assert seen == ["Linear", "Linear"]


class LazyNorm(nn.LazyModuleMixin, nn.Module):
    """A lazy module that becomes nothing else, with a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.UninitializedParameter()
        self.mean = nn.UninitializedBuffer(shape=(None,))
        self.cache = nn.UninitializedBuffer(persistent=False)

    def initialize_parameters(self, x: Any, factor: float = 1.0) -> None:
        self.materialize(scale=x.shape[1:], mean=x.shape[1:], cache=())
        nn.init.constant_(self.scale, factor)

    def forward(self, x: Any, factor: float = 1.0) -> Any:
        return (x - self.mean) * self.scale


def test_a_lazy_module_of_ones_own_gets_all_arguments_once() -> None:
    norm = LazyNorm()
    assert norm(Tensor(X), factor=3.0).tolist() == (3 * X).tolist()
    assert norm(Tensor(X), factor=5.0).tolist() == (3 * X).tolist()
    assert not norm.has_uninitialized_params()
    assert list(norm.state_dict()) == ["scale", "mean"]
    assert norm.cache.shape == ()


# ---- states ------------------------------------------------------------------------------------


def test_loading_a_state_initializes() -> None:
    plain = nn.Sequential(nn.Linear(3, 2, rng=0))
    lazy = nn.Sequential(nn.LazyLinear(2))
    assert lazy.load_state_dict(plain.state_dict()) == ([], [])
    assert type(lazy[0]) is nn.Linear
    assert lazy[0].in_features == 3
    assert same_tensors(lazy, plain)


def test_what_was_loaded_in_part_outlives_the_first_call() -> None:
    lazy = nn.LazyLinear(2)
    lazy.load_state_dict({"weight": 7 * np.ones((2, 3))}, strict=False)
    assert lazy.has_uninitialized_params()
    lazy(Tensor(X))
    assert lazy.weight.tolist() == [[7.0] * 3] * 2
    assert lazy.bias.shape == (2,)


def test_the_state_of_a_lazy_module_is_lazy_and_loads_into_a_lazy_one() -> None:
    lazy, other = nn.LazyLinear(2), nn.LazyLinear(2)
    state = lazy.state_dict()
    lazy(Tensor(X))
    assert repr(state["weight"]) == "<UninitializedParameter (2, ?) float32>"
    other.load_state_dict(state)
    assert other.has_uninitialized_params()


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(StateDictError) as caught:
        act()
    return str(caught.value)


def test_a_state_that_does_not_fit_is_refused_whole() -> None:
    lazy = nn.LazyLinear(2)
    assert refusal(lambda: lazy.load_state_dict({"weight": np.ones((5, 3)), "b": 1.0})) == (
        "the state does not fit LazyLinear; nothing was loaded:\n"
        "  missing     bias: (2,)\n"
        "  unexpected  b\n"
        "  misshaped   weight: (5, 3) in the state, (2, ?) in the module"
    )
    assert lazy.has_uninitialized_params()
    plain = nn.Linear(3, 2, bias=False)
    assert refusal(lambda: plain.load_state_dict(nn.LazyLinear(2, bias=False).state_dict())) == (
        "the state does not fit Linear; nothing was loaded:\n"
        "  no value    weight: uninitialized in the state, (2, 3) in the module"
    )


# ---- before the first call ---------------------------------------------------------------------


class Unwritten(nn.LazyModuleMixin):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.UninitializedParameter()


class Unfinished(LazyNorm):
    def initialize_parameters(self, x: Any) -> None:
        self.materialize(scale=(1,))


REFUSED: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda m: m.weight.shape, UninitializedError, "net.weight has no value yet: its shape"),
    (lambda m: m.weight + 1, UninitializedError, "Call the model once, on one example"),
    (lambda m: 1 + m.weight, UninitializedError, "net.weight has no value yet"),
    (lambda m: ag.linear(X, m.weight), UninitializedError, "net.weight has no value yet"),
    (lambda m: np.exp(m.weight), UninitializedError, "net.weight has no value yet"),
    (lambda m: sum(p.size for p in m.parameters()), UninitializedError, "net.weight has no value"),
    (lambda m: np.asarray(m.weight), UninitializedError, "net.weight has no value yet"),
    (lambda m: nn.init.zeros_(m.weight), UninitializedError, "net.weight has no value yet"),
    (lambda m: nn.UninitializedBuffer().sum(), UninitializedError, "an UninitializedBuffer has no"),
    (lambda m: m.weight.materialize((5, 1)), ShapeError, r"net.weight is \(2, \?\); it cannot .*5"),
    (lambda m: m(Tensor(1.0)), ShapeError, r"input is a scalar.*in net \(LazyLinear\)"),
    (lambda m: Unwritten()(X), NotImplementedError, r"Unwritten has no initialize_parameters\(\)"),
    (lambda m: Unfinished()(X), UninitializedError, "left mean, cache without a shape.*Unfinished"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_using_what_has_no_value_says_so(act: Any, error: Any, message: str) -> None:
    net = nn.ModuleDict({"net": nn.LazyLinear(2)})
    with pytest.raises(error, match=message):
        act(net["net"])


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (nn.UninitializedParameter(), "<UninitializedParameter of unknown shape float32>"),
                (nn.UninitializedBuffer(shape=(None,)), "<UninitializedBuffer (?,) float32>"),
        (nn.UninitializedBuffer(shape=(2, None, 3)), "<UninitializedBuffer (2, ?, 3) float32>"),
    ],
)  # fmt: skip
def test_what_has_no_value_prints(tensor: Any, text: str) -> None:
    assert repr(tensor) == text


# ---- Keras' layers -------------------------------------------------------------------------------


def test_dense_is_a_linear_layer_and_an_activation() -> None:
    layer = nn.Dense(2, activation="relu", rng=0)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    y = layer(Tensor(x)).detach().numpy()
    weight, bias = layer.weight.numpy(), layer.bias.numpy()
    np.testing.assert_allclose(y, np.maximum(x @ weight.T + bias, 0), rtol=1e-6)
    assert np.abs(weight).max() <= np.sqrt(6 / (3 + 2)), "Glorot's bound"
    assert not bias.any()
    again = nn.Dense(2, activation="relu", rng=0)
    again(Tensor(x))
    assert same_tensors(layer, again)
    loaded = nn.Dense(2, nn.ReLU())
    loaded.load_state_dict(layer.state_dict())
    assert np.array_equal(loaded(Tensor(x)).detach().numpy(), y)
    assert sorted(nn.Dense(2, use_bias=False).state_dict()) == ["weight"]


@pytest.mark.parametrize(("activation", "function"), [
    ("softmax", lambda x: ag.softmax(x, axis=-1)), ("tanh", ag.tanh), (ag.exp, ag.exp),
    (nn.Sigmoid, ag.sigmoid), (None, lambda x: x), ("linear", lambda x: x),
])  # fmt: skip
def test_activations_are_names_modules_or_functions(activation: Any, function: Any) -> None:
    plain, layer = nn.Dense(3, rng=0), nn.Dense(3, activation, rng=0)
    assert np.array_equal(layer(Tensor(X)).detach(), function(plain(Tensor(X))).detach())
    other = copy.deepcopy(layer)
    assert np.array_equal(other(Tensor(X)).detach(), layer(Tensor(X)).detach())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_name_of_an_activation_means_one(name: str) -> None:
    assert nn.Dense(2, name)(Tensor(X)).shape == (4, 2)
    assert type(nn.Dense(2, name.title().replace("_", "")).activation).__name__


def test_an_unknown_activation_names_the_nearest() -> None:
    with pytest.raises(
        ValueError, match=r"the activation must be .* got 'rellu'; did you mean 'relu'"
    ):
        nn.Dense(2, "rellu")
    with pytest.raises(TypeError, match="activation must be a string, an nn"):
        nn.Dense(2, 3)


def test_an_input_makes_what_comes_after_it() -> None:
    nn.manual_seed(0)
    model = nn.Sequential([nn.Input((3,)), nn.Dense(4), nn.LazyBatchNorm1d(), nn.LazyLinear(2)])
    assert [p.shape for p in model.parameters()] == [(4, 3), (4,), (4,), (4,), (2, 4), (2,)]
    assert model[2].num_batches_tracked.item() == 0, "the zeros leave no trace"
    calls: list[Any] = []
    model.register_forward_hook(lambda *_: calls.append(1))
    model.append(nn.ReLU())
    assert not calls, "there is nothing to make"
    model.append(nn.Dense(5))
    assert model[-1].weight.shape == (5, 2)
    assert model.training
    with pytest.raises(
        ShapeError, match=r"an example is \(3,\), so a batch is \(N, 3\); got \(4, 2\)"
    ):
        model(Tensor(X[:, :2]))

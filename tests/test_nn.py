"""Modules, containers, layers and losses: what they register, name, compute, save and refuse."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, IntegerGradError, MutationError, ShapeError, StateDictError
from autograd.modes import current_mode, tracing
from nn import functional as F


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2, rng=0)
        self.scale = nn.Parameter([1.0, 1.0])
        self.register_buffer("count", Tensor(0.0))
        self.register_buffer("cache", Tensor([5.0]), persistent=False)

    def forward(self, x: Any) -> Any:
        return self.linear(x) * self.scale


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2, rng=1), nn.ReLU())
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.shift = nn.Parameter([0.0, 0.0])

    def forward(self, x: Any) -> Any:
        x = self.encoder(x)
        for block in self.blocks:
            x = block(x)
        return x + self.shift


KEYS = [
    "shift",
    "encoder.0.weight",
    "encoder.0.bias",
    "blocks.0.scale",
    "blocks.0.count",
    "blocks.0.linear.weight",
    "blocks.0.linear.bias",
    "blocks.1.scale",
    "blocks.1.count",
    "blocks.1.linear.weight",
    "blocks.1.linear.bias",
]


# ---- parameters --------------------------------------------------------------------------------


def test_a_parameter_is_a_copied_leaf_that_requires_grad() -> None:
    data = np.ones(2)
    p = nn.Parameter(data)
    data[0] = 9
    assert p.tolist() == [1.0, 1.0]
    assert p.requires_grad
    assert p.is_leaf
    assert type(p * 2) is Tensor
    assert not nn.Parameter(Tensor([1, 2]), requires_grad=False).requires_grad
    assert repr(p) == ("Parameter containing:\nTensor([1., 1.], dtype=float64, requires_grad=True)")
    with pytest.raises(IntegerGradError):
        nn.Parameter([1, 2])


# ---- registering -------------------------------------------------------------------------------


def test_attributes_are_registered_by_their_class() -> None:
    block = Block()
    assert list(block._parameters) == ["scale"]
    assert list(block._buffers) == ["count", "cache"]
    assert list(block._modules) == ["linear"]
    assert block.scale is block._parameters["scale"]
    assert {"scale", "count", "linear", "forward"} <= set(dir(block))


def test_reassigning_and_deleting_keep_the_registries_consistent() -> None:
    block = Block()
    block.scale = nn.Parameter([2.0])
    block.count = Tensor(3.0)
    assert block._parameters["scale"].tolist() == [2.0]
    assert block._buffers["count"].item() == 3.0
    block.linear = None
    assert block.linear is None
    assert list(block.children()) == []
    block.thing = nn.ReLU()
    block.thing = nn.Parameter([1.0])
    assert "thing" in block._parameters
    assert "thing" not in block._modules
    block.plain = 3
    block.plain = nn.ReLU()
    assert block._modules["plain"] is block.plain
    for name in ("scale", "count", "cache", "thing", "linear"):
        delattr(block, name)
        assert not hasattr(block, name)
    assert [n for n, _ in block.named_parameters()] == []
    assert not block._buffers
    assert not block._transient
    with pytest.raises(AttributeError):
        del block.scale


class Forgetful(nn.Module):
    def __init__(self, value: Any) -> None:
        self.value = value


@pytest.mark.parametrize("value", [nn.ReLU(), nn.Parameter([1.0])], ids=["module", "parameter"])
def test_setting_before_init_says_what_to_call(value: Any) -> None:
    with pytest.raises(
        AttributeError, match=r"'value' before .*super\(\).__init__\(\) first in Fo"
    ):
        Forgetful(value)


def test_registering_before_init_says_what_to_call() -> None:
    with pytest.raises(AttributeError, match=r"cannot register 'w': call super\(\)"):
        Forgetful(3).register_parameter("w", None)


BAD_REGISTRATIONS: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda b: setattr(b, "scale", Tensor([1.0])), TypeError, "Block.scale to a Tensor: .*nn.Para"),
    (
        lambda b: setattr(b, "count", np.ones(1)),
        TypeError,
        "Block.count to a ndarray: .* Tensor or",
    ),
    (lambda b: setattr(b, "linear", 3), TypeError, "Block.linear to a int: .* nn.Module or None"),
    (
        lambda b: b.register_parameter("w", Tensor([1.0])),
        TypeError,
        "must be an nn.Parameter or No",
    ),
    (lambda b: b.register_buffer("w", np.ones(1)), TypeError, "must be a Tensor or None, got nda"),
    (lambda b: b.register_module("w", 3), TypeError, "must be an nn.Module or None, got int"),
    (lambda b: b.register_buffer("a.b", None), ValueError, "'a.b' cannot be a name"),
    (lambda b: b.register_buffer("", None), ValueError, "'' cannot be a name"),
    (lambda b: b.register_buffer(3, None), TypeError, "a name must be a string, got int"),
    (lambda b: b.register_buffer("scale", None), ValueError, "Block.scale exists already"),
    (lambda b: b.register_module("forward", None), ValueError, "Block.forward exists already"),
    (
        lambda b: setattr(b.linear, "parent", b),
        ValueError,
        "Linear.parent would hold Linear itself",
    ),
    (lambda b: b.missing, AttributeError, "no attribute 'missing'"),
    (lambda b: b.train("yes"), ValueError, r"train\(\) takes True or False, got str"),
    (lambda b: b.to("int32"), DTypeError, "cannot be moved to int32"),
    (lambda b: b.register_forward_hook(3), TypeError, "a function of the module, not int"),
    (lambda b: b.load_state_dict(3), TypeError, "a mapping of keys to values, got int"),
    (lambda b: b.get_submodule("linear.x"), AttributeError, "Linear has no module 'x' .* has none"),
    (lambda b: b.get_parameter("linear.w"), AttributeError, "no parameter 'w' .* has weight, bias"),
    (lambda b: b.get_buffer("c"), AttributeError, "Block has no buffer 'c'; it has count, cache"),
    (lambda b: nn.Module()(3), NotImplementedError, r"Module has no forward\(\)"),
]


@pytest.mark.parametrize(("act", "error", "message"), BAD_REGISTRATIONS)
def test_what_a_module_refuses(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act(Block())


# ---- walking -----------------------------------------------------------------------------------


def test_walks_follow_the_order_of_registration() -> None:
    net = Net()
    assert [n for n, _ in net.named_modules()] == [
        "", "encoder", "encoder.0", "encoder.1", "blocks",
        "blocks.0", "blocks.0.linear", "blocks.1", "blocks.1.linear",
    ]  # fmt: skip
    assert [n for n, _ in net.named_children()] == ["encoder", "blocks"]
    assert [n for n, _ in net.named_parameters()] == [k for k in KEYS if "count" not in k]
    assert [n for n, _ in net.named_parameters(prefix="net", recurse=False)] == ["net.shift"]
    assert [n for n, _ in net.named_buffers()] == [
        f"blocks.{i}.{name}" for i in (0, 1) for name in ("count", "cache")
    ]
    assert len(list(net.parameters())) == 9
    assert len(list(net.buffers())) == 4
    assert net.get_submodule("blocks.1.linear") is net.blocks[1].linear
    assert net.get_submodule("") is net
    assert net.get_parameter("encoder.0.bias") is net.encoder[0].bias
    assert net.get_buffer("blocks.0.cache").item() == 5.0


def test_what_is_shared_is_yielded_once_and_saved_under_each_key() -> None:
    net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1))
    net[1].weight = net[0].weight
    net.append(net[0])
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 6
    assert len(list(net.modules())) == 3
    assert len(list(net.children())) == 2
    assert "2.weight" in net.state_dict()
    assert net[0].weight.name == "0.weight"


def test_changes_reach_every_module() -> None:
    net, seen = Net(), []
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())
    net.apply(lambda m: seen.append(type(m).__name__))
    assert seen[:3] == ["Linear", "ReLU", "Sequential"]
    assert seen[-1] == "Net"
    net.requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    net.requires_grad_()
    net(Tensor([[1.0, 2.0]])).sum().backward()
    assert net.shift.grad is not None
    net.zero_grad(set_to_none=False)
    assert net.shift.grad.tolist() == [0.0, 0.0]
    net.zero_grad()
    assert net.shift.grad is None


def test_to_changes_the_dtype_in_place_with_gradients_and_hooks() -> None:
    net = Net()
    net.register_buffer("steps", Tensor([1, 2]))
    before, calls = net.shift, []
    net.shift.register_hook(lambda g: calls.append(g.dtype))
    net(Tensor([[1.0, 2.0]])).sum().backward()
    net.double()
    assert net.shift is before
    assert {t.dtype for t in (*net.parameters(), *net.buffers())} == {
        np.dtype(np.float64), np.dtype(np.int64),
    }  # fmt: skip
    assert net.shift.grad.dtype == np.float64
    net(Tensor(np.ones((1, 2)))).sum().backward()
    assert calls == [np.float32, np.float64]
    assert net.float().shift.dtype == np.float32
    assert net.to("float64") is net


# ---- names and scopes --------------------------------------------------------------------------


def test_parameters_are_named_by_their_path() -> None:
    net = Net()
    assert all(p.name == path for path, p in net.named_parameters())
    outer = nn.ModuleDict({"net": net})
    assert net.blocks[1].linear.weight.name == "net.blocks.1.linear.weight"
    del outer["net"]
    assert all(p.name == path for path, p in net.named_parameters())
    mine = nn.Linear(1, 1, rng=0)
    mine.bias.name = "b"
    held = nn.Sequential(mine)
    assert [p.name for p in held.parameters()] == ["0.weight", "b"]


def test_the_first_place_names_and_others_leave_the_name() -> None:
    net = Net()
    part = net.encoder[0:1]
    other = nn.Sequential(nn.ReLU(), part, net.blocks[0])
    assert net.encoder[0].weight.name == "encoder.0.weight"
    assert net.blocks[0].scale.name == "blocks.0.scale"
    old = net.encoder
    net.encoder = nn.Identity()
    assert old[0].weight.name == "0.weight"
    assert len(other) == 3


def test_a_deep_copy_is_named_by_its_own_place() -> None:
    net = Net()
    net.decoder = copy.deepcopy(net.encoder)
    assert net.decoder[0].weight.name == "decoder.0.weight"
    assert net.encoder[0].weight.name == "encoder.0.weight"
    assert net.decoder[0].weight is not net.encoder[0].weight


def test_nodes_and_errors_know_the_module_that_they_belong_to() -> None:
    net = Net()
    y = net.blocks[0](Tensor([[1.0, 2.0]]))
    assert repr(y.grad_fn.scope) == "blocks.0 (Block)"
    seen = []
    net.blocks[1].linear.register_forward_hook(lambda *_: seen.append(current_mode().scope.path))
    out = net(Tensor([[1.0, 2.0]]))
    assert seen == ["blocks.1.linear"]
    assert repr(out.grad_fn.scope) == "Net"
    assert current_mode().scope is None
    with pytest.raises(ShapeError, match=r"encoder.0.weight is .*in encoder.0 \(Linear\)"):
        net(Tensor([[1.0, 2.0, 3.0]]))
    assert current_mode().scope is None


def test_a_call_keeps_the_mode_of_recording() -> None:
    net = Net()
    with ag.no_grad():
        assert not net(Tensor([[1.0, 2.0]])).requires_grad
    with tracing():
        assert net(Tensor([[1.0, 2.0]])).grad_fn.where is not None


# ---- hooks -------------------------------------------------------------------------------------


def test_hooks_see_and_may_replace_what_goes_in_and_out() -> None:
    double, log = nn.Identity(), []
    before = double.register_forward_pre_hook(lambda m, args: log.append(args))
    change = double.register_forward_pre_hook(lambda m, args: args[0] + 1)
    double.register_forward_pre_hook(lambda m, args: (args[0] * 10,))
    after = double.register_forward_hook(lambda m, args, out: out + args[0])
    assert double(1) == 40
    assert log == [(1,)]
    before.remove()
    before.remove()
    with change:
        pass
    after.remove()
    assert double(1) == 10
    assert log == [(1,)]


# ---- the state dict ----------------------------------------------------------------------------


def test_state_dict_has_the_keys_and_order_of_pytorch() -> None:
    net = Net()
    state = net.state_dict()
    assert list(state) == KEYS
    assert list(net.encoder.state_dict(prefix="e.")) == ["e.0.weight", "e.0.bias"]
    assert not any(t.requires_grad for t in state.values())
    with ag.no_grad():
        net.shift += 1
    assert state["shift"].tolist() == [0.0, 0.0]


def test_a_loaded_state_is_copied_and_cast() -> None:
    net, other = Net(), Net()
    state = {key: np.full(t.shape, i, float) for i, (key, t) in enumerate(net.state_dict().items())}
    loaded = other.load_state_dict(state)
    assert loaded == ([], [])
    state["shift"][0] = 99
    assert other.shift.tolist() == [0.0, 0.0]
    assert other.blocks[1].linear.bias.tolist() == [10.0, 10.0]
    assert other.blocks[0].count.item() == 4.0
    assert other.shift.dtype == np.float32
    assert other.shift.requires_grad
    net.load_state_dict(other.state_dict())
    assert net.encoder[0].weight.tolist() == [[1.0, 1.0]] * 2


def test_a_state_that_does_not_fit_raises_once_and_changes_nothing() -> None:
    net = Net()
    before = net.state_dict()
    state = dict(before)
    del state["shift"]
    state["head.weight"] = Tensor([1.0])
    state["encoder.0.weight"] = Tensor(np.ones((3, 2)))
    state["encoder.0.bias"] = np.array([1j, 2])
    state["blocks.0.scale"] = Tensor([7.0, 7.0])
    with pytest.raises(StateDictError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "the state does not fit Net; nothing was loaded:\n"
        "  missing     shift: (2,)\n"
        "  unexpected  head.weight\n"
        "  misshaped   encoder.0.weight: (3, 2) in the state, (2, 2) in the module\n"
        "  mistyped    encoder.0.bias: complex128 in the state, float32 in the module"
    )
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_without_strict_the_keys_that_do_not_match_are_returned() -> None:
    net = Net()
    result = net.load_state_dict({"shift": [1.0, 2.0], "more": 3.0}, strict=False)
    assert result.missing_keys == KEYS[1:]
    assert result.unexpected_keys == ["more"]
    assert net.shift.tolist() == [1.0, 2.0]
    with pytest.raises(StateDictError, match="misshaped"):
        net.load_state_dict({"shift": [1.0]}, strict=False)


def test_loading_into_a_buffer_that_is_a_view() -> None:
    net = nn.Module()
    net.register_buffer("mask", ag.broadcast_to(Tensor([1.0]), (3,)))
    net.load_state_dict({"mask": [1.0, 2.0, 3.0]})
    assert net.mask.tolist() == [1.0, 2.0, 3.0]


def test_a_graph_recorded_before_loading_raises_when_it_goes_back() -> None:
    layer = nn.Linear(2, 1, rng=0)
    loss = (layer.weight * layer.weight).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(MutationError, match="weight was changed"):
        loss.backward()


@pytest.mark.parametrize("make", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_are_equal_and_independent(make: Any) -> None:
    net = Net()
    net.blocks[1].scale = net.blocks[0].scale
    new = make(net)
    assert list(new.state_dict()) == list(net.state_dict())
    assert new.blocks[1].scale is new.blocks[0].scale
    assert new.encoder[0].weight is new.encoder[0]._parameters["weight"]
    assert new.shift.name == "shift"
    x = Tensor([[1.0, 2.0]])
    assert new(x).tolist() == net(x).tolist()
    with ag.no_grad():
        new.shift += 1
    assert net.shift.tolist() == [0.0, 0.0]


# ---- printing ----------------------------------------------------------------------------------


def test_a_model_prints_as_in_pytorch() -> None:
    assert repr(Net()) == (
        "Net(\n"
        "  (encoder): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=2, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (blocks): ModuleList(\n"
        "    (0): Block(\n"
        "      (linear): Linear(in_features=2, out_features=2, bias=True)\n"
        "    )\n"
        "    (1): Block(\n"
        "      (linear): Linear(in_features=2, out_features=2, bias=True)\n"
        "    )\n"
        "  )\n"
        ")"
    )
    for module, text in [
        (nn.Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
        (nn.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)"),
        (nn.GELU(), "GELU(approximate='none')"),
        (nn.LogSoftmax(dim=1), "LogSoftmax(dim=1)"),
        (nn.CrossEntropyLoss(), "CrossEntropyLoss()"),
    ]:
        assert repr(module) == text


# ---- containers --------------------------------------------------------------------------------


def names(container: Any) -> list[str]:
    return list(container._modules)


def test_sequential_indexes_slices_and_grows() -> None:
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    net = nn.Sequential(a, b)
    assert net.append(c) is net
    assert len(net) == 3
    assert list(net) == [a, b, c]
    assert net[-1] is c
    assert names(net[1:]) == ["1", "2"]
    assert names(net[1:].append(nn.ReLU())) == ["1", "2", "3"]
    net[1] = nn.Identity()
    assert isinstance(net[1], nn.Identity)
    del net[0]
    assert names(net) == ["0", "1"]
    net.insert(1, a)
    assert list(net)[1] is a
    assert names(net) == ["0", "1", "2"]
    del net[1:]
    assert len(net) == 1
    named = nn.Sequential({"first": a, "second": b})
    named.insert(0, c)
    assert names(named) == ["0", "first", "second"]
    assert list(named) == [c, a, b]
    assert nn.Sequential()(3) == 3


def test_a_module_list_is_a_list() -> None:
    layers = nn.ModuleList([nn.ReLU()])
    layers.extend([nn.Tanh(), nn.Sigmoid()]).append(nn.Identity())
    assert len(layers) == 4
    assert names(layers[2:]) == ["0", "1"]
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        layers(3)


def test_a_module_dict_is_a_dict() -> None:
    heads = nn.ModuleDict({"a": nn.ReLU()})
    heads["b"] = nn.Tanh()
    heads.update({"a": nn.Sigmoid()})
    assert list(heads.keys()) == ["a", "b"]
    assert [type(m).__name__ for m in heads.values()] == ["Sigmoid", "Tanh"]
    assert dict(heads.items())["b"] is heads["b"]
    del heads["a"]
    assert "a" not in heads
    assert len(heads) == 1


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.Sequential(3), TypeError, "Sequential holds nn.Module objects, got int"),
        (lambda: nn.Sequential({"a": 3}), TypeError, "Sequential holds nn.Module objects, got int"),
        (lambda: nn.Sequential(nn.ReLU())[1], IndexError, "has 1 modules; there is no index 1"),
        (lambda: nn.ModuleList([print]), TypeError, "ModuleList holds nn.Module"),
        (lambda: nn.ModuleList().insert(0, 3), TypeError, "ModuleList holds nn.Module"),
        (lambda: nn.ModuleDict({"a": 3}), TypeError, "ModuleDict holds nn.Module objects, got int"),
        (lambda: nn.ModuleDict({"a": nn.ReLU()})["b"], KeyError, "'b'; the names are a"),
        (
            lambda: nn.Flatten(2)(Tensor([[1.0]])),
            ShapeError,
            r"no axes from 2 to -1 in shape \(1, 1",
        ),
        (lambda: nn.GELU("erf"), ValueError, "approximate must be 'none' or 'tanh', got 'erf'"),
    ],
)
def test_what_containers_and_layers_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


# ---- layers and initial values -----------------------------------------------------------------


def test_linear_is_x_times_the_turned_weight_plus_bias() -> None:
    layer = nn.Linear(3, 2, dtype="float64", rng=0)
    x = np.random.default_rng(0).standard_normal((4, 5, 3))
    expected = np.einsum("abi,oi->abo", x, layer.weight.numpy()) + layer.bias.numpy()
    np.testing.assert_allclose(layer(Tensor(x)).numpy(), expected, rtol=1e-12)
    free = nn.Linear(3, 2, bias=False, rng=0)
    assert free.bias is None
    assert list(free.state_dict()) == ["weight"]
    assert free(Tensor(x.astype("f"))).dtype == np.float32


def test_linear_starts_uniform_within_one_over_root_of_its_inputs() -> None:
    layer = nn.Linear(100, 400, rng=0)
    for p in (layer.weight, layer.bias):
        assert 0.099 < np.abs(p.numpy()).max() <= 0.1
    assert abs(layer.weight.numpy().std() - 0.1 / math.sqrt(3)) < 0.001


def test_the_same_seed_gives_the_same_layer() -> None:
    nn.manual_seed(5)
    first = nn.Linear(2, 3).weight.numpy()
    nn.manual_seed(5)
    np.testing.assert_array_equal(nn.Linear(2, 3).weight, first)
    np.testing.assert_array_equal(nn.Linear(2, 3, rng=5).weight, first)


SHAPE = (300, 200, 2)  # fan-in 400, fan-out 600


@pytest.mark.parametrize(
    ("fill", "std", "bound"),
    [
        (lambda t: nn.init.uniform_(t, -3.0, 3.0, rng=0), math.sqrt(3), 3.0),
        (lambda t: nn.init.normal_(t, std=2.0, rng=0), 2.0, math.inf),
        (lambda t: nn.init.xavier_uniform_(t, 2.0, rng=0), 2 * math.sqrt(2 / 1000), 2 * 0.006**0.5),
        (lambda t: nn.init.xavier_normal_(t, rng=0), math.sqrt(2 / 1000), math.inf),
        (lambda t: nn.init.kaiming_uniform_(t, rng=0), math.sqrt(2 / 400), math.sqrt(6 / 400)),
        (lambda t: nn.init.kaiming_normal_(t, mode="fan_out", rng=0), math.sqrt(2 / 600), math.inf),
        (lambda t: nn.init.kaiming_normal_(t, a=1.0, rng=0), math.sqrt(1 / 400), math.inf),
    ],
)
def test_initial_values_have_the_published_spread(fill: Any, std: float, bound: float) -> None:
    t = nn.Parameter(np.zeros(SHAPE))
    assert fill(t) is t
    # the standard error of a standard deviation is at most 1/sqrt(2 n) of it: five of them
    assert abs(t.numpy().std() / std - 1) < 5 / math.sqrt(2 * t.size)
    assert np.abs(t.numpy()).max() <= bound


def test_constants_and_gains() -> None:
    t = nn.Parameter(np.zeros((2, 2)))
    assert nn.init.constant_(t, 3.0).tolist() == [[3.0, 3.0]] * 2
    assert nn.init.ones_(t).tolist() == [[1.0, 1.0]] * 2
    assert nn.init.zeros_(t).tolist() == [[0.0, 0.0]] * 2
    assert nn.init.ones_(nn.Parameter(2.0)).item() == 1.0
    gain = nn.init.calculate_gain
    assert (gain("tanh"), gain("linear"), gain("leaky_relu", 1.0)) == (5 / 3, 1.0, 1.0)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda t: nn.init.calculate_gain("rleu"), ValueError, "'rleu'; there is linear, conv1d"),
        (lambda t: nn.init.xavier_normal_(t), ShapeError, r"shape \(out, in, ...\), got \(3,\)"),
        (lambda t: nn.init.kaiming_normal_(t, mode="in"), ValueError, "'fan_in' or 'fan_out', got"),
    ],
)
def test_what_init_refuses(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act(nn.Parameter([1.0, 2.0, 3.0]))


X = np.array([[-2.0, -0.5, 0.0], [0.3, 1.0, 2.5]])


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.ReLU(), np.where(X > 0, X, 0)),
        (nn.LeakyReLU(0.1), np.where(X > 0, X, 0.1 * X)),
        (nn.Tanh(), np.tanh(X)),
        (nn.Sigmoid(), 1 / (1 + np.exp(-X))),
        (nn.GELU(), X * 0.5 * (1 + np.vectorize(math.erf)(X / math.sqrt(2)))),
        (nn.GELU("tanh"), X / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)))),
        (nn.Softmax(dim=0), np.exp(X) / np.exp(X).sum(0)),
        (nn.LogSoftmax(dim=1), X - np.log(np.exp(X).sum(1, keepdims=True))),
        (nn.Identity(1, a=2), X),
        (nn.Flatten(0), X.reshape(-1)),
    ],
)
def test_layers_without_parameters(layer: nn.Module, expected: Any) -> None:
    np.testing.assert_allclose(layer(Tensor(X)).numpy(), expected, rtol=1e-12, atol=1e-15)


# ---- losses ------------------------------------------------------------------------------------


def cross_entropy_by_hand(
    x: Any, target: Any, weight: Any, ignore_index: int, reduction: str, smoothing: float
) -> Any:
    """PyTorch's definition, one element at a time."""
    classes = x.shape[1]
    weight = np.ones(classes) if weight is None else weight
    losses, total = np.zeros(target.shape), 0.0
    for place in np.ndindex(target.shape):
        logits = x[(place[0], slice(None), *place[1:])]
        log_p = logits - logits.max() - math.log(np.exp(logits - logits.max()).sum())
        t = target[place]
        if t == ignore_index:
            continue
        smooth = -(weight * log_p).sum() / classes
        losses[place] = -(1 - smoothing) * weight[t] * log_p[t] + smoothing * smooth
        total += weight[t]
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / total}[reduction]


WEIGHT = np.array([0.5, 2.0, 1.0, 0.0])
CASES = [
    ((5, 4), {}),
    ((5, 4), {"reduction": "sum"}),
    ((5, 4), {"reduction": "none"}),
    ((5, 4), {"weight": WEIGHT}),
    ((5, 4), {"label_smoothing": 0.3}),
    ((5, 4), {"label_smoothing": 0.3, "weight": WEIGHT, "ignore_index": 2}),
    ((5, 4), {"ignore_index": 1, "weight": WEIGHT}),
    ((2, 4, 3, 2), {"reduction": "none", "ignore_index": 3}),
    ((2, 4, 3), {"label_smoothing": 0.1, "reduction": "none"}),
    ((2, 4, 3), {"weight": WEIGHT}),
]


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_cross_entropy_follows_the_definition(shape: Any, options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape) * 3
    target = rng.integers(0, 4, (shape[0], *shape[2:]))
    target.flat[:4] = range(4)
    full = {"weight": None, "ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}
    full |= options
    expected = cross_entropy_by_hand(x, target, *full.values())
    logits = Tensor(x, requires_grad=True)
    loss = nn.CrossEntropyLoss(**options)(logits, Tensor(target))
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-12)
    loss.sum().backward()

    def value(x: Any) -> Any:
        return cross_entropy_by_hand(x, target, *full.values())

    for place in list(np.ndindex(*shape))[::3]:
        h = np.zeros(shape)
        h[place] = 1e-5
        slope = (np.sum(value(x + h)) - np.sum(value(x - h))) / 2e-5
        # a central difference at step h is off by about h² and by rounding over h
        assert abs(logits.grad.numpy()[place] - slope) < 1e-8


def test_labels_to_ignore_count_nothing() -> None:
    x = Tensor(np.random.default_rng(0).standard_normal((3, 2)), requires_grad=True)
    loss = F.cross_entropy(x, [0, -100, 1])
    expected = F.cross_entropy(x.detach()[[0, 2]], [0, 1])
    np.testing.assert_allclose(loss.item(), expected.item(), rtol=1e-14)
    loss.backward()
    assert x.grad.tolist()[1] == [0.0, 0.0]


def test_probabilities_as_targets_agree_with_indices_and_get_gradients() -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((4, 3, 2)), rng.integers(0, 3, (4, 2))
    one_hot = np.moveaxis(np.eye(3)[labels], -1, 1)
    for options in ({}, {"reduction": "none"}, {"label_smoothing": 0.2}):
        np.testing.assert_allclose(
            F.cross_entropy(Tensor(x), one_hot, **options).numpy(),
            F.cross_entropy(Tensor(x), labels, **options).numpy(),
            rtol=1e-12,
        )
    q = Tensor(np.full((4, 3), 1 / 3), requires_grad=True)
    logits = Tensor(x[:, :, 0])
    F.cross_entropy(logits, q, weight=WEIGHT[:3]).backward()
    log_p = ag.log_softmax(logits, axis=1).numpy()
    np.testing.assert_allclose(q.grad.numpy(), -log_p * WEIGHT[:3] / 4, rtol=1e-12)
    single = F.cross_entropy(Tensor(x[0, :, 0]), one_hot[0, :, 0], reduction="none")
    assert single.shape == ()


def test_a_single_example_needs_no_batch() -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    loss = F.cross_entropy(x, Tensor(2))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-1) + math.exp(-2)), rel=1e-6)
    assert F.cross_entropy(x, Tensor(2), reduction="none").shape == ()


def test_cross_entropy_is_stable_and_keeps_float32() -> None:
    x = Tensor([[1e4, 0.0], [0.0, -1e4]], requires_grad=True)
    loss = F.cross_entropy(x, [1, 0], label_smoothing=0.0)
    loss.backward()
    assert loss.item() == 5000.0
    assert loss.dtype == x.grad.dtype == np.float32
    assert x.grad.tolist() == [[0.5, -0.5], [0.0, 0.0]]


def test_the_second_derivative_of_cross_entropy_is_right() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3))
    labels, v = [2, 0], np.random.default_rng(1).standard_normal((2, 3))

    def slope(x: Any) -> Any:
        t = Tensor(x, requires_grad=True)
        (g,) = ag.grad(F.cross_entropy(t, labels), t, create_graph=True)
        return t, (g * Tensor(v)).sum()

    t, along = slope(x)
    (hv,) = ag.grad(along, t)
    numeric = (slope(x + 1e-5 * np.eye(3)[[0, 0]] * [[1], [0]])[1].item()
               - slope(x - 1e-5 * np.eye(3)[[0, 0]] * [[1], [0]])[1].item()) / 2e-5  # fmt: skip
    assert abs(hv.numpy()[0, 0] - numeric) < 1e-8


BAD_LOSSES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: F.cross_entropy(Tensor(X), [0, 3]), ValueError,
     r"label 3 at target\[1\] is out of range: input is \(2, 3\), so there are 3 classes, 0 to 2"),
    (lambda: F.cross_entropy(Tensor(X), [-1, 3]), ValueError, r"label -1 at target\[0\]"),
    (lambda: F.cross_entropy(Tensor(np.ones((2, 3, 2))), [[0, 1], [2, 7]]), ValueError,
     r"label 7 at target\[1, 1\]"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1, 2]), ShapeError,
     r"input is \(2, 3\), so class indices must be \(2,\); target is \(3,\)"),
    (lambda: F.cross_entropy(Tensor(X), [0.0, 1.0]), DTypeError,
     r"target is \(2,\) float32 .*\n.*target.astype\('int64'\)"),
    (lambda: F.cross_entropy(Tensor(X), X), ValueError, "must hold probabilities: none negative"),
    (lambda: F.cross_entropy(Tensor(X), [True, False]), DTypeError, "not bool"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1], weight=[1.0]), ShapeError,
     r"weight is \(1,\); for 3 classes it must be \(3,\)"),
    (lambda: F.cross_entropy(Tensor(1.0), 0), ShapeError, "input is a scalar"),
    (lambda: F.cross_entropy(Tensor(X), [-100, -100]), ValueError, "the mean over no labels"),
    (lambda: F.cross_entropy(Tensor(X), [0, 1], label_smoothing=2.0), ValueError,
     "label_smoothing must lie between 0 and 1, got 2.0"),
    (lambda: nn.CrossEntropyLoss(reduction="meen"), ValueError,
     "got 'meen'; did you mean 'mean'"),
    (lambda: nn.MSELoss(reduction="average"), ValueError, "must be 'mean', 'sum' or 'none', got"),
    (lambda: F.mse_loss(Tensor(X), Tensor(X[:, :1])), ShapeError,
     r"input is \(2, 3\) and target is \(2, 1\)"),
    (lambda: F.mse_loss(Tensor(X), Tensor(X.reshape(-1))), ShapeError,
     r"did you mean target.reshape\(\(2, 3\)\)"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), BAD_LOSSES)
def test_what_losses_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_an_error_of_a_loss_names_its_module() -> None:
    holder = nn.ModuleDict({"loss": nn.CrossEntropyLoss()})
    with pytest.raises(ValueError, match=r"in loss \(CrossEntropyLoss\)"):
        holder["loss"](Tensor(X), [0, 3])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_mse_is_the_squared_difference(reduction: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 3, 4))
    squares = (x - y) ** 2
    expected = {"mean": squares.mean(), "sum": squares.sum(), "none": squares}[reduction]
    t = Tensor(x, requires_grad=True)
    loss = nn.MSELoss(reduction)(t, Tensor(y))
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-13)
    loss.sum().backward()
    scale = 2 / 12 if reduction == "mean" else 2
    np.testing.assert_allclose(t.grad.numpy(), scale * (x - y), rtol=1e-13)

"""Modules: what they register, walk over, name, call and print."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.modes import current_mode, tracing
from autograd.errors import DTypeError, IntegerGradError, ShapeError
from tests.small_models import KEYS, Block, Net

# ---- parameters ------------------------------------------------------------------------------


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


# ---- registering -----------------------------------------------------------------------------


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


# ---- walking ---------------------------------------------------------------------------------


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
    assert net.half().shift.dtype == np.float16
    assert net.type("float64").shift.dtype == np.float64
    assert net.to(Tensor([1.0])).shift.dtype == np.float32
    assert net.steps.dtype == np.int64


def test_a_submodule_is_replaced_at_its_path() -> None:
    net, relu = Net(), nn.ReLU()
    net.set_submodule("blocks.1.linear", relu)
    assert net.blocks[1].linear is relu
    net.set_submodule("blocks.1.fresh", nn.Tanh())
    assert [n for n, _ in net.blocks[1].named_children()] == ["linear", "fresh"]
    with pytest.raises(AttributeError, match="Block has no module 'scale'"):
        net.set_submodule("blocks.1.scale", relu)
    with pytest.raises(AttributeError, match="Net has no module 'head'; it has encoder, blocks"):
        net.set_submodule("head", relu, strict=True)
    with pytest.raises(ValueError, match="path of a module below, got ''"):
        net.set_submodule("", relu)
    with pytest.raises(TypeError, match=r"takes an nn.Module, got int"):
        net.set_submodule("encoder", 3)


def test_a_buffer_is_registered_when_it_is_set() -> None:
    net = nn.Module()
    net.mean = nn.Buffer([0.0, 1.0])
    net.cache = nn.Buffer([5.0], persistent=False)
    assert [n for n, _ in net.named_buffers()] == ["mean", "cache"]
    assert list(net.state_dict()) == ["mean"]
    assert not net.mean.requires_grad
    for new in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        new.other = new.cache
        assert list(new.state_dict()) == ["mean"]
    assert not copy.copy(net.cache).persistent
    net.cache = nn.Buffer([6.0])
    assert list(net.state_dict()) == ["mean", "cache"]


# ---- names and scopes ------------------------------------------------------------------------


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


# ---- printing --------------------------------------------------------------------------------


def test_a_model_prints_as_in_pytorch() -> None:
    assert repr(Net()) == (
        "Net(\n"
        "  (encoder): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=2, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        "  (blocks): ModuleList(\n"
        "    (0-1): 2 x Block(\n"
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

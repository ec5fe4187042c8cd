"""The state of a module: its keys, what is saved, what is loaded, what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd import Tensor
from autograd.errors import MutationError, StateDictError
from tests.small_models import KEYS, Net


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


# ---- more than tensors, hooks, and assignment --------------------------------------------------


class Counting(nn.Linear):
    """A layer whose state holds a word."""

    word = "new"

    def get_extra_state(self) -> Any:
        return {"word": self.word}

    def set_extra_state(self, state: Any) -> None:
        self.word = state["word"]


def test_extra_state_is_saved_and_loaded_under_its_own_key() -> None:
    net, other = (nn.Sequential(Counting(2, 1, rng=n), nn.ReLU()) for n in (0, 1))
    net[0].word = "old"
    state = net.state_dict()
    assert list(state) == ["0.weight", "0.bias", "0._extra_state"]
    other.load_state_dict(state)
    assert other[0].word == "old"
    del state["0._extra_state"]
    with pytest.raises(StateDictError, match=r"missing     0._extra_state: not a tensor"):
        other.load_state_dict(state)
    for method in ("get_extra_state", "set_extra_state"):
        with pytest.raises(NotImplementedError, match=f"ReLU has no {method}"):
            getattr(net[1], method)(*([None] if method[0] == "s" else []))


def test_a_state_is_put_into_what_is_given_and_may_be_the_tensors_themselves() -> None:
    net, held = Net(), {"epoch": 3}
    assert net.encoder.state_dict(destination=held, prefix="e.", keep_vars=True) is held
    assert list(held) == ["epoch", "e.0.weight", "e.0.bias"]
    assert held["e.0.weight"] is net.encoder[0].weight


def test_hooks_see_the_state_while_it_is_taken() -> None:
    net, order = Net(), []
    net.encoder.register_state_dict_pre_hook(lambda m, prefix, keep: order.append((prefix, keep)))
    net.encoder.register_state_dict_post_hook(
        lambda m, state, prefix, meta: state.update({prefix + "version": 2})
    )
    state = net.state_dict()
    assert order == [("encoder.", False)]
    assert state["encoder.version"] == 2
    assert list(state)[:4] == ["shift", "encoder.0.weight", "encoder.0.bias", "encoder.version"]


def renamed(module: Any, state: Any, prefix: str, *_: Any) -> None:
    if prefix + "old" in state:
        state[prefix + "weight"] = state.pop(prefix + "old")


def test_a_hook_before_loading_may_rename_keys_of_its_copy() -> None:
    net = nn.Sequential(nn.Linear(1, 1, bias=False, rng=0))
    net[0].register_load_state_dict_pre_hook(renamed)
    state = {"0.old": [[7.0]]}
    net.load_state_dict(state)
    assert net[0].weight.item() == 7.0
    assert list(state) == ["0.old"]


def test_a_hook_before_loading_may_refuse_the_state() -> None:
    net = Net()
    before = net.state_dict()
    net.register_load_state_dict_pre_hook(
        lambda m, state, prefix, meta, strict, missing, unexpected, errors: errors.append("too old")
    )
    with pytest.raises(StateDictError, match="nothing was loaded:\n  too old"):
        net.load_state_dict({k: 7 + v for k, v in before.items()}, strict=False)
    assert net.shift.tolist() == before["shift"].tolist()


def test_a_hook_after_loading_decides_what_is_missing() -> None:
    net, seen = nn.Linear(2, 1, rng=0), []
    weight = [[1.0, 2.0]]
    handle = net.register_load_state_dict_post_hook(
        lambda m, keys: (seen.append(m.weight.tolist()), keys.missing_keys.clear())
    )
    assert net.load_state_dict({"weight": weight}) == ([], [])
    assert seen == [weight]
    handle.remove()
    net.register_load_state_dict_post_hook(lambda m, keys: None)
    with pytest.raises(StateDictError, match=r"missing     bias: \(1,\)"):
        net.load_state_dict({"weight": [[8.0, 9.0]]})
    assert net.weight.tolist() == weight  # put back


def test_assigning_replaces_tensors_and_takes_their_dtype() -> None:
    net = Net()
    net.shift.requires_grad_(False)
    state = {k: v.astype("float64") for k, v in net.state_dict().items()}
    adopted = state["encoder.0.bias"] = nn.Parameter(np.array([5.0, 6.0]))
    before = net.encoder[0].weight
    net.load_state_dict(state, assign=True)
    assert net.encoder[0].weight is not before
    assert net.encoder[0].weight is net.encoder[0]._parameters["weight"]
    assert net.encoder[0].bias is adopted
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert net.encoder[0].weight.name == "encoder.0.weight"
    assert not net.shift.requires_grad
    assert net.blocks[0].count.dtype == np.float64
    kept = nn.Module()
    kept.mean = nn.Buffer([0.0])
    kept.load_state_dict({"mean": np.array([3.0])}, assign=True)
    assert (kept.mean.item(), kept.mean.dtype) == (3.0, np.float64)
    with pytest.raises(StateDictError, match="mistyped    mean: int64 in the state, float64 in"):
        kept.load_state_dict({"mean": np.array([3])}, assign=True)


KINDS = {"b": ["bool"], "iu": ["int64", "uint8"], "f": ["float16", "float64"], "c": ["complex64"]}


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("dtype", [d for dtypes in KINDS.values() for d in dtypes])
def test_a_value_of_another_kind_is_refused(dtype: str, assign: bool) -> None:
    """PyTorch casts, and integers of another tensor pass for weights."""
    for kind, own in ((k, d) for k, dtypes in KINDS.items() for d in dtypes):
        model = nn.Module()
        model.value = nn.Buffer(np.ones(2, own))
        state = {"value": np.zeros(2, dtype)}
        castable = not assign and (dtype, own) != ("int64", "uint8")  # which would wrap around
        if np.dtype(dtype).kind in kind and (castable or np.dtype(dtype).kind == own[0]):
            model.load_state_dict(state, assign=assign)
            assert not model.value.numpy().any()
            continue
        with pytest.raises(StateDictError, match=f"mistyped    value: {dtype} in the state"):
            model.load_state_dict(state, assign=assign)
        assert model.value.numpy().all()


def test_layers_in_another_order_keep_their_own_moments() -> None:
    def trained(order: str) -> tuple[Any, Any]:
        model = nn.Module()
        for name in order:
            setattr(model, name, nn.Linear(2, 2, rng=ord(name)))
        optimizer = optim.Adam(model.parameters(), lr=0.1)
        return model, optimizer

    def step(model: Any, optimizer: Any) -> None:
        optimizer.zero_grad()
        (model.a(Tensor([[1.0, 2.0]])) * model.b(Tensor([[3.0, 4.0]]))).sum().backward()
        optimizer.step()

    one, two = trained("ab"), trained("ba")
    step(*one)
    for part, other in zip(one, two, strict=True):
        other.load_state_dict(part.state_dict())
    for pair in (one, two):
        step(*pair)
    for name, value in one[0].state_dict().items():
        assert value.tolist() == two[0].state_dict()[name].tolist()

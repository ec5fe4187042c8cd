"""The state of a module: its keys, what is saved, what is loaded, what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
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

"""Containers: modules in a row, in a list, in a dict."""

from __future__ import annotations

from typing import Any

import pytest

import nn


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
    ],
)
def test_what_containers_and_layers_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()

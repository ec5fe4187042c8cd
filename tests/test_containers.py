"""Containers: modules in a row, in a list, in a dict."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import nn
from autograd import Tensor


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


# ---- what Python's lists and dicts can do ------------------------------------------------------


def test_sequential_adds_repeats_and_pops() -> None:
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    net = nn.Sequential(a, b)
    assert list(net + nn.Sequential(c)) == [a, b, c]
    assert list(net * 2) == list(2 * net) == [a, b, a, b]
    assert len(net) == 2
    same = net
    net += [c]
    assert net is same
    net *= 2
    assert list(net) == [a, b, c, a, b, c]
    assert names(net) == ["0", "1", "2", "3", "4", "5"]
    assert net.pop(-1) is c
    assert list(net.pop(slice(0, 2))) == [a, b]
    assert list(net) == [c, a, b]
    assert list(net.insert(0, b)) == [b, c, a, b]
    net.extend(net)
    assert len(net) == 8


def test_a_module_list_adds_pops_and_prints_equal_neighbours_once() -> None:
    a, b = nn.ReLU(), nn.Tanh()
    layers = nn.ModuleList([a]) + [b]
    assert list(layers) == [a, b]
    layers += [nn.Tanh()]
    assert repr(layers) == "ModuleList(\n  (0): ReLU()\n  (1-2): 2 x Tanh()\n)"
    assert layers.pop(0) is a
    assert names(layers) == ["0", "1"]
    assert repr(nn.ModuleList()) == "ModuleList()"
    assert list(nn.ModuleList(None)) == []


def test_a_module_dict_pops_clears_and_takes_pairs() -> None:
    a, b = nn.ReLU(), nn.Tanh()
    heads = nn.ModuleDict([("a", a), ("b", b)])
    assert list(heads.items()) == [("a", a), ("b", b)]
    assert heads.pop("a") is a
    assert list(heads.values()) == [b]
    heads.clear()
    assert (len(heads), list(heads.parameters())) == (0, [])


# ---- parameters --------------------------------------------------------------------------------


def test_a_parameter_list_registers_tensors_and_keeps_the_rest() -> None:
    p = nn.Parameter([1.0])
    held = nn.ParameterList([p, Tensor([2.0, 3.0]), "word"])
    assert held[0] is p
    assert [type(x) for x in held] == [nn.Parameter, nn.Parameter, str]
    assert list(held.state_dict()) == ["0", "1"]
    assert [q.name for q in held.parameters()] == ["0", "1"]
    held += [Tensor([4.0])]
    held[-2] = Tensor([5.0])
    held[0] = "other"
    assert [n for n, _ in held.named_parameters()] == ["1", "3", "2"]
    assert (len(held), held[0], held[2].tolist()) == (4, "other", [5.0])
    assert list(held[1:3]) == [held[1], held[2]]
    other = nn.ParameterList([Tensor([0.0, 0.0])] * 4)
    other.load_state_dict({str(n): [n, n] for n in range(4)})
    assert [q.tolist() for q in other] == [[float(n)] * 2 for n in range(4)]


def test_a_parameter_dict_is_a_dict_of_registered_tensors() -> None:
    a, b = nn.Parameter([1.0]), nn.Parameter([2.0])
    held = nn.ParameterDict({"a": a, "note": "word"})
    held["b"] = b
    assert list(held) == list(held.keys()) == ["a", "note", "b"]
    assert list(reversed(held)) == ["b", "note", "a"]
    assert dict(held.items()) == {"a": a, "note": "word", "b": b}
    assert list(held.state_dict()) == ["a", "b"]
    assert (held.get("a"), held.get("z", 3), "b" in held) == (a, 3, True)
    assert held.setdefault("a") is a
    assert held.setdefault("c", Tensor([3.0])) is held["c"]
    merged = held | {"a": b, "d": a}
    assert (merged["a"], list(merged)) == (b, ["a", "note", "b", "c", "d"])
    assert list({"z": a} | held) == ["z", "a", "note", "b", "c"]
    held |= nn.ParameterDict({"e": a})
    assert held.popitem() == ("e", a)
    assert held.pop("note") == "word"
    assert list(held.fromkeys(["x", "y"], 1).values()) == [1, 1]
    assert held.copy()["a"] is a
    for new in (copy.deepcopy(held), pickle.loads(pickle.dumps(held))):
        assert new["a"] is new._parameters["a"]
        assert new["a"] is not a
    held.clear()
    assert (len(held), list(held.parameters())) == (0, [])


def test_containers_of_parameters_print_what_they_hold() -> None:
    held = nn.ParameterDict({"a": nn.Parameter([[1.0, 2.0]]), "n": 3, "late": None})
    held["late"] = nn.UninitializedParameter(shape=(None,))
    assert repr(held) == (
        "ParameterDict(\n  (a): Parameter of float32, (1, 2)\n  (n): object of type int\n"
        "  (late): <UninitializedParameter (?,) float32>\n)"
    )
    assert repr(nn.ParameterList()) == "ParameterList()"


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.Sequential(nn.ReLU()) * 0, ValueError, "at least once, not 0 times"),
        (lambda: nn.Sequential(nn.ReLU()) * 1.5, TypeError, "whole number of times, got float"),
        (lambda: nn.Sequential() + [nn.ReLU()], TypeError, "unsupported operand"),
        (lambda: nn.ModuleList(3), TypeError, "modules must be an iterable or None, got 3"),
        (lambda: nn.ModuleDict(["a"]), TypeError, "a mapping of names to values, or pairs"),
        (lambda: nn.ModuleDict({"a": nn.ReLU()}).pop("b"), KeyError, "'b'; the names are a"),
        (lambda: nn.ParameterList(Tensor([1.0])), TypeError, "parameters in a row, got Tensor"),
        (lambda: nn.ParameterList([1])[1], IndexError, "has 1 entries; there is no index 1"),
        (lambda: nn.ParameterList()(3), TypeError, "a ParameterList only holds parameters"),
        (lambda: nn.ParameterDict()["a"], KeyError, "'a'; the names are none"),
        (lambda: nn.ParameterDict({1: 2}), TypeError, "are strings, got int"),
        (lambda: nn.ParameterDict({"forward": nn.Parameter([1.0])}), ValueError, "exists already"),
        (lambda: nn.ParameterDict({"a.b": nn.Parameter([1.0])}), ValueError, "contain a dot"),
    ],
)
def test_what_lists_and_dicts_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_a_module_in_a_list_or_dict_of_parameters_is_registered() -> None:
    pairs = nn.ParameterList([nn.ParameterList([nn.Parameter([1.0]), nn.Parameter([2.0])])])
    assert list(pairs.state_dict()) == ["0.0", "0.1"]
    assert len(list(pairs.parameters())) == 2
    named = nn.ParameterDict({"a": nn.Linear(1, 2), "b": nn.Parameter([1.0])})
    assert list(named.state_dict()) == ["b", "a.weight", "a.bias"]
    named["a"] = nn.Parameter([3.0])
    assert list(named.state_dict()) == ["b", "a"]

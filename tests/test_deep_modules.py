"""Modules nested deeper than Python's stack allows functions to call each other."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn

DEPTH = 500


def inside_out(depth: int = DEPTH) -> nn.Module:
    net: nn.Module = nn.Linear(2, 2)
    for _ in range(depth):
        net = nn.Sequential(net)
    return net


def outside_in(depth: int = DEPTH) -> nn.Module:
    net = inner = nn.Sequential()
    for _ in range(depth - 1):
        inner.append(nn.Sequential())
        inner = inner[0]  # type: ignore[assignment]
    inner.append(nn.Linear(2, 2))
    return net


class Block(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.scale = nn.Parameter(1.0)

    def forward(self, x: Any) -> Any:
        return self.inner(x) * self.scale


def blocks(depth: int = DEPTH) -> nn.Module:
    net: nn.Module = nn.Linear(2, 2)
    for _ in range(depth):
        net = Block(net)
    return net


def lists(depth: int = DEPTH) -> nn.Module:
    net: nn.Module = nn.Linear(2, 2)
    for number in range(depth):
        net = nn.ModuleList([net, nn.ReLU()]) if number % 2 else nn.ModuleDict({"a": net})
    return net


BUILDS: dict[str, Callable[[], nn.Module]] = {
    f.__name__: f for f in (inside_out, outside_in, blocks, lists)
}
every_build = pytest.mark.parametrize("name", BUILDS)


@pytest.fixture
def net(name: str) -> nn.Module:
    return BUILDS[name]()


def alike(one: nn.Module, two: nn.Module) -> bool:
    first, second = list(one.named_parameters()), list(two.named_parameters())
    return [n for n, _ in first] == [n for n, _ in second] and all(
        p is not q and p.name == q.name and np.array_equal(p.numpy(), q.numpy())
        for (_, p), (_, q) in zip(first, second, strict=True)
    )


@every_build
def test_everything_that_walks_over_modules(net: nn.Module, tmp_path: Path) -> None:
    assert len(list(net.named_modules())) > DEPTH
    assert sum(m.training for m in net.eval().modules()) == 0
    assert all(m.training for m in net.train().modules())
    seen: list[nn.Module] = []
    assert net.apply(seen.append) is net
    assert seen[-1] is net
    assert {p.dtype for p in net.double().parameters()} == {np.dtype("f8")}
    assert net.requires_grad_(False).to("f4") is net
    net.zero_grad()
    state = net.state_dict()
    assert list(state) == [name for name, _ in net.named_parameters()]
    net.load_state_dict(state)
    net.load_state_dict(nn.load(nn.save(net, tmp_path / "net.safetensors")))


@every_build
def test_copies(net: nn.Module) -> None:
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert type(other) is type(net)
        assert alike(net, other)
        assert "_below" not in other.__dict__
    assert set(copy.copy(net).parameters()) == set(net.parameters())


@every_build
def test_it_is_printed(net: nn.Module) -> None:
    text = repr(net)
    assert text.count("\n") >= 2 * DEPTH
    assert "Linear(in_features=2, out_features=2, bias=True)" in text


@every_build
def test_parts_are_put_elsewhere(net: nn.Module) -> None:
    outer = nn.Sequential(nn.ReLU(), net)
    assert next(iter(net.parameters())).name == next(iter(outer.named_parameters()))[0]
    del outer[1]
    assert next(iter(net.parameters())).name == next(iter(net.named_parameters()))[0]


def test_a_summary_and_a_pass_through_200_levels() -> None:
    net = inside_out(200)
    x = np.ones((3, 2), np.float32)
    told: list[str] = []
    net.summary((2,), told.append)
    assert "Total params: 6" in told[0]
    assert "(None, 2)" in told[0]
    out = net(x)
    out.sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_pass_that_is_too_deep_says_so() -> None:
    with pytest.raises(RecursionError, match=r"Block calls modules .* sys.setrecursionlimit"):
        blocks()(np.ones((3, 2), np.float32))


def test_copies_keep_what_is_shared_and_whose_the_names_are() -> None:
    shared = nn.Linear(2, 2)
    part = nn.Sequential(shared, nn.Sequential(shared))
    root = nn.ModuleDict({"first": shared, "part": part, "list": nn.ModuleList([part])})
    for other in (copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
        assert other["part"] is other["list"][0]
        assert other["first"] is other["part"][0] is other["part"][1][0]
    assert copy.deepcopy(root)["first"].weight.name == "first.weight"
    assert other["first"].weight.name == shared.weight.name
    named = shared.weight.name
    alone = copy.deepcopy(part)
    assert alone[0] is alone[1][0]
    assert shared.weight.name == named
    pair = copy.deepcopy([part, shared])
    assert pair[0][0] is pair[1]
    pair = copy.deepcopy([shared, part])
    assert pair[1][0] is pair[0]


def test_a_module_that_copies_prints_or_saves_itself_is_asked() -> None:
    class Own(nn.Linear):
        def __deepcopy__(self, memo: Any) -> Any:
            return nn.ReLU()

        def __repr__(self) -> str:
            return "printed"

        def state_dict(self, *, destination: Any, prefix: str, keep_vars: bool) -> Any:
            destination[prefix + "saved"] = keep_vars

    net = nn.Sequential(nn.Sequential(Own(1, 1)))
    assert isinstance(copy.deepcopy(net)[0][0], nn.ReLU)
    assert repr(net) == "Sequential(\n  (0): Sequential(\n    (0): printed\n  )\n)"
    assert net.state_dict(prefix="a.") == {"a.0.0.saved": False}


def test_hooks_of_a_state_are_called_around_what_is_below() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(1, 1)), nn.Linear(1, 1, bias=False))
    told: list[str] = []
    for path, module in net.named_modules():
        module.register_state_dict_pre_hook(lambda m, prefix, k, p=path: told.append(f"<{prefix}"))
        module.register_state_dict_post_hook(
            lambda m, state, prefix, k, p=path: told.append(f"{prefix}> {len(state)}")
        )
    net.state_dict()
    assert told == ["<", "<0.", "<0.0.", "0.0.> 2", "0.> 2", "<1.", "1.> 3", "> 3"]


# ---- lazy ones, called by several threads --------------------------------------------------------

LAZY: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "LazyLinear": (lambda: nn.LazyLinear(3), (5, 4)),
    "LazyConv2d": (lambda: nn.LazyConv2d(3, 2), (5, 4, 6, 6)),
    "LazyBatchNorm1d": (lambda: nn.LazyBatchNorm1d().eval(), (5, 4)),
    "several": (lambda: nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyLinear(2)), (5, 4)),
}


@pytest.mark.parametrize("name", LAZY)
@pytest.mark.parametrize("_", range(5))
def test_a_lazy_module_called_first_by_eight_threads(name: str, _: int) -> None:
    make, shape = LAZY[name]
    x = np.random.default_rng(0).normal(size=shape).astype("f4")
    nn.manual_seed(0)
    expected = make()(x).numpy()
    nn.manual_seed(0)
    net = make()
    begin = threading.Barrier(8)
    found: list[Any] = []

    def call() -> None:
        begin.wait()
        try:
            found.append(net(x).numpy())
        except Exception as error:  # noqa: BLE001 - it is compared below
            found.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=call) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(found) == 8
    for value in found:
        np.testing.assert_array_equal(value, expected)
    assert not any(isinstance(m, nn.LazyModuleMixin) for m in net.modules())


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.ParameterList([nn.Parameter([1.0]), 3]),
        lambda: nn.ParameterDict({"a": nn.Parameter([1.0])}),
        lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)),
        lambda: nn.LazyLinear(3),
        lambda: nn.LSTM(2, 3),
    ],
)
def test_modules_with_state_of_their_own_are_copied(make: Callable[[], nn.Module]) -> None:
    net = nn.Sequential(make())
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert repr(other) == repr(net)
        assert list(other.state_dict()) == list(net.state_dict())

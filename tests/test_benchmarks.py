"""The benchmarks compare like with like: plain NumPy by hand computes what chaingrad computes."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim

BENCHMARKS = str(Path(__file__).parent.parent / "benchmarks")


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import by_hand

    yield by_hand
    sys.modules.pop("by_hand")


@pytest.mark.parametrize("shape", [(), (3, 4)])
def test_the_chain_by_hand_has_the_gradients_of_the_recorded_one(by_hand: Any, shape: Any) -> None:
    rng = np.random.default_rng(0)
    data = [rng.uniform(0.5, 1.5, shape) for _ in range(3)]
    x, a, b = leaves = [ag.Tensor(value, requires_grad=True) for value in data]
    y = x
    for _ in range(5):
        y = ag.tanh(y * a + b)
    for mine, by_engine in zip(by_hand.chain(*data, 5), ag.grad(y.sum(), leaves), strict=True):
        np.testing.assert_allclose(mine, by_engine.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("nonlinearity", "layer"), [("relu", nn.ReLU), ("tanh", nn.Tanh)])
def test_training_by_hand_takes_the_steps_of_the_recorded_one(
    by_hand: Any, nonlinearity: str, layer: Any
) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.random((8, 5)).astype(np.float32), rng.integers(0, 3, 8)
    mlp = by_hand.Mlp([5, 4, 3], nonlinearity)
    model = nn.Sequential(nn.Linear(5, 4), layer(), nn.Linear(4, 3))
    with ag.no_grad():
        for parameter, value in zip(model.parameters(), mlp.parameters, strict=True):
            parameter.data = value
    by_adam, by_optim = by_hand.Adam(mlp.parameters), optim.Adam(model.parameters())
    for _ in range(3):
        outputs = mlp.forward(x)
        loss, g = by_hand.cross_entropy(outputs[-1], labels)
        by_adam.step(mlp.backward(outputs, g))
        by_optim.zero_grad()
        recorded = nn.CrossEntropyLoss()(model(ag.Tensor(x)), ag.Tensor(labels))
        recorded.backward()
        by_optim.step()
        np.testing.assert_allclose(loss, recorded.item(), rtol=1e-5)
    # float32 keeps 7 digits; Adam divides by the size of a gradient, which may cost two of them
    for mine, parameter in zip(mlp.parameters, model.parameters(), strict=True):
        np.testing.assert_allclose(mine, parameter.numpy(), rtol=1e-5, atol=1e-6)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the benchmarks, which are scripts beside each other."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(BENCHMARKS):
            del sys.modules[name]


def test_weights_follow_from_names_alone(scripts: Any) -> None:
    library = scripts("library")
    opened = library.open_library("chaingrad")
    one, two = (library.fill(opened, nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)))
                for _ in range(2))  # fmt: skip
    for name, value in one.state_dict().items():
        assert np.array_equal(value.numpy(), two.state_dict()[name].numpy()), name
    assert one[0].weight.numpy().std() > 0.1
    assert not one[0].bias.numpy().any()


def test_libraries_that_do_not_start_alike_stop_the_run(scripts: Any) -> None:
    run = scripts("run")
    run.check_losses({"a": {"chaingrad": 2.30001, "torch": 2.3}, "b": {"chaingrad": None}})
    with pytest.raises(SystemExit, match="a: the first losses differ"):
        run.check_losses({"a": {"chaingrad": 2.31, "torch": 2.3}})


@pytest.mark.parametrize("name", ["lenet", "resnet20"])
def test_a_network_of_images_has_the_parameters_that_its_paper_counts(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """He et al. (2015) give 0.27 million; LeNet-5 here has no connection table, and 61,706."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import networks

    model = getattr(networks, name)(nn)
    count = sum(p.size for p in model.parameters())
    assert count == {"lenet": 61_706, "resnet20": 272_474}[name]
    shape = networks.IMAGES[name]
    assert model(ag.ones((2, *shape[1:]))).shape == (2, 10)
    sys.modules.pop("networks")

"""Averages of weights: means over the models seen, statistics computed anew, states."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from autograd.errors import ShapeError
from optim import swa_utils
from optim.swa_utils import (
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)
from tests.test_import import fresh


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2, rng=0, dtype="float64")
        self.tied = self.linear.weight
        self.register_buffer("mean", Tensor(np.zeros(2)))
        self.register_buffer("count", Tensor(0))

    def forward(self, x: Any) -> Any:
        return self.linear(x) - self.mean


def walk(net: Net, averaged: AveragedModel, steps: int = 5) -> list[dict[str, Any]]:
    """Give the net random values, average each, and return what there was."""
    rng = np.random.default_rng(0)
    seen = []
    for number in range(1, steps + 1):
        for tensor in (*net.parameters(), net.mean):
            tensor.data = rng.standard_normal(tensor.shape)
        net.count.data = np.array(3 * number)
        averaged.update_parameters(net)
        seen.append({name: t.numpy().copy() for name, t in net.state_dict().items()})
    return seen


def exponential(values: list[Any], decay: float) -> Any:
    average = values[0]
    for value in values[1:]:
        average = decay * average + (1 - decay) * value
    return average


KINDS: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda values: np.mean(values, axis=0)),
    ({"avg_fn": get_swa_avg_fn()}, lambda values: np.mean(values, axis=0)),
    ({"multi_avg_fn": get_swa_multi_avg_fn()}, lambda values: np.mean(values, axis=0)),
    ({"avg_fn": get_ema_avg_fn(0.9)}, lambda values: exponential(values, 0.9)),
    ({"multi_avg_fn": get_ema_multi_avg_fn(0.9)}, lambda values: exponential(values, 0.9)),
    ({"multi_avg_fn": get_ema_multi_avg_fn()}, lambda values: exponential(values, 0.999)),
    ({"avg_fn": lambda average, value, number: value}, lambda values: values[-1]),
]


@pytest.mark.parametrize(("options", "mean"), KINDS)
@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages_are_those_of_the_definition(options: Any, mean: Any, use_buffers: bool) -> None:
    net = Net()
    averaged = AveragedModel(net, **options, use_buffers=use_buffers)
    seen = walk(net, averaged)
    for name, tensor in averaged.module.state_dict().items():
        values = [state[name] for state in seen]
        if use_buffers or name not in ("mean", "count"):
            wanted = mean(values)
            if name == "count":
                assert tensor.dtype == np.int64
                assert abs(tensor.item() - wanted) <= len(seen) - 1  # cut off once a step
                continue
        else:
            wanted = values[-1]
        np.testing.assert_allclose(tensor.numpy(), wanted, rtol=1e-13, atol=1e-15)
    assert averaged.n_averaged.item() == 5


@pytest.mark.parametrize("options", [options for options, _ in KINDS[:6]])
def test_integers_that_stay_equal_stay(options: Any) -> None:
    net = Net()
    net.count.data = np.array(7)
    averaged = AveragedModel(net, **options, use_buffers=True)
    for _ in range(50):
        averaged.update_parameters(net)
    assert averaged.module.count.item() == 7


def test_a_function_for_lists_may_write_in_place_as_users_do() -> None:
    def middle(averages: Any, values: Any, number: int) -> None:
        assert {a.dtype for a in averages} == {values[0].dtype}
        for average, value in zip(averages, values, strict=True):
            average += (value - average) / 2

    net = Net()
    averaged = AveragedModel(net, multi_avg_fn=middle)
    seen = walk(net, averaged, 2)
    wanted = (seen[0]["linear.weight"] + seen[1]["linear.weight"]) / 2
    np.testing.assert_allclose(averaged.module.linear.weight.numpy(), wanted, rtol=1e-14)


def test_an_average_is_called_like_the_model_and_shares_nothing_with_it() -> None:
    net = Net()
    averaged = AveragedModel(net)
    averaged.update_parameters(net)
    x = np.ones((4, 3))
    np.testing.assert_array_equal(averaged(x).detach(), net(x).detach())
    for ours, theirs in zip(averaged.module.parameters(), net.parameters(), strict=True):
        assert not np.shares_memory(ours.numpy(), theirs.numpy())
    assert averaged.module.tied is averaged.module.linear.weight
    assert [name for name, _ in averaged.named_parameters()] == [
        f"module.{name}" for name, _ in net.named_parameters()
    ]


@pytest.mark.parametrize("way", ["state_dict", "pickle", "deepcopy"])
def test_a_saved_average_goes_on_as_the_original_would(way: str) -> None:
    net = Net()
    averaged = AveragedModel(net)
    walk(net, averaged, 3)
    if way == "state_dict":
        state = averaged.state_dict()
        assert list(state)[:2] == ["n_averaged", "module.tied"]
        twin = AveragedModel(Net())
        twin.load_state_dict(state)
    else:
        twin = pickle.loads(pickle.dumps(averaged)) if way == "pickle" else copy.deepcopy(averaged)
    for each in (averaged, twin):
        walk(net, each, 2)
    for ours, theirs in zip(twin.parameters(), averaged.parameters(), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert twin.n_averaged.item() == 5


def test_averaging_goes_with_an_optimizer_and_its_schedule() -> None:
    net = nn.Linear(1, 1, bias=False, rng=0, dtype="float64")
    optimizer = optim.SGD(net.parameters(), lr=0.5)
    schedule = swa_utils.SWALR(optimizer, 0.1, anneal_epochs=2)
    averaged = AveragedModel(net)
    seen = []
    for _ in range(4):
        optimizer.zero_grad()
        ((net(np.ones((1, 1))) - 1) ** 2).sum().backward()
        optimizer.step()
        schedule.step()
        averaged.update_parameters(net)
        seen.append(net.weight.item())
    assert averaged.module.weight.item() == pytest.approx(np.mean(seen), rel=1e-14)
    assert schedule.get_last_lr() == [0.1]


# ---- statistics of batches ---------------------------------------------------------------------


class Derived(nn.BatchNorm1d):
    """A user's own variant."""


class Unrecorded(nn.Module):
    """The input itself, where nothing is recorded."""

    def forward(self, x: Any) -> Any:
        assert not (x * Tensor(1.0, requires_grad=True)).requires_grad
        return x


BATCHES = [
    np.array([[1.0, 2.0], [2.0, 7.0]]),
    np.array([[3.0, 8.0], [5.0, 2.0], [4.0, 4.0]]),
    np.array([[10.0, 0.0], [0.0, 1.0]]),
]


@pytest.mark.parametrize("kind", [nn.BatchNorm1d, Derived])
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: (x, "label"), lambda x: [x, 3]])
def test_update_bn_makes_means_over_all_batches(kind: Any, wrap: Any) -> None:
    norm = kind(2, dtype="float64")
    norm.running_mean.data = np.full(2, 9.0)
    norm.num_batches_tracked.data = np.array(5)
    model = nn.Sequential(norm, nn.Sequential(Unrecorded()))
    model.eval()
    model[1].train()
    update_bn([wrap(batch) for batch in BATCHES], model)
    mean = np.mean([batch.mean(0) for batch in BATCHES], axis=0)
    variance = np.mean([batch.var(0, ddof=1) for batch in BATCHES], axis=0)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-14)
    np.testing.assert_allclose(norm.running_var.numpy(), variance, rtol=1e-14)
    assert norm.num_batches_tracked.item() == 3
    assert norm.momentum == 0.1
    assert [module.training for module in model.modules()] == [False, False, True, True]


def test_update_bn_leaves_other_statistics_alone() -> None:
    """Instance normalization keeps running means too, which are not of batches."""
    norm = nn.InstanceNorm1d(2, track_running_stats=True)
    norm.running_mean.data = np.full(2, 9.0, np.float32)
    update_bn((1 / 0 for _ in range(1)), norm)
    assert norm.running_mean.tolist() == [9.0, 9.0]


def test_update_bn_leaves_momentum_and_mode_as_they_were_also_when_it_fails() -> None:
    norm = nn.BatchNorm1d(2)
    model = nn.Sequential(norm).eval()
    with pytest.raises(ZeroDivisionError):
        update_bn((1 / 0 for _ in range(1)), model)
    assert (norm.momentum, norm.training) == (0.1, False)


def test_update_bn_does_not_look_at_the_data_when_there_is_nothing_to_do() -> None:
    update_bn((1 / 0 for _ in range(1)), nn.Linear(2, 2))


# ---- errors ------------------------------------------------------------------------------------


def test_the_model_must_be_the_one_that_is_averaged() -> None:
    averaged = AveragedModel(nn.Linear(3, 2))
    with pytest.raises(ShapeError, match=r"weight is \(2, 4\) in it, and \(2, 3\) in the average"):
        averaged.update_parameters(nn.Linear(4, 2))
    with pytest.raises(ShapeError, match=r"bias is missing in it, and \(2,\) in the average"):
        averaged.update_parameters(nn.Linear(3, 2, bias=False))
    assert averaged.n_averaged.item() == 0


@pytest.mark.parametrize("decay", [-0.1, 1.5])
@pytest.mark.parametrize("make", [get_ema_avg_fn, get_ema_multi_avg_fn])
def test_a_decay_lies_between_0_and_1(make: Any, decay: float) -> None:
    with pytest.raises(ValueError, match=f"decay must be a number from 0 to 1, got {decay}"):
        make(decay)


def test_one_way_to_average_is_given() -> None:
    with pytest.raises(ValueError, match="two ways to say the same; give one"):
        AveragedModel(nn.Linear(1, 1), avg_fn=get_swa_avg_fn(), multi_avg_fn=get_swa_multi_avg_fn())


def test_a_module_is_averaged() -> None:
    with pytest.raises(TypeError, match=r"model must be an nn\.Module, got"):
        AveragedModel([nn.Linear(1, 1)])


def test_swa_utils_are_loaded_when_they_are_named() -> None:
    assert optim.swa_utils is swa_utils
    with pytest.raises(AttributeError, match="module 'optim' has no attribute 'swa'"):
        optim.swa  # noqa: B018


def test_optim_alone_loads_no_layers() -> None:
    done = fresh("import optim, sys; print('nn' in sys.modules); optim.swa_utils; import nn")
    assert done.stdout.split() == ["False"], done.stderr
    assert done.returncode == 0, done.stderr

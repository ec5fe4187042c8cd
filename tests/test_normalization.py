"""Normalisation: running statistics, digits in single precision, and what it says to bad input."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError, StateDictError
from nn import functional as F


def normal(*shape: int, seed: int = 0, dtype: Any = np.float64) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# ---- running statistics --------------------------------------------------------------------------


@pytest.mark.parametrize("momentum", [0.1, 0.5, 1.0])
def test_running_statistics_move_by_the_momentum(momentum: float) -> None:
    layer = nn.BatchNorm2d(3, momentum=momentum, dtype="float64")
    mean, var = np.zeros(3), np.ones(3)
    for seed in range(3):
        x = normal(4, 3, 2, 2, seed=seed) + 5
        layer(Tensor(x))
        rows = x.transpose(1, 0, 2, 3).reshape(3, -1)
        mean = (1 - momentum) * mean + momentum * rows.mean(axis=1)
        var = (1 - momentum) * var + momentum * rows.var(axis=1, ddof=1)
    np.testing.assert_allclose(layer.running_mean, mean, rtol=1e-13)
    np.testing.assert_allclose(layer.running_var, var, rtol=1e-13)
    assert layer.num_batches_tracked.item() == 3


def test_without_momentum_running_statistics_are_the_mean_over_all_batches() -> None:
    layer = nn.BatchNorm1d(2, momentum=None, dtype="float64")
    batches = [normal(5, 2, seed=seed) for seed in range(4)]
    for x in batches:
        layer(Tensor(x))
    np.testing.assert_allclose(layer.running_mean, np.mean([x.mean(0) for x in batches], 0))
    np.testing.assert_allclose(layer.running_var, np.mean([x.var(0, ddof=1) for x in batches], 0))


def test_evaluation_uses_and_keeps_the_running_statistics() -> None:
    layer = nn.BatchNorm1d(2, dtype="float64")
    layer(Tensor(normal(5, 2) + 3))
    before = copy.deepcopy(layer.state_dict())
    x = normal(1, 2, seed=1)
    y = layer.eval()(Tensor(x)).detach().numpy()
    mean, var = (before[f"running_{name}"].numpy() for name in ("mean", "var"))
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var + layer.eps))
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_without_tracking_evaluation_uses_the_batch() -> None:
    layer = nn.BatchNorm2d(3, affine=False, track_running_stats=False)
    x = Tensor(normal(2, 3, 2, 2))
    trained = layer(x)
    np.testing.assert_array_equal(layer.eval()(x), trained)
    assert not layer.state_dict()


def test_running_statistics_of_instances_are_the_mean_over_the_batch() -> None:
    layer = nn.InstanceNorm1d(2, momentum=1.0, track_running_stats=True, dtype="float64")
    x = normal(3, 2, 5) + 4
    layer(Tensor(x))
    np.testing.assert_allclose(layer.running_mean, x.mean(axis=2).mean(axis=0))
    np.testing.assert_allclose(layer.running_var, x.var(axis=2, ddof=1).mean(axis=0))


def test_a_lazy_layer_without_state_works_without_a_size() -> None:
    layer = nn.LazyInstanceNorm1d(affine=False, track_running_stats=False)
    assert layer(Tensor(normal(2, 3, 4))).shape == (2, 3, 4)
    assert type(layer) is nn.InstanceNorm1d


def test_a_graph_recorded_in_evaluation_outlives_a_later_training_step() -> None:
    layer = nn.BatchNorm1d(2, dtype="float64").eval()
    x = Tensor(normal(4, 2), requires_grad=True)
    loss = (layer(x) ** 2).sum()
    expected = (2 * x.numpy() / (1 + layer.eps)).copy()  # mean 0, variance 1
    layer.train()(Tensor(normal(4, 2) + 9))
    loss.backward()
    np.testing.assert_allclose(x.grad, expected)


def test_buffers_stay_the_same_objects() -> None:
    layer = nn.BatchNorm1d(2)
    held = [layer.running_mean, layer.running_var, layer.num_batches_tracked]
    layer(Tensor(normal(4, 2, dtype=np.float32)))
    assert all(a is b for a, b in zip(held, layer.buffers(), strict=True))
    assert layer.running_mean.dtype == np.float32
    assert layer.num_batches_tracked.dtype == np.int64


def test_an_empty_batch_leaves_the_running_statistics() -> None:
    layer = nn.BatchNorm1d(2)
    assert layer(Tensor(np.ones((0, 2), np.float32))).shape == (0, 2)
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]


def test_running_statistics_given_as_arrays_are_written() -> None:
    mean, var = np.zeros(2), np.ones(2)
    F.batch_norm(Tensor(normal(4, 2) + 5), mean, var, training=True, momentum=1.0)
    assert np.all(np.abs(mean - 5) < 2)


def test_reset_forgets_what_was_seen() -> None:
    layer = nn.BatchNorm1d(2)
    layer(Tensor(normal(4, 2, dtype=np.float32) + 5))
    layer.reset_running_stats()
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.running_var.tolist() == [1, 1]
    assert layer.num_batches_tracked.item() == 0


def test_a_state_without_a_count_of_batches_loads_and_keeps_the_count() -> None:
    model = nn.Sequential(nn.BatchNorm1d(2))
    model(Tensor(normal(4, 2, dtype=np.float32)))
    state = model.state_dict()
    del state["0.num_batches_tracked"]
    model.load_state_dict(state)
    assert model[0].num_batches_tracked.item() == 1
    del state["0.running_var"]
    with pytest.raises(StateDictError, match="running_var"):
        model.load_state_dict(state)


def test_a_failed_call_changes_no_buffer() -> None:
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ValueError, match="no variance"):
        layer(Tensor(np.ones((1, 2), np.float32)))
    assert layer.num_batches_tracked.item() == 0


# ---- digits --------------------------------------------------------------------------------------

SHAPES = [(64, 8), (8, 4, 200), (16, 8, 5, 5), (2, 2, 300, 300)]


@pytest.mark.parametrize("level", [1e2, 1e4])
def test_a_channel_may_begin_like_no_other_part_of_it(level: float) -> None:
    x = normal(32, 4, 16, 8, dtype=np.float32)
    x[0] = level
    y = nn.BatchNorm2d(4)(Tensor(x)).detach().numpy()
    exact = nn.BatchNorm2d(4, dtype="float64")(Tensor(x.astype(np.float64))).detach().numpy()
    np.testing.assert_allclose(y, exact, rtol=0, atol=1e-4 * np.abs(exact).max())


@pytest.mark.parametrize("offset", [0.0, 30.0, 1e4])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_large_mean_costs_single_precision_no_digits(
    shape: tuple[int, ...], offset: float
) -> None:
    """The same float32 numbers in float64 differ by some roundings of the result alone."""
    x = (normal(*shape) + offset).astype(np.float32)
    g = normal(*shape, seed=1).astype(np.float32)
    layers = {
        "batch": lambda x: F.batch_norm(x, None, None, training=True),
        "layer": lambda x: F.layer_norm(x, x.shape[1:]),
        "group": lambda x: F.group_norm(x, 2),
    }
    for name, layer in layers.items():
        found = []
        for dtype in (np.float32, np.float64):
            leaf = Tensor(x.astype(dtype), requires_grad=True)
            y = layer(leaf)
            y.backward(g.astype(dtype))
            found.append((y.detach().numpy(), leaf.grad.numpy()))
        for narrow, wide, what in zip(*found, ("output", "gradient"), strict=True):
            assert np.max(np.abs(narrow - wide)) < 2e-6 * np.max(np.abs(wide)), (name, what)


def test_a_constant_has_no_variance() -> None:
    for shape in SHAPES:
        x = Tensor(np.full(shape, 1234.5678, np.float32))
        assert not np.any(F.batch_norm(x, None, None, training=True).numpy())
        # by √eps a rounding of the input would be worth 0.02
        assert np.max(np.abs(F.layer_norm(x, shape[1:]).numpy())) < 1e-5


def test_half_precision_is_computed_in_single() -> None:
    x = (normal(4, 1000) * 300).astype(np.float16)  # squares overflow in half precision
    y = F.layer_norm(Tensor(x), 1000)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, F.layer_norm(Tensor(x.astype(np.float32)), 1000), atol=2e-3)


# ---- messages ------------------------------------------------------------------------------------


def zeros(*shape: int) -> Tensor:
    return Tensor(np.zeros(shape, np.float32))


MESSAGES = [
    (
        lambda: nn.Sequential(nn.BatchNorm2d(3))(zeros(2, 3)),
        ShapeError,
        r"BatchNorm2d: input is \(2, 3\): expected \(N, C, H, W\)     in 0 \(BatchNorm2d\)",
    ),
    (
        lambda: nn.BatchNorm1d(3)(zeros(2, 3, 4, 4)),
        ShapeError,
        r"input is \(2, 3, 4, 4\): expected \(N, C\) or \(N, C, L\)",
    ),
    (
        lambda: nn.BatchNorm1d(3)(zeros(2, 4)),
        ShapeError,
        r"input is \(2, 4\), so it has 4 channels; running_mean is \(3,\): expected \(4,\)",
    ),
    (
        lambda: nn.BatchNorm1d(3)(zeros(1, 3)),
        ValueError,
        r"input is \(1, 3\): one value for each channel has no variance.\n  Train on more than one",
    ),
    (
        lambda: F.batch_norm(zeros(2, 3), None, None),
        ValueError,
        "running_mean is None, so there is nothing .* ask for them with training=True",
    ),
    (lambda: F.batch_norm(zeros(2), None, None), ShapeError, "it needs 2 axes at least"),
    (
        lambda: F.layer_norm(Tensor([[1, 2]]), 2),
        DTypeError,
        "layer_norm: input is int64; it must hold real floating numbers",
    ),
    (
        lambda: nn.LayerNorm((2, 3))(zeros(4, 3, 2)),
        ShapeError,
        r"input is \(4, 3, 2\), normalized_shape is \(2, 3\): expected \(\*, 2, 3\)",
    ),
    (
        lambda: F.layer_norm(zeros(4, 3), 3, zeros(4)),
        ShapeError,
        r"normalized_shape is \(3,\), weight is \(4,\): they must be the same",
    ),
    (lambda: nn.LayerNorm(())(zeros(4)), ShapeError, "normalized_shape must not be empty"),
    (
        lambda: F.rms_norm(zeros(4, 3), (4,)),
        ShapeError,
        r"rms_norm: input is \(4, 3\), normalized_shape is \(4,\): expected \(\*, 4\)",
    ),
    (
        lambda: nn.InstanceNorm1d(3, affine=True)(zeros(2, 4, 5)),
        ShapeError,
        r"input is \(2, 4, 5\) and has 4 channels; num_features is 3     in InstanceNorm1d",
    ),
    (
        lambda: nn.InstanceNorm2d(3)(zeros(2, 3)),
        ShapeError,
        r"input is \(2, 3\): expected \(N, C, H, W\) or \(C, H, W\)",
    ),
    (
        lambda: nn.InstanceNorm1d(3)(zeros(2, 3, 1)),
        ValueError,
        r"instance_norm: input is \(2, 3, 1\): one value for each channel of a sample has no",
    ),
    (
        lambda: F.instance_norm(zeros(2, 3, 2), use_input_stats=False),
        ValueError,
        "ask for them with use_input_stats=True",
    ),
    (
        lambda: nn.LocalResponseNorm(0)(zeros(2, 3, 2)),
        ValueError,
        "size must be at least 1, got 0",
    ),
    (
        lambda: nn.GroupNorm(2, 5),
        ValueError,
        "GroupNorm: 5 channels do not fall into 2 groups of equal size",
    ),
    (
        lambda: F.group_norm(zeros(2, 5, 3), 2),
        ShapeError,
        r"input is \(2, 5, 3\): 5 channels do not fall into 2 groups of equal size",
    ),
    (
        lambda: F.group_norm(zeros(1, 3), 3),
        ValueError,
        "one value for each of 3 groups has no variance",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), MESSAGES)
def test_bad_input_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_number_of_features_that_is_not_used_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="has 4 channels; num_features is 3, which is not used"):
        nn.InstanceNorm1d(3)(zeros(2, 4, 5))


# ---- second order --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_the_third_derivative_follows(name: str) -> None:
    def f(x: Any) -> Any:
        if name == "batch_norm":
            return ag.sum(ag.exp(F.batch_norm(x, None, None, training=True)))
        return ag.sum(ag.exp(F.layer_norm(x, 3)))

    x = Tensor(normal(4, 3), requires_grad=True)
    (first,) = ag.grad(f(x), x, create_graph=True)
    along = normal(4, 3, seed=1)
    assert ag.gradcheck(
        lambda x: ag.grad(ag.sum(ag.grad(f(x), x, create_graph=True)[0] * along), x,
                          create_graph=True)[0],
        x,
    )  # fmt: skip
    assert first.requires_grad

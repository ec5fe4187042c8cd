"""Dropout in training: how much is dropped, what becomes of the rest, how to have it again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import DTypeError, ShapeError
from nn import functional as F

COUNT = 200_000
LAYERS = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
CHANNELS = [
    ("dropout1d", (50, 40, 7), 2),
    ("dropout1d", (40, 7), 1),
    ("dropout2d", (50, 40, 3, 2), 2),
    ("dropout2d", (50, 40, 7), 2),
    ("dropout3d", (50, 40, 3, 2, 2), 2),
    ("dropout3d", (40, 3, 2, 2), 1),
    ("feature_alpha_dropout", (50, 40, 3), 2),
]


def shape_for(name: str) -> tuple[int, ...]:
    return (3, 4, 4) if name == "Dropout1d" else (3, 4, 2, 2)


def ones(*shape: int, dtype: Any = np.float32) -> Tensor:
    return Tensor(np.ones(shape, dtype))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_share_of_zeros_is_p_and_the_rest_is_scaled(p: float, dtype: Any) -> None:
    y = F.dropout(ones(COUNT, dtype=dtype), p, rng=3).numpy()
    assert y.dtype == dtype
    assert set(np.unique(y)) == {0, dtype(1 / (1 - p))}
    deviation = math.sqrt(p * (1 - p) / COUNT)
    assert abs(np.mean(y == 0) - p) < 5 * deviation


@pytest.mark.parametrize(("name", "shape", "lead"), CHANNELS)
def test_a_channel_is_dropped_whole_or_not_at_all(
    name: str, shape: tuple[int, ...], lead: int
) -> None:
    y = getattr(F, name)(ones(*shape), 0.5, training=True, rng=3).numpy()
    channels = y.reshape(math.prod(shape[:lead]), -1)
    assert np.all(channels == channels[:, :1])
    assert len(np.unique(channels[:, 0])) == 2


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_alpha_dropout_keeps_mean_0_and_variance_1(p: float) -> None:
    x = ag.random.randn(COUNT, rng=1)
    y = F.alpha_dropout(x, p, training=True, rng=2).numpy().astype(float)
    fourth = np.mean((y - y.mean()) ** 4)
    assert abs(y.mean()) < 5 / math.sqrt(COUNT)
    assert abs(y.var() - 1) < 5 * math.sqrt((fourth - 1) / COUNT)
    dropped = np.unique(y, return_counts=True)[1].max()  # all the same value
    assert abs(dropped / COUNT - p) < 5 * math.sqrt(p * (1 - p) / COUNT)


@pytest.mark.parametrize("name", LAYERS)
def test_the_same_seed_gives_the_same_zeros_in_every_dtype(name: str) -> None:
    layer = getattr(nn, name)(0.5)
    drawn = []
    for dtype in (np.float32, np.float64, np.float32):
        nn.manual_seed(5)
        drawn.append(layer(ones(*shape_for(name), dtype=dtype)).numpy())
    np.testing.assert_array_equal(drawn[0], drawn[2])
    np.testing.assert_allclose(drawn[0], drawn[1], rtol=1e-6)
    assert not np.array_equal(drawn[0], layer(ones(*shape_for(name))).numpy())


@pytest.mark.parametrize("name", LAYERS)
def test_a_replay_uses_the_mask_that_was_drawn(name: str) -> None:
    x = Tensor(np.arange(1.0, 49.0).reshape(shape_for(name)), requires_grad=True)
    y = getattr(nn, name)(0.5)(x)
    np.testing.assert_array_equal(ag.Graph(y).replay(), y.numpy())


def test_the_gradient_passes_where_the_element_did() -> None:
    x = Tensor(np.ones(100), requires_grad=True)
    y = F.dropout(x, 0.3, rng=0)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


@pytest.mark.parametrize("name", LAYERS)
def test_certain_dropout_leaves_zeros_and_no_dropout_the_input_itself(name: str) -> None:
    x = ones(*shape_for(name))
    assert not np.any(getattr(nn, name)(1.0)(x).numpy())
    assert getattr(nn, name)(0.0)(x) is x
    assert getattr(nn, name)(0.5).eval()(x) is x


def test_a_mask_is_drawn_in_blocks_without_changing_it() -> None:
    """The first elements are the same, however many follow."""
    long = F.dropout(ones(40_000), 0.5, rng=1).numpy()
    np.testing.assert_array_equal(long[:20_000], F.dropout(ones(20_000), 0.5, rng=1).numpy())


MESSAGES = [
    (lambda: nn.Dropout(1.5), ValueError, "Dropout: p is a probability, from 0 to 1, got 1.5"),
    (lambda: F.dropout(ones(2), -0.1), ValueError, "dropout: p is a probability, from 0 to 1"),
    (
        lambda: nn.Sequential(nn.Dropout2d())(ones(2, 3)),
        ShapeError,
        r"dropout2d: input is \(2, 3\): expected \(N, C, H, W\) or \(N, C, L\)     in 0",
    ),
    (
        lambda: F.dropout1d(ones(2)),
        ShapeError,
        r"dropout1d: input is \(2,\): expected \(N, C, L\) or \(C, L\)",
    ),
    (
        lambda: F.dropout3d(ones(2)),
        ShapeError,
        r"expected \(N, C, D, H, W\) or \(C, D, H, W\)",
    ),
    (
        lambda: F.dropout(Tensor([1, 2])),
        DTypeError,
        "dropout: input is int64; it must hold real floating numbers",
    ),
    (
        lambda: F.feature_alpha_dropout(ones(2), training=True),
        ShapeError,
        r"feature_alpha_dropout: input is \(2,\); it needs 2 axes at least",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), MESSAGES)
def test_bad_input_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()

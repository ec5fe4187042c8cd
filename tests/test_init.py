"""Initial values: their spread, their bounds, and one seed for all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import ShapeError


def test_linear_is_x_times_the_turned_weight_plus_bias() -> None:
    layer = nn.Linear(3, 2, dtype="float64", rng=0)
    x = np.random.default_rng(0).standard_normal((4, 5, 3))
    expected = np.einsum("abi,oi->abo", x, layer.weight.numpy()) + layer.bias.numpy()
    np.testing.assert_allclose(layer(Tensor(x)).numpy(), expected, rtol=1e-12)
    free = nn.Linear(3, 2, bias=False, rng=0)
    assert free.bias is None
    assert list(free.state_dict()) == ["weight"]
    assert free(Tensor(x.astype("f"))).dtype == np.float32


def test_linear_starts_uniform_within_one_over_root_of_its_inputs() -> None:
    layer = nn.Linear(100, 400, rng=0)
    for p in (layer.weight, layer.bias):
        assert 0.099 < np.abs(p.numpy()).max() <= 0.1
    assert abs(layer.weight.numpy().std() - 0.1 / math.sqrt(3)) < 0.001


def test_the_same_seed_gives_the_same_layer() -> None:
    nn.manual_seed(5)
    first = nn.Linear(2, 3).weight.numpy()
    nn.manual_seed(5)
    np.testing.assert_array_equal(nn.Linear(2, 3).weight, first)
    np.testing.assert_array_equal(nn.Linear(2, 3, rng=5).weight, first)


SHAPE = (300, 200, 2)  # fan-in 400, fan-out 600


@pytest.mark.parametrize(
    ("fill", "std", "bound"),
    [
        (lambda t: nn.init.uniform_(t, -3.0, 3.0, rng=0), math.sqrt(3), 3.0),
        (lambda t: nn.init.normal_(t, std=2.0, rng=0), 2.0, math.inf),
        (lambda t: nn.init.xavier_uniform_(t, 2.0, rng=0), 2 * math.sqrt(2 / 1000), 2 * 0.006**0.5),
        (lambda t: nn.init.xavier_normal_(t, rng=0), math.sqrt(2 / 1000), math.inf),
        (lambda t: nn.init.kaiming_uniform_(t, rng=0), math.sqrt(2 / 400), math.sqrt(6 / 400)),
        (lambda t: nn.init.kaiming_normal_(t, mode="fan_out", rng=0), math.sqrt(2 / 600), math.inf),
        (lambda t: nn.init.kaiming_normal_(t, a=1.0, rng=0), math.sqrt(1 / 400), math.inf),
    ],
)
def test_initial_values_have_the_published_spread(fill: Any, std: float, bound: float) -> None:
    t = nn.Parameter(np.zeros(SHAPE))
    assert fill(t) is t
    # the standard error of a standard deviation is at most 1/sqrt(2 n) of it: five of them
    assert abs(t.numpy().std() / std - 1) < 5 / math.sqrt(2 * t.size)
    assert np.abs(t.numpy()).max() <= bound


def test_constants_and_gains() -> None:
    t = nn.Parameter(np.zeros((2, 2)))
    assert nn.init.constant_(t, 3.0).tolist() == [[3.0, 3.0]] * 2
    assert nn.init.ones_(t).tolist() == [[1.0, 1.0]] * 2
    assert nn.init.zeros_(t).tolist() == [[0.0, 0.0]] * 2
    assert nn.init.ones_(nn.Parameter(2.0)).item() == 1.0
    gain = nn.init.calculate_gain
    assert (gain("tanh"), gain("linear"), gain("leaky_relu", 1.0)) == (5 / 3, 1.0, 1.0)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda t: nn.init.calculate_gain("rleu"), ValueError, "'rleu'; there is linear, conv1d"),
        (lambda t: nn.init.xavier_normal_(t), ShapeError, r"shape \(out, in, ...\), got \(3,\)"),
        (lambda t: nn.init.kaiming_normal_(t, mode="in"), ValueError, "'fan_in' or 'fan_out', got"),
    ],
)
def test_what_init_refuses(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act(nn.Parameter([1.0, 2.0, 3.0]))

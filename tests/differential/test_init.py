"""Initial values beside PyTorch's: equal where nothing is drawn, equally spread where it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import nn
from tests.differential.compare import parameters_of

THEIRS = [name for name in nn.init.__all__ if hasattr(torch.nn.init, name)]

CALLS: list[tuple[str, tuple[int, ...], tuple[Any, ...], dict[str, Any]]] = [
    ("constant_", (3, 2), (1.5,), {}),
    ("ones_", (3, 2), (), {}),
    ("zeros_", (3, 2), (), {}),
    ("eye_", (3, 5), (), {}),
    ("dirac_", (4, 2, 3), (), {}),
    ("dirac_", (6, 2, 3, 4), (3,), {}),
    ("dirac_", (4, 5, 3, 4, 5), (2,), {}),
    ("uniform_", (300, 200), (-1.0, 3.0), {}),
    ("normal_", (300, 200), (2.0, 3.0), {}),
    ("trunc_normal_", (300, 200), (0.5, 2.0, -1.0, 1.0), {}),
    ("trunc_normal_", (300, 200), (0.0, 1.0, 3.0, 4.0), {}),
    ("xavier_uniform_", (30, 20, 10, 10), (1.5,), {}),
    ("xavier_normal_", (300, 200), (), {}),
    ("kaiming_uniform_", (300, 200), (0.3,), {"mode": "fan_out"}),
    ("kaiming_normal_", (30, 20, 10, 10), (), {"nonlinearity": "tanh"}),
    ("orthogonal_", (300, 200), (2.0,), {}),
    ("sparse_", (300, 200), (0.33,), {"std": 2.0}),
]


@pytest.mark.filterwarnings("ignore:mean is more than 2 std from")
@pytest.mark.parametrize(("name", "shape", "args", "kwargs"), CALLS)
def test_values_are_spread_as_pytorchs(name: str, shape: Any, args: Any, kwargs: Any) -> None:
    torch.manual_seed(0)
    nn.manual_seed(0)
    theirs = getattr(torch.nn.init, name)(torch.zeros(shape, dtype=torch.float64), *args, **kwargs)
    ours = getattr(nn.init, name)(nn.Parameter(np.zeros(shape)), *args, **kwargs).numpy()
    theirs = theirs.numpy()
    if theirs.size < 5000:
        np.testing.assert_array_equal(ours, theirs)
        return
    # the mean and the spread of n draws are known to 1/√n of the spread; five of those, twice
    slack = 10 / np.sqrt(theirs.size)
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=slack)
    assert abs(np.mean(ours) - np.mean(theirs)) < slack * np.std(theirs)
    assert np.count_nonzero(ours) == np.count_nonzero(theirs)


@pytest.mark.parametrize("name", THEIRS)
def test_a_function_takes_pytorchs_arguments(name: str) -> None:
    theirs = parameters_of(getattr(torch.nn.init, name))
    ours = parameters_of(getattr(nn.init, name))
    theirs.pop("generator", None)
    assert list(ours)[: len(theirs)] == list(theirs)
    for parameter, default in theirs.items():
        assert ours[parameter] == default, parameter


def test_no_function_of_pytorch_is_missing() -> None:
    public = {
        name for name, value in vars(torch.nn.init).items()
        if callable(value) and name.endswith("_") and not name.startswith("_")
    }  # fmt: skip
    assert public | {"calculate_gain"} <= set(nn.init.__all__)


@pytest.mark.parametrize("nonlinearity", ["linear", "conv_transpose3d", "tanh", "relu", "selu"])
def test_gains_are_pytorchs(nonlinearity: str) -> None:
    assert nn.init.calculate_gain(nonlinearity) == torch.nn.init.calculate_gain(nonlinearity)
    assert nn.init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain(
        "leaky_relu", 0.3
    )

"""Averaged models beside PyTorch's: values, states, arguments."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

import nn
from autograd import Tensor
from optim import swa_utils as ours_swa
from tests.differential.compare import TOLERANCE, agree

theirs_swa = torch.optim.swa_utils


class OursNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2, dtype="float64")
        self.register_buffer("mean", Tensor(np.zeros(2)))
        self.register_buffer("count", Tensor(0))


class TheirsNet(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(3, 2, dtype=torch.float64)
        self.register_buffer("mean", torch.zeros(2, dtype=torch.float64))
        self.register_buffer("count", torch.tensor(0))


AVERAGES = [
    ({}, {}),
    ({"avg_fn": "get_swa_avg_fn"}, {}),
    ({"avg_fn": "get_ema_avg_fn"}, {"decay": 0.9}),
    ({"multi_avg_fn": "get_swa_multi_avg_fn"}, {}),
    ({"multi_avg_fn": "get_ema_multi_avg_fn"}, {"decay": 0.75}),
    ({"multi_avg_fn": "get_ema_multi_avg_fn"}, {}),
]


AVERAGED = [(*case, use_buffers) for case in AVERAGES for use_buffers in (False, True)]
AVERAGED.remove((*AVERAGES[3], True))  # in which PyTorch refuses integers


@pytest.mark.parametrize(("kind", "options", "use_buffers"), AVERAGED)
def test_averages_are_pytorchs_and_so_are_their_states(
    kind: dict[str, str], options: dict[str, Any], use_buffers: bool
) -> None:
    nets = OursNet(), TheirsNet()
    averaged = []
    for net, library in zip(nets, (ours_swa, theirs_swa), strict=True):
        functions = {how: getattr(library, name)(**options) for how, name in kind.items()}
        averaged.append(library.AveragedModel(net, **functions, use_buffers=use_buffers))
    # PyTorch computes 1/(n + 1) in single precision there: one rounding each in four steps
    rough = kind.get("multi_avg_fn") == "get_swa_multi_avg_fn"
    tolerance = 4 * 2.0**-24 if rough else TOLERANCE
    rng = np.random.default_rng(0)
    for number in range(1, 6):
        state = {
            "linear.weight": rng.standard_normal((2, 3)),
            "linear.bias": rng.standard_normal(2),
            "mean": rng.standard_normal(2),
            "count": np.array(10 * number),
        }
        nets[0].load_state_dict(state)
        nets[1].load_state_dict({name: torch.tensor(value) for name, value in state.items()})
        for average, net in zip(averaged, nets, strict=True):
            average.update_parameters(net)
        ours, theirs = averaged[0].state_dict(), averaged[1].state_dict()
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            agree(ours[name], value, f"{name} after {number}", tolerance)
    averaged[1].load_state_dict({n: torch.tensor(v.numpy()) for n, v in ours.items()})
    averaged[0].load_state_dict({n: v.numpy() for n, v in theirs.items()})


@pytest.mark.parametrize("name", [n for n in ours_swa.__all__ if n != "SWALR"])
def test_a_function_of_swa_utils_takes_pytorchs_arguments(name: str) -> None:
    assert name in theirs_swa.__all__
    theirs = inspect.signature(getattr(theirs_swa, name)).parameters
    ours = inspect.signature(getattr(ours_swa, name)).parameters
    kept = {n: p.default for n, p in theirs.items() if n != "device"}
    assert {n: p.default for n, p in ours.items()} == kept

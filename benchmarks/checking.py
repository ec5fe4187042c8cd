"""Checking gradients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from library import seconds

CHECKED_MLP = [20, 32, 32, 5]


def gradient_check(library: Any, nonlinearity: str, fast: bool) -> float:
    """All parameters of the MLP in float64, batch 4, against differences: ms.

    chaingrad runs 8 probes. PyTorch's full mode forms the whole Jacobian; its fast mode (`fast`)
    compares one number.
    """
    rng = np.random.default_rng(0)
    x = library.constant(rng.standard_normal((4, CHECKED_MLP[0])))
    parameters = []
    for fan_in, fan_out in pairwise(CHECKED_MLP):
        weight = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)
        parameters += [library.leaf(weight), library.leaf(rng.uniform(-0.1, 0.1, fan_out))]
    activate = getattr(library, nonlinearity)

    def mlp(*parameters: Any) -> Any:
        y = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            y = activate(y @ weight + bias)
        return y @ parameters[-2] + parameters[-1]

    options = {"fast_mode": fast} if library.nn.__name__ == "torch.nn" else {"probes": 8}
    return seconds(lambda: library.gradcheck(mlp, parameters, options)) * 1e3


def check_tanh(library: Any) -> float:
    return gradient_check(library, "tanh", fast=False)


def check_relu(library: Any) -> float:
    return gradient_check(library, "relu", fast=False)


def check_fast(library: Any) -> float:
    return gradient_check(library, "tanh", fast=True)

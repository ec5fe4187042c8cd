"""Checking gradients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from library import Step


def gradient_check(library: Any, sizes: list[int], nonlinearity: str, fast: bool = False) -> Step:
    """All parameters of an MLP in float64, batch 4, against differences.

    chaingrad runs 8 probes. PyTorch's full mode forms the whole Jacobian; its fast mode (`fast`)
    compares one number.
    """
    rng = np.random.default_rng(0)
    x = library.constant(rng.standard_normal((4, sizes[0])))
    parameters = []
    for fan_in, fan_out in pairwise(sizes):
        weight = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)
        parameters += [library.leaf(weight), library.leaf(rng.uniform(-0.1, 0.1, fan_out))]
    activate = getattr(library, nonlinearity)

    def mlp(*parameters: Any) -> Any:
        y = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            y = activate(y @ weight + bias)
        return y @ parameters[-2] + parameters[-1]

    options = {"fast_mode": fast} if library.nn.__name__ == "torch.nn" else {"probes": 8}

    def step() -> None:
        library.gradcheck(mlp, parameters, options)

    return step

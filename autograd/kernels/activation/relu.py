"""A relu, and what it lets through on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.parallel.twins import twin

__all__ = ["relu", "relu_pull"]

Array = Any  # an array, a NumPy scalar or a Tensor


@twin(1 << 14, exact=True)
def relu(x: Array) -> Array:
    """x where it is positive, else 0; NaN stays."""
    return np.maximum(x, 0)


@twin(1 << 14, exact=True)
def relu_pull(g: Array, out: Array) -> Array:
    """g where the relu's output is positive, elsewhere g times 0."""
    return g * (out > 0)

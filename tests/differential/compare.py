"""What the differential tests share: arrays to PyTorch and back, and signatures side by side."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

__all__ = ["TOLERANCE", "agree", "parameters_of", "to_torch"]

TOLERANCE = 1e-9  # relative to the largest element, 1 at least

# PyTorch's parameters that say nothing here: there is one device, these are deprecated, and
# `options` are about the memory of linear_cross_entropy.
WITHOUT_MEANING = {
    "device", "size_average", "reduce", "min_value", "max_value", "out", "_stacklevel", "self",
    "kwargs", "args", "options",
}  # fmt: skip


def to_torch(x: Any) -> Any:
    """Arrays as torch tensors, also within tuples; anything else as it is."""
    if isinstance(x, tuple):
        return tuple(to_torch(part) for part in x)
    return torch.tensor(x) if isinstance(x, np.ndarray) else x


def agree(found: Any, wanted: Any, what: str, tolerance: float = TOLERANCE) -> None:
    """Ours and PyTorch's have the same shape and, to the tolerance, the same values."""
    ours, theirs = np.asarray(found), wanted.detach().numpy()
    assert ours.shape == theirs.shape, what
    scale = max(1.0, float(np.max(np.abs(theirs), initial=0.0, where=np.isfinite(theirs))))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * scale, err_msg=what)


def parameters_of(f: Callable[..., Any]) -> dict[str, Any]:
    """The parameters that have a meaning, with their defaults, in order; functions by name."""
    found = inspect.signature(f).parameters
    defaults = {name: p.default for name, p in found.items() if name not in WITHOUT_MEANING}
    return {
        name: default.__name__ if inspect.isfunction(default) else default
        for name, default in defaults.items()
    }

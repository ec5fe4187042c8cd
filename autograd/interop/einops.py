"""Tensors in einops: `rearrange`, `reduce`, `repeat`, `pack` and `einsum` record."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from autograd.tensors.tensor import Tensor

__all__ = ["offer"]


def offer(backends: ModuleType) -> None:
    """Let einops find Tensors among the kinds of arrays that it knows: its module of backends."""
    base: Any = backends.NumpyBackend  # NumPy's functions record, and so do these

    class TensorBackend(base):  # type: ignore[misc]
        framework_name = "autograd"

        def is_appropriate_type(self, tensor: Any) -> bool:
            return isinstance(tensor, Tensor)

        def from_numpy(self, x: Any) -> Tensor:
            return Tensor(x)

        def to_numpy(self, x: Tensor) -> Any:
            return x.detach().numpy()

        def reshape(self, x: Tensor, shape: Any) -> Any:
            return np.reshape(x, tuple(shape))

        def transpose(self, x: Tensor, axes: Any) -> Any:
            return np.transpose(x, tuple(axes))

        def reduce(self, x: Tensor, operation: str, axes: Any) -> Any:
            return getattr(np, operation)(x, axis=tuple(axes))

        def is_float_type(self, x: Tensor) -> bool:
            return x.dtype.kind in "fc"

    backends.TensorBackend = TensorBackend  # type: ignore[attr-defined]  # einops finds subclasses

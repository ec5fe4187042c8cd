"""`inplace=True`, as PyTorch means it: the input becomes the result."""

from __future__ import annotations

from typing import Any

from autograd.tensors.assignment import change
from autograd.tensors.tensor import Tensor

__all__ = ["into"]


def into(x: Any, y: Any) -> Any:
    """Let a Tensor become what was computed from it; a leaf that requires grad is refused."""
    return change(x, lambda _: y, "f(x, inplace=True)") if isinstance(x, Tensor) else y

"""`inplace=True`, as PyTorch means it: the input becomes the result."""

from __future__ import annotations

from typing import Any

from autograd.tensors.tensor import Tensor
from autograd.tensors.inplace import operator

__all__ = ["into"]

_become = operator(lambda tensor, result: result, "f(x), inplace")


def into(x: Any, y: Any) -> Any:
    """Let a Tensor become what was computed from it; a leaf that requires grad is refused.

    Of a view only the Tensor itself becomes it.
    """
    if not isinstance(x, Tensor):
        return y
    if isinstance(getattr(x, "_origin", None), str):
        x._origin = None
    return _become(x, y)

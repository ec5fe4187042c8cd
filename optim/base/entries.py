"""What an optimizer keeps for a parameter, in memory of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import raw
from autograd.tensors.tensor import taken

__all__ = ["copied", "owned"]


def copied(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the state whose Tensors are copies."""
    return {name: _copied(value) for name, value in entry.items()}


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(part) for part in value]
    return taken(raw(value).copy()) if isinstance(value, Tensor) else value


def owned(value: Any) -> Any:
    """A saved array (also of PyTorch) as a Tensor with memory of its own; the rest as it is."""
    return taken(np.asarray(value).copy()) if hasattr(value, "__array__") else value

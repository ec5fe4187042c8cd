"""Tensor, as PyTorch has it: a Tensor of autograd whose methods mean what they mean there."""

from __future__ import annotations

from typing import Any

import autograd

__all__ = ["Tensor", "as_face"]


class Tensor(autograd.Tensor, results=True):
    """A Tensor with PyTorch's methods; what ops and layers compute from it is one too."""

    __slots__ = ()


def as_face(value: Any) -> Any:
    """A Tensor of autograd itself in this class, the same object; anything else as it is."""
    if type(value) is autograd.Tensor:
        value.__class__ = Tensor
    return value

"""Hooks of what is saved for backward, on Tensors of this face."""

from __future__ import annotations

from typing import Any

from autograd.functional import saving
from nn.torch.tensor import as_face

__all__ = ["save_on_cpu", "saved_tensors_hooks"]


class saved_tensors_hooks(saving.saved_tensors_hooks):
    """Have what is saved for backward packed by one hook and unpacked by another.

    >>> import nn.torch as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> with torch.autograd.graph.saved_tensors_hooks(lambda t: t.numpy().copy(), torch.from_numpy):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ()
    _dress: Any = staticmethod(as_face)


def save_on_cpu(pin_memory: bool = False, device_type: str = "cuda") -> saved_tensors_hooks:
    """Keep copies of what is saved for backward; here all memory is the processor's."""
    return saved_tensors_hooks(lambda tensor: tensor.clone(), lambda kept: kept)

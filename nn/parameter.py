"""Parameter: a leaf Tensor that belongs to a module and is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.node import spec_of

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Parameter", "recast"]


class Parameter(Tensor):
    """A Tensor that a Module registers when it is set as an attribute; it requires a gradient.

    `data` is a Tensor or anything a Tensor can be made of, and is copied. Its `name` becomes the
    dotted path in the outermost module (`encoder.0.weight`), unless the user gives one.

    >>> import nn
    >>> nn.Parameter([1.0, 2.0])
    Parameter containing:
    Tensor([1., 2.], dtype=float32, requires_grad=True)
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data, requires_grad, dtype, name)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


def recast(tensor: Tensor, dtype: npt.DTypeLike) -> None:
    """Change the dtype of a leaf where it stands: the same object, with its gradient and hooks."""
    if tensor.dtype == dtype:
        return
    value = tensor._value.astype(dtype)
    tensor._value = value
    node = tensor._node
    if node is not None:
        node.spec, node.saved = spec_of(value), (value,)
        if tensor.grad is not None:
            tensor.grad = tensor.grad.detach().to(dtype)

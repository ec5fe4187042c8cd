"""Parameter and Buffer of the face, and how those of nn become theirs: by their class alone."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import nn
from autograd.engine.dtypes import get_default_dtype
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.devices import check_cpu
from nn.torch.dtypes import as_numpy
from nn.torch.tensor import Tensor, as_face

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "adopt"]


class Parameter(nn.Parameter, Tensor):
    """A Tensor that a Module registers when it is set as an attribute: a leaf of its own."""

    __slots__ = ()

    def __init__(self, data: Any = None, requires_grad: bool = True, **options: Any) -> None:
        super().__init__(_outside(data), requires_grad, **options)


class Buffer(nn.Buffer, Tensor):
    """A Tensor that a Module registers as state when it is set as an attribute."""

    __slots__ = ()

    def __init__(self, data: Any = None, persistent: bool = True, **options: Any) -> None:
        super().__init__(_outside(data), persistent, **options)


def _outside(data: Any) -> Any:
    """Numbers without the graph that they come from; none at all, if none are given."""
    if data is None:
        return np.empty(0, get_default_dtype())
    return data.detach() if isinstance(data, PlainTensor) else data


class UninitializedParameter(nn.UninitializedParameter, Parameter):
    """A Parameter whose shape is not known yet."""

    __slots__ = ()

    def __new__(
        cls, requires_grad: bool = True, device: Any = None, dtype: Any = None, shape: Any = None
    ) -> Any:
        if isinstance(device, np.dtype):  # as nn copies it, without a device
            device, dtype, shape = None, device, dtype
        check_cpu(device)
        return nn.UninitializedParameter.__new__(cls, requires_grad, as_numpy(dtype), shape)

    cls_to_become: ClassVar[Any] = Parameter


class UninitializedBuffer(nn.UninitializedBuffer, Buffer):
    """A Buffer whose shape is not known yet."""

    __slots__ = ()
    cls_to_become: ClassVar[Any] = Buffer


_FACES = {
    nn.Parameter: Parameter,
    nn.Buffer: Buffer,
    nn.UninitializedParameter: UninitializedParameter,
    nn.UninitializedBuffer: UninitializedBuffer,
}


def adopt(tensor: Any) -> Any:
    """A Tensor, Parameter or Buffer in the class of the face; the same object."""
    face = _FACES.get(type(tensor))
    if face is None:
        return as_face(tensor)
    tensor.__class__ = face
    return tensor

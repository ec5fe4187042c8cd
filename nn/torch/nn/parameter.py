"""Parameter and Buffer of the face, and how those of nn become theirs: by their class alone."""

from __future__ import annotations

from typing import Any

import nn
from nn.torch.tensor import Tensor, as_face

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "adopt"]


class Parameter(nn.Parameter, Tensor):
    """A Tensor that a Module registers when it is set as an attribute."""

    __slots__ = ()


class Buffer(nn.Buffer, Tensor):
    """A Tensor that a Module registers as state when it is set as an attribute."""

    __slots__ = ()


class UninitializedParameter(nn.UninitializedParameter, Parameter):
    """A Parameter whose shape is not known yet."""

    __slots__ = ()
    cls_to_become = Parameter


class UninitializedBuffer(nn.UninitializedBuffer, Buffer):
    """A Buffer whose shape is not known yet."""

    __slots__ = ()
    cls_to_become = Buffer


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

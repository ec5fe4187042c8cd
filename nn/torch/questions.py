"""Methods that Tensors alone have: what they are asked, shapes, dtypes and devices."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.views import refuse_writes
from autograd.errors import ArgumentTypeError, DTypeError
from autograd.extend import raw
from nn.torch import devices, dtypes
from nn.torch.functions import creating
from nn.torch.functions.calling import axis_of, lengths, named
from nn.torch.promotion import cast

# ---- questions -----------------------------------------------------------------------------------


def numel(input: Any) -> int:
    """The number of elements."""
    return int(raw(input).size)


def dim(self: Any) -> int:
    """The number of dimensions."""
    return int(raw(self).ndim)


def is_floating_point(input: Any) -> bool:
    """Whether numbers are real and floating."""
    return bool(raw(input).dtype.kind == "f")


def is_complex(input: Any) -> bool:
    """Whether numbers are complex."""
    return bool(raw(input).dtype.kind == "c")


def is_signed(self: Any) -> bool:
    """Whether numbers may be negative."""
    return bool(raw(self).dtype.kind in "ifc")


def is_same_size(input: Any, other: Any) -> bool:
    """Whether another Tensor has the same size."""
    return bool(input.shape == other.shape)


def is_contiguous(self: Any, memory_format: Any = None) -> bool:
    """Whether numbers lie in their order in memory."""
    return bool(np.asarray(raw(self)).flags.c_contiguous)


def stride(self: Any, dim: Any = None) -> Any:
    """How many elements lie between neighbours along each dimension."""
    array = np.asarray(raw(self))
    steps = tuple(step // array.itemsize for step in array.strides)
    return steps if dim is None else steps[axis_of(self, dim)]


def element_size(self: Any) -> int:
    """The bytes that one element takes."""
    return int(raw(self).itemsize)


def get_device(self: Any) -> int:
    """-1, which means the CPU."""
    return -1


def is_conj(input: Any) -> bool:
    """Whether numbers are to be conjugated when they are read: they are at once."""
    return False


is_neg = _no = is_conj


def detach(input: Any) -> Any:
    """The same numbers outside the graph."""
    return input.detach()


def data_ptr(self: Any) -> int:
    """Where the numbers lie in memory."""
    return int(np.asarray(raw(self)).ctypes.data)


# ---- the same numbers ----------------------------------------------------------------------------


def view(self: Any, *shape: Any) -> Any:
    """The elements in another shape, in which one length may be -1."""
    if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
        return _seen(self, shape[0].dtype)
    return autograd.reshape(self, lengths(shape, "view"))


def _seen(self: Any, kind: Any) -> Any:
    """The same bytes as numbers of another dtype."""
    if kind == raw(self).dtype:
        return self
    found = creating.from_numpy(np.ascontiguousarray(raw(self)).view(kind).copy())
    return refuse_writes(found, "view")


def view_as(self: Any, other: Any) -> Any:
    """The elements in the shape of another Tensor."""
    return autograd.reshape(self, tuple(other.shape))


def contiguous(self: Any, memory_format: Any = None) -> Any:
    """The Tensor itself, or a copy in the order of memory."""
    return self if is_contiguous(self) else autograd.copy(self)


def sum_to_size(self: Any, *size: Any) -> Any:
    """Summed to a size that broadcasts to its own."""
    wanted = lengths(size, "sum_to_size")
    return self if wanted == self.shape else autograd.sum_to_size(self, wanted)


def _same(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The Tensor itself: there is one kind of memory."""
    return self


# ---- dtypes and devices --------------------------------------------------------------------------


def to(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The same numbers of another dtype, device, or as another Tensor; itself where it is so."""
    args = (*args, *(kwargs[key] for key in ("device", "dtype", "other") if key in kwargs))
    kind = None
    for given in args:
        if isinstance(given, dtypes.dtype) or (isinstance(given, type) and given in _PYTHON):
            kind = dtypes.as_numpy(given)
        elif isinstance(given, autograd.Tensor):
            kind = raw(given).dtype
        elif isinstance(given, (str, devices.device)) or type(given) is int:
            devices.check_cpu(given)
        elif given is not None and not isinstance(given, bool):
            raise ArgumentTypeError(f"to: takes a dtype, a device or a Tensor, got {given!r:.80}")
    if kind is None or kind == raw(self).dtype:
        return autograd.copy(self) if kwargs.get("copy") else self
    return autograd.astype(self, kind)


_PYTHON = {float, int, bool, complex}


def _cast(name: str, kind: str) -> Any:
    def call(self: Any, memory_format: Any = None) -> Any:
        return cast(self, dtypes.ALL[kind].dtype)

    named(call, name, f"The same numbers as {kind}.")
    return call


CASTS = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16",
    "int": "int32", "long": "int64", "short": "int16", "char": "int8", "byte": "uint8",
    "bool": "bool", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip
KINDS = {
    "Float": "float32", "Double": "float64", "Half": "float16", "Int": "int32", "Long": "int64",
    "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool",
}  # fmt: skip


def type_(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the old class, as "torch.FloatTensor"; or the numbers of another dtype."""
    if dtype is None:
        of = {kind: name for name, kind in KINDS.items()}
        return f"torch.{of.get(str(raw(self).dtype), 'Complex')}Tensor"
    if isinstance(dtype, str) or hasattr(dtype, "kind_of_tensor"):
        name = dtype if isinstance(dtype, str) else dtype.kind_of_tensor
        known = KINDS.get(name.removeprefix("torch.").removesuffix("Tensor"))
        if known is None:
            raise DTypeError(f"type: {dtype!r} names no dtype; write torch.float32")
        return cast(self, dtypes.ALL[known].dtype)
    return cast(self, dtypes.as_numpy(dtype))


def type_as(self: Any, other: Any) -> Any:
    """The same numbers in the dtype of another Tensor."""
    return cast(self, raw(other).dtype)


def cuda(self: Any, device: Any = None, **kwargs: Any) -> Any:
    """Refused: there is no GPU."""
    devices.check_cpu("cuda" if device is None else device)
    return self


METHODS: dict[str, Any] = {
    "numel": numel, "nelement": numel, "dim": dim, "ndimension": dim, "view": view,
    "view_as": view_as, "reshape_as": view_as, "contiguous": contiguous, "to": to, "type": type_,
    "type_as": type_as, "cuda": cuda, "cpu": _same, "pin_memory": _same, "share_memory_": _same,
    "coalesce": _same, "to_dense": _same, "is_floating_point": is_floating_point,
    "is_complex": is_complex, "is_signed": is_signed, "is_same_size": is_same_size,
    "is_contiguous": is_contiguous, "stride": stride, "element_size": element_size,
    "get_device": get_device, "is_pinned": _no, "is_shared": _no, "is_inference": _no,
    "is_conj": is_conj, "is_neg": is_neg, "is_distributed": _no, "data_ptr": data_ptr,
    "sum_to_size": sum_to_size, **{name: _cast(name, kind) for name, kind in CASTS.items()},
}  # fmt: skip

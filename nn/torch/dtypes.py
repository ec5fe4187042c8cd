"""PyTorch's dtypes: NumPy's under the names and with the questions of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import DTypeError, MissingAttributeError, UnsupportedError

__all__ = [
    "ALL",
    "as_numpy",
    "dtype",
    "finfo",
    "get_default_dtype",
    "iinfo",
    "of",
    "set_default_dtype",
]


class dtype:
    """A dtype as PyTorch has it, which NumPy takes for its own.

    >>> import numpy as np
    >>> import nn.torch as torch
    >>> torch.float32, torch.float32.is_floating_point, np.dtype(torch.float32)
    (torch.float32, True, dtype('float32'))
    """

    __slots__ = ("_name", "_numpy", "kind")

    def __init__(self, name: str, numpy: Any) -> None:
        self._name = name
        self._numpy = numpy
        if numpy is not None:
            self.kind: str = numpy.kind  # which ops and losses ask at every call

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's own, which np.dtype asks for."""
        if self._numpy is None:
            raise UnsupportedError(
                f"NumPy has no {self._name}, which arrays lie in here; use torch.float32"
            )
        return self._numpy

    @property
    def is_floating_point(self) -> bool:
        """Whether numbers of it are real and floating."""
        return self._numpy is None or self._numpy.kind == "f"

    @property
    def is_complex(self) -> bool:
        """Whether numbers of it are complex."""
        return self._numpy is not None and self._numpy.kind == "c"

    @property
    def is_signed(self) -> bool:
        """Whether numbers of it may be negative."""
        return self._numpy is None or self._numpy.kind in "ifc"

    def to_complex(self) -> Any:
        """The complex dtype of this precision."""
        return of(np.result_type(self.dtype, np.complex64))

    def to_real(self) -> Any:
        """The dtype of the real part."""
        return of(np.empty(0, self.dtype).real.dtype)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise MissingAttributeError(name)  # what Python asks of every object
        return getattr(self.dtype, name)  # such as kind, itemsize and type

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if self._numpy is None or other is None or isinstance(other, dtype):
            return False
        return bool(self._numpy == other)

    def __hash__(self) -> int:
        return hash(self._name) if self._numpy is None else hash(self._numpy)

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> Any:
        return (_named, (self._name,))


_NAMES = (
    "float32", "float64", "float16", "complex64", "complex128", "uint8", "int8", "int16", "int32",
    "int64", "bool", "uint16", "uint32", "uint64",
)  # fmt: skip
ALL = {name: dtype(name, np.dtype(name)) for name in _NAMES}
ALL |= {name: dtype(name, None) for name in ("bfloat16", "complex32")}
_OF = {kind.dtype: kind for kind in ALL.values() if kind._numpy is not None}
_PYTHON = {float: "float64", int: "int64", bool: "bool", complex: "complex128"}


def _named(name: str) -> dtype:
    return ALL[name]


def of(numpy: Any) -> dtype:
    """PyTorch's dtype for one of NumPy's."""
    found = _OF.get(numpy)
    return _OF[np.dtype(numpy).newbyteorder("=")] if found is None else found


def as_numpy(wanted: Any) -> Any:
    """NumPy's dtype for one of PyTorch's, or for Python's float, int, bool; None stays."""
    if wanted is None:
        return None
    if isinstance(wanted, dtype):
        return wanted.dtype
    if isinstance(wanted, type) and wanted in _PYTHON:
        return ALL[_PYTHON[wanted]].dtype
    if isinstance(wanted, str) or not isinstance(wanted, (type, np.dtype)):
        raise DTypeError(f"dtype is one of PyTorch's, such as torch.float32, got {wanted!r:.80}")
    return np.dtype(wanted)


def get_default_dtype() -> dtype:
    """The dtype that Python floats become."""
    return of(autograd.get_default_dtype())


def set_default_dtype(d: Any, /) -> None:
    """Set the dtype that Python floats become."""
    autograd.set_default_dtype(as_numpy(d))


class finfo:
    """The limits of a floating dtype, the default one if none is given.

    >>> import nn.torch as torch
    >>> torch.finfo(torch.float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, type: Any = None) -> None:
        if type is ALL["bfloat16"]:
            self._of_bfloat16()
            return
        wanted = get_default_dtype() if type is None else of(as_numpy(type))
        if wanted.kind not in "fc":
            raise DTypeError(f"finfo: {wanted} is not floating; use torch.iinfo")
        limits = np.finfo(wanted.dtype)
        self.dtype = str(of(limits.dtype))[6:]
        self.bits = limits.bits
        self.min, self.max, self.eps = map(_number, (limits.min, limits.max, limits.eps))
        self.smallest_normal = self.tiny = _number(limits.tiny)
        self.resolution = _number(limits.resolution)

    def _of_bfloat16(self) -> None:
        """Of numbers that there are none of, for programs that choose by them."""
        self.dtype, self.bits, self.eps, self.resolution = "bfloat16", 16, 2.0**-7, 0.01
        self.max = (2 - 2.0**-7) * 2.0**127
        self.min, self.smallest_normal = -self.max, 2.0**-126
        self.tiny = self.smallest_normal

    def __repr__(self) -> str:
        shown = f"resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}"
        small = f"smallest_normal={self.tiny:g}, tiny={self.tiny:g}"
        return f"finfo({shown}, eps={self.eps:g}, {small}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype.

    >>> import nn.torch as torch
    >>> torch.iinfo(torch.int64).max
    9223372036854775807
    """

    def __init__(self, type: Any) -> None:
        wanted = of(as_numpy(type))
        if wanted.kind not in "iu":
            raise DTypeError(f"iinfo: {wanted} holds no integers; use torch.finfo")
        limits = np.iinfo(wanted.dtype)
        self.dtype, self.bits = str(wanted)[6:], limits.bits
        self.min, self.max = limits.min, limits.max

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def _number(value: Any) -> Any:
    return value.item()

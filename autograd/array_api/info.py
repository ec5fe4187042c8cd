"""What the namespace says of itself: `__array_namespace_info__`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.array_api import names
from autograd.array_api.questions import isdtype
from autograd.engine.dtypes import default_of
from autograd.engine.kinds import KINDS, Device
from autograd.errors import ArgumentError

__all__ = ["__array_namespace_info__"]

_DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
    "float64", "complex64", "complex128",
)  # fmt: skip
_INTEGERS = np.dtype(np.int64)


def _check(device: Any) -> None:
    if not KINDS["Device"].fits(device):
        raise ArgumentError(f"device is {device!r:.40}, and all is done on the CPU")


class __array_namespace_info__:
    """What this namespace can do, and which dtypes and devices it has.

    >>> import autograd as ag
    >>> info = ag.__array_namespace_info__()
    >>> info.devices(), info.default_dtypes()["real floating"]
    (['cpu'], dtype('float32'))
    """

    def capabilities(self) -> dict[str, Any]:
        """Masks as indices, shapes that depend on values, and the most axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """The only one."""
        return "cpu"

    def devices(self) -> list[str]:
        """All is done on the CPU."""
        return ["cpu"]

    def default_dtypes(self, *, device: Device = None) -> dict[str, np.dtype[Any]]:
        """What Python's numbers become (`set_default_dtype`), and the dtype of indices."""
        _check(device)
        return {
            "real floating": default_of("f"),
            "complex floating": default_of("c"),
            "integral": _INTEGERS,
            "indexing": _INTEGERS,
        }

    def dtypes(self, *, device: Device = None, kind: Any = None) -> dict[str, np.dtype[Any]]:
        """The dtypes of the standard by name, all or those of a kind (see `isdtype`)."""
        _check(device)
        found = {name: getattr(names, name) for name in _DTYPES}
        return {n: dtype for n, dtype in found.items() if kind is None or isdtype(dtype, kind)}

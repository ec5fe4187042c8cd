"""How Tensors are printed: as PyTorch prints them, with four digits and what is not usual."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.engine.dtypes import get_default_dtype
from autograd.errors import ArgumentError
from autograd.extend import raw
from autograd.tensors.display import made_by

__all__ = ["set_printoptions", "text"]

_DEFAULT = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None}
_PROFILES: dict[str, dict[str, Any]] = {
    "default": _DEFAULT,
    "short": _DEFAULT | {"precision": 2, "edgeitems": 2},
    "full": _DEFAULT | {"threshold": math.inf},
}
OPTIONS = SimpleNamespace(**_DEFAULT)


def set_printoptions(
    precision: Any = None,
    threshold: Any = None,
    edgeitems: Any = None,
    linewidth: Any = None,
    profile: Any = None,
    sci_mode: Any = None,
) -> None:
    """How many digits and elements are printed, and how wide; or all of a profile."""
    if profile is not None:
        if profile not in _PROFILES:
            raise ArgumentError(f"profile is one of {', '.join(_PROFILES)}, got {profile!r}")
        vars(OPTIONS).update(_PROFILES[profile])
    given = {
        "precision": precision, "threshold": threshold, "edgeitems": edgeitems,
        "linewidth": linewidth,
    }  # fmt: skip
    vars(OPTIONS).update({name: value for name, value in given.items() if value is not None})
    OPTIONS.sci_mode = sci_mode


class _Numbers:
    """How the numbers of one Tensor are written: all alike, in one width."""

    def __init__(self, array: Any) -> None:
        self.kind = array.dtype.kind
        self.is_whole = self.is_scientific = False
        values = array.reshape(-1)
        if self.kind == "f":
            values = values[np.isfinite(values) & (values != 0)].astype(np.float64)
            self._look(np.abs(values))
        texts = map(self._plain, values.tolist())
        self.width = max(map(len, texts), default=1)

    def _look(self, sizes: Any) -> None:
        self.is_whole = bool((sizes == np.ceil(sizes)).all())
        if sizes.size:
            low, high = sizes.min(), sizes.max()
            self.is_scientific = bool(
                high > 1000 * low or high > 1e8 or (not self.is_whole and low < 1e-4)
            )
        if OPTIONS.sci_mode is not None:
            self.is_scientific = OPTIONS.sci_mode

    def _plain(self, value: Any) -> str:
        if self.kind != "f":
            return str(value)
        if self.is_scientific:
            return f"{value:.{OPTIONS.precision}e}"
        if self.is_whole:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{OPTIONS.precision}f}"

    def __call__(self, value: Any) -> str:
        return self._plain(value.item()).rjust(self.width)


class _Complex:
    """How complex numbers are written: real and imaginary parts each in their own way."""

    def __init__(self, array: Any) -> None:
        self.real, self.imag = _Numbers(array.real), _Numbers(array.imag)
        self.width = self.real.width + self.imag.width + 1

    def __call__(self, value: Any) -> str:
        imag = self.imag(value.imag).lstrip()
        sign = "" if imag[0] in "+-" else "+"
        return f"{self.real(value.real)}{sign}{imag}j"


def _row(row: Any, written: Any, indent: int, summed: bool) -> str:
    edge = OPTIONS.edgeitems
    if summed and not edge:
        texts = ["..."]
    elif summed and len(row) > 2 * edge:
        texts = [*map(written, row[:edge]), " ...", *map(written, row[-edge:])]
    else:
        texts = [*map(written, row)]
    per_line = max(1, math.floor((OPTIONS.linewidth - indent) / (written.width + 2)))
    lines = [", ".join(texts[i : i + per_line]) for i in range(0, len(texts), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _nested(array: Any, written: Any, indent: int, summed: bool) -> str:
    if array.ndim == 0:
        return str(written(array[()]))
    if array.ndim == 1:
        return _row(array, written, indent, summed)
    edge = OPTIONS.edgeitems
    if summed and len(array) > 2 * edge:
        first = [_nested(part, written, indent + 1, summed) for part in array[:edge]]
        last = [_nested(part, written, indent + 1, summed) for part in array[len(array) - edge :]]
        parts = [*first, "...", *last]
    else:
        parts = [_nested(part, written, indent + 1, summed) for part in array]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _shown(array: Any) -> Any:
    """The part of an array that is printed, which tells how wide its numbers are."""
    edge = OPTIONS.edgeitems
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * edge:
            length = array.shape[axis]
            array = np.take(array, [*range(edge), *range(length - edge, length)], axis)
    return array


def _facts(tensor: Any, array: Any) -> list[str]:
    facts = []
    if not array.size and array.ndim != 1:
        facts.append(f"size={tuple(array.shape)}")
    default = get_default_dtype()
    usual = {default, np.result_type(default, np.complex64), np.dtype(bool), np.dtype(np.int64)}
    if array.dtype not in usual or (not array.size and array.dtype != default):
        facts.append(f"dtype={tensor.dtype}")
    if tensor.grad_fn is not None:
        facts.append(f"grad_fn=<{backward_name(tensor)}>")
    elif tensor.requires_grad:
        facts.append("requires_grad=True")
    return facts


_THEIRS = {
    "multiply": "Mul", "subtract": "Sub", "divide": "Div", "power": "Pow", "negative": "Neg",
    "getitem": "Select", "matmul": "Mm", "concat": "Cat", "astype": "ToCopy", "copy": "Clone",
    "reshape": "View", "permute_dims": "Permute", "swapaxes": "Transpose", "take": "IndexSelect",
    "expand_dims": "Unsqueeze", "broadcast_to": "Expand", "clip": "Clamp", "setitem": "CopySlices",
    "linear": "Addmm",
}  # fmt: skip


def backward_name(tensor: Any) -> str:
    """What PyTorch would call the node that made it, near enough: `MulBackward0`."""
    name = made_by(tensor).lstrip("_")
    theirs = _THEIRS.get(name) or "".join(part.capitalize() for part in name.split("_"))
    return f"{theirs}Backward0"


def text(tensor: Any) -> str:
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`."""
    array, prefix = np.asarray(raw(tensor)), "tensor("
    indent = len(prefix)
    if not array.size:
        body = "[]"
    else:
        summed = array.size > OPTIONS.threshold
        shown = _shown(array) if summed else array
        written = _Complex(shown) if array.dtype.kind == "c" else _Numbers(shown)
        body = _nested(array, written, indent, summed)
    whole = prefix + body
    length = len(whole) - whole.rfind("\n") + 1
    for fact in _facts(tensor, array):
        if length + len(fact) + 2 > OPTIONS.linewidth:
            whole += ",\n" + " " * indent + fact
            length = indent + len(fact)
        else:
            whole += f", {fact}"
            length += len(fact) + 2
    return f"{whole})"

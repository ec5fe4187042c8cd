"""The settings of an op in a few words: kernel, stride, axis, eps, what it was called with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.viz.model.model import Step
from autograd.viz.model.numbers import number, one_line, shape_text

__all__ = ["index_text", "settings"]

_UNSAID = {"shape", "sizes", "lengths", "counts", "mode", "stable", "transposed", "weak"}
_PLAIN = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
_WORDS = {
    "subscripts": "", "dtype": "to", "indices_or_sections": "at", "negative_slope": "slope",
    "pad_width": "pad", "index": "",
}  # fmt: skip


def settings(step: Step) -> str:
    """`kernel 3×3 · stride 2`: all that is not as it usually is; nothing of most ops."""
    return one_line(" · ".join(_parts(step)))


def _parts(step: Step) -> Iterator[str]:
    parameters = step.node.parameters()
    if step.op.name in ("convolution", "convolution_transposed"):
        kernels = [e.source.shape for e in step.edges if e.input == "weight"]
        if kernels:
            yield f"kernel {shape_text(kernels[0][2:])}"
    windows = parameters.get("windows")
    if windows is not None:
        yield f"kernel {shape_text(windows.size)}"
        parameters = {name: getattr(windows, name) for name in ("stride", "padding", "dilation")}
        if tuple(parameters["stride"]) == tuple(windows.size):
            del parameters["stride"]  # which is the usual one
    table = parameters.get("table")
    if table is not None:
        yield f"{table.kind} {table.length} → {table.size}"
    if step.op.name == "swapaxes":
        yield f"axes {number(parameters['axis1'])} ↔ {number(parameters['axis2'])}"
        parameters = {k: v for k, v in parameters.items() if k not in ("axis1", "axis2")}
    for name, value in parameters.items():
        if name not in _UNSAID and name != "table" and _is_told(step, name, value):
            word = _WORDS.get(name, name)
            if name in ("axis", "axes"):
                word = "axes" if isinstance(value, tuple) and len(value) > 1 else "axis"
            yield f"{word} {_text(name, value)}".strip()


def _is_told(step: Step, name: str, value: Any) -> bool:
    if value is None or value is False or callable(value) or name == "keepdims":
        return False  # the shape tells that axes are kept
    plain = _PLAIN.get(name, step.op.defaults.get(name) if step.op.defaults else None)
    return value is True or plain is None or _text(name, value) != _text(name, plain)


def _text(name: str, value: Any) -> str:
    if name == "index":
        return index_text(value)
    if isinstance(value, tuple):
        if name not in ("axes", "axis") and value and all(each == value[0] for each in value):
            return _text("", value[0])
        return ("/" if name == "inner" else ", ").join(_text("inner", each) for each in value)
    if isinstance(value, bool):
        return ""  # its name says it
    if isinstance(value, (int, float, np.number)):
        return number(value)
    if isinstance(value, np.ndarray):
        return f"{shape_text(value.shape)} numbers"
    return str(value)


def index_text(index: Any) -> str:
    """`[0, 1:3]`."""
    parts = index if isinstance(index, tuple) else (index,)
    return f"[{', '.join(map(_place, parts))}]"


def _place(part: Any) -> str:
    """One index: `1:3`, `…`, `i` for an array of places."""
    if isinstance(part, slice):
        ends = ("" if each is None else str(each) for each in (part.start, part.stop))
        return ":".join(ends) + (f":{part.step}" if part.step is not None else "")
    if part is Ellipsis:
        return "…"
    return "new" if part is None else str(part) if np.ndim(part) == 0 else "i"

"""How a Tensor looks: text and HTML, with value, dtype, name and op."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["html", "label", "made_by", "text"]


def label(tensor: Any) -> str:
    """What messages call a Tensor: by its name, else by its shape."""
    return tensor._label()  # type: ignore[no-any-return]


def made_by(tensor: Any) -> str:
    """The op that made a Tensor, or "the user"."""
    return tensor._op_name()  # type: ignore[no-any-return]


def text(tensor: Any) -> str:
    """`Tensor([1., 2.], dtype=float32, name='w', requires_grad=True)`."""
    indent = " " * len("Tensor(")
    shown = np.array2string(np.asarray(tensor._value), separator=", ", prefix=indent)
    if tensor.size == 0:
        shown += f", shape={tensor.shape}"
    return f"Tensor({', '.join([shown, *_facts(tensor)])})"


def _facts(tensor: Any) -> list[str]:
    facts = [f"dtype={tensor.dtype}"]
    if tensor.name:
        facts.append(f"name={tensor.name!r}")
    if not tensor.is_leaf:
        facts.append(f"op={tensor._op_name()}")
    elif tensor.requires_grad:
        facts.append("requires_grad=True")
    return facts


def _value_text(tensor: Any) -> str:
    return np.array2string(np.asarray(tensor._value), separator=", ")


def html(tensor: Any) -> str:
    """A small table for notebooks: a title line, the value, and the gradient if there is one."""
    from html import escape  # late: only notebooks need it

    shape = "×".join(map(str, tensor.shape)) or "scalar"
    title = " · ".join(
        [tensor.name or "Tensor", shape, *(f for f in _facts(tensor) if "name" not in f)]
    )
    rows = [("=", "#1d4ed8", "#eff6ff", tensor)]
    if tensor.grad is not None:
        rows.append(("∇", "#c2410c", "#fff7ed", tensor.grad))
    body = "".join(
        f'<tr style="background:{tint};color:{ink}"><td>{sign}</td>'
        f'<td style="text-align:left"><pre style="margin:0;color:inherit;background:none">'
        f"{escape(_value_text(value))}</pre></td></tr>"
        for sign, ink, tint, value in rows
    )
    return (
        f'<table style="border:1px solid #94a3b8"><tr><th colspan="2" style="text-align:left;'
        f'color:#0f172a;background:#f8fafc">{escape(title)}</th></tr>{body}</table>'
    )

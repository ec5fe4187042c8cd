"""Borders around symbols."""

from __future__ import annotations

from typing import Any

from autograd.engine.row import OPS, Op
from autograd.static.symbol import Symbol, build

__all__ = ["padded"]


def _padded(x: Any, /, pad_width: Any, options: Any) -> Any:
    """x with borders."""
    return OPS["pad"].record(x, pad_width, **options)


PADDED = Op(_padded, "pad", {})
PADDED.record = _padded


def padded(
    x: Symbol, widths: Any, mode: str = "constant", name: str = "Pad", **more: Any
) -> Symbol:
    """The symbol with borders: a node whose op takes the options of a mode as one parameter."""
    params = {"pad_width": widths, "options": {"mode": mode, **more}}
    return build(PADDED, (x,), params, name)

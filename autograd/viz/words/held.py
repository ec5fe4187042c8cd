"""A gradient that lies in `.grad` and that the graph which is asked did not put there."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.viz.model.numbers import number, rms
from autograd.viz.words.reason import HUGE, TINY, Reason, grad_of

__all__ = ["another", "held", "kind_of_size"]

_SAME = 0.01  # of the size: rounding, and a sum in another order, are less


def kind_of_size(gradient: Any, value: Any) -> str:
    """Whether a gradient is NaN, infinite, zero, tiny or huge beside its value; else ""."""
    if not np.all(np.isfinite(gradient)):
        return "NaN" if np.any(np.isnan(gradient)) else "infinite"
    size, below = rms(gradient), rms(value) or 1.0
    if size == 0:
        return "zero" if np.size(gradient) else ""
    return "tiny" if size < TINY * below else "huge" if size > HUGE * below else ""


def held(name: str, gradient: Any, value: Any, finding: str) -> Reason:
    """What can be said of it by itself, and a finding that tells why that is all."""
    kind = kind_of_size(gradient, value)
    size = f"rms {number(rms(gradient), 2)}"
    if kind in ("tiny", "huge"):
        text = f"{kind}: {size}, and {name} is {number(rms(value), 2)}"
    elif not np.size(gradient):
        text = "empty"
    else:
        text = kind or f"there: {size}"
    state = {"": "sound", "NaN": "nan", "infinite": "nan"}.get(kind, kind)
    return Reason(state, f"{grad_of(name)} is {text}.", (finding,), kind)


def another(gradient: Any, given: Any) -> str:
    """What to say where a loss gives something else than what is held; "" where it does not."""
    with np.errstate(all="ignore"):
        apart = rms(np.where(gradient == given, 0, gradient - given))
    unlike = not np.array_equal(np.isfinite(gradient), np.isfinite(given))
    if not unlike and not apart > _SAME * max(rms(gradient), rms(given)):
        return ""
    size = f"rms {number(rms(given), 2)}" if np.any(given) else "zero"
    return (
        f"this loss gives {size}: what lies in .grad was added up over several backward(), "
        "cleared, scaled, clipped, or changed by a hook"
    )

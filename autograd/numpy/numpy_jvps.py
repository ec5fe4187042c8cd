"""A helper for rules of forward mode, by HIPS' name. The engine repeats along axes itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.operands import raw

__all__ = ["broadcast"]


def broadcast(x: Any, target: Any) -> Any:
    """A tangent `x` repeated to the shape of the value `target`, and complex if that is.

    >>> broadcast(1.0, np.zeros(2))
    array([1., 1.])
    """
    value = raw(target)
    spread = np.broadcast_to(x, np.shape(value))
    return spread + 0j if np.iscomplexobj(value) and not np.iscomplexobj(raw(x)) else spread

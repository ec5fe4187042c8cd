"""Copies that threads share. One that does not wait awake begins when they are nearly over."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.loops import share_rows

__all__ = ["copied"]

Array = Any


def copied(x: Array) -> Any:
    if not x.ndim or not x.flags.c_contiguous:
        return NotImplemented
    out = np.empty_like(x)
    share_rows(lambda at: np.copyto(out[at], x[at]), len(x), x[:1].size)
    return out

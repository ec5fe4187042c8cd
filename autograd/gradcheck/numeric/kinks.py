"""Smooth point, kink, cusp or jump: told by the gap between the one-sided slopes as steps shrink.

When the step falls to a quarter, the gap of a smooth function falls to a quarter too; at a kink it
stays; at a cusp it doubles (as for √|x|); at a jump it is four times as large.
"""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.sides import CUSP, JUMP, KINK, Slopes

__all__ = ["at_kink", "bracketed", "kind_of"]


def at_kink(slopes: Slopes) -> Array:
    """For which outputs the point is no smooth one."""
    sure = (slopes.gap > 10 * slopes.one_sided) | (slopes.gap_ratio > CUSP)
    return np.asarray((slopes.gap_ratio > KINK) & sure)


def kind_of(ratio: float) -> str:
    """The word for a gap that changes by this ratio."""
    if ratio > JUMP:
        return "jump"
    return "cusp" if ratio > CUSP else "kink" if ratio > KINK else "smooth"


def bracketed(analytic: Array, slopes: Slopes) -> Array:
    """Whether a slope is one that may be chosen: it lies between the one-sided ones.

    At a jump these are the slopes beside it: 0 for a step. At a cusp, and where the tangent is
    vertical, no finite slope exists, and all that is no NaN is as good.
    """
    slack = 10 * slopes.one_sided
    low = np.minimum(slopes.left, slopes.right) - slack
    high = np.maximum(slopes.left, slopes.right) + slack
    return np.asarray((low <= analytic) & (analytic <= high))

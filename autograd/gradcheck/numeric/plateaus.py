"""Functions that stand still within short steps: constant there, or rounded on their way."""

from __future__ import annotations

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.numeric.sides import taken

__all__ = ["on_plateaus"]

_SLACK = 10  # times a claimed error that another estimate may be away


def on_plateaus(
    start: Array, high: Array, low: Array, h: Array, noise: Array
) -> tuple[Array, Array, Array]:
    """The best estimate of wide steps, where f does not move at all within the finest.

    f may be constant there, as floor is, or rounded on its way, as in single precision: then the
    least that it ever moves by, the last given, is what it is rounded to. Nothing is said where
    that is the noise that has been measured; and nothing is known where f is rounded and narrower
    steps contradict, as those of a wave do that is shorter.
    """
    rounded = _is_rounded(start, high, low)
    ways = np.abs(high - start), np.abs(start - low)
    # beside a kink one side may stand still, be f rounded or not
    moved = np.where(rounded, np.fmax(*ways), np.fmin(*ways))
    apart = np.where(rounded, np.abs(high + low - 2 * start) / (2 * h), 0.0)
    central = (high - low) / (2 * h)
    still = moved == 0
    step = np.min(np.where(still, np.inf, moved), axis=0)
    error = np.abs(np.diff(central, axis=0)) + 2 * step / h[:-1] + apart[:-1]
    error = np.where(still[:-1] | ~np.isfinite(error), np.inf, error)
    best = np.argmin(error, axis=0)[None]
    value, error = taken(central[:-1], best), taken(error, best)
    narrower = (np.arange(len(still))[:, None] > best) & ~still
    far = np.abs(central - value) > _SLACK * (error + 2 * step / h)
    vague = np.any(far & narrower, axis=0) | (2 * error > np.abs(value))
    error = np.where(rounded & vague, np.inf, error)
    told = np.all(still[-4:], axis=0) & (np.isfinite(error) | rounded) & (step > noise)
    return value, np.where(told, error, np.nan), step


def _is_rounded(start: Array, high: Array, low: Array) -> Array:
    """Whether f moves as float16 or float32 does: all its values fit, and use the last digits."""
    found = np.zeros(start.shape, bool)
    values = np.concatenate([high, low])
    moved = (values != start) & np.isfinite(values)
    step = np.min(np.where(moved, np.abs(values - start), np.inf), axis=0)
    for dtype in (np.float16, np.float32):
        fits = (start.astype(dtype) == start) & np.all((values.astype(dtype) == values) | ~moved, 0)
        if np.any(fits & (start != 0)):
            last = np.abs(values) / np.spacing(np.abs(values).astype(dtype)) % 4 != 0
            last = 2 * np.sum(last & moved, axis=0) >= np.sum(moved, axis=0)
            short = step <= 4 * np.spacing(np.abs(start).astype(dtype))
            found |= fits & (start != 0) & (last | short)
    return found & np.any(moved, axis=0)

"""What kind of mistake it is: the few ways in which gradients are usually wrong, by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd.engine.op import Array
from autograd.gradcheck.naming.structure import explains

__all__ = ["describe", "factor", "place", "place_of_some"]

_NOTHING = 1e-9  # relative to the other slope: what counts as 0
_SOME = 4  # wrong elements, of some that were looked at, that show a place
_SAME = 1e-4  # relative spread within which ratios are one
_BLURRED = 2.0  # claimed errors within which they are one
_ROUND = (-1.0, 2.0, 0.5, -2.0, -0.5)


def describe(
    analytic: Array,
    numeric: Array,
    wrong: Array,
    what: str | None,
    where: str | None,
    contributions: Array | None = None,
) -> str | None:
    """The pattern of the wrong elements of one gradient, if there is one.

    All arrays have the input's shape; `wrong` is a mask, `where` says where it is, `what` is the
    factor that it is off by; `contributions` (outputs' shape + input's shape) sum to the numeric
    gradient.
    """
    if np.any(np.isnan(analytic[wrong])):
        return "NaN in the gradient"
    if not np.any(analytic):
        return "all zero"
    if np.all(analytic[wrong] == 0):
        what = "block of zeros" if np.count_nonzero(wrong) > 1 else "zero"
    elif np.all(np.abs(numeric[wrong]) <= _NOTHING * np.abs(analytic[wrong])):
        what = "not zero where the slope is 0 (a mask is missing?)"
    if what is None and contributions is not None and _unsummed(analytic, contributions):
        what = "missing broadcast sum"
    if what is None or (what != "missing broadcast sum" and where is None):
        square = analytic.ndim == 2 and analytic.shape[0] == analytic.shape[1] > 1
        if square and explains(analytic, numeric.T, numeric):
            return "transposed"
        if contributions is not None and _unsummed(analytic, contributions):
            return "missing broadcast sum"
    if what is None:
        return where and f"wrong {where}"
    return what if where is None else f"{what}, {where}"


def factor(analytic: Array, numeric: Array, sizes: Sequence[int], blur: float = 0.0) -> str | None:
    """The one number that the gradient is off by, in words.

    `sizes` are lengths that a mean may have divided by. Where the numeric one is known to a
    relative error of `blur` it is a round one.
    """
    sound = np.isfinite(analytic) & np.isfinite(numeric) & (numeric != 0)
    if not np.any(sound):
        return None
    big = np.abs(numeric[sound]) > 1e-6 * np.max(np.abs(numeric[sound]))
    ratios = (analytic[sound] / numeric[sound])[big]
    c = complex(np.median(ratios.real) + 1j * np.median(np.imag(ratios)))
    if c == 0 or np.max(np.abs(ratios - c)) > max(_SAME, _BLURRED * blur) * abs(c):
        return None
    if blur > _SAME:
        near = [r for r in _ROUND if abs(c - r) <= _BLURRED * blur * abs(r)]
        return _in_words(near[0], []) if len(near) == 1 else None
    if abs(c.imag) > _SAME * abs(c):
        is_imaginary = abs(c.real) <= _SAME * abs(c)
        return "constant factor " + (f"{c.imag:.4g}j" if is_imaginary else f"{c:.4g}")
    return _in_words(c.real, [n for n in sizes if n > 2])


def _in_words(c: float, sizes: Sequence[int]) -> str:
    if abs(c + 1) < _SAME:
        return "sign flipped"
    for n in sizes:
        if abs(c * n - 1) < _SAME:
            return f"constant factor {c:.4g}: 1/N (N = {n}, a batch size?)"
        if abs(c / n - 1) < _SAME:
            return f"constant factor {c:.4g}: N (N = {n}, a batch size?)"
    if 0.5 < c < 1.5 and abs(c - round(c * 2) / 2) > _SAME:
        return f"{(c - 1) * 100:+.3g} %"
    if abs(c - 1) <= _SAME:
        return f"off by a relative {c - 1:+.1g}"
    return f"constant factor {c:.4g}"


def place(wrong: Array, x: Array, name: str = "x") -> str | None:
    """Where the wrong elements are, if not everywhere: a row, a column, one sign of x, a block."""
    count = np.count_nonzero(wrong)
    if count == wrong.size:
        return None
    if line := _line(np.stack(np.nonzero(wrong)), wrong.shape):
        return line
    if sign := _sign(wrong, x, name):
        return sign
    indices = np.flatnonzero(wrong)
    if wrong.ndim == 1 and count > 2 and indices[-1] - indices[0] + 1 == count:
        return f"elements {indices[0]} to {indices[-1]} only"
    return None


def place_of_some(
    coordinates: Array,
    wrong: Array,
    telling: Array,
    shape: tuple[int, ...],
    x: Array,
    name: str,
) -> str | None:
    """The same where only some elements were looked at, and these not all were wrong.

    Those that are right count only where one of the outputs that were looked at depends on them.
    """
    kept = wrong | telling
    coordinates, wrong, x = coordinates[kept], wrong[kept], x[kept]
    if np.all(wrong) or np.count_nonzero(wrong) < _SOME:
        return None
    indices = np.stack(np.unravel_index(coordinates, shape))
    line = _line(indices[:, wrong], shape)
    if line is not None and _line(indices, shape) is None:
        return line
    return _sign(wrong, x, name)


def _line(indices: Array, shape: tuple[int, ...]) -> str | None:
    """The one row, column or the like that has all of these elements."""
    if indices.shape[1] < 2 or len(shape) < 2:
        return None
    for axis, length in enumerate(shape):
        lines = np.unique(indices[axis])
        if lines.size == 1 and length > 1:
            word = {0: "row", 1: "column"}.get(axis, f"axis {axis}, index")
            return f"{word} {lines[0]} only"
    return None


def _sign(wrong: Array, x: Array, name: str) -> str | None:
    count = np.count_nonzero(wrong)
    if np.isrealobj(x) and count > 1:
        for mask, words in ((x < 0, f"{name} < 0"), (x > 0, f"{name} > 0")):
            if not np.any(wrong & ~mask) and count >= 0.5 * np.count_nonzero(mask):
                return f"only where {words}"
    return None


def _unsummed(analytic: Array, contributions: Array) -> bool:
    """Whether the gradient is what one index of an output axis contributes, not their sum."""
    axes = contributions.ndim - analytic.ndim
    for axis in range(axes):
        if contributions.shape[axis] < 2:
            continue
        kept = np.sum(contributions, axis=tuple(a for a in range(axes) if a != axis))
        total = np.sum(kept, axis=0)
        for index in (0, -1):
            if explains(analytic, kept[index], total):
                return True
    return False

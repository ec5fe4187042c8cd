"""Mistakes that show in the Jacobian as a whole, where all of it was compared."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from autograd.engine.op import Array

__all__ = ["are_known", "explains", "in_words", "structure"]

_SAME = 1e-4  # of the largest element
_MILLIONTH = 1e-6
_PART = 0.1  # of what is wrong, that may be left where a mistake is undone
_ZERO = 1e-8  # of the largest element: what is smaller is none


def structure(
    analytic: Array, numeric: Array, output: tuple[int, ...], shape: tuple[int, ...]
) -> str | None:
    """The pattern of a wrong Jacobian of one real output by one real input.

    The matrices are (outputs, inputs), both flat; `output` and `shape` are the shapes of the two.
    """
    a, n = (m.reshape(*output, *shape) for m in (analytic, numeric))
    if what := _swapped_axes(a, n, len(output)):
        return what
    if what := _permuted(analytic, numeric):
        return what
    return _coupling(analytic, numeric, shape) if output == shape and shape else None


def explains(found: Array, undone: Array, right: Array) -> bool:
    """Whether a wrong gradient is the right one with a mistake made, and all that is wrong is that.

    Both have to be alike, and much more so than the wrong and the right are.
    """
    size = float(np.max(np.abs(right), initial=0.0))
    left = float(np.max(np.abs(found - undone), initial=0.0))
    return left <= min(_SAME * size, _PART * float(np.max(np.abs(found - right), initial=0.0)))


def _swapped_axes(a: Array, n: Array, outputs: int) -> str | None:
    for i, j in combinations(range(a.ndim), 2):
        if a.shape[i] != a.shape[j] or a.shape[i] < 2:
            continue
        if not explains(a, np.swapaxes(n, i, j), n):
            continue
        if j < outputs:
            return f"transposed cotangent (axes {i} and {j})"
        if i >= outputs:
            return f"transposed (axes {i - outputs} and {j - outputs})"
        return "transposed factor: the other factor of a product should be, or should not be"
    return None


def _coupling(analytic: Array, numeric: Array, shape: tuple[int, ...]) -> str | None:
    """Along which axes an output depends on the elements beside its own."""
    have, need = (_coupled_axes(m, shape) for m in (analytic, numeric))
    return in_words(have, need)


def in_words(have: set[int], need: set[int]) -> str | None:
    """What is wrong where a gradient mixes elements along other axes than f does."""
    if have == need:
        return None
    missing, extra = sorted(need - have), sorted(have - need)
    if not extra:
        return f"missing term: nothing comes from the other elements along {_listed(missing)}"
    if not missing:
        return f"a term too much: elements along {_listed(extra)} should not depend on each other"
    return f"wrong axis: mixes {_listed(extra)}, where f mixes {_listed(missing)}"


def _coupled_axes(matrix: Array, shape: tuple[int, ...]) -> set[int]:
    of_output, of_input = np.nonzero(np.abs(matrix) > _ZERO * np.max(np.abs(matrix), initial=0.0))
    rows, columns = np.unravel_index(of_output, shape), np.unravel_index(of_input, shape)
    return {axis for axis, (r, c) in enumerate(zip(rows, columns, strict=True)) if np.any(r != c)}


def _listed(axes: list[int]) -> str:
    return ("axis " if len(axes) == 1 else "axes ") + " and ".join(map(str, axes))


def _permuted(analytic: Array, numeric: Array) -> str | None:
    """The right columns, or rows, in another order."""
    rng = np.random.default_rng(3)
    for a, n, what in ((analytic, numeric, "elements"), (analytic.T, numeric.T, "outputs")):
        u = rng.uniform(0.5, 1.5, len(a))
        mine, theirs = u @ a, u @ n
        if _is_permuted(mine, theirs):
            return f"permuted: the right numbers, at other {what}"
    return None


def _is_permuted(mine: Array, theirs: Array) -> bool:
    """Whether both have the same values, not all alike, in another order."""
    order = np.empty(len(mine), int)
    order[np.argsort(mine)] = np.argsort(theirs)
    return len(theirs) > 1 and explains(mine, theirs[order], theirs)


def are_known(mine: Array, theirs: Array) -> float:
    """The share of the values that are wrong which the right ones have too, at other places.

    Each but for a millionth of the largest. Nothing if fewer than two are wrong.
    """
    size = np.max(np.abs(theirs), initial=0.0)
    wrong = np.abs(mine - theirs) > 2 * _MILLIONTH * size
    if np.count_nonzero(wrong) < 2:
        return 0.0
    mine, others = mine[wrong], np.sort(theirs[wrong])
    after = np.searchsorted(others, mine).clip(1, others.size - 1)
    apart = np.minimum(np.abs(others[after] - mine), np.abs(others[after - 1] - mine))
    return float(np.mean(apart <= _MILLIONTH * size))

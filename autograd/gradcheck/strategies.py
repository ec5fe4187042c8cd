"""Hypothesis strategies for gradient tests: shapes, dtypes, and values that differences can judge.

Needs Hypothesis, which only this module imports::

    from hypothesis import given
    from autograd.gradcheck import gradcheck, strategies

    @given(strategies.tensors())
    def test_my_rule(x):
        gradcheck(my_function, x)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.engine.op import Array
from autograd.errors import ArgumentError
from autograd.tensors.tensor import Tensor

__all__ = ["arrays", "floating_dtypes", "shapes", "tensors", "well_conditioned"]

Shape = tuple[int, ...]
_CELLS = 2**20  # how finely values are drawn: far coarser than any step of the differences


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4
) -> st.SearchStrategy[Shape]:
    """Shapes, 0-d and empty ones among them; they shrink to `()`.

    >>> from hypothesis import find
    >>> find(shapes(min_dims=1, min_side=2), lambda shape: True)
    (2,)
    """
    return st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims).map(
        tuple
    )


def floating_dtypes(complex_: bool = False) -> st.SearchStrategy[np.dtype[Any]]:
    """float64 and float32, and with `complex_` the two complex dtypes; they shrink to float64.

    >>> from hypothesis import find
    >>> find(floating_dtypes(), lambda dtype: True)
    dtype('float64')
    """
    names = ("float64", "float32", *(("complex128", "complex64") if complex_ else ()))
    return st.sampled_from([np.dtype(name) for name in names])


def well_conditioned(
    shape: Any = None,
    dtype: Any = np.float64,
    low: float = -2.0,
    high: float = 2.0,
    away_from: Sequence[float] = (),
) -> st.SearchStrategy[Array]:
    """Arrays of distinct values in [low, high], none near a point of `away_from` or a tie.

    Elements lie at least 1/8 of their even spacing apart and 2 % of the range from each point of
    `away_from`, so that sorting, maxima and kinks at known places are smooth where they are asked.
    `shape` and `dtype` are values or strategies; for complex dtypes both parts are drawn so.

    >>> from hypothesis import find
    >>> find(well_conditioned((2,), low=1.0), lambda x: True).shape
    (2,)
    """
    if not low < high:
        raise ArgumentError(f"well_conditioned: low is {low:g} and high {high:g}; low must be less")

    @st.composite
    def drawn(draw: st.DrawFn) -> Array:
        kind = np.dtype(draw(_strategy(dtype)))
        lengths: Shape = draw(shapes() if shape is None else _strategy(shape))

        def real() -> Array:
            return _spread(draw, int(np.prod(lengths)), low, high, away_from).reshape(lengths)

        return (real() + 1j * real() if kind.kind == "c" else real()).astype(kind)

    return drawn()


def _spread(draw: st.DrawFn, count: int, low: float, high: float, points: Sequence[float]) -> Array:
    """One value in each of `count` equal cells, in any order, moved away from the points."""
    order = draw(st.permutations(range(count)))
    inside = draw(st.lists(st.integers(0, _CELLS), min_size=count, max_size=count))
    # within the middle 7/8 of its cell
    parts = 0.5 + 7 / 8 * (np.array(inside, float) / _CELLS - 0.5)
    values = low + (high - low) * (np.array(order, float) + parts) / max(count, 1)
    gap = 0.02 * (high - low)
    for point in points:
        apart = np.abs(values - point)
        near = apart < 2 * gap
        # [0, 2 gap) onto [gap, 2 gap) on either side: what was distinct stays so
        side = np.where(values[near] < point, -1.0, 1.0)
        values[near] = point + side * (gap + apart[near] / 2)
    return values


def arrays(
    shape: Any = None,
    dtype: Any = None,
    low: float = -2.0,
    high: float = 2.0,
) -> st.SearchStrategy[Array]:
    """Arrays of any floating values in [low, high]: ties, zeros and kinks among them.

    >>> from hypothesis import find
    >>> find(arrays((2,), "float64"), lambda x: True)
    array([0., 0.])
    """

    @st.composite
    def drawn(draw: st.DrawFn) -> Array:
        kind = np.dtype(draw(floating_dtypes() if dtype is None else _strategy(dtype)))
        lengths: Shape = draw(shapes() if shape is None else _strategy(shape))
        count = int(np.prod(lengths))
        element = st.floats(low, high, allow_nan=False, allow_infinity=False)

        def real() -> Array:
            drawn = draw(st.lists(element, min_size=count, max_size=count))
            return np.array(drawn, float).reshape(lengths)

        return (real() + 1j * real() if kind.kind == "c" else real()).astype(kind)

    return drawn()


def tensors(
    shape: Any = None,
    dtype: Any = np.float64,
    low: float = -2.0,
    high: float = 2.0,
    away_from: Sequence[float] = (),
    requires_grad: bool = True,
) -> st.SearchStrategy[Tensor]:
    """Tensors of well-conditioned values: what `gradcheck` can judge (see `well_conditioned`).

    >>> from hypothesis import find
    >>> find(tensors(()), lambda x: True).requires_grad
    True
    """
    return well_conditioned(shape, dtype, low, high, away_from).map(
        lambda array: Tensor(array, requires_grad)
    )


def _strategy(value: Any) -> st.SearchStrategy[Any]:
    return value if isinstance(value, st.SearchStrategy) else st.just(value)

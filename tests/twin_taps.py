"""The rows of compiled kernels for convolutions tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.convolution import taps
from autograd.kernels.convolution.windows import Along
from tests.twin_cases import Array, Case, Row, numpy_kernel

__all__ = ["TABLE"]

_SHAPES = st.tuples(*(st.integers(1, 9),) * 3, st.sampled_from([32, 33, 48, 63, 64, 70]))
_LARGE = (33, 20, 40, 64)


def _axes(case: Case, shape: tuple[int, ...]) -> tuple[Along, Along]:
    """Kernels that hang over, leave gaps, or miss the array altogether."""

    def along(length: int) -> Along:
        start, stride, dilation, size = (int(case.rng.integers(*ends)) for ends in
                                         ((-4, 2), (1, 4), (1, 3), (1, 6)))  # fmt: skip
        return Along(start, stride, dilation, size, int(case.rng.integers(1, length + 3)))

    return along(shape[0]), along(shape[2])


def _weight(case: Case, channels: int, axes: tuple[Along, Along]) -> Array:
    shape = (int(case.rng.integers(1, 20)), channels, *(along.size for along in axes))
    return Case(int(case.rng.integers(2**32)), case.dtype).array(*shape)


def _places(case: Case, outputs: int, axes: tuple[Along, Along], batch: int) -> tuple[int, ...]:
    return (axes[0].places, outputs, axes[1].places, batch)


def _convolved(case: Case, *shape: int) -> tuple[Any, ...]:
    axes = _axes(case, shape)
    weight = _weight(case, shape[1], axes)
    bias = case.array(len(weight)) if case.flag() else None
    out = np.zeros(_places(case, len(weight), axes, shape[3]), case.dtype)
    return case.array(*shape), weight, bias, out, axes


def _spread(case: Case, *shape: int) -> tuple[Any, ...]:
    axes = _axes(case, shape)
    weight = _weight(case, shape[1], axes)
    g = case.array(*_places(case, len(weight), axes, shape[3]))
    return g, weight, np.zeros(shape, case.dtype), axes


def _correlated(case: Case, *shape: int) -> tuple[Any, ...]:
    axes = _axes(case, shape)
    return (
        case.array(*_places(case, int(case.rng.integers(1, 20)), axes, shape[3])),
        case.array(*shape),
        axes,
    )


def _wide(*arrays: Any) -> list[Any]:
    return [None if a is None else np.abs(a).astype(np.float64) for a in arrays]


def _of_convolved(*args: Any) -> tuple[Any, ...]:
    """Nothing is computed for what goes in; the array comes back, changed."""
    x, weight, bias, out = _wide(*args[:4])
    numpy_kernel(taps.convolve_taps)(x, weight, bias, out, args[4])
    zeros = [0 * a for a in (x, weight, bias) if a is not None]
    return (*zeros, out)


def _of_spread(*args: Any) -> tuple[Any, ...]:
    g, weight, out = _wide(*args[:3])
    numpy_kernel(taps.spread_taps)(g, weight, out, args[3])
    return 0 * g, 0 * weight, out


def _of_correlated(g: Array, x: Array, axes: Any) -> tuple[Any, ...]:
    return (numpy_kernel(taps.correlate_taps)(*_wide(g, x), axes),)


# Each sums some hundred products, one after the other, in halves of eps.
TABLE = [
    Row(taps.convolve_taps, _SHAPES, _LARGE, _convolved, _of_convolved, 16),
    Row(taps.spread_taps, _SHAPES, _LARGE, _spread, _of_spread, 16),
    Row(taps.correlate_taps, _SHAPES, _LARGE, _correlated, _of_correlated, 16),
]

"""The compiled kernels of single operations: elementwise, along an axis, by indices."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.kernels.activation import gelu, piecewise, powers, relu, sigmoid, softmax
from autograd.kernels.matrix import gathering, sums
from autograd.kernels.parallel import copies
from autograd.kernels.recurrent import cumulative
from tests.twin_cases import Array, Case, Row, numpy_kernel

__all__ = ["TABLE"]

# ---- elementwise -------------------------------------------------------------------------------

_SIGMOID = numpy_kernel(sigmoid.sigmoid)
_RUNS = st.tuples(st.integers(0, 3), st.integers(0, 40), st.sampled_from([0, 1, 5, 80]))
_LINES = st.tuples(st.integers(1, 4), st.integers(1, 200))
_LONG_LINES = st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 255, 256, 257, 70_000]))
_ANY_ROWS = st.tuples(st.integers(1, 9), st.integers(0, 90), st.integers(1, 20))
_ANY = st.tuples(st.integers(0, 3), st.integers(1, 40), st.integers(1, 40))


def _viewed(case: Case, *shape: int) -> tuple[Any, ...]:
    """An array that lies in memory in one way or another."""
    x = case.array(*shape)
    return (([x, x.transpose(2, 0, 1), x[:, ::2], x[..., ::-1]])[case.rng.integers(4)],)


def _pulled(case: Case, *shape: int) -> tuple[Any, ...]:
    """A cotangent that lies in any way, beside an output without gaps."""
    (g,) = _viewed(case, *shape)
    out = case.array(*g.shape)
    return g, out if case.flag() else np.asfortranarray(out)


def _sloped(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape), numpy_kernel(gelu.gelu_slope)


def _with(*numbers: float) -> Any:
    """Of an array that lies in any way, and numbers."""
    return lambda case, *shape: (*_viewed(case, *shape), *numbers)


def _pulled_with(*more: Any) -> Any:
    return lambda case, *shape: (*_pulled(case, *shape), *more)


def _of_exponential(x: Array, scale: float, below: float, alpha: float) -> tuple[Any, ...]:
    return (scale * np.maximum(x, 0) + below * -np.expm1(np.minimum(x, 0) / alpha),)


def _of_exponential_pull(
    g: Array, x: Array, scale: float, below: float, alpha: float
) -> tuple[Any, ...]:
    # an exponent that is rounded, as x / alpha is, is off by so many roundings as it is large
    least = np.minimum(x, 0) / alpha
    slope = np.where(x > 0, scale, below / alpha * (1 - least) * np.exp(least))
    return (np.abs(g) * (slope + 2.0**-126 / 2.0**-23),)  # below 2⁻¹²⁶ the loop has 0


def _of_softplus(x: Array, beta: float, threshold: float) -> tuple[Any, ...]:
    return (np.maximum(np.abs(x), 1 / beta),)


def _of_pulled(g: Array, *_: Any) -> tuple[Any, ...]:
    return (np.abs(g),)


def _of_silu_pull(g: Array, x: Array, sigmoid: Any) -> tuple[Any, ...]:
    return (np.abs(g) * (1 + np.abs(x) * sigmoid(x) * (1 - sigmoid(x))),)


def _of_sloped(g: Array, x: Array, slope: Any) -> tuple[Any, ...]:
    return (np.abs(g),)


def _moved(case: Case, height: int, width: int, count: int) -> tuple[Any, ...]:
    """Rows taken where integers say, or one after the other, to be added to some of `count`."""
    x, moves = case.array(height, width), height if case.flag() else 3 * height
    source = None if moves == height else case.rng.integers(height, size=moves)
    return x, source, case.rng.integers(count, size=moves), count


def _taken(case: Case, *shape: int) -> tuple[Any, ...]:
    places = (shape[0], 1 + 2 * shape[1] // 3, shape[2])
    return case.array(*shape), case.rng.integers(-shape[1], shape[1], size=places)


def _added(case: Case, *shape: int) -> tuple[Any, ...]:
    length = 1 + 2 * shape[1] // 3
    return case.array(*shape), case.rng.integers(-length, length, size=shape), length


def _just(case: Case, *shape: int) -> tuple[Any, ...]:
    return (case.array(*shape),)


def _of_sums(x: Array) -> tuple[Any, ...]:
    return (np.sum(np.abs(x.astype(np.float64)), axis=1),)


def _along(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.flag()


def _recurring(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape), case.flag()


def _rowwise(count: int) -> Any:
    return lambda case, *shape: (*(case.array(*shape) for _ in range(count)), -1)


def _weighted(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), numpy_kernel(softmax.softmax)(case.array(*shape), -1), -1


def _logged(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), numpy_kernel(softmax.log_softmax)(case.array(*shape), -1), -1


# What is added up one by one in each of 16 lanes is rounded so many times.
def _of_softmax(x: Array, axis: int) -> tuple[Any, ...]:
    return ((1 + x.shape[-1] / 16) * numpy_kernel(softmax.softmax)(x, axis),)


def _of_log_softmax(x: Array, axis: int) -> tuple[Any, ...]:
    return (1 + x.shape[-1] / 16 + np.abs(numpy_kernel(softmax.log_softmax)(x, axis)),)


def _of_softmax_pull(g: Array, out: Array, axis: int) -> tuple[Any, ...]:
    terms = np.abs(g.astype(np.float64) * out)
    return (terms + out * np.sum(terms, axis, keepdims=True) * (1 + g.shape[-1] / 16),)


def _of_log_softmax_pull(g: Array, out: Array, axis: int) -> tuple[Any, ...]:
    terms = np.abs(g.astype(np.float64))
    weights = np.exp(out) + 2.0**-126  # below it the loop has 0
    return (terms + weights * np.sum(terms, axis, keepdims=True) * (1 + g.shape[-1] / 16),)


def _legs(case: Case, *shape: int) -> tuple[Any, ...]:
    return case.array(*shape), case.array(*shape)


def _of_legs(x: Array, y: Array) -> tuple[Any, ...]:
    return (np.hypot(x, y),)


def _ones(x: Array) -> tuple[Any, ...]:
    return (np.ones(x.shape),)


def _at_most_x(x: Array) -> tuple[Any, ...]:
    return (np.abs(x),)


TABLE = [
    Row(sigmoid.sigmoid, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(sigmoid.soft_part, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(sigmoid.softplus, _ANY, (9, 500, 700), _with(1.5, 20.0), _of_softplus, 4),
    Row(
        sigmoid.softplus_pull,
        _ANY,
        (9, 500, 700),
        _pulled_with(1.5, 20.0, _SIGMOID),
        _of_pulled,
        4,
    ),
    Row(sigmoid.silu, _ANY, (9, 500, 700), _viewed, _at_most_x, 4),
    Row(sigmoid.silu_pull, _ANY, (9, 500, 700), _pulled_with(_SIGMOID), _of_silu_pull, 8),
    Row(piecewise.leaky_relu, _ANY, (9, 500, 700), _with(0.01)),
    Row(piecewise.leaky_relu_pull, _ANY, (9, 500, 700), _pulled_with(0.01)),
    Row(piecewise.elu, _ANY, (9, 500, 700), _with(1.05, 1.75, 0.7), _of_exponential, 4),
    Row(
        piecewise.elu_pull,
        _ANY,
        (9, 500, 700),
        _pulled_with(1.05, 1.75, 0.7),
        _of_exponential_pull,
        4,
    ),
    Row(piecewise.hardtanh_pull, _ANY, (9, 500, 700), _pulled_with(-0.5, 0.7)),
    Row(piecewise.hardsigmoid, _ANY, (9, 500, 700), _viewed),
    Row(piecewise.hardswish, _ANY, (9, 500, 700), _viewed),
    Row(piecewise.hardswish_pull, _ANY, (9, 500, 700), _pulled),
    Row(piecewise.huber, _ANY, (9, 500, 700), _with(0.75)),
    Row(piecewise.huber_pull, _ANY, (9, 500, 700), _pulled_with(0.75)),
    Row(piecewise.softshrink, _ANY, (9, 500, 700), _with(0.5)),
    Row(piecewise.shrink_pull, _ANY, (9, 500, 700), _pulled),
    Row(piecewise.abs_pull, _ANY, (9, 500, 700), _pulled),
    Row(gelu.erf, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(gelu.gelu, _ANY, (9, 500, 700), _viewed, _at_most_x, 4),
    Row(gelu.gelu_slope, _ANY, (9, 500, 700), _viewed, _ones, 4),
    Row(gelu.gelu_pull, _ANY, (9, 500, 700), _sloped, _of_sloped, 4),
    Row(relu.relu, _ANY, (9, 500, 700), _viewed),
    Row(relu.relu_pull, _ANY, (9, 500, 700), _pulled),
    Row(gathering.moved_rows, _ANY_ROWS, (300, 900, 40), _moved, single=False),
    Row(gathering.taken_along, _ANY, (70, 90, 80), _taken, single=False),
    Row(gathering.added_along, _ANY, (70, 90, 80), _added, single=False),
    Row(copies.copied, _LINES, (1000, 1700), _just, single=False),
    # eight numbers in a lane, 32 lanes, and the sum itself; NumPy: as many in 8, then pairwise
    Row(sums.row_sums, _LONG_LINES, (3, 1_500_001), _just, _of_sums, 14 / 2 + 32 / 2),
    Row(cumulative.cumulative_sum, _RUNS, (300, 90, 20), _along, single=False),
    Row(cumulative.cumulative_product, _RUNS, (300, 90, 20), _along, single=False),
    Row(cumulative.cumulative_extremum, _RUNS, (300, 90, 20), _along, single=False),
    Row(cumulative.recurrence, _RUNS, (300, 90, 20), _recurring, single=False),
    Row(softmax.softmax, _LINES, (300, 900), _rowwise(1), _of_softmax, 4),
    Row(softmax.softmax_pull, _LINES, (300, 900), _weighted, _of_softmax_pull, 4),
    Row(softmax.log_softmax, _LINES, (300, 900), _rowwise(1), _of_log_softmax, 4),
    Row(softmax.log_softmax_pull, _LINES, (300, 900), _logged, _of_log_softmax_pull, 4),
    Row(powers.hypot, _ANY, (9, 500, 700), _legs, _of_legs, 2),
]

"""Elementwise ops at hard arguments: value, slope and curvature against numbers of many digits.

What may be lost is what rounding the argument would lose, a few times over: the error of a value t
at x is measured in units of eps · (|t| + |x t′|).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from tests.hard_arguments import (
    BENDS,
    BINARY,
    BY_OUTPUT,
    PAIRED,
    POINTS,
    SLOW,
    SQUARED,
    UNARY,
)

ROUNDINGS = 40
DTYPES = (np.float32, np.float64)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers out of range

Reference = Callable[..., Any]


def _step(*values: float) -> Any:
    return mp.ldexp(min([1.0, *(abs(v) for v in values if v)]), -60)


def _digits(*values: float, least: int = 400) -> int:
    sizes = [abs(math.log10(abs(v))) for v in values if v]
    return least + int(4 * max(sizes, default=0))  # the first digit of exp(-700) is the 305th


def _exact(value: Any) -> Any:
    return value.real if isinstance(value, mp.mpc) and value.imag == 0 else value


def taylor(f: Reference, x: float, least: int) -> list[Any] | None:
    """The value at x and three derivatives, by differences of many digits; None outside."""
    with mp.workdps(_digits(x, least=least)):
        h = _step(x)
        try:
            far, near, mid, next_, last = (_exact(f(mp.mpf(x) + k * h)) for k in range(-2, 3))
        except (ValueError, ZeroDivisionError):
            return None
        if any(isinstance(v, mp.mpc) for v in (far, near, mid, next_, last)):
            return None
        slope, curvature = (next_ - near) / (2 * h), (next_ - 2 * mid + near) / h**2
        return [mid, slope, curvature, (last - 2 * next_ + 2 * near - far) / (2 * h**3)]


def agrees(found: float, expected: Any, allowed: Any, dtype: Any) -> bool:
    """Whether a number is right, or both are beyond what the dtype holds."""
    limits = np.finfo(dtype)
    if abs(expected) > float(limits.max) / 2:
        return not abs(found) < float(limits.max) / 8 and found == found
    return abs(found - expected) <= limits.eps * allowed + 4 * float(limits.tiny)


def derivatives(name: str, x: Any) -> tuple[Any, Any, Any]:
    """Value, slope and curvature of an elementwise op."""
    t = ag.Tensor(x, requires_grad=True)
    y = OPS[name].record(t)
    (slope,) = ag.grad(y.sum(), t, create_graph=True)
    (curvature,) = ag.grad((slope + ag.where(False, t, 0)).sum(), t)
    return y.numpy(), slope.numpy(), curvature.numpy()


@pytest.mark.parametrize("name", UNARY)
def test_values_slopes_and_curvatures_are_right_at_hard_arguments(name: str) -> None:
    points = [x for x in (*POINTS, *(-p for p in POINTS)) if abs(x) not in BENDS.get(name, ())]
    if name in SLOW:
        points = [x for x in points if abs(x) < 1e5]
    if name in ("sin", "cos", "tan", "sinc", "asinh"):
        points = [
            x for x in points if abs(x) < 2e6
        ]  # no digit of an angle, or the square is beyond
    least = 100 if name in SLOW else 400
    expected = [(i, t) for i, x in enumerate(points) if (t := taylor(UNARY[name], x, least))]
    assert len(expected) > 10
    roundings = ROUNDINGS * SQUARED.get(name, 1)
    for dtype in DTYPES:
        found = derivatives(name, np.array(points, dtype))
        wrong = [
            (order, points[i], float(found[order][i]), float(t[order]))
            for i, t in expected
            for order in range(3)
            if not agrees(
                float(found[order][i]),
                t[order],
                roundings * (abs(t[order]) + abs(points[i] * t[order + 1]) + (name in BY_OUTPUT)),
                dtype,
            )
        ]
        assert not wrong, f"{name}, {np.dtype(dtype)}: (order, x, found, expected): {wrong[:5]}"


def test_every_elementwise_function_of_one_number_is_in_the_table() -> None:
    linear_or_flat = {
        "angle", "cast", "ceil", "conj", "copy", "floor", "imag", "nan_to_num", "real", "rint",
        "round", "sign", "step", "threshold", "trunc",
    }  # fmt: skip
    of_an_order = {
        "bessel_i", "bessel_j", "bessel_y", "erfc_integral", "one_less_square", "polygamma", "root",
        "scaled_bessel_i", "scaled_bessel_k", "sinc_derivative", "spherical_bessel",
    }  # fmt: skip
    slopes = {"normal_excess", "normal_hazard"}  # of log_ndtr, which stands there itself
    ops = {
        op.name
        for op in OPS.values()
        if op.elementwise
        and op.rules
        and len(op.inputs) == 1
        and op.forward.__module__.startswith("autograd.ops")
    }
    assert ops - UNARY.keys() == (linear_or_flat | of_an_order | slopes) & ops


# ---- two arguments -------------------------------------------------------------------------------


def partials(f: Reference, x: float, y: float) -> list[Any] | None:
    """f, ∂f/∂x, ∂f/∂y, ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y², by differences of many digits."""
    with mp.workdps(_digits(x, y)):
        h = k = _step(x, y)
        try:
            at = [
                [_exact(f(mp.mpf(x) + i * h, mp.mpf(y) + j * k)) for j in (-1, 0, 1)]
                for i in (-1, 0, 1)
            ]
        except (ValueError, ZeroDivisionError):
            return None
        if any(isinstance(v, mp.mpc) for row in at for v in row):
            return None
        (_, low, _), (left, mid, right), (_, high, _) = at
        mixed = (at[2][2] - at[2][0] - at[0][2] + at[0][0]) / (4 * h * k)
        xx, yy = (high - 2 * mid + low) / h**2, (right - 2 * mid + left) / k**2
        return [mid, (high - low) / (2 * h), (right - left) / (2 * k), xx, mixed, yy]


def _bends(name: str, x: float, y: float) -> bool:
    if name == "atan2":  # cut along the negative axis; its first argument is the ordinate
        return x == 0 and y <= 0
    return (name == "hypot" and x == y == 0) or (name in ("power", "float_power") and x == 0)


@pytest.mark.parametrize("name", BINARY)
def test_values_and_gradients_of_two_arguments_are_right_where_they_are_hard(name: str) -> None:
    grid = [(x, y) for x in PAIRED for y in PAIRED if not _bends(name, x, y)]
    expected = [(i, t) for i, (x, y) in enumerate(grid) if (t := partials(BINARY[name], x, y))]
    assert len(expected) > 60
    for dtype in DTYPES:
        xs = [ag.Tensor(v, requires_grad=True) for v in np.array(grid, dtype).T.copy()]
        y = OPS[name].record(*xs)
        found = (y.numpy(), *(g.numpy() for g in ag.grad(y.sum(), xs)))
        wrong = []
        for i, (f, fx, fy, xx, xy, yy) in expected:
            a, b = map(abs, grid[i])
            conditions = (
                abs(f) + a * abs(fx) + b * abs(fy),
                abs(fx) + a * abs(xx) + b * abs(xy),
                abs(fy) + a * abs(xy) + b * abs(yy),
            )
            for order, (value, condition) in enumerate(zip((f, fx, fy), conditions, strict=True)):
                if not agrees(float(found[order][i]), value, ROUNDINGS * condition, dtype):
                    wrong.append((order, grid[i], float(found[order][i]), float(value)))
        assert not wrong, f"{name}, {np.dtype(dtype)}: (order, x, found, expected): {wrong[:5]}"


SEVERAL = [
    op.name
    for op in OPS.values()
    if op.elementwise and len(op.rules) > 1 and op.inputs[0] != "condition"
]


@pytest.mark.parametrize("name", SEVERAL)
def test_mixed_second_derivatives_do_not_depend_on_the_order(name: str) -> None:
    hard = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1e-30, 1e8, -1e8, np.inf, -np.inf, np.nan)
    op = OPS[name]
    grid = np.array(np.meshgrid(*[hard] * len(op.inputs))).reshape(len(op.inputs), -1)
    xs = [ag.Tensor(v, requires_grad=True) for v in grid]
    first = ag.grad(op.record(*xs).sum(), xs, create_graph=True)
    zero = sum(ag.where(False, x, 0) for x in xs)
    second = [[h.numpy() for h in ag.grad((g + zero).sum(), xs, retain_graph=True)] for g in first]
    scale = 1 + np.nanmax(np.abs(np.where(np.isfinite(second), second, 0)), axis=(0, 1))
    for i in range(len(xs)):
        for j in range(i):
            a, b = second[i][j], second[j][i]
            both = np.isfinite(a) & np.isfinite(b)
            apart = both & (np.abs(a - b) > 1e-9 * scale)
            assert not apart.any(), (name, grid[:, apart][:, :5], a[apart][:5], b[apart][:5])

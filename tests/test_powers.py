"""Whole powers: NumPy's values, to two units in the last place, whatever way they are made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.kernels.activation.powers import power
from autograd.kernels.parallel.elementwise import LARGE

EXPONENTS = [
    *range(-6, 8), 3.0, 4.0, -2.0, 0.5, -0.5, 2.5, 101, 1 << 30, 1e30, np.inf, -np.inf, np.nan,
    True, np.float32(3), np.float64(4), np.int64(3), np.int8(4), np.float16(3), np.array(3.0),
    np.array(-2),
]  # fmt: skip


def numbers(dtype: Any) -> Any:
    """Of all sizes, and all that is special."""
    rng, limits = np.random.default_rng(0), np.finfo(dtype)
    spread = rng.standard_normal(400) * 2.0 ** rng.uniform(limits.minexp, limits.maxexp, 400)
    special = [0.0, np.inf, np.nan, 1, limits.tiny, limits.smallest_subnormal, limits.max]
    with np.errstate(over="ignore"):
        return np.concatenate(
            [spread, rng.standard_normal(400), special, np.negative(special)]
        ).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("y", EXPONENTS, ids=repr)
def test_a_power_has_the_values_of_numpy(dtype: Any, y: Any) -> None:
    x = numbers(dtype)
    with np.errstate(all="ignore"):
        ours, theirs = power(x, y), x**y
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
        known = ~np.isnan(theirs)
        np.testing.assert_array_equal(np.signbit(ours)[known], np.signbit(theirs)[known])
        finite = np.isfinite(theirs)
        np.testing.assert_array_equal(ours[known & ~finite], theirs[known & ~finite])
        apart = np.abs(ours - theirs)[finite] / np.spacing(np.abs(theirs[finite]))
    assert apart.max(initial=0) <= 2


@pytest.mark.parametrize("y", [-3, -2, -1, 0, 1, 2, 3, 4, 5, 3.0])
def test_the_slope_of_a_power_is_exact_at_zero_and_below(y: Any) -> None:
    data = np.array([-2.0, -0.0, 0.0, 1.5])
    x = ag.Tensor(data, requires_grad=True)
    with np.errstate(all="ignore"):
        (slope,) = ag.grad((x**y).sum(), x, create_graph=True)
        expected = y * data ** np.float64(y - 1) if y else np.zeros(4)
        np.testing.assert_allclose(slope.numpy(), expected, rtol=4e-16)
        if y > 1:
            (second,) = ag.grad(slope.sum(), x)
            np.testing.assert_allclose(second.numpy(), y * (y - 1) * data ** (y - 2), rtol=4e-16)


@pytest.mark.parametrize("x", [np.arange(5), np.arange(5) + 1j, np.arange(5) > 2, np.float32(3)])
def test_what_is_no_array_of_floating_numbers_is_left_to_numpy(x: Any) -> None:
    for y in (0, 2, 3, 4, np.int8(3), np.arange(5)):
        np.testing.assert_array_equal(power(x, y), x**y, strict=True)


def test_a_large_power_in_blocks_is_that_of_the_whole() -> None:
    data = np.random.default_rng(0).standard_normal(LARGE + 7).astype(np.float32)
    np.testing.assert_array_equal((ag.Tensor(data) ** 4).numpy(), power(data, 4))

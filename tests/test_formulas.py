"""The approximations inside compiled loops, beside double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from autograd.kernels.compiled.parallel import formulas
from autograd.kernels.compiled.parallel.loops import fused

# the formula, the reference, where it is tried, and the relative error that its docstring names
TABLE = [
    (formulas.decay, np.exp, (-87.3, 0.0), 1.5e-7),
    (formulas.sigmoid, special.expit, (-87.0, 100.0), 2e-7),
    (formulas.tanh, np.tanh, (-12.0, 12.0), 4e-7),
    (formulas.erf, special.erf, (-6.0, 6.0), 4e-7),
]
FORMULAS = pytest.mark.parametrize(
    ("formula", "reference", "span", "error"), TABLE, ids=lambda x: getattr(x, "__name__", "")
)


def mapped(formula: Callable[..., Any], x: Any) -> Any:
    @fused
    def loop(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[i] = formula(x[i])

    out = np.empty_like(x)
    loop(x, out)
    return out


@FORMULAS
def test_a_formula_is_as_exact_as_it_says(
    formula: Any, reference: Any, span: tuple[float, float], error: float
) -> None:
    around_0 = np.geomspace(1e-30, 1.0, 20_001)
    x = np.concatenate([np.linspace(*span, 400_001), -around_0]).astype(np.float32)
    exact = reference(x.astype(np.float64))
    np.testing.assert_allclose(mapped(formula, x), exact, rtol=error, atol=0)


@FORMULAS
def test_a_formula_has_its_limits_and_keeps_nan(
    formula: Any, reference: Any, span: tuple[float, float], error: float
) -> None:
    x = np.array([0.0, -0.0, -1e30, -np.inf, np.nan], np.float32)
    if span[1]:
        x = np.concatenate([x, -x])
    np.testing.assert_array_equal(mapped(formula, x), reference(x.astype(np.float64)))


@pytest.mark.parametrize("seed", range(20))
def test_the_largest_is_that_of_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    row = (rng.standard_normal(rng.integers(1, 100)) - rng.integers(0, 5)).astype(np.float32)
    row[rng.random(row.size) < 0.1] = -np.inf
    assert formulas.largest(row) == row.max()
    row[rng.integers(row.size)] = np.nan
    assert np.isnan(formulas.largest(row))

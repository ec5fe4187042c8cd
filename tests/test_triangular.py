"""Triangular systems by blocks, and the gradients that are made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.kernels.matrix.triangular import BLOCK, WIDE, solve_triangular, triangle


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("lower", [True, False])
def test_a_triangular_system_is_solved(size: int, dtype: Any, lower: bool) -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((2, 1, size, size)) / max(size, 1) + 2 * np.eye(size)
    a = (np.tril(a) if lower else np.triu(a)).astype(dtype)
    a = a * (1 + 0.5j) if np.dtype(dtype).kind == "c" else a
    b = rng.standard_normal((3, size, 4)).astype(dtype)
    found = solve_triangular(a, b, lower)
    assert found.dtype == dtype
    np.testing.assert_allclose(
        a @ found, np.broadcast_to(b, found.shape), atol=20 * np.finfo(dtype).eps
    )


@pytest.mark.parametrize("shape", [(100, 100), (3, 40, 40)])
def test_the_gradient_of_a_large_cholesky_factor_is_that_of_small_steps(shape: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    x = x @ x.mT / shape[-1] + np.eye(shape[-1])
    g, t = rng.standard_normal((2, *shape))
    t = t + t.mT
    leaf = ag.Tensor(x, requires_grad=True)
    ag.linalg.cholesky(leaf).backward(g)
    step = 1e-5
    rise = np.linalg.cholesky(x + step * t) - np.linalg.cholesky(x - step * t)
    np.testing.assert_allclose(
        np.sum(leaf.grad.numpy() * t), np.sum(g * rise) / (2 * step), rtol=1e-6
    )


@pytest.mark.parametrize(
    "shape", [(3, 3), (5, WIDE), (WIDE, WIDE + 3), (2, WIDE + 9, WIDE), (WIDE,)]
)
@pytest.mark.parametrize("k", [0, 1, -1, 7, -200, 200])
@pytest.mark.parametrize("lower", [True, False])
def test_triangles_are_those_of_numpy(shape: Any, k: int, lower: bool) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    x[..., 0] = np.nan
    for given in (x, x[::-1][::-1], np.asfortranarray(x), x > 0, x.astype(np.float16)):
        expected = np.tril(given, k) if lower else np.triu(given, k)
        np.testing.assert_array_equal(triangle(given, k, lower), expected, strict=True)

"""Ranks by partition and sorted values: the indices are those of a stable sort."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.kernels.matrix import ranks as kernels
from autograd.kernels.matrix.ranks import FEW, at_ranks, largest_first


def rows(kind: str, dtype: Any) -> Any:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 6, (40, 23)) if kind == "ties" else 100 * rng.standard_normal((40, 23))
    x = x.astype(dtype)
    if kind == "special":
        for value in (-0.0, 0.0, np.inf, -np.inf):
            x[rng.integers(40, size=30), rng.integers(23, size=30)] = value
    if kind == "nan":
        x[rng.integers(40, size=30), rng.integers(23, size=30)] = np.nan
        x[3] = np.nan
    return x


CASES = [
    pytest.param(kind, dtype, id=f"{kind}-{np.dtype(dtype).name}")
    for kind in ("plain", "ties", "special", "nan")
    for dtype in (np.float16, np.float32, np.float64, np.int32, np.uint8, bool)
    if np.dtype(dtype).kind == "f" or kind in ("plain", "ties")
]


@pytest.mark.parametrize(("kind", "dtype"), CASES)
@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [0, 1, 5, 22, 23])
def test_the_k_largest_are_those_of_a_stable_sort(
    kind: str, dtype: Any, largest: bool, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "SMALL", 400)  # those of an axis of 5 are below it
    x = rows(kind, dtype)
    for axis in (-1, 0, 1):
        turned = x.T if axis == 0 else x
        expected = np.stack([
            np.asarray(sorted(range(23), key=lambda i, row=row: _key(row[i], largest)))[:k]
            for row in x
        ])  # fmt: skip
        values, found = largest_first(turned, k, axis, largest)
        np.testing.assert_array_equal(values, np.take_along_axis(turned, found, axis))
        np.testing.assert_array_equal(found.T if axis == 0 else found, expected)


def _key(value: Any, largest: bool) -> tuple[bool, float]:
    """NaN is above all; `sorted` is stable, so the first of equal ones stays first."""
    value = float(value)
    above = np.isnan(value)
    return (not above if largest else above), 0.0 if above else -value if largest else value


@pytest.mark.parametrize(("kind", "dtype"), CASES)
@pytest.mark.parametrize("ranks", [(0,), (11, 12), (0, 5, 22), tuple(range(FEW + 2))])
def test_an_element_of_a_rank_is_that_of_a_stable_sort(
    kind: str, dtype: Any, ranks: tuple[int, ...]
) -> None:
    x = rows(kind, dtype)
    values, found = at_ranks(x, ranks)
    np.testing.assert_array_equal(values, np.take_along_axis(x, found, 1))
    has_nan = np.isnan(x).any(axis=1)
    expected = np.argsort(x, axis=1, kind="stable")[:, ranks]
    np.testing.assert_array_equal(found[~has_nan], expected[~has_nan])
    assert np.isnan(np.take_along_axis(x, found, 1)[has_nan]).all()


def test_a_graph_that_is_replayed_chooses_anew() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    other = np.array([4.0, 3.0, 2.0, 1.0], np.float32)
    for function in (lambda x: ag.topk(x, 2).values, ag.median):
        y = function(x)
        found = ag.Graph(y).replay({x: other})
        np.testing.assert_array_equal(found, function(ag.Tensor(other)))


def test_second_derivatives_pass_through_what_was_chosen() -> None:
    x = ag.Tensor([3.0, 1.0, 2.0, 5.0], requires_grad=True)
    for function in (lambda x: (ag.topk(x, 2).values ** 3).sum(), lambda x: ag.median(x) ** 3):
        (slope,) = ag.grad(function(x), x, create_graph=True)
        (second,) = ag.grad((slope * slope).sum(), x)
        assert np.isfinite(second.numpy()).all()
        assert second.numpy().any()

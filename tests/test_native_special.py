"""Numbers that are none, infinite, zero with a sign, tiny or huge are where the call has them."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen.native.machine import has_llvm
from autograd.compiler.native.plan import NativePlan
from autograd.engine.op import Op
from tests.test_traced_calls import ERRORS, WITH_SAMPLES

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite"),
]
SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-42, -1e-42, 3e38, -3e38, 1.0, -1.0, 0.5, 2.0)
SAMPLES = 2
# Whose kernels overflow at another step of the formula than the formula itself does: they get no
# numbers whose squares, or sums, leave the range of float32.
SQUARED = ("standardize", "standardize_pull")
UNSIGNED = (
    "glu",  # its gradient is put beside zeros by the plan, and added to them by the call
    "relu", "prelu", "selu",  # NumPy says nothing of the larger of 0 and -0
)  # fmt: skip


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_an_op_has_special_numbers_where_the_call_has_them(op: Op) -> None:
    """In results and gradients."""
    special = tuple(x for x in SPECIAL if op.name not in SQUARED or not 1e30 < abs(x) < np.inf)
    for number, sample in enumerate(itertools.islice(op.samples(), SAMPLES)):
        seed = zlib.crc32(f"{op.name} {number}".encode())
        numbers = np.random.default_rng(seed)
        dtype = ("float32", "float64")[seed % 2]
        if not all(getattr(x, "dtype", np.dtype("?")).kind == "f" for x in sample.inputs):
            continue
        given = [peppered(np.array(x, dtype), numbers, special) for x in sample.inputs]

        def call(*xs: Any, params: Any = sample.params) -> Any:
            return with_gradients(op.record(*xs, **params), xs)

        with np.errstate(all="ignore"):
            try:
                right = call(*leaves(given))
                program = ag.trace(call, *leaves(given))
            except ERRORS:
                continue
            found = NativePlan(program)(*leaves(given))
        for a, b in zip(found, right, strict=True):
            assert_special(np.asarray(a._value), np.asarray(b._value), op.name not in UNSIGNED)


def leaves(arrays: Any) -> list[Any]:
    return [ag.Tensor(x, requires_grad=True) for x in arrays]


def peppered(x: Any, numbers: np.random.Generator, special: Sequence[float]) -> Any:
    where = numbers.random(x.shape) < 0.4
    with np.errstate(all="ignore"):
        return np.where(where, numbers.choice(np.array(special, x.dtype), x.shape), x)


def with_gradients(result: Any, xs: Any) -> tuple[Any, ...]:
    every = result if isinstance(result, (tuple, list)) else [result]
    results = [r for r in every if isinstance(r, ag.Tensor)]
    live = [r for r in results if r.requires_grad and r.dtype.kind == "f"]
    if live:
        found = ag.grad(sum(r.sum() for r in live), list(xs), allow_unused=True)
        results += [g for g in found if g is not None]
    return tuple(results)


def assert_special(a: Any, b: Any, signed: bool) -> None:
    assert (a.shape, a.dtype) == (b.shape, b.dtype)
    if b.dtype.kind != "f":
        np.testing.assert_array_equal(a, b)
        return
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    infinite, zero = np.isinf(b), (a == 0) & (b == 0)
    np.testing.assert_array_equal(np.isinf(a), infinite)
    np.testing.assert_array_equal(a[infinite], b[infinite])
    if signed:
        np.testing.assert_array_equal(np.signbit(a[zero]), np.signbit(b[zero]))
    finite = np.isfinite(b)
    wide = b[finite].astype(np.float64)
    scale = max(1.0, np.abs(wide).max(initial=0.0))
    near = 1000 * np.finfo(b.dtype).eps
    np.testing.assert_array_less(
        np.abs(a[finite].astype(np.float64) - wide), near * scale + np.abs(wide) * near + 1e-300
    )

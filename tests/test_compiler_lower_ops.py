"""Every op as instructions: the same bits as the program, or within what roundings do.

What stays a call is pinned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import Op
from autograd.kernels.parallel.twins import numpy_only
from tests.lowered import CALLED, ROUNDED, assert_lowered
from tests.test_program import loss_of
from tests.test_traced_calls import ERRORS, WITH_SAMPLES

pytestmark = pytest.mark.filterwarnings(
    "ignore::autograd.errors.GradientLostWarning", "ignore::RuntimeWarning"
)


@pytest.fixture(autouse=True)
def _in_numpy() -> Iterator[None]:
    with numpy_only():
        yield


# ---- every op ------------------------------------------------------------------------------------


def of_dtype(x: Any, dtype: Any) -> Any:
    if not isinstance(x, (np.ndarray, np.generic)):
        return x
    x = x.astype(dtype) if x.dtype == np.float64 else x
    return ag.Tensor(x, requires_grad=x.dtype.kind in "fc")


@pytest.mark.parametrize("op", WITH_SAMPLES)
def test_any_op_and_its_gradients_are_instructions(op: Op) -> None:
    calls: Counter[str] = Counter()
    for dtype in (np.float32, np.float64):
        for sample in op.samples():

            def call(*xs: Any, params: Any = sample.params) -> Any:
                result = op.record(*xs, **params)
                loss = loss_of(result)
                leaves = [x for x in xs if isinstance(x, ag.Tensor) and x.requires_grad]
                if not isinstance(loss, ag.Tensor) or loss._node is None:
                    return result
                return result, ag.grad(loss, leaves, allow_unused=True)

            args = [of_dtype(x, dtype) for x in sample.inputs]
            with np.errstate(all="ignore"):
                try:
                    program = ag.trace(call, *args)
                except ERRORS:
                    continue
                calls += assert_lowered(program, args, op.name not in ROUNDED)
    assert bool(calls) == (op.name in CALLED), calls


SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 30.0, np.inf, -np.inf, np.nan, 3e38, 1e-40])
GRID = {
    "special": SPECIAL,
    "0-d": np.array(0.7),
    "empty": np.zeros((0, 3)),
    "strided": np.linspace(-2, 2, 24).reshape(4, 6)[::2, ::-2],
    "transposed": np.linspace(-2, 2, 6).reshape(2, 3).T,
}
ELEMENTWISE = [p for p in WITH_SAMPLES if p.values[0].elementwise and p.id not in CALLED]


@pytest.mark.parametrize("kind", GRID)
@pytest.mark.parametrize("op", ELEMENTWISE)
def test_elementwise_ops_take_any_numbers_and_layouts(op: Op, kind: str) -> None:
    sample = next(iter(op.samples()))
    for dtype in (np.float32, np.float64):
        x = GRID[kind].astype(dtype)
        args = [x if n == 0 else np.flip(x) for n in range(len(sample.inputs))]
        with np.errstate(all="ignore"):
            try:
                program = ag.trace(lambda *xs: op.record(*xs, **sample.params), *args)
            except ERRORS:
                continue
            assert_lowered(program, args, op.name not in ROUNDED)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint8", "float16", "complex64"])
@pytest.mark.parametrize("op", [p for p in WITH_SAMPLES if p.values[0].elementwise])
def test_elementwise_ops_take_any_dtype(op: Op, dtype: str) -> None:
    sample = next(iter(op.samples()))
    args = [np.array([[0, 1, 3], [1, 2, 1]]).astype(dtype) for _ in sample.inputs]
    with np.errstate(all="ignore"):
        try:
            program = ag.trace(lambda *xs: op.record(*xs, **sample.params), *args)
        except ERRORS:
            return
        assert_lowered(program, args, op.name not in ROUNDED)

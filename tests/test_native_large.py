"""What large steps are made of in native plans: how arrays lie, and how sums are added up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.codegen.native.machine import has_llvm
from autograd.compiler.native import waiting
from autograd.compiler.native.plan import NativePlan
from autograd.compiler.schedule import contiguous
from autograd.kernels.parallel import workers
from tests.programs import draw

pytestmark = pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite")


def planned(step: Any, *args: Any) -> NativePlan:
    """A plan that has found how the arrays of its calls lie."""
    plan = NativePlan(ag.trace(step, *args))
    for _ in range(3):
        plan(*args)
    return plan


def turned(*shape: int, seed: int = 0) -> Any:
    """(N, C, H, W) in the order in which convolutions give it: (H, C, W, N)."""
    n, c, h, w = shape
    return draw(h, c, w, n, seed=seed, dtype=np.float32).transpose(3, 1, 0, 2)


def test_what_is_spread_has_no_say_in_how_others_lie() -> None:
    """The cotangent of a mean over places lies as the images do that it is multiplied with."""
    x = ag.Tensor(turned(6, 4, 5, 3))

    def step(x: Any, scale: Any) -> Any:
        return ag.relu(x * scale)

    plan = planned(step, x, ag.Tensor(draw(6, 4, 1, 1, seed=1, dtype=np.float32)))
    assert plan.executor is not None
    (kernel,) = plan.executor.schedule.kernels
    assert kernel.writes[0].strides == x.numpy().strides != contiguous(x.shape, 4)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("far", [0.0, 3e3])
def test_batch_norm_keeps_its_digits(affine: bool, far: float) -> None:
    """Sums of short sums are as good as the kernels', also of images far from 0."""
    layer = nn.BatchNorm2d(4, affine=affine)
    x = ag.Tensor((turned(8, 4, 9, 7) + far).astype(np.float32), requires_grad=True)
    g = ag.Tensor(turned(8, 4, 9, 7, seed=1))

    def step() -> Any:
        x.grad = None
        y = layer(x)
        y.backward(g)
        return y, x.grad

    plan = planned(step)
    y, grad = (v.numpy() for v in plan())
    wide, of_y, axes = x.numpy().astype(np.float64), g.numpy().astype(np.float64), (0, 2, 3)
    inverse = 1 / np.sqrt(wide.var(axes, keepdims=True) + layer.eps)
    right = (wide - wide.mean(axes, keepdims=True)) * inverse
    pulled = of_y - of_y.mean(axes, keepdims=True)
    pulled = (pulled - right * (of_y * right).mean(axes, keepdims=True)) * inverse
    rounding = 16 * np.finfo(np.float32).eps * (1 + far * inverse.max())
    np.testing.assert_allclose(y, right, rtol=0, atol=rounding * np.abs(right).max())
    np.testing.assert_allclose(grad, pulled, rtol=0, atol=2 * rounding * np.abs(pulled).max())


def test_a_helper_that_sleeps_is_left_its_part_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What nobody comes for is taken back, and the board is left as it was."""
    x = draw(1 << 18, dtype=np.float32)
    step = ag.compile(lambda x: ag.tanh(x) * ag.exp(x), check="never")
    before = ag.get_num_threads()
    ag.set_num_threads(2)
    try:
        expected = step(ag.Tensor(x)).numpy()
        board = np.zeros(workers.BOARD, np.int64)
        monkeypatch.setattr(waiting, "_boards", [board])
        monkeypatch.setattr(waiting, "wake", lambda count: None)
        saved = waiting._table.copy()
        waiting._table[:2] = 1, board.ctypes.data
        try:
            assert np.array_equal(step(ag.Tensor(x)).numpy(), expected)
        finally:
            waiting._table[:] = saved
        assert board[workers.NATIVE] == waiting.ASLEEP
        assert board[workers.NATIVE + 1] != 0  # it was posted
        assert np.array_equal(step(ag.Tensor(x)).numpy(), expected)
    finally:
        ag.set_num_threads(before)

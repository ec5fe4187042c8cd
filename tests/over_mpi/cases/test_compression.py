"""Gradients that travel in half precision: what is lost, what comes later, and what is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
from nn.parallel import DistributedDataParallel, ErrorFeedback, fp16_compress_hook


def wrapped(value: Any, state: Any) -> Any:
    model = nn.Module()
    model.w = nn.Parameter(np.zeros_like(value))
    model.forward = lambda g: (model.w * g).sum()  # whose gradient is g
    ddp = DistributedDataParallel(model)
    ddp.register_comm_hook(state, fp16_compress_hook)
    return ddp


def gradients(value: Any, state: Any, steps: int) -> Any:
    ddp, found = wrapped(value, state), []
    for _ in range(steps):
        ddp.module.w.grad = None
        ddp(value).backward()
        found.append(np.array(ddp.module.w.grad.numpy()))
    return found


VALUES = np.random.default_rng(0).standard_normal(3000)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("state", [None, ErrorFeedback])
def test_an_average_is_right_to_eleven_bits(dtype, state, rank, size):
    mine = VALUES.astype(dtype) * (rank + 1)
    (found,) = gradients(mine, state and state(), 1)
    wanted = VALUES * (size + 1) / 2
    assert found.dtype == dtype
    error = np.abs(found - wanted)
    assert 0 < error.max() <= (np.abs(wanted) * 2**-10 + 6e-8 * size).max()


def test_what_is_left_out_comes_later(size):
    """The mean over steps nears the gradient, where without feedback the error stays."""
    fed = np.mean(gradients(VALUES, ErrorFeedback(), 25), 0)
    lost = np.mean(gradients(VALUES, None, 25), 0)
    assert np.abs(fed - VALUES).max() < np.abs(lost - VALUES).max() / 10


def test_small_numbers_are_not_lost_for_ever(size):
    tiny = np.full(10, 1e-9 * size)
    assert not np.any(gradients(tiny, None, 9))
    total = np.sum(gradients(tiny, ErrorFeedback(), 150), 0)
    np.testing.assert_allclose(total, 150 * tiny, rtol=0.25)


def test_large_numbers_are_cut_and_follow(size):
    large = np.full(4, 1e5 * size)
    (lost,) = gradients(large, None, 1)
    np.testing.assert_allclose(lost, 65504.0, rtol=2**-10)
    feedback = ErrorFeedback()
    gradients(large, feedback, 1)
    assert feedback.relative_error > 0.1


def test_it_says_what_it_costs(size):
    feedback = ErrorFeedback()
    gradients(VALUES, feedback, 3)
    assert 0 < feedback.relative_error < 2**-11
    assert feedback.bytes_saved == 3 * VALUES.size * 6


def test_not_a_number_arrives_and_is_not_kept(rank):
    value = VALUES.copy()
    value[3] = np.nan if rank == 1 else 0.0
    feedback = ErrorFeedback()
    model = wrapped(value, feedback)
    with pytest.raises(ag.errors.NaNError, match="rank 1"):
        model(value).backward()
    ok = wrapped(VALUES, feedback)
    ok(VALUES).backward()
    assert np.isfinite(ok.module.w.grad.numpy()).all()
    dist.barrier()

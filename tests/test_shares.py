"""Shares of a batch: what is drawn for a sample does not depend on which process has it."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.kernels.activation.dropout import dropout_mask
from autograd.kernels.shares import Share, sharing, uniform

SHAPES = [  # of a whole batch of 8, and the axis of its samples
    ((8,), 0), ((8, 3), 0), ((8, 257), 0), ((8, 3, 301), 0), ((5, 8, 7), 1), ((3, 8, 333), 1),
    ((16, 5), 0), ((24, 111), 0), ((8, 4, 20, 20), 0),
]  # fmt: skip
BITS = [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox]


def part_of(shape: tuple[int, ...], axis: int, share: Share) -> tuple[int, ...]:
    return (*shape[:axis], shape[axis] // 8 * share.rows, *shape[axis + 1 :])


def cut(whole: Any, axis: int, share: Share) -> Any:
    """The rows of a share, where each sample has one row or a run of them."""
    lead, rest = whole.shape[:axis], whole.shape[axis + 1 :]
    by_sample = whole.reshape(*lead, 8, -1, *rest)
    rows = by_sample[(slice(None),) * axis + (slice(share.rank, None, share.parts),)]
    return rows.reshape(part_of(whole.shape, axis, share))


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("bits", BITS)
def test_shares_of_what_is_drawn_make_up_what_one_process_draws(
    bits: Any, shape: tuple[int, ...], axis: int
) -> None:
    for parts, before in product((2, 4), (0, 1, 2)):
        alone = np.random.Generator(bits(7))
        alone.random(before, np.float32)
        start = alone.bit_generator.state
        whole = alone.random(shape, np.float32)
        after = alone.random(5, np.float32)
        for rank in range(parts):
            rng, share = np.random.Generator(bits(0)), Share.of(rank, parts, 8)
            rng.bit_generator.state = start
            with sharing(share):
                drawn = uniform(rng, part_of(shape, axis, share))
            assert np.array_equal(drawn, cut(whole, axis, share))
            assert np.array_equal(rng.random(5, np.float32), after)


@pytest.mark.parametrize("total", [1, 3, 5, 9])
def test_a_batch_that_is_not_shared_evenly(total: int) -> None:
    whole = np.random.default_rng(1).random((total, 300), np.float32)
    seen = np.zeros(total, int)
    for rank in range(4):
        share = Share.of(rank, 4, total)
        with sharing(share):
            drawn = uniform(np.random.default_rng(1), (share.rows, 300))
        assert np.array_equal(drawn, share.cut(whole))
        seen[share.rank :: share.parts] += 1
    assert np.all(seen == (4 if total < 4 else 1))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("p", [0.1, 0.5, 1.0])
def test_a_mask_is_that_of_one_process(p: float, dtype: str) -> None:
    whole = dropout_mask(np.random.default_rng(1), (6, 300), p, np.dtype(dtype))
    for rank in range(2):
        with sharing(Share.of(rank, 2, 6)):
            mine = dropout_mask(np.random.default_rng(1), (3, 300), p, np.dtype(dtype))
        assert mine.dtype == whole.dtype
        assert np.array_equal(mine, whole[rank::2])


LAYERS: dict[str, tuple[Any, tuple[int, ...], int]] = {
    "Dropout": (lambda: nn.Dropout(0.4), (8, 12), 0),
    "Dropout2d": (lambda: nn.Dropout2d(0.4), (8, 3, 4, 4), 0),
    "AlphaDropout": (lambda: nn.AlphaDropout(0.4), (8, 12), 0),
    "attention": (lambda: Attention(), (8, 5, 4), 0),
    "attention, time first": (lambda: Attention(batch_first=False), (5, 8, 4), 1),
    "LSTM, time first": (lambda: Last(nn.LSTM(4, 3, 2, dropout=0.5)), (5, 8, 4), 1),
    "LSTM": (lambda: Last(nn.LSTM(4, 3, 2, dropout=0.5, batch_first=True)), (8, 5, 4), 0),
    "encoder": (
        lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.3, batch_first=True), (8, 5, 4), 0,
    ),
}  # fmt: skip


class Last(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x)[0]


class Attention(nn.Module):
    def __init__(self, batch_first: bool = True) -> None:
        super().__init__()
        self.inner = nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=batch_first)

    def forward(self, x: Any) -> Any:
        return self.inner(x, x, x, need_weights=False)[0]


@pytest.mark.parametrize("name", LAYERS)
def test_layers_drop_what_one_process_drops(name: str) -> None:
    make, shape, axis = LAYERS[name]
    _ = nn.manual_seed(0)
    layer = make()
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    _ = nn.manual_seed(5)
    whole = layer(ag.asarray(x)).detach().numpy()
    assert np.any(layer(ag.asarray(x)).detach().numpy() != whole)
    for rank in range(2):
        _ = nn.manual_seed(5)
        with sharing(Share.of(rank, 2, 8)):
            found = layer(ag.asarray(np.take(x, range(rank, 8, 2), axis))).detach().numpy()
        assert found == pytest.approx(np.take(whole, range(rank, 8, 2), axis), abs=1e-6)

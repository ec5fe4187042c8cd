"""DistributedSampler: all processes share one order, evenly, and another in every epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
import nn.torch as torch
from autograd.errors import ArgumentError, ArgumentTypeError
from nn.data import DataLoader, DistributedSampler


def parts(size: int, replicas: int, epoch: int = 0, **options: Any) -> list[list[int]]:
    samplers = [DistributedSampler(range(size), replicas, r, **options) for r in range(replicas)]
    for sampler in samplers:
        sampler.set_epoch(epoch)
    return [list(sampler) for sampler in samplers]


@given(st.integers(1, 40), st.integers(1, 9), st.booleans(), st.booleans(), st.integers(0, 3))
def test_parts_are_even_and_hold_every_example(
    size: int, replicas: int, shuffle: bool, drop_last: bool, epoch: int
) -> None:
    found = parts(size, replicas, epoch, shuffle=shuffle, drop_last=drop_last)
    each = size // replicas if drop_last else -(-size // replicas)
    assert {len(part) for part in found} == {each}
    together = [number for step in zip(*found, strict=True) for number in step]
    counts = np.bincount(np.array(together, int), minlength=size)
    if drop_last:
        assert counts.max(initial=0) <= 1
    else:
        assert counts.min() >= 1
        assert counts.max() - counts.min() <= 1
    if not shuffle:
        assert together == [n % size for n in range(each * replicas)]


def test_an_epoch_has_an_order_of_its_own_which_comes_again() -> None:
    orders = {str(parts(50, 2, epoch)) for epoch in range(10)}
    orders |= {str(parts(50, 2, epoch, seed=1)) for epoch in range(10)}
    assert len(orders) == 20
    assert parts(50, 2, 3) == parts(50, 2, 3)


def test_outside_of_a_group_there_is_one_process() -> None:
    assert sorted(DistributedSampler(range(5))) == [0, 1, 2, 3, 4]


def test_a_loader_takes_it_and_its_length_is_that_of_a_part() -> None:
    loader = DataLoader(range(7), 2, sampler=DistributedSampler(range(7), 2, 1, shuffle=False))
    assert len(loader) == 2
    assert [batch.tolist() for batch in loader] == [[1, 3], [5, 0]]


def test_the_face_has_it_in_both_places() -> None:
    data = torch.utils.data
    assert data.DistributedSampler is data.distributed.DistributedSampler
    sampler = data.DistributedSampler([5, 6, 7], num_replicas=2, rank=0, shuffle=False)
    assert isinstance(sampler, data.Sampler)
    batches = [b.tolist() for b in data.DataLoader([5, 6, 7], 2, sampler=sampler)]
    assert batches == [[5, 7]]


@pytest.mark.parametrize("rank", [2, -1, 7])
def test_a_rank_beyond_the_replicas_is_told(rank: int) -> None:
    with pytest.raises(ArgumentError, match=f"rank is {rank}, .*num_replicas=2 it is from 0 to 1"):
        DistributedSampler(range(4), 2, rank)


def test_what_has_no_length_cannot_be_shared() -> None:
    with pytest.raises(ArgumentTypeError, match="data_source has a length"):
        nn.data.DistributedSampler(iter([1]), 1, 0)

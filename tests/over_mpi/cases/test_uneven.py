"""Processes with batches of their own number; and messages between many of them at once."""

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
import optim
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DistributedError,
    StateError,
    TraceError,
)
from nn.parallel import DistributedDataParallel, Join


def batch(step, rank):
    return ag.Tensor(np.random.default_rng([step, rank]).standard_normal((4, 3)))


def make():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).to("float64")


def sgd(params):
    return optim.SGD(params, lr=0.1, momentum=0.9)


def trained_together(counts, divides_by_all, make_optimizer=sgd, most=None):
    """What one process makes of all their batches, by another optimizer with falling rates."""
    model = make()
    steps = make_optimizer(model.parameters())
    for step in range(max(counts)):
        active = [rank for rank, count in enumerate(counts) if step < count]
        steps.zero_grad()
        losses = [(model(batch(step, rank)) ** 2).mean() for rank in active]
        (sum(losses) / (len(counts) if divides_by_all else len(active))).backward()
        if make_optimizer is not sgd:
            steps.param_groups[0]["lr"] = 0.1 / (step + 1)
        if most is not None:
            nn.utils.clip_grad_norm_(model.parameters(), most)
        steps.step()
    return model


COUNTS = {
    "the first has least": lambda size: [1 + 2 * rank for rank in range(size)],
    "the last has least": lambda size: [2 * size - rank for rank in range(size)],
    "the first has none": lambda size: [0, *[3] * (size - 1)],
    "all have as many": lambda size: [2] * size,
}


@pytest.mark.parametrize("kind", COUNTS)
@pytest.mark.parametrize("divides_by_all", [True, False])
@pytest.mark.parametrize("megabytes", [25, 1e-4])
def test_who_has_no_batch_left_goes_along(rank, size, kind, divides_by_all, megabytes):
    counts = COUNTS[kind](size)
    model = DistributedDataParallel(make(), bucket_cap_mb=megabytes)
    steps = sgd(model.parameters())
    with model.join(divide_by_initial_world_size=divides_by_all):
        for step in range(counts[rank]):
            steps.zero_grad()
            (model(batch(step, rank)) ** 2).mean().backward()
            steps.step()
    wanted = trained_together(counts, divides_by_all)
    for mine, its in zip(model.parameters(), wanted.parameters(), strict=True):
        np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=1e-12, atol=1e-15)


def test_accumulation_and_buffers_go_along_too(rank, size):
    nn.manual_seed(0)
    model = DistributedDataParallel(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)))
    with model.join():
        for step in range(1 + rank):
            with model.no_sync():
                model(batch(step, rank)).sum().backward()
            model(batch(step, rank)).sum().backward()
    found = [None] * size
    dist.all_gather_object(found, [t.numpy().tobytes() for t in model.state_dict().values()])
    assert all(theirs == found[0] for theirs in found)


def test_an_early_end_may_end_all(rank, size):
    model = DistributedDataParallel(nn.Linear(3, 1))

    def early():
        with model.join(throw_on_early_termination=True):
            for step in range(1 + rank):
                model(batch(step, rank).astype("float32")).sum().backward()

    with pytest.raises(StateError, match="rank 0 has no batch left, and throw_on_early_termin"):
        early()
    with model.join(), pytest.raises(StateError, match="in such a block already"), model.join():
        pass
    with model.join(enable=False):
        model(ag.ones(2, 3)).sum().backward()


SHARED = {  # how the optimizer is made, and whether it averages where no DDP does
    "after DDP": (False, optim.Adam),
    "by itself": (True, optim.Adam),
    "whole parameters": (False, optim.Adafactor),
}


@pytest.mark.parametrize("kind", ["the first has least", "the first has none"])
@pytest.mark.parametrize("divides_by_all", [True, False])
@pytest.mark.parametrize("way", SHARED)
def test_shared_states_go_along_with_rates_and_clipping(rank, size, kind, divides_by_all, way):
    averages, make_optimizer = SHARED[way]
    counts = COUNTS[kind](size)
    model = make()
    called = model if averages else DistributedDataParallel(model)
    steps = optim.ZeroRedundancyOptimizer(
        model.parameters(), make_optimizer, lr=0.1, averages=averages
    )
    joined = [steps] if averages else [called, steps]
    with Join(joined, divide_by_initial_world_size=divides_by_all):
        for step in range(counts[rank]):
            steps.param_groups[0]["lr"] = 0.1 / (step + 1)
            steps.zero_grad()
            (called(batch(step, rank)) ** 2).mean().backward()
            if not averages:
                nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            steps.step()
    wanted = trained_together(
        counts, divides_by_all, lambda params: make_optimizer(params, lr=0.1),
        None if averages else 0.1,
    )  # fmt: skip
    for mine, its in zip(model.parameters(), wanted.parameters(), strict=True):
        np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=1e-10, atol=1e-13)


def test_what_cannot_be_joined_is_told(rank, size):
    model = DistributedDataParallel(nn.Linear(3, 1))
    with pytest.raises(ArgumentTypeError, match=r"other optimizers send nothing.*got .*SGD"):
        Join([model, optim.SGD(model.parameters(), lr=0.1)])
    with pytest.raises(ArgumentError, match="has no model and no optimizer"):
        Join([])
    alone = [dist.new_group([r]) for r in range(size)][rank]
    other = DistributedDataParallel(nn.Linear(3, 1), process_group=alone)
    with pytest.raises(ArgumentError, match="of the same processes"):
        Join([model, other])


def test_another_order_of_members_is_told_by_rank(rank, size):
    models = [DistributedDataParallel(nn.Linear(3, 1)) for _ in range(2)]
    optimizer = optim.ZeroRedundancyOptimizer(models[0].parameters(), optim.SGD, lr=0.1)

    def step():
        with Join([*models, optimizer]):
            models[0](ag.ones(2, 3)).sum().backward()
            if rank == 0:
                optimizer.step()
            models[1](ag.ones(2, 3)).sum().backward()

    with pytest.raises(DistributedError, match="rank 0 goes on with ZeroRedundancyOptimizer, rank"):
        step()


def test_a_compiled_step_cannot_go_along(rank, size):
    model = DistributedDataParallel(nn.Linear(3, 1))

    @ag.compile
    def step(x):
        loss = model(x).sum()
        loss.backward()
        return loss

    with pytest.raises(TraceError, match="cannot go on when others have ended"), model.join():
        step(ag.ones(2, 3))


# ---- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sends_first", [True, False])
def test_neighbours_exchange_at_once(rank, size, sends_first):
    right, left = (rank + 1) % size, (rank - 1) % size
    given = ag.Tensor(np.full(70_000, float(rank)))  # beyond what MPI takes without a receiver
    places = [ag.zeros(70_000, dtype="float64"), ag.zeros(3, dtype="int64")]
    numbers = ag.Tensor(np.arange(3) * rank)
    sent = [dist.P2POp(dist.isend, given, right), dist.P2POp(dist.isend, numbers, left, tag=7)]
    got = [dist.P2POp(dist.irecv, places[0], left), dist.P2POp(dist.irecv, places[1], right, tag=7)]
    works = dist.batch_isend_irecv([*sent, *got] if sends_first else [*got, *sent])
    assert len(works) == 4
    for work in works:
        work.wait()
    np.testing.assert_array_equal(places[0].numpy(), np.full(70_000, float(left)))
    np.testing.assert_array_equal(places[1].numpy(), np.arange(3) * right)


def test_what_is_no_message_is_told():
    x = ag.ones(2)
    with pytest.raises(ArgumentError, match=r"op is the function autograd\.distributed\.isend or"):
        dist.P2POp(dist.send, x, 0)
    with pytest.raises(ArgumentError, match="peer is the rank that gets"):
        dist.P2POp(dist.isend, x)
    with pytest.raises(ArgumentTypeError, match=r"p2p_op_list\[0\] is a P2POp, not"):
        dist.batch_isend_irecv([x])
    with pytest.raises(ArgumentError, match="has no message"):
        dist.batch_isend_irecv([])

"""Collectives, on every kind of Tensor: values beside NumPy's, derivatives beside sums."""

import functools

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
from autograd.distributed import ReduceOp
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DistributedError,
    DTypeError,
    InPlaceError,
    ShapeError,
)

DTYPES = [*"?bHilefdFD"]
SHAPES = [(), (0,), (2, 3), (70, 90)]
KINDS = [(dtype, shape) for dtype in DTYPES for shape in SHAPES]
JOINS = {
    "sum": np.add, "product": np.multiply, "min": np.minimum, "max": np.maximum,
    "band": np.bitwise_and, "bor": np.bitwise_or, "bxor": np.bitwise_xor,
}  # fmt: skip


def numbers(dtype, shape, rank):
    """What a process has: other numbers than the others."""
    found = np.random.default_rng(rank).integers(0, 5, shape)
    return np.asarray(found).astype(dtype)


def everyone(dtype, shape, size):
    return [numbers(dtype, shape, k) for k in range(size)]


def check(tensor, expected):
    assert tensor.dtype == expected.dtype
    assert tensor.shape == expected.shape
    np.testing.assert_array_equal(tensor.numpy(), expected)


def test_each_reduction_is_numpys_over_the_ranks(rank, size):
    for dtype, shape in KINDS:
        for name, join in JOINS.items():
            complex_order = dtype in "FD" and name in ("min", "max")
            if complex_order or (dtype not in "?bBhHiIlL" and name.startswith("b")):
                continue
            x = ag.Tensor(numbers(dtype, shape, rank))
            expected = functools.reduce(join, everyone(dtype, shape, size))
            assert dist.all_reduce(x, op=name) is x
            check(x, np.asarray(expected))


def test_what_a_dtype_has_no_meaning_for_raises_on_all(rank):
    for op, dtype in [("avg", "i"), ("avg", "?"), ("min", "F"), ("max", "D"), ("bor", "f")]:
        with pytest.raises(DTypeError, match="ReduceOp"):
            dist.all_reduce(ag.Tensor(np.ones(2, dtype)), op)
    with pytest.raises(ArgumentError, match="op is one of ReduceOp"):
        dist.all_reduce(ag.Tensor([1.0]), op="sam")


def test_averages_and_half_precision_add_up_in_single(size):
    x = ag.Tensor(np.full(3, 60000, np.float16))
    check(dist.all_reduce(x, "avg"), np.full(3, 60000, np.float16))
    x = ag.Tensor(np.full(5000, 60000, np.float16))
    assert np.isinf(dist.all_reduce(x).numpy()).all()


def test_sums_go_by_the_order_of_ranks_however_long_they_are(rank, size):
    parts = [np.random.default_rng(k).standard_normal(40_000) for k in range(size)]
    expected = functools.reduce(np.add, parts)
    for count in (3, 15, 700, 2048, 40_000):
        x = ag.Tensor(parts[rank][:count].copy())
        np.testing.assert_array_equal(dist.all_reduce(x).numpy(), expected[:count])


def test_movers_take_every_dtype_and_shape(rank, size):
    for dtype, shape in KINDS:
        mine, all_of = numbers(dtype, shape, rank), everyone(dtype, shape, size)
        blank = lambda: ag.Tensor(np.zeros(shape, dtype))  # noqa: E731, B023
        check(dist.broadcast(ag.Tensor(mine.copy()), size - 1), all_of[-1])
        places = [blank() for _ in range(size)]
        dist.all_gather(places, ag.Tensor(mine))
        for place, theirs in zip(places, all_of, strict=True):
            check(place, theirs)
        places = [blank() for _ in range(size)] if rank == 1 else None
        dist.gather(ag.Tensor(mine), places, dst=1)
        for place, theirs in zip(places or [], all_of, strict=False):
            check(place, theirs)
        x = blank()
        dist.scatter(x, [ag.Tensor(a) for a in all_of] if rank == 0 else None)
        check(x, mine)
        sums = functools.reduce(np.add, all_of)
        x = ag.Tensor(mine.copy())
        dist.reduce(x, dst=1)
        check(x, np.asarray(sums) if rank == 1 else mine)
        x = blank()
        dist.reduce_scatter(x, [ag.Tensor(mine)] * size)
        check(x, np.asarray(sums))
        places = [blank() for _ in range(size)]
        dist.all_to_all(places, [ag.Tensor(mine)] * size)
        for place, theirs in zip(places, all_of, strict=True):
            check(place, theirs)


def test_tensors_in_one_are_stacked_or_behind_each_other(rank, size):
    mine, all_of = numbers("f", (2, 3), rank), everyone("f", (2, 3), size)
    for shape in [(size * 2, 3), (size, 2, 3)]:
        x = ag.zeros(shape)
        dist.all_gather_into_tensor(x, ag.Tensor(mine))
        check(x, np.array(all_of).reshape(shape))
        x = ag.zeros(2, 3)
        dist.reduce_scatter_tensor(x, ag.Tensor(np.array([mine] * size).reshape(shape)))
        check(x, functools.reduce(np.add, all_of))
    lengths = [k + 1 for k in range(size)]
    x = ag.zeros((rank + 1) * size)
    given = ag.Tensor(np.arange(sum(lengths), dtype=np.float32) + 100 * rank)
    dist.all_to_all_single(x, given, [rank + 1] * size, lengths)
    start = sum(lengths[:rank])
    rows = [np.arange(start, start + rank + 1, dtype=np.float32) + 100 * k for k in range(size)]
    check(x, np.concatenate(rows))


def test_handles_may_be_waited_for_in_any_order(size):
    sizes = [3, 100_000, 40, 7_000, 0]
    tensors = [ag.ones(count) for count in sizes]
    works = [dist.all_reduce(x, async_op=True) for x in tensors]
    assert [x.sum().item() for x in tensors] == sizes  # until one waits
    for work, x, count in reversed([*zip(works, tensors, sizes, strict=True)]):
        assert work.wait()
        assert work.is_completed()
        assert x.sum().item() == size * count
    assert dist.barrier(async_op=True).wait()


def test_views_and_other_layouts_are_written_through(rank, size):
    x = ag.Tensor(np.arange(12.0).reshape(3, 4))
    dist.all_reduce(x[1])
    check(x, np.arange(12.0).reshape(3, 4) * np.array([[1.0], [size], [1.0]]))
    x = ag.Tensor(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    check(dist.all_reduce(x), np.arange(6.0).reshape(2, 3) * size)
    w = ag.Tensor([float(rank)], requires_grad=True)
    dist.broadcast(w.data, 1)
    assert w.item() == 1.0
    with ag.no_grad():
        dist.all_reduce(w)
    assert w.item() == size


def test_messages_go_from_one_to_one(rank, size):
    after, before = (rank + 1) % size, (rank - 1) % size
    for dtype, shape in KINDS:
        x = ag.Tensor(np.zeros(shape, dtype))
        work = dist.isend(ag.Tensor(numbers(dtype, shape, rank)), after)
        assert dist.recv(x, before) == before
        work.wait()
        check(x, numbers(dtype, shape, before))
    x, y = ag.zeros(1), ag.zeros(200_000)
    works = [dist.isend(ag.ones(200_000) * 2, after, tag=2), dist.isend(ag.ones(1), after, tag=1)]
    got = [dist.irecv(x, before, tag=1), dist.irecv(y, before, tag=2)]
    assert [work.result() for work in got] == [before] * 2
    for work in works:
        work.wait()
    assert (x.item(), y.sum().item()) == (1, 400_000)
    dist.barrier()
    if rank == 0:
        for _ in range(size - 1):
            source = dist.recv(x)
            assert x.item() == source
    else:
        dist.send(ag.Tensor([float(rank)]), 0)


def test_a_message_of_another_kind_raises_where_it_comes(rank):
    if rank == 0:
        work = dist.isend(ag.ones(3), 1, tag=9)
    if rank == 1:
        with pytest.raises(ShapeError, match=r"rank 0 sends float32 \(3,\), .* float64 \(2,\)"):
            dist.recv(ag.Tensor(np.ones(2)), 0, tag=9)
        rest = np.empty(3, np.float32)
        dist.groups.group_of(None, "").comms[0].Recv(rest, 0, 9)  # so that none is left
    if rank == 0:
        work.wait()
    dist.barrier()


def test_groups_are_numbered_from_their_lowest(rank, size):
    last, alone = dist.new_group([size - 1, 0]), dist.new_group([1])
    assert dist.get_process_group_ranks(last) == [0, size - 1]
    assert dist.get_rank(last) == {0: 0, size - 1: 1}.get(rank, -1)
    assert dist.get_world_size(last) == (2 if rank in (0, size - 1) else -1)
    x = ag.Tensor(float(rank))
    if rank in (0, size - 1):
        assert dist.all_reduce(x, group=last).item() == size - 1
        assert dist.broadcast(x, size - 1, group=last).item() == size - 1
    else:
        with pytest.raises(ArgumentError, match="this process is in no group of ranks 0"):
            dist.all_reduce(x, group=last)
    if rank == 1:
        assert dist.all_reduce(ag.Tensor(5.0), group=alone).item() == 5
        with pytest.raises(ArgumentError, match="src is 0, and the ranks of the group are 1"):
            dist.broadcast(x, 0, group=alone)
    dist.barrier()


def test_objects_travel_as_pickles(rank, size):
    found = [None] * size
    dist.all_gather_object(found, {"rank": rank, "name": "x" * rank})
    assert found == [{"rank": k, "name": "x" * k} for k in range(size)]
    both = [rank, {"a": rank}]
    dist.broadcast_object_list(both, 1)
    assert both == [1, {"a": 1}]
    one = [None]
    dist.scatter_object_list(one, [*range(size)] if rank == 0 else None)
    assert one == [rank]
    there = [None] * size if rank == 1 else None
    dist.gather_object(rank, there, 1)
    assert there == ([*range(size)] if rank == 1 else None)


def test_other_calls_elsewhere_are_told_by_rank(rank):
    with pytest.raises(DistributedError, match=r"(?s)rank 0: all_reduce\(sum\).*rank 1.*: barrier"):
        dist.all_reduce(ag.Tensor([1.0])) if rank == 0 else dist.barrier()
    shape = (2, 3) if rank == 0 else (3, 2)
    with pytest.raises(DistributedError, match=r"(?s)rank 0: .* \(2, 3\) at .*rank 1.*\(3, 2\)"):
        dist.all_reduce(ag.ones(*shape))
    with pytest.raises(DistributedError, match="all_to_all: rank 0 sends"):
        dist.all_to_all([ag.ones(2) for _ in range(dist.get_world_size())],
                        [ag.ones(3)] * dist.get_world_size())  # fmt: skip


def test_a_wait_has_an_end_that_says_who_waits(rank):
    if rank == 0:
        work = dist.all_reduce(ag.ones(2), async_op=True)
        with pytest.raises(DistributedError, match=r"(?s)rank 0 waited .*rank 1: waits for"):
            work.wait(timeout=0.3)
        x = ag.zeros(1)
        work2 = dist.isend(x, 1, tag=5)
        work2.wait()
        work.wait()
    elif rank == 1:
        dist.recv(ag.zeros(1), 0, tag=5)
    if rank != 0:
        dist.all_reduce(ag.ones(2))


def test_in_place_on_a_leaf_raises_and_says_what_to_write():
    w = ag.Tensor([1.0], requires_grad=True)
    for function, args in [(dist.all_reduce, ()), (dist.broadcast, (1,))]:
        if function is dist.broadcast and dist.get_rank() == 1:
            continue
        with pytest.raises(InPlaceError, match=r"y = autograd.distributed.nn"):
            function(w, *args)
    with pytest.raises(ArgumentTypeError, match="all_reduce: it takes Tensors"):
        dist.all_reduce(np.ones(2))


# ---- derivatives ---------------------------------------------------------------------------------


def weights(rank, shape):
    return np.random.default_rng(100 + rank).standard_normal(shape)


def given(rank, shape=(2, 3)):
    return np.random.default_rng(rank).standard_normal(shape)


FUNCTIONAL = {
    "all_reduce": lambda x, n: dist.nn.all_reduce(x),
    "all_reduce avg": lambda x, n: dist.nn.all_reduce(x, op=ReduceOp.AVG),
    "all_reduce product": lambda x, n: dist.nn.all_reduce(x, op="product"),
    "all_reduce max": lambda x, n: dist.nn.all_reduce(x, op="max"),
    "all_reduce min": lambda x, n: dist.nn.all_reduce(x, op="min"),
    "all_gather": lambda x, n: ag.stack(dist.nn.all_gather(x)),
    "reduce_scatter": lambda x, n: dist.nn.reduce_scatter(x, [x * (k + 1) for k in range(n)]),
    "reduce_scatter avg": lambda x, n: dist.nn.reduce_scatter(x, [x] * n, "avg"),
    "broadcast": lambda x, n: dist.nn.broadcast(x, 1),
    "reduce": lambda x, n: dist.nn.reduce(x, 1),
    "gather": lambda x, n: ag.stack(dist.nn.gather(x, 1)),
    "scatter": lambda x, n: dist.nn.scatter([x * (k + 1) for k in range(n)], 1),
    "all_to_all": lambda x, n: ag.stack(
        dist.nn.all_to_all([x] * n, [x * (k + 1) for k in range(n)])
    ),
    "in place": lambda x, n: dist.all_reduce(x * 1),
    "broadcast in place": lambda x, n: dist.broadcast(x * 1, 1),
}


@pytest.mark.parametrize("name", FUNCTIONAL)
def test_gradients_are_those_of_the_sum_over_all_ranks(name, rank, size):
    """Beside finite differences: each number of each rank is moved, and all look what comes."""
    function = FUNCTIONAL[name]

    def total(values):
        y = function(ag.Tensor(values), size)
        here = ag.sum(y * weights(rank, y.shape)).item()
        return dist.all_reduce(ag.Tensor(np.float64(here))).item()

    x = ag.Tensor(given(rank), requires_grad=True)
    y = function(x, size)
    (y * weights(rank, y.shape)).sum().backward()
    for source in range(size):
        for place in [(0, 0), (1, 2)]:
            slopes = []
            for step in (1e-6, -1e-6):
                moved = given(rank)
                if source == rank:
                    moved[place] += step
                slopes.append(total(moved))
            if source == rank:
                numeric = (slopes[0] - slopes[1]) / 2e-6
                assert abs(numeric - x.grad[place].item()) < 1e-6 * max(1, abs(numeric))


def test_second_derivatives_cross_processes(rank, size):
    x = ag.Tensor(given(rank), requires_grad=True)
    total = (dist.nn.all_reduce(x) ** 3).sum()
    (first,) = ag.grad(total, x, create_graph=True)
    (second,) = ag.grad(first.sum(), x)
    everything = sum(given(k) for k in range(size))
    np.testing.assert_allclose(first.detach().numpy(), 3 * size * everything**2, rtol=1e-12)
    np.testing.assert_allclose(second.numpy(), 6 * size**2 * everything, rtol=1e-12)


def test_a_loss_that_is_reduced_for_show_keeps_its_graph(rank, size):
    x = ag.Tensor([float(rank + 1)], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    dist.all_reduce(loss)
    assert loss.item() == sum((k + 1) ** 2 for k in range(size))
    assert x.grad.item() == 2 * (rank + 1)


def test_collectives_are_instructions_of_a_compiled_call(rank, size):
    @ag.compile
    def f(x):
        return (dist.nn.all_reduce(x * 2) * x).sum() + dist.nn.all_gather(x)[0].sum()

    for turn in range(4):
        x = ag.Tensor(given(rank) + turn)
        sums = sum(given(k) + turn for k in range(size)) * 2
        expected = (sums * (given(rank) + turn)).sum() + (given(0) + turn).sum()
        assert f(x).item() == pytest.approx(expected, rel=1e-12)
    assert "all_reduce" in str(f.program)

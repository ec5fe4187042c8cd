"""DistributedDataParallel: the model of one process on the whole batch, in several on parts."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
import optim
from autograd.errors import (
    BackwardError,
    DistributedError,
    NaNError,
    StateError,
    UninitializedError,
)
from nn.parallel import DistributedDataParallel

BATCH = 16


def data(dtype="float64"):
    rng = np.random.default_rng(3)
    return rng.standard_normal((BATCH, 6)).astype(dtype), rng.integers(0, 4, BATCH)


def make(dtype="float64", seed=0):
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 4))
    return model.to(dtype)


def part(array, rank, size):
    count = len(array) // size
    return ag.Tensor(array[rank * count : (rank + 1) * count])


def train(model, steps=5, step=None, accumulate=1):
    """The losses, over all processes."""
    ddp = isinstance(model, DistributedDataParallel)
    rank, size = (dist.get_rank(), dist.get_world_size()) if ddp else (0, 1)
    x, y = data()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size))
        loss.backward()
        optimizer.step()
        losses.append(dist.nn.all_reduce(loss, op="avg").item() if ddp else loss.item())
    return losses


@pytest.mark.parametrize("megabytes", [25, 1e-4])
def test_the_curve_is_that_of_one_process_on_the_whole_batch(megabytes):
    expected = train(make())
    model = DistributedDataParallel(make(), bucket_cap_mb=megabytes)
    np.testing.assert_allclose(train(model), expected, rtol=1e-12)
    again = DistributedDataParallel(make(), bucket_cap_mb=megabytes)
    assert train(again) == train(DistributedDataParallel(make(), bucket_cap_mb=megabytes))


def test_all_processes_hold_the_same_parameters(size):
    model = DistributedDataParallel(make())
    train(model)
    found = [None] * size
    dist.all_gather_object(found, [p.numpy().tobytes() for p in model.parameters()])
    assert all(theirs == found[0] for theirs in found)


def test_names_are_pytorchs_and_the_module_is_within_reach():
    inner = make()
    model = DistributedDataParallel(inner)
    assert model.module is inner
    assert [*model.state_dict()] == [f"module.{name}" for name in inner.state_dict()]
    model.load_state_dict(model.state_dict())


def test_buckets_follow_the_order_of_backward(rank):
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.last, self.first = nn.Linear(6, 4), nn.Linear(6, 6)

        def forward(self, x):
            return self.last(self.first(x))

    model = DistributedDataParallel(Backwards().to("float64"), bucket_cap_mb=1e-4)
    x, y = data()
    for _ in range(2):
        nn.functional.cross_entropy(model(ag.Tensor(x)), ag.Tensor(y)).backward()
    names = [model._reducer.named[n][0] for b in model._reducer.buckets for n in b.numbers]
    assert {*names[:2]} == {"last.weight", "last.bias"}


def test_no_sync_adds_up_here_and_averages_all_of_it_then(rank, size):
    model, alone = DistributedDataParallel(make()), make()
    x, y = data()
    for turn in range(2):
        whole = nn.functional.cross_entropy(alone(ag.Tensor(x + turn)), ag.Tensor(y))
        whole.backward()
    with model.no_sync():
        loss = nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size))
        loss.backward()
    before = next(model.parameters()).grad.numpy().copy()
    found = [None] * size
    dist.all_gather_object(found, before.tobytes())
    assert len({*found}) == size
    nn.functional.cross_entropy(model(part(x + 1, rank, size)), part(y, rank, size)).backward()
    for mine, its in zip(model.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-12, atol=1e-15)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.common, self.left, self.right = (nn.Linear(6, 4) for _ in range(3))
        self.idle = nn.Linear(2, 2)

    def forward(self, x, left):
        return self.common(x) + (self.left(x) if left else self.right(x))


def test_unused_parameters_raise_by_name_and_rank(rank, size):
    model = DistributedDataParallel(Branches())
    loss = model(ag.ones(2, 6), rank == 0).sum()
    with pytest.raises(StateError, match=r"(?s)rank 0: right.weight.*rank 1: left.weight, left.bi"):
        loss.backward()


def test_unused_parameters_count_as_zeros_where_others_use_them(rank, size):
    nn.manual_seed(0)
    model = DistributedDataParallel(Branches(), find_unused_parameters=True)
    for _ in range(2):
        model.zero_grad()
        model(ag.ones(2, 6), rank == 0).sum().backward()
        grads = {name: p.grad for name, p in model.module.named_parameters()}
        assert grads["idle.weight"] is None
        np.testing.assert_allclose(grads["left.bias"].numpy(), 2 / size, rtol=1e-6)
        np.testing.assert_allclose(grads["right.bias"].numpy(), 2 * (size - 1) / size, rtol=1e-6)
        np.testing.assert_allclose(grads["common.bias"].numpy(), 2, rtol=1e-6)


def test_frozen_and_shared_parameters_take_their_part(rank, size):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.out = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
            self.out.weight = self.embed.weight
            self.frozen = nn.Linear(3, 3)
            self.frozen.requires_grad_(False)

        def forward(self, x):
            return self.out(self.frozen(self.embed(x)) * self.embed.weight[0])

    nn.manual_seed(1)
    inner = Tied().to("float64")
    model = DistributedDataParallel(inner)
    tokens = np.arange(size) % 5
    model(ag.Tensor(tokens[rank : rank + 1])).sum().backward()
    mine = inner.embed.weight.grad.numpy().copy()
    inner.zero_grad()
    (inner(ag.Tensor(tokens)).sum() / size).backward()
    np.testing.assert_allclose(mine, inner.embed.weight.grad.numpy(), rtol=1e-12)
    assert inner.frozen.weight.grad is None


def test_buffers_are_those_of_the_first_process(rank, size):
    nn.manual_seed(0)
    model = DistributedDataParallel(nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1)))
    for _ in range(2):
        model(
            ag.Tensor(np.random.default_rng(rank).standard_normal((8, 3)) + rank)
        ).sum().backward()
    first = model.module[0].running_mean.numpy().copy()
    model(ag.zeros(8, 3))
    found = [None] * size
    dist.all_gather_object(found, (first.tolist(), model.module[0].running_mean.tolist()))
    assert all(now == found[0][1] for _, now in found)
    assert len({str(before) for before, _ in found}) == size
    model.eval()
    model(ag.zeros(8, 3))  # sends nothing


def test_half_precision_and_complex_parameters_are_averaged(rank, size):
    for dtype in ("float16", "complex128"):

        class Scale(nn.Module):
            def __init__(self, dtype):
                super().__init__()
                self.w = nn.Parameter(np.ones(3, dtype))

            def forward(self, x):
                return (self.w * x).real.sum() if self.w.dtype.kind == "c" else (self.w * x).sum()

        model = DistributedDataParallel(Scale(dtype))
        model(ag.Tensor(np.full(3, rank + 1, dtype))).backward()
        mean = (size + 1) / 2
        np.testing.assert_array_equal(model.module.w.grad.numpy(), np.full(3, mean, dtype))


def test_clipping_goes_by_the_norm_of_the_averages(rank, size):
    model, alone = DistributedDataParallel(make()), make()
    x, y = data()
    nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    nn.functional.cross_entropy(alone(ag.Tensor(x)), ag.Tensor(y)).backward()
    norms = [nn.utils.clip_grad_norm_(m.parameters(), 0.1).item() for m in (model, alone)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-12)


# ---- what is told --------------------------------------------------------------------------------


def test_other_shapes_are_told_at_construction(rank):
    inner = nn.Sequential(nn.Linear(3, 4 if rank == 0 else 5), nn.Linear(4 if rank == 0 else 5, 2))
    with pytest.raises(DistributedError, match=r"rank 0 has the parameter 0.weight, float32 \(4, 3"
                       r"\), and rank 1 has the parameter 0.weight, float32 \(5, 3\)"):  # fmt: skip
        DistributedDataParallel(inner)


def test_another_order_is_told_at_construction(rank):
    inner = nn.Module()
    for name in ("a", "b") if rank == 0 else ("b", "a"):
        setattr(inner, name, nn.Linear(2, 2))
    with pytest.raises(DistributedError, match=r"rank 0 has the parameter a.weight, .* rank 1 has "
                       r"the parameter b.weight"):  # fmt: skip
        DistributedDataParallel(inner)


def test_parameters_that_are_frozen_on_a_rank_are_told_at_construction(rank):
    model = make()
    frozen = [*model.parameters()][1 if rank else 2]  # as many on all ranks, and others
    frozen.requires_grad_(False)
    with pytest.raises(DistributedError, match=r"rank 0 has the parameter .*rank 1 has the frozen"):
        DistributedDataParallel(model)


def test_a_parameter_that_learns_later_is_told():
    inner, x = make(), ag.Tensor(data()[0])
    frozen = next(iter(inner.parameters())).requires_grad_(False)
    model = DistributedDataParallel(inner)
    frozen.requires_grad_()
    with pytest.raises(StateError, match=r"0.weight requires grad now, and did not when this was"):
        model(x)
    again = DistributedDataParallel(model.module)
    again(x).sum().backward()
    assert frozen.grad is not None


def test_another_dtype_is_told_at_construction(rank):
    with pytest.raises(DistributedError, match=r"float64.*float32"):
        DistributedDataParallel(make().to("float32") if rank else make())


def test_more_parameters_are_told_at_construction(rank):
    inner = nn.Sequential(*[nn.Linear(2, 2) for _ in range(1 + (rank == 1))])
    with pytest.raises(DistributedError, match=r"rank 1 has 4: the parameter 1.weight, float32 "
                       r"\(2, 2\) is on rank 1 alone"):  # fmt: skip
        DistributedDataParallel(inner)


def test_another_seed_is_told_and_the_first_wins(rank, size):
    inner = make(seed=rank)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = DistributedDataParallel(inner)
    assert len(caught) == (rank == 0)
    if rank == 0:
        assert "start values of 0.weight, 0.bias, 2.weight, 2.bias and 2 more on rank 1" in str(
            caught[0].message
        )
    for mine, first in zip(model.parameters(), make(seed=0).parameters(), strict=True):
        np.testing.assert_array_equal(mine.numpy(), first.numpy())


def test_nan_is_told_with_the_rank(rank, size):
    model = DistributedDataParallel(make())
    x, y = data()
    if rank == 1:
        x[:] = np.nan
    loss = nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size))
    with pytest.raises(NaNError, match=r"rank 1: 0.weight \(54 of 54 numbers\)"):
        loss.backward()
    model = DistributedDataParallel(make(), check_nan=False)
    nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    assert np.isnan(model.module[0].weight.grad.numpy()).all()


def test_a_pass_that_fails_leaves_the_next_one_whole(rank, size):
    model = DistributedDataParallel(make())
    x, y = data()
    loss = nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size))
    loss.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()
    model.zero_grad()
    nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    alone = make()
    nn.functional.cross_entropy(alone(ag.Tensor(x)), ag.Tensor(y)).backward()
    for mine, its in zip(model.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-12, atol=1e-15)


# ---- compiled ------------------------------------------------------------------------------------


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.norm, self.b = nn.Linear(6, 8, bias=False), nn.BatchNorm1d(8), nn.Linear(8, 4)
        self.idle = nn.Linear(2, 2)

    def forward(self, x):
        return self.b(ag.tanh(self.norm(self.a(x))))


@pytest.mark.parametrize("megabytes", [25, 1e-4])
@pytest.mark.parametrize("optimizer", [optim.SGD, optim.Adam])
def test_a_compiled_step_is_the_eager_one(rank, size, megabytes, optimizer):
    x, y = data()
    curves, models = [], []
    for compiled in (False, True):
        nn.manual_seed(0)
        model = DistributedDataParallel(
            Normed().to("float64"), bucket_cap_mb=megabytes, find_unused_parameters=True
        )
        steps = optimizer(model.parameters(), lr=0.1)

        def step(x, y, model=model, steps=steps):
            steps.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            steps.step()
            return loss

        run = ag.compile(step) if compiled else step
        curves.append([run(part(x, rank, size), part(y, rank, size)).item() for _ in range(6)])
        models.append(model)
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-12)
    for mine, its in zip(models[1].state_dict().values(), models[0].state_dict().values(),
                         strict=True):  # fmt: skip
        np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=1e-12, atol=1e-15)
    if size == 1:
        return
    told = str(run.program) + str(run.plan)
    assert "begin_average" in told
    assert "end_average" in told
    assert "broadcast" in told


def test_pictures_and_tables_show_where_gradients_are_reduced(rank, size):
    model = DistributedDataParallel(make(), bucket_cap_mb=1e-4)
    x, y = data()
    loss = nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size))
    for drawn in (ag.viz.draw(loss).svg(), str(ag.viz.draw(loss).text())):
        assert f"⇄ mean of {size} ranks, bucket 0" in drawn
        assert f"⇄ mean of {size} ranks, bucket 1" in drawn
    loss.backward()


@pytest.mark.parametrize("compiled", [False, True])
def test_the_profiler_shows_each_bucket_and_what_computing_hides(rank, size, compiled, tmp_path):
    model = DistributedDataParallel(make(), bucket_cap_mb=1e-4)
    x, y = part(data()[0], rank, size), part(data()[1], rank, size)

    def step(x, y):
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        return loss

    run = ag.compile(step) if compiled else step
    for _ in range(2):
        run(x, y)
    with ag.profile() as p:
        run(x, y)
    rows = p.communication()
    assert len(rows) == len(model._reducer.buckets) > 1
    assert sum(row["bytes"] for row in rows.values()) == sum(q.nbytes for q in model.parameters())
    for name, row in rows.items():
        assert name.startswith("mean of gradients, bucket ")
        assert 0 <= row["waited"] <= row["seconds"]
    assert "of it behind computing" in str(p)
    assert '"cat": "communication"' in p.save(tmp_path / "trace.json").read_text()


# ---- habits --------------------------------------------------------------------------------------


def test_a_copy_learns_for_itself(rank, size):
    model = DistributedDataParallel(make())
    train(model, 1)
    twin = copy.deepcopy(model)
    assert train(twin, 3) == pytest.approx(train(model, 3), rel=1e-12)
    with pytest.raises(StateError, match="cannot be pickled"):
        pickle.dumps(model)


def test_another_dtype_afterwards_is_averaged_in_it(rank, size):
    model = DistributedDataParallel(make("float32")).to("float64")
    x, y = data()
    nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    alone = make("float32").to("float64")
    nn.functional.cross_entropy(alone(ag.Tensor(x)), ag.Tensor(y)).backward()
    for mine, its in zip(model.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_losses_may_come_back_one_after_another(rank, size):
    model, alone = DistributedDataParallel(make()), make()
    x, y = data()
    for turn in range(2):
        nn.functional.cross_entropy(
            model(part(x + turn, rank, size)), part(y, rank, size)
        ).backward()
        nn.functional.cross_entropy(alone(ag.Tensor(x + turn)), ag.Tensor(y)).backward()
    for mine, its in zip(model.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-12, atol=1e-15)


def test_two_models_in_one_loss_average_both(rank, size):
    nn.manual_seed(0)
    generator = DistributedDataParallel(nn.Linear(3, 6).to("float64"))
    critic = DistributedDataParallel(make())
    noise = np.random.default_rng(5).standard_normal((BATCH, 3))
    for _ in range(2):
        generator.zero_grad()
        critic.zero_grad()
        critic(generator(part(noise, rank, size)).detach()).mean().backward()
        critic.zero_grad()
        critic(generator(part(noise, rank, size))).mean().backward()
    mine = [p.grad.numpy().copy() for p in (*generator.parameters(), *critic.parameters())]
    generator.module.zero_grad()
    critic.module.zero_grad()
    critic.module(generator.module(ag.Tensor(noise))).mean().backward()
    its = [p.grad.numpy() for p in (*generator.parameters(), *critic.parameters())]
    for a, b in zip(mine, its, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


def test_numbers_as_parameters_and_given_gradients(rank, size):
    class Number(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(2.0)

        def forward(self, x):
            return x * self.w

    model = DistributedDataParallel(Number())
    model(ag.ones(3)).backward(ag.full((3,), float(rank)))
    assert model.module.w.grad.item() == pytest.approx(3 * (size - 1) / 2)
    with pytest.raises(BackwardError, match="would lose the graph"):
        model(ag.ones(3)).sum().backward(create_graph=True)


def test_a_hook_takes_over_what_is_sent(rank, size):
    seen = []

    def hook(state, bucket):
        seen.append((state, bucket.index(), bucket.is_last(), len(bucket.gradients())))
        flat = bucket.buffer()
        return dist.all_reduce(flat, "avg")

    model = DistributedDataParallel(make(), bucket_cap_mb=1e-4)
    model.register_comm_hook("mine", hook)
    with pytest.raises(StateError, match="has one already"):
        model.register_comm_hook(None, hook)
    x, y = data()
    nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    alone = make()
    nn.functional.cross_entropy(alone(ag.Tensor(x)), ag.Tensor(y)).backward()
    for mine, its in zip(model.parameters(), alone.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), its.grad.numpy(), rtol=1e-12, atol=1e-15)
    assert [row[1] for row in seen] == [*range(len(seen))]
    assert [row[2] for row in seen] == [False] * (len(seen) - 1) + [True]


def test_lazy_modules_are_asked_to_learn_their_shapes_first():
    with pytest.raises(UninitializedError):
        DistributedDataParallel(nn.LazyLinear(3))


def test_an_eager_pass_notes_what_the_plan_that_is_compared_with_it_asks_for(rank, size):
    from autograd.distributed.echo import played, recorded
    from nn.parallel.ops import begin_average, end_average

    nn.manual_seed(0)
    inner = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 4)).to("float64")
    model = DistributedDataParallel(inner, bucket_cap_mb=1e-4)
    buckets = model._reducer.buckets  # they are made anew after the first pass
    x, y = data()
    with recorded() as heard:
        nn.functional.cross_entropy(model(part(x, rank, size)), part(y, rank, size)).backward()
    keys = [(id(model._reducer), bucket.index()) for bucket in buckets]
    assert [h.key for h in heard if h.key in keys] == keys
    assert sum(h.key[0] == "broadcast" for h in heard) == 2  # float64, and int64 that counts
    own = {h.key: h.given for h in heard}
    with played(heard):  # nobody is asked
        for bucket, key in zip(buckets, keys, strict=True):
            group = model.process_group
            ticket = begin_average(ag.Tensor(own[key] + 1e-3), group=group, key=key)
            (mean,) = end_average(ticket, group=group, key=key, shapes=((bucket.size,),),
                                  names=("all",), check_nan=True)  # fmt: skip
            grads = [p.grad.numpy().reshape(-1) for p in bucket.parameters()]
            np.testing.assert_allclose(mean.numpy(), np.concatenate(grads) + 1e-3, rtol=1e-12)

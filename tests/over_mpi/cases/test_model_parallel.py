"""Models in parts and in stages: the outputs and gradients of one process."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
import optim
from autograd.errors import ArgumentError, GradientError
from nn.parallel import (
    ColumnParallelLinear,
    PipelineStage,
    RowParallelLinear,
    Schedule1F1B,
    VocabParallelEmbedding,
)

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
VOCABULARY = 12
TOKENS = np.random.default_rng(0).integers(0, VOCABULARY, (8, 6))
TARGETS = np.random.default_rng(1).integers(0, VOCABULARY, (8, 6))


@pytest.fixture(autouse=True)
def in_double():
    before = ag.get_default_dtype()
    ag.set_default_dtype("float64")
    yield
    ag.set_default_dtype(before)


def compared(layer: Any, whole: Any, x: Any, cut: Any, size: int, requires_grad: bool = True):
    """Outputs, gradients of the input and of the part of the weights, beside the whole layer."""
    mine, one = (ag.Tensor(x, requires_grad=requires_grad) for _ in range(2))
    found, wanted = layer(mine), whole(one)
    cotangent = np.random.default_rng(5).standard_normal(wanted.shape)
    (found * cotangent).sum().backward()
    (wanted * cotangent).sum().backward()
    np.testing.assert_allclose(found.detach(), wanted.detach(), **CLOSE)
    if requires_grad:
        np.testing.assert_allclose(mine.grad, one.grad, **CLOSE)
    for name, p in whole.named_parameters():
        own = dict(layer.named_parameters())[name]
        assert own.shape == cut(name, p.detach()).shape
        np.testing.assert_allclose(own.detach(), cut(name, p.detach()), **CLOSE)
        np.testing.assert_allclose(own.grad, cut(name, p.grad), **CLOSE)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("lead", [(3,), (2, 5), (), (0,)])
def test_a_linear_by_columns_is_the_whole_one(bias, lead, rank, size):
    x = np.random.default_rng(2).standard_normal((*lead, 6))
    layer = ColumnParallelLinear(6, 8, bias, rng=3)
    compared(layer, nn.Linear(6, 8, bias, rng=3), x, lambda _, a: np.split(a, size)[rank], size)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("lead", [(3,), (2, 5), (), (0,)])
def test_a_linear_by_rows_is_the_whole_one(bias, lead, rank, size):
    def cut(name: str, array: Any) -> Any:
        return np.split(array, size, 1)[rank] if name == "weight" else array

    x = np.random.default_rng(2).standard_normal((*lead, 8))
    compared(RowParallelLinear(8, 5, bias, rng=3), nn.Linear(8, 5, bias, rng=3), x, cut, size)


def test_two_layers_need_no_gather_between_them(rank, size):
    one = ColumnParallelLinear(6, 8, gather_output=False, rng=3)
    two = RowParallelLinear(8, 5, input_is_parallel=True, rng=4)
    whole = nn.Sequential(nn.Linear(6, 8, rng=3), nn.Tanh(), nn.Linear(8, 5, rng=4))
    x = np.random.default_rng(2).standard_normal((3, 6))
    assert one(x).shape == (3, 8 // size)
    mine, theirs = (ag.Tensor(x, requires_grad=True) for _ in range(2))
    found, wanted = two(ag.tanh(one(mine))), whole(theirs)
    np.testing.assert_allclose(found.detach(), wanted.detach(), **CLOSE)
    (first,) = ag.grad((found**2).sum(), mine, create_graph=True)
    (other,) = ag.grad((wanted**2).sum(), theirs, create_graph=True)
    np.testing.assert_allclose(first.detach(), other.detach(), **CLOSE)
    (second,), (another,) = (ag.grad((g**2).sum(), x) for g, x in ((first, mine), (other, theirs)))
    np.testing.assert_allclose(second, another, **CLOSE)


@pytest.mark.parametrize("shape", [(2, 3), (5,), (), (0, 2)])
def test_an_embedding_by_words_is_the_whole_one(shape, rank, size):
    words = np.random.default_rng(2).integers(0, VOCABULARY, shape)
    layer, whole = VocabParallelEmbedding(VOCABULARY, 3, rng=3), nn.Embedding(VOCABULARY, 3, rng=3)
    compared(layer, whole, words, lambda _, a: np.split(a, size)[rank], size, requires_grad=False)
    with pytest.raises(ArgumentError, match="from 0 to 11"):
        layer(np.array([VOCABULARY]))


def test_what_cannot_be_shared_evenly_is_told(size):
    with pytest.raises(ArgumentError, match=f"out_features is 9, which {size} processes"):
        ColumnParallelLinear(4, 9)
    with pytest.raises(ArgumentError, match="in_features is 9"):
        RowParallelLinear(9, 4)
    with pytest.raises(ArgumentError, match="num_embeddings is 9"):
        VocabParallelEmbedding(9, 4)


def test_parts_are_not_averaged_over_those_that_share_them_out(rank, size):
    model = nn.Sequential(nn.Linear(4, 4), ColumnParallelLinear(4, size))
    said = r"each process has its own part of 1 \(ColumnParallelLinear\)"
    with pytest.raises(ArgumentError, match=f"^DistributedDataParallel: {said}"):
        nn.parallel.DistributedDataParallel(model)
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(ArgumentError, match=f"^fit: {said}"):
        model.fit(np.ones((4, 4)), np.ones((4, size)), verbose=0)
    alone = [dist.new_group([k]) for k in range(size)][rank]
    nn.parallel.DistributedDataParallel(model, process_group=alone)


def loss_of(out: Any, target: Any) -> Any:
    return nn.functional.cross_entropy(out.reshape(-1, VOCABULARY), ag.asarray(target).reshape(-1))


def gpt(kind: Any = nn.models.GPT) -> Any:
    _ = nn.manual_seed(0)
    return kind(VOCABULARY, context=8, width=16, depth=4, heads=4)


def curve(model: Any, steps: int = 3) -> list[float]:
    optimizer, losses = optim.Adam(model.parameters(), lr=0.01), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model(TOKENS), TARGETS)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_a_gpt_in_parts_learns_as_in_one_process(rank, size):
    whole, parts = gpt(), gpt(nn.models.TensorParallelGPT)
    np.testing.assert_allclose(parts(TOKENS).detach(), whole(TOKENS).detach(), **CLOSE)
    held = sum(p.size for p in parts.parameters())
    assert held < sum(p.size for p in whole.parameters()) * (0.3 + 0.7 / size)
    np.testing.assert_allclose(curve(parts), curve(whole), **CLOSE)
    np.testing.assert_allclose(
        parts.blocks[1].mlp[0].weight.detach(),
        np.split(whole.blocks[1].mlp[0].weight.detach().numpy(), size)[rank],
        rtol=1e-9,  # Adam divides small gradients by their own size
        atol=1e-9,
    )


@pytest.mark.parametrize("parts", [1, 8])
def test_a_gpt_in_stages_learns_as_in_one_process(parts, rank, size):
    wanted = curve(gpt())
    module = nn.models.GPTStage(gpt(), rank, size)
    ends = dist.new_group([0, size - 1])
    tied = {"tokens.weight": ends} if rank in (0, size - 1) else None
    schedule = Schedule1F1B(PipelineStage(module, tied=tied), parts, loss_of)
    optimizer, found = optim.Adam(module.parameters(), lr=0.01), []
    for _ in wanted:
        optimizer.zero_grad()
        losses: list[Any] = []
        out = schedule.step(
            TOKENS if rank == 0 else None,
            target=TARGETS if rank == size - 1 else None,
            losses=losses,
        )
        optimizer.step()
        assert (out is None) == (rank != size - 1)
        found.append(np.mean([loss.item() for loss in losses]) if losses else np.nan)
    if rank == size - 1:
        np.testing.assert_allclose(found, wanted, **CLOSE)
    assert not schedule._alive


def test_a_stage_keeps_no_more_graphs_than_there_are_stages_behind_it(rank, size):
    most: list[int] = []

    class Counted(nn.Linear):
        def forward(self, x: Any) -> Any:
            most.append(len(schedule._alive) + 1)
            return super().forward(x)

    stage = PipelineStage(Counted(3, 3, rng=rank))
    schedule = Schedule1F1B(stage, 12, nn.MSELoss())
    rows = np.ones((24, 3))
    schedule.step(rows if rank == 0 else None, target=rows if rank == size - 1 else None)
    assert max(most) == size - rank


@pytest.mark.parametrize(("x", "said"), [(np.ones((5, 3)), "5 examples"), (None, "nothing")])
def test_a_batch_that_does_not_fall_into_parts_is_told(x, said, rank):
    schedule = Schedule1F1B(PipelineStage(nn.Linear(3, 3)), 2, nn.MSELoss())
    if rank == 0:
        with pytest.raises(ArgumentError, match=f"first stage takes x, .* 2 examples, got {said}"):
            schedule.step(x)


@pytest.mark.parametrize("order", [1.0, 2.0, 3.5, np.inf])
@pytest.mark.parametrize("most", [1e-3, 1e9])
def test_clipping_goes_by_the_norm_of_all_parts(rank, size, order, most):
    nn.manual_seed(0)
    words, inner, outer = nn.Embedding(8, 4), nn.Linear(4, 8), nn.Linear(8, 4)
    plain = nn.Sequential(words, nn.LayerNorm(4), inner, nn.Tanh(), outer).to("float64")
    shared = nn.Sequential(
        nn.parallel.VocabParallelEmbedding.of(words), copy.deepcopy(plain[1]),
        nn.parallel.ColumnParallelLinear.of(inner, gather_output=False), nn.Tanh(),
        nn.parallel.RowParallelLinear.of(outer, input_is_parallel=True),
    )  # fmt: skip
    for model in (plain, shared):
        (model(ag.Tensor([[1, 5, 7]])) ** 2).sum().backward()
    wanted = nn.utils.clip_grad_norm_(plain.parameters(), most, order)
    found = nn.parallel.clip_grad_norm_(shared, most, order)
    assert found.item() == pytest.approx(wanted.item(), rel=1e-12)
    grads = [shared[0].part(words.weight.grad, 0), plain[1].weight.grad, plain[1].bias.grad,
             shared[2].part(inner.weight.grad, 0), shared[2].part(inner.bias.grad, 0),
             shared[4].part(outer.weight.grad, 1), outer.bias.grad]  # fmt: skip
    for p, grad in zip(shared.parameters(), grads, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), np.asarray(grad), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("order", [1.0, 2.0, np.inf])
def test_clipping_goes_by_the_norm_of_all_stages(rank, size, order):
    whole, module = gpt(), nn.models.GPTStage(gpt(), rank, size)
    loss_of(whole(TOKENS), TARGETS).backward()
    ends = dist.new_group([0, size - 1])
    stage = PipelineStage(module, tied={"tokens.weight": ends} if rank in (0, size - 1) else None)
    Schedule1F1B(stage, 2, loss_of).step(
        TOKENS if rank == 0 else None, target=TARGETS if rank == size - 1 else None
    )
    wanted = nn.utils.clip_grad_norm_(whole.parameters(), 1e-2, order)
    found = nn.parallel.clip_grad_norm_(stage, 1e-2, order)
    assert found.item() == pytest.approx(wanted.item(), rel=1e-12)
    norms = [np.linalg.norm(p.grad.numpy().reshape(-1), order) for p in module.parameters()]
    assert np.linalg.norm(norms, order) <= 1e-2 * (1 + 1e-9)
    if rank == 0:
        mine, its = module.tokens.weight.grad, whole.tokens.weight.grad
        np.testing.assert_allclose(mine, its, rtol=1e-10, atol=1e-15)


def test_a_norm_that_is_not_finite_in_one_is_told_by_all(rank, size):
    layer = nn.parallel.ColumnParallelLinear(2, 2 * size)
    layer(ag.ones(1, 2)).sum().backward()
    if rank == size - 1:
        layer.weight.grad = layer.weight.grad * np.nan
    with pytest.raises(GradientError, match="norm of the gradients of all processes is nan"):
        nn.parallel.clip_grad_norm_(layer, 1.0, error_if_nonfinite=True)

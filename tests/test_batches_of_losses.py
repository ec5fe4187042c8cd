"""Functions of layers on a batch: what each example gives, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ArgumentError, TraceError
from autograd.functional import grad

SIZE = 3
F = nn.functional
rng = np.random.default_rng(0)


def normal(*shape: int) -> Any:
    return ag.Tensor(rng.normal(size=(SIZE, *shape)))


def parts(*shape: int) -> Any:
    positive = np.exp(rng.normal(size=(SIZE, *shape)))
    return ag.Tensor(positive / positive.sum(-1, keepdims=True))


def signs(*shape: int) -> Any:
    return ag.Tensor(rng.choice([-1.0, 1.0], (SIZE, *shape)))


def labels(*shape: int, start: int = 0) -> Any:
    return ag.Tensor(rng.integers(start, 5, (SIZE, *shape)))


LOGS = ag.log(parts(6, 2, 5))
IGNORED = ag.Tensor([[0, -100, 2], [1, 2, 3], [-100, -100, 4]])
KNOTS = ag.Tensor(np.sort(rng.normal(size=(SIZE, 6)), 1))
CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "soft labels": (F.cross_entropy, (normal(3, 5), parts(3, 5))),
    "soft labels, smoothed": (
        lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), (normal(5), parts(5))),
    "labels to ignore": (F.cross_entropy, (normal(3, 5), IGNORED)),
    "weights of classes": (F.cross_entropy, (normal(3, 5), labels(3), parts(5))),
    "nll of weights": (F.nll_loss, (normal(3, 5), IGNORED, parts(5))),
    "divergence": (lambda x, t: F.kl_div(x, t, "batchmean"), (normal(3, 5), parts(3, 5))),
    "probabilities": (lambda x, t: F.binary_cross_entropy(ag.sigmoid(x), t), (normal(5), parts(5))),
    "logits": (F.binary_cross_entropy_with_logits, (normal(5), parts(5))),
    "variances": (F.gaussian_nll_loss, (normal(5), normal(5), parts(5))),
    "signs": (F.hinge_embedding_loss, (normal(5), signs(5))),
    "ranks": (F.margin_ranking_loss, (normal(5), normal(5), signs(5))),
    "angles": (F.cosine_embedding_loss, (normal(3, 5), normal(3, 5), signs(3))),
    "lists of labels": (F.multilabel_margin_loss,
                        (normal(4), ag.Tensor([[3, 0, -1, 1], [0, 1, 2, 3], [-1, 0, 0, 0]]))),
    "alignments": (
        lambda x, t: F.ctc_loss(x, t, [6, 6], [2, 2]), (LOGS, labels(2, 2, start=1))),
    "alignments of lengths": (
        F.ctc_loss, (LOGS, labels(2, 3, start=1), ag.Tensor([[6, 5], [4, 6], [6, 6]]),
                     ag.Tensor([[1, 2], [0, 1], [3, 2]]))),
    "no alignment": (
        lambda x, t: F.ctc_loss(x, t, [6, 1], [2, 2], zero_infinity=True),
        (LOGS, labels(2, 2, start=1))),
    "line": (lambda x: ag.interp(x, [0.0, 1.0], [1.0, 3.0]), (normal(5),)),
    "lines of each": (ag.interp, (normal(5), KNOTS, normal(6))),
    "lines that repeat": (
        lambda x: ag.interp(x, [0.0, 1.0, 2.0], [1.0, 3.0, 0.0], period=3.0), (normal(5),)),
    "convolution": (ag.convolve, (normal(5), normal(3))),
    "convolution with one": (lambda y: ag.convolve([1.0, 2.0], y), (normal(3),)),
    "eigenvalues": (lambda x: ag.abs(ag.linalg.eigvals(x)), (normal(3, 3),)),
    "columns": (lambda x, i: x[1:, i] * 2, (normal(3, 5), labels())),
    "apart": (lambda x, i: x[i, :, [0, 1]], (normal(5, 3, 2), labels(2))),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_batch_is_what_each_example_gives_in_one_run(name: str) -> None:
    function, given = CALLS[name]
    by = [k for k, x in enumerate(given) if x.dtype.kind == "f"]

    def slope(*xs: Any) -> Any:
        def loss(*chosen: Any) -> Any:
            now = iter(chosen)
            return (function(*[next(now) if k in by else x for k, x in enumerate(xs)]) ** 2).sum()

        return grad(loss, tuple(range(len(by))))(*[xs[k] for k in by])

    for run in (function, slope):
        batch = ag.vmap(run)
        found = ag.functional.stop_gradient(batch(*given))
        found = found if isinstance(found, tuple) else (found,)
        for i in range(SIZE):
            wanted = run(*[x[i] for x in given])
            wanted = wanted if isinstance(wanted, tuple) else (wanted,)
            for y, want in zip(found, wanted, strict=True):
                np.testing.assert_allclose(y[i], want.detach(), 1e-9, 1e-12)
        assert batch.looped.keys() <= {"computed"}


@pytest.mark.parametrize("randomness", ["same", "different"])
def test_attention_that_drops_runs_as_one(randomness: str) -> None:
    def slope(q: Any, k: Any, v: Any) -> Any:
        def f(q: Any, k: Any, v: Any) -> Any:
            return (F.scaled_dot_product_attention(q, k, v, dropout_p=0.5) ** 2).sum()

        return grad(f, (0, 1, 2))(q, k, v)

    q, k, v = normal(2, 4, 3), normal(2, 4, 3), normal(2, 4, 3)
    q, k, v = (ag.stack([x[0]] * SIZE) for x in (q, k, v))
    ag.manual_seed(0)
    batch = ag.vmap(slope, randomness=randomness)
    found = batch(q, k, v)
    assert batch.looped.keys() <= {"computed"}
    same = [bool(np.array_equal(g[0], g[1])) for g in found]
    assert same == [randomness == "same"] * 3
    ag.manual_seed(0)
    alone = slope(q[0], k[0], v[0])
    for g, want in zip(found, alone, strict=True) if randomness == "same" else ():
        assert g[0].shape == want.shape


WRONG: dict[str, tuple[Callable[..., Any], str]] = {
    "divergence": (lambda t: F.kl_div(ag.zeros(2), t), "the least is -0.5"),
    "cross entropy": (lambda t: F.cross_entropy(ag.zeros(2), t), "goes from -0.5 to 1.5"),
    "sum": (lambda t: F.cross_entropy(ag.zeros(2), ag.abs(t)), "sums go from 2 to 2"),
    "signs": (lambda t: F.soft_margin_loss(ag.zeros(2), ag.sign(t - 0.5)), r"target\[0\] is 0"),
    "nothing counts": (
        lambda t: F.cross_entropy(ag.zeros((1, 2)), ag.where(t[:1] > 1, -100, 0)), "over nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_example_that_is_wrong_is_told_as_it_is_alone(name: str) -> None:
    f, says = WRONG[name]
    targets = ag.Tensor([[0.25, 0.75], [1.5, -0.5]])
    if name == "signs":
        targets = ag.Tensor([[0.25, 0.75], [0.5, 0.75]])
    for run, x in ((ag.vmap(f), targets), (ag.vmap(ag.vmap(f)), targets[None])):
        with pytest.raises(ArgumentError, match=says) as told:
            run(x)
        assert "in example 1 of the batch" in told.value.__notes__


def test_a_look_at_the_example_of_a_batch_around_is_refused() -> None:
    def f(x: Any) -> Any:
        return ag.vmap(lambda y: y * float(x[0]))(ag.arange(3.0))

    with pytest.raises(TraceError, match="vmap: Python sees"):
        ag.vmap(f)(ag.ones((2, 1)))
    compiled = ag.compile(f)
    for number in (1.0, 2.0):
        assert compiled(ag.Tensor([number])).tolist() == [0.0, number, 2 * number]


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_batch_of_none_has_the_shapes_of_others(loss: Any, reduction: str) -> None:
    def f(x: Any) -> Any:
        return loss(x, np.array([0, 1]), reduction=reduction)

    none, some = ag.zeros((0, 2, 3)), ag.zeros((1, 2, 3))
    assert ag.vmap(f)(none).shape == (0, *ag.vmap(f)(some).shape[1:])
    assert ag.vmap(grad(lambda x: f(x).sum()))(none).shape == none.shape

"""Half precision: what adds many terms up, or counts them, does so in single.

Counts end at 65504 in float16, and sums of ones at 2048. Each row is computed in half precision
and, on the same numbers, in double; values and gradients agree to a few roundings of the former.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.engine.row import OPS, Op
from nn import functional as F

MANY = 70_000  # more than half precision can count
SOME = 40_000  # whose sum it can hold, of numbers about 1
Array = Any


def drawn(*shape: int, low: float = 0.5, high: float = 1.5, seed: int = 0) -> Array:
    rng = np.random.default_rng((*shape, seed))
    return rng.uniform(low, high, shape).astype(np.float16)


def results(function: Callable[..., Any], arrays: Any, dtype: Any) -> list[Array]:
    """The value, and the gradients by all arrays."""
    given = [Tensor(a.astype(dtype), requires_grad=True) for a in arrays]
    with np.errstate(all="ignore"):
        out = function(*given)
        seed = drawn(*out.shape, seed=1).astype(dtype)
        return [out.numpy(), *(g.numpy() for g in ag.grad(out, given, seed))]


def check(function: Callable[..., Any], *arrays: Array) -> None:
    found, wanted = (results(function, arrays, dtype) for dtype in (np.float16, np.float64))
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == np.float16
        a = a.astype(np.float64)
        # what is saved for the way back is rounded, and some of it cancels there
        tolerance = 2**-7 * np.abs(b) + 2**-8 * np.max(np.abs(b)) + 2**-23
        np.testing.assert_array_less(np.abs(a - b), tolerance)


# ---- reductions ----------------------------------------------------------------------------------

REDUCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(ag, name)
    for name in (
        "average", "logcumsumexp", "logsumexp", "max", "mean", "median", "min", "nanmax", "nanmean",
        "softmax", "std", "var",
    )
} | {
    "vector_norm": ag.linalg.vector_norm,
    "vector_norm, ord=1": lambda x, axis: ag.linalg.vector_norm(x / 2, axis=axis, ord=1),
    "sum": lambda x, axis: ag.sum(x / 2, axis=axis),
    "nansum": lambda x, axis: ag.nansum(x / 2, axis=axis),
    "trapezoid": lambda x, axis: ag.trapezoid(x / 2, axis=axis),
    "weighted": lambda x, axis: ag.average(x, axis=axis, weights=np.ones(x.shape, x.dtype)),
    "normalize": lambda x, axis: F.normalize(x, dim=axis),
    "ties": lambda x, axis: ag.max(0 * x, axis=axis),
}  # fmt: skip


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_many_numbers_along_every_axis(name: str, axis: int) -> None:
    x = drawn(MANY, 2)
    check(lambda t: REDUCTIONS[name](t, axis=axis), x if axis == 0 else x.T)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", ["cumsum", "cummax", "cummin", "cumprod"])
def test_running_reductions(name: str, axis: int) -> None:
    x = np.sort(drawn(SOME, 2), axis=0)[:: -1 if name == "cummin" else 1]
    x = x**0.001 if name == "cumprod" else x / 2
    check(lambda t: getattr(ag, name)(t, axis=axis), x if axis == 0 else x.T)


FANS: dict[str, Callable[..., Any]] = {
    "a row": lambda t, many: t + many,
    "a product with a row": lambda t, many: many * t,
    "broadcast_to": lambda t, many: ag.broadcast_to(t[:1], many.shape),
    "take": lambda t, many: ag.take(t, np.zeros(len(many), int), axis=0),
    "an index": lambda t, many: t[np.zeros(len(many), int)],
    "take_along_axis": lambda t, many: ag.take_along_axis(
        t, np.zeros(many.shape, int), axis=0
    ),
    "repeat": lambda t, many: ag.repeat(t, len(many), axis=0),
    "tile": lambda t, many: ag.tile(t, (len(many), 1)),
    "pad": lambda t, many: ag.pad(t, ((len(many), 0), (0, 0)), mode="edge"),
    "embedding": lambda t, many: F.embedding(np.zeros(len(many), int), t),
    "embedding_bag": lambda t, many: F.embedding_bag(np.zeros((1, len(many)), int), t, mode="sum"),
    "linear": lambda t, many: F.linear(many, ag.ones((2, 2), dtype=t.dtype), t[0]),
    "matmul": lambda t, many: many @ t.mT,
    "einsum": lambda t, many: ag.einsum("ij,j->j", many, t[0]),
    "prelu": lambda t, many: F.prelu(many - 1.5, t[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", FANS)
def test_gradients_of_what_is_used_many_times(name: str) -> None:
    many = drawn(SOME, 2)
    check(lambda t: FANS[name](t, ag.asarray(many.astype(t.dtype))), drawn(1, 2))


# ---- losses --------------------------------------------------------------------------------------

LABELS = np.random.default_rng(0).integers(0, 3, MANY)


def ones(x: Any) -> Array:
    return np.ones(len(x), x.dtype)


LOSSES: dict[str, Callable[..., Any]] = {
    "l1": F.l1_loss,
    "mse": F.mse_loss,
    "mse with weights": lambda x, y, **r: F.mse_loss(x, y, weight=y.detach(), **r),
    "smooth l1": F.smooth_l1_loss,
    "huber": F.huber_loss,
    "cross-entropy": lambda x, y, **r: F.cross_entropy(x, LABELS, **r),
    "cross-entropy with weights": lambda x, y, **r: F.cross_entropy(
        x, LABELS, weight=np.ones(3, x.dtype), **r
    ),
    "cross-entropy, smoothed": lambda x, y, **r: F.cross_entropy(
        x, LABELS, label_smoothing=0.1, **r
    ),
    "cross-entropy of some": lambda x, y, **r: F.cross_entropy(
        ag.concat([x, x]), np.tile(LABELS, 2), ignore_index=2, **r
    ),
    "nll": lambda x, y, **r: F.nll_loss(x, LABELS, **r),
    "bce": lambda x, y, **r: F.binary_cross_entropy(x / 2, y.detach() / 2, **r),
    "bce with logits": lambda x, y, **r: F.binary_cross_entropy_with_logits(
        x, y.detach() / 2, **r
    ),
    "kl": F.kl_div,
    "poisson": F.poisson_nll_loss,
    "gaussian": lambda x, y, **r: F.gaussian_nll_loss(x, x.detach(), y, **r),
    "soft margin": lambda x, y, **r: F.soft_margin_loss(x[:, 0], ones(x), **r),
    "multilabel": lambda x, y, **r: F.multilabel_soft_margin_loss(
        x, np.ones(x.shape, x.dtype), **r
    ),
    "multi margin": lambda x, y, **r: F.multi_margin_loss(x, LABELS, **r),
    "triplet": lambda x, y, **r: F.triplet_margin_loss(x, y, y * 0.5, **r),
    "cosine": lambda x, y, **r: F.cosine_embedding_loss(x, y, ones(x), **r),
    "hinge": lambda x, y, **r: F.hinge_embedding_loss(x[:, 0], ones(x), **r),
    "ranking": lambda x, y, **r: F.margin_ranking_loss(x[:, 0], y[:, 0], ones(x), **r),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_loss_of_a_large_batch(name: str) -> None:
    x, y = drawn(MANY, 3), drawn(MANY, 3, seed=2)

    def both(a: Tensor, b: Tensor) -> Tensor:
        loss = LOSSES[name](a, b, reduction="mean")
        return loss * 1024 + 0 * (a[0, 0] + b[0, 0])  # so that no gradient is below its precision

    check(both, x, y)


def test_the_divergence_of_a_large_batch() -> None:
    check(lambda a: 1024 * F.kl_div(a, a.detach(), reduction="batchmean"), drawn(MANY, 3))


# ---- pools, norms, softmax -----------------------------------------------------------------------

LAYERS: dict[str, Callable[..., Any]] = {
    "avg_pool2d": lambda x: F.avg_pool2d(x.reshape(1, 2, 280, 250), (280, 250)),
    "avg_pool2d without padding": lambda x: F.avg_pool2d(
        x.reshape(1, 2, 280, 250), (280, 250), padding=9, count_include_pad=False
    ),
    "adaptive_avg_pool1d": lambda x: F.adaptive_avg_pool1d(x, 1),
    "adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x.reshape(1, 1, 400, 350), (1, 3)),
    "lp_pool2d": lambda x: F.lp_pool2d(x.reshape(1, 2, 280, 250), 2, (280, 250)),
    "interpolate": lambda x: F.interpolate(x[..., :6000], size=3, mode="area"),
    "layer_norm": lambda x: F.layer_norm(x, (MANY,)),
    "layer_norm of large numbers": lambda x: F.layer_norm(64 * x[..., :4096], (4096,)),
    "rms_norm": lambda x: F.rms_norm(x, (MANY,)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True),
    "group_norm": lambda x: F.group_norm(x, 1),
    "instance_norm": F.instance_norm,
    "local_response_norm": lambda x: F.local_response_norm(300 * x, 2, alpha=1e-2),
    "log_softmax": lambda x: F.log_softmax(x, -1)[..., :9],
    "conv1d": lambda x: F.conv1d(x[..., :SOME], np.ones((1, 2, 3), x.dtype)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_pools_and_norms_over_many_places(name: str) -> None:
    check(LAYERS[name], drawn(1, 2, MANY))


@pytest.mark.parametrize("mode", ["mean", "max"])
def test_bags_of_many(mode: str) -> None:
    check(lambda w: F.embedding_bag(np.zeros((1, MANY), int), w, mode=mode), drawn(4, 3))


# ---- how -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.wide], ids=lambda op: op.name)
def test_half_precision_stays_half_precision(op: Any) -> None:
    for sample in op.samples():
        with np.errstate(all="ignore"):
            inputs = [
                x.astype(np.float16) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
                for x in sample.inputs
            ]
        if not any(isinstance(x, np.ndarray) and x.dtype == np.float16 for x in inputs):
            continue
        if sample.params.get("dtype"):
            continue
        with np.errstate(all="ignore"):
            found = op.record(*inputs, **sample.params)
        for y in found if isinstance(found, tuple) else (found,):
            assert y.dtype == np.float16 or y.dtype.kind != "f"


def test_a_dtype_that_is_asked_for_is_given() -> None:
    x = Tensor(np.ones(5000, np.float16))
    assert ag.sum(x, dtype="float32").dtype == np.float32
    assert ag.cumsum(x, dtype="float32").dtype == np.float32
    assert nn.functional.mse_loss(x, Tensor(np.ones(5000, np.float32))).dtype == np.float32


def test_an_unpickled_array_is_as_any_other() -> None:
    x = pickle.loads(pickle.dumps(np.ones((5000, 2), np.float16)))  # its dtype is another object
    row = Tensor(np.zeros(2, np.float16), requires_grad=True)
    assert ag.sum(Tensor(x), axis=0).tolist() == [5000, 5000]
    assert ag.cumsum(Tensor(x), axis=0)[-1].tolist() == [5000, 5000]
    assert ag.grad((ag.asarray(x) + row), row, x)[0].tolist() == [5000, 5000]


def beside_wider(sample: Any, narrow: int) -> list[Any]:
    """The inputs of a sample, one of them of half precision, and all others in single."""
    return [
        x.astype("f2").astype("f2" if i == narrow else "f4") if is_floating(x) else x
        for i, x in enumerate(sample.inputs)
    ]


def is_floating(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.size > 0


def slopes(op: Op, given: list[Any], params: dict[str, Any]) -> list[Array]:
    """The value and the gradients by all floating inputs of an op."""
    inputs = [Tensor(x, requires_grad=True) if is_floating(x) else x for x in given]
    found = op.record(*inputs, **params)
    out = found[0] if isinstance(found, tuple) else found
    seed = Tensor(np.cos(np.arange(out.size)).reshape(out.shape).astype(out.dtype))
    return [out, *ag.grad(out, [x for x in inputs if isinstance(x, Tensor)], seed)]


TWO = [o for o in OPS.values() if o.elementwise and len(o.inputs) > 1 and len(o.rules) > 1]


@pytest.mark.parametrize("op", TWO, ids=lambda o: o.name)
def test_one_input_of_half_precision_leaves_the_others_theirs(op: Op) -> None:
    """A result in single precision, and gradients in it, are right to single precision."""
    for sample in op.samples():
        for narrow, x in enumerate(sample.inputs):
            if (
                not sample.smooth
                or not is_floating(x)
                or len([*map(is_floating, sample.inputs)]) < 2
            ):
                continue
            given = beside_wider(sample, narrow)
            doubles = [x.astype(float) if is_floating(x) else x for x in given]
            with np.errstate(all="ignore"):
                found, wanted = (slopes(op, v, sample.params) for v in (given, doubles))
            for one, other in zip(found, wanted, strict=True):
                if one.dtype == np.float32:
                    scale = np.max(np.abs(other.numpy()))
                    np.testing.assert_allclose(
                        one.numpy(), other.numpy(), rtol=0, atol=3e-5 * scale
                    )

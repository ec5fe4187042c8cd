"""Integers and booleans where floats are meant: computed in floats, or refused; never wrapped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.errors import AutogradError, DTypeError
from nn import functional as F
from tests.layers import CASES
from tests.layers.case import flatten

LABELS = np.array([0, 1, 2, 0])
Array = Any


def drawn(*shape: int) -> Array:
    return np.random.default_rng(shape).integers(100, 255, shape)


CALLS: dict[str, tuple[Callable[..., Any], tuple[Array, ...]]] = {
    **{
        f"avg_pool{r}d{options}": (
            lambda x, r=r, o=options: getattr(F, f"avg_pool{r}d")(x, 3, **o), (drawn(2, *(6,) * r),)
        )
        for r in (1, 2, 3)
        for options in ({}, {"padding": 1, "count_include_pad": False}, {"stride": 1})
    },
    **{
        f"adaptive_avg_pool{r}d to {n}": (
            lambda x, r=r, n=n: getattr(F, f"adaptive_avg_pool{r}d")(x, n), (drawn(2, *(6,) * r),)
        )
        for r in (1, 2, 3)
        for n in (1, 3, 4)
    },
    **{
        f"lp_pool{r}d, p={p}": (
            lambda x, r=r, p=p: getattr(F, f"lp_pool{r}d")(x, p, 2), (drawn(2, *(6,) * r),)
        )
        for r in (1, 2, 3)
        for p in (1, 2, 2.5, np.inf)
    },
    **{
        f"interpolate, {mode}": (
            lambda x, mode=mode: F.interpolate(x, scale_factor=1.5, mode=mode), (drawn(1, 2, 6, 6),)
        )
        for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area")
    },
    "interpolate, antialias": (
        lambda x: F.interpolate(x, size=3, mode="bilinear", antialias=True), (drawn(1, 2, 6, 6),)
    ),
    "weighted_avg_pool1d": (lambda x: F.weighted_avg_pool1d(x, ag.zeros(2, 3)), (drawn(2, 6),)),
    "normalize": (F.normalize, (drawn(3, 5),)),
    **{
        name: (getattr(F, name), (drawn(3, 5),))
        for name in (
            "glu", "hardsigmoid", "log_softmax", "logsigmoid", "mish", "pdist", "sigmoid", "silu",
            "softmax", "softmin", "softplus", "softsign", "tanh", "elu", "gelu", "selu",
        ) if name != "glu"
    },
    **{
        name: (getattr(F, name), (drawn(3, 5), drawn(3, 5)[::-1]))
        for name in (
            "cosine_similarity", "pairwise_distance", "l1_loss", "mse_loss", "smooth_l1_loss",
            "huber_loss", "kl_div",
        )
    },
    "triplet_margin_loss": (F.triplet_margin_loss, (drawn(3, 5), drawn(3, 5)[::-1], drawn(3, 5))),
    "cosine_embedding_loss": (
        lambda x, y: F.cosine_embedding_loss(x, y, np.ones(3)), (drawn(3, 5), drawn(3, 5)[::-1])
    ),
    "margin_ranking_loss": (
        lambda x, y: F.margin_ranking_loss(x, y, np.ones(5)), (drawn(5), drawn(5)[::-1])
    ),
    "hinge_embedding_loss": (
        lambda x: F.hinge_embedding_loss(x, -np.ones(5), margin=300), (drawn(5),)
    ),
    "cross_entropy": (lambda x: F.cross_entropy(x, LABELS), (drawn(4, 3),)),
    "nll_loss": (lambda x: F.nll_loss(x, LABELS), (drawn(4, 3),)),
    "multi_margin_loss": (lambda x: F.multi_margin_loss(x, LABELS), (drawn(4, 3),)),
    "gaussian_nll_loss": (
        lambda x, y: F.gaussian_nll_loss(x, y, np.ones(5)), (drawn(5), drawn(5)[::-1])
    ),
    "lerp": (lambda x, y: ag.lerp(x, y, 0.5), (drawn(5), drawn(5)[::-1])),
    "trapezoid": (ag.trapezoid, (drawn(5),)),
    "mean": (ag.mean, (drawn(3, 5),)),
    "std": (ag.std, (drawn(3, 5),)),
    "logsumexp": (ag.logsumexp, (drawn(3, 5),)),
    "ag.softmin": (ag.softmin, (drawn(3, 5),)),
    "layer_norm": (lambda x: F.layer_norm(x, (5,)), (drawn(3, 5),)),
    "batch_norm": (lambda x: F.batch_norm(x, None, None, training=True), (drawn(3, 5),)),
    "group_norm": (lambda x: F.group_norm(x, 2), (drawn(3, 4, 2),)),
    "local_response_norm": (lambda x: F.local_response_norm(x, 2), (drawn(3, 4, 2),)),
}  # fmt: skip


@pytest.mark.parametrize("name", ["max_pool1d", "adaptive_max_pool1d"])
def test_the_largest_of_booleans_is_whether_any_holds(name: str) -> None:
    x = np.array([[False, True, False, False, True, False]])
    for options in ({"padding": 1}, {"return_indices": True}) if name == "max_pool1d" else ({},):
        found = getattr(F, name)(Tensor(x), 3, **options)
        wanted = getattr(F, name)(Tensor(x.astype(np.float32)), 3, **options)
        several = found if isinstance(found, tuple) else (found,)
        expected = wanted if isinstance(wanted, tuple) else (wanted,)
        assert several[0].dtype == bool
        for a, b in zip(several, expected, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "bool"])
@pytest.mark.parametrize("name", CALLS)
def test_what_averages_or_scales_integers_computes_in_floats_or_raises(
    name: str, dtype: str
) -> None:
    function, arrays = CALLS[name]
    divisor = {"int8": 2, "bool": 1}.get(dtype, 1)
    given = [(a % 2 if dtype == "bool" else a // divisor).astype(dtype) for a in arrays]
    expected = function(*(Tensor(a.astype(np.float64)) for a in given)).numpy()
    refused = ""
    try:
        found = function(*map(Tensor, given))
    except DTypeError as error:
        refused = str(error)
    if refused:
        assert dtype in refused or "boolean" in refused
        return
    if not name.startswith("interpolate, nearest"):
        assert found.dtype.kind == "f"
    scale = np.max(np.abs(expected), initial=1.0)
    np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=2e-3 * scale)


# Layers that choose, move or count numbers, and keep their dtype as PyTorch's do.
KEEPS = re.compile(
    "ReLU6?|RReLU|Hardshrink|Maxout|(Un)?[Ff]old|Unflatten|Flatten|ChannelShuffle|Identity|"
    "(Adaptive|Fractional)?MaxPool.d|MaxUnpool.d|.*Pad.d|Upsample|UpsamplingNearest2d|"
    "Pixel(Un)?[Ss]huffle"
)
# Those that have no meaning for integers, and say so.
REFUSES = re.compile(
    "(Feature)?(Alpha)?Dropout.?d?|.*Norm.?d?|.*Loss|.*CrossEntropy|(Multihead|Transf).*|"
    "ConstantPad2d"  # -1 is no uint8
)
FORMS = {case.name: case for case in CASES}  # one call of each


@pytest.mark.parametrize("dtype", ["int64", "int32", "int8", "uint8", "bool"])
@pytest.mark.parametrize("name", FORMS)
def test_integers_given_to_a_float32_layer_give_float32(name: str, dtype: str) -> None:
    case = FORMS[name]

    def whole(x: Any) -> Any:
        if isinstance(x, tuple):
            return tuple(map(whole, x))
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            return x
        return Tensor(np.round(3 * np.abs(x)).astype(dtype))

    inputs = [whole(x) for x in case.inputs()]
    try:
        found = case.make(dtype="float32")(*inputs)
    except AutogradError:
        assert REFUSES.fullmatch(name)
        return
    kept = {dtype, "int64", "int32"} if KEEPS.fullmatch(name) else set()
    for y in flatten(found):
        assert y is None or str(y.dtype) in {"float32", *kept}, (name, y.dtype)
    if not kept:
        floats = [x.to("float32") if isinstance(x, Tensor) else x for x in inputs]
        if not case.random and not any(isinstance(x, tuple) for x in floats):
            expected = case.make(dtype="float32")(*floats)
            for y, z in zip(flatten(found), flatten(expected), strict=True):
                np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=1e-6)

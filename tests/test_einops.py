"""einops' own functions on Tensors, whichever of the two is imported first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import einops
import numpy as np
import pytest

import autograd as ag
import nn.torch

X = np.random.default_rng(0).normal(size=(2, 4, 4, 3))
CALLS: dict[str, Callable[[Any], Any]] = {
    "rearrange": lambda x: einops.rearrange(x, "n h w c -> n c (h w)"),
    "rearrange apart": lambda x: einops.rearrange(x, "n (h a) w c -> (n a) h w c", a=2),
    "rearrange a list": lambda x: einops.rearrange([x, 2 * x], "k n h w c -> n (k c) h w"),
    "mean": lambda x: einops.reduce(x, "n (h 2) (w 2) c -> n c h w", "mean"),
    "max": lambda x: einops.reduce(x, "n h w c -> n c", "max"),
    "prod": lambda x: einops.reduce(x, "n h w c -> h w", "prod"),
    "repeat": lambda x: einops.repeat(x, "n h w c -> n (h k) w c", k=2),
    "einsum": lambda x: einops.einsum(x, x, "n h w c, n h w d -> n c d"),
    "pack": lambda x: einops.pack([x, x[..., 0]], "n h w *")[0],
    "unpack": lambda x: einops.unpack(x, [(1,), (2,)], "n h w *")[1],
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_of_einops_record(name: str) -> None:
    f = CALLS[name]
    x = ag.Tensor(X, requires_grad=True)
    found, wanted = f(x), f(X)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)
    seed = np.cos(np.arange(wanted.size)).reshape(wanted.shape)
    (slope,) = ag.grad(found, x, seed)
    along = np.random.default_rng(1).normal(size=X.shape)
    ahead, back = f(X + 1e-5 * along), f(X - 1e-5 * along)
    numeric = np.sum((ahead - back) * seed) / 2e-5
    np.testing.assert_allclose(np.sum(slope.numpy() * along), numeric, rtol=1e-7, atol=1e-7)


def test_tensors_of_a_face_stay_its_own() -> None:
    x = nn.torch.tensor(X, requires_grad=True)
    found = einops.reduce(einops.rearrange(x, "n h w c -> n c h w"), "n c h w -> n c", "sum")
    assert type(found) is nn.torch.Tensor and found.requires_grad  # noqa: PT018


@pytest.mark.parametrize("first", ["autograd", "einops"])
def test_the_order_of_imports_does_not_matter(first: str) -> None:
    second = {"autograd": "einops", "einops": "autograd"}[first]
    program = (
        f"import {first}, {second}\nx = autograd.ones((2, 3), requires_grad=True)\n"
        "print(einops.rearrange(x, 'a b -> b a').requires_grad)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "True\n"

"""Pooling beside PyTorch over many shapes and options, with ties and NaN among the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograd import Tensor
from nn import functional as F
from tests.differential.compare import agree

SEEDS = range(60)


def drawn(rng: Any, rank: int, ties: bool) -> Any:
    shape = (*rng.integers(1, 3, 2), *rng.integers(4, 9 - rank, rank))
    return rng.integers(-3, 3, shape).astype(float) if ties else rng.normal(size=shape)


def both(name: str, x: Any, **options: Any) -> None:
    """Values, places and gradients."""
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found, wanted = getattr(F, name)(ours, **options), getattr(torch.nn.functional, name)(
        theirs, **options
    )  # fmt: skip
    if isinstance(wanted, tuple):
        np.testing.assert_array_equal(found[1], wanted[1].numpy(), err_msg=f"places {options}")
        found, wanted = found[0], wanted[0]
    agree(found.detach(), wanted, f"{name} {options}")
    weight = np.random.default_rng(0).normal(size=found.shape)
    (found * weight).sum().backward()
    (wanted * torch.tensor(weight)).sum().backward()
    agree(ours.grad, theirs.grad, f"gradient of {name} {options}")


def options_of(rng: Any, rank: int) -> dict[str, Any]:
    size = rng.integers(1, 4, rank)
    return {
        "kernel_size": tuple(map(int, size)),
        "stride": tuple(map(int, rng.integers(1, 4, rank))),
        "padding": tuple(int(rng.integers(0, k // 2 + 1)) for k in size),
        "ceil_mode": bool(rng.integers(2)),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_max_pooling_finds_pytorchs_values_places_and_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = drawn(rng, rank, ties=seed % 2 == 0)
    if seed % 5 == 0:
        x.flat[rng.integers(x.size)] = np.nan
    options = options_of(rng, rank)
    if seed % 4 == 0:
        options["dilation"] = tuple(map(int, rng.integers(1, 2 + (min(x.shape[2:]) > 5), rank)))
    both(f"max_pool{rank}d", x, return_indices=bool(seed % 7), **options)


@pytest.mark.parametrize("seed", SEEDS)
def test_average_pooling_gives_pytorchs_values_and_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = drawn(rng, rank, ties=False)
    options = options_of(rng, rank) | {"count_include_pad": bool(rng.integers(2))}
    if rank > 1 and seed % 2:
        options["divisor_override"] = 3
    both(f"avg_pool{rank}d", x, **options)


@pytest.mark.parametrize("seed", SEEDS[:15])
def test_norm_pooling_gives_pytorchs_values_and_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = np.abs(drawn(rng, rank, ties=False)) + 0.1
    options = options_of(rng, rank)
    del options["padding"]
    if rank == 1:
        options["kernel_size"] = options["kernel_size"][0]  # PyTorch takes no tuple here
    both(f"lp_pool{rank}d", x, norm_type=[1.0, 2.0, 3.5, np.inf][seed % 4], **options)


@pytest.mark.parametrize("seed", SEEDS)
def test_adaptive_pooling_gives_pytorchs_values_places_and_gradients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = drawn(rng, rank, ties=seed % 2 == 0)
    if seed % 4 == 0:
        x = x[0]
    sizes = tuple(map(int, rng.integers(1, 9 - rank, rank)))
    both(f"adaptive_avg_pool{rank}d", x, output_size=sizes)
    both(f"adaptive_max_pool{rank}d", x, output_size=sizes, return_indices=bool(seed % 3))

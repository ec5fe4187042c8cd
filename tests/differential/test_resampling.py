"""Padding and interpolation beside PyTorch over many shapes and options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograd import Tensor
from nn import functional as F
from tests.differential.compare import agree
from tests.differential.test_pooling import both, drawn

SEEDS = range(60)
MODES = {
    1: ("nearest", "nearest-exact", "linear", "area"),
    2: ("nearest", "nearest-exact", "bilinear", "bicubic", "area"),
    3: ("nearest", "nearest-exact", "trilinear", "area"),
}


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("seed", SEEDS)
def test_padding_gives_pytorchs_values_and_gradients(mode: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = drawn(rng, rank, ties=False)
    most = {"reflect": -1, "circular": 0}.get(mode, 2)
    pad = [int(rng.integers(0, n + most + 1)) for n in x.shape[: -rank - 1 : -1] for _ in range(2)]
    options: dict[str, Any] = {"pad": pad, "mode": mode}
    if mode == "constant":
        options["value"] = [None, 0.0, 2.5][seed % 3]
    both("pad", x[0] if seed % 2 else x, **options)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_negative_padding_is_pytorchs(mode: str) -> None:
    x = np.arange(20.0).reshape(1, 1, 4, 5)
    for pad in ([-1, 2, 1, -2], [-2, -1, 0, 1], [1, -3, -1, -1]):
        both("pad", x, pad=pad, mode=mode)


def drawn_factor(rng: Any, length: int) -> float:
    """None that gives 1, the length or its double by rounding.

    For these PyTorch's forward and backward disagree, on whether the factor or the lengths count,
    and for a width of 1 its antialiased images are all one row.
    """
    while True:
        factor = float(rng.uniform(0.4, 4))
        if int(length * factor) not in (0, 1, length, 2 * length):
            return factor


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("corners", [False, True])
def test_interpolation_gives_pytorchs_values_and_gradients(seed: int, corners: bool) -> None:
    rng = np.random.default_rng(seed)
    rank = 1 + seed % 3
    x = drawn(rng, rank, ties=False)
    for mode in MODES[rank]:
        options: dict[str, Any] = {"mode": mode}
        if "nearest" not in mode and mode != "area":
            options["align_corners"] = corners
        both("interpolate", x, size=tuple(map(int, rng.integers(1, 12, rank))), **options)
        factors = tuple(drawn_factor(rng, n) for n in x.shape[2:])
        again = bool(rng.integers(2)) if mode != "area" else None
        both("interpolate", x, scale_factor=factors, recompute_scale_factor=again, **options)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_antialiased_interpolation_is_pytorchs(mode: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 2, *rng.integers(2, 14, 2)))
    size = tuple(map(int, rng.integers(2, 14, 2)))  # not 1, see above
    both(
        "interpolate",
        x,
        size=size,
        mode=mode,
        antialias=True,
        align_corners=bool(seed % 2) and mode != "lanczos",
    )
    factor = tuple(drawn_factor(rng, n) for n in x.shape[2:])
    both("interpolate", x, scale_factor=factor, mode=mode, antialias=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_neighbours_are_pytorchs_for_all_small_lengths(mode: str, dtype: Any) -> None:
    for length in range(1, 34):
        x = np.arange(length, dtype=dtype).reshape(1, 1, -1)
        for size in range(1, 70):
            found = F.interpolate(Tensor(x), size, mode=mode)
            wanted = torch.nn.functional.interpolate(torch.tensor(x), size, mode=mode)
            np.testing.assert_array_equal(found, wanted.numpy(), err_msg=f"{length} to {size}")


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_pixels_and_channels_are_pytorchs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    r = int(rng.integers(1, 4))
    x = rng.normal(size=(*[2, 1, 3][: seed % 4], 2 * r * r, 3 * r, 2 * r))
    both("pixel_shuffle", x, upscale_factor=r)
    both("pixel_unshuffle", x, downscale_factor=r)


@pytest.mark.parametrize("seed", SEEDS[:20])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("corners", [False, True])
def test_sampling_on_a_grid_gives_pytorchs_values_and_gradients(
    seed: int, mode: str, padding_mode: str, corners: bool
) -> None:
    rng = np.random.default_rng(seed)
    rank = 2 if mode == "bicubic" else 2 + seed % 2
    image = rng.normal(size=(2, 2, *rng.integers(1, 6, rank)))
    grid = rng.uniform(-1.9, 1.9, (2, *rng.integers(1, 4, rank), rank))
    ours = [Tensor(x, requires_grad=True) for x in (image, grid)]
    theirs = [torch.tensor(x, requires_grad=True) for x in (image, grid)]
    found = F.grid_sample(*ours, mode, padding_mode, corners)
    wanted = torch.nn.functional.grid_sample(*theirs, mode, padding_mode, corners)
    agree(found.detach(), wanted, "values")
    weight = rng.normal(size=found.shape)
    (found * weight).sum().backward()
    (wanted * torch.tensor(weight)).sum().backward()
    agree(ours[0].grad, theirs[0].grad, "gradient of the image")
    if mode == "nearest":
        assert ours[1].grad is None
        assert not theirs[1].grad.any()
    else:
        agree(ours[1].grad, theirs[1].grad, "gradient of the grid")


@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("size", [(2, 1, 3, 4), (1, 1, 2, 2), (1, 2, 2, 3, 4)])
def test_affine_grids_are_pytorchs(size: tuple[int, ...], corners: bool) -> None:
    rank = len(size) - 2
    theta = np.random.default_rng(0).normal(size=(size[0], rank, rank + 1))
    ours, theirs = Tensor(theta, requires_grad=True), torch.tensor(theta, requires_grad=True)
    found = F.affine_grid(ours, size, corners)
    wanted = torch.nn.functional.affine_grid(theirs, list(size), corners)
    agree(found.detach(), wanted, "grid")
    weight = np.random.default_rng(1).normal(size=found.shape)
    (found * weight).sum().backward()
    (wanted * torch.tensor(weight)).sum().backward()
    agree(ours.grad, theirs.grad, "gradient")

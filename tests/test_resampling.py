"""Padding, interpolation, adaptive pooling, pixel shuffling beyond the tables: laws, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from autograd.errors import ShapeError
from autograd.kernels.convolution.resampling import Resampling, matrix
from nn import functional as F

KINDS = ["nearest", "nearest-exact", "linear", "cubic", "area"]
SMOOTHED = ["linear-antialias", "cubic-antialias", "lanczos-antialias"]


@pytest.mark.parametrize("kind", KINDS + SMOOTHED)
def test_the_weights_of_a_target_add_up_to_one(kind: str) -> None:
    for length, size in [(1, 1), (1, 5), (5, 1), (4, 9), (9, 4), (64, 7), (7, 64)]:
        sums = matrix(Resampling(kind, length, size, length / size)).sum(axis=1)
        np.testing.assert_allclose(sums, 1, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS + SMOOTHED)
def test_the_same_size_is_the_same_image(kind: str) -> None:
    found = matrix(Resampling(kind, 6, 6))
    # the sinc of an integer is zero but for rounding
    np.testing.assert_allclose(found, np.eye(6), rtol=0, atol=1e-15)


def test_linear_functions_stay_linear_between_aligned_corners() -> None:
    line = np.linspace(-1.0, 3.0, 5).reshape(1, 1, -1)
    found = F.interpolate(Tensor(line), 17, mode="linear", align_corners=True)
    np.testing.assert_allclose(found, np.linspace(-1.0, 3.0, 17).reshape(1, 1, -1), atol=1e-14)


def test_a_nan_stays_with_those_who_look_at_it() -> None:
    x = np.ones((1, 1, 6))
    x[0, 0, 0] = np.nan
    found = F.interpolate(Tensor(x), scale_factor=2, mode="linear").numpy()
    assert np.isnan(found[0, 0, :3]).all()
    assert (found[0, 0, 3:] == 1).all()


def test_blocks_do_not_change_the_numbers() -> None:
    x = np.random.default_rng(0).normal(size=(40, 64, 64))  # several blocks
    table = Resampling("cubic", 64, 48, 64 / 48)
    found = F.interpolate(Tensor(x[None]), (64, 48), mode="bicubic")
    np.testing.assert_allclose(found.numpy()[0], x @ matrix(table).T, rtol=0, atol=1e-13)


def test_integers_can_be_padded_and_taken_from_the_nearest() -> None:
    x = Tensor(np.arange(4).reshape(1, 1, 4))
    assert F.interpolate(x, 2).tolist() == [[[0, 2]]]
    assert F.pad(x, (1, 1), "reflect").tolist() == [[[1, 0, 1, 2, 3, 2]]]
    assert F.pad(x, (1, 0), value=7).tolist() == [[[7, 0, 1, 2, 3]]]


def test_pixel_unshuffle_undoes_pixel_shuffle() -> None:
    x = np.random.default_rng(0).normal(size=(2, 18, 2, 5))
    back = F.pixel_unshuffle(F.pixel_shuffle(Tensor(x), 3), 3)
    np.testing.assert_array_equal(back, x)


def test_global_average_pooling_is_the_mean() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(2, 3, 4, 5)))
    np.testing.assert_array_equal(
        F.adaptive_avg_pool2d(x, 1), x.numpy().mean(axis=(2, 3), keepdims=True)
    )


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
def test_the_grid_and_the_image_have_true_gradients_to_second_order(
    mode: str, padding_mode: str
) -> None:
    rng = np.random.default_rng(3)
    image, grid = rng.normal(size=(1, 1, 3, 3)), rng.uniform(-1.3, 1.3, (1, 1, 3, 2))
    assert ag.gradgradcheck(
        lambda x, p: F.grid_sample(x, p, mode, padding_mode, False), Tensor(image), Tensor(grid)
    )


def test_the_grid_of_the_identity_gives_the_image() -> None:
    image = Tensor(np.random.default_rng(0).normal(size=(1, 2, 3, 5)))
    theta = Tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], dtype="float64")
    for corners in (False, True):
        grid = F.affine_grid(theta, image.shape, corners)
        found = F.grid_sample(image, grid, align_corners=corners)
        np.testing.assert_allclose(found, image, rtol=0, atol=1e-14)


IMAGE, LINE = ag.ones((1, 2, 4, 4)), ag.ones((1, 2, 4))
MESSAGES = [
    (lambda: F.pad(LINE, (1,)), ValueError,
     r"pad: the numbers are pairs \(before, after\), .* the input is \(1, 2, 4\), got \(1,\)"),
    (lambda: F.pad(LINE, (1, 1), "reflekt"), ValueError, "did you mean 'reflect'"),
    (lambda: F.pad(LINE, (1, 1), "reflect", 2.0), ValueError, "mode 'reflect' takes no value"),
    (lambda: F.pad(IMAGE, (1, 1), "reflect"), ShapeError,
     r"all axes but N and C: for an input \(1, 2, 4, 4\) it needs 4 numbers, got 2"),
    (lambda: F.pad(LINE, (0, 4), "reflect"), ShapeError,
     r"can add at most 3 elements to each end of axis -1 of \(1, 2, 4\), got \(0, 4\)"),
    (lambda: F.pad(LINE, (5, 0), "circular"), ShapeError, "can add at most 4 elements"),
    (lambda: F.pad(ag.ones((1, 2, 0)), (1, 0), "replicate"), ShapeError, "at most 0 elements"),
    (lambda: F.pad(LINE, (-3, -2)), ShapeError,
     r"axis -1 of \(1, 2, 4\) has 4 elements; \(-3, -2\) takes away more"),
    (lambda: F.interpolate(LINE, 3, mode="bilinear"), ShapeError,
     r"mode 'bilinear' takes \(N, C, ...\) in 4-D, the input is \(1, 2, 4\)\n.*nearest, "
     "nearest-exact, linear, area"),
    (lambda: F.interpolate(LINE, 3, mode="cubic"), ValueError, "did you mean 'bicubic'"),
    (lambda: F.interpolate(ag.ones((1, 0, 4)), 3), ShapeError, "only the batch may be empty"),
    (lambda: F.interpolate(LINE), ValueError, "give size or scale_factor, got neither"),
    (lambda: F.interpolate(LINE, 3, 2.0), ValueError, "give size or scale_factor, got both"),
    (lambda: F.interpolate(IMAGE, (3,)), ValueError,
     r"size is \(3,\); the input has 2 axes behind N and C, \(4, 4\)"),
    (lambda: F.interpolate(LINE, scale_factor=0.2), ShapeError,
     r"scale_factor \(0.2,\) makes \(0,\) of \(4,\); every length must be at least 1"),
    (lambda: F.interpolate(LINE, 3, align_corners=True), ValueError,
     "mode 'nearest' takes no align_corners"),
    (lambda: F.interpolate(LINE, 3, recompute_scale_factor=True), ValueError,
     "recompute_scale_factor says nothing beside a size"),
    (lambda: F.interpolate(LINE, 3, antialias=True), ValueError,
     "antialias goes with bilinear, bicubic, lanczos, not with mode 'nearest'"),
    (lambda: F.interpolate(IMAGE, 3, mode="lanczos"), ValueError,
     "mode 'lanczos' needs antialias=True"),
    (lambda: F.pixel_shuffle(IMAGE, 2), ShapeError,
     r"its 2 channels must be a multiple of 2² = 4"),
    (lambda: F.pixel_unshuffle(IMAGE, 3), ShapeError,
     "its height 4 and width 4 must be multiples of 3"),
    (lambda: F.pixel_shuffle(ag.ones((4, 4)), 2), ShapeError, r"it must be \(\*, C, H, W\)"),
    (lambda: F.pixel_unshuffle(IMAGE, 0), ValueError, "downscale_factor must be at least 1"),
    (lambda: F.adaptive_avg_pool2d(IMAGE, (1, 2, 3)), ValueError,
     r"output_size is a number, or 2 of them; it is \(1, 2, 3\)"),
    (lambda: F.adaptive_max_pool1d(LINE, 0), ShapeError,
     r"adaptive_max_pool1d: output_size must be at least 1, got 0"),
    (lambda: F.adaptive_avg_pool1d(IMAGE, 1), ShapeError,
     r"the input is \(1, 2, 4, 4\); it must be \(N, C, L\) or \(C, L\)"),
    (lambda: nn.ZeroPad2d((1, 2)), ValueError,
     r"ZeroPad2d: padding is a number, or 4 of them; it is \(1, 2\)"),
]  # fmt: skip


GRID = ag.zeros((1, 3, 3, 2))
MESSAGES += [
    (lambda: F.grid_sample(LINE, GRID), ShapeError,
     r"the input is \(1, 2, 4\) and the grid \(1, 3, 3, 2\); they must be \(N, C, H, W\) with"),
    (lambda: F.grid_sample(ag.ones((2, 1, 4, 4)), GRID), ShapeError, "2 images and 1 grids"),
    (lambda: F.grid_sample(ag.ones((1, 0, 4, 4)), GRID), ShapeError, "only the batch may be empty"),
    (lambda: F.grid_sample(ag.ones((1, 1, 2, 2, 2)), ag.zeros((1, 1, 1, 1, 3)), "bicubic"),
     ValueError, "mode 'bicubic' is for images, not for volumes"),
    (lambda: F.grid_sample(IMAGE, GRID, "bilinaer"), ValueError, "did you mean 'bilinear'"),
    (lambda: F.grid_sample(IMAGE, GRID, padding_mode="reflect"), ValueError, "mean 'reflection'"),
    (lambda: F.affine_grid(ag.ones((1, 2, 2)), (1, 1, 4, 4)), ShapeError,
     r"affine_grid: theta is \(1, 2, 2\) and size \(1, 1, 4, 4\); they must be \(N, 2, 3\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), MESSAGES)
def test_a_message_says_what_and_why(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_a_message_names_the_layer() -> None:
    with pytest.raises(ShapeError, match=r"in 0 \(ReflectionPad1d\)"):
        nn.Sequential(nn.ReflectionPad1d(4))(LINE)

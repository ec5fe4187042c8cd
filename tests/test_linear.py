"""Linear layers and those that only rearrange: what the tables do not reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.errors import ShapeError
from nn import functional as F

X = Tensor(np.ones((2, 6)))
W = Tensor(np.ones((4, 6, 3)))

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: nn.Flatten(2)(X), ShapeError, r"no axes from 2 to -1 in shape \(2, 6\).*in Flatten"),
    (lambda: nn.Unflatten(1, (4, 2))(X), ShapeError,
     r"axis 1 of shape \(2, 6\) cannot be split into \(4, 2\).*in Unflatten"),
    (lambda: nn.Unflatten(1, (4, -1))(X), ShapeError, r"cannot be split into \(4, -1\)"),
    (lambda: nn.Unflatten(1, (-1, -1))(X), ShapeError, r"cannot be split into \(-1, -1\)"),
    (lambda: nn.Unflatten(2, (3, 2))(X), ShapeError, r"axis 2 of shape \(2, 6\) cannot"),
    (lambda: nn.Unflatten(-3, (3, 2))(X), ShapeError, r"axis -3 of shape \(2, 6\) cannot"),
    (lambda: nn.Unflatten(1, 6), TypeError, "unflattened_size must be a sequence of whole"),
    (lambda: nn.ChannelShuffle(0), ValueError, "groups must be at least 1, got 0"),
    (lambda: nn.ChannelShuffle(2)(X), ShapeError, r"must be \(N, C, ...\) .* got \(2, 6\)"),
    (lambda: F.channel_shuffle(Tensor(np.ones((2, 5, 1))), 2), ShapeError, "multiple of 2 groups"),
    (lambda: F.bilinear(X, X, W), ShapeError,
     r"input2 is \(2, 6\); for a weight \(4, 6, 3\) they must be \(..., 6\) and \(..., 3\)"),
    (lambda: F.bilinear(X, Tensor(np.ones((5, 3))), W), ShapeError, "agree before that"),
    (lambda: F.bilinear(X, X, X), ShapeError, r"weight is \(2, 6\); it must be \(out, in1, in2\)"),
    (lambda: nn.Linear(5, 2)(X), ShapeError, r"in Linear"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "error", "message"), REFUSED)
def test_what_linear_layers_refuse(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


def test_functions_are_what_the_layers_compute() -> None:
    layer = nn.Linear(6, 2, dtype="float64", rng=0)
    np.testing.assert_array_equal(F.linear(X, layer.weight, layer.bias).detach(), layer(X).detach())
    pair = nn.Bilinear(6, 3, 4, dtype="float64", rng=0)
    y = Tensor(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(
        F.bilinear(X, y, pair.weight, pair.bias).detach(), pair(X, y).detach()
    )


def test_bilinear_starts_uniform_within_one_over_root_of_its_first_inputs() -> None:
    layer = nn.Bilinear(25, 4, 300, rng=0)
    for p in layer.parameters():
        assert 0.19 < np.abs(p.numpy()).max() <= 0.2


def test_flattening_is_undone_by_unflattening() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    there = nn.Flatten(1, 2)(Tensor(x))
    np.testing.assert_array_equal(nn.Unflatten(1, (3, 4))(there), x)

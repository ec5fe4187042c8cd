"""Choosing by bits gives what np.where gives, to the last of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.kernels.activation.choice import LEAST, choose
from autograd.kernels.parallel.elementwise import made_of
from autograd.kernels.parallel.probe import Probe

SHAPE = (3, 40, LEAST // 100)


def numbers(dtype: Any, seed: int) -> Any:
    x = np.random.default_rng(seed).standard_normal(SHAPE).astype(dtype)
    if np.dtype(dtype).kind in "fc":
        x.reshape(-1)[:: 7 + seed] = [np.nan, -0.0, np.inf, -np.inf, 0.0][seed % 5]
    return x


OTHERS = {
    "float32": numbers(np.float32, 1), "float64": numbers(np.float64, 2),
    "float16": numbers(np.float16, 3), "int64": numbers(np.int64, 4),
    "complex64": numbers(np.complex64, 5), "a row": numbers(np.float32, 6)[0, 0],
    "swapped": numbers(np.float32, 7).astype(">f4"), "turned": numbers(np.float32, 8)[:, ::-1],
    "0": 0, "-0.0": -0.0, "nan": np.float32(np.nan), "0-d": np.array(2.5), "True": True,
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_where_to_the_last_bit(other: str, dtype: Any) -> None:
    x, y = numbers(dtype, 0), OTHERS[other]
    random = np.random.default_rng(9).random(SHAPE) < 0.5
    for mask in (random, random[..., :1], random[0], ~random[:, ::-1], np.asfortranarray(random)):
        for a, b in ((x, y), (y, x), (y, 1.5)):
            found, expected = choose(mask, a, b), np.where(mask, a, b)
            assert found.dtype == expected.dtype
            assert found.shape == expected.shape
            assert found.tobytes() == expected.tobytes()


def test_masks_of_numbers_and_what_only_looks_like_an_array_are_left_to_where() -> None:
    mask, x = np.arange(2 * LEAST) % 3, np.ones(2 * LEAST, np.float32)
    np.testing.assert_array_equal(choose(mask, x, 0), np.where(mask, x, 0))
    masked = np.ma.masked_array(x, mask > 1)
    assert type(choose(mask > 0, masked, 0)) is type(np.where(mask > 0, masked, 0))
    assert made_of(choose, 3).operations == 1
    assert type(choose(Probe([]), x, x)) is Probe

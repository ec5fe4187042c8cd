"""Tensors here and in PyTorch are the same memory, by DLPack, and no gradient is lost by that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
from autograd.errors import ConversionError

DTYPES = ["float32", "float64", "float16", "int64", "int8", "uint8", "bool", "complex64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", [lambda a: a, lambda a: a.T, lambda a: a[::2, 1:]])
def test_what_one_writes_the_other_reads(dtype: str, layout: Any) -> None:
    ours = ag.asarray(layout(np.ones((4, 3), dtype)))
    theirs = torch.from_dlpack(ours)
    assert str(theirs.dtype).removeprefix("torch.") == dtype
    theirs[0, 0] = 0
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    again = ag.from_dlpack(theirs)
    theirs[1, 1] = 0
    assert again.dtype == ours.dtype
    np.testing.assert_array_equal(again.numpy(), theirs.numpy())


def test_memory_that_runs_backwards_arrives() -> None:
    x = ag.asarray(np.arange(4.0)[::-1])
    assert torch.from_dlpack(x).tolist() == [3.0, 2.0, 1.0, 0.0]


def test_gradients_end_by_an_error_on_either_side() -> None:
    with pytest.raises(ConversionError, match="requires grad"):
        torch.from_dlpack(ag.Tensor([1.0], requires_grad=True))
    with pytest.raises(ConversionError, match=r"require gradient.*\n.*Detach it"):
        ag.from_dlpack(torch.ones(2, requires_grad=True))


@pytest.mark.parametrize(
    "theirs",
    [torch.ones(2, dtype=torch.bfloat16), torch.ones(2, device="meta"),
     torch.ones(2, dtype=torch.complex64).conj()],
    ids=["bfloat16", "meta", "conjugate"],
)  # fmt: skip
def test_what_numpy_has_no_place_for_says_so(theirs: Any) -> None:
    with pytest.raises(ConversionError, match="the memory of this torch Tensor cannot be shared"):
        ag.from_dlpack(theirs)

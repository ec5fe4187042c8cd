"""Every name of torch, of its Tensors and of its parts is there, or refused with what to write."""

from __future__ import annotations

import pytest
import torch

import nn.torch as ours
from nn.torch.refusals import reason

PARTS = ("linalg", "special", "fft", "func", "autograd", "cuda", "jit")
# What is refused as a whole, by one sentence of its own.
WITH_ONE_REASON = {"cuda", "jit"}
NOT_ITS_OWN = {"Tensor", "torch"}  # what a part of PyTorch has imported


def names_of(thing: object) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_")]


def unheld(theirs: object, mine: object) -> list[str]:
    """The names that are neither there nor refused by name."""
    return [n for n in names_of(theirs) if not hasattr(mine, n) and reason(n) is None]


def test_every_name_of_torch_is_there_or_refused_by_name() -> None:
    in_place = [n for n in unheld(torch, ours) if "dropout" in n or n == "rrelu_"]
    assert [n for n in unheld(torch, ours) if n not in in_place] == []


def test_every_name_of_a_tensor_is_there_or_refused_by_name() -> None:
    assert unheld(torch.Tensor, ours.Tensor) == ["polygamma_"]


@pytest.mark.parametrize("part", PARTS)
def test_every_name_of_a_part_is_there_or_refused_by_name(part: str) -> None:
    theirs, mine = getattr(torch, part), getattr(ours, part)
    missing = [n for n in unheld(theirs, mine) if n not in NOT_ITS_OWN]
    if part not in WITH_ONE_REASON:
        assert missing == []
    for name in missing:
        with pytest.raises(AttributeError, match=r"; leave it out|: "):
            getattr(mine, name)


def test_nothing_is_there_that_pytorch_does_not_have() -> None:
    beside = {"vision"}  # torchvision's, which programs import beside it
    assert [n for n in ours.__all__ if not hasattr(torch, n) and n not in beside] == []

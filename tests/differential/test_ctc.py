"""CTC beside PyTorch, after a log_softmax: PyTorch's gradient is the derivative only then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from autograd import Tensor
from tests.differential.compare import agree, parameters_of

RNG = np.random.default_rng(0)
PADDED = RNG.integers(1, 6, (4, 5))
COUNTS = np.array([5, 3, 1, 0])
IN_A_ROW = np.concatenate([row[:count] for row, count in zip(PADDED, COUNTS, strict=True)])
LENGTHS = np.array([12, 9, 12, 4])
TOO_SHORT = np.array([12, 2, 12, 4])


@pytest.mark.parametrize("targets", [PADDED, IN_A_ROW], ids=["padded", "in a row"])
@pytest.mark.parametrize("lengths", [LENGTHS, TOO_SHORT], ids=["fit", "too short"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("zero_infinity", [False, True])
def test_losses_and_gradients_are_pytorchs(
    targets: Any, lengths: Any, reduction: str, zero_infinity: bool
) -> None:
    x = RNG.standard_normal((12, 4, 6))
    options = {"reduction": reduction, "zero_infinity": zero_infinity}
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    found = nn.CTCLoss(**options)(ag.log_softmax(ours, axis=-1), targets, lengths, COUNTS)
    wanted = torch.nn.CTCLoss(**options)(
        theirs.log_softmax(-1), *map(torch.tensor, (targets, lengths, COUNTS))
    )
    agree(found.detach(), wanted, "losses")
    if zero_infinity or lengths is LENGTHS:  # PyTorch's gradient of an infinite loss is NaN
        found.sum().backward()
        wanted.sum().backward()
        agree(ours.grad, theirs.grad, "gradient")


def test_another_blank_and_a_single_sequence() -> None:
    x, targets = RNG.standard_normal((12, 6)), np.array([0, 3, 3])
    found = nn.CTCLoss(blank=5)(ag.log_softmax(Tensor(x), axis=-1), targets, 12, 3)
    wanted = torch.nn.CTCLoss(blank=5)(
        torch.tensor(x).log_softmax(-1), torch.tensor(targets), torch.tensor(12), torch.tensor(3)
    )
    agree(found, wanted, "loss")


def test_it_is_made_with_pytorchs_arguments_and_shown_as_pytorchs() -> None:
    assert parameters_of(nn.CTCLoss.__init__) == parameters_of(torch.nn.CTCLoss.__init__)
    assert repr(nn.CTCLoss(1)) == repr(torch.nn.CTCLoss(1))

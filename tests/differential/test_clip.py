"""Clipping, and parameters as a vector, beside PyTorch's."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

import nn
from autograd import Tensor
from tests.differential.compare import agree

SHAPES = [(3, 4), (), (0,), (20000,), (2, 3, 2)]


def gradients(complex_too: bool, scale: float) -> list[Any]:
    rng = np.random.default_rng(0)
    values = [np.asarray(scale * rng.standard_normal(shape)) for shape in SHAPES]
    return [*values, np.array([1 + 2j, -3j]) * scale] if complex_too else values


def parameters_with(values: list[Any]) -> tuple[list[Any], list[Any]]:
    ours = [Tensor(np.zeros_like(g), True) for g in values]
    theirs = [torch.tensor(np.zeros_like(g), requires_grad=True) for g in values]
    for p, q, g in zip(ours, theirs, values, strict=True):
        p.grad, q.grad = Tensor(g), torch.tensor(g)
    return ours, theirs


@pytest.mark.parametrize("norm_type", [1, 2, 2.0, 3, 0.5, float("inf")])
@pytest.mark.parametrize("max_norm", [0.0, 0.1, 5.0, 1e9])
@pytest.mark.parametrize("complex_too", [False, True])
def test_clipped_gradients_and_norm_are_pytorchs(
    norm_type: float, max_norm: float, complex_too: bool
) -> None:
    values = gradients(complex_too, 0.3)
    if norm_type == float("inf"):
        values = [g for g in values if g.size]  # of which PyTorch takes no maximum
    ours, theirs = parameters_with(values)
    norm = nn.utils.clip_grad_norm_(ours, max_norm, norm_type)
    wanted = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert norm.item() == pytest.approx(wanted.item(), rel=1e-9)
    for number, (p, q) in enumerate(zip(ours, theirs, strict=True)):
        agree(p.grad, q.grad, f"gradient {number}")


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_norm_that_is_not_finite_does_what_it_does_in_pytorch(bad: float) -> None:
    ours, theirs = parameters_with([np.array([1.0, bad]), np.array([2.0])])
    norm = nn.utils.clip_grad_norm_(ours, 1.0)
    wanted = torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    np.testing.assert_array_equal(norm.item(), wanted.item())
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(p.grad, q.grad.numpy())


@pytest.mark.parametrize("bound", [0.0, 0.2, 10.0])
def test_gradients_clipped_by_value_are_pytorchs(bound: float) -> None:
    ours, theirs = parameters_with(gradients(False, 1.0))
    nn.utils.clip_grad_value_(ours, bound)
    torch.nn.utils.clip_grad_value_(theirs, bound)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(p.grad, q.grad.numpy())


def test_parameters_to_vector_and_back_are_pytorchs() -> None:
    ours, theirs = parameters_with(gradients(False, 1.0))
    vector = np.arange(sum(p.size for p in ours), dtype=np.float64)
    nn.utils.vector_to_parameters(Tensor(vector), ours)
    torch.nn.utils.vector_to_parameters(torch.tensor(vector), theirs)
    for p, q in zip(ours, theirs, strict=True):
        agree(p.detach(), q, "parameter")
    agree(
        nn.utils.parameters_to_vector(ours).detach(),
        torch.nn.utils.parameters_to_vector(theirs),
        "vector",
    )


@pytest.mark.parametrize("name", [n for n in nn.utils.__all__ if "grad" in n or "total" in n])
def test_clipping_takes_pytorchs_arguments(name: str) -> None:
    theirs = inspect.signature(getattr(torch.nn.utils, name)).parameters
    ours = inspect.signature(getattr(nn.utils, name)).parameters
    kept = {n: p.default for n, p in theirs.items() if n not in ("device", "foreach")}
    assert {n: p.default for n, p in ours.items()} == kept

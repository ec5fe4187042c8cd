"""Activation functions beside PyTorch's: far out, at infinity and NaN, and in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import nn
from autograd import Tensor
from tests.differential.compare import agree

FAR = np.array([-np.inf, -1e6, -50.0, -3.5, -1e-6, 1e-6, 0.7, 3.5, 50.0, 1e6, np.inf, np.nan])

FUNCTIONS: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}), ("relu6", {}), ("leaky_relu", {"negative_slope": 0.2}), ("elu", {}),
    ("selu", {}), ("celu", {"alpha": 0.5}), ("hardtanh", {}), ("hardsigmoid", {}),
    ("hardshrink", {}), ("softshrink", {}), ("threshold", {"threshold": 0.1, "value": 2.0}),
    ("sigmoid", {}), ("tanh", {}), ("logsigmoid", {}), ("softplus", {}), ("softsign", {}),
    ("tanhshrink", {}), ("silu", {}), ("mish", {}), ("gelu", {}), ("gelu", {"approximate": "tanh"}),
    ("hardswish", {}), ("rrelu", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), FUNCTIONS)
def test_values_far_out_at_infinity_and_nan(name: str, options: dict[str, Any]) -> None:
    with np.errstate(invalid="ignore"):
        found = getattr(nn.functional, name)(Tensor(FAR), **options)
    wanted = getattr(torch.nn.functional, name)(torch.tensor(FAR), **options)
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-12, err_msg=name)


@pytest.mark.parametrize(("name", "options"), FUNCTIONS)
def test_gradients_far_out(name: str, options: dict[str, Any]) -> None:
    finite = FAR[np.isfinite(FAR)]
    x, t = Tensor(finite, requires_grad=True), torch.tensor(finite, requires_grad=True)
    getattr(nn.functional, name)(x, **options).sum().backward()
    getattr(torch.nn.functional, name)(t, **options).sum().backward()
    # PyTorch keeps the constants of hardsigmoid in single precision
    agree(x.grad, t.grad, name, 1e-7 if name == "hardsigmoid" else 1e-9)


def test_normalize_one_hot_and_bilinear() -> None:
    rng = np.random.default_rng(0)
    x, y, w = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 5)), rng.random((6, 4, 5))
    for p, dim in ((2.0, 1), (1.0, -1), (3.0, 0), (np.inf, 2)):
        agree(
            nn.functional.normalize(Tensor(x), p, dim),
            torch.nn.functional.normalize(torch.tensor(x), p, dim),
            f"normalize {p} {dim}",
        )
    labels = np.array([[0, 2], [1, 1]])
    for count in (-1, 5):
        agree(
            nn.functional.one_hot(Tensor(labels), count),
            torch.nn.functional.one_hot(torch.tensor(labels), count),
            f"one_hot {count}",
        )
    agree(
        nn.functional.bilinear(Tensor(x), Tensor(y), Tensor(w)),
        torch.nn.functional.bilinear(*map(torch.tensor, (x, y, w))),
        "bilinear",
    )

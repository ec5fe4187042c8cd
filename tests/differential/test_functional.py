"""Transforms of functions give what torch.func's give, nested in any order; so does the face."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils import _pytree as pytree

import autograd as ag
import nn.torch as face
from autograd import functional
from tests.transform_programs import PROGRAMS

OURS = SimpleNamespace(
    grad=functional.grad, value_and_grad=functional.value_and_grad, vjp=functional.vjp,
    jvp=functional.jvp, vmap=ag.vmap, hessian=functional.hessian,
    jacrev=lambda f, argnums=0, **how: functional.jacobian(f, argnums, mode="reverse", **how),
    jacfwd=lambda f, argnums=0, **how: functional.jacobian(f, argnums, mode="forward", **how),
    stop_gradient=functional.stop_gradient, ones_like=ag.ones_like, sort=ag.sort,
)  # fmt: skip


def of_torch(library: Any) -> SimpleNamespace:
    """PyTorch's transforms, by the names that the programs call them by."""
    func = library.func

    def value_and_grad(f: Any, **how: Any) -> Any:
        def call(*args: Any) -> Any:
            gradient, value = func.grad_and_value(f, **how)(*args)
            return value, gradient

        return call

    return SimpleNamespace(
        grad=func.grad, value_and_grad=value_and_grad, vjp=func.vjp, jvp=func.jvp,
        vmap=func.vmap, hessian=func.hessian, jacrev=func.jacrev, jacfwd=func.jacfwd,
        stop_gradient=lambda x: x.detach(), ones_like=library.ones_like,
        sort=lambda x: library.sort(x)[0],
    )  # fmt: skip


# Where PyTorch's second derivatives over a batch are others than JAX's, which are those here.
ELSEWHERE = {"inverse and det"}


def numbers(tree: Any) -> list[Any]:
    found = [y for y in pytree.tree_leaves(tree) if y is not None]
    return [y.detach().numpy() if hasattr(y, "detach") else np.asarray(y) for y in found]


@pytest.mark.filterwarnings("ignore:Output seems independent", "ignore:.*torch.jit")
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in ELSEWHERE])
def test_a_program_of_transforms_gives_what_it_gives_in_pytorch(name: str) -> None:
    program, given = PROGRAMS[name]
    wanted = numbers(program(of_torch(torch), torch, pytree.tree_map(torch.as_tensor, given)))
    runs = {
        "ours": lambda: program(OURS, ag, pytree.tree_map(ag.Tensor, given)),
        "face": lambda: program(of_torch(face), face, pytree.tree_map(face.as_tensor, given)),
    }
    for run in runs.values():
        for y, want in zip(numbers(run()), wanted, strict=True):
            assert (y.shape, y.dtype) == (want.shape, want.dtype)
            tolerance = 1e-9 if y.dtype.itemsize > 4 and y.dtype != "complex64" else 1e-4
            np.testing.assert_allclose(y, want, rtol=tolerance, atol=tolerance / 100)

"""Transforms of functions give what JAX's give, nested in any order and over any structure."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import autograd as ag
from autograd import functional
from tests.transform_programs import PROGRAMS

OURS = SimpleNamespace(
    grad=functional.grad, value_and_grad=functional.value_and_grad, vjp=functional.vjp,
    jvp=functional.jvp, vmap=ag.vmap, hessian=functional.hessian,
    jacrev=lambda f, argnums=0, **how: functional.jacobian(f, argnums, mode="reverse", **how),
    jacfwd=lambda f, argnums=0, **how: functional.jacobian(f, argnums, mode="forward", **how),
    stop_gradient=functional.stop_gradient, ones_like=ag.ones_like, sort=ag.sort,
)  # fmt: skip
THEIRS = SimpleNamespace(
    grad=jax.grad, value_and_grad=jax.value_and_grad, vjp=jax.vjp, jvp=jax.jvp, vmap=jax.vmap,
    hessian=jax.hessian, jacrev=jax.jacrev, jacfwd=jax.jacfwd,
    stop_gradient=jax.lax.stop_gradient, ones_like=jnp.ones_like, sort=jnp.sort,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _doubles() -> Any:
    with jax.enable_x64(True):
        yield


@cache
def of_jax(name: str) -> Any:
    """What JAX gives, once."""
    program, given = PROGRAMS[name]
    return program(THEIRS, jnp, jax.tree.map(jnp.asarray, given))


@pytest.mark.filterwarnings("ignore:Output seems independent")
@pytest.mark.parametrize("kind", ["Tensors", "arrays"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_transforms_gives_what_it_gives_in_jax(name: str, kind: str) -> None:
    program, given = PROGRAMS[name]
    wanted = of_jax(name)
    if kind == "Tensors":
        given = jax.tree.map(ag.Tensor, given)
    found = jax.tree.map(np.asarray, program(OURS, ag, given))
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    for y, want in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert (y.shape, y.dtype) == (want.shape, want.dtype)
        tolerance = 1e-9 if y.dtype.itemsize > 4 and y.dtype != "complex64" else 1e-4
        np.testing.assert_allclose(y, want, rtol=tolerance, atol=tolerance / 100)

"""A Jacobian as SciPy's operator has the products of the matrix that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError
from autograd.interop import linear_operator

pytest.importorskip("scipy")
RNG = np.random.default_rng(0)


def normal(*shape: int, of: str = "real") -> Any:
    return RNG.normal(size=shape) + (1j * RNG.normal(size=shape) if of == "complex" else 0)


M = normal(2, 3, of="complex")
JACOBIANS: dict[str, tuple[Any, Any, Any]] = {
    "real": (lambda x: ag.matmul(M.real, x), normal(3), M.real),
    "to complex": (lambda x: ag.matmul(M, x), normal(3), M),
    "complex": (lambda x: ag.matmul(M, x), normal(3, of="complex"), M),
    "to a number": (lambda x: x.sum(), normal(3), np.ones((1, 3))),
    "of a number": (lambda x: x * M[0].real, normal(), M[0].real[:, None]),
    "shaped": (lambda x: (x * 2).T, normal(2, 2), 2 * np.eye(4)[[0, 2, 1, 3]]),
    "empty": (lambda x: x * 2, normal(0), np.zeros((0, 0))),
    "constant": (lambda x: x.detach() * 1, normal(3), np.zeros((3, 3))),
}


@pytest.mark.parametrize("of", ["real", "complex"])
@pytest.mark.parametrize("name", JACOBIANS)
def test_products_are_those_of_the_matrix(name: str, of: str) -> None:
    f, x, matrix = JACOBIANS[name]
    operator = linear_operator(f, x)
    assert (operator.shape, operator.dtype) == (matrix.shape, matrix.dtype)
    m, n = matrix.shape
    v, u = normal(n, of=of), normal(m, of=of)
    np.testing.assert_allclose(operator @ v, matrix @ v, rtol=1e-12)
    np.testing.assert_allclose(operator.H @ u, matrix.conj().T @ u, rtol=1e-12)
    np.testing.assert_allclose(operator.T @ u, matrix.T @ u, rtol=1e-12)


@pytest.mark.parametrize("f", [lambda x: (x, x), lambda x: x.numpy(), lambda x: None])
def test_a_function_that_gives_no_tensor_is_told(f: Any) -> None:
    with pytest.raises(AutogradError, match="it must give one Tensor"):
        linear_operator(f, np.ones(2))

"""autograd.special and nn.torch.special beside torch.special, where PyTorch is exact itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import nn.torch as face

POINTS = np.array(
    [0.0, -0.0, 0.3, -0.3, 1.0, 2.5, -4.0, 10.0, -10.0, 30.0, 100.0, 1e-30, np.nan, -np.inf]
)
UNARY = """bessel_j0 bessel_j1 bessel_y0 bessel_y1 erfcx log_ndtr i0e i1e modified_bessel_i0
    modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0
    scaled_modified_bessel_k1 spherical_bessel_j0 ndtri entr"""
ROUGH = ("bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1")  # PyTorch's: to 2e-9 about 4 and 10
# NaN in PyTorch; 0, and infinite, here
AT_INFINITY = ("bessel_j0", "bessel_j1", "modified_bessel_i0", "modified_bessel_i1")
BINARY = ("gammainc", "gammaincc", "zeta", "xlog1py")
POLYNOMIALS = [name for name in dir(torch.special) if "_polynomial_" in name]


def same(found: object, wanted: torch.Tensor, tolerance: float) -> None:
    assert str(found.dtype) == str(wanted.dtype)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        found.numpy(),
        wanted.numpy(),
        rtol=tolerance,
        atol=tolerance,  # type: ignore[attr-defined]
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
@pytest.mark.parametrize("name", UNARY.split())
def test_a_function_of_one_is_pytorchs(name: str, dtype: str) -> None:
    points = POINTS[:-1] if name in AT_INFINITY else POINTS
    points = points if dtype[0] == "f" else np.array([0, 1, 2, 5])
    theirs = getattr(torch.special, name)(torch.tensor(points, dtype=getattr(torch, dtype)))
    ours = getattr(face.special, name)(face.tensor(points, dtype=getattr(face, dtype)))
    exact = 1e-8 if name in ROUGH else 1e-12
    same(ours, theirs, exact if dtype == "float64" else 2e-6)


@pytest.mark.parametrize("name", BINARY)
def test_a_function_of_two_is_pytorchs(name: str) -> None:
    numbers = np.array([0.5, 1, 2, 5, 30, 1e4])
    a, x = map(np.ravel, np.meshgrid(numbers, numbers * 1.5))
    theirs = getattr(torch.special, name)(torch.tensor(a), torch.tensor(x))
    ours = getattr(face.special, name)(
        face.tensor(a, dtype=face.float64), face.tensor(x, dtype=face.float64)
    )
    same(ours, theirs, 1e-9)  # to which PyTorch's own incomplete gamma functions are right
    mixed = getattr(torch.special, name)(torch.tensor([0.5, 2.0]), torch.tensor([1, 2]))
    same(getattr(face.special, name)(face.tensor([0.5, 2.0]), face.tensor([1, 2])), mixed, 1e-6)


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_are_pytorchs(name: str) -> None:
    x = np.array([-1.0, -0.7, 0.0, 0.3, 1.0, 1.5, -2.0])
    for n in (-1, 0, 1, 2, 7, 30):
        theirs = getattr(torch.special, name)(torch.tensor(x), n)
        same(getattr(face.special, name)(face.tensor(x, dtype=face.float64), n), theirs, 1e-9)
    theirs = getattr(torch.special, name)(torch.tensor([0.5]), torch.tensor([1, 2, 3]))
    same(getattr(face.special, name)(face.tensor([0.5]), face.tensor([1, 2, 3])), theirs, 1e-5)


@pytest.mark.parametrize("name", ["i0e", "i1e", "erfcx", "log_ndtr"])
def test_gradients_are_pytorchs(name: str) -> None:
    x = np.array([-3.0, -0.5, 0.5, 2.0, 9.0])
    theirs, ours = torch.tensor(x, requires_grad=True), face.tensor(x, dtype=face.float64)
    ours.requires_grad_()
    getattr(torch.special, name)(theirs).sum().backward()
    getattr(face.special, name)(ours).sum().backward()
    same(ours.grad, theirs.grad, 1e-11)


@pytest.mark.parametrize("name", ["igamma", "igammac"])
def test_incomplete_gamma_functions_are_methods_too(name: str) -> None:
    a, x = face.tensor([2.0, 3.0]), face.tensor([1.0, 4.0], requires_grad=True)
    b, y = torch.tensor([2.0, 3.0]), torch.tensor([1.0, 4.0], requires_grad=True)
    found, wanted = getattr(a, name)(x), getattr(b, name)(y)
    same(found.detach(), wanted.detach(), 1e-6)
    found.sum().backward()
    wanted.sum().backward()
    same(x.grad, y.grad, 1e-6)

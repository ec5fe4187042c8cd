"""Eigenvalues and eigenvectors of general matrices.

Rule after Boeddeker et al. (2017, "On the computation of complex-valued gradients with application
to statistically optimum beamforming"). Eigenvectors have length 1; their phase is a choice, and
only functions that do not depend on it have a gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.engine.typed import Tensor
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.linalg._checks import as_inexact, matrices
from autograd.ops.linalg._solve import inv


class EigResult(NamedTuple):
    """Eigenvalues, in no order, and the eigenvectors in columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def _over_gaps(x: Array, w: Array) -> Array:
    """x over the differences of eigenvalues off the diagonal; NaN where these coincide and x is."""
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    same = np.equal(gaps, 0)
    off = np.logical_and(same, np.logical_not(np.eye(np.shape(w)[-1], dtype=bool)))
    over = np.where(same, 0, x / np.where(same, 1, gaps))
    return np.where(np.logical_and(off, np.not_equal(x, 0)), np.nan, over)


def d_eig(g: tuple[Array, Array], x: Array, out: tuple[Array, Array]) -> Array:
    (of_w, of_v), (w, v) = g, out
    along = np.real(np.sum(of_v * v, axis=-2, keepdims=True))
    of_v = of_v - np.conj(v) * along
    on_diagonal = np.where(np.eye(np.shape(w)[-1], dtype=bool), np.expand_dims(of_w, -2), 0)
    inner = _over_gaps(v.mT @ of_v, w) + on_diagonal
    found = inv(v).mT @ inner @ v.mT
    return found if np.iscomplexobj(x) else np.real(found)


def apart(*shape: int) -> Array:
    """Matrices whose eigenvalues are real and far apart, for samples."""
    v = draw(*shape, seed=1) + 3 * np.eye(shape[-1])
    return v * np.arange(1.0, shape[-1] + 1) @ np.linalg.inv(v)


@op(
    "eig x",
    x=d_eig,
    outputs=2,
    samples=samples(
        lambda: sample(apart(3, 3)),
        lambda: sample(apart(2, 2, 2)),
        lambda: sample(draw(0, 2, 2), label="empty stack"),
    ),
    reference=lambda x: tuple(y.astype(complex) for y in np.linalg.eig(x)),
)
def _eig(x: Array, /) -> tuple[Array, Array]:
    x = as_inexact(x)
    w, v = np.linalg.eig(x)
    dtype = np.result_type(x, np.complex64)
    return w.astype(dtype), v.astype(dtype)


def eig(x: Array) -> EigResult:
    """Eigenvalues and eigenvectors of general square matrices; those of Hermitian ones: `eigh`.

    Vectors have length 1, and values no order. Where values coincide, what depends on the choice of
    vectors has the gradient NaN.

    Shape: (..., N, N) -> `EigResult` of eigenvalues (..., N) and eigenvectors (..., N, N) in
    columns; others raise MatrixError. Gives complex numbers, as the array API has it, where
    `np.linalg.eig` of a Tensor has real ones if all eigenvalues are. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.eig(ag.Tensor([[2.0, 1.0], [0.0, 3.0]])).eigenvalues
    Tensor([2.+0.j, 3.+0.j], dtype=complex64)
    """
    return EigResult(*_eig(matrices("eig", x, square=True)))


@composite(
    "eigenvalues of x",
    reference=lambda x: np.linalg.eigvals(x).astype(complex),
    samples=samples(
        lambda: sample(apart(3, 3)),
        lambda: sample(np.array([[0.2, -1.0], [1.0, 0.3]]), label="complex values"),
        lambda: sample(draw(3, 3, complex_=True), label="complex"),
    ),
)
def eigvals(x: Array, /) -> Array:
    """The eigenvalues of general square matrices, in no order.

    Shape: (..., N, N) -> (..., N); others raise MatrixError. Gives complex numbers, as the array
    API has it, where `np.linalg.eigvals` of a Tensor has real ones if all are. float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.eigvals(ag.Tensor([[2.0, 1.0], [0.0, 3.0]]))
    Tensor([2.+0.j, 3.+0.j], dtype=complex64)
    """
    return _eig(matrices("eigvals", x, square=True))[0]


def real_eig(x: Array) -> EigResult:
    """`np.linalg.eig`: real where all eigenvalues of a real matrix are."""
    w, v = eig(x)
    if np.iscomplexobj(x) or np.any(np.imag(w) != 0):
        return EigResult(w, v)
    return EigResult(np.real(w), np.real(v))


def real_eigvals(x: Array) -> Array:
    """`np.linalg.eigvals`: real where all of a real matrix are."""
    w = eigvals(x)
    return w if np.iscomplexobj(x) or np.any(np.imag(w) != 0) else np.real(w)


eig.numpys_own = real_eig  # type: ignore[attr-defined]
eigvals.numpys_own = real_eigvals  # type: ignore[attr-defined]

"""Determinants, with gradients that also hold where the matrix is singular.

det is a polynomial in the elements, so it is smooth everywhere; only the usual formula det(x) x⁻ᵀ
of its gradient breaks down. The gradient is the matrix of cofactors, which is found here through
the singular values (as in Townsend 2016, "Differentiating the singular value decomposition"):
for x = U S Vᴴ it is det(U) det(Vᴴ) · Ū P V̄ᴴ, where Pᵢ is the product of all other singular values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.op import Array, op
from autograd.ops.diagonals import trace
from autograd.ops.linalg_decompositions import inv
from autograd.samples import draw, sample, samples

__all__ = ["SlogdetResult", "det", "slogdet"]

_SQUARE = samples(
    lambda: sample(draw(3, 3)),
    lambda: sample(draw(2, 2, 2)),
    lambda: sample(draw(1, 1)),
    lambda: sample(draw(0, 3, 3), label="empty stack"),
    lambda: sample(draw(3, 3, complex_=True), label="complex"),
    lambda: sample(np.eye(3), label="identity"),
)


def _matrices(scalars: Array) -> Array:
    return np.expand_dims(scalars, (-2, -1))


def _without(s: Array, gone: int) -> Array:
    """Products of the singular values but one (n, ) or two (n, n)."""
    n = s.shape[-1]
    present = np.ones((n,) * gone + (n,), bool)
    for axis in range(gone):
        present[np.expand_dims(np.eye(n, dtype=bool), 1 - axis) if gone == 2 else np.eye(n, dtype=bool)] = False
    return np.prod(np.where(present, np.expand_dims(s, tuple(range(-gone - 1, -1))), 1), axis=-1)

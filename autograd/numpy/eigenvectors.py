"""Eigenvalues and eigenvectors, of general matrices by a rule, of Hermitian ones by their triangle.

NumPy reads one triangle of a Hermitian matrix, so that the gradient lies in it too. Rule of `eig`
after Boeddeker et al. (2017, "On the computation of complex-valued gradients with application to
statistically optimum beamforming"). Eigenvectors have length 1; only functions that do not depend
on their phase have a gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defvjp, primitive
from autograd.engine.operands import raw

eig = primitive(np.linalg.eig)


def _pullback(ans: Any, x: Any) -> Any:
    values, vectors = ans
    n = vectors.shape[-1]
    gaps = values[..., None, :] - values[..., None] + np.eye(n)
    off = 1.0 / gaps * (1.0 - np.eye(n))

    def pull(g: Any) -> Any:
        of_values, of_vectors = g
        along = np.real(np.sum(of_vectors * vectors, axis=-2, keepdims=True))
        of_vectors = of_vectors - np.conj(vectors) * along
        turned = off * (np.swapaxes(vectors, -1, -2) @ of_vectors)
        inner = turned + of_values[..., None, :] * np.eye(n)
        inverse = np.swapaxes(np.linalg.inv(vectors), -1, -2)
        found = inverse @ inner @ np.swapaxes(vectors, -1, -2)
        return found if np.iscomplexobj(getattr(x, "_value", x)) else np.real(found)

    return pull


defvjp(eig, _pullback)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues and eigenvectors of the Hermitian matrix in a triangle."""
    found = ag.linalg.eigh(a, UPLO)
    if UPLO.upper() == "L":
        return found
    values, vectors = found  # LAPACK chooses the signs by the triangle
    theirs = np.linalg.eigh(raw(a), "U").eigenvectors
    overlap = np.sum(np.conj(raw(vectors)) * theirs, axis=-2, keepdims=True)
    return type(found)(values, vectors * (overlap / np.abs(overlap)))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of the Hermitian matrix in a triangle."""
    return ag.linalg.eigvalsh(a, UPLO)

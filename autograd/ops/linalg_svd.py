"""The singular value decomposition.

The rule is that of Townsend (2016, "Differentiating the singular value decomposition"), with the
term of Wan and Zhang (2019, "Automatic differentiation for complex valued SVD") for the phases.

Singular vectors are only fixed up to a common sign (a phase, if complex), and within the space of a
repeated singular value not at all: only functions that do not depend on that choice have a true
gradient. The rule leaves the rotations within such a space out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.op import Array, composite, op
from autograd.ops.linalg_decompositions import adjoint, inverse_or_0
from autograd.samples import draw, sample, samples

__all__ = ["SVDResult", "svd", "svdvals"]


class SVDResult(NamedTuple):
    """x = U diag(S) Vh, with singular values in descending order."""

    U: Any
    S: Any
    Vh: Any


def d_svd(g: tuple[Array, Array, Array], out: tuple[Array, Array, Array]) -> Array:
    """Townsend (2016), eq. 13, with Wan and Zhang's (2019) term for the phases of complex vectors.

    Beyond the first k columns of U (rows of Vᴴ), where `full_matrices` gives them, a cotangent acts
    through the space that they span.
    """
    (u_all, s, vh_all), (gu_all, gs, gvh_all), k = out, g, out[1].shape[-1]
    u, gu, vh, gvh = u_all[..., :k], gu_all[..., :k], vh_all[..., :k, :], gvh_all[..., :k, :]
    rows, columns = u.shape[-2], vh.shape[-1]
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    f = inverse_or_0((row - column) * (row + column))
    a, b = u.mT @ gu, gvh @ vh.mT
    phase = np.diagonal(a - adjoint(a), axis1=-2, axis2=-1) * inverse_or_0(2 * s)
    core = f * (a - adjoint(a)) * row + column * (f * (adjoint(b) - b))
    conj_u, conj_vh = np.conj(u), np.conj(vh)
    left = conj_u @ core + conj_u * np.expand_dims(gs + phase, -2)
    if rows > k:
        beyond = gu - conj_u @ a - np.conj(u_all[..., k:] @ (gu_all[..., k:].mT @ u))
        left = left + beyond * inverse_or_0(row)
    result = left @ conj_vh
    if columns > k:
        beyond = gvh - b @ conj_vh - np.conj((vh @ gvh_all[..., k:, :].mT) @ vh_all[..., k:, :])
        result = result + conj_u @ (inverse_or_0(column) * beyond)
    return result


@op(
    "U S Vᴴ",
    x=d_svd,
    outputs=3,
    samples=samples(
        lambda: sample(draw(3, 3)),
        lambda: sample(draw(4, 2), full_matrices=False),
        lambda: sample(draw(2, 2, 3), full_matrices=False),
        lambda: sample(draw(0, 3, 2), full_matrices=False, label="empty stack"),
    ),
    reference=lambda x, full_matrices=True: tuple(np.linalg.svd(x, full_matrices)),
)
def _svd(x: Array, /, full_matrices: bool = True) -> tuple[Array, Array, Array]:
    u, s, vh = np.linalg.svd(x, full_matrices)
    return u, s, vh


def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition x = U diag(S) Vh, or S alone without `compute_uv`.

    With `full_matrices` U and Vh are square. The columns that this adds are any basis of the rest
    of the space: only what depends on the space alone has a gradient. Prefer False.

    >>> import autograd as ag
    >>> ag.linalg.svd(ag.Tensor([[3.0, 0.0], [0.0, 4.0]])).S
    Tensor([4., 3.], dtype=float32)
    """
    return SVDResult(*_svd(x, full_matrices)) if compute_uv else svdvals(x)


@composite(
    "σ(x)",
    samples=samples(
        lambda: sample(draw(3, 2)),
        lambda: sample(draw(2, 2, 3)),
        lambda: sample(draw(0, 3, 2), label="empty stack"),
        lambda: sample(draw(3, 2, complex_=True), label="complex"),
    ),
    reference="numpy.linalg.svdvals",
)
def svdvals(x: Array, /) -> Array:
    """The singular values in descending order.

    >>> import autograd as ag
    >>> ag.linalg.svdvals(ag.Tensor([[3.0, 0.0], [0.0, 4.0]]))
    Tensor([4., 3.], dtype=float32)
    """
    return _svd(x, full_matrices=False)[1]

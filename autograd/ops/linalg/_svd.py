"""The singular value decomposition.

The rule is that of Townsend (2016, "Differentiating the singular value decomposition"), with the
term of Wan and Zhang (2019, "Automatic differentiation for complex valued SVD") for the phases.

Singular vectors are only fixed up to a common sign (a phase, if complex), and within the space of a
repeated singular value not at all: only functions that do not depend on that choice have a
gradient. It is a limit (see autograd/sweep/limits.py).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, overload

import numpy as np

from autograd.engine.node import Ties
from autograd.engine.typed import Tensor
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.linalg._checks import matrices
from autograd.ops.linalg._decompositions import adjoint
from autograd.ops.linalg._ties import Point, may_tie, tied, turns_among


class SVDResult(NamedTuple):
    """x = U diag(S) Vh, with singular values in descending order."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def d_svd(g: tuple[Array, Array, Array], out: tuple[Array, Array, Array]) -> Array:
    """Townsend (2016), eq. 13, with Wan and Zhang's (2019) term for the phases of complex vectors.

    Beyond the first k columns of U (rows of Vᴴ), where `full_matrices` gives them, a cotangent acts
    through the space that they span.
    """
    (u_all, s, vh_all), k = out, out[1].shape[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    rows, columns = u.shape[-2], vh.shape[-1]
    conj_u, conj_vh = np.conj(u), np.conj(vh)

    def turns(g: Any) -> tuple[Array, Array]:
        """What the cotangents say of turning the columns of U, and those of V."""
        a, b = u.mT @ g[0][..., :k], g[2][..., :k, :] @ vh.mT
        return a - adjoint(a), adjoint(b) - b

    def beyond_u(g: Any) -> Array:
        gu, rest = g[0][..., :k], g[0][..., k:]
        return gu - conj_u @ (u.mT @ gu) - np.conj(u_all[..., k:] @ (rest.mT @ u))

    def beyond_v(g: Any) -> Array:
        gvh, rest = g[2][..., :k, :], g[2][..., k:, :]
        return gvh - (gvh @ vh.mT) @ conj_vh - np.conj((vh @ rest.mT) @ vh_all[..., k:, :])

    has_ties = hasattr(g, "ties")
    point = Point("svd", g, s, has_ties, _strays(g, out) if has_ties else None)
    core = point.over(lambda g: np.add(*turns(g)) / 2, _differences, among=True)
    core = core + point.over(lambda g: np.subtract(*turns(g)) / 2, _sums)
    left = conj_u @ core + conj_u * np.expand_dims(g[1], -2)
    if rows > k:
        left = left + point.over(beyond_u, lambda s: np.expand_dims(s, -2))
    result = left @ conj_vh
    if columns > k:
        result = result + conj_u @ point.over(beyond_v, lambda s: np.expand_dims(s, -1))
    return result


def _strays(g: Any, out: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """By how much the cotangents of U and Vᴴ do not turn as these do."""
    u, _, vh = out
    of_u = adjoint(u) @ g.ties.turn[0]
    of_vh = g.ties.turn[2] @ adjoint(vh)
    return (
        g.turning[0] - g[0] @ np.conj(of_u),
        g.turning[1],
        g.turning[2] - np.conj(of_vh) @ g[2],
    )


def t_svd(t: Array, out: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    (u_all, s, vh_all), k = out, out[1].shape[-1]
    u, vh = u_all[..., :k], vh_all[..., :k, :]
    inside = adjoint(u) @ t @ adjoint(vh)
    point = Point("svd", inside, s, may_tie(s, or_vanish=True))
    alike = point.over(lambda p: (p + adjoint(p)) / 2, _differences, among=True, free=True)
    apart = point.over(lambda p: (p - adjoint(p)) / 2, _sums, free=True)
    along_u, along_v = u @ (alike + apart), adjoint(alike - apart) @ vh
    out_of_u = t @ adjoint(vh) - u @ inside
    out_of_v = adjoint(u) @ t - inside @ vh
    du = along_u + point.over(lambda _: out_of_u, lambda s: np.expand_dims(s, -2), free=True)
    dvh = along_v + point.over(lambda _: out_of_v, lambda s: np.expand_dims(s, -1), free=True)
    rest_u, rest_v = u_all[..., k:], vh_all[..., k:, :]
    du = np.concatenate([du, -u @ (adjoint(du) @ rest_u)], axis=-1)
    dvh = np.concatenate([dvh, -(rest_v @ adjoint(dvh)) @ vh], axis=-2)
    return du, np.real(np.diagonal(inside, axis1=-2, axis2=-1)), dvh


def _differences(s: Array) -> Array:
    return np.expand_dims(s, -2) - np.expand_dims(s, -1)


def _sums(s: Array) -> Array:
    return np.expand_dims(s, -2) + np.expand_dims(s, -1)


def ties_of_svd(out: tuple[Array, Array, Array]) -> Ties | None:
    """Where singular values coincide, or are 0: they part from each other and from 0.

    The vectors turn among each other, on both sides alike, or at 0 each side as it likes.
    """
    u, s, vh = out
    if not may_tie(s, or_vanish=True):
        return None
    if not tied(np.concatenate([s[..., 1:] - s[..., :-1], s[..., -1:]], axis=-1), s).any():
        return None
    k = s.shape[-1]
    turn_u = turn_v = turns_among(tied(_differences(s), s), u)
    turn_v = np.where(tied(_sums(s), s), turns_among(tied(_sums(s), s), u, 1), turn_v)
    turns = {0: np.zeros_like(u), 2: np.zeros_like(vh)}
    turns[0][..., :k] = u[..., :k] @ turn_u
    turns[2][..., :k, :] = adjoint(turn_v) @ vh[..., :k, :]
    return Ties(1, np.arange(1, k + 1, dtype=s.dtype), turns)


@op(
    "U S Vᴴ",
    x=d_svd,
    jvp={"x": t_svd},
    outputs=3,
    ties=ties_of_svd,
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


@overload
def svd(
    x: Array,
    full_matrices: bool = True,
    compute_uv: Literal[True] = True,
    hermitian: bool = False,
) -> SVDResult: ...
@overload
def svd(
    x: Array, full_matrices: bool = True, *, compute_uv: Literal[False], hermitian: bool = False
) -> Tensor: ...
@overload
def svd(
    x: Array, full_matrices: bool, compute_uv: Literal[False], hermitian: bool = False
) -> Tensor: ...
def svd(
    x: Array, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The singular value decomposition x = U diag(S) Vh, or S alone without `compute_uv`.

    With `full_matrices` U and Vh are square. The columns that this adds are any basis of the rest
    of the space: only what depends on the space alone has a gradient. Prefer False. Where singular
    values coincide, see `eigh`. `hermitian` says that x is so: it counts as (x + xᴴ) / 2.

    Shape: (..., M, N) -> (..., M, K), (..., K), (..., K, N) with K = min(M, N), as `SVDResult(U, S,
    Vh)`; a vector raises MatrixError. S is real, integers give floats; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.svd(ag.Tensor([[3.0, 0.0], [0.0, 4.0]])).S
    Tensor([4., 3.], dtype=float32)
    """
    if hermitian:
        x = matrices("svd", x, square=True)
        x = (x + np.conj(x).mT) / 2
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

    Where they coincide, the gradient is that of the vectors at hand.

    Shape: (..., M, N) -> (..., min(M, N)); a vector raises MatrixError. Integers give floats,
    complex numbers give real ones; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.svdvals(ag.Tensor([[3.0, 0.0], [0.0, 4.0]]))
    Tensor([4., 3.], dtype=float32)
    """
    return _svd(x, full_matrices=False)[1]

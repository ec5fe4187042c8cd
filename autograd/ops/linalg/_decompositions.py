"""Decompositions: Cholesky, QR, the symmetric eigenvalue problem.

Rules after Giles (2008), Murray (2016, "Differentiation of the Cholesky decomposition") and Seeger
et al. (2017, "Auto-differentiating linear algebra").
`cholesky` and `eigh` take the Hermitian part of their input, so that gradients are Hermitian too.

Eigenvectors are only fixed up to a sign (a phase, if complex), and within the space of a repeated
eigenvalue not at all: only functions that do not depend on that choice have a gradient. It is a
limit (see autograd/sweep/limits.py).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, overload

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.engine.node import Ties
from autograd.engine.trail import computed
from autograd.engine.typed import Tensor
from autograd.errors import UnsupportedError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.matrix.triangular import solve_triangular
from autograd.ops.linalg._checks import as_inexact, matrices
from autograd.ops.linalg._solve import solve
from autograd.ops.linalg._ties import (
    Point,
    check_independent,
    inverse_or_0,
    may_tie,
    tied,
    turns_among,
)


def adjoint(x: Array) -> Array:
    """The conjugate transpose."""
    if np.ndim(x) < 2:
        raise np.linalg.LinAlgError(f"x is {np.shape(x)}; it must be a matrix, or a stack of them")
    return np.conj(x).mT if np.iscomplexobj(x) else x.mT


def hermitian(x: Array) -> Array:
    """The Hermitian part, (x + xᴴ) / 2; for real x the symmetric part."""
    return (x + adjoint(x)) / 2


def lower_half(x: Array) -> Array:
    """The lower triangle with half of the diagonal."""
    return (np.tril(x) + np.tril(x, -1)) / 2


def _triangular(a: Array, b: Array, lower: bool) -> Array:
    """a⁻¹ @ b for triangular a."""
    if type(a) is np.ndarray and type(b) is np.ndarray:
        return solve_triangular(a, b, lower)
    return solve(a, b)


def _times_inverse(x: Array, a: Array, lower: bool) -> Array:
    """x @ a⁻¹ for triangular a."""
    return _triangular(a.mT, x.mT, not lower).mT


def positive(*shape: int, complex_: bool = False) -> Array:
    """Positive definite matrices, for samples."""
    x = draw(*shape, complex_=complex_)
    return x @ adjoint(x) + np.eye(shape[-1])


def d_cholesky(g: Array, out: Array) -> Array:
    middle = _triangular(out.mT, lower_half(out.mT @ g), lower=False)
    return hermitian(_times_inverse(middle, np.conj(out), lower=True))


@op(
    "chol x",
    x=d_cholesky,
    samples=samples(
        lambda: sample(positive(3, 3)),
        lambda: sample(positive(2, 2, 2)),
        lambda: sample(positive(1, 1)),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
        lambda: sample(positive(3, 3, complex_=True), label="complex"),
    ),
    reference=lambda x: np.linalg.cholesky((x + np.conj(x).mT) / 2),
)
def _cholesky(x: Array, /) -> Array:
    return np.linalg.cholesky(hermitian(as_inexact(x)))


def cholesky(x: Array, upper: bool = False) -> Tensor:
    """The lower triangular L with L Lᴴ = x for positive definite x (its adjoint with `upper`).

    A matrix that is not positive definite raises numpy.linalg.LinAlgError. x counts as (x + xᴴ) /
    2.

    Shape: (..., N, N) -> the same; others raise MatrixError. Integers give floats. float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.cholesky(ag.Tensor([[4.0, 2.0], [2.0, 2.0]]))
    Tensor([[2., 0.],
            [1., 1.]], dtype=float32)
    """
    x = matrices("cholesky", x, square=True)
    lower = _cholesky(x)
    return adjoint(lower) if upper else lower


class QRResult(NamedTuple):
    """Orthonormal columns Q and upper triangular R with x = Q R."""

    Q: Tensor
    R: Tensor


def d_qr(g: tuple[Array, Array], out: tuple[Array, Array]) -> Array:
    q, r = out
    n = q.mT @ g[0] - g[1] @ r.mT
    inside = g[0] + np.conj(q) @ (lower_half(n - adjoint(n)) - n)
    check_independent("qr", r)
    return _times_inverse(inside, r.mT, lower=True)


@op(
    "Q R",
    x=d_qr,
    outputs=2,
    samples=samples(
        lambda: sample(draw(3, 3)),
        lambda: sample(draw(4, 2)),
        lambda: sample(draw(2, 3, 2)),
        lambda: sample(draw(0, 3, 2), label="empty stack"),
        lambda: sample(draw(4, 3, complex_=True), label="complex"),
    ),
    reference=lambda x: tuple(np.linalg.qr(x)),
)
def _qr(x: Array, /) -> tuple[Array, Array]:
    q, r = np.linalg.qr(x)
    return q, r


@overload
def qr(x: Array, mode: Literal["reduced", "complete"] = "reduced") -> QRResult: ...
@overload
def qr(x: Array, mode: str) -> Any: ...
def qr(x: Array, mode: str = "reduced") -> Any:
    """x = Q R with orthonormal columns in Q and upper triangular R.

    `mode` is 'reduced', 'r' (R alone), or 'complete', where Q is square; the columns that this adds
    are any basis of the rest of the space: only what depends on the space has a gradient. The first
    min(M, N) columns must be independent, or backward raises numpy.linalg.LinAlgError. 'raw' is not
    recorded.

    Shape: (..., M, N) -> (..., M, K), (..., K, N) with K = min(M, N), or M, as `QRResult(Q, R)`; a
    vector raises MatrixError. Integers give floats. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.qr(ag.Tensor([[0.0, 1.0], [2.0, 0.0]])).R.shape
    (2, 2)
    """
    x = matrices("qr", x)
    check_choice("qr: mode", mode, ("reduced", "complete", "r", "raw"))
    rows, columns = np.shape(x)[-2:]
    q: Array
    r: Array
    if mode == "raw":
        raise UnsupportedError("qr: mode='raw' is not recorded; use 'reduced'")
    if rows < columns:
        q, left = _qr(x[..., :rows])
        r = np.concatenate([left, adjoint(q) @ x[..., rows:]], axis=-1)
    else:
        q, r = _qr(x)
    if mode == "complete" and rows > columns:
        q = np.concatenate([q, _rest_of_space(q)], axis=-1)
        r = np.concatenate(
            [r, np.zeros((*r.shape[:-2], rows - columns, columns), r.dtype)], axis=-2
        )
    return r if mode == "r" else QRResult(q, r)


def _rest_of_space(q: Array) -> Array:
    """Orthonormal columns beside those of q, that turn no more than they must when q moves."""
    columns = q.shape[-1]
    basis = computed(lambda a: np.linalg.qr(a, mode="complete")[0][..., columns:], q)
    rest = basis - q @ (adjoint(q) @ basis)
    return _times_inverse(rest, adjoint(cholesky(adjoint(rest) @ rest)), lower=False)


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and the eigenvectors in columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def _gaps(w: Array) -> Array:
    return np.expand_dims(w, -2) - np.expand_dims(w, -1)


def d_eigh(g: Any, out: tuple[Array, Array]) -> Array:
    w, v = out

    def turn(g: Any) -> Array:
        """What the cotangents say of turning the vectors among each other."""
        turned = v.mT @ g[1]
        return (turned - adjoint(turned)) / 2

    if hasattr(g, "ties"):
        rotation = np.conj(v).mT @ g.ties.turn[1]
        strays = (g.turning[0], g.turning[1] - g[1] @ np.conj(rotation))
        core = Point("eigh", g, w, True, strays).over(turn, _gaps, among=True)
    else:  # the Hermitian part, taken below, is the same
        core = inverse_or_0(_gaps(w)) * (v.mT @ g[1])
    conj = np.conj(v)
    return hermitian((conj * np.expand_dims(g[0], -2) + conj @ core) @ v.mT)


def t_eigh(t: Array, out: tuple[Array, Array]) -> tuple[Array, Array]:
    w, v = out
    inside = np.conj(v).mT @ hermitian(t) @ v
    point = Point("eigh", inside, w, may_tie(w))
    core = point.over(lambda inside: inside, _gaps, among=True, free=True)
    return np.real(np.diagonal(inside, axis1=-2, axis2=-1)), v @ core


def ties_of_eigh(out: tuple[Array, Array]) -> Ties | None:
    """Where eigenvalues coincide: they part one by one, and the vectors turn among each other."""
    w, v = out
    if not may_tie(w) or not tied(w[..., 1:] - w[..., :-1], w).any():
        return None
    part = np.arange(w.shape[-1], dtype=w.dtype)
    return Ties(0, part, {1: v @ turns_among(tied(_gaps(w), w), v)})


@op(
    "eigh x",
    x=d_eigh,
    jvp={"x": t_eigh},
    outputs=2,
    ties=ties_of_eigh,
    samples=samples(
        lambda: sample(positive(3, 3)),
        lambda: sample(positive(2, 2, 2)),
        lambda: sample(draw(1, 1)),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
    ),
    reference=lambda x: tuple(np.linalg.eigh((x + np.conj(x).mT) / 2)),
)
def _eigh(x: Array, /) -> tuple[Array, Array]:
    w, v = np.linalg.eigh(hermitian(as_inexact(x)))
    return w, v


def eigh(x: Array, UPLO: str | None = None) -> EighResult:
    """Eigenvalues and eigenvectors of Hermitian (or real symmetric) matrices.

    x counts as (x + xᴴ) / 2. With `UPLO` only its lower ('L') or upper ('U') triangle is read, and
    has a gradient. Where eigenvalues coincide, only what does not depend on the choice of vectors
    has a gradient; else it is NaN, with a RuntimeWarning.

    Shape: (..., N, N) -> `EighResult` of eigenvalues (..., N), ascending, and eigenvectors (..., N,
    N) in columns; others raise MatrixError. The eigenvalues are real, integers give floats; float16
    raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.eigh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    Tensor([1., 2.], dtype=float32)
    """
    x = matrices("eigh", x, square=True)
    if UPLO is not None:
        x = _mirrored(x, check_choice("eigh: UPLO", UPLO, ("L", "U", "l", "u")))
    return EighResult(*_eigh(x))


def _mirrored(x: Array, triangle: str) -> Array:
    if triangle.upper() == "L":
        return np.tril(x) + adjoint(np.tril(x, -1))
    return np.triu(x) + adjoint(np.triu(x, 1))


@composite(
    "λ(x)",
    samples=samples(
        lambda: sample(positive(3, 3)),
        lambda: sample(draw(2, 3, 3), UPLO="L"),
        lambda: sample(draw(3, 3), UPLO="U"),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
        lambda: sample(positive(3, 3, complex_=True), label="complex"),
        lambda: sample(draw(3, 3, complex_=True), UPLO="L", label="complex lower"),
    ),
    reference=lambda x, UPLO=None: np.linalg.eigvalsh(
        x if UPLO else (x + np.conj(x).mT) / 2, UPLO or "L"
    ),
)
def eigvalsh(x: Array, /, UPLO: str | None = None) -> Array:
    """The eigenvalues of Hermitian (or real symmetric) matrices, in ascending order; see `eigh`.

    Where they coincide, the gradient is that of the vectors at hand. `UPLO` is that of `eigh`.

    Shape: (..., N, N) -> (..., N); others raise MatrixError. Integers give floats, complex numbers
    give real ones; float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.eigvalsh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]]))
    Tensor([1., 2.], dtype=float32)
    """
    x = matrices("eigvalsh", x, square=True)
    return eigh(x, UPLO).eigenvalues

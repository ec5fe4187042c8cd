"""Decompositions: Cholesky, QR, the symmetric eigenvalue problem.

Rules after Giles (2008), Murray (2016, "Differentiation of the Cholesky decomposition") and Seeger
et al. (2017, "Auto-differentiating linear algebra").
`cholesky` and `eigh` take the Hermitian part of their input, so that gradients are Hermitian too.

Eigenvectors are only fixed up to a sign (a phase, if complex), and within the space of a repeated
eigenvalue not at all: only functions that do not depend on that choice have a true gradient. The
rule leaves the rotations within such a space out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.diagnose import check_choice
from autograd.errors import UnsupportedError
from autograd.op import Array, composite, op
from autograd.ops.linalg_solve import solve
from autograd.samples import draw, sample, samples

__all__ = [
    "EighResult",
    "QRResult",
    "cholesky",
    "eigh",
    "eigvalsh",
    "qr",
]


def adjoint(x: Array) -> Array:
    """The conjugate transpose."""
    return np.conj(x).mT if np.iscomplexobj(x) else x.mT


def hermitian(x: Array) -> Array:
    """The Hermitian part, (x + xᴴ) / 2; for real x the symmetric part."""
    return (x + adjoint(x)) / 2


def inverse_or_0(x: Array) -> Array:
    """1 / x, and 0 where x is 0."""
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))


def lower_half(x: Array) -> Array:
    """The lower triangle with half of the diagonal."""
    return (np.tril(x) + np.tril(x, -1)) / 2


def _times_inverse(x: Array, a: Array) -> Array:
    """x @ a⁻¹."""
    return solve(a.mT, x.mT).mT


def positive(*shape: int, complex_: bool = False) -> Array:
    """Positive definite matrices, for samples."""
    x = draw(*shape, complex_=complex_)
    return x @ adjoint(x) + np.eye(shape[-1])


def d_cholesky(g: Array, out: Array) -> Array:
    middle = solve(out.mT, lower_half(out.mT @ g))
    return hermitian(_times_inverse(middle, np.conj(out)))


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
    return np.linalg.cholesky(hermitian(x))


def cholesky(x: Array, upper: bool = False) -> Array:
    """The lower triangular L with L Lᴴ = x for positive definite x (its adjoint with `upper`).

    Raises LinAlgError for a matrix that is not positive definite. x counts as (x + xᴴ) / 2.

    >>> import autograd as ag
    >>> ag.linalg.cholesky(ag.Tensor([[4.0, 2.0], [2.0, 2.0]]))
    Tensor([[2., 0.],
            [1., 1.]], dtype=float32)
    """
    lower = _cholesky(x)
    return adjoint(lower) if upper else lower


class QRResult(NamedTuple):
    """Orthonormal columns Q and upper triangular R with x = Q R."""

    Q: Any
    R: Any


def d_qr(g: tuple[Array, Array], out: tuple[Array, Array]) -> Array:
    q, r = out
    n = q.mT @ g[0] - g[1] @ r.mT
    inside = g[0] + np.conj(q) @ (lower_half(n - adjoint(n)) - n)
    return _times_inverse(inside, r.mT)


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


def qr(x: Array, mode: str = "reduced") -> Any:
    """x = Q R with orthonormal columns in Q and upper triangular R.

    `mode` is 'reduced', 'r' (R alone), or 'complete' where that is the same (no more rows than
    columns). The first min(m, n) columns must be independent.

    >>> import autograd as ag
    >>> ag.linalg.qr(ag.Tensor([[0.0, 1.0], [2.0, 0.0]])).R.shape
    (2, 2)
    """
    rows, columns = np.shape(x)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and rows <= columns):
        raise UnsupportedError(
            f"qr: mode={mode!r} is not recorded for {rows} x {columns} matrices; use 'reduced'"
        )
    if rows < columns:
        q, left = _qr(x[..., :rows])
        r = np.concatenate([left, adjoint(q) @ x[..., rows:]], axis=-1)
    else:
        q, r = _qr(x)
    return r if mode == "r" else QRResult(q, r)


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and the eigenvectors in columns."""

    eigenvalues: Any
    eigenvectors: Any


def d_eigh(g: tuple[Array, Array], out: tuple[Array, Array]) -> Array:
    w, v = out
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    turn = inverse_or_0(gaps) * (v.mT @ g[1])
    conj = np.conj(v)
    return hermitian((conj * np.expand_dims(g[0], -2) + conj @ turn) @ v.mT)


@op(
    "eigh x",
    x=d_eigh,
    outputs=2,
    samples=samples(
        lambda: sample(positive(3, 3)),
        lambda: sample(positive(2, 2, 2)),
        lambda: sample(draw(1, 1)),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
    ),
    reference=lambda x: tuple(np.linalg.eigh((x + np.conj(x).mT) / 2)),
)
def _eigh(x: Array, /) -> tuple[Array, Array]:
    w, v = np.linalg.eigh(hermitian(x))
    return w, v


def eigh(x: Array, UPLO: str | None = None) -> EighResult:
    """Eigenvalues and eigenvectors of Hermitian (or real symmetric) matrices.

    x counts as (x + xᴴ) / 2. With `UPLO` only its lower ('L') or upper ('U') triangle is read, and
    has a gradient.

    >>> import autograd as ag
    >>> ag.linalg.eigh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues
    Tensor([1., 2.], dtype=float32)
    """
    if UPLO is not None:
        x = _mirrored(x, UPLO)
    return EighResult(*_eigh(x))


def _mirrored(x: Array, triangle: str) -> Array:
    check_choice("UPLO", triangle.upper(), ("L", "U"))
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

    >>> import autograd as ag
    >>> ag.linalg.eigvalsh(ag.Tensor([[2.0, 0.0], [0.0, 1.0]]))
    Tensor([1., 2.], dtype=float32)
    """
    return eigh(x, UPLO).eigenvalues

"""Polynomials by their coefficients, the highest power first; convolutions, which multiply them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.trail import seen
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples

_TWO = samples(lambda: sample(draw(3), draw(2)), lambda: sample(draw(2), draw(4)))


def _row(x: Array, name: str) -> Array:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if np.ndim(x) > 1:
        raise ShapeError(f"{name}: x is {np.shape(x)}; a row of numbers is needed")
    return x if np.ndim(x) else x.reshape((1,))


@composite(
    "Σ pᵢ xⁱ",
    samples=samples(
        lambda: sample(draw(4), draw(2, 3)),
        lambda: sample(draw(1), draw()),
    ),
)
def polyval(p: Array, x: Array, /) -> Array:
    """The value of a polynomial at x, by Horner's rule; `p` are its coefficients.

    Shape: (N,) and any -> that of x. The highest power comes first.

    >>> import autograd as ag
    >>> ag.polyval(ag.Tensor([1.0, 0.0, -1.0]), ag.Tensor([2.0, 3.0]))
    Tensor([3., 8.], dtype=float32)
    """
    value = np.zeros_like(x)
    for coefficient in _row(p, "polyval"):
        value = value * x + coefficient
    return value


def _powers(p: Array) -> Any:
    """n, n − 1, …, 1 for n coefficients."""
    return np.arange(np.shape(p)[0], 0, -1, dtype=p.dtype if p.dtype.kind in "fc" else None)


def _padded(p: Array, length: int) -> Array:
    missing = length - np.shape(p)[0]
    return np.concatenate([np.zeros(missing, p.dtype), p]) if missing else p


@composite("p + q", samples=_TWO)
def polyadd(p: Array, q: Array, /) -> Array:
    """The coefficients of the sum of two polynomials, `p` and `q`.

    Shape: (N,) and (M,) -> (`max(N, M)`,). The highest power comes first.

    >>> import autograd as ag
    >>> ag.polyadd(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0]))
    Tensor([1., 5.], dtype=float32)
    """
    p, q = _row(p, "polyadd"), _row(q, "polyadd")
    length = max(np.shape(p)[0], np.shape(q)[0])
    return _padded(p, length) + _padded(q, length)


@composite("p − q", samples=_TWO)
def polysub(p: Array, q: Array, /) -> Array:
    """The coefficients of the difference of two polynomials, `p` and `q`.

    Shape: (N,) and (M,) -> (`max(N, M)`,). The highest power comes first. Booleans raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.polysub(ag.Tensor([1.0, 2.0]), ag.Tensor([3.0]))
    Tensor([ 1., -1.], dtype=float32)
    """
    p, q = _row(p, "polysub"), _row(q, "polysub")
    length = max(np.shape(p)[0], np.shape(q)[0])
    return _padded(p, length) - _padded(q, length)


def _trimmed(p: Array) -> Array:
    """Coefficients from the first that is not 0 on."""
    found = np.flatnonzero(seen(p))
    return p[int(found[0]) :] if np.size(found) else p[-1:]


@composite("p · q", counts=True, samples=_TWO)
def polymul(p: Array, q: Array, /) -> Array:
    """The coefficients of the product of two polynomials, `p` and `q`.

    Shape: (N,) and (M,) -> (N + M - `1`,). The highest power comes first; zeros before it are left
    out.

    >>> import autograd as ag
    >>> ag.polymul(ag.Tensor([1.0, 1.0]), ag.Tensor([1.0, -1.0]))
    Tensor([ 1.,  0., -1.], dtype=float32)
    """
    return convolve(_trimmed(_row(p, "polymul")), _trimmed(_row(q, "polymul")))


@composite(
    "p′",
    samples=samples(
        lambda: sample(draw(4)), lambda: sample(draw(4), m=2), lambda: sample(draw(2), m=0)
    ),
)
def polyder(p: Array, /, m: int = 1) -> Array:
    """The coefficients of the m-th derivative of a polynomial, `p`.

    `m` is not negative.

    Shape: (N,) -> (N - `m`,), or (0,) where nothing is left. Small integers and booleans are
    multiplied in int64.

    >>> import autograd as ag
    >>> ag.polyder(ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([2., 2.], dtype=float32)
    """
    if m < 0:
        raise ArgumentError(f"polyder: m is {m}, and there is no such derivative; see polyint")
    p = _row(p, "polyder")
    for _ in range(m):
        p = p[:-1] * _powers(p[:-1])
    return p


@composite(
    "∫ p",
    samples=samples(
        lambda: sample(draw(3)),
        lambda: sample(draw(3), m=2, k=[1.0, 2.0]),
    ),
)
def polyint(p: Array, /, m: int = 1, k: Any = None) -> Array:
    """The coefficients of the m-th integral of a polynomial, `p`.

    `k` are the constants of integration, the first of them that of the first; None means 0.

    Shape: (N,) -> (N + `m`,). Integers give floats.

    >>> import autograd as ag
    >>> ag.polyint(ag.Tensor([2.0, 2.0]))
    Tensor([1., 2., 0.], dtype=float32)
    """
    if m < 0:
        raise ArgumentError(f"polyint: m is {m}, and there is no such integral; see polyder")
    p = _row(p, "polyint")
    constants = [0] * m if k is None else [k] * m if np.ndim(k) == 0 else list(k)
    if len(constants) < m:
        raise ArgumentError(f"polyint: {m} constants of integration are needed, k has fewer")
    for constant in constants[:m]:
        p = p / _powers(p)
        last = constant if hasattr(constant, "dtype") else np.asarray(constant, p.dtype)
        p = np.concatenate([p, np.reshape(last, (1,))])
    return p


@composite(
    "1, x, x², …",
    samples=samples(
        lambda: sample(draw(3)),
        lambda: sample(draw(3), n=2, increasing=True),
        lambda: sample(draw(2), n=4),
    ),
    reference=lambda x, n=None, increasing=False: np.vander(x, n, increasing),
)
def vander(x: Array, /, n: int | None = None, increasing: bool = False) -> Array:
    """The matrix whose rows are the powers of the elements of x: `n` of them, or as many as x has.

    The highest comes first, unless `increasing`.

    Shape: (M,) -> (M, `n`).

    >>> import autograd as ag
    >>> ag.vander(ag.Tensor([2.0, 3.0]), 3)
    Tensor([[4., 2., 1.],
            [9., 3., 1.]], dtype=float32)
    """
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if np.ndim(x) != 1:
        raise ShapeError(f"vander: x is {np.shape(x)}; a row of numbers is needed")
    count = np.shape(x)[0] if n is None else n
    powers = [np.ones_like(x)]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    if not count:
        return np.zeros_like(x, shape=(np.shape(x)[0], 0))
    return np.stack(powers if increasing else powers[::-1], axis=1)


_MODES = ("full", "same", "valid")


def d_convolve_x(g: Array, y: Array, x_shape: tuple[int, ...]) -> Array:
    """The cotangent of x: g correlated with y, of which those places count that x has."""
    return convolve(g, np.flip(y))[np.shape(y)[0] - 1 : np.shape(y)[0] - 1 + x_shape[0]]


@op(
    "x ∗ y",
    x=lambda g, y, x_shape: d_convolve_x(g, y, x_shape),
    y=lambda g, x, y_shape: d_convolve_x(g, x, y_shape),
    multilinear=True,
    samples=samples(
        lambda: sample(draw(4), draw(2)),
        lambda: sample(draw(2), draw(3)),
        lambda: sample(draw(3, complex_=True), draw(2, complex_=True), label="complex"),
    ),
    reference="numpy.convolve",
)
def _convolve(x: Array, y: Array, /) -> Array:
    return np.convolve(x, y)


def _part(whole: Array, n: int, m: int, mode: str, name: str) -> Array:
    """Of a full convolution of n with m elements what a mode asks for."""
    modes = {0: "valid", 1: "same", 2: "full"}
    mode = modes.get(mode, mode) if isinstance(mode, int) else mode
    if mode not in _MODES:
        raise ArgumentError(f"{name}: mode is one of {', '.join(_MODES)}, not {mode!r}")
    if mode == "full":
        return whole
    longest, shortest = max(n, m), min(n, m)
    if mode == "valid":
        return whole[shortest - 1 : longest]
    start = (shortest - 1) // 2 if name == "convolve" else shortest // 2
    return whole[start : start + longest]


def convolve(x: Array, y: Array, mode: str = "full") -> Array:
    """The convolution of two rows of numbers: the coefficients of the product of polynomials.

    `mode` says how much of it: "full"; "same", the middle, as long as the longer; "valid", where
    both overlap entirely.

    Shape: (N,) and (M,) -> (N + M - 1,), (max(N, M),) or (|N - M| + 1,). None may be empty.

    >>> import autograd as ag
    >>> ag.convolve(ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 3.0]))
    Tensor([1., 5., 6.], dtype=float32)
    """
    x, y = _row(x, "convolve"), _row(y, "convolve")
    n, m = np.shape(x)[0], np.shape(y)[0]
    if not n or not m:
        raise ShapeError("convolve: x and y need elements")
    return _part(_convolve(x, y), n, m, mode, "convolve")


def correlate(x: Array, y: Array, mode: str = "valid") -> Array:
    """The cross-correlation of two rows of numbers: Σ xₖ₊ᵢ ȳᵢ, for all shifts k.

    `mode` is that of `convolve`.

    Shape: (N,) and (M,) -> (|N - M| + 1,), or as `mode` says. None may be empty.

    >>> import autograd as ag
    >>> ag.correlate(ag.Tensor([1.0, 2.0, 3.0]), ag.Tensor([1.0, 1.0]))
    Tensor([3., 5.], dtype=float32)
    """
    x, y = _row(x, "correlate"), _row(y, "correlate")
    n, m = np.shape(x)[0], np.shape(y)[0]
    if not n or not m:
        raise ShapeError("correlate: x and y need elements")
    y = np.conj(y) if np.iscomplexobj(y) else y
    whole = _convolve(x, np.flip(y))
    if mode != "same" or n >= m:
        return _part(whole, n, m, mode, "convolve")
    start = n // 2  # the shorter is moved along the longer, which comes second
    return whole[start : start + m]

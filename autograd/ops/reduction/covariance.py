"""Covariances and correlations of variables, which lie in rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import Array, composite, draw, raw, sample, samples
from autograd.ops.shape.join import concat


def _variables(x: Array, rowvar: bool) -> Array:
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if np.ndim(x) > 2:
        raise ShapeError(f"cov: variables are rows of a matrix, and x is {np.shape(x)}")
    x = x[None] if np.ndim(x) == 1 else x.reshape((1, 1)) if np.ndim(x) == 0 else x
    return x if rowvar or np.shape(x)[0] == 1 else x.T


_WEIGHTS = np.array([1, 2, 1, 3])


@composite(
    "cov x",
    samples=samples(
        lambda: sample(draw(3, 4)),
        lambda: sample(draw(3, 4), draw(2, 4, seed=1), bias=True),
        lambda: sample(draw(4, 2), rowvar=False, ddof=0),
        lambda: sample(draw(4), fweights=_WEIGHTS),
        lambda: sample(draw(2, 4), aweights=np.array([0.5, 1.5, 1.0, 2.0]), ddof=1),
        lambda: sample(draw(2, 4, complex_=True), label="complex"),
    ),
    reference=lambda x, y=None, **params: np.cov(x, y, **params),
)
def _cov(
    x: Array,
    y: Array = None,
    /,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Array:
    x = _variables(x, rowvar)
    if y is not None:
        x = concat([x, _variables(y, rowvar)], axis=0)
    x = x + 0.0 if x.dtype.kind in "biu" else x
    count = np.shape(x)[1]
    weights: Any = None
    real = np.abs(np.zeros((), x.dtype)).dtype
    if aweights is not None:
        aweights = np.astype(np.asarray(aweights) if isinstance(aweights, list) else aweights, real)
    for given in (fweights, aweights):
        if given is None:
            continue
        if np.ndim(given) != 1 or len(given) != count or np.any(np.asarray(raw(given)) < 0):
            raise ArgumentError(f"cov: weights are {count} numbers that are not negative")
        given = np.astype(np.asarray(given) if isinstance(given, list) else given, real)
        weights = given if weights is None else weights * given
    total = count if weights is None else np.sum(weights)
    ddof = (0 if bias else 1) if ddof is None else ddof
    free: Any = total
    if ddof is not None and aweights is not None:
        free = total - ddof * np.sum(weights * aweights) / total
    else:
        free = total - ddof
    free = max(free, 0) if isinstance(free, (int, float)) else np.maximum(free, 0)
    mean = np.sum(x if weights is None else x * weights, axis=1, keepdims=True) / total
    far = x - mean
    turned = np.conj(far.T) if np.iscomplexobj(far) else far.T
    return np.squeeze((far if weights is None else far * weights) @ turned / free)


def cov(
    x: Array,
    y: Array = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Tensor:
    """The covariance matrix of variables: Σ (x − mean)(x − mean)ᴴ / (n − ddof).

    Variables are rows, or columns if not `rowvar`; those of `y` follow those of x. `ddof` is 1, or
    0 with `bias`. `fweights` say how often an observation counts, `aweights` how much.

    Shape: V variables -> (V, V), one of them -> (). More axes raise ShapeError. Integers give
    floats.

    >>> import autograd as ag
    >>> ag.cov(ag.Tensor([[0.0, 2.0], [1.0, -1.0]]))
    Tensor([[ 2., -2.],
            [-2.,  2.]], dtype=float32)
    """
    return _cov(x, y, rowvar, bias, ddof, fweights, aweights)


@composite(
    "corr x",
    samples=samples(
        lambda: sample(draw(3, 4)),
        lambda: sample(draw(3, 4), draw(2, 4, seed=1)),
        lambda: sample(draw(4, 2), rowvar=False),
    ),
    reference=lambda x, y=None, **params: np.corrcoef(x, y, **params),
)
def _corrcoef(x: Array, y: Array = None, /, rowvar: bool = True) -> Array:
    c = _cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diag(c)) if np.iscomplexobj(c) else np.diag(c))
    return c / deviation[:, None] / deviation[None]


def corrcoef(x: Array, y: Array = None, rowvar: bool = True) -> Tensor:
    """The matrix of Pearson's correlations of variables, which are rows (columns if not `rowvar`).

    The variables of `y` follow those of x. NaN where a variable is constant.

    Shape: V variables -> (V, V), one of them -> (). More axes raise ShapeError. Integers give
    floats.

    >>> import autograd as ag
    >>> ag.round(ag.corrcoef(ag.Tensor([[0.0, 2.0], [1.0, -1.0]])), 4)
    Tensor([[ 1., -1.],
            [-1.,  1.]], dtype=float32)
    """
    return _corrcoef(x, y, rowvar)

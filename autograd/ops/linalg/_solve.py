"""Inverses, linear systems and powers of matrices.

The rules are those of Giles (2008), "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation"; of Golub and Pereyra (1973) for the pseudoinverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, MatrixError
from autograd.extend import Array, composite, draw, here, op, sample, samples
from autograd.ops.linalg._checks import as_inexact, matrices


def regular(*shape: int, seed: Any = 0, complex_: bool = False) -> Array:
    """Square matrices far from singular, for samples."""
    return draw(*shape, seed=seed, complex_=complex_) + 4 * np.eye(shape[-1])


@op(
    "x⁻¹",
    x=lambda g, out: -out.mT @ g @ out.mT,
    jvp={"x": lambda t, out: -out @ t @ out},
    samples=samples(
        lambda: sample(regular(3, 3)),
        lambda: sample(regular(2, 2, 2)),
        lambda: sample(draw(0, 3, 3), label="empty stack"),
        lambda: sample(draw(0, 0), label="empty"),
        lambda: sample(regular(3, 3, complex_=True), label="complex"),
    ),
    reference="numpy.linalg.inv",
)
def inv(x: Array, /) -> Array:
    """The inverse of each square matrix; numpy.linalg.LinAlgError where there is none.

    Shape: (..., N, N) -> the same; others raise MatrixError. Integers give floats. float16 raises
    DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.inv(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]], dtype=float32)
    """
    return np.linalg.inv(x)


def d_solve(
    g: Array, x: Array, out: Array, y_shape: tuple[int, ...], needs: tuple[bool, bool]
) -> tuple[Array | None, Array]:
    vector = len(y_shape) == 1
    columns = solve(x.mT, np.expand_dims(g, -1) if vector else g)
    solution = np.expand_dims(out, -1) if vector else out
    of_x = -columns @ solution.mT if needs[0] else None
    return of_x, columns[..., 0] if vector else columns


@op(
    "x⁻¹ y",
    joint=d_solve,
    samples=samples(
        lambda: sample(regular(3, 3), draw(3, seed=1)),
        lambda: sample(regular(3, 3), draw(3, 2, seed=1)),
        lambda: sample(regular(2, 3, 3), draw(3, seed=1), label="stack, vector"),
        lambda: sample(regular(2, 3, 3), draw(3, 2, seed=1), label="stack, matrix"),
        lambda: sample(regular(3, 3), draw(2, 3, 1, seed=1), label="matrix, stack"),
        lambda: sample(draw(0, 3, 3), draw(3, 2), label="empty stack"),
        lambda: sample(regular(3, 3), draw(3, 0), label="no columns"),
        lambda: sample(regular(3, 3, complex_=True), draw(3, complex_=True), label="complex"),
    ),
    reference="numpy.linalg.solve",
)
def solve(x: Array, y: Array, /) -> Array:
    """The solution z of x @ z = y; numpy.linalg.LinAlgError where x is singular.

    Leading axes broadcast.

    Shape: x (..., N, N) and y (N,) or (..., N, K) -> (..., N) or (..., N, K). Lengths that differ
    raise ShapeError. Integers give floats. float16 raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.solve(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]), ag.Tensor([2.0, 2.0]))
    Tensor([1. , 0.5], dtype=float32)
    """
    return np.linalg.solve(x, y)


def d_pinv(g: Array, x: Array, out: Array) -> Array:
    h, adjoint = g.mT, np.conj(out).mT
    beyond = (h - x @ (out @ h)) @ out @ adjoint + adjoint @ out @ (h - (h @ out) @ x)
    return np.conj(beyond) - out.mT @ g @ out.mT


@op(
    "x⁺",
    x=d_pinv,
    samples=samples(
        lambda: sample(draw(3, 2)),
        lambda: sample(draw(2, 2, 3)),
        lambda: sample(regular(3, 3)),
        lambda: sample(draw(0, 3, 2), label="empty stack"),
        lambda: sample(draw(3, 2, complex_=True), label="complex"),
    ),
    reference=lambda x: np.linalg.pinv(x),
)
def pinv(x: Array, /, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Array:
    """The Moore-Penrose pseudoinverse; it has a gradient where the rank does not change.

    Singular values below rcond (or rtol) times the largest count as 0; the default is the machine
    epsilon times the larger side of the matrix. `hermitian` says that x is so.

    Shape: (..., M, N) -> (..., N, M); a vector raises MatrixError. Integers give floats. float16
    raises DTypeError.

    >>> import autograd as ag
    >>> ag.linalg.pinv(ag.Tensor([[2.0], [0.0]]))
    Tensor([[0.5, 0. ]], dtype=float32)
    """
    x = as_inexact(matrices("pinv", x))
    return np.linalg.pinv(x, rtol=rtol if rcond is None else rcond, hermitian=hermitian)


@composite(
    "xⁿ",
    samples=samples(
        lambda: sample(regular(3, 3), n=3),
        lambda: sample(regular(2, 2, 2), n=-2),
        lambda: sample(regular(3, 3), n=1),
        lambda: sample(regular(2, 2), n=7),
        lambda: sample(regular(2, 2), n=0),
        lambda: sample(draw(2, 3, 3), n=0),
        lambda: sample(draw(0, 2, 2), n=2),
        lambda: sample(regular(2, 2, complex_=True), n=3, label="complex"),
    ),
    reference="numpy.linalg.matrix_power",
)
def matrix_power(x: Array, /, n: int) -> Array:
    """x @ x @ ... with n factors, by repeated squaring; of the inverse if n is negative.

    A negative n of a singular matrix raises numpy.linalg.LinAlgError, and makes floats of integers.

    Shape: (..., N, N) -> the same; others raise MatrixError.

    >>> import autograd as ag
    >>> ag.linalg.matrix_power(ag.Tensor([[2.0, 0.0], [0.0, 3.0]]), 3)
    Tensor([[ 8.,  0.],
            [ 0., 27.]], dtype=float32)
    """
    x = matrices("matrix_power", x, square=True)
    if n == 0:  # on the graph, where its gradient is 0
        nothing = np.zeros(np.shape(x), bool)
        return np.where(nothing, x, np.eye(np.shape(x)[-1], dtype=x.dtype))
    if n == 1:
        return np.copy(x)
    square, power, left = (inv(x) if n < 0 else x), None, abs(n)
    while left:
        if left % 2:
            power = square if power is None else power @ square
        left //= 2
        square = square @ square if left else square
    return power


def _cheapest_splits(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to split the chain from i to j (Cormen et al., Introduction to Algorithms, ch. 15)."""
    count = len(lengths) - 1
    cost, split = {(i, i): 0 for i in range(count)}, {}
    for width in range(1, count):
        for i in range(count - width):
            j = i + width
            costs = {
                k: cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1]
                for k in range(i, j)
            }
            split[i, j] = min(costs, key=costs.__getitem__)
            cost[i, j] = costs[split[i, j]]
    return split


def multi_dot(arrays: Sequence[Array]) -> Tensor:
    """The product of two or more matrices in the cheapest order; the first and last may be vectors.

    Shape: `arrays` (M, N), (N, K), …, (L, P) -> (M, P); the axis of a vector goes. Lengths that do
    not chain raise ShapeError; fewer than two arrays are an error.

    >>> import autograd as ag
    >>> x = ag.Tensor([[1.0, 2.0]])
    >>> ag.linalg.multi_dot([x, x.mT, x])
    Tensor([[ 5., 10.]], dtype=float32)
    """
    if len(arrays) < 2:
        raise ArgumentError(f"multi_dot: expected two matrices or more, got {len(arrays)}")
    shapes = [np.shape(x) for x in arrays]
    for place, shape in enumerate(shapes):
        vector_too = place in (0, len(shapes) - 1)
        if len(shape) != 2 and not (vector_too and len(shape) == 1):
            kind = "a vector or a matrix" if vector_too else "a matrix"
            raise MatrixError(f"multi_dot: array {place} must be {kind}, got {shape}{here()}")
    first, last = shapes[0], shapes[-1]
    lengths = [1 if len(first) == 1 else first[0], *(s[0] for s in shapes[1:])]
    if len(first) == 1:
        lengths = [1, *lengths[1:]]
    lengths.append(1 if len(last) == 1 else last[1])
    split = _cheapest_splits(lengths)

    def product(i: int, j: int) -> Array:
        if i == j:
            return arrays[i]
        k = split[i, j]
        return np.matmul(product(i, k), product(k + 1, j))

    return product(0, len(arrays) - 1)

"""Products of vectors and matrices, of Tensors of one dtype as PyTorch asks for."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.errors import DTypeError, ShapeError
from autograd.extend import raw
from nn.torch.functions.arithmetic import plus, times
from nn.torch.functions.calling import axis_of, filled, named
from nn.torch.promotion import floating


def _alike(name: str, *tensors: Any) -> None:
    kinds = {raw(x).dtype for x in tensors}
    if len(kinds) > 1:
        shown = " and ".join(str(x.dtype) for x in tensors)
        raise DTypeError(
            f"{name}: expected Tensors of one dtype, got {shown}; cast one: x.to(dtype)"
        )


def matmul(input: Any, other: Any, *, out: Any = None) -> Any:
    """The matrix product, of stacks of matrices too; of vectors the dot product."""
    if raw(input).dtype != raw(other).dtype:
        _alike("matmul", input, other)
    value = autograd.matmul(input, other)
    return value if out is None else filled(out, value)


def _of_dimensions(name: str, op: Any, first: int, second: int, doc: str) -> Any:
    """A product that takes Tensors of so many dimensions alone, and does not broadcast."""

    def call(input: Any, other: Any, *, out: Any = None) -> Any:
        if input.ndim != first or other.ndim != second:
            raise ShapeError(
                f"{name}: expected Tensors of {first} and {second} dimensions, got shapes "
                f"{tuple(input.shape)} and {tuple(other.shape)}; torch.matmul takes others"
            )
        if first == 3 and input.shape[0] != other.shape[0]:
            raise ShapeError(f"{name}: {input.shape[0]} and {other.shape[0]} matrices differ")
        _alike(name, input, other)
        return filled(out, op(input, other))

    return named(call, name, doc)


mm = _of_dimensions("mm", autograd.matmul, 2, 2, "The product of two matrices.")
bmm = _of_dimensions("bmm", autograd.matmul, 3, 3, "The products of two stacks of matrices.")
mv = _of_dimensions("mv", autograd.matmul, 2, 1, "The product of a matrix and a vector.")
dot = _of_dimensions("dot", autograd.matmul, 1, 1, "The dot product of two vectors.")
ger = outer = _of_dimensions("outer", autograd.outer, 1, 1, "All products of two vectors.")
vdot = _of_dimensions("vdot", autograd.vdot, 1, 1, "The dot product, the first conjugated.")


def inner(input: Any, other: Any, *, out: Any = None) -> Any:
    """The products of the last dimensions."""
    return filled(out, autograd.inner(input, other))


def kron(input: Any, other: Any, *, out: Any = None) -> Any:
    """The Kronecker product."""
    return filled(out, autograd.kron(input, other))


def _added(input: Any, product: Any, beta: Any, alpha: Any, out: Any) -> Any:
    product = product if alpha == 1 else times(product, alpha)
    if beta == 0:
        return filled(out, product)
    return filled(out, plus(input if beta == 1 else times(input, beta), product))


def addmm(
    input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None
) -> Any:
    """beta · input + alpha · (mat1 @ mat2)."""
    return _added(input, mm(mat1, mat2), beta, alpha, out)


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None) -> Any:
    """beta · input + alpha · (mat @ vec)."""
    return _added(input, mv(mat, vec), beta, alpha, out)


def addr(
    input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None
) -> Any:
    """beta · input + alpha · outer(vec1, vec2)."""
    return _added(input, outer(vec1, vec2), beta, alpha, out)


def baddbmm(
    input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None
) -> Any:
    """beta · input + alpha · (batch1 @ batch2)."""
    return _added(input, bmm(batch1, batch2), beta, alpha, out)


def addbmm(
    input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1, out: Any = None
) -> Any:
    """beta · input + alpha · Σ (batch1 @ batch2), added up over the stack."""
    return _added(input, autograd.sum(bmm(batch1, batch2), axis=0), beta, alpha, out)


def einsum(equation: Any, *operands: Any) -> Any:
    """The sums of products that an equation names, as "bij,bjk->bik"."""
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    if not isinstance(equation, str):
        return autograd.einsum(equation, *operands)
    _alike("einsum", *operands)
    return autograd.einsum(equation.replace(" ", ""), *operands)


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """The sums of products over the last `dims` dimensions of a and the first of b, or lists."""
    if isinstance(dims, (list, tuple)):
        dims = tuple(tuple(d) if np.iterable(d) else d for d in dims)
    _alike("tensordot", a, b)
    return filled(out, autograd.tensordot(a, b, axes=dims))


def cross(input: Any, other: Any, dim: Any = None, *, out: Any = None) -> Any:
    """The cross product of vectors of 3 along `dim`, by default the first of length 3."""
    if dim is None:
        threes = [i for i, n in enumerate(input.shape) if n == 3]
        if not threes:
            raise ShapeError(f"cross: no dimension of length 3 in {tuple(input.shape)}")
        dim = threes[0]
    return filled(out, autograd.cross(input, other, axis=axis_of(input, dim)))


def chain_matmul(*matrices: Any, out: Any = None) -> Any:
    """The product of several matrices, in the cheapest order."""
    return filled(out, autograd.linalg.multi_dot(matrices))


def matrix_power(input: Any, n: int, *, out: Any = None) -> Any:
    """A square matrix to the power of a whole number."""
    return filled(out, autograd.linalg.matrix_power(input, n))


def trace(input: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, got shape {tuple(input.shape)}")
    return autograd.trace(input)


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: Any = None) -> Any:
    """The p-norms of the differences of all rows of x1 and x2."""
    for x in (x1, x2):
        if raw(x).dtype.kind != "f":
            raise DTypeError(f"cdist: takes floating Tensors, got {x.dtype}; use x.float()")
    _alike("cdist", x1, x2)
    mode = compute_mode or "use_mm_for_euclid_dist_if_necessary"
    return autograd.cdist(x1, x2, float(p), mode)


def vander(x: Any, N: Any = None, *, increasing: bool = False) -> Any:
    """Powers of the elements of a vector, as rows."""
    if x.ndim != 1:
        raise ShapeError(f"vander: x must be 1-D, got shape {tuple(x.shape)}; see linalg.vander")
    return powers(x, N, increasing)


def powers(x: Any, count: Any, increasing: bool) -> Any:
    """The powers from 0 on of all elements, in a last dimension."""
    exponents = np.arange(x.shape[-1] if count is None else count)
    exponents = exponents if increasing else exponents[::-1]
    return autograd.power(autograd.expand_dims(x, -1), exponents.astype(raw(x).dtype))


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariance matrix of rows that are variables."""
    if input.ndim > 2:
        raise ShapeError(f"cov: rows are variables, got {input.ndim} dimensions")
    if fweights is not None and raw(fweights).dtype.kind not in "iu":
        raise DTypeError(f"cov: fweights must be of whole numbers, not {fweights.dtype}")
    x = autograd.atleast_1d(floating(input))
    return autograd.cov(x, ddof=correction, fweights=fweights, aweights=aweights)


def corrcoef(input: Any) -> Any:
    """The correlation coefficients of rows that are variables."""
    c = cov(input)
    if not c.ndim:
        return c / c
    scale = autograd.sqrt(autograd.real(autograd.diagonal(c)))
    c = c / autograd.outer(scale, scale)
    if raw(c).dtype.kind != "c":
        return autograd.clip(c, -1, 1)
    return autograd.clip(autograd.real(c), -1, 1) + 1j * autograd.clip(autograd.imag(c), -1, 1)

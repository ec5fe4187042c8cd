"""Orthogonal polynomials by PyTorch's names."""

from __future__ import annotations

from autograd.extend import Array
from autograd.ops.elementwise.arithmetic import multiply, subtract
from autograd.ops.special.incomplete import without_derivative
from autograd.ops.special.polynomials import _hermite, _jacobi, _laguerre

__all__: list[str] = []


def chebyshev_polynomial_t(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the first kind Tₙ(x), elementwise: cos(n arccos x).

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.chebyshev_polynomial_t(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 1. , -0.5], dtype=float32)
    """
    without_derivative("chebyshev_polynomial_t", n=n)
    return _jacobi(x, n, -0.5, -0.5, 0)


def chebyshev_polynomial_u(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the second kind Uₙ(x), elementwise: n + 1 at 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.chebyshev_polynomial_u(ag.Tensor([1.0, 0.5]), 2)
    Tensor([3., 0.], dtype=float32)
    """
    without_derivative("chebyshev_polynomial_u", n=n)
    return _jacobi(x, n, 0.5, 0.5, 1)


def chebyshev_polynomial_v(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the third kind Vₙ(x), elementwise: 1 at 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.chebyshev_polynomial_v(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 1., -1.], dtype=float32)
    """
    without_derivative("chebyshev_polynomial_v", n=n)
    return _jacobi(x, n, -0.5, 0.5, 0)


def chebyshev_polynomial_w(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the fourth kind Wₙ(x), elementwise: 2n + 1 at 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.chebyshev_polynomial_w(ag.Tensor([1.0, 0.5]), 2)
    Tensor([5., 1.], dtype=float32)
    """
    without_derivative("chebyshev_polynomial_w", n=n)
    return _jacobi(x, n, 0.5, -0.5, 2)


def hermite_polynomial_h(x: Array, n: Array) -> Array:
    """The physicists' Hermite polynomial Hₙ(x), elementwise: H₂ is 4x² - 2.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.hermite_polynomial_h(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 2., -1.], dtype=float32)
    """
    without_derivative("hermite_polynomial_h", n=n)
    return _hermite(x, n, 2.0)


def hermite_polynomial_he(x: Array, n: Array) -> Array:
    """The probabilists' Hermite polynomial Heₙ(x), elementwise: He₂ is x² - 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.hermite_polynomial_he(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 0.  , -0.75], dtype=float32)
    """
    without_derivative("hermite_polynomial_he", n=n)
    return _hermite(x, n, 1.0)


def laguerre_polynomial_l(x: Array, n: Array) -> Array:
    """The Laguerre polynomial Lₙ(x), elementwise: its value at 0 is 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.laguerre_polynomial_l(ag.Tensor([1.0, 0.5]), 2)
    Tensor([-0.5  ,  0.125], dtype=float32)
    """
    without_derivative("laguerre_polynomial_l", n=n)
    return _laguerre(x, n, 0.0)


def legendre_polynomial_p(x: Array, n: Array) -> Array:
    """The Legendre polynomial Pₙ(x), elementwise: its value at 1 is 1.

    `n` is a degree, or several that broadcast with x; for negative ones it is 0, and NaN between
    whole numbers. It has derivatives by x.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.legendre_polynomial_p(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 1.   , -0.125], dtype=float32)
    """
    without_derivative("legendre_polynomial_p", n=n)
    return _jacobi(x, n, 0.0, 0.0, 0)


def shifted_chebyshev_polynomial_t(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the first kind at 2x - 1, elementwise: for x in [0, 1].

    `n` is a degree, as of chebyshev_polynomial_t.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.shifted_chebyshev_polynomial_t(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 1., -1.], dtype=float32)
    """
    return chebyshev_polynomial_t(subtract(multiply(x, 2), 1), n)


def shifted_chebyshev_polynomial_u(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the second kind at 2x - 1, elementwise: for x in [0, 1].

    `n` is a degree, as of chebyshev_polynomial_u.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.shifted_chebyshev_polynomial_u(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 3., -1.], dtype=float32)
    """
    return chebyshev_polynomial_u(subtract(multiply(x, 2), 1), n)


def shifted_chebyshev_polynomial_v(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the third kind at 2x - 1, elementwise: for x in [0, 1].

    `n` is a degree, as of chebyshev_polynomial_v.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.shifted_chebyshev_polynomial_v(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 1., -1.], dtype=float32)
    """
    return chebyshev_polynomial_v(subtract(multiply(x, 2), 1), n)


def shifted_chebyshev_polynomial_w(x: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the fourth kind at 2x - 1, elementwise: for x in [0, 1].

    `n` is a degree, as of chebyshev_polynomial_w.

    Shape: x and n broadcast -> their common shape, with the dtype of x. Integers give floats;
    complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.special.shifted_chebyshev_polynomial_w(ag.Tensor([1.0, 0.5]), 2)
    Tensor([ 5., -1.], dtype=float32)
    """
    return chebyshev_polynomial_w(subtract(multiply(x, 2), 1), n)

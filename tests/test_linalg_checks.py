"""What `numpy.linalg` refuses, `autograd.linalg` refuses, with an error of the same class.

Every function meets matrices of every wrong shape and kind; the parameters that have a meaning of
their own meet wrong values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, linalg
from autograd.errors import DTypeError, MatrixError, ShapeError

_DRAWN = np.array([[0.3, -1.2, 0.5], [1.1, 0.4, -0.7], [-0.2, 0.9, 1.3]])
_POSITIVE = _DRAWN @ _DRAWN.T + np.eye(3)

MATRICES: dict[str, Any] = {
    "0-d": np.float64(2.0),
    "vector": np.ones(3),
    "wide": _DRAWN[:2],
    "tall": _DRAWN[:, :2],
    "square": _POSITIVE,
    "singular": np.ones((3, 3)),
    "zeros": np.zeros((3, 3)),
    "nan": np.full((3, 3), np.nan),
    "no elements": np.zeros((0, 0)),
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((3, 0)),
    "empty stack": np.zeros((0, 3, 3)),
    "stack of wide": np.ones((2, 2, 3)),
    "integers": np.array([[2, 1], [1, 2]]),
    "booleans": np.eye(2, dtype=bool),
}

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    name: (getattr(linalg, name), getattr(np.linalg, name))
    for name in (
        "cholesky", "cond", "det", "eigh", "eigvalsh", "inv", "matrix_norm", "matrix_rank", "norm",
        "pinv", "qr", "slogdet", "svd", "svdvals", "vector_norm", "matrix_transpose", "diagonal",
        "trace",
    )
}  # fmt: skip
FUNCTIONS |= {
    f"matrix_power {n!r}": (
        lambda x, n=n: linalg.matrix_power(x, n),
        lambda x, n=n: np.linalg.matrix_power(x, n),
    )
    for n in (0, 1, 3, -1, -2, 2.5, -1.5, 2.0, np.inf, -np.inf, np.nan, "2", None, [2], np.int64(2))
}
FUNCTIONS |= {
    f"{name} {ord!r}": (
        lambda x, f=name, given={word: ord}: getattr(linalg, f)(x, **given),
        lambda x, f=name, given={word: ord}: getattr(np.linalg, f)(x, **given),
    )
    for name, word in (("cond", "p"), ("matrix_norm", "ord"), ("norm", "ord"))
    for ord in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf, 0, 3, "bad")
}
FUNCTIONS |= {
    f"solve for {np.shape(b)}": (
        lambda x, b=b: linalg.solve(x, b), lambda x, b=b: np.linalg.solve(x, b)
    )
    for b in (np.ones(3), np.ones(2), np.ones((3, 2)), np.float64(1), np.ones((2, 3, 1)))
}  # fmt: skip
FUNCTIONS |= {
    f"lstsq for {np.shape(b)}, {rcond}": (
        lambda x, b=b, r=rcond: linalg.lstsq(x, b, r),
        lambda x, b=b, r=rcond: np.linalg.lstsq(x, b, r),
    )
    for b in (np.ones(3), np.ones(2), np.ones((3, 2)), np.float64(1), np.ones((2, 3, 1)))
    for rcond in (None, -1, 0.5)
}
FUNCTIONS |= {
    f"multi_dot with {np.shape(b)}": (
        lambda x, b=b: linalg.multi_dot([x, x, b]), lambda x, b=b: np.linalg.multi_dot([x, x, b])
    )
    for b in (np.ones(3), np.ones((3, 2)), np.float64(1))
}  # fmt: skip

# Where the choice is another one, said in the docstrings: all elements are read as (x + xᴴ) / 2,
# and NumPy's SVD of singular values without an inverse fails.
OTHERWISE = {"cond 'nuc'"}


def outcome(function: Callable[..., Any], x: Any) -> Any:
    """The outputs as arrays, or the error."""
    try:
        with np.errstate(all="ignore"):
            found = function(x)
    except (ValueError, TypeError, np.linalg.LinAlgError, IndexError) as error:
        return error
    return [np.asarray(y) for y in (found if isinstance(found, tuple) else [found])]


@pytest.mark.parametrize("called", FUNCTIONS)
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numpy_and_we_compute_or_refuse_the_same(called: str, matrix: str) -> None:
    ours, theirs = FUNCTIONS[called]
    x = MATRICES[matrix]
    expected = outcome(theirs, x)
    for given in (Tensor(x, dtype=x.dtype), x):
        found = outcome(ours, given)
        if isinstance(expected, Exception) and called not in OTHERWISE:
            assert isinstance(found, Exception), f"accepted; NumPy: {expected!r}"
            # where two things are wrong, either may be found first
            both = isinstance(found, DTypeError)
            assert both or isinstance(found, like(expected)), f"{found!r}; NumPy: {expected!r}"
        elif not isinstance(expected, Exception):
            assert not isinstance(found, Exception), found
            for y, z in zip(found, expected, strict=True):
                assert y.shape == z.shape
                if called not in ("eigh", "svd", "qr"):  # fixed up to signs
                    np.testing.assert_allclose(y, z, rtol=1e-9, atol=1e-12)


def like(error: Exception) -> Any:
    """The class that a caller would catch: AxisErrors are our ShapeErrors."""
    return ShapeError if isinstance(error, np.exceptions.AxisError) else type(error).__mro__[0]


@pytest.mark.parametrize("x", [Tensor(2.0), Tensor([1.0]), Tensor([[1.0, 2.0]])])
def test_a_shape_that_is_no_matrix_is_said_by_the_function_that_was_called(x: Tensor) -> None:
    for name in ("cholesky", "eigh", "eigvalsh", "expm"):
        with pytest.raises(MatrixError, match=f"{name}: expected square matrices"):
            getattr(linalg, name)(x)
    with pytest.raises(MatrixError, match="matrix_power: expected square matrices"):
        linalg.matrix_power(x, 1)


@pytest.mark.parametrize("n", [2.5, -1.5, np.inf, np.nan, "2", None])
def test_a_power_is_an_integer(n: Any) -> None:
    with pytest.raises(TypeError, match="matrix_power: n must be a whole number, got"):
        linalg.matrix_power(Tensor(np.eye(2)), n)


@pytest.mark.parametrize("n", [0, 1])
def test_the_powers_0_and_1_are_on_the_graph(n: int) -> None:
    x = Tensor(_POSITIVE, requires_grad=True)
    y = linalg.matrix_power(x, n)
    assert y is not x
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((3, 3), float(n)))


def test_the_power_0_of_nan_is_the_identity() -> None:
    x = Tensor(MATRICES["nan"], requires_grad=True)
    np.testing.assert_array_equal(linalg.matrix_power(x, 0), np.eye(3))


@pytest.mark.parametrize("UPLO", ["X", "", 1, "lower"])
def test_a_triangle_is_lower_or_upper(UPLO: Any) -> None:
    for f in (linalg.eigh, linalg.eigvalsh):
        with pytest.raises((ValueError, TypeError), match="UPLO must be"):
            f(Tensor(_POSITIVE), UPLO)


def test_modes_of_qr() -> None:
    with pytest.raises(ValueError, match=r"qr: mode must be 'reduced'.*; did you mean 'reduced'"):
        linalg.qr(Tensor(_POSITIVE), "reduce")
    with pytest.raises(ag.errors.UnsupportedError, match="mode='raw' is not recorded"):
        linalg.qr(Tensor(_POSITIVE), "raw")


def singular() -> Tensor:
    return Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)


def test_the_derivative_of_a_singular_slogdet_is_refused_by_its_name() -> None:
    with pytest.raises(np.linalg.LinAlgError, match=r"^slogdet: x is singular, so log"):
        linalg.slogdet(singular()).logabsdet.backward()


@pytest.mark.parametrize("of", [1.0, 0.6130993], ids=["exactly", "but for rounding"])
def test_the_third_derivative_of_a_singular_det_is_refused_by_its_name(of: float) -> None:
    x = Tensor(of * np.outer([1.0, 2.0, 3.0], [3.0, 1.0, 7.0]), requires_grad=True)
    (g,) = ag.grad(linalg.det(x), x, create_graph=True)
    (h,) = ag.grad(g[0, 0], x, create_graph=True)
    with pytest.raises(np.linalg.LinAlgError, match=r"^det: the third derivative needs an inverse"):
        h.sum().backward()


def test_a_det_of_two_rows_has_no_third_derivative_but_zero() -> None:
    x = singular()
    (g,) = ag.grad(linalg.det(x), x, create_graph=True)
    (h,) = ag.grad(g[0, 0], x, create_graph=True)
    (third,) = ag.grad(h.sum(), x, allow_unused=True)
    assert third is None or not np.any(third.numpy())


@pytest.mark.parametrize("x", [np.diag([1.0, 0.0]), np.ones((3, 3)), np.arange(9.0).reshape(3, 3)])
def test_dependent_columns_have_no_derivative_of_q(x: Any) -> None:
    x = Tensor(x, requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match=r"^qr: the columns are dependent"):
        linalg.qr(x).Q.sum().backward()


@pytest.mark.parametrize("axis", [(), (0, 0)])
def test_a_norm_goes_along_axes(axis: Any) -> None:
    with pytest.raises(ValueError, match="axis"):
        linalg.norm(Tensor(_POSITIVE), axis=axis)


def test_empty_matrices_have_no_condition_number() -> None:
    with pytest.raises(MatrixError, match=r"cond: \(0, 3\) holds empty matrices"):
        linalg.cond(Tensor(np.zeros((0, 3))))


def test_least_squares_are_of_one_matrix() -> None:
    with pytest.raises(MatrixError, match=r"lstsq: expected a \(m, n\) and b"):
        linalg.lstsq(Tensor(_POSITIVE), Tensor([1.0, 2.0]))


def test_a_chain_of_products_is_of_matrices() -> None:
    with pytest.raises(MatrixError, match=r"multi_dot: array 1 must be a matrix, got \(2,\)"):
        linalg.multi_dot([Tensor([1.0, 2.0])] * 3)


def test_small_integers_do_not_wrap_around() -> None:
    x = np.array([[200, 100], [100, 200]], np.uint8)
    np.testing.assert_allclose(linalg.eigvalsh(x), [100, 300])
    np.testing.assert_allclose(linalg.cholesky(x), np.linalg.cholesky(x.astype(float)))

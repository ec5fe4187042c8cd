"""Jacobians and Hessians by their pattern: the same numbers by fewer products, or an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, TraceError
from autograd.functional import grad, hessian, jacobian
from autograd.functional.coloring import Places, columns_apart, star

N = 40
X = np.linspace(0.3, 1.2, N)
APART = np.abs(np.subtract.outer(np.arange(N), np.arange(N)))
BLOCKS = np.kron(np.eye(N // 5, dtype=bool), np.ones((5, 5), bool))
ARROW = (APART == 0) | (np.arange(N) == 0) | (np.arange(N) == 0)[:, None]
GRID = (
    (APART == 0)
    | (APART == 8)
    | ((APART == 1) & (np.arange(N) // 8 == (np.arange(N) // 8)[:, None]))
)
WINDOWS = [1.0, 2.0, -1.0, 0.5]


def banded(x: Any) -> Any:
    return ((x[1:] - x[:-1] ** 2) ** 2).sum()


def of_grid(x: Any) -> Any:
    rows = x.reshape(5, 8)
    return (rows[1:] * rows[:-1] ** 2).sum() + (rows[:, 1:] ** 3 * rows[:, :-1]).sum()


# A function, its pattern, and how many products its Hessian takes, the check being one of them.
HESSIANS: dict[str, tuple[Any, Any, int]] = {
    "diagonal": (lambda x: (x**4).sum(), APART == 0, 2),
    "three bands": (banded, APART <= 1, 4),
    "five bands": (lambda x: (x[2:] * x[1:-1] * x[:-2]).sum(), APART <= 2, 6),
    "blocks": (lambda x: (x.reshape(-1, 5).sum(axis=1) ** 3).sum(), BLOCKS, 6),
    "an arrow": (lambda x: (x[0] * x**3).sum(), ARROW, 3),
    "a grid": (of_grid, GRID, 7),
    "all of it": (lambda x: x.sum() ** 3, np.ones((N, N), bool), N + 1),
    "nothing": (lambda x: (3 * x).sum(), np.zeros((N, N), bool), 2),
}


@pytest.mark.parametrize("name", HESSIANS)
def test_a_sparse_hessian_is_the_hessian_by_fewer_products(name: str) -> None:
    f, pattern, products = HESSIANS[name]
    wanted = hessian(f)(X)
    of_pattern = hessian(f, sparsity=pattern)
    found = of_pattern(X)
    assert (type(found), found.dtype) == (np.ndarray, np.float64)
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)
    assert of_pattern.products <= products


JACOBIANS: dict[str, tuple[Any, int, int]] = {  # and the products by columns and by rows
    "differences": (lambda x: x[1:] * x[:-1] ** 2, 3, 3),
    "windows": (lambda x: ag.convolve(x, np.array(WINDOWS), mode="valid") ** 2, 5, 5),
    "one number of many": (lambda x: ag.stack([(x**2).sum(), x[0], x[1] ** 3]), N + 1, 3),
    "many of one": (lambda x: x[0] * np.arange(1, N + 1), 2, N + 1),
}


@pytest.mark.parametrize("name", JACOBIANS)
@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_a_sparse_jacobian_is_the_jacobian_by_fewer_products(name: str, mode: str) -> None:
    f, by_columns, by_rows = JACOBIANS[name]
    wanted = jacobian(f)(X)
    of_pattern = jacobian(f, sparsity=wanted != 0, mode=mode)
    np.testing.assert_allclose(of_pattern(X), wanted, rtol=1e-13, atol=1e-14)
    most = {"forward": by_columns, "reverse": by_rows, "auto": min(by_columns, by_rows)}[mode]
    assert of_pattern.products == most


def test_a_pattern_is_found_and_kept_and_found_again_where_it_does_not_hold() -> None:
    f = lambda x: banded(x) + (x[0] * x[5:9] ** 2).sum()  # noqa: E731
    of_pattern = hessian(f, sparsity="detect")
    start = X.copy()
    start[0] = start[5:9] = 0  # where a part of it is zero
    for x, least, most in ((start, N, N + 8), (start, 1, 8), (X, N, N + 16), (X, 1, 8)):
        np.testing.assert_allclose(of_pattern(x), hessian(f)(x), rtol=1e-13, atol=1e-14)
        assert least <= of_pattern.products <= most
    of_rows = jacobian(JACOBIANS["one number of many"][0], sparsity="detect")
    of_rows(X)
    assert of_rows.products == 6  # three rows to look at, two of them apart, and the check


@pytest.mark.parametrize("kind", ["coo_array", "csr_matrix", "csc_array", "dia_array"])
def test_a_sparse_matrix_of_scipy_gives_one(kind: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    pattern = getattr(sparse, kind)((APART <= 1).astype(float))
    found = hessian(banded, sparsity=pattern)(X)
    assert sparse.issparse(found)
    assert found.nnz == np.count_nonzero(APART <= 1)
    np.testing.assert_allclose(found.toarray(), hessian(banded)(X), rtol=1e-13, atol=1e-14)
    x = ag.Tensor(X, requires_grad=True)
    with pytest.raises(ArgumentTypeError, match=r"no gradient; give the pattern as an array"):
        hessian(banded, sparsity=pattern)(x)


def test_a_large_one_takes_no_matrix() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    count = 20_000
    pattern = sparse.diags_array(
        [np.ones(count - 1), np.ones(count), np.ones(count - 1)], offsets=[-1, 0, 1]
    )
    of_pattern = hessian(banded, sparsity=pattern)
    found = of_pattern(np.linspace(0.0, 1.0, count))
    assert found.nnz == 3 * count - 2
    assert of_pattern.products == 4


def test_containers_have_the_pattern_of_all_their_numbers() -> None:
    x = {
        "a": ag.Tensor(X[:3]),
        "b": [ag.Tensor(X[:4].reshape(2, 2)), ag.Tensor(X[:2].astype("float32"))],
    }

    def f(x: Any) -> Any:
        return (x["a"] ** 3).sum() * x["b"][1][0] + (x["b"][0] ** 4).sum()

    wanted = hessian(f)(x)
    found = hessian(f, sparsity="detect")(x)

    def compared(a: Any, b: Any) -> None:
        if isinstance(a, (dict, list)):
            for k in a if isinstance(a, dict) else range(len(a)):
                compared(a[k], b[k])
        else:
            assert (type(a), a.shape, a.dtype) == (type(b), b.shape, b.dtype)
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)

    compared(found, wanted)


def test_gradients_flow_through_a_sparse_hessian() -> None:
    for sparsity in (APART <= 1, "detect", (APART <= 1).tolist()):
        w = ag.Tensor(2.0, requires_grad=True)
        x = ag.Tensor(X, requires_grad=True)
        f = lambda x, w=w: w * banded(x)  # noqa: E731
        (hessian(f, sparsity=sparsity)(x) ** 2).sum().backward()
        found = [w.grad, x.grad]
        w.grad = x.grad = None
        (hessian(f)(x) ** 2).sum().backward()
        for a, b in zip(found, (w.grad, x.grad), strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)
    slopes = grad(lambda x: hessian(banded, sparsity=APART <= 1)(x).sum())(X)
    np.testing.assert_allclose(slopes, grad(lambda x: hessian(banded)(x).sum())(X), rtol=1e-12)


def test_the_operators_of_ag_take_it_too_and_aux_goes_aside() -> None:
    f = lambda x: (banded(x), x.shape)  # noqa: E731
    found, aux = ag.hessian(f, has_aux=True, sparsity=APART <= 1)(X)
    np.testing.assert_allclose(found, hessian(banded)(X), rtol=1e-13, atol=1e-14)
    assert aux == X.shape
    found = ag.jacobian(lambda _, x: x**2, argnums=1, sparsity=APART == 0)(1.0, X)
    np.testing.assert_array_equal(found, np.diag(2 * X))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@given(seed=st.integers(0, 2**16))
@settings(max_examples=8, deadline=None)
def test_a_right_pattern_passes_and_an_element_left_out_is_told(
    dtype: str, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pattern = rng.random((12, 12)) < 0.15
    pattern = pattern | pattern.T | np.eye(12, dtype=bool)
    weights = (rng.uniform(0.5, 2.0, (12, 12)) * pattern * scale).astype(dtype)
    x = ag.Tensor(rng.uniform(0.5, 2.0, 12), dtype=dtype)

    def f(x: Any) -> Any:
        return (ag.exp(ag.sin(x)) @ weights @ x**2).sum()

    found = hessian(f, sparsity=pattern)(x)
    wanted = hessian(f)(x).numpy()
    size = np.abs(wanted).max()
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-4, atol=1e-5 * size)
    for i, j in rng.permutation(np.argwhere(np.abs(wanted) > 1e-2 * size))[:3]:
        less = pattern.copy()
        less[i, j] = less[j, i] = False
        with pytest.raises(ArgumentError, match=r"leaves out what is not zero: by \d+ rows"):
            hessian(f, sparsity=less)(x)
        again = hessian(f, sparsity="detect")(x)
        np.testing.assert_allclose(again.numpy(), wanted, rtol=1e-4, atol=1e-5 * size)


def test_numbers_that_are_not_finite_come_through() -> None:
    x = X.copy()
    x[3] = np.nan
    x[7] = np.inf
    with np.errstate(all="ignore"):
        found = hessian(lambda x: (x**4).sum(), sparsity=APART == 0)(x)
        assert np.isnan(found[3, 3])
        assert np.isinf(found[7, 7])
        assert found[4, 4] == 12 * x[4] ** 2
        with pytest.raises(ArgumentError, match="leaves out what is not zero"):
            hessian(lambda x: (x**4).sum() + x[20] * x[30], sparsity=APART == 0)(x)


@given(seed=st.integers(0, 2**16), density=st.floats(0.0, 0.6), count=st.integers(1, 14))
@settings(max_examples=40, deadline=None)
def test_a_colouring_keeps_its_law(seed: int, density: float, count: int) -> None:
    """Columns of a colour share no row; in a star colouring no path of four has two colours."""
    pattern = np.random.default_rng(seed).random((count, count)) < density
    places = Places(*np.nonzero(pattern), pattern.shape)
    colors = columns_apart(places)
    for color in set(colors):
        assert pattern[:, colors == color].sum(axis=1).max(initial=0) <= 1
    near = pattern | pattern.T
    colors = star(Places(*np.nonzero(near), near.shape))
    assert colors is not None
    np.fill_diagonal(near, False)
    for u, v in np.argwhere(near):
        assert colors[u] != colors[v]
        for w in np.flatnonzero(near[v]):
            for x in np.flatnonzero(near[w]) if w != u else ():
                assert x in (u, v) or len({colors[u], colors[v], colors[w], colors[x]}) > 2


@pytest.mark.parametrize(
    ("sparsity", "error", "message"),
    [
        ("find", ArgumentError, 'sparsity is "detect" or a pattern, not .find.'),
        (np.ones((3, 3), bool), ShapeError, r"is \(3, 3\), and the derivative is \(40, 40\)"),
        (np.array("x"), ArgumentTypeError, "sparsity is an array of booleans"),
        (np.triu(APART <= 1), ArgumentError, r"give pattern \| pattern.T"),
        (APART == 0, ArgumentError, 'give a wider pattern, or sparsity="detect"'),
        (ARROW, ArgumentError, "by 39 rows, number 1 the first"),
    ],
)
def test_wrong_patterns_are_told(sparsity: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        hessian(banded, sparsity=sparsity)(X)


def test_a_wrong_pattern_of_rows_is_told() -> None:
    with pytest.raises(ArgumentError, match="by 1 columns, number 39 the first"):
        jacobian(lambda x: (x**2).sum(keepdims=True), sparsity=np.arange(N)[None] < 39)(X)


@pytest.mark.parametrize("way", [ag.vmap, ag.compile])
def test_in_a_traced_function_it_is_refused(way: Any) -> None:
    with pytest.raises(TraceError, match="its numbers are checked, and in a function that is"):
        way(hessian(banded, sparsity=APART <= 1))(ag.Tensor(np.stack([X] * N)))

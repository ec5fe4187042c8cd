"""Linear algebra beyond one op at a time: decompositions through what does not depend on their
choice of basis, singular matrices, NumPy's notation of einsum, and what is said about wrong shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.samples import draw
from autograd.errors import ShapeError, UnsupportedError
from autograd.ops.linalg._determinant import cofactor
from tests.numeric import ATOL, RTOL, numeric_gradient

la = ag.linalg


def slope(f: Callable[..., Any], inputs: tuple[Any, ...], direction: tuple[Any, ...]) -> Any:
    """Re <v, gradient of f>, recorded if the inputs are Tensors."""
    recorded = isinstance(inputs[0], ag.Tensor)
    leaves = inputs if recorded else tuple(ag.Tensor(x, requires_grad=True) for x in inputs)
    found = ag.grad(f(*leaves), leaves, create_graph=recorded)
    total: Any = 0.0
    for g, v in zip(found, direction, strict=True):
        total = total + np.sum(np.real(np.conj(g) * v))
    return total if recorded else float(total)


def assert_derivatives(f: Callable[..., Any], *inputs: Any) -> None:
    """First and second derivatives of a real function of arrays, against finite differences."""
    leaves = tuple(ag.Tensor(x, requires_grad=True) for x in inputs)
    directions = tuple(
        draw(*x.shape, seed=("v", i), complex_=x.dtype.kind == "c") for i, x in enumerate(inputs)
    )
    first = ag.grad(f(*leaves), leaves)
    second = ag.grad(slope(f, leaves, directions), leaves)
    for i in range(len(inputs)):
        for found, of, what in (
            (first, lambda *xs: float(f(*xs)), "first"),
            (second, lambda *xs: slope(f, xs, directions), "second"),
        ):
            expected = numeric_gradient(of, inputs, i)
            scale = np.max(np.abs(expected), initial=1.0)
            np.testing.assert_allclose(
                found[i].numpy(), expected, RTOL, ATOL * scale, err_msg=f"{what}, input {i}"
            )


def weights(*shape: int, complex_: bool = False) -> Any:
    return draw(*shape, seed="weights", complex_=complex_)


def weighted(x: Any) -> Any:
    """A real number that depends on every element of x."""
    return np.sum(np.real(weights(*x.shape, complex_=True) * x))


def adjoint(x: Any) -> Any:
    return np.conj(np.swapaxes(x, -1, -2))


def spread(*shape: int, complex_: bool = False) -> Any:
    """Matrices with singular values (and eigenvalues of their Hermitian part) well apart."""
    rows, columns = shape[-2:]
    shift = np.zeros((rows, columns))
    np.fill_diagonal(shift, 3.0 * np.arange(1, min(rows, columns) + 1))
    return draw(*shape, low=-0.7, high=0.7, complex_=complex_) + shift


def columns_with_phases_off(v: Any) -> Any:
    """v w vᴴ for each column v: what the vectors say without their signs and phases."""
    return np.expand_dims(v, -2) * np.conj(np.expand_dims(v, -3))


# ---- decompositions ----------------------------------------------------------------------------


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("triangle", [None, "L", "U"])
def test_eigh_through_projectors(complex_: bool, triangle: str | None) -> None:
    def f(x: Any) -> Any:
        w, v = la.eigh(x, triangle)
        return weighted(w) + weighted(columns_with_phases_off(v))

    assert_derivatives(f, spread(3, 3, complex_=complex_))
    assert_derivatives(f, spread(2, 2, 2, complex_=complex_))


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_svd_through_functions_without_phases(
    shape: tuple[int, ...], full: bool, complex_: bool
) -> None:
    def f(x: Any) -> Any:
        u, s, vh = la.svd(x, full_matrices=full)
        k = s.shape[-1]
        pairs = np.expand_dims(u[..., :k], -2) * np.expand_dims(
            np.swapaxes(vh[..., :k, :], -1, -2), -3
        )
        out = weighted(s) + weighted(pairs) + weighted(columns_with_phases_off(u[..., :k]))
        rest = u[..., k:], adjoint(vh[..., k:, :])
        return out + sum(weighted(z @ adjoint(z)) for z in rest)

    assert_derivatives(f, spread(*shape, complex_=complex_))


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 2, 3)])
def test_qr(shape: tuple[int, ...], complex_: bool) -> None:
    def f(x: Any) -> Any:
        q, r = la.qr(x)
        return weighted(q) + weighted(r)

    assert_derivatives(f, spread(*shape, complex_=complex_))


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("upper", [False, True])
def test_cholesky(complex_: bool, upper: bool) -> None:
    x = spread(3, 3, complex_=complex_)
    assert_derivatives(lambda x: weighted(la.cholesky(x, upper)), x @ adjoint(x))


def test_factors_multiply_to_the_matrix() -> None:
    x = ag.Tensor(spread(2, 4, 3))
    q, r = la.qr(x)
    u, s, vh = la.svd(x, full_matrices=False)
    np.testing.assert_allclose((q @ r).numpy(), x.numpy(), atol=1e-13)
    np.testing.assert_allclose(((u * s[:, None]) @ vh).numpy(), x.numpy(), atol=1e-13)
    assert la.svd(x).U.shape == (2, 4, 4)


def test_qr_says_which_mode_to_use() -> None:
    x = ag.Tensor(draw(4, 2), requires_grad=True)
    with pytest.raises(UnsupportedError, match=r"mode=.raw. is not recorded; use .reduced."):
        la.qr(x, mode="raw")


# ---- determinants, inverses --------------------------------------------------------------------

SINGULAR = [
    np.arange(1.0, 10.0).reshape(3, 3),
    np.outer([1.0, 2.0, -1.0], [0.5, 1.0, 2.0]),
    np.zeros((3, 3)),
    np.diag([1.0, 0.0, 2.0]),
]


@pytest.mark.parametrize("x", SINGULAR)
def test_det_of_a_singular_matrix_has_its_cofactors_as_gradient(x: Any) -> None:
    assert_derivatives(la.det, x)
    minors = [
        [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(x, i, 0), j, 1)) for j in range(3)]
        for i in range(3)
    ]
    np.testing.assert_allclose(cofactor(x), minors, atol=1e-13)


def test_det_of_complex_singular_and_stacked_matrices() -> None:
    x = draw(2, 3, 3, complex_=True)
    x[0, :, 2] = 1j * x[0, :, 0]
    assert_derivatives(lambda x: weighted(la.det(x)), x)


def test_slogdet_of_a_complex_matrix_has_a_phase_that_turns() -> None:
    def f(x: Any) -> Any:
        sign, logabsdet = la.slogdet(x)
        return weighted(sign) + weighted(logabsdet)

    assert_derivatives(f, spread(2, 3, 3, complex_=True))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)])
@pytest.mark.parametrize("right", [(), (2,)])
def test_lstsq(shape: tuple[int, int], right: tuple[int, ...]) -> None:
    a, b = spread(*shape), draw(shape[0], *right, seed=1)

    def f(a: Any, b: Any) -> Any:
        x, residuals, _, s = la.lstsq(a, b)
        return weighted(x) + weighted(residuals) + weighted(s)

    for mine, theirs in zip(la.lstsq(a, b), np.linalg.lstsq(a, b), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-13)
    assert_derivatives(f, a, b)


def test_multi_dot_chooses_the_cheapest_order() -> None:
    x, y, z = draw(10, 2), draw(2, 10, seed=1), draw(10, 2, seed=2)
    tensors = [ag.Tensor(v, requires_grad=True) for v in (x, y, z)]
    product = la.multi_dot(tensors)
    np.testing.assert_allclose(product.numpy(), x @ y @ z, atol=1e-13)
    assert [n.shape for n in product.grad_fn.inputs] == [(10, 2), (2, 2)]
    np.testing.assert_allclose(la.multi_dot([x[0], y, z, x[:2, 0]]), x[0] @ y @ z @ x[:2, 0])


def test_matrix_power_0_is_the_identity() -> None:
    power = la.matrix_power(ag.Tensor(np.full((2, 2), np.nan)), 0)
    np.testing.assert_array_equal(power.numpy(), np.eye(2))


@pytest.mark.parametrize(
    ("shape", "ords"),
    [
        ((3,), [None, 1, 2, 3, 0.5, np.inf, -np.inf]),
        ((2, 2), [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]),
    ],
)
def test_the_norm_of_0_has_gradient_0(shape: tuple[int, ...], ords: list[Any]) -> None:
    for ord in ords:
        x = ag.Tensor(np.zeros(shape), requires_grad=True)
        (g,) = ag.grad(la.norm(x, ord), x)
        np.testing.assert_array_equal(g.numpy(), np.zeros(shape), err_msg=f"ord={ord}")


@pytest.mark.parametrize("name", ["inv", "det", "slogdet", "eigh", "svd", "qr", "cholesky", "expm"])
@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (3, 0, 0)])
def test_empty_matrices_and_stacks(name: str, shape: tuple[int, ...]) -> None:
    x = ag.Tensor(np.zeros(shape), requires_grad=True)
    results = getattr(la, name)(x)
    total = sum(weighted(y) for y in (results if isinstance(results, tuple) else (results,)))
    (g,) = ag.grad(total, x)
    assert g.shape == shape


def test_numpy_s_own_functions_record() -> None:
    x = ag.Tensor(spread(3, 3), requires_grad=True)
    for y in (np.linalg.inv(x), np.linalg.norm(x, axis=0), np.linalg.eigh(x).eigenvectors,
              np.linalg.trace(x), np.einsum("ii->i", x), np.linalg.svd(x).S):  # fmt: skip
        assert isinstance(y, ag.Tensor)
        assert y.requires_grad


# ---- einsum ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("Ba", [(2, 3)]),
        ("...ij, ...jk -> ...ik", [(5, 2, 3), (3, 4)]),
        ("i...,i...", [(2, 1, 3), (2, 4, 1)]),
        ("...,...->...", [(2, 3), (3,)]),
        ("b...i,i->b...", [(2, 4, 3), (3,)]),
        ("ii...->...i", [(3, 3, 2)]),
        ("bthd,bshd->bhts", [(2, 3, 2, 4), (2, 5, 2, 4)]),
        ("i,j,k->", [(2,), (3,), (4,)]),
        ("ijk,jil,kl->", [(2, 3, 4), (3, 2, 5), (4, 5)]),
        ("iij,jkk->ik", [(2, 2, 3), (3, 4, 4)]),
        ("ij,ij,ij->j", [(2, 3), (1, 3), (2, 1)]),
        ("i,->i", [(3,), ()]),
        ("ij->", [(2, 3)]),
        ("ab,bc,cd,de->ae", [(2, 3), (3, 2), (2, 4), (4, 2)]),
    ],
)
def test_einsum_reads_all_of_numpy_s_notation(subscripts: str, shapes: list[Any]) -> None:
    xs = [draw(*shape, seed=i) for i, shape in enumerate(shapes)]
    expected = np.einsum(subscripts, *xs)
    np.testing.assert_allclose(ag.einsum(subscripts, *xs), expected, atol=1e-13)
    assert_derivatives(lambda *xs: weighted(ag.einsum(subscripts, *xs)) ** 2, *xs)


def test_einsum_takes_lists_of_axes() -> None:
    x, y = draw(2, 3), draw(3, 4, seed=1)
    np.testing.assert_allclose(ag.einsum(x, [7, 1], y, [1, 3]), np.einsum(x, [7, 1], y, [1, 3]))
    found = ag.einsum(ag.Tensor(x), [0, ..., 1], y, [1, 2], [2, ..., 0])
    np.testing.assert_allclose(found.numpy(), (x @ y).T)


@pytest.mark.parametrize(
    ("subscripts", "message"),
    [
        ("ij,jk,kl", "names 3 operands, got 2"),
        ("ijk,jk", "operand 0 has 2 axes, not 3"),
        ("...ijk,jk", "operand 0 has 2 axes, too few for '...ijk'"),
        ("ij,jk->iik", "'i' twice in its output"),
        ("ij,jk->iz", "output 'z' is in no input"),
        ("i?,jk", "has '\\?', not a letter"),
        ("...j,jk->k", "needs '...'"),
    ],
)
def test_einsum_says_what_is_wrong(subscripts: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ag.einsum(subscripts, ag.Tensor(draw(2, 3)), ag.Tensor(draw(3, 2)))


# ---- what is said about wrong shapes -----------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((32, 784), (128, 784)),
            (
                "matmul: inner axes differ: x is (32, 784), w is (128, 784); 784 != 128.\n"
                "  w's last axis matches x: did you mean x @ w.mT?"
            ),
        ),
        (((3, 2), (3, 4)), "x's axis -2 matches w: did you mean x.mT @ w?"),
        (((2, 3), (4, 2)), "the outer axes match: did you mean w @ x?"),
        (((2, 3), (4,)), "inner axes differ: x is (2, 3), w is (4,); 3 != 4."),
        (((2, 3), ()), "w is a scalar without axes: x is (2, 3), w is ().\n  Did you mean x * w?"),
        (
            ((2, 5, 3), (4, 3, 5)),
            "stacks differ: x is (2, 5, 3), w is (4, 3, 5); axis -3 has 2 and 4",
        ),
    ],
)
def test_matmul_says_which_axes_differ(shapes: Any, message: str) -> None:
    x, w = (ag.Tensor(np.zeros(shape), name=name) for shape, name in zip(shapes, "xw", strict=True))
    with pytest.raises(ShapeError) as caught:
        ag.matmul(x, w)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((5, 20), (10, 30), (10,)),
            "linear: x has 20 features, weight is (10, 30): expected x of shape (..., 30)",
        ),
        (((5, 10), (10, 30), (10,)), "weight seems to be (in, out): did you mean weight.mT?"),
        (((5, 30), (10, 30), (5, 10)), "bias is (5, 10), weight is (10, 30): expected (10,)"),
        (((5, 30), (10, 30), (1,)), "bias is (1,), weight is (10, 30): expected (10,)"),
        (((5, 30), (30,)), "weight is (30,); expected (out, in)"),
        (((), (10, 30)), "x is a scalar"),
    ],
)
def test_linear_says_which_shape_is_wrong(shapes: Any, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        ag.linear(*(ag.Tensor(np.zeros(shape)) for shape in shapes))
    assert message in str(caught.value)


def test_linear_of_a_layer_asks_for_another_layer() -> None:
    """The layer made its weight (out, in) itself: to turn it is no way out."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 4))
    with pytest.raises(
        ShapeError, match=r"\(\.\.\., 5\) +in 1 \(Linear\)\n  Did you mean in_features=4\?$"
    ):
        net(ag.ones(3))


def test_cross_wants_three_components() -> None:
    with pytest.raises(ShapeError, match="size 3"):
        ag.cross(ag.Tensor([1.0, 2.0]), ag.Tensor([1.0, 2.0]))


def test_vecdot_and_cross_along_other_axes() -> None:
    x, y = draw(3, 2), draw(3, 2, seed=1)
    np.testing.assert_allclose(ag.vecdot(x, y, axis=0), np.vecdot(x, y, axis=0))
    np.testing.assert_allclose(ag.cross(x, y, axis=0), np.cross(x, y, axis=0))
    np.testing.assert_allclose(ag.cross(x, y.T, 0, 1, 0), np.cross(x, y.T, 0, 1, 0))
    assert_derivatives(lambda x, y: weighted(ag.cross(x, y, axis=0)) * weighted(x), x, y)


@pytest.mark.parametrize("name", ["eig", "eigvals"])
def test_eigenvalues_are_complex_by_the_array_api_and_real_where_numpy_has_them_real(
    name: str,
) -> None:
    real, turning = np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([[0.0, 1.0], [-1.0, 0.0]])
    for x, kind in ((real, "f"), (turning, "c"), (real + 0j, "c")):
        t = ag.Tensor(x, requires_grad=True)
        for function, wanted in ((getattr(np.linalg, name), kind), (getattr(ag.linalg, name), "c")):
            found = function(t)
            w = found.eigenvalues if name == "eig" else found
            assert w.dtype.kind == wanted
            assert w.requires_grad
            np.testing.assert_allclose(w.numpy(), np.linalg.eigvals(x))
            (g,) = ag.grad(ag.real(w).sum(), t)  # that of the trace
            np.testing.assert_allclose(g.numpy(), np.eye(2), atol=1e-12)

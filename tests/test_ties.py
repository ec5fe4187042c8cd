"""Decompositions of matrices whose eigenvalues or singular values coincide, or are 0.

What does not depend on the choice of the vectors has a gradient, which is that of the same function
written without a decomposition. What does depend on it gives NaN, and a warning says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd import linalg as la
from autograd.engine.node import TIED
from autograd.engine.samples import draw
from tests.numeric import numeric_gradient


def turned(values: Any, complex_: bool = False, seed: int = 0) -> Any:
    """A Hermitian matrix of given eigenvalues."""
    q = np.linalg.qr(draw(len(values), len(values), seed=seed, complex_=complex_))[0]
    return q @ np.diag(values) @ q.conj().T


def of_singular_values(rows: int, columns: int, values: Any, complex_: bool = False) -> Any:
    u = np.linalg.qr(draw(rows, rows, seed="u", complex_=complex_))[0]
    v = np.linalg.qr(draw(columns, columns, seed="v", complex_=complex_))[0]
    middle = np.zeros((rows, columns))
    np.fill_diagonal(middle, values)
    return u @ middle @ v


def adjoint(x: Any) -> Any:
    return np.conj(x).mT


def hermitian(x: Any) -> Any:
    return (x + adjoint(x)) / 2


HERMITIAN = {
    "the identity": np.eye(3),
    "zeros": np.zeros((2, 2)),
    "diagonal": np.diag([2.0, 1.0, 2.0, 1.0]),
    "two pairs": turned([1.0, 1.0, 2.0, 2.0]),
    "three alike": turned([-1.0, 2.0, 2.0, 2.0]),
    "a pair about 0": turned([0.0, 0.0, 1.5]),
    "one size": np.array([[2.0]]),
    "complex": turned([1.0, 1.0, 2.0, 2.0], complex_=True),
    "a stack": np.stack([np.eye(3), np.diag([1.0, 2.0, 2.0]), turned([1.0, 2.0, 4.0])]),
}


def spectral(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """V f(w) Vᴴ."""

    def function(x: Any) -> Any:
        w, v = la.eigh(x)
        return (v * np.expand_dims(f(w), -2)) @ adjoint(v)

    return function


def exponential(x: Any) -> Any:
    return la.expm(hermitian(x))


# A function of the eigenvalues and vectors, and the same without them.
OF_EIGENVALUES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "V exp(w) Vᴴ": (spectral(np.exp), exponential),
    "V w² Vᴴ": (spectral(np.square), lambda x: hermitian(x) @ hermitian(x)),
    # at eigenvalues of 0 and 1 the value of the function vanishes, and its slope does not
    "V (w⁴ − w) Vᴴ": (
        spectral(lambda w: w**4 - w), lambda x: la.matrix_power(hermitian(x), 4) - hermitian(x)
    ),
    "Σ exp(w)": (
        lambda x: np.sum(np.exp(la.eigvalsh(x)), axis=-1)[..., None, None],
        lambda x: np.trace(exponential(x), axis1=-2, axis2=-1)[..., None, None],
    ),
    "sums of several": (
        lambda x: spectral(np.exp)(x) @ spectral(np.square)(x) + spectral(lambda w: w**3)(x),
        lambda x: exponential(x) @ hermitian(x) @ hermitian(x)
        + hermitian(x) @ hermitian(x) @ hermitian(x),
    ),
}  # fmt: skip


def loss_of(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """No linear function of the matrix, so that it counts where cotangents come from."""

    def loss(x: Any) -> Any:
        y = function(x)
        total = np.sum(np.real(y * draw(*x.shape[-2:], seed=1, complex_=x.dtype.kind == "c")))
        return total + np.sin(np.sum(np.real(y) * draw(*x.shape[-2:], seed=2)))

    return loss


def first_and_second(loss: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    leaf = Tensor(x, requires_grad=True)
    (g,) = ag.grad(loss(leaf), leaf, create_graph=True)
    (h,) = ag.grad(np.sum(np.real(g * draw(*x.shape, seed=3))), leaf)
    return g.numpy(), h.numpy()


def close(found: Any, expected: Any) -> None:
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("function", OF_EIGENVALUES)
@pytest.mark.parametrize("matrix", HERMITIAN)
def test_a_function_of_eigenvalues_has_its_gradient_to_second_order(
    matrix: str, function: str
) -> None:
    x = HERMITIAN[matrix]
    by_vectors, directly = map(loss_of, OF_EIGENVALUES[function])
    leaf = Tensor(x, requires_grad=True)
    by_vectors(leaf).backward()
    expected, bent = first_and_second(directly, x)
    close(leaf.grad.numpy(), expected)
    found, found_bent = first_and_second(by_vectors, x)
    close(found, expected)
    close(found_bent, bent)


def test_the_sum_of_all_projectors_is_constant() -> None:
    for x in HERMITIAN.values():
        leaf = Tensor(x, requires_grad=True)
        loss_of(spectral(np.ones_like))(leaf).backward()
        np.testing.assert_allclose(leaf.grad, np.zeros_like(x), atol=1e-13)


def test_a_projector_on_a_whole_cluster_has_its_gradient() -> None:
    x = turned([1.0, 1.0, 2.0, 2.0])

    def loss(x: Any) -> Any:
        v = (la if isinstance(x, Tensor) else np.linalg).eigh(hermitian(x)).eigenvectors[:, :2]
        return np.sum(v @ v.mT * draw(4, 4))

    leaf = Tensor(x, requires_grad=True)
    loss(leaf).backward()
    np.testing.assert_allclose(leaf.grad, numeric_gradient(loss, [x], 0), atol=1e-9)


def test_float32_keeps_its_digits() -> None:
    x = turned([1.0, 1.0, 2.0, 2.0])
    single = Tensor(x.astype(np.float32), requires_grad=True)
    loss_of(spectral(np.exp))(single).backward()
    expected, _ = first_and_second(loss_of(exponential), x)
    assert single.grad.dtype == np.float32
    np.testing.assert_allclose(single.grad, expected, atol=1e-4 * np.abs(expected).max())


# ---- singular values -----------------------------------------------------------------------------

RECTANGULAR = {
    "the identity": np.eye(3),
    "ties": of_singular_values(3, 3, [2.0, 2.0, 1.0]),
    "tall ties": of_singular_values(4, 3, [2.0, 2.0, 1.0]),
    "wide ties": of_singular_values(2, 3, [2.0, 2.0]),
    "of rank 1": of_singular_values(3, 3, [2.0, 0.0, 0.0]),
    "tall of rank 1": of_singular_values(4, 3, [2.0, 0.0, 0.0]),
    "wide of rank 1": of_singular_values(2, 3, [2.0, 0.0]),
    "tall of rank 2, ties": of_singular_values(4, 3, [2.0, 2.0, 0.0]),
    "zeros": np.zeros((3, 2)),
    "complex": of_singular_values(3, 3, [2.0, 2.0, 1.0], complex_=True),
    "complex of rank 1": of_singular_values(3, 3, [2.0, 0.0, 0.0], complex_=True),
}

OF_SINGULAR_VALUES: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "U s Vᴴ": (lambda u, s, vh: (u * s) @ vh, lambda x: x),
    "U s³ Vᴴ": (lambda u, s, vh: (u * s**3) @ vh, lambda x: x @ adjoint(x) @ x),
    "Σ s²": (
        lambda u, s, vh: np.sum(s**2) + 0 * (u @ vh), lambda x: np.sum(np.abs(x) ** 2) + 0 * x
    ),
    "U s² Uᴴ x": (
        lambda u, s, vh: (u * s**2) @ adjoint(u) @ ((u * s) @ vh), lambda x: x @ adjoint(x) @ x
    ),
}  # fmt: skip


def factors(x: Any, full: bool) -> tuple[Any, Any, Any]:
    u, s, vh = la.svd(x, full_matrices=full)
    k = s.shape[-1]
    return u[..., :k], s, vh[..., :k, :]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("function", OF_SINGULAR_VALUES)
@pytest.mark.parametrize("matrix", RECTANGULAR)
def test_a_function_of_singular_values_has_its_gradient(
    matrix: str, function: str, full: bool
) -> None:
    x = RECTANGULAR[matrix]
    by_factors, directly = OF_SINGULAR_VALUES[function]
    leaf = Tensor(x, requires_grad=True)
    loss_of(lambda x: by_factors(*factors(x, full)))(leaf).backward()
    plain = Tensor(x, requires_grad=True)
    loss_of(directly)(plain).backward()
    close(leaf.grad.numpy(), plain.grad.numpy())


@pytest.mark.parametrize("matrix", ["the identity", "ties", "tall ties", "wide ties"])
def test_the_nearest_isometry_has_its_gradient(matrix: str) -> None:
    x = RECTANGULAR[matrix]

    def loss(x: Any) -> Any:
        svd = (la if isinstance(x, Tensor) else np.linalg).svd
        u, _, vh = svd(x, full_matrices=False)
        return np.sum(u @ vh * draw(*x.shape))

    leaf = Tensor(x, requires_grad=True)
    loss(leaf).backward()
    np.testing.assert_allclose(leaf.grad, numeric_gradient(loss, [x], 0), atol=1e-8)


# ---- what depends on the choice ------------------------------------------------------------------

UNDETERMINED: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "an element of V": (lambda x: la.eigh(x).eigenvectors[0, 0], np.eye(2), r"\(1 and 1\)"),
    "an element that is 0 however they turn": (
        lambda x: la.eigh(x).eigenvectors[0, 0], np.diag([1.0, 0.0, 0.0]), r"\(0 and 0\)"
    ),
    "another": (lambda x: la.eigh(x).eigenvectors[0, 1], np.eye(2), r"\(1 and 1\)"),
    "a weighting of V": (
        lambda x: np.sum(la.eigh(x).eigenvectors * draw(4, 4)), turned([1, 1, 2.5, 2.5]), "and"
    ),
    "V² of the identity": (
        lambda x: np.sum(la.eigh(x).eigenvectors ** 2 * draw(3, 3)), np.eye(3), r"\(1 and 1 and 1\)"
    ),
    "|V|": (lambda x: np.sum(np.abs(la.eigh(x).eigenvectors)), np.eye(3), r"\(1 and 1 and 1\)"),
    "a part of a cluster": (
        lambda x: np.sum(la.eigh(x).eigenvectors[:, :1] ** 4), turned([1, 1, 2.5]), "and 1"
    ),
    "of one matrix of a stack": (
        lambda x: np.sum(la.eigh(x).eigenvectors * draw(3, 3)),
        np.stack([np.diag([1.0, 2.0, 3.0]), np.diag([1.0, 4.0, 4.0])]),
        r"of matrix \(1,\) coincide \(4 and 4\)",
    ),
    "U": (lambda x: np.sum(la.svd(x).U * draw(3, 3)), np.eye(3), r"^svd: .*\(1 and 1 and 1\)"),
    "U, at 0": (
        lambda x: np.sum(la.svd(x, full_matrices=False).U * draw(4, 3)),
        of_singular_values(4, 3, [2.0, 1.0, 0.0]), r"^svd: values vanish \(0\)",
    ),
    "U Vᴴ of rank 1": (
        lambda x: np.sum(la.svd(x).U @ la.svd(x).Vh * draw(3, 3)),
        of_singular_values(3, 3, [2.0, 0.0, 0.0]), r"^svd: .*\(0 and 0\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("function", UNDETERMINED)
def test_what_depends_on_the_choice_of_vectors_is_nan_and_says_so(function: str) -> None:
    f, x, named = UNDETERMINED[function]
    leaf = Tensor(x, requires_grad=True)
    with pytest.warns(RuntimeWarning, match=named):
        f(leaf).backward()
    bad = np.isnan(leaf.grad.numpy()).any(axis=(-2, -1))
    assert bad.all() if x.ndim == 2 else bad.tolist() == [False, True]


def test_eigenvalues_alone_have_a_subgradient_where_they_meet() -> None:
    x = Tensor(np.eye(2), requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        la.eigvalsh(x)[0].backward()
    np.testing.assert_allclose(np.trace(x.grad.numpy()), 1)


def test_the_nuclear_norm_shares_and_vanishes() -> None:
    x = Tensor(np.diag([2.0, 2.0, 0.0]), requires_grad=True)
    la.matrix_norm(x, ord="nuc").backward()
    np.testing.assert_allclose(x.grad, np.diag([1.0, 1.0, 0.0]), atol=1e-15)


@pytest.mark.parametrize("f", [la.pinv, lambda x: la.lstsq(x, draw(4)).x])
def test_a_pseudoinverse_has_its_gradient_along_changes_that_keep_the_rank(f: Any) -> None:
    left, right = draw(4, 2), draw(2, 3, seed=1)

    def loss(left: Any, right: Any) -> Any:
        y = f(left @ right)
        return np.sum(y * draw(*y.shape, seed=2))

    leaves = [Tensor(left, requires_grad=True), Tensor(right, requires_grad=True)]
    loss(*leaves).backward()
    for position, leaf in enumerate(leaves):
        slopes = numeric_gradient(loss, [left, right], position)
        np.testing.assert_allclose(leaf.grad, slopes, rtol=1e-6, atol=1e-7)


# ---- the sweep -----------------------------------------------------------------------------------


def test_a_sweep_for_a_limit_is_as_any_other() -> None:
    """It accumulates, calls hooks, gives plain gradients, and frees the graph."""
    x, k = Tensor(np.eye(2), requires_grad=True), Tensor(np.float64(3.0), requires_grad=True)
    y = spectral(np.exp)(x * k)
    seen: list[Any] = []
    y.register_hook(lambda g: seen.append(g.numpy().copy()))
    loss = np.sum(y * draw(2, 2)) * k
    loss.backward(retain_graph=True)
    once = x.grad.numpy().copy()
    loss.backward()
    np.testing.assert_allclose(x.grad, 2 * once)
    np.testing.assert_allclose(seen, [3 * draw(2, 2)] * 2)
    assert not x.grad.requires_grad
    assert not k.grad.requires_grad
    with pytest.raises(ag.errors.FreedGraphError):
        loss.backward()


def test_nodes_with_ties_are_forgotten_with_their_graph() -> None:
    before = len(TIED)
    y = la.eigh(Tensor(np.eye(2), requires_grad=True)).eigenvectors
    assert len(TIED) == before + 1
    del y
    assert len(TIED) == before


def test_forward_mode_pushes_what_is_determined() -> None:
    along = Tensor(np.diag([1.0, 2.0, 3.0]))
    values, vectors = ag.jvp(lambda x: tuple(la.eigh(x)), (Tensor(np.eye(3)),), (along,))[1]
    assert values.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(vectors, np.zeros((3, 3)))
    across = Tensor(np.ones((3, 3)))
    for f in (lambda x: la.eigh(x).eigenvectors, lambda x: la.svd(x).U):
        assert np.isnan(ag.jvp(f, (Tensor(np.eye(3)),), (across,))[1].numpy()).all()


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (2, 3)])
@pytest.mark.parametrize("complex_", [False, True])
def test_forward_mode_of_singular_vectors(shape: Any, full: bool, complex_: bool) -> None:
    x, t = draw(*shape, complex_=complex_), draw(*shape, seed=1, complex_=complex_)

    def f(x: Any) -> Any:
        u, s, vh = factors(x, full)
        return np.abs(u) ** 2 @ s + np.sum((u * s**2) @ vh * draw(*shape, seed=2))

    def at(step: float) -> Any:
        return f(Tensor(x + step * t)).numpy()

    slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3
    np.testing.assert_allclose(ag.jvp(f, (Tensor(x),), (Tensor(t),))[1], slope, atol=1e-8)

"""autograd.numpy: NumPy's values for arrays; for traced ones the same, and right derivatives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autograd as ag
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad, jacobian
from autograd.errors import MissingAttributeError, UnsupportedError
from autograd.numpy import sin
from autograd.numpy.linalg import inv
from autograd.test_util import check_grads
from autograd.tracer import getval, isbox

rs = numpy.random.RandomState(0)
X, Y = rs.randn(3, 4), rs.rand(3, 4) + 0.5
V, S = rs.randn(4), rs.randn(3, 3)
Z = rs.randn(4) + 1j * rs.randn(4)
P = S @ S.T + 3 * numpy.eye(3)
MASK = X > 0

# what NumPy does not ask a Tensor about, what no op of the same name does, and habits of programs
TABLE: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "array of parts": (lambda x: np.array([x[0], 2.0 * x[1], 1.0]), (V,)),
    "array of rows": (lambda x: np.array([[x[0], 1.0], [x[1], x[2]]]), (V,)),
    "array ndmin": (lambda x: np.array(x, ndmin=2), (V,)),
    "array of arrays": (lambda x, y: np.array([x, y]), (V, 2 * V)),
    "asarray": (lambda x: np.asarray([x, x]), (V,)),
    "concatenate generator": (lambda x: np.concatenate(r for r in [x, 2 * x]), (V,)),
    "stack map": (lambda x: np.stack(map(sin, x), axis=1), (X,)),
    "vstack": (lambda x: np.vstack([x, [1.0, 2.0, 3.0, 0.1]]), (V,)),
    "hstack": (lambda x: np.hstack([x, 1.0]), (V,)),
    "column_stack": (lambda x: np.column_stack([x, x]), (V,)),
    "row_stack": (lambda x: np.row_stack([x, x]), (V,)),
    "dstack": (lambda x: np.dstack([x, x]), (X,)),
    "append": (lambda x: np.append(x, [1.0]), (X,)),
    "append axis": (lambda x: np.append(x, x, axis=1), (X,)),
    "r_": (lambda x: np.r_[x, 1.0, x[:2]], (V,)),
    "c_": (lambda x: np.c_[x, x], (V,)),
    "select": (lambda x: np.select([x > 1, x > 0], [x**2, x], 0.5), (X,)),
    "where": (lambda x: np.where(x > 0, x, 0.1), (X,)),
    "where mask": (lambda x, y: np.where(MASK, x, y), (X, Y)),
    "full": (lambda x: np.full((2, 3), x), (0.7,)),
    "linspace": (lambda a, b: np.linspace(a, b, 5), (0.1, 2.0)),
    "linspace open": (lambda a: np.linspace(a, 1.0, 4, endpoint=False), (V,)),
    "linspace of vectors": (lambda a, b: np.linspace(a, b, 3, axis=1), (V, V[::-1] + 3.0)),
    "full_like": (lambda x: np.full_like(np.zeros((2, 3)), x), (0.7,)),
    "full_like of itself": (lambda x: np.full_like(x, x) + np.full_like(x, 1.0), (V,)),
    "unique": (lambda x: np.unique(x), (X,)),
    "unique ties": (lambda x: np.unique(np.append(x, x))[:4], (V,)),
    "unique axis": (lambda x: np.unique(x, axis=0, return_counts=True)[0], (X,)),
    "unique inverse": (lambda x: np.unique(x, return_inverse=True)[0] ** 2, (V,)),
    "clip": (lambda x: np.clip(x, a_min=-0.5, a_max=0.5), (X,)),
    "clip positional": (lambda x: np.clip(x, -0.5, 0.5), (X,)),
    "split": (lambda x: np.split(x, 2)[1], (V,)),
    "array_split": (lambda x: np.array_split(x, 3)[0], (V,)),
    "hsplit": (lambda x: np.hsplit(x, 2)[1], (X,)),
    "rollaxis": (lambda x: np.rollaxis(x, 1), (X,)),
    "partition": (lambda x: np.partition(x, 2), (V,)),
    "partition flat": (lambda x: np.partition(x, 2, axis=None), (X,)),
    "gradient": (lambda x: np.gradient(x), (V,)),
    "gradient spacing": (lambda x: np.gradient(x, 0.5), (V,)),
    "gradient axis": (lambda x: np.gradient(x, axis=1), (X,)),
    "gradient places": (lambda x: np.gradient(x, np.array([0.0, 1.0, 3.0, 3.5])), (V,)),
    "gradient all": (lambda x: np.gradient(x)[1], (X,)),
    "real_if_close": (lambda x: np.real_if_close(x + 0j), (V,)),
    "make_diagonal": (lambda x: np.make_diagonal(x, axis1=-1, axis2=-2), (X,)),
    "max": (lambda x: np.max(x, axis=1, keepdims=True), (X,)),
    "max complex": (lambda x: np.real(np.max(x)), (Z,)),
    "var complex": (lambda x: np.var(x), (Z,)),
    "std complex": (lambda x: np.std(x, ddof=1), (Z,)),
    "std axis": (lambda x: np.std(x, axis=0), (X,)),
    "mean list": (lambda x: np.mean([x[0], x[1]]), (V,)),
    "sum list": (lambda x: np.sum([x, 2 * x], axis=0), (V,)),
    "dot list": (lambda x: np.dot([0.1, 0.2, 0.3, 0.4], x), (V,)),
    "einsum": (lambda x, y: np.einsum("ij,kj->ik", x, y), (X, Y)),
    "einsum lists": (lambda x, y: np.einsum(x, [0, 1], y, [2, 1], [0, 2]), (X, Y)),
    "tensordot": (lambda x, y: np.tensordot(x, y, 2), (X, Y)),
    "index": (lambda x: x[[0, 2], 1:], (X,)),
    "mask": (lambda x: x[MASK], (X,)),
    "methods": (lambda x: x.T.flatten().reshape(2, -1).astype(float).sum(axis=0), (X,)),
    "reshape by columns": (lambda x: np.reshape(x, (2, -1), order="F"), (X,)),
    "reshape by position": (lambda x: np.reshape(x, (2, 6), "F"), (X,)),
    "reshape method": (lambda x: x.reshape(2, 6, order="F") + x.reshape((2, 6), order="C"), (X,)),
    "reshape three axes": (lambda x: np.reshape(x[:, None] * x, (4, -1), order="F"), (X,)),
    "ravel by columns": (lambda x: np.ravel(x, order="F") * np.ravel(x, "C"), (X,)),
    "ravel method": (lambda x: x.ravel("F") * x.ravel(order="C"), (X,)),
    "flatten by columns": (lambda x: x.flatten("F") * x.flatten(order="C"), (X,)),
    "vectorize": (lambda x: np.vectorize(lambda t: t**2 if t > 0 else -t)(x), (X,)),
    "vectorize two": (lambda x, y: np.vectorize(lambda s, t: s * t)(x, y), (X, V)),
    "vectorize number": (lambda x: np.vectorize(lambda t, k: t**k)(x, 3), (0.7,)),
    "vectorize options": (lambda x: np.vectorize(sin, otypes=[float], excluded=["k"])(x), (V,)),
    "vectorize excluded": (
        lambda x: np.vectorize(lambda t, p, k: t * p[k], excluded=["p"])(x, p=[0.1, 0.2], k=1),
        (V,),
    ),
    "vectorize results": (lambda x: np.vectorize(lambda t: (t, t * t))(x)[1], (V,)),
    "block": (lambda x, y: np.block([[x, y], [2.0 * y, np.zeros((3, 4))]]), (X, Y)),
    "block row": (lambda x: np.block([x, 1.0, 2.0 * x]), (V,)),
    "block axes": (lambda x: np.block([[x], [x]]), (V,)),
    "list operand": (lambda x: x * [0.1, 0.2, 0.3, 0.4], (V,)),
    "ufunc": (lambda x: sin(x) + np.logaddexp(x, 0.0), (X,)),
    "zeros_like": (lambda x: x + np.zeros_like(x), (X,)),
    "argmax": (lambda x: x[np.argmax(x)], (V,)),
    "solve": (lambda a, b: np.linalg.solve(a, b), (P, V[:3])),
    "inv": (lambda a: inv(a), (P,)),
    "slogdet": (lambda a: np.linalg.slogdet(a)[1], (P,)),
    "cholesky": (lambda a: np.linalg.cholesky(a + a.T), (P,)),
    "norm": (lambda a: np.linalg.norm(a), (S,)),
    "norm list": (lambda x: np.linalg.norm([x[0], x[1]]), (V,)),
    "eigh lower": (lambda a: np.linalg.eigh(a)[0], (S,)),
    "eigh upper": (lambda a: np.linalg.eigh(a, "U")[1] ** 2, (S,)),
    "eigvalsh": (lambda a: np.linalg.eigvalsh(a), (S,)),
    "eig": (lambda a: np.abs(np.linalg.eig(a)[0]), (S,)),
    "eig vectors": (lambda a: np.abs(np.linalg.eig(a)[1]), (S,)),
    "svd": (lambda a: np.linalg.svd(a, full_matrices=False)[1], (X,)),
}
TRANSFORMS = ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn", "fftshift", "ifftshift")


@pytest.mark.parametrize("name", TABLE)
def test_values_are_numpys_and_derivatives_those_of_differences(name: str) -> None:
    function, args = TABLE[name]
    check_grads(function, tuple(range(len(args))), modes=["rev"], order=2)(*args)
    check_grads(function, tuple(range(len(args))), modes=["fwd"], order=1)(*args)
    traced: Any = []
    grad(lambda *xs: traced.append(function(*xs)) or np.sum(np.abs(xs[0])))(*args)
    numpy.testing.assert_allclose(getval(traced[0]), function(*args), rtol=1e-12)


@pytest.mark.parametrize("part", [slice(None), slice(1, 3)], ids=["argument", "view"])
def test_an_operator_in_place_names_a_new_value(part: slice) -> None:
    def f(x: Any) -> Any:
        old = y = x[part] if part != slice(None) else x
        y += 1.0
        y *= old
        return np.sum(y) + 0.0 * np.sum(x)

    expected = numpy.zeros(4)
    expected[part] = (2 * V + 1)[part]
    numpy.testing.assert_allclose(grad(f)(V), expected)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("x", [X, X + 1j * Y], ids=["real", "complex"])
def test_transforms_have_numpys_values_and_right_derivatives(name: str, x: Any) -> None:
    transform = getattr(np.fft, name)
    check_grads(lambda x: np.abs(transform(x)) ** 2, modes=["rev", "fwd"], order=2)(x)


@pytest.mark.parametrize("n", [None, 3, 4, 5, 8])
@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
def test_transforms_of_real_values_in_any_length_and_norm(n: Any, norm: Any) -> None:
    check_grads(lambda x: np.abs(np.fft.rfft(x, n, norm=norm)) ** 2, order=1)(X)
    check_grads(lambda x: np.fft.irfft(x + 1j * x, n, norm=norm), order=1)(X)
    check_grads(lambda x: np.fft.irfftn(x + 1j * x, norm=norm), order=1)(X)
    check_grads(lambda x: np.abs(np.fft.rfft2(x, norm=norm)), order=1)(X)


def test_given_arrays_the_functions_are_numpys() -> None:
    differ = {"where", "concatenate", "concat", "stack", "vstack", "hstack", "dstack", "r_", "c_",
              "column_stack", "row_stack", "block", "vectorize"}  # fmt: skip
    for name in np.__all__:
        theirs, ours = getattr(numpy, name), getattr(np, name)
        if not callable(theirs) or isinstance(theirs, (type, numpy.ufunc)):
            assert ours is theirs or name in differ | {"fft", "linalg", "random"}, name
        elif name not in differ:
            assert getattr(ours, "__wrapped__", ours) is theirs, name
    assert np.pi == numpy.pi
    assert np.float64 is numpy.float64
    assert np.__version__ == numpy.__version__
    assert isinstance(np.concatenate([X, X]), numpy.ndarray)


def test_answers_about_a_traced_value_are_plain() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.extend([np.argmax(x), np.shape(x), np.zeros_like(x), np.any(x > 0), np.allclose(x, x)])
        return np.sum(x)

    grad(f)(V)
    assert not any(map(isbox, seen))
    numpy.testing.assert_array_equal(seen[2], numpy.zeros(4))


def test_draws_are_numpys() -> None:
    npr.seed(3)
    mine = npr.randn(3)
    numpy.testing.assert_array_equal(mine, numpy.random.RandomState(3).randn(3))
    assert npr.RandomState is numpy.random.RandomState


LOST: dict[str, Callable[[Any], Any]] = {
    "assignment to an array": lambda x: _assign(numpy.zeros(4), x[0]),
    "float": lambda x: float(x[0]),
    "plain NumPy's array": lambda x: numpy.sum(numpy.array([x[0], x[1]])),
    "a function without a derivative": lambda x: np.busday_count(x, x).sum(),
}


def _assign(a: Any, value: Any) -> Any:
    a[0] = value
    return np.sum(a)


@pytest.mark.parametrize("name", LOST)
def test_a_gradient_that_would_be_lost_is_refused_with_what_to_write(name: str) -> None:
    with pytest.raises((UnsupportedError, ValueError)) as raised:
        grad(LOST[name])(V)
    error = raised.value.__cause__ or raised.value  # NumPy raises one of its own from ours
    assert isinstance(error, UnsupportedError)
    assert re.search(r"np\.(array|where|busday)", str(error))


def test_files_of_hips_are_attributes() -> None:
    assert np.numpy_boxes.ArrayBox is ag.Tensor
    assert callable(np.numpy_vjps.unbroadcast_f)
    assert callable(np.numpy_jvps.broadcast)


def test_a_name_that_numpy_lacks_is_missing_here() -> None:
    with pytest.raises(
        MissingAttributeError, match=r"no attribute 'arrange'; did you mean 'arange'"
    ):
        np.arrange  # noqa: B018
    with pytest.raises(
        MissingAttributeError, match=r"no attribute 'relu': there is autograd\.relu"
    ):
        np.relu  # noqa: B018
    assert not hasattr(np, "arrange")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex128"])
def test_a_gradient_has_the_dtype_of_its_argument(dtype: str) -> None:
    x = V.astype(dtype)
    assert grad(lambda x: np.sum(np.abs(x) ** 2))(x).dtype == dtype
    assert type(grad(lambda x: np.sum(x * 0.5))(1.0)) is numpy.float64


def test_python_floats_are_float64_in_a_differentiated_function() -> None:
    kinds: list[Any] = []

    def f(x: Any) -> Any:
        kinds.extend([(x * [0.1] * 4).dtype, x.astype(float).dtype, np.array([0.1]).dtype])
        return np.sum(x)

    grad(f)(V)
    assert {str(kind) for kind in kinds} == {"float64"}
    assert ag.Tensor([0.1]).dtype == "float32"


def test_empty_and_0d_arrays() -> None:
    assert grad(lambda x: np.sum(x**2))(numpy.zeros((0, 3))).shape == (0, 3)
    assert float(grad(lambda x: x**2)(numpy.array(3.0))) == 6.0
    assert jacobian(lambda x: x * 2)(numpy.zeros(0)).shape == (0, 0)


KINKS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "clip at a bound": (lambda x: np.clip(x, 0.0, 1.0), 1.0, 1.0),
    "norm at 0": (np.linalg.norm, numpy.zeros(2), [0.0, 0.0]),
    "sinc at 0": (np.sinc, 0.0, 0.0),
    "prod with a zero": (np.prod, numpy.array([0.0, 2.0, 3.0]), [6.0, 0.0, 0.0]),
    "abs at 0": (np.abs, 0.0, 0.0),
    "ties of max": (np.max, numpy.array([1.0, 1.0, 0.0]), [0.5, 0.5, 0.0]),
    "ties of maximum": (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
}


@pytest.mark.parametrize("name", KINKS)
def test_at_kinks_the_choice_is_that_of_the_ops(name: str) -> None:
    function, x, expected = KINKS[name]
    numpy.testing.assert_allclose(grad(function)(x), expected)

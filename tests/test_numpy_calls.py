"""NumPy's calls on Tensors, in all their forms: the value NumPy gives, and its gradient twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import ArgumentError, AutogradError, DTypeError, UnsupportedError
from tests.numeric import ATOL, RTOL, numeric_gradient

A = np.array([[0.3, -1.2, 0.7], [1.1, 0.4, -0.6]])
P = np.array([[0.3, 1.2, 0.7], [1.1, 0.4, 0.6]])
V = np.array([1.0, -2.0, 0.5])
M = np.array([[True, False, True], [False, True, True]])
Z = np.zeros((2, 3))

Call = Callable[[Any], Any]


def at(ufunc: Any, x: Any, *args: Any) -> Any:
    """What `ufunc.at` makes of a copy."""
    y = x * 1.0
    ufunc.at(y, *args)
    return y


# each is run on an array and on a Tensor
UFUNCS: dict[str, tuple[Call, Any]] = {
    "where, out": (lambda x: np.exp(x, where=M, out=x * 2), A),
    "where of two": (lambda x: np.multiply(x, V, where=M, out=x * 0.0), A),
    "where: no NaN comes in": (lambda x: np.log(x, where=x > 0, out=x * 0.0), A),
    "dtype": (lambda x: np.add(x, 1, dtype="float64"), A.astype(np.float32)),
    "casting": (lambda x: np.sin(x, dtype="float32", casting="unsafe"), A),
    "order, subok": (lambda x: np.sin(x, order="F", subok=False), A),
    "axes of matmul": (lambda x: np.matmul(x, x, axes=[(0, 1), (1, 0), (0, 1)]), A),
    "add.reduce": (lambda x: np.add.reduce(x, 1, keepdims=True), A),
    "add.reduce over nothing": (lambda x: np.add.reduce(x, ()), A),
    "add.reduce initial, where": (lambda x: np.add.reduce(x, 1, initial=2.0, where=M), A),
    "add.reduce positional": (lambda x: np.add.reduce(x, 0, None, None, True), A),
    "multiply.reduce where": (lambda x: np.multiply.reduce(x, axis=(0, 1), where=M), A),
    "maximum.reduce initial": (lambda x: np.maximum.reduce(x, axis=1, initial=0.35), A),
    "minimum.reduce where": (lambda x: np.minimum.reduce(x, 0, initial=9.0, where=M), A),
    "subtract.reduce": (lambda x: np.subtract.reduce(x, axis=1), A),
    "subtract.reduce initial": (lambda x: np.subtract.reduce(x, axis=-1, initial=3.0), A),
    "divide.reduce": (lambda x: np.divide.reduce(x, axis=0, keepdims=True), P),
    "logaddexp.reduce": (lambda x: np.logaddexp.reduce(x, axis=1), A),
    "hypot.reduce": (lambda x: np.hypot.reduce(x, axis=None), P),
    "hypot.reduce where": (lambda x: np.hypot.reduce(x, axis=1, where=M), P),
    "add.accumulate": (lambda x: np.add.accumulate(x, 1), A),
    "multiply.accumulate": (lambda x: np.multiply.accumulate(x), A),
    "maximum.accumulate": (lambda x: np.maximum.accumulate(x, axis=-1), A),
    "subtract.accumulate": (lambda x: np.subtract.accumulate(x, axis=1), A),
    "add.outer": (lambda x: np.add.outer(x, V), A),
    "multiply.outer": (lambda x: np.multiply.outer(V, x), A),
    "subtract.outer of numbers": (lambda x: np.subtract.outer(x[0, 0], x), A),
    "divide.outer": (lambda x: np.divide.outer(x, x), P),
    "add.reduceat": (lambda x: np.add.reduceat(x, [0, 2, 1], axis=1), A),
    "multiply.reduceat": (lambda x: np.multiply.reduceat(x, [0, 1]), A),
    "subtract.reduceat": (lambda x: np.subtract.reduceat(x, [0, 2], axis=-1), A),
    "add.at": (lambda x: at(np.add, x, [0, 1, 0], V), A),
    "add.at a tuple": (lambda x: at(np.add, x, ([0, 1, 1], [2, 0, 0]), V), A),
    "subtract.at": (lambda x: at(np.subtract, x, (slice(None), 1), 2.0), A),
    "multiply.at": (lambda x: at(np.multiply, x, ([0, 0, 1], [1, 1, 2]), V), A),
    "negative.at": (lambda x: at(np.negative, x, ([0, 0, 1], [1, 1, 2])), A),
    "sin.at": (lambda x: at(np.sin, x, ([0, 1], [1, 2])), A),
    "divide.at by x": (lambda x: at(np.divide, x, ([0, 0], [1, 1]), x[1, :2]), P),
    "modf": (lambda x: np.modf(x)[0], A),
}
REDUCTIONS: dict[str, tuple[Call, Any]] = {
    "sum where": (lambda x: np.sum(x, where=M), A),
    "sum where broadcast": (lambda x: np.sum(x, axis=0, where=[True, False, True]), A),
    "sum initial": (lambda x: np.sum(x, axis=1, initial=2.0), A),
    "sum all forms": (lambda x: np.sum(a=x, axis=1, dtype=None, keepdims=True, initial=1), A),
    "sum by position": (lambda x: np.sum(x, -1, None, None, True), A),
    "sum dtype": (lambda x: np.sum(x, dtype="float64"), A.astype(np.float32)),
    "prod": (lambda x: np.prod(x, axis=1, initial=3.0, where=M), A),
    "mean where": (lambda x: np.mean(x, axis=1, where=M, keepdims=True), A),
    "mean by position": (lambda x: np.mean(x, 0, None, None, True), A),
    "max": (lambda x: np.max(x, axis=1, initial=0.2, where=M), A),
    "max by position": (lambda x: np.max(x, 0, None, True), A),
    "amin": (lambda x: np.amin(x, axis=0, initial=9, where=M), A),
    "min": (lambda x: np.min(x, initial=-3.0), A),
    "max of none": (lambda x: np.max(x[:, :0], axis=1, initial=2.5) + x[:, 0], A),
    "var where": (lambda x: np.var(x, axis=1, where=M), A),
    "var ddof dtype": (lambda x: np.var(x, axis=1, ddof=1, dtype="float64"), A),
    "var by position": (lambda x: np.var(x, 0, None, None, 1), A),
    "var mean": (lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)), A),
    "var correction": (lambda x: np.var(x, axis=1, correction=1), A),
    "std where": (lambda x: np.std(x, axis=0, where=[[True], [True]], keepdims=True), A),
    "std dtype": (lambda x: np.std(x, dtype="float64"), A),
    "nansum": (lambda x: np.nansum(x, axis=1, initial=1.0, where=M), A),
    "nansum dtype": (lambda x: np.nansum(x, dtype="float64"), A),
    "nanmean": (lambda x: np.nanmean(x, axis=1, where=M), A),
    "nanmean dtype": (lambda x: np.nanmean(x, axis=1, dtype="float64"), A),
    "nanmax": (lambda x: np.nanmax(x, axis=1, initial=0.2, where=M), A),
    "nanmin": (lambda x: np.nanmin(x, axis=0, initial=9.0), A),
    "ptp": (lambda x: np.ptp(x, axis=1, keepdims=True), A),
    "x.sum": (lambda x: x.sum(axis=1, where=M, initial=0.5), A),
    "x.mean": (lambda x: x.mean(axis=0, where=M), A),
    "x.max": (lambda x: x.max(axis=0, initial=0.5, where=M), A),
    "x.var": (lambda x: x.var(axis=1, ddof=1, where=M), A),
    "x.prod": (lambda x: x.prod(axis=1, where=M), A),
    "average returned": (lambda x: np.average(x, axis=1, weights=P, returned=True)[0], A),
    "average's weights": (lambda x: np.average(A, axis=1, weights=x, returned=True)[1], P),
    "cumsum dtype": (lambda x: np.cumsum(x, 1, "float64"), A),
    "trace dtype": (lambda x: np.trace(x, dtype="float64"), A),
    "trace by position": (lambda x: np.trace(x, 1, 0, 1), A),
    "concatenate dtype": (lambda x: np.concatenate((x, A), axis=1, dtype="float64"), A),
    "concatenate None": (lambda x: np.concatenate([x, x], None), A),
    "stack dtype": (lambda x: np.stack([x, A], 1, dtype="float32", casting="same_kind"), A),
    "hstack dtype": (lambda x: np.hstack([x, A], dtype="float64"), A),
    "vstack casting": (lambda x: np.vstack((x, A), casting="same_kind"), A),
    "clip a_min": (lambda x: np.clip(x, a_min=-0.5, a_max=0.5), A),
    "clip by position": (lambda x: np.clip(x, -0.5, None), A),
    "clip min": (lambda x: np.clip(x, min=-0.5, max=0.9), A),
    "x.clip": (lambda x: x.clip(max=0.45), A),
    "reshape F": (lambda x: np.reshape(x, (3, 2), order="F"), A),
    "reshape by position": (lambda x: np.reshape(x, (3, 2), "F"), A),
    "ravel F": (lambda x: np.ravel(x, "F"), A),
    "copy": (lambda x: np.copy(x, order="F", subok=True), A),
    "sort kind": (lambda x: np.sort(x, 1, kind="stable"), A),
    "sort heap": (lambda x: np.sort(x, kind="heapsort", axis=0), A),
    "sort None": (lambda x: np.sort(x, axis=None), A),
    "angle deg": (lambda x: np.angle(x + 1j * V, deg=True), A),
    "round out None": (lambda x: np.round(x, 1, None) + x, A),
    "median keepdims": (lambda x: np.median(x, 1, None, False, True), A),
    "quantile by position": (lambda x: np.quantile(x, 0.4, 1), A),
    "take by position": (lambda x: np.take(x, [0, 2], 1, None, "raise"), A),
    "dot by name": (lambda x: np.dot(b=V, a=x), A),
    "svd hermitian": (
        lambda x: np.linalg.svd(x @ np.conj(x.T), compute_uv=False, hermitian=True), A),
    "full_like": (lambda x: np.full_like(x, 2.0, shape=(3,)) * x[0], A),
    "nan_to_num": (lambda x: np.nan_to_num(x, copy=True, nan=1.0), A),
    "linspace": (lambda x: np.linspace(x[0], x[1], 4, axis=-1), A),
    "linspace retstep": (lambda x: np.linspace(x[0, 0], 3.0, 4, endpoint=False, retstep=True)[0],
                         A),
    "linspace's step": (lambda x: np.linspace(x[0, 0], 3.0, 4, False, True)[1], A),
    "logspace": (lambda x: np.logspace(x[0, 0], x[0, 1], 3), A),
    "logspace base": (lambda x: np.logspace(0.0, 1.0, 3, base=x[1, 0]), P),
    "geomspace": (lambda x: np.geomspace(x[0, 0], x[0, 1], 4), P),
}  # fmt: skip


def agrees(f: Call, value: Any) -> None:
    """NumPy's value, shape and dtype; the gradient and its gradient, against differences."""
    with np.errstate(all="ignore"):
        expected = f(value.copy())
    x = ag.Tensor(value, requires_grad=True)
    out = f(x)
    assert isinstance(out, ag.Tensor)
    assert out.requires_grad
    assert out.shape == np.shape(expected)
    assert out.dtype == expected.dtype
    close = 1e-6 if expected.dtype.itemsize <= 4 else 1e-12
    np.testing.assert_allclose(out.numpy(), expected, rtol=close, atol=close)
    if close == 1e-6 or value.dtype != np.float64:
        out.sum().backward()
        assert x.grad is not None
        assert x.grad.dtype == value.dtype
        return
    weights = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(expected))
    along = np.random.default_rng(1).uniform(-1, 1, value.shape)

    def first(v: Any) -> Any:
        y = ag.Tensor(v, requires_grad=True)
        return (ag.grad((f(y) * weights).sum(), y, create_graph=True)[0] * along).sum(), y

    def real(v: Any) -> float:
        with np.errstate(all="ignore"):
            return float(np.sum(f(v) * weights))

    (g,) = ag.grad(out, x, weights)
    np.testing.assert_allclose(g.numpy(), numeric_gradient(real, [value], 0), RTOL, ATOL)
    slope, y = first(value)
    (gg,) = ag.grad(slope, y, allow_unused=True) if slope.requires_grad else (None,)
    found = np.zeros_like(value) if gg is None else gg.numpy()
    expected = numeric_gradient(lambda v: float(first(v)[0].numpy()), [value], 0)
    np.testing.assert_allclose(found, expected, RTOL, 10 * ATOL)


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_and_their_methods_record_in_all_forms(name: str) -> None:
    agrees(*UFUNCS[name])


@pytest.mark.parametrize("name", REDUCTIONS)
def test_functions_take_what_numpys_take(name: str) -> None:
    agrees(*REDUCTIONS[name])


S = np.array([[2.0, 0.3, -0.5], [0.1, 1.5, 0.4], [0.2, -0.3, 3.0]])
T4 = (np.arange(16.0) % 5 * 0.1 + 3 * np.eye(4).ravel()).reshape(2, 2, 4)
G = np.where(M, A, np.nan)
LA = ag.linalg

FUNCTIONS: dict[str, tuple[Call, Any]] = {
    "append": (lambda x: np.append(x, [[1.0, 2, 3]], 0), A),
    "append flat": (lambda x: np.append(V, x), A),
    "cov": (lambda x: np.cov(x, bias=True), A),
    "cov's weights": (lambda x: np.cov(A, aweights=x), np.array([0.5, 1.0, 2.0])),
    "corrcoef": (lambda x: np.corrcoef(x, V), A),
    "gradient": (lambda x: np.gradient(x, 0.5, axis=1), A),
    "gradient's places": (lambda x: np.gradient(A, x, axis=1), np.array([0.0, 0.4, 1.0])),
    "select": (lambda x: np.select([M, ~M], [x, x * x], 3.0), A),
    "choose": (lambda x: np.choose([[0, 1, 0], [1, 1, 0]], [x, x * 2]), A),
    "block": (lambda x: np.block([[x, 2 * x], [np.ones((1, 6))]]), A),
    "interp": (lambda x: np.interp([0.1, 0.6, 5.0], [0.0, 0.5, 1.0], x), V),
    "interp's places": (lambda x: np.interp(0.3, x, V), np.array([0.0, 0.5, 1.0])),
    "convolve": (lambda x: np.convolve(x, [1.0, 2.0], "same"), V),
    "convolve by name": (lambda x: np.convolve(v=x, a=V, mode="valid"), V),
    "correlate": (lambda x: np.correlate([1.0, 2, 3, 4], x, "full"), V),
    "correlate same": (lambda x: np.correlate(x, [1.0, 2, 3, 4], "same"), V),
    "partition": (lambda x: np.partition(x, 1), A),
    "rollaxis": (lambda x: np.rollaxis(x, 1), A),
    "diagflat": (lambda x: np.diagflat(x, 1), A),
    "vander": (lambda x: np.vander(x, 4, increasing=True), V),
    "vander N": (lambda x: np.vander(x, N=2), V),
    "ediff1d": (lambda x: np.ediff1d(x, to_begin=1.0), A),
    "nanstd": (lambda x: np.nanstd(x, axis=1, ddof=0), A),
    "nanvar where": (lambda x: np.nanvar(x, 1, None, None, 1), A),
    "nanprod": (lambda x: np.nanprod(x, axis=0, keepdims=True), A),
    "nancumsum": (lambda x: np.nancumsum(x, axis=1), A),
    "nancumprod": (lambda x: np.nancumprod(x), A),
    "nanmedian": (lambda x: np.nanmedian(x, axis=1), A),
    "nanquantile": (lambda x: np.nanquantile(x, 0.3, axis=0), A),
    "quantile's weights": (
        lambda x: np.quantile(x, [0.0, 0.4, 1.0], 1, weights=[0.0, 2, 1], method="inverted_cdf"), A,
    ),
    "nanquantile's weights": (
        lambda x: np.nanquantile(
            x, 0.7, axis=0, weights=[[1.0, 2, 3], [3, 1, 0.5]], method="inverted_cdf", keepdims=True
        ), np.where(np.arange(6).reshape(2, 3) == 4, np.nan, 0) + A,
    ),
    "percentile's weights": (
        lambda x: np.percentile(x, 30, weights=V * V, method="inverted_cdf"), V,
    ),
    "meshgrid sparse": (lambda x: np.meshgrid(x, [1.0, 2.0], sparse=True)[0], V),
    "meshgrid sparse ij": (lambda x: np.meshgrid([1.0, 2], x, indexing="ij", sparse=True)[1], V),
    "fabs": (np.fabs, A),
    "nanpercentile": (lambda x: np.nanpercentile(x, [10.0, 70.0], 1), A),
    "real_if_close": (np.real_if_close, A),
    "apply_along_axis": (lambda x: np.apply_along_axis(lambda v: v * v[0], 1, x), A),
    "apply_over_axes": (lambda x: np.apply_over_axes(np.sum, x, [0, 1]), A),
    "polyval": (lambda x: np.polyval([1.0, -2.0, 0.5], x), A),
    "polyval's p": (lambda x: np.polyval(x, A), V),
    "polyadd": (lambda x: np.polyadd(x, [1.0]), V),
    "polyfit": (lambda x: np.polyfit([0.0, 1.0, 3.0], x, 1), V),
    "roots": (np.roots, np.array([1.0, -3.5, 2.0, 0.5])),
    "poly": (np.poly, V),
    "polydiv": (lambda x: np.polydiv(x, [2.0, 1.0])[0], V),
    "piecewise": (lambda x: np.piecewise(x, [x > 0, x < -1], [np.sin, np.exp, 2.0]), A),
    "insert": (lambda x: np.insert(x, [0, 2], V[:2, None], axis=1), A),
    "insert's values": (lambda x: np.insert(A, 1, x, axis=0), V),
    "delete": (lambda x: np.delete(x, slice(0, 2), axis=1), A),
    "delete a mask": (lambda x: np.delete(x, [True, False, False], 1), A),
    "resize": (lambda x: np.resize(x, (2, 5)), A),
    "trim_zeros": (lambda x: np.trim_zeros(np.append(x, [0.0, 0.0])), V),
    "i0": (np.i0, A),
    "sinc": (np.sinc, A),
    "unwrap": (lambda x: np.unwrap(x * 4, axis=0), A),
    "compress": (lambda x: np.compress([True, False, True], x, axis=1), A),
    "extract": (lambda x: np.extract(M, x), A),
    "matvec": (lambda x: np.matvec(x, V), A),
    "vecmat": (lambda x: np.vecmat(x, S), V),
    "union1d": (lambda x: np.union1d(x, [7.0]), V),
    "intersect1d": (lambda x: np.intersect1d(x, V), V + 0),
    "setdiff1d": (lambda x: np.setdiff1d(x, [1.0]), A),
    "tensorinv": (lambda x: np.linalg.tensorinv(x, ind=2), T4),
    "tensorsolve": (lambda x: np.linalg.tensorsolve(x, A[:, :2]), T4),
    "eigvals": (np.linalg.eigvals, S),
    "eig": (lambda x: np.linalg.eig(x)[0], S),
    "qr complete": (lambda x: abs(np.linalg.qr(x, "complete")[0].T @ S @ V), S[:, :2]),
    "cond": (np.linalg.cond, S),
    "multi_dot": (lambda x: np.linalg.multi_dot([x, x, V]), S),
    "quantile's q": (lambda x: np.quantile(A, x), np.array([0.1, 0.45, 0.9])),
    "quantile's q, hazen": (lambda x: np.quantile(A, x, method="hazen", axis=1), np.array(0.45)),
    "percentile's q": (lambda x: np.percentile(A, x, axis=1), np.array(33.0)),
    "x.compress": (lambda x: x.compress([True, False, True], axis=1), A),
    "x.partition": (lambda x: np.partition(x, 0, axis=0), A),
}  # fmt: skip
METHODS = {"vecmat", "matvec"} - set(dir(np))  # which NumPy 2.1 does not have


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in METHODS])
def test_functions_record_under_numpys_names(name: str) -> None:
    if name == "intersect1d":
        assert np.intersect1d(ag.Tensor(V, requires_grad=True), V).requires_grad
        return
    agrees(*FUNCTIONS[name])


@pytest.mark.parametrize("method", [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher",
    "midpoint", "nearest",
])  # fmt: skip
def test_quantiles_are_found_by_all_of_numpys_methods(method: str) -> None:
    q = np.linspace(0, 1, 9)
    x = ag.Tensor(A, requires_grad=True)
    found = np.quantile(x, q, axis=1, method=method)
    np.testing.assert_allclose(found.numpy(), np.quantile(A, q, axis=1, method=method), rtol=1e-13)
    assert found.requires_grad


WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "copyto": lambda x, v: np.copyto(x, v),
    "copyto where": lambda x, v: np.copyto(x, v, where=M),
    "put": lambda x, v: np.put(x, [0, 4, -1], v),
    "put twice": lambda x, v: np.put(x, [0, 4, 0], v),
    "put clip": lambda x, v: np.put(x, [0, 40], v, mode="clip"),
    "place": lambda x, v: np.place(x, M, v),
    "putmask": lambda x, v: np.putmask(x, M, v),
    "put_along_axis": lambda x, v: np.put_along_axis(x, np.array([[0, 1, 0]]), v[None], axis=0),
    "fill_diagonal": lambda x, v: np.fill_diagonal(x, v),
    "fill_diagonal wrap": lambda x, v: np.fill_diagonal(x.reshape(3, 2), v[:2], wrap=True),
    "x.put": lambda x, v: x.put([1, 2], v),
    "x.fill": lambda x, v: x.fill(v[1]),
    "out=": lambda x, v: np.add(v, 1.0, out=x),
    "out= of sum": lambda x, v: np.sum([[1.0], [2.0]] * v, axis=0, out=x[0]),
}


@pytest.mark.parametrize("name", WRITES)
def test_numpys_functions_that_write_do_so_in_tensors(name: str) -> None:
    """The numbers that NumPy writes; the gradient is that of what was written, and what stayed."""
    expected = A.copy()
    WRITES[name](expected, V)

    def written(x: Any, v: Any) -> Any:
        y = ag.Tensor(x) * 1.0
        WRITES[name](y, v)
        return y

    x, v = ag.Tensor(A, requires_grad=True), ag.Tensor(V, requires_grad=True)
    y = x * 1.0
    WRITES[name](y, v)
    np.testing.assert_allclose(y.numpy(), expected)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, A.shape)
    of_x, of_v = ag.grad(y, [x, v], weights, allow_unused=True)

    def number(a: Any, b: Any) -> float:
        c = a.copy()
        WRITES[name](c, b)
        return float(np.sum(c * weights))

    for found, position in ((of_x, 0), (of_v, 1)):
        slopes = numeric_gradient(number, [A, V], position)
        found = np.zeros_like(slopes) if found is None else found.numpy()
        np.testing.assert_allclose(found, slopes, RTOL, ATOL)


@pytest.mark.parametrize("name", [n for n in WRITES if n[:2] not in ("x.", "fi")])
def test_an_array_that_is_written_to_keeps_no_gradient(name: str) -> None:
    array = A.copy()
    with pytest.raises(UnsupportedError, match="keeps no gradient"):
        WRITES[name](array, ag.Tensor(V, requires_grad=True))
    np.testing.assert_array_equal(array, A)
    WRITES[name](array, ag.Tensor(V))
    expected = A.copy()
    WRITES[name](expected, V)
    np.testing.assert_array_equal(array, expected)


STEPS: dict[str, Call] = {
    "argpartition": lambda x: np.argpartition(x, 1),
    "digitize": lambda x: np.digitize(x, [-1.0, 0.0, 1.0]),
    "isin": lambda x: np.isin(x, [0.3, 0.4]),
    "isreal": np.isreal,
    "iscomplex": np.iscomplex,
    "nanargmax": lambda x: np.nanargmax(x, axis=1),
    "nanargmin": np.nanargmin,
    "histogram": lambda x: np.histogram(x, bins=3)[0],
    "histogram edges": lambda x: np.histogram(x, bins=3)[1],
    "histogram2d": lambda x: np.histogram2d(x[0], x[1], bins=2)[0],
    "lexsort": lambda x: np.lexsort((x[0], x[1])),
    "tril_indices_from": lambda x: np.tril_indices_from(x)[0],
    "triu_indices_from": lambda x: np.triu_indices_from(x, 1)[1],
    "argsort kind": lambda x: np.argsort(x, kind="stable", axis=0),
    "count_nonzero": lambda x: np.count_nonzero(x, axis=0),
    "greater.outer": lambda x: np.greater.outer(x, V),
    "logical_and.reduce": lambda x: np.logical_and.reduce(x, axis=1),
    "equal where": lambda x: np.equal(x, 0.3, where=M, out=np.zeros((2, 3), bool)),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_numbers_without_a_derivative(name: str) -> None:
    found = STEPS[name](ag.Tensor(A, requires_grad=True))
    np.testing.assert_array_equal(np.asarray(found), STEPS[name](A))
    assert not getattr(found, "requires_grad", False)


def test_weights_of_a_histogram_do_not_lose_their_gradient() -> None:
    x = ag.Tensor(V, requires_grad=True)
    with pytest.raises(UnsupportedError, match="bincount"):
        np.histogram(V, weights=x)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add(x, x, out=np.zeros((3, 3))),
        lambda x: np.add(x, x, out=ag.zeros(2, 3, dtype=int)),
        lambda x: np.add(x, x, dtype=int),
        lambda x: np.max(x, where=M),
        lambda x: np.polyfit(V, x[0], 1, full=True),
        lambda x: np.quantile(A, x[0, 0], method="nearest"),
        lambda x: np.quantile(x, 0.5, weights=P),
        lambda x: np.busday_count(x, x),
        lambda x: np.subtract.reduce(x, axis=7),
        lambda x: np.select([M], [x, x]),
        lambda x: np.choose([[0, 1, 2]], [x, x]),
        lambda x: np.gcd(x, 2),
        lambda x: np.geomspace(0.0, x, 3),
    ],
)
def test_what_numpy_could_not_do_either_is_said(call: Call) -> None:
    with pytest.raises(AutogradError):
        call(ag.Tensor(A, requires_grad=True))


@pytest.mark.parametrize("name", ["unwrap", "nan_to_num"])
def test_an_argument_that_is_not_recorded_is_named_with_those_that_are(name: str) -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"'wrong'"):
        getattr(np, name)(x, wrong=1)


WHOLE = np.array([[1, 7, 200], [3, 0, 255]], np.uint8)
DTYPES: dict[str, tuple[Call, Any]] = {
    "fabs of integers": (np.fabs, WHOLE.astype(int)),
    "bincount, weights of bytes": (lambda x: np.bincount([0, 0, 1], x[0]), WHOLE),
    "bincount, boolean weights": (lambda x: np.bincount([0, 0, 1], x[0]), WHOLE > 2),
    "a norm of integers": (lambda x: np.linalg.norm(x, np.inf), WHOLE.astype(int)),
    "a matrix norm of integers": (lambda x: np.linalg.matrix_norm(x, ord=1), WHOLE.astype(int)),
    "nansum of half precision": (lambda x: np.nansum(x, dtype=np.float32), A.astype("f2")),
    "nanmean of half precision": (lambda x: np.nanmean(x, dtype=np.float32), A.astype("f2")),
    "places": (lambda x: np.where(x > 2)[1], WHOLE),
}


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_are_numpys_too(name: str) -> None:
    f, x = DTYPES[name]
    found, wanted = f(ag.Tensor(x)).numpy(), np.asarray(f(x))
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("f", [
    lambda z: np.var(z, dtype="float32"), lambda z: np.std(z, 0, ddof=1), np.fabs,
    lambda z: np.concatenate([z, z], dtype="float32"), lambda z: np.stack([z, z], dtype="float64"),
])  # fmt: skip
def test_imaginary_parts_are_not_lost(f: Call) -> None:
    with pytest.raises(DTypeError):
        f(ag.Tensor([1 + 2j, 3.0], requires_grad=True))


def test_weights_of_a_quantile_are_those_of_numpy() -> None:
    x = ag.Tensor(A, requires_grad=True)
    by_weights = {"axis": 1, "method": "inverted_cdf"}
    for wrong in ([1.0, -1, 1], [1.0, 2], np.ones((3, 2))):
        with pytest.raises(ValueError, match="weights"):
            np.quantile(x, 0.5, weights=wrong, **by_weights)
    with pytest.raises(UnsupportedError, match=r"jumps with the weights.*detach"):
        np.quantile(x, 0.5, weights=ag.Tensor([1.0, 2, 1], requires_grad=True), **by_weights)
    with pytest.raises(ArgumentError, match="inverted_cdf"):
        np.quantile(x, 0.5, weights=[1.0, 2, 1], axis=1)

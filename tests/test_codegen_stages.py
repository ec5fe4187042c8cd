"""Loops that go on with their reductions: the numbers are NumPy's, on every axis and layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd.codegen.loop import loop
from autograd.codegen.native import machine
from autograd.errors import UnsupportedError

needs_llvm = pytest.mark.skipif(not machine.has_llvm(), reason="native code is looked at")
RNG = np.random.default_rng(0)


@pytest.fixture(params=["native", "numpy"])
def way(request: Any, monkeypatch: Any) -> str:
    """In native code, and by NumPy as where llvmlite is not."""
    if request.param == "native" and not machine.has_llvm():
        pytest.skip("llvmlite is not here")
    monkeypatch.setattr("autograd.codegen.loop.has_llvm", lambda: request.param == "native")
    return str(request.param)


def numbers(*shape: int, dtype: Any = np.float64) -> Any:
    return RNG.uniform(-2, 2, shape).astype(dtype)


# ---- formulas, on arrays and on values -----------------------------------------------------------


def softmax(x: Any, axis: Any) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any) -> Any:
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


def softmax_pull(g: Any, y: Any, axis: Any) -> Any:
    return y * (g - np.sum(g * y, axis=axis, keepdims=True))


def standardize(x: Any, axis: Any) -> Any:
    mean = np.mean(x, axis=axis, keepdims=True)
    d = x - mean
    var = np.mean(d * d, axis=axis, keepdims=True)
    return d / np.sqrt(var + 1e-5), mean, var


def standardize_pull(g: Any, x: Any, axis: Any) -> Any:
    y, _, var = standardize(x, axis)
    mean_g = np.mean(g, axis=axis, keepdims=True)
    mean_gy = np.mean(g * y, axis=axis, keepdims=True)
    return (g - mean_g - y * mean_gy) / np.sqrt(var + 1e-5)


def normalized(x: Any, axis: Any) -> Any:
    return x / np.sqrt(np.sum(x * x, axis=axis, keepdims=True))


def best(x: Any, axis: Any) -> Any:
    return np.argmax(x, axis=axis), np.max(x, axis=axis), x == np.max(x, axis=axis, keepdims=True)


def spread(x: Any, axis: Any) -> Any:
    high, low = np.max(x, axis=axis, keepdims=True), np.min(x, axis=axis, keepdims=True)
    return high - low, (x - low) / (high - low), np.mean(np.abs(x - low), axis=axis)


FORMULAS: dict[str, Callable[..., Any]] = {
    f.__name__: f for f in (softmax, log_softmax, standardize, normalized, best, spread)
}
PULLS: dict[str, Callable[..., Any]] = {f.__name__: f for f in (softmax_pull, standardize_pull)}


UNITS = 2  # in the last place, that a function of generated code may be off


class Rounded(np.ndarray):
    """Numbers of which every result is off by as much as a rounding may be, to either side.

    A sum is off by one rounding for each level of a tree of pairs, as NumPy adds them up.
    """

    eps = 0.0
    rng: Any = None

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **options: Any) -> Any:
        plain = [np.asarray(x) if isinstance(x, Rounded) else x for x in args]
        out = options.pop("out", None)
        result = getattr(ufunc, method)(*plain, **options)
        exact = ufunc in (np.maximum, np.minimum) or np.asarray(result).dtype.kind != "f"
        if not exact:
            levels = 1 + np.log2(max(1, np.size(plain[0]) / max(1, np.size(result))))
            signs = Rounded.rng.choice([-1, 1], np.shape(result))
            is_sum = ufunc is np.add and method == "reduce"  # whose terms may cancel
            size = np.add.reduce(np.abs(plain[0]), **options) if is_sum else np.abs(result)
            result = result + UNITS * levels * Rounded.eps * signs * size
        result = np.asarray(result).view(Rounded)
        if out is not None:
            np.asarray(out[0])[...] = result
            return out[0]
        return result


def lost_by_rounding(f: Any, x: Any, axis: Any, expected: Any, dtype: Any) -> Any:
    """By how much each number of the formula may be off: the most of some runs, and as much again.

    Of both sides there is an error of that kind, and a sum in lanes is no tree of pairs.
    """
    found = [0.0] * len(expected)
    for seed in range(8):
        Rounded.rng, Rounded.eps = np.random.default_rng(seed), float(np.finfo(dtype).eps)
        moved = f(x.astype(float).view(Rounded), axis)
        for n, (a, b) in enumerate(zip(whole(moved), expected, strict=True)):
            found[n] = np.fmax(found[n], np.abs(np.subtract(a, b, dtype=float)))
    return [2 * np.max(each, initial=0.0) for each in found]


def whole(x: Any) -> Any:
    return x if isinstance(x, tuple) else (x,)


def agree(found: Any, expected: Any, dtype: Any, lost: Any = None) -> None:
    """Within some roundings of the size, or of what each number may have `lost` by rounding."""
    found, expected = whole(found), whole(expected)
    for n, (y, e) in enumerate(zip(found, expected, strict=True)):
        assert np.shape(y) == np.shape(e)
        assert y.dtype == (dtype if np.asarray(e).dtype.kind == "f" else np.asarray(e).dtype)
        own = 32 * np.finfo(dtype).eps * size_of(e) if lost is None else lost[n]
        np.testing.assert_allclose(y, e, rtol=0, atol=own)


def size_of(x: Any) -> Any:
    return max(1.0, float(np.max(np.abs(np.asarray(x, float)), initial=0)))


SHAPES = [(5, 37), (3, 4, 19), (2, 3, 5, 7), (64, 3), (3, 300), (1, 9), (7, 1), (4, 1, 33)]
AXES: list[Any] = [-1, 0, 1, (0, 1), None]


@pytest.mark.parametrize("axis", [*AXES, (0, 2, 3)], ids=str)
@pytest.mark.parametrize("name", [*FORMULAS])
def test_a_formula_goes_on_with_its_reductions(name: str, axis: Any, way: str) -> None:
    if name == "best" and isinstance(axis, tuple):
        return  # NumPy's argmax takes one axis
    f = FORMULAS[name]
    for shape in SHAPES if axis != (0, 2, 3) else [(2, 3, 5, 7), (3, 16, 4, 5)]:
        for dtype in (np.float32, np.float64):
            x = numbers(*shape, dtype=dtype)
            with np.errstate(all="ignore"):
                expected = f(x.astype(float) if name != "best" else x, axis)
                if name == "spread" and np.isnan(expected[1]).any():
                    continue  # one number has no spread
                lost = lost_by_rounding(f, x, axis, whole(expected), dtype)
            agree(loop(lambda x, f=f: f(x, axis), dtype)(x), expected, dtype, lost)


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("name", [*PULLS])
def test_pulls_too(name: str, axis: Any, way: str) -> None:
    f = PULLS[name]
    for shape in ((5, 37), (3, 4, 19), (40, 3)):
        g, x = numbers(*shape), numbers(*shape)
        agree(loop(lambda g, x, f=f: f(g, x, axis), "d", "d")(g, x), f(g, x, axis), np.float64)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "Fortran's order": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "middle first": lambda x: x.transpose(1, 0, *range(2, x.ndim)).copy().swapaxes(0, 1),
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
    "repeated along": lambda x: np.broadcast_to(x[..., :1], x.shape),
}  # fmt: skip


@pytest.mark.parametrize("axis", [-1, 0, 1, (0, -1), None], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_on_every_layout(layout: str, axis: Any, way: str) -> None:
    for shape in ((6, 35), (3, 4, 18), (17, 5, 2)):
        x, g = LAYOUTS[layout](numbers(*shape)), numbers(*shape)
        f = loop(lambda g, x: (softmax(x, axis), standardize_pull(g, x, axis)), "d", "d")
        agree(f(g, x), (softmax(x, axis), standardize_pull(g, x, axis)), np.float64)


def test_arguments_are_broadcast_on_every_axis(way: str) -> None:
    def formula(x: Any, scale: Any, shift: Any) -> Any:
        return standardize(x, 1)[0] * np.exp(scale) + shift

    f = loop(formula, "d", "d", "d")
    x = numbers(4, 6, 9)
    for scale, shift in (((9,), ()), ((6, 1), (4, 1, 1)), ((4, 6, 9), (1,)), ((1, 1), (6, 9))):
        a, b = numbers(*scale), numbers(*shift)
        agree(f(x, a, b), formula(x, a, b), np.float64)
    agree(f(x[:, :, :1], a, b), formula(x[:, :, :1], a, b), np.float64)  # x itself is broadcast


def test_sums_over_other_axes_stand_beside(way: str) -> None:
    """Layer norm's pull: the gradient of x by rows, those of its scale and shift by columns."""

    def formula(g: Any, x: Any, scale: Any) -> Any:
        y = standardize(x, -1)[0]
        return standardize_pull(g * scale, x, -1), np.sum(g * y, axis=0), np.sum(g, axis=0)

    for n, m in ((9, 40), (40, 9), (1, 7), (33, 64)):
        values = numbers(n, m), numbers(n, m), numbers(m)
        agree(loop(formula, "d", "d", "d")(*values), formula(*values), np.float64)


def test_without_keepdims_a_reduction_over_all_axes_goes_on(way: str) -> None:
    x = numbers(4, 9)
    f = loop(lambda x: (x / np.sqrt(np.sum(x * x)), np.sqrt(np.mean(x)), np.max(x)), "d")
    with np.errstate(invalid="ignore"):
        agree(f(x), (x / np.sqrt(np.sum(x * x)), np.sqrt(np.mean(x)), np.max(x)), np.float64)


def test_one_number_and_no_numbers(way: str) -> None:
    f = loop(lambda x: (softmax(x, None), standardize(x, None)[1]), "d")
    agree(f(np.float64(3.0)), (1.0, 3.0), np.float64)
    g = loop(lambda x: (standardize(x, 1)[0], np.sum(x, 1), np.any(x, 1), np.all(x, 1)), "d")
    for shape in ((3, 0), (0, 3), (0, 0)):
        x = np.zeros(shape)
        found = g(x)
        assert found[0].shape == shape
        for y, e in zip(found[1:], (x.sum(1), x.any(1), x.all(1)), strict=True):
            np.testing.assert_array_equal(y, e)
    mean = loop(lambda x: np.mean(x, axis=1, keepdims=True) + 1.0, "d")(np.zeros((3, 0)))
    assert mean.shape == (3, 1)
    assert np.isnan(mean).all()


@pytest.mark.parametrize("axis", [-1, 0, None], ids=str)
def test_a_result_may_lie_where_an_argument_lies(axis: Any, way: str) -> None:
    """Later passes read arguments, so results are written in the last."""

    def formula(g: Any, x: Any) -> Any:
        y, mean, _ = standardize(x, axis)
        return np.exp(x), y * g, np.sum(g * x, axis=0), mean * 2

    for shape in ((7, 40), (40, 7)):
        g, x = numbers(*shape), numbers(*shape)
        expected = formula(g, x)
        out = [x, g, np.empty(shape[1]), np.empty(np.shape(expected[3]))]
        loop(formula, "d", "d")(g, x, out=out)
        for y, e in zip(out, expected, strict=True):
            np.testing.assert_allclose(y, e, rtol=1e-12, atol=1e-13)


# ---- any, all, argmax, argmin --------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, 0, 1, -1], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8", "bool"])
def test_places_are_numpys_with_ties_and_nan(dtype: str, axis: Any, way: str) -> None:
    for shape in ((4, 21), (21, 4), (3, 5, 17), (1, 1)):
        x = (RNG.integers(0, 3, shape)).astype(dtype)
        wholes = [x]
        if x.dtype.kind == "f":
            odd = x.copy()
            odd.ravel()[:: 1 + x.size // 3] = np.nan
            wholes += [odd, np.full_like(x, np.nan), np.full_like(x, -np.inf), -x * 0.0]
        for keep in (False, True):
            for f in (np.argmax, np.argmin):
                g = loop(lambda x, f=f, keep=keep: f(x, axis=axis, keepdims=keep), dtype)
                for v in wholes:
                    found, expected = g(v), f(v, axis=axis, keepdims=keep)
                    assert found.dtype == np.int64
                    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_any_and_all(dtype: str, way: str) -> None:
    x = RNG.integers(0, 2, (6, 5, 7)).astype(dtype)
    x[0], x[1] = 0, 1
    if x.dtype.kind == "f":
        x[0, 0, 0] = np.nan  # which is true
    for axis in (None, 0, 1, (1, 2), -1):
        f = loop(lambda x, axis=axis: (np.any(x, axis=axis), np.all(x, axis=axis)), dtype)
        for y, e in zip(f(x), (np.any(x, axis=axis), np.all(x, axis=axis)), strict=True):
            assert y.dtype == bool
            np.testing.assert_array_equal(y, e)


def test_a_mask_is_counted_and_used(way: str) -> None:
    def formula(x: Any) -> Any:
        some = np.any(x > 1, axis=1, keepdims=True)
        return np.where(some, x, 0.0) / np.sum(x > -1, axis=1, keepdims=True)

    x = numbers(6, 30)
    np.testing.assert_allclose(loop(formula, "d")(x), formula(x), rtol=1e-14)


# ---- sums of single precision kept in double -----------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 3, 700), (1, 1, 1), (2, 0, 4), (40, 2, 33)])
def test_a_sum_may_stay_in_double_precision(way: str, shape: tuple[int, ...]) -> None:
    x = numbers(*shape, dtype=np.float32)
    total = loop(lambda x: np.sum(x, (0, 2), dtype=np.float64, keepdims=True), "float32")(x)
    right = np.sum(x, (0, 2), np.float64, keepdims=True)
    assert total.dtype == np.float64
    # in each lane sixteen are added in single precision before they are widened
    bound = 16 * np.finfo(np.float32).eps * np.sum(np.abs(x), (0, 2), np.float64, keepdims=True)
    assert np.all(np.abs(total - right) <= bound)


def test_a_loop_goes_on_with_a_sum_in_double_precision(way: str) -> None:
    x = (numbers(6, 500, dtype=np.float32) + 4096).astype(np.float32)

    def centred(x: Any) -> Any:
        mean = np.sum(x, 1, dtype=np.float64, keepdims=True) / 500
        return (x - mean).astype(np.float32)

    right = x - np.mean(x, 1, np.float64, keepdims=True)
    found = loop(centred, "float32")(x)
    np.testing.assert_allclose(found, right, atol=16 * 4096 * np.finfo(np.float32).eps)


@pytest.mark.parametrize(("of", "to"), [("int32", "float64"), ("float64", "float32"),
                                        ("float16", "float64"), ("float32", "int64")])  # fmt: skip
def test_other_dtypes_of_sums_are_refused(of: str, to: str) -> None:
    with pytest.raises(UnsupportedError, match="a loop sums"):
        loop(lambda x: np.sum(x, dtype=to), of)

"""Random expressions, dtypes and layouts: the generated loop is what NumPy's evaluation gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.codegen.loop import loop
from autograd.codegen.node import in_order
from autograd.codegen.numeric import evaluate

# What native code does with the same bits as NumPy; functions are held to exact numbers elsewhere.
UNARY = (
    np.negative, np.abs, np.sqrt, np.floor, np.ceil, np.trunc, np.rint, np.square, np.sign,
    np.reciprocal, np.isnan, np.isfinite, np.signbit,
)  # fmt: skip
BINARY = (
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.fmax, np.fmin,
    np.copysign, np.less, np.greater_equal, np.equal, np.logical_and, np.logical_or,
    np.floor_divide, np.remainder, np.heaviside,
)  # fmt: skip
WHOLE = (
    np.add, np.subtract, np.multiply, np.maximum, np.minimum, np.bitwise_and, np.bitwise_xor,
    np.left_shift, np.right_shift, np.floor_divide, np.remainder, np.fmod, np.less, np.not_equal,
    np.divide,
)  # fmt: skip
NUMBERS = (0.0, -0.0, 1.0, -1.5, 2.75, 1e30, -1e-30, 1e-42, np.inf, -np.inf, np.nan, 7.0)

Program = list[tuple[Any, ...]]


@st.composite
def programs(draw: Any, unary: Any, binary: Any) -> Program:
    """Steps: a function and which earlier values it takes; the last numbers choose."""
    steps: Program = []
    for _ in range(draw(st.integers(1, 12))):
        place = st.integers(0, 60)
        if unary and draw(st.booleans()):
            steps.append((draw(st.sampled_from(unary)), draw(place)))
        elif draw(st.integers(0, 4)):
            steps.append((draw(st.sampled_from(binary)), draw(place), draw(place)))
        else:
            steps.append((np.where, draw(place), draw(place), draw(place)))
    return steps


def run(program: Program, *values: Any) -> list[Any]:
    """Each step on values, booleans as numbers where a function takes none."""
    known = list(values)
    for function, *places in program:
        args = [known[p % len(known)] for p in places]
        if function is not np.where:
            first = values[0].dtype
            args = [a.astype(first) if a.dtype != first else a for a in args]
        known.append(function(*args))
    return known[len(values) :]


@st.composite
def arrays(draw: Any, dtype: Any, pool: Any) -> Any:
    shape = draw(
        st.sampled_from([(), (1,), (5,), (17,), (40,), (3, 19), (2, 1), (4, 3, 5), (0, 2)])
    )
    size = int(np.prod(shape))
    drawn = draw(st.lists(st.sampled_from(pool), min_size=size, max_size=size))
    with np.errstate(over="ignore"):
        x = np.array(drawn, dtype)
    x = x.reshape(shape)
    how = draw(st.integers(0, 3))
    return [x, x.T.copy().T, np.repeat(x, 2, axis=-1)[..., ::2] if shape else x, x[::-1]
            if shape else x][how]  # fmt: skip


def agree(program: Program, x: Any, y: Any) -> None:
    f = loop(lambda x, y: run(program, x, y), x.dtype, y.dtype)
    nodes = f.outputs
    for found, expected in zip(f(x, y), evaluate(nodes, [x, y]), strict=True):
        expected = np.broadcast_to(expected, found.shape)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert len(in_order(nodes)) <= 400


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_expressions_of_floats(data: Any) -> None:
    dtype = data.draw(st.sampled_from([np.float16, np.float32, np.float64]))
    program = data.draw(programs(UNARY, BINARY))
    x, y = data.draw(arrays(dtype, NUMBERS)), data.draw(arrays(dtype, NUMBERS))
    y = y if _fits(x, y) else y.ravel()[:1]
    agree(program, x, y if _fits(x, y) else x)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_expressions_of_integers(data: Any) -> None:
    dtype = data.draw(st.sampled_from([np.int32, np.int64, np.int16, np.uint8, np.uint64]))
    program = data.draw(programs((np.abs, np.sign, np.invert), WHOLE[:-1]))
    pool = (0, 1, 2, 3, 7, 30, 100, *((-1, -2, -9) if np.dtype(dtype).kind == "i" else ()))
    x = data.draw(arrays(dtype, pool))
    agree(program, x, x[..., :1] if x.ndim else x)


@pytest.mark.parametrize("function", WHOLE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", "bBhHiIqQ")
def test_integers_are_numpys(function: Any, dtype: str) -> None:
    info = np.iinfo(dtype)
    points = np.array([v for v in (0, 1, 2, 3, 7, 63, 100, info.max, -1, -2, -7, info.min)
                       if info.min <= v], dtype)  # fmt: skip
    x, y = (p.ravel() for p in np.meshgrid(points, points))
    if function in (np.left_shift, np.right_shift):
        x, y = x[y >= 0], y[y >= 0]
    with np.errstate(all="ignore"):
        expected = function(x, y)
    found = loop(function, dtype, dtype)(x, y)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def _fits(x: Any, y: Any) -> bool:
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_expression_evaluated_is_what_numpy_gives(data: Any) -> None:
    """The formulas of NumPy's names are NumPy's functions."""
    dtype = data.draw(st.sampled_from([np.float16, np.float32, np.float64]))
    program = data.draw(programs(UNARY, BINARY))
    x = data.draw(arrays(dtype, NUMBERS))
    f = loop(lambda x: run(program, x), dtype)
    with np.errstate(all="ignore"):
        expected = run(program, x)
    for found, e in zip(f(x), expected, strict=True):
        assert found.dtype == e.dtype
        np.testing.assert_array_equal(found, e)


@pytest.mark.parametrize("source", ["float32", "float64", "int64", "uint8", "bool"])
def test_half_precision_is_rounded_once(source: str) -> None:
    """From doubles too, and with NumPy's ties, infinities and denormal numbers."""
    near = np.arange(0, 1 << 16, 7, dtype=np.uint16).view(np.float16)
    with np.errstate(all="ignore"):
        tie = (near.astype(float) + np.nextafter(near, np.float16(np.inf))) / 2
        x = np.concatenate([near, tie, np.nextafter(tie, 9e9), np.nextafter(tie, -9e9)])
        x = x[np.isfinite(x)] if source[0] != "f" else x
        x = x.astype(source)
        expected = x.astype(np.float16)
    found = loop(lambda x: x.astype(np.float16), source)(x)
    np.testing.assert_array_equal(found, expected)
    finite = expected[np.isfinite(expected)]
    for y in loop(lambda x: (x.astype("d"), x.astype("q"), x.astype("?")), "e")(finite):
        np.testing.assert_array_equal(y, finite.astype(y.dtype))


@pytest.mark.parametrize("axis", [None, 0, 1], ids=str)
def test_reductions_of_halves(axis: Any) -> None:
    """Sums are kept in double precision, so they are the exact ones, rounded once."""
    x = np.random.default_rng(0).uniform(-2, 2, (7, 40)).astype(np.float16)

    def formula(x: Any) -> Any:
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return np.sum(x, axis), np.mean(x, axis), np.max(x, axis), np.argmin(x, axis), \
            e / np.sum(e, axis, keepdims=True)  # fmt: skip

    for y, e in zip(loop(formula, "e")(x), formula(x.astype(float)), strict=True):
        assert y.dtype == (np.float16 if e.dtype.kind == "f" else e.dtype)
        np.testing.assert_allclose(y, e, rtol=3e-3, atol=1e-6)

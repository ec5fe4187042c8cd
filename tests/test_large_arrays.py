"""Arrays that are large enough for threads and vector code: values, bits, memory are as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AxisError, ShapeError
from autograd.kernels.parallel.threads import get_num_threads, set_num_threads
from tests.layouts import LAYOUTS

LENGTH = 1 << 10  # a square of it is large


def drawn(*shape: int, dtype: Any = np.float32, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@contextmanager
def threads(number: int) -> Iterator[None]:
    before = get_num_threads()
    set_num_threads(number)
    try:
        yield
    finally:
        set_num_threads(before)


# ---- sums ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axis", [None, 0, -1, (1, 2), (2, 1), (0, 2), (0, 1, 2), ()])
def test_sums_and_means_are_those_of_numpy_to_a_few_roundings(axis: Any, layout: str) -> None:
    x = LAYOUTS[layout](drawn(8, 256, 300))
    for keepdims in (False, True):
        exact = np.sum(x, axis, dtype=np.float64, keepdims=keepdims)
        terms = np.sum(np.abs(x), axis, dtype=np.float64, keepdims=keepdims)
        found = ag.sum(ag.Tensor(x), axis=axis, keepdims=keepdims).numpy()
        assert (found.shape, found.dtype) == (exact.shape, np.float32)
        assert np.all(np.abs(found - exact) <= 18 * 2.0**-24 * terms)
        mean = ag.mean(ag.Tensor(x), axis=axis, keepdims=keepdims).numpy()
        np.testing.assert_array_equal(mean, found / np.float32(x.size / found.size))


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.complex64, np.int32])
def test_sums_of_other_dtypes_are_numpys(dtype: Any) -> None:
    x = (drawn(LENGTH, LENGTH) * 100).astype(dtype)
    wide = {np.float16: np.float32}.get(dtype)
    expected = np.sum(x, 1, dtype=wide)
    expected = expected.astype(dtype) if wide else expected
    np.testing.assert_array_equal(ag.sum(ag.Tensor(x), axis=1).numpy(), expected)


@pytest.mark.parametrize("axis", [None, 1])
def test_the_bits_of_a_sum_do_not_depend_on_the_threads(axis: Any) -> None:
    x = ag.Tensor(drawn(3, (1 << 20) + 77))
    found = []
    for number in (1, 2, 3):
        with threads(number):
            found.append(ag.sum(x, axis=axis).numpy())
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


@pytest.mark.parametrize("values", [[np.inf], [-np.inf], [np.nan], [np.inf, -np.inf]])
def test_what_is_not_finite_stays_in_its_row(values: list[float]) -> None:
    x = drawn(LENGTH, LENGTH)
    x[3, : len(values)] = values
    with np.errstate(invalid="ignore"):
        found = ag.sum(ag.Tensor(x), axis=1).numpy()
        np.testing.assert_array_equal(found[3], np.sum(x[3]))
    assert np.isfinite(np.delete(found, 3)).all()


def test_an_overflow_is_told_as_numpy_tells_it() -> None:
    x = ag.Tensor(np.full((LENGTH, LENGTH), 3e38, np.float32))
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert np.isinf(ag.sum(x).item())


@pytest.mark.parametrize("axis", [(0, 0), (0, -2), 5, (0, 5)])
def test_a_wrong_axis_is_refused_as_of_a_small_array(axis: Any) -> None:
    messages = []
    for n in (7, LENGTH):
        with pytest.raises((AxisError, ShapeError)) as error:
            ag.sum(ag.Tensor(np.zeros((n, n), np.float32)), axis=axis)
        messages.append(str(error.value).replace(str(n), "n"))
    assert messages[0] == messages[1]


# ---- joins ---------------------------------------------------------------------------------------

SHAPES = {
    0: [(1024, 1030), (1, 1030), (0, 1030), (2100, 1030)],
    1: [(1030, 1024), (1030, 1), (1030, 0), (1030, 900)],
    -1: [(1, 1030, 1024), (1, 1030, 5)],
}


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.int8])
@pytest.mark.parametrize("axis", SHAPES)
def test_joins_are_numpys(axis: int, dtype: Any, number: int) -> None:
    xs = [(drawn(*shape, seed=k) * 9).astype(dtype) for k, shape in enumerate(SHAPES[axis])]
    with threads(number):
        np.testing.assert_array_equal(ag.concat(xs, axis), np.concatenate(xs, axis))
        turned = [np.swapaxes(x, -1, -2) for x in xs]
        other = {0: 1, 1: 0, -1: -2}[axis]
        np.testing.assert_array_equal(ag.concat(turned, other), np.concatenate(turned, other))
        pair = [xs[0], xs[0][::-1]]
        for along in (0, 1, -1):
            np.testing.assert_array_equal(
                ag.stack([xs[0], *pair], along), np.stack([xs[0], *pair], along)
            )
            np.testing.assert_array_equal(
                ag.stack(pair[:1] * 2, along), np.stack(pair[:1] * 2, along)
            )


def test_joins_of_mixed_dtypes_take_the_wider() -> None:
    xs = [drawn(LENGTH, LENGTH), drawn(LENGTH, LENGTH, dtype=np.float64)]
    for found in (ag.concat(xs, 0), ag.stack(xs)):
        assert found.dtype == np.float64


@pytest.mark.parametrize("function", [ag.concat, ag.stack])
def test_large_arrays_that_do_not_fit_are_refused_as_small_ones_are(
    function: Callable[..., Any],
) -> None:
    messages = []
    for n in (7, LENGTH):
        x = ag.Tensor(np.zeros((n, n), np.float32))
        for xs, axis in (([x, x[1:, 1:]], 0), ([x, x[0]], 0), ([x, x], 5)):
            with pytest.raises(Exception) as error:  # noqa: PT011 - whichever it is for small ones
                function(xs, axis)
            message = str(error.value).replace(str(n - 1), "n - 1").replace(str(n), "n")
            messages.append((type(error.value), message))
    assert messages[:3] == messages[3:]


# ---- gradients that are kept ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: ag.reshape(x, (-1, 4)),
        lambda x, y: x + y,
        lambda x, y: x - y.T,
        lambda x, y: ag.concat([x, y]),
        lambda x, y: ag.concat([x, y], 1),
        lambda x, y: ag.stack([x, x, y], 2),
        lambda x, y: ag.sum(x) + ag.sum(y, axis=1),
        lambda x, y: ag.outer(x[0], y[0]),
    ],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_gradient_is_writable_memory_of_its_own(f: Callable[..., Any], order: Any) -> None:
    x, y = (ag.Tensor(drawn(LENGTH, LENGTH, seed=k), requires_grad=True) for k in (1, 2))
    out = f(x, y)
    seed = np.asarray(drawn(*out.shape), order=order)
    before = seed.copy()
    out.backward(seed)
    grads = [t.grad._value for t in (x, y) if t.grad is not None]
    for i, g in enumerate(grads):
        assert g.flags.writeable
        for other in (seed, x.numpy(), y.numpy(), out.numpy(), *grads[i + 1 :]):
            assert not np.shares_memory(g, other)
        g[...] = 0
    np.testing.assert_array_equal(seed, before)

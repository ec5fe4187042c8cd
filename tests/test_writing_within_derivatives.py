"""What a function writes in place is the same function when it is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.functional import grad, hessian, jacobian, jvp, vjp

POINT = np.array([1.0, -2.0, 3.0])


def an_element(x: Any) -> Any:
    x[0] = x[1] * 2
    return (x**3).sum()


def a_sum(x: Any) -> Any:
    x += x[1]
    return (x**3).sum()


def another_name(x: Any) -> Any:
    first = y = x * 1.0
    y *= 2
    return (x * first).sum()


def a_part(x: Any) -> Any:
    part = x[:2]
    part[0] = x[2]
    return (x**3).sum()


def a_part_of_a_result(x: Any) -> Any:
    y = x * x
    part = y[:2]
    part *= 2
    return (x * y).sum()


def zeros(x: Any) -> Any:
    y = ag.zeros(6, dtype="float64")
    y[:3] = x * x[0]
    y[3:] += x**2
    return (y**2).sum()


def one_by_one(x: Any) -> Any:
    y = ag.zeros((3, 2), dtype="float64")
    for i in range(3):
        y[i, i % 2] = x[i] * x[(i + 1) % 3]
    return (y**2).sum()


def a_row_of_zeros(x: Any) -> Any:
    y = ag.zeros((2, 3), dtype="float64")
    row = y[1]
    row += x**2
    return (y**2).sum()


def by_numpy(x: Any) -> Any:
    y = ag.zeros(3, dtype="float64")
    np.add.at(y, [0, 0, 2], x * x)
    np.multiply(y, x, out=y)
    np.put(y, [1], x[0] ** 2)
    return y.sum()


WRITES = [an_element, a_sum, another_name, a_part, a_part_of_a_result, zeros, one_by_one,
          a_row_of_zeros, by_numpy]  # fmt: skip


def of_array(f: Callable[[Any], Any], x: Any) -> float:
    return float(f(ag.Tensor(np.array(x))))


def slopes(f: Callable[[Any], float], step: float) -> Any:
    return np.array([(f(POINT + step * e) - f(POINT - step * e)) / (2 * step) for e in np.eye(3)])


@pytest.mark.parametrize("f", WRITES)
def test_derivatives_of_what_is_written_are_those_of_the_function(f: Callable[[Any], Any]) -> None:
    first = slopes(lambda x: of_array(f, x), 1e-5)
    second = np.array([
        slopes(lambda x, e=e: (of_array(f, x + 1e-3 * e) - of_array(f, x - 1e-3 * e)) / 2e-3, 1e-3)
        for e in np.eye(3)
    ])  # fmt: skip

    def x() -> Any:
        return ag.Tensor(POINT.copy())

    found = {
        "grad": grad(f)(x()),
        "of arrays": grad(f)(POINT.copy()),
        "HIPS' grad": ag.grad(f)(POINT.copy()),
        "vjp": vjp(f, x())[1](ag.tensor(1.0, dtype="float64"))[0],
        "jvp": np.stack([np.asarray(jvp(f, (x(),), (ag.Tensor(e),))[1]) for e in np.eye(3)]),
        "a batch": ag.vmap(grad(f))(ag.stack([x(), x()]))[1],
    }
    if f is zeros:
        found["compiled"] = ag.compile(grad(f))(x())
    for what, slope in found.items():
        np.testing.assert_allclose(slope, first, 1e-5, 1e-5, err_msg=what)
    e = ag.ones(3, dtype="float64")
    of_second = {
        "hessian": hessian(f)(x()),
        "jacobian of grad": jacobian(grad(f), mode="reverse")(x()),
        "a product": jvp(grad(f), (x(),), (e,))[1],
    }
    for what, curved in of_second.items():
        wanted = second if np.ndim(curved) == 2 else second.sum(1)
        np.testing.assert_allclose(curved, wanted, 1e-4, 1e-4, err_msg=what)


def test_what_is_given_stays_as_it_was() -> None:
    x, array = ag.Tensor(POINT), POINT.copy()
    grad(an_element)(x), grad(an_element)(array), hessian(a_sum)(x)
    assert x.tolist() == array.tolist() == POINT.tolist()


def test_a_leaf_of_somebody_else_is_not_written_to_by_a_derivative() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)

    def f(x: Any) -> Any:
        nonlocal w
        w += 1
        return (w * x).sum()

    with pytest.raises(ag.errors.InPlaceError, match="a leaf that requires grad"):
        grad(f)(ag.ones(2))


def test_results_that_were_made_and_written_to_in_a_batch_are_no_state() -> None:
    def f(x: Any) -> Any:
        y = ag.zeros(4)
        y[1:3] = x * 2
        return y

    rows = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert ag.vmap(f)(rows).tolist() == [[0, 2, 4, 0], [0, 6, 8, 0]]
    last, each = ag.scan(lambda total, x: (total + x.sum(), f(x)), ag.tensor(0.0), rows)
    assert last.item() == 10.0
    assert each.tolist() == [[0, 2, 4, 0], [0, 6, 8, 0]]


def test_where_examples_write_twice_to_one_place_the_last_alone_has_a_gradient() -> None:
    rng = np.random.default_rng(0)

    def slope(x: Any, v: Any, index: Any) -> Any:
        def f(v: Any) -> Any:
            y = x * 1
            y[index] = v
            return (y**2).sum()

        return grad(f)(v)

    x, v = ag.Tensor(rng.normal(size=(3, 2))), ag.Tensor(rng.normal(size=(4, 3, 2)))
    places = ag.Tensor([[0, 1, 2], [0, 0, 1], [2, 2, 2], [1, 0, 1]])
    found = ag.vmap(slope, (None, 0, 0))(x, v, places)
    for i in range(4):
        np.testing.assert_array_equal(found[i], slope(x, v[i], places[i]))


def a_series(x: Any) -> Any:
    total = term = x
    for k in range(2, 5):
        term = term * x / k
        total += term
    return total


def two_names_of_an_element(x: Any) -> Any:
    a = x[0]
    b = a
    a *= x[1]
    return a * b + x[0]


def two_names_of_a_sum(x: Any) -> Any:
    a = b = x.sum()
    a **= 2
    x[0] += a
    return (a * b + x[0]) * x[1]


def an_array_without_axes(x: Any) -> Any:
    a = np.zeros_like(x)[0:1].reshape(())
    b = a = a + x[1]
    a += x[0]
    return a * b


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (a_series, 0.5),
        (a_series, np.float64(0.5)),
        (two_names_of_an_element, np.array([2.0, 3.0])),
        (two_names_of_a_sum, np.array([2.0, 3.0])),
        (an_array_without_axes, np.array([2.0, 3.0])),
    ],
)
def test_numbers_of_numpy_get_another_value_by_another_name(f: Any, x: Any) -> None:
    """`a += v` leaves b alone after `b = a`, where a is a float or an element of an array."""

    def at(step: Any) -> Any:
        return f(x + step)

    steps = 1e-4 * (np.eye(2) if np.ndim(x) else np.ones((1, 1))).reshape(-1, *np.shape(x))
    slopes = np.reshape([(at(h) - at(-h)) / 2e-4 for h in steps], np.shape(x))
    value, slope = ag.value_and_grad(f)(x)
    assert value == pytest.approx(at(0.0))
    np.testing.assert_allclose(slope, slopes, 1e-6)
    np.testing.assert_allclose(grad(f)(x), slopes, 1e-6)
    push = ag.make_jvp(f)(x)
    np.testing.assert_allclose(push(np.ones_like(x))[1], np.sum(slopes), 1e-6)
    bends = [grad(f)(x + h) - grad(f)(x - h) for h in steps]
    np.testing.assert_allclose(ag.hessian(f)(x), np.reshape(bends, np.shape(x) * 2) / 2e-4, 1e-5)


@pytest.mark.parametrize("shape", [(), (2,), (4, 1), (4, 2)])
@pytest.mark.parametrize("own", ["x", "v", "ij", "vij"])
@pytest.mark.parametrize("accumulate", [False, True])
def test_values_are_spread_over_the_places_of_each_example(
    shape: Any, own: str, accumulate: bool
) -> None:
    """There are as many examples as places, so that one taken for the other fits too."""
    rng = np.random.default_rng(0)
    x, v = (ag.Tensor(rng.normal(size=(4, *of_one))) for of_one in ((3, 2, 3), shape))
    i, j = ag.Tensor([[0, 1, 2, 1]] * 4), ag.Tensor([[0, 2, 1, 1], *[[1, 0, 2, 0]] * 3])

    def f(x: Any, v: Any, i: Any, j: Any) -> Any:
        beside = ag.index_put(x[..., 0], (i,), v, accumulate)
        return beside, ag.index_put(x, (i, None, j), v, accumulate)

    def of(k: int) -> Any:
        return [y[k if name in own else 0] for name, y in zip("xvij", (x, v, i, j), strict=True)]

    axes = [0 if name in own else None for name in "xvij"]
    given = [y if name in own else y[0] for name, y in zip("xvij", (x, v, i, j), strict=True)]
    for batch, part in zip(ag.vmap(f, axes)(*given), (0, 1), strict=True):
        for k in range(4):
            np.testing.assert_allclose(batch[k], f(*of(k))[part], rtol=1e-6)

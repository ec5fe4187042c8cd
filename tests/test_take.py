"""Taking and putting along an axis, gather and scatter, masks: by their definitions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd.engine.samples import draw as values
from autograd.errors import ShapeError

Shape = tuple[int, ...]
Floats = np.ndarray[Any, Any]


def flat(value: Any) -> Floats:
    return np.asarray(value.detach() if isinstance(value, ag.Tensor) else value).ravel()


def equal(actual: Any, expected: Floats, shape: Shape) -> None:
    assert np.shape(actual) == shape
    np.testing.assert_allclose(flat(actual), expected, rtol=1e-13, atol=1e-13)


@st.composite
def places_along(draw: Any) -> tuple[Shape, int, Any]:
    """A shape, an axis, and indices as gather takes them: no longer than x on the other axes."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3))
    axis = draw(st.integers(0, len(shape) - 1))
    wide = tuple(draw(st.integers(0, 3 if a == axis else length)) for a, length in enumerate(shape))
    elements = st.integers(0, shape[axis] - 1)
    negative = draw(st.sampled_from([axis, axis - len(shape)]))
    return shape, negative, draw(hnp.arrays(np.int64, wide, elements=elements))


def reads(shape: Shape, axis: int, index: Any) -> Floats:
    """The matrix of gather, by its definition: out[i][j] = x[index[i][j]][j] for axis 0."""
    matrix = np.zeros((index.size, np.prod(shape, dtype=int)))
    for row, place in enumerate(itertools.product(*map(range, index.shape))):
        source = list(place)
        source[axis] = index[place]
        matrix[row, np.ravel_multi_index(source, shape)] = 1.0
    return matrix


@given(places_along())
def test_gather_and_its_gradient_follow_the_definition(case: Any) -> None:
    shape, axis, index = case
    matrix = reads(shape, axis, index)
    x = ag.Tensor(values(*shape), requires_grad=True)
    y = ag.gather(x, axis, ag.Tensor(index))
    equal(y, matrix @ flat(x), index.shape)
    c = values(*index.shape, seed="c")
    (y * c).sum().backward()
    equal(x.grad, matrix.T @ flat(c), shape)


@given(places_along())
def test_scatter_add_is_the_transpose_of_gather(case: Any) -> None:
    shape, axis, index = case
    matrix = reads(shape, axis, index)
    x = ag.Tensor(values(*shape), requires_grad=True)
    wider = tuple(n + 1 for n in index.shape)  # src may be longer than index: its front is used
    src = ag.Tensor(values(*wider, seed="src"), requires_grad=True)
    front = tuple(slice(n) for n in index.shape)
    y = ag.scatter_add(x, axis, index, src)
    equal(y, flat(x) + matrix.T @ flat(src.numpy()[front]), shape)
    c = values(*shape, seed="c")
    (y * c).sum().backward()
    expected = np.zeros(wider)
    expected[front] = (matrix @ flat(c)).reshape(index.shape)
    equal(src.grad, flat(expected), wider)
    equal(x.grad, flat(c), shape)


@given(places_along())
def test_scatter_writes_in_order_and_the_last_stays(case: Any) -> None:
    shape, axis, index = case
    matrix = reads(shape, axis, index)
    x = ag.Tensor(values(*shape), requires_grad=True)
    src = ag.Tensor(values(*index.shape, seed="src"), requires_grad=True)
    keep, put = np.eye(x.size), np.zeros((x.size, index.size))
    for number, target in enumerate(matrix.argmax(axis=1) if matrix.size else ()):
        keep[target] = put[target] = 0.0
        put[target, number] = 1.0
    y = ag.scatter(x, axis, index, src)
    equal(y, keep @ flat(x) + put @ flat(src), shape)
    c = values(*shape, seed="c")
    (y * c).sum().backward()
    equal(x.grad, keep.T @ flat(c), shape)
    equal(src.grad, put.T @ flat(c), index.shape)


def test_index_select_and_index_add_are_each_others_transpose() -> None:
    x = ag.Tensor(values(2, 4), requires_grad=True)
    y = ag.index_select(x, 1, [3, 0, 3])
    np.testing.assert_array_equal(y, x.numpy()[:, [3, 0, 3]])
    c = values(2, 3, seed="c")
    (y * c).sum().backward()
    np.testing.assert_allclose(x.grad, ag.index_add(np.zeros((2, 4)), 1, [3, 0, 3], c))
    np.testing.assert_allclose(x.grad.numpy()[:, 3], c[:, 0] + c[:, 2])


def test_take_keeps_its_indices_as_an_input_of_the_graph() -> None:
    table = ag.Tensor(values(5, 2), requires_grad=True)
    tokens = ag.Tensor([1, 1, 4], name="tokens")
    node = ag.take(table, tokens, axis=0).grad_fn
    assert node.inputs[1].name == "tokens"


def test_masked_fill_keeps_float32_and_ignores_what_lies_under_the_mask() -> None:
    x = ag.Tensor([1.0, np.nan, 3.0], requires_grad=True)
    y = ag.masked_fill(x, [False, True, False], -np.inf)
    assert y.dtype == np.float32
    assert y.tolist() == [1.0, -np.inf, 3.0]
    y.backward(np.array([1.0, np.inf, 2.0], np.float32))
    assert x.grad.tolist() == [1.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: ag.take(x, [9], axis=1), IndexError, "index 9 .*x is \\(2, 3\\).*Valid are -3"),
        (lambda x: ag.take(x, [6]), IndexError, "index 6 .*Valid are -6 to 5"),
        (
            lambda x: ag.gather(x, 0, [[0, 0, 0, 0]]),
            ShapeError,
            "no longer than x away from axis 0",
        ),
        (lambda x: ag.gather(x, 0, [0]), ShapeError, "as many axes as x.*index is \\(1,\\)"),
        (
            lambda x: ag.put_along_axis(x, [0], 1.0, 1),
            ShapeError,
            "x is \\(2, 3\\), they are \\(1,\\)",
        ),
    ],
)
def test_bad_places_say_what_to_do(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=f"(?s){message}"):
        call(ag.Tensor(np.ones((2, 3))))

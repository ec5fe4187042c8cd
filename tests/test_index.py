"""Indexing and assignment through `x[i]` and `x[i] = v`, against dense linear maps.

An index selects elements; numbering the elements of x and indexing the numbers with NumPy says
which. From that come dense matrices of zeros and ones: values and gradients are products with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd as ag
from autograd.engine.samples import draw as values
from autograd.errors import DTypeError, ShapeError

Shape = tuple[int, ...]
Floats = np.ndarray[Any, Any]

# ---- what to index with --------------------------------------------------------------------------


@st.composite
def advanced_parts(draw: Any, shape: Shape) -> tuple[Any, ...]:
    """One part an axis: an integer, a slice, an integer array with repetitions, or a mask.

    Integer arrays broadcast with each other; a mask on one axis has as many True as they are long.
    """
    common = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=3))
    parts: list[Any] = []
    start = draw(st.integers(0, len(shape)))
    stop = draw(st.integers(start, len(shape)))  # the axes from start to stop are left to `...`
    for axis, length in enumerate(shape):
        if axis == start < stop:
            parts.append(Ellipsis)
        if start <= axis < stop:
            continue
        kind = draw(st.sampled_from(["array", "array", "integer", "slice", "mask"]))
        if kind == "slice":
            parts.append(draw(st.slices(length)))
        elif kind == "integer":
            parts.append(draw(st.integers(-length, length - 1)))
        elif kind == "mask" and len(common) == 1 and common[0] <= length:
            places = draw(st.permutations(range(length)))[: common[0]]
            parts.append(np.isin(np.arange(length), places))
        else:
            own = tuple(draw(st.sampled_from([1, n])) for n in common)
            own = own[draw(st.integers(0, len(own))) :]
            parts.append(draw(hnp.arrays(np.int64, own, elements=st.integers(-length, length - 1))))
    if stop == len(shape) and start < stop and draw(st.booleans()):
        parts.pop()  # an ellipsis at the end may be left out
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts)


@st.composite
def masks(draw: Any, shape: Shape) -> Any:
    """A boolean mask of the first axes, or of the last behind an ellipsis; also of none (0-d)."""
    axes = draw(st.integers(0, len(shape)))
    behind = draw(st.booleans())
    mask = draw(hnp.arrays(np.bool_, shape[len(shape) - axes :] if behind else shape[:axes]))
    return (Ellipsis, mask) if behind else mask


@st.composite
def shapes_and_indices(draw: Any) -> tuple[Shape, Any]:
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4))
    kinds = [
        hnp.basic_indices(shape, allow_newaxis=True, max_dims=5),
        masks(shape),
        advanced_parts(shape),
    ]
    if shape:
        kinds.append(hnp.integer_array_indices(shape))
    return shape, draw(st.one_of(kinds))


def as_tensors(index: Any) -> Any:
    """The same index with Tensors for its arrays."""
    if isinstance(index, tuple):
        return tuple(map(as_tensors, index))
    return ag.Tensor(index) if isinstance(index, np.ndarray) else index


def as_lists(index: Any) -> Any:
    """The same index with lists for its arrays."""
    if isinstance(index, tuple):
        return tuple(map(as_lists, index))
    return index.tolist() if isinstance(index, np.ndarray) and index.size else index


spellings = st.sampled_from([lambda index: index, as_tensors, as_lists])

# ---- the dense maps ------------------------------------------------------------------------------


def numbers(shape: Shape, index: Any) -> np.ndarray[Any, Any]:
    """Which elements of an array of this shape the index names."""
    return np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape)[index])


def selection(shape: Shape, index: Any) -> Floats:
    """The matrix of x -> x[index], on flat arrays."""
    return np.eye(np.prod(shape, dtype=int))[numbers(shape, index).ravel()]


def assignment(shape: Shape, index: Any, v_shape: Shape) -> tuple[Floats, Floats]:
    """The matrices A, B of x[index] = v as A x + B v, written one element after the other."""
    named = numbers(shape, index)
    v_numbers = np.arange(np.prod(v_shape, dtype=int)).reshape(v_shape)
    while v_numbers.ndim > named.ndim:
        v_numbers = v_numbers[0]  # assignment drops leading axes of length 1
    sources = np.broadcast_to(v_numbers, named.shape)
    keep, put = (
        np.eye(np.prod(shape, dtype=int)),
        np.zeros((np.prod(shape, dtype=int), v_numbers.size)),
    )
    for target, source in zip(named.ravel(), sources.ravel(), strict=True):
        keep[target] = put[target] = 0.0
        put[target, source] = 1.0
    return keep, put


def flat(value: Any) -> Floats:
    return (value.numpy() if isinstance(value, ag.Tensor) else np.asarray(value)).ravel()


def equal(actual: Any, expected: Floats, shape: Shape) -> None:
    assert np.shape(actual) == shape
    np.testing.assert_allclose(flat(actual), expected, rtol=1e-13, atol=1e-13)


# ---- reading -------------------------------------------------------------------------------------


@given(shapes_and_indices(), spellings)
def test_getitem_and_its_derivatives_are_a_selection_matrix(case: Any, spell: Any) -> None:
    shape, index = case
    matrix = selection(shape, index)
    x = ag.Tensor(values(*shape), requires_grad=True, dtype="float64")
    y = x[spell(index)]
    equal(y, matrix @ flat(x), values(*shape)[index].shape)
    c, w = values(*y.shape, seed="c"), values(*shape, seed="w")
    (g,) = ag.grad((y * y * y * c).sum(), [x], create_graph=True)
    equal(g, matrix.T @ (3 * flat(c) * flat(y) ** 2), shape)
    (second,) = ag.grad((g * w).sum(), [x])
    equal(second, matrix.T @ (6 * flat(c) * flat(y) * (matrix @ flat(w))), shape)


@given(shapes_and_indices())
def test_put_at_is_the_transpose_of_getitem(case: Any) -> None:
    shape, index = case
    v = values(*numbers(shape, index).shape)
    equal(ag.put_at(v, shape, index), selection(shape, index).T @ flat(v), shape)


def test_the_gradient_of_repeated_elements_adds_up() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x[[0, 2, 0, 0]] * [1.0, 10.0, 2.0, 4.0]).sum().backward()
    assert x.grad.tolist() == [7.0, 0.0, 10.0]


def test_rows_read_twice_get_both_cotangents_in_float32() -> None:
    x = ag.Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    x[np.array([1, 1, 3])].sum().backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [[0.0] * 3, [2.0] * 3, [0.0] * 3, [1.0] * 3]


def test_an_empty_index_list_selects_nothing() -> None:
    x = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    y = x[[]]
    assert y.shape == (0, 3)
    y.sum().backward()
    assert not x.grad.numpy().any()


def test_a_slice_may_be_given_by_integer_tensors() -> None:
    x = ag.Tensor([1.0, 2.0, 3.0, 4.0])
    assert x[ag.Tensor(1) : ag.Tensor(3)].tolist() == [2.0, 3.0]


def test_iteration_gives_slices_with_gradients() -> None:
    x = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = x
    (first * second).sum().backward()
    assert x.grad.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert list(ag.Tensor(np.ones((0, 2)))) == []


# ---- writing -------------------------------------------------------------------------------------


@st.composite
def assignments(draw: Any) -> tuple[Shape, Any, Shape]:
    shape, index = draw(shapes_and_indices())
    taken = numbers(shape, index).shape
    v_shape = tuple(draw(st.sampled_from([1, n])) for n in taken)
    v_shape = v_shape[draw(st.integers(0, len(v_shape))) :]
    if len(v_shape) == len(taken) and draw(st.booleans()):
        v_shape = (1, *v_shape)
    return shape, index, v_shape


@given(assignments(), spellings)
def test_setitem_and_its_derivatives_are_the_matrices_of_the_assignment(
    case: Any, spell: Any
) -> None:
    shape, index, v_shape = case
    keep, put = assignment(shape, index, v_shape)
    x = ag.Tensor(values(*shape), requires_grad=True, dtype="float64")
    v = ag.Tensor(values(*v_shape, seed="v"), requires_grad=True, dtype="float64")
    y = x * 1.0
    y[spell(index)] = v * 1.0
    equal(y, keep @ flat(x) + put @ flat(v), shape)
    c, wx, wv = values(*shape, seed="c"), values(*shape, seed="x"), values(*v_shape, seed="w")
    gx, gv = ag.grad((y * y * y * c).sum(), [x, v], create_graph=True)
    slope = 3 * flat(c) * flat(y) ** 2
    equal(gx, keep.T @ slope, shape)
    equal(gv, put.T @ slope, v_shape)
    seconds = ag.grad((gx * wx).sum() + (gv * wv).sum(), [x, v])
    curved = 6 * flat(c) * flat(y) * (keep @ flat(wx) + put @ flat(wv))
    equal(seconds[0], keep.T @ curved, shape)
    equal(seconds[1], put.T @ curved, v_shape)


@given(assignments(), spellings)
def test_assignment_outside_the_graph_writes_the_same_values(case: Any, spell: Any) -> None:
    shape, index, v_shape = case
    keep, put = assignment(shape, index, v_shape)
    x, v = ag.Tensor(values(*shape)), values(*v_shape, seed="v")
    before = flat(x).copy()
    x[spell(index)] = v
    equal(x, keep @ before + put @ flat(v), shape)


def test_an_overwritten_value_gets_no_gradient() -> None:
    x, v = ag.Tensor(np.zeros(3)), ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, dtype="float64")
    x[[1, 0, 1]] = v
    assert x.tolist() == [2.0, 3.0, 0.0]
    (x * [10.0, 20.0, 30.0]).sum().backward()
    assert v.grad.tolist() == [0.0, 10.0, 20.0]


@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray])
def test_the_last_write_is_the_last_in_c_order_whatever_the_memory_order(order: Any) -> None:
    index, v = order(np.array([[0, 1], [1, 0]])), order(np.array([[1.0, 2.0], [3.0, 4.0]]))
    for x in (ag.Tensor(np.zeros(2)), ag.Tensor(np.zeros(2), requires_grad=True) * 1.0):
        x[index] = v
        assert x.tolist() == [4.0, 3.0]


def test_assignment_to_a_leaf_in_fortran_order_reaches_the_leaf() -> None:
    x = ag.asarray(np.asfortranarray(np.zeros((2, 2))))
    x[[0, 0], [1, 1]] = [5.0, 6.0]
    assert x.tolist() == [[0.0, 6.0], [0.0, 0.0]]


def test_a_shared_read_only_array_is_copied_before_it_is_written() -> None:
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    x = ag.asarray(frozen)
    x[0] = 1.0
    assert x.tolist() == [1.0, 0.0, 0.0]
    assert frozen.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("mine", "given_dtype"), [("float32", "complex64"), ("int64", "float32")])
def test_recorded_assignment_never_drops_part_of_a_value(mine: str, given_dtype: str) -> None:
    x = ag.Tensor([1, 2], dtype=mine)
    with pytest.raises(DTypeError, match=f"x is {mine} and cannot hold v, which is {given_dtype}"):
        x[0] = ag.Tensor(1.0, dtype=given_dtype, requires_grad=True)


# ---- errors --------------------------------------------------------------------------------------

BAD_READS = {
    "out of range": (5, "index 5 is out of bounds .* NAME is \\(3, 4\\).*Valid are -3 to 2"),
    "array out of range": ((slice(None), np.array([0, 9])), "index 9 .*Valid are -4 to 3"),
    "too many": ((0, 1, 2), "but 3 were indexed; NAME is \\(3, 4\\), .*\\[0, 1, 2\\]"),
    "mask of another axis": (np.ones(4, bool), "axis 0.*did you mean NAME\\[:, mask\\]"),
    "mask that fits nowhere": (np.ones(7, bool), "bool\\[7\\].*A mask has the shape of the axes"),
    "arrays that differ": (([0, 1], [0, 1, 2]), "int64\\[2\\], int64\\[3\\].*numpy.ix_"),
    "floating": (ag.Tensor([0.0, 1.0]), "must be integers, i.astype\\('int64'\\)"),
    "text": ("a", "only integers"),
}  # fmt: skip


@pytest.mark.parametrize(("index", "message"), BAD_READS.values(), ids=BAD_READS)
def test_a_bad_index_says_what_where_and_what_to_do(index: Any, message: str) -> None:
    w = ag.Tensor(np.ones((3, 4)), name="w")
    x = ag.Tensor(np.ones((3, 4)), requires_grad=True) * 1.0
    with pytest.raises(IndexError, match=f"(?s)getitem: .*{message.replace('NAME', 'w')}"):
        w[index]
    with pytest.raises(IndexError, match=f"(?s)setitem: .*{message.replace('NAME', 'w')}"):
        w[index] = 0.0
    with pytest.raises(IndexError, match=f"(?s)setitem: .*{message.replace('NAME', 'x')}"):
        x[index] = ag.Tensor(0.0)


def test_a_slice_with_floating_ends_is_a_dtype_error() -> None:
    with pytest.raises(DTypeError, match="slice indices must be integers"):
        ag.Tensor([1.0, 2.0])[0.5:]


def test_an_index_of_a_0d_or_empty_tensor_says_what_to_do() -> None:
    with pytest.raises(IndexError, match=r"has one element: x\[\(\)\]"):
        ag.Tensor(1.0)[0]
    with pytest.raises(IndexError, match="That axis is empty"):
        ag.Tensor(np.ones((0, 2)))[0]


@pytest.mark.parametrize("index", [slice(0, 2), np.array([0, 1, 1]), np.array([True, False, True])])
def test_a_value_that_does_not_fit_shows_both_shapes(index: Any) -> None:
    x = ag.Tensor(np.ones((3, 4)), requires_grad=True) * 1.0
    taken = np.ones((3, 4))[index].shape
    message = f"v is (5,) and does not fit x[i], which is {taken}; x is (3, 4)"
    with pytest.raises(ShapeError) as caught:
        x[index] = np.ones(5)
    assert message in str(caught.value)
    with pytest.raises(ShapeError) as caught:
        ag.Tensor(np.ones((3, 4)))[index] = np.ones(5)
    assert message in str(caught.value)

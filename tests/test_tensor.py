"""What a Tensor is: a value with a dtype and a name, that looks and converts like a number."""

from __future__ import annotations

import copy
import html
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import (
    DTypeError,
    InPlaceError,
    IntegerGradError,
    MutationError,
    ShapeError,
)

F32, F64 = np.dtype("float32"), np.dtype("float64")


@pytest.fixture
def default_float64() -> Iterator[None]:
    ag.set_default_dtype("float64")
    yield
    ag.set_default_dtype("float32")


def leaf(*values: float, name: str | None = None) -> ag.Tensor:
    return ag.Tensor(np.array(values, float), requires_grad=True, name=name)


# ---- construction --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.0, "float32", ()),
        (1, "int64", ()),
        (True, "bool", ()),
        (1j, "complex64", ()),
        ([1.0, 2.0], "float32", (2,)),
        ([1, 2.5], "float32", (2,)),
        ([1, 2], "int64", (2,)),
        ([True, False], "bool", (2,)),
        ([[1.0], [2j]], "complex64", (2, 1)),
        ((1.0, (2.0,))[:1], "float32", (1,)),
        ([], "float32", (0,)),
        ([[], []], "float32", (2, 0)),
        (range(3), "int64", (3,)),
        (np.float64(1.0), "float64", ()),
        (np.float16(1.0), "float16", ()),
        ([np.float64(1.0), np.float64(2.0)], "float64", (2,)),
        (np.array(1.0), "float64", ()),
        (np.zeros((2, 0)), "float64", (2, 0)),
        (np.zeros(2, np.float32), "float32", (2,)),
        (np.zeros(2, np.uint8), "uint8", (2,)),
        (np.zeros(2, np.complex128), "complex128", (2,)),
        (np.zeros(2, ">f4"), "float32", (2,)),
        (np.array(3.0, ">f8"), "float64", ()),
        (np.zeros(2, ">i2"), "int16", (2,)),
    ],
    ids=str,
)
def test_python_numbers_take_the_default_dtype_and_arrays_keep_theirs(
    data: Any, dtype: str, shape: tuple[int, ...]
) -> None:
    tensor = ag.Tensor(data)
    assert tensor.dtype == np.dtype(dtype)
    assert tensor.dtype.isnative
    assert tensor.shape == shape
    assert tensor.ndim == len(shape)
    assert tensor.size == int(np.prod(shape))
    assert tensor.nbytes == tensor.size * tensor.itemsize
    np.testing.assert_array_equal(tensor.numpy(), np.array(data))


@pytest.mark.usefixtures("default_float64")
def test_set_default_dtype_rules_python_floats() -> None:
    assert ag.get_default_dtype() == F64
    assert ag.Tensor(1.0).dtype == F64
    assert ag.Tensor([1.0, 2]).dtype == F64
    assert ag.Tensor(1j).dtype == np.complex128
    assert ag.Tensor(np.float32(1)).dtype == F32
    assert ag.Tensor(1).dtype == np.int64


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex64"])
def test_the_default_dtype_must_be_floating(dtype: str) -> None:
    with pytest.raises(DTypeError, match=f"the default dtype must be floating, not {dtype}"):
        ag.set_default_dtype(dtype)


def test_a_list_of_tensors_and_python_floats_stays_in_the_tensors_dtype() -> None:
    x = ag.Tensor(np.float32(1.0))
    assert ag.Tensor([x, 2.0]).dtype == F32
    assert ag.Tensor([x, x]).tolist() == [1.0, 1.0]


def test_dtype_argument_converts_and_python_floats_are_double_as_in_numpy() -> None:
    assert ag.Tensor([1, 2], dtype="float64").dtype == F64
    for kind in (bool, int, float, complex):
        for data in (np.zeros(2), [0, 1], 0.0, ag.Tensor([1.0])):
            assert ag.Tensor(data, dtype=kind).dtype == np.dtype(kind)
            assert ag.asarray(data, dtype=kind).dtype == np.dtype(kind)
            assert ag.Tensor(data).astype(kind).dtype == ag.Tensor(data).to(kind).dtype == kind
    assert ag.Tensor(1.7, dtype=np.int32).item() == 1
    assert ag.Tensor(ag.Tensor(1.0), dtype="float64").dtype == F64


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, r"a Tensor holds numbers; got NoneType with NumPy dtype object"),
        (object(), r"got object with NumPy dtype object"),
        (["a"], r"got list with NumPy dtype <U1"),
        ("text", r"got str with NumPy dtype <U4"),
        (np.array([1, None]), r"got ndarray with NumPy dtype object"),
        (np.array("2020-01-01", "M8[D]"), r"got ndarray with NumPy dtype datetime64"),
        ({1, 2}, r"got set with NumPy dtype object"),
        (2**70, r"got int with NumPy dtype object"),
        (b"x", r"got bytes with NumPy dtype"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_is_refused(data: Any, message: str) -> None:
    with pytest.raises(DTypeError, match=message):
        ag.Tensor(data)


def test_ragged_lists_and_false_dtypes_are_refused() -> None:
    with pytest.raises(ShapeError, match="rows of equal length"):
        ag.Tensor([[1.0, 2.0], [3.0]])
    with pytest.raises(DTypeError, match="'flot32' is not a dtype; use for example 'float32'"):
        ag.Tensor(1.0, dtype="flot32")
    with pytest.raises(DTypeError, match="'cuda:0' is not a dtype; all is done on the CPU"):
        ag.Tensor(1.0).to("cuda:0")
    with pytest.raises(DTypeError, match="object is not a numeric dtype"):
        ag.Tensor(1.0, dtype=object)


def test_a_tensor_copies_and_asarray_shares() -> None:
    array = np.zeros(3)
    copied, shared = ag.Tensor(array), ag.asarray(array)
    array[0] = 5.0
    assert copied.tolist() == [0.0, 0.0, 0.0]
    assert shared.tolist() == [5.0, 0.0, 0.0]
    assert np.shares_memory(shared.numpy(), array)
    assert ag.asarray(shared) is shared
    assert ag.asarray(array, dtype="float32").dtype == F32
    assert ag.asarray(array, name="a").name == "a"
    assert not np.shares_memory(ag.Tensor(copied).numpy(), copied.numpy())


def test_a_tensor_of_a_tensor_is_a_copy_with_its_gradient() -> None:
    x = leaf(1.0, 2.0)
    y = ag.Tensor(x * 2)
    assert y.tolist() == [2.0, 4.0]
    assert ag.grad(y.sum(), x)[0].tolist() == [2.0, 2.0]
    own = ag.Tensor(x, requires_grad=True)
    assert own.is_leaf
    assert not np.shares_memory(own.numpy(), x.numpy())


# ---- requires_grad, names, links -----------------------------------------------------------------


@pytest.mark.parametrize("data", [1, True, np.zeros(2, np.int8)], ids=str)
def test_only_floating_and_complex_tensors_require_grad(data: Any) -> None:
    message = "only floating and complex Tensors can require grad; .* is (int64|bool|int8)"
    with pytest.raises(IntegerGradError, match=message):
        ag.Tensor(data, requires_grad=True)
    tensor = ag.Tensor(data)
    with pytest.raises(IntegerGradError, match=r"Make it floating: Tensor\(data, dtype='float32'"):
        tensor.requires_grad = True
    assert not tensor.requires_grad


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_floating_and_complex_tensors_may_require_grad(dtype: str) -> None:
    x = ag.Tensor(np.ones(2, dtype), requires_grad=True)
    assert x.requires_grad
    assert (x * 2).requires_grad
    assert not x.detach().requires_grad


def test_requires_grad_can_be_switched_on_a_leaf_alone() -> None:
    x = ag.Tensor([1.0])
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert x.requires_grad_() is x
    y = x * 2
    with pytest.raises(InPlaceError, match=r"result of multiply; only a leaf can stop"):
        y.requires_grad_(False)
    x.requires_grad = False
    assert not x.requires_grad
    assert not (x * 2).requires_grad
    y.requires_grad_(True)  # already so
    assert not y.is_leaf


def test_freezing_and_thawing_keeps_the_value_and_records_anew() -> None:
    x = leaf(1.0, 2.0)
    x.requires_grad_(False)
    assert (x * 3).is_leaf
    x.requires_grad_()
    (x * 3).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 3.0]


def test_is_leaf_and_grad_fn() -> None:
    x, c = leaf(1.0, name="x"), ag.Tensor([2.0])
    y = x * c
    assert x.is_leaf
    assert c.is_leaf
    assert (c * 2).is_leaf
    assert not y.is_leaf
    assert x.grad_fn is None
    assert c.grad_fn is None
    assert y.grad_fn is not None
    assert y.grad_fn.op.name == "multiply"


def test_grad_fn_leads_to_its_inputs() -> None:
    x, z = leaf(1.0, name="x"), leaf(5.0, name="z")
    y = (x * 2.0) + z
    top = y.grad_fn
    assert top is not None
    product, of_z = top.inputs
    assert product.op.name == "multiply"
    assert of_z.name == "z"
    assert of_z.is_leaf
    assert product.inputs[0].name == "x"
    assert product.inputs[1] == 2.0
    assert top.next_functions == ((product, 0), (of_z, 0))
    assert product.next_functions == ((product.inputs[0], 0), (None, 0))
    assert top.shape == (1,)
    assert top.dtype == F64


def test_a_name_reaches_the_node_and_the_messages() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="weights")
    y = x * 2
    y.name = "scaled"
    assert x.name == "weights"
    assert y.grad_fn is not None
    assert y.grad_fn.name == "scaled"
    assert "weights" in repr(y.grad_fn)
    with pytest.raises(ShapeError, match=r"exactly one element, and scaled has shape \(2,\)"):
        y.item()
    x.name = None
    assert x.name is None


# ---- grad, zero_grad, retain_grad ----------------------------------------------------------------


def test_grad_is_none_until_backward_and_after_zero_grad() -> None:
    x = leaf(1.0, 2.0)
    assert x.grad is None
    x.zero_grad()
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]
    x.zero_grad()
    assert x.grad is None
    (x * x).sum().backward()
    x.zero_grad(set_to_none=False)
    assert x.grad.tolist() == [0.0, 0.0]


def test_grad_can_be_set_in_the_shape_and_dtype_of_its_tensor() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    x.grad = ag.Tensor([3.0, 4.0])
    assert x.grad.tolist() == [3.0, 4.0]
    x.grad = None
    assert x.grad is None
    x.grad = np.array([1.0, 1.0])
    assert x.grad.dtype == F32
    with pytest.raises(ShapeError, match=r"grad is \(3,\) for a Tensor of shape \(2,\)"):
        x.grad = ag.Tensor([1.0, 2.0, 3.0])


def test_grad_of_a_constant_cannot_be_set() -> None:
    c = ag.Tensor([1.0], name="c")
    c.grad = None
    with pytest.raises(InPlaceError, match="c does not require grad, so it holds no gradient"):
        c.grad = ag.Tensor([1.0])


def test_retain_grad_keeps_the_gradient_of_an_intermediate() -> None:
    x = leaf(1.0, 2.0)
    y, z = x * 3, x * 5
    y.retain_grad()
    (y * y + z).sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [6.0, 12.0]
    assert z.grad is None
    with pytest.raises(InPlaceError, match=r"retain_grad: .* does not require grad"):
        ag.Tensor([1.0]).retain_grad()


# ---- detach and data -----------------------------------------------------------------------------


def test_detach_leaves_the_graph_and_keeps_value_and_name() -> None:
    x = leaf(1.0, 2.0, name="x")
    for y in (x, x * 2):
        d = y.detach()
        assert not d.requires_grad
        assert d.is_leaf
        assert d.tolist() == y.tolist()
    assert x.detach().name == "x"


def test_a_detached_leaf_is_the_leaf_outside_the_graph_and_a_copy_of_it_is_not() -> None:
    x = leaf(1.0, 2.0)
    d = x.detach()
    d[0] = 9.0
    d += 1.0
    assert x.tolist() == d.tolist() == [10.0, 3.0]
    d = d.copy()
    d += 1.0
    assert x.tolist() == [10.0, 3.0]


def test_a_detached_result_is_written_to_only_when_nobody_sees_the_result() -> None:
    y = leaf(1.0, 2.0) * 2
    d = y.detach()
    with pytest.raises(InPlaceError, match=r"not a leaf(.|\n)*y\.detach\(\)\.copy\(\)"):
        d[0] = 9.0
    with pytest.raises(InPlaceError, match="is not a leaf"):
        d += 1.0
    twin = y.detach()
    del y
    with pytest.raises(InPlaceError, match="result of detach"):
        d += 1.0  # the twin would not follow
    del twin
    d += 1.0
    assert d.tolist() == [3.0, 5.0]


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x * 2], ids=["leaf", "result"])
def test_training_a_detached_tensor_does_not_reach_the_original(make: Any) -> None:
    y = make(leaf(1.0, 2.0))
    before = y.tolist()
    d = y.detach().requires_grad_()
    (d * d).sum().backward()
    with ag.no_grad():
        d -= 0.5
        d[0] = 7.0
    assert d.tolist() == [7.0, before[1] - 0.5]
    assert y.tolist() == before


def test_tensors_are_values_writing_to_one_does_not_change_another() -> None:
    a = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    row, flat, twin = a[0], a.reshape((4,)), copy.copy(a)
    a[0, 0] = 9.0
    assert a.tolist() == [[9.0, 2.0], [3.0, 4.0]]
    assert row.tolist() == [1.0, 2.0]
    assert flat.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert twin.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_data_gives_the_value_and_takes_a_new_one() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert not x.data.requires_grad
    x.data = np.array([5.0, 6.0])
    assert x.tolist() == [5.0, 6.0]
    assert x.dtype == F32
    assert x.requires_grad
    x.data -= 1.0
    assert x.tolist() == [4.0, 5.0]
    assert x.requires_grad
    x.data = [7.0, 8.0, 9.0]
    assert x.shape == (3,)
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [14.0, 16.0, 18.0]


def test_data_of_a_0d_leaf_can_be_set() -> None:
    x = ag.Tensor(1.0, requires_grad=True)
    x.data = 3.0
    (x * x).backward()
    assert x.grad is not None
    assert (x.item(), x.grad.item()) == (3.0, 6.0)


def test_data_of_a_result_cannot_be_set() -> None:
    y = leaf(1.0) * 2
    with pytest.raises(InPlaceError, match="is not a leaf; its value follows from its inputs"):
        y.data = [1.0]


@pytest.mark.parametrize("requires_grad", [True, False])
def test_data_is_the_tensor_itself_outside_the_graph(requires_grad: bool) -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=requires_grad)
    x.data[0] = 3.0
    d = x.data
    d += 9.0
    assert x.tolist() == d.tolist() == [12.0, 11.0]
    x.data.view(-1)[0] = 7.0
    assert x.tolist() == [7.0, 11.0]
    d = x.data
    with ag.no_grad():
        x[0] = 5.0
    assert d.tolist() == [7.0, 11.0]
    with pytest.raises(InPlaceError, match=r"has changed since its \.data was taken"):
        d += 1.0
    assert x.tolist() == [5.0, 11.0]


def test_writing_to_data_is_noted_like_any_change_of_a_leaf() -> None:
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    x.data[0] = 3.0
    with pytest.raises(MutationError):
        loss.backward()


def test_the_data_of_a_result_cannot_be_written_to() -> None:
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(InPlaceError, match="is not a leaf; its value follows from its inputs"):
        y.data[0] = 1.0


# ---- as Python and NumPy see it ------------------------------------------------------------------


def test_item_and_tolist_give_python_numbers() -> None:
    assert type(ag.Tensor(1.5).item()) is float
    assert type(ag.Tensor(2).item()) is int
    assert type(ag.Tensor(True).item()) is bool
    assert type(ag.Tensor(1j).item()) is complex
    assert ag.Tensor([[3.0]]).item() == 3.0
    assert ag.Tensor(2.5).tolist() == 2.5
    assert ag.Tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ShapeError, match=r"item\(\) needs exactly one element(.|\n)*tolist\(\)"):
        ag.Tensor([]).item()
    with pytest.raises(ShapeError, match=r"element, and this Tensor has shape \(2,\)\."):
        ag.Tensor([1, 2]).item()
    with pytest.raises(ShapeError, match=r"element, and w has shape \(2,\)\."):
        ag.Tensor([1, 2], name="w").item()


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0]], ids=["0-d", "1-d"])
def test_numpy_and_asarray_give_read_only_arrays(data: Any) -> None:
    x = ag.Tensor(data, requires_grad=True)
    for array in (x.numpy(), np.asarray(x.detach()), np.asarray((x * 2).detach())):
        assert type(array) is np.ndarray
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7.0
    assert x.tolist() == data


def test_np_array_copies_and_converts() -> None:
    x = ag.Tensor([1.0, 2.0])
    copied = np.array(x)
    copied[0] = 5.0
    assert x.tolist() == [1.0, 2.0]
    assert np.asarray(x, dtype=np.float64).dtype == F64
    assert np.shares_memory(np.asarray(x), x.numpy())
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float64, copy=False)


def test_iteration_gives_the_rows_in_the_graph() -> None:
    x = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = x
    (first * 10 + second).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[10.0, 10.0], [1.0, 1.0]]
    assert len(x) == 2
    assert [v.item() for v in ag.Tensor([1.0, 2.0])] == [1.0, 2.0]
    assert list(ag.Tensor(np.zeros((0, 3)))) == []
    with pytest.raises(TypeError, match="iteration over a 0-d Tensor"):
        iter(ag.Tensor(1.0))
    with pytest.raises(TypeError, match=r"len\(\) of a 0-d Tensor"):
        len(ag.Tensor(1.0))


def test_conversions_to_python_numbers() -> None:
    assert float(ag.Tensor([2.5])) == 2.5
    assert int(ag.Tensor(2.5)) == 2
    assert complex(ag.Tensor(1j)) == 1j
    assert bool(ag.Tensor([1.0]))
    assert not ag.Tensor(0)
    assert ["a", "b", "c"][ag.Tensor(1)] == "b"
    with pytest.raises(TypeError, match="only a 0-d integer Tensor is an index, not float32"):
        ["a"][ag.Tensor(0.0)]  # type: ignore[call-overload]
    for size in (0, 2):
        with pytest.raises(ShapeError, match=r"truth value of a Tensor of shape .* is ambiguous"):
            bool(ag.Tensor(np.zeros(size)))
    with pytest.raises(ShapeError, match="exactly one element"):
        float(ag.Tensor([1.0, 2.0]))


def test_containment_looks_at_values() -> None:
    x = ag.Tensor([1.0, 2.0])
    assert 2.0 in x
    assert ag.Tensor(1.0) in x
    assert 3.0 not in x


def test_hash_is_by_identity() -> None:
    x, y = ag.Tensor([1.0]), ag.Tensor([1.0])
    assert len({x, y, x}) == 2
    assert {x: "x"}[x] == "x"


def test_equality_is_elementwise() -> None:
    x = ag.Tensor([1.0, 2.0])
    assert (x == ag.Tensor([1.0, 3.0])).tolist() == [True, False]
    assert (x != 1.0).tolist() == [False, True]
    assert ([1.0, 2.0] == x).tolist() == [True, True]
    assert (x == x).dtype == np.bool_


@pytest.mark.parametrize(
    ("tensor", "expected"),
    [
        (ag.Tensor(1.0), "Tensor(1., dtype=float32)"),
        (ag.Tensor([1, 2]), "Tensor([1, 2], dtype=int64)"),
        (ag.Tensor([]), "Tensor([], shape=(0,), dtype=float32)"),
        (ag.Tensor(np.zeros((0, 3))), "Tensor([], shape=(0, 3), dtype=float64)"),
        (
            ag.Tensor([1.0], requires_grad=True, name="w"),
            "Tensor([1.], dtype=float32, name='w', requires_grad=True)",
        ),
        (leaf(1.0) * 2, "Tensor([2.], dtype=float64, op=multiply)"),
        (
            ag.Tensor([[1.0], [2.0]]),
            "Tensor([[1.],\n        [2.]], dtype=float32)",
        ),
    ],
    ids=str,
)
def test_repr(tensor: ag.Tensor, expected: str) -> None:
    assert repr(tensor) == expected
    assert str(tensor) == expected
    assert f"{tensor}" == (expected if tensor.ndim else "1.0")


SCALARS: dict[str, tuple[Any, str, str]] = {  # the data, as text, in a format
    "float32": (np.float32(0.1), "0.1", ".4f"),
    "float64": (np.float64(0.1), "0.1", ".4f"),
    "float16": (np.float16(0.5), "0.5", "8.2e"),
    "int": (3, "3", "03d"),
    "bool": (True, "True", "d"),
    "complex": (1 + 2j, "(1+2j)", ".2f"),
}


@pytest.mark.parametrize(("data", "text", "spec"), SCALARS.values(), ids=SCALARS)
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.filterwarnings("error")
def test_a_scalar_prints_as_a_number(data: Any, text: str, spec: str, requires_grad: bool) -> None:
    x, row = ag.Tensor(data), ag.Tensor([data])
    if requires_grad and x.dtype.kind in "fc":
        x, row = x.requires_grad_() * 1, row.requires_grad_() * 1
    number = x.item()
    assert f"{x}" == "{}".format(x) == format(x) == text  # noqa: UP032 - what a program may say
    assert f"{x:{spec}}" == f"{row:{spec}}" == format(x, spec) == format(number, spec)
    assert f"{row}" == str(row), "an array of one element is an array"
    if x.dtype.kind != "c":
        for one in (x, row):
            assert "%.3f" % one == "%.3f" % number  # noqa: UP031
            assert "%s: %.3f" % ("loss", one) == "loss: %.3f" % number  # noqa: UP031
            assert "%(loss)d" % {"loss": one} == f"{int(number)}"  # noqa: UP031
    if x.dtype.kind == "f":
        assert f"{round(x, 1):.3f}" == f"{round(number, 1):.3f}"


def test_repr_of_a_large_tensor_is_short() -> None:
    assert len(repr(ag.Tensor(np.zeros((1000, 1000))))) < 1000


def test_html_shows_value_gradient_and_escapes_the_name() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="<b>&")
    assert "∇" not in x._repr_html_()
    (x * x).sum().backward()
    shown = x._repr_html_()
    assert "&lt;b&gt;&amp;" in shown
    assert "<b>" not in shown
    assert "∇" in shown
    assert "[2., 4.]" in html.unescape(shown)


# ---- copying and pickling ------------------------------------------------------------------------


def test_deepcopy_copies_a_leaf_with_its_gradient() -> None:
    x = leaf(1.0, 2.0, name="x")
    (x * x).sum().backward()
    twin = copy.deepcopy(x)
    assert twin.requires_grad
    assert twin.name == "x"
    assert twin.tolist() == [1.0, 2.0]
    assert twin.grad is not None
    assert twin.grad.tolist() == [2.0, 4.0]
    (twin * 3).sum().backward()
    with ag.no_grad():
        twin[0] = 50.0
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]
    assert x.tolist() == [1.0, 2.0]


def test_deepcopy_keeps_shared_tensors_shared() -> None:
    x = leaf(1.0)
    first, second = copy.deepcopy([x, x])
    assert first is second
    assert first is not x


def test_a_shallow_copy_stays_in_the_graph() -> None:
    x = leaf(3.0)
    y = copy.copy(x * 2)
    (y * 5).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [10.0]


def test_only_leaves_are_deepcopied_and_pickled() -> None:
    y = leaf(1.0) * 2
    with pytest.raises(InPlaceError, match=r"deepcopy of .* the result of multiply"):
        copy.deepcopy(y)
    with pytest.raises(InPlaceError, match=r"pickle of .*: only leaves can be pickled; detach"):
        pickle.dumps(y)


@pytest.mark.parametrize("data", [2.0, [1.0, 2.0], [1, 2]], ids=str)
def test_pickle_keeps_value_dtype_name_and_gradient(data: Any) -> None:
    x = ag.Tensor(data, name="x")
    if x.dtype.kind == "f":
        x.requires_grad_()
        (x * x).sum().backward()
    back = pickle.loads(pickle.dumps(x))
    assert type(back) is ag.Tensor
    assert back.tolist() == x.tolist()
    assert back.dtype == x.dtype
    assert back.name == "x"
    assert back.requires_grad == x.requires_grad
    if x.grad is not None:
        assert back.grad.tolist() == x.grad.tolist()
        (back * 3).sum().backward()  # and it works on
        np.testing.assert_array_equal(back.grad.numpy(), x.grad.numpy() + 3)


def test_subclasses_record_and_are_pickled_and_copied_as_themselves() -> None:
    x = Parameter([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]
    assert type(pickle.loads(pickle.dumps(x))) is Parameter
    assert type(copy.deepcopy(x)) is Parameter
    assert type(copy.copy(x)) is Parameter


class Parameter(ag.Tensor):
    """A subclass without anything of its own."""

    __slots__ = ()


# ---- dtypes of results ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "dtype"),
    [
        (2, "float32"),
        (2.0, "float32"),
        (True, "float32"),
        (2j, "complex64"),
        ([1.0, 2.0], "float32"),
        (np.float32(2), "float32"),
        (np.float64(2), "float64"),
        (np.zeros(2), "float64"),
        (np.zeros(2, np.float32), "float32"),
        (np.zeros(2, np.int16), "float32"),
    ],
    ids=str,
)
def test_python_numbers_are_weak_and_arrays_promote(other: Any, dtype: str) -> None:
    x = ag.Tensor([1.0, 2.0])
    assert (x + other).dtype == np.dtype(dtype)
    assert (other + x).dtype == np.dtype(dtype)
    assert (x * other).dtype == np.dtype(dtype)


@pytest.mark.parametrize("other", [None, "text", object(), [None]], ids=lambda x: type(x).__name__)
def test_operators_refuse_what_is_no_number(other: Any) -> None:
    with pytest.raises(TypeError):
        ag.Tensor([1.0]) + other


def test_a_list_of_tensors_is_joined() -> None:
    x = leaf(1.0, 2.0)
    y = x + [x[1], x[0]]
    assert ag.grad(y[0], x)[0].tolist() == [1.0, 1.0]


def test_to_and_astype_cast_the_gradient_back() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    y = x.to("float64")
    assert y.dtype == F64
    assert x.to("float32") is x
    (y * y).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == F32
    assert x.grad.tolist() == [2.0, 4.0]
    assert not x.astype("int64").requires_grad


@pytest.mark.parametrize("shape", [(3, 2), ((3, 2),), (-1, 2), ([3, 2],)], ids=str)
def test_reshape_takes_lengths_or_a_tuple(shape: Any) -> None:
    x = leaf(*range(6))
    y = x.reshape(*shape)
    assert y.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    (y * [[1.0, 2.0]]).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 2.0] * 3

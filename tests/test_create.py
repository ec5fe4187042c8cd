"""Tensors made from nothing: shapes, dtypes, and gradients that may not be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import create, grids, random
from autograd.engine.dtypes import set_default_dtype
from autograd.errors import DTypeError, IntegerGradError, ShapeError
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor

SHAPED = {
    "zeros": create.zeros,
    "ones": create.ones,
    "empty": create.empty,
    "rand": random.rand,
    "randn": random.randn,
}
LIKE = {
    "zeros_like": create.zeros_like,
    "ones_like": create.ones_like,
    "empty_like": create.empty_like,
    "full_like": lambda x, **more: create.full_like(x, 3, **more),
}
# Functions that make one Tensor of shape (2,) or so, with the arguments that all of them take.
MAKERS: dict[str, Callable[..., Tensor]] = {
    **{name: lambda f=f, **more: f(2, **more) for name, f in SHAPED.items()},
    **{name: lambda f=f, **more: f(np.ones(2), **more) for name, f in LIKE.items()},
    "full": lambda **more: create.full(2, 1.5, **more),
    "arange": lambda **more: grids.arange(0.0, 2.0, **more),
    "linspace": lambda **more: grids.linspace(0, 1, 2, **more),
    "logspace": lambda **more: grids.logspace(0, 1, 2, **more),
    "eye": lambda **more: grids.eye(2, **more),
    "identity": lambda **more: grids.identity(2, **more),
    "tensor": lambda **more: create.tensor([1.0, 2.0], **more),
    "normal": lambda **more: random.normal(shape=2, **more),
    "uniform": lambda **more: random.uniform(shape=2, **more),
}


@pytest.mark.parametrize("make", SHAPED.values(), ids=SHAPED)
@pytest.mark.parametrize(
    ("arguments", "shape"),
    [((), ()), ((3,), (3,)), ((2, 3), (2, 3)), (((2, 3),), (2, 3)), (([2, 3],), (2, 3)),
     (((),), ()), ((0, 3), (0, 3)), ((np.int64(2),), (2,))],
)  # fmt: skip
def test_a_shape_is_given_as_lengths_or_as_one_sequence(
    make: Any, arguments: Any, shape: Any
) -> None:
    made = make(*arguments)
    assert type(made) is Tensor
    assert made.shape == shape


@pytest.mark.parametrize("make", SHAPED.values(), ids=SHAPED)
def test_a_wrong_shape_is_refused(make: Any) -> None:
    with pytest.raises(ShapeError, match=r"negative length in shape \(2, -1\)"):
        make(2, -1)
    with pytest.raises(DTypeError, match=r"a shape is made of integers"):
        make(2, "float64")
    with pytest.raises(
        DTypeError, match=r"a shape is made of integers|shape must be a whole number"
    ):
        make(2.0)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_dtype_and_requires_grad_are_taken_by_all(make: Any) -> None:
    assert make(dtype="float64").dtype == np.float64
    assert make(dtype=np.float16).dtype == np.float16
    leaf = make(requires_grad=True)
    assert leaf.requires_grad
    assert leaf.is_leaf
    assert not make().requires_grad


@pytest.mark.parametrize("make", [m for n, m in MAKERS.items() if n not in LIKE])
def test_floats_have_the_default_dtype(make: Any) -> None:
    assert make().dtype == np.float32
    set_default_dtype("float64")
    try:
        assert make().dtype == np.float64
    finally:
        set_default_dtype("float32")
    assert make(dtype=float).dtype == np.float64, "as in NumPy and PyTorch"


@pytest.mark.parametrize(
    "make", [m for n, m in MAKERS.items() if n not in ("rand", "randn", "normal", "uniform")]
)
def test_an_integer_tensor_cannot_require_a_gradient(make: Any) -> None:
    with pytest.raises(IntegerGradError):
        make(dtype="int64", requires_grad=True)


def test_the_values_are_those_of_numpy() -> None:
    pairs = [
        (create.zeros(2, 3), np.zeros((2, 3))),
        (create.ones(2, 3), np.ones((2, 3))),
        (create.full((2, 2), 7), np.full((2, 2), 7)),
        (create.full((2, 2), [1.0, 2.0]), np.full((2, 2), [1.0, 2.0])),
        (create.full((), True), np.array(True)),
        (grids.arange(5), np.arange(5)),
        (grids.arange(5, 1, -2), np.arange(5, 1, -2)),
        (grids.arange(0, 1, 0.25), np.arange(0, 1, 0.25)),
        (grids.linspace(-1, 2, 7), np.linspace(-1, 2, 7)),
        (grids.linspace(-1, 2, 6, endpoint=False), np.linspace(-1, 2, 6, endpoint=False)),
        (grids.linspace(0, 1j, 3), np.linspace(0, 1j, 3)),
        (grids.logspace(0, 3, 4, base=2), np.logspace(0, 3, 4, base=2)),
        (grids.eye(2, 3, 1), np.eye(2, 3, 1)),
        (grids.identity(3), np.identity(3)),
    ]
    for mine, theirs in pairs:
        assert mine.shape == theirs.shape
        assert mine.dtype.kind == theirs.dtype.kind
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-6)


def test_integers_and_booleans_keep_their_dtype() -> None:
    assert grids.arange(3).dtype == np.int64
    assert create.full(2, 1).dtype == np.int64
    assert create.full(2, True).dtype == np.bool_
    assert grids.linspace(0, 1, 2, dtype="complex64").dtype == np.complex64
    assert grids.linspace(0, 1j, 2).dtype == np.complex64


@pytest.mark.parametrize("make", LIKE.values(), ids=LIKE)
@pytest.mark.parametrize(
    "x",
    [Tensor([[1.0, 2.0]], requires_grad=True), np.ones((2, 0)), np.arange(3), 2.5],
    ids=["Tensor", "array", "integers", "number"],
)
def test_like_takes_shape_and_dtype_and_no_gradient(make: Any, x: Any) -> None:
    made = make(x)
    wanted = x if hasattr(x, "dtype") else Tensor(x)
    assert (made.shape, made.dtype) == (wanted.shape, wanted.dtype)
    assert not made.requires_grad
    assert make(x, dtype="float16").dtype == np.float16


@pytest.mark.parametrize("name", ["zeros_like", "ones_like"])
def test_like_agrees_with_numpys_function_on_a_tensor(name: str) -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    mine, through_numpy = getattr(create, name)(x), getattr(np, name)(x)
    assert type(mine) is type(through_numpy) is Tensor
    assert (mine.shape, mine.dtype) == (through_numpy.shape, through_numpy.dtype)
    np.testing.assert_array_equal(mine.numpy(), through_numpy.numpy())


def test_full_gives_the_gradient_back_to_its_value() -> None:
    value = Tensor(2.0, requires_grad=True)
    create.full((2, 3), value).sum().backward()
    assert value.grad is not None
    assert value.grad.item() == 6.0


@pytest.mark.parametrize(
    "make",
    [lambda x: grids.arange(x), lambda x: grids.arange(0, x)],
    ids=["arange", "arange to"],
)
def test_a_gradient_is_never_lost_in_a_static_argument(make: Any) -> None:
    with pytest.raises(DTypeError, match="the gradient of its argument would be lost"):
        make(Tensor(3.0, requires_grad=True))
    assert make(Tensor(3.0)).size > 0


def test_tensor_copies_and_from_numpy_shares() -> None:
    array = np.zeros(3)
    copied, shared = create.tensor(array), create.from_numpy(array)
    array[0] = 5.0
    assert copied.tolist() == [0.0, 0.0, 0.0]
    assert shared.tolist() == [5.0, 0.0, 0.0]
    with pytest.raises(DTypeError, match="array must be an array, got"):
        create.from_numpy([1.0])  # type: ignore[arg-type]


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("lengths", [(), (3,), (2, 3), (2, 3, 4), (0, 2)])
def test_meshgrid_agrees_with_numpy(indexing: Any, lengths: tuple[int, ...]) -> None:
    xs = [np.arange(float(n)) for n in lengths]
    mine, theirs = grids.meshgrid(*xs, indexing=indexing), np.meshgrid(*xs, indexing=indexing)
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


def test_meshgrid_takes_numbers_and_gives_gradients_back() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    across, down = grids.meshgrid(x, 3.0)
    assert across.shape == down.shape == (1, 2)
    found = grids.meshgrid(x, [1.0, 2.0, 3.0], indexing="ij")
    (gradient,) = grad((found[0] * found[1]).sum(), [x])
    assert gradient.tolist() == [6.0, 6.0]


def test_meshgrid_refuses_what_is_no_coordinate() -> None:
    with pytest.raises(ShapeError, match=r"coordinates are 1-D, not \(2, 2\)"):
        grids.meshgrid(np.ones((2, 2)))
    with pytest.raises(ValueError, match="indexing is 'xy' or 'ij', not 'yx'"):
        grids.meshgrid([1.0], indexing="yx")

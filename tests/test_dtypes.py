"""Dtypes over the whole table: `dtype=` is what comes out, Python's numbers are weak."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.engine.row import OPS, Op
from autograd.errors import DTypeError
from nn import functional as F

DTYPES = ("float16", "float32", "float64", "int16", "int64", "complex64")
INPUTS = [
    Tensor(np.array(values).astype(dtype))
    for values in ([1, 2, 3], [[1, 2], [3, 4]])
    for dtype in ("float32", "float16", "int64", "bool")
]


def takers_of_dtype() -> Iterator[tuple[str, Callable[..., Any]]]:
    space: ModuleType
    for space in (ag, ag.linalg, F):
        for name in dir(space):
            function = getattr(space, name)
            if name in ("set_default_dtype", "isdtype"):
                continue
            if inspect.isfunction(function) and "dtype" in inspect.signature(function).parameters:
                yield f"{space.__name__}.{name}", function


TAKERS = dict(takers_of_dtype())
CALLS: list[dict[str, Any]] = [{}, {"axis": 0}, {"axis": 0, "include_initial": True}, {"dim": 0}]


def called(function: Callable[..., Any], argument: Any, **options: Any) -> Any:
    """What comes of it; None if it does not take this."""
    try:
        return function(argument, **options)
    except (TypeError, ValueError, AttributeError):
        return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TAKERS)
def test_what_takes_a_dtype_gives_it_or_raises(name: str) -> None:
    given = 0
    for dtype in DTYPES:
        for argument in (*INPUTS, (2,), 2):
            for options in CALLS:
                found = called(TAKERS[name], argument, dtype=dtype, **options)
                if isinstance(found, Tensor):
                    assert found.dtype == dtype, (argument, options)
                    given += 1
    assert given or name.rpartition(".")[2] in NOT_BY_ONE_ARGUMENT


NOT_BY_ONE_ARGUMENT = {
    "geomspace", "linspace", "logspace", "full", "full_like", "normal", "randint", "uniform",
}  # fmt: skip


@pytest.mark.parametrize("dim", [0, None])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_a_softmax_has_no_integers(name: str, dim: int | None) -> None:
    with pytest.raises(DTypeError, match=f"{name}: dtype must be floating, not int16"):
        getattr(F, name)(Tensor([1.0, 2.0]), dim, dtype="int16")


# ---- Python's numbers ----------------------------------------------------------------------------

BINARY = [op for op in OPS.values() if op.elementwise and len(op.inputs) > 1 and op.name in dir(ag)]
OTHERS = ("float_power", "ldexp")  # always of double precision; takes whole numbers


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_python_numbers_are_weak_wherever_they_stand(op: Op, dtype: str) -> None:
    sample = next(iter(op.samples()))
    arrays = [np.asarray(x) for x in sample.inputs]
    for stays in range(len(arrays)):
        if op.name in OTHERS or arrays[stays].dtype.kind != "f":
            continue
        given = [
            Tensor(a.astype(dtype)) if i == stays else a.flat[0].item()
            for i, a in enumerate(arrays)
        ]
        found = op.record(*given, **sample.params)
        for y in found if isinstance(found, tuple) else (found,):
            assert y.dtype == dtype or y.dtype.kind not in "fc"


@pytest.mark.parametrize(("x", "y", "dtype"), [
    (1.0, 0.0, "float32"), (1.0, 0, "float32"), (1, 0, "int64"), (True, False, "bool"),
    (1j, 0.0, "complex64"),
])  # fmt: skip
def test_a_choice_of_python_numbers_has_the_default_dtype(x: Any, y: Any, dtype: str) -> None:
    mask = Tensor([True, False])
    for where in (ag.where, np.where):
        assert where(mask, x, y).dtype == dtype
    assert ag.where(np.array([True, False]), x, y).dtype == dtype
    ag.set_default_dtype("float64")
    try:
        wide = {"float32": "float64", "complex64": "complex128"}.get(dtype, dtype)
        assert ag.where(mask, x, y).dtype == wide
    finally:
        ag.set_default_dtype("float32")


def test_python_numbers_beside_tensors_have_the_default_dtype() -> None:
    x = Tensor([1.0, 2.0])
    for several in (ag.atleast_1d, ag.atleast_2d, ag.atleast_3d, ag.broadcast_arrays):
        assert [y.dtype for y in several(x, 0.5)] == [np.float32] * 2
    assert ag.hstack([x, 0.5]).dtype == np.float32


# ---- differences, and no axes --------------------------------------------------------------------


def test_no_differences_leave_x_alone_as_in_numpy() -> None:
    x = Tensor([1, 2, 4])
    assert ag.diff(x, n=0, append=7).tolist() == list(np.diff([1, 2, 4], n=0, append=7))
    assert ag.diff(x, n=1, append=7).tolist() == list(np.diff([1, 2, 4], n=1, append=7))


def test_booleans_differ_where_they_are_not_equal() -> None:
    values = [True, True, False]
    assert ag.diff(Tensor(values)).tolist() == np.diff(values).tolist()


@pytest.mark.parametrize("weight", [0.25, [0.25], [[0.25]]], ids=str)
def test_a_number_stays_a_number_under_prelu(weight: Any) -> None:
    x, w = Tensor(-2.0, requires_grad=True), Tensor(weight, requires_grad=True)
    y = F.prelu(x, w)
    assert (y.shape, y.item()) == ((), -0.5)
    of_x, of_w = ag.grad(y, (x, w))
    assert (of_x.item(), of_w.shape, of_w.item()) == (0.25, w.shape, -2.0)


@pytest.mark.filterwarnings("ignore")
def test_activations_and_norms_of_a_number_are_numbers() -> None:
    for name in F.__all__:
        y = called(getattr(F, name), Tensor(0.5))
        if isinstance(y, Tensor) and y.size == 1:
            assert y.shape == (), name


OF_NUMBERS: dict[str, Callable[[], Any]] = {
    "sqrt": lambda: ag.sqrt(2.0),
    "exp of an integer": lambda: ag.exp(1),
    "sigmoid": lambda: ag.sigmoid(0.5),
    "maximum": lambda: ag.maximum(1.0, 2.0),
    "add": lambda: ag.add(1.0, 2),
    "power": lambda: ag.power(2.0, 0.5),
    "clip": lambda: ag.clip(1.0, 0.0, 2.0),
    "heaviside": lambda: ag.heaviside(0.0, 1.0),
    "lerp": lambda: ag.lerp(1.0, 2.0, 0.5),
    "sum": lambda: ag.sum(1.0),
    "sum of a list": lambda: ag.sum([1.0, 2.0]),
    "mean of a list": lambda: ag.mean([1.0, 2]),
    "where": lambda: ag.where([True, False], 1.0, 0.0),
    "where of a mask": lambda: ag.where(ag.Tensor([1, 2]) > 1, 1.0, 0),
    "where of an array": lambda: ag.where(np.array([True, False]), 1.0, 0.0),
    "full": lambda: ag.full(2, 1.0),
    "stack": lambda: ag.stack([1.0, 2.0]),
}  # fmt: skip


@pytest.mark.parametrize("make", OF_NUMBERS.values(), ids=OF_NUMBERS)
@pytest.mark.parametrize("default", ["float32", "float64"])
def test_what_comes_of_pythons_numbers_alone_has_the_default_dtype(
    make: Callable[[], Any], default: str
) -> None:
    """Or none, as the number that it is: then a Tensor keeps its own beside it."""
    ag.set_default_dtype(default)
    try:
        made = make()
        assert ag.Tensor(made).dtype == default
        assert (ag.Tensor([1.0, 2.0]) * made).dtype == default
        if not np.ndim(made) and not hasattr(made, "dtype"):
            assert (ag.Tensor([1.0, 2.0], dtype="float32") * made).dtype == np.float32
    finally:
        ag.set_default_dtype("float32")

"""Messages of errors: what is wrong, where, both shapes, and the likely fix."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import errors
from autograd.errors import AutogradError, DTypeError, ShapeError, StateDictError

ROOT = Path(__file__).parent.parent


def tensor(*shape: int, name: str | None = None, dtype: str = "float64") -> ag.Tensor:
    return ag.Tensor(np.ones(shape, dtype), requires_grad=dtype[0] == "f", name=name)


# ---- the classes ---------------------------------------------------------------------------------

BUILT_IN = {
    "ArgumentError": ValueError,
    "ArgumentTypeError": TypeError,
    "AxisError": IndexError,
    "BackwardError": RuntimeError,
    "ConversionError": TypeError,
    "DTypeError": TypeError,
    "DistributedError": RuntimeError,
    "DownloadError": OSError,
    "DrawingError": RuntimeError,
    "FreedGraphError": RuntimeError,
    "CompileMismatchError": AssertionError,
    "GradcheckError": AssertionError,
    "GradientError": RuntimeError,
    "GradientShapeError": ValueError,
    "InPlaceError": RuntimeError,
    "IndexRangeError": IndexError,
    "IntegerGradError": TypeError,
    "LedgerError": AssertionError,
    "MatrixError": np.linalg.LinAlgError,
    "MissingAttributeError": AttributeError,
    "MissingFileError": FileNotFoundError,
    "MissingMethodError": NotImplementedError,
    "MissingNameError": ImportError,
    "MissingPackageError": ModuleNotFoundError,
    "MissingProgramError": RuntimeError,
    "MutationError": RuntimeError,
    "NaNError": RuntimeError,
    "NonScalarError": RuntimeError,
    "ScalarFunctionError": TypeError,
    "OpDefinitionError": TypeError,
    "ExportError": RuntimeError,
    "ReplayError": RuntimeError,
    "TraceError": RuntimeError,
    "ShapeError": ValueError,
    "SingularMatrixError": np.linalg.LinAlgError,
    "StateDictError": KeyError,
    "StateError": RuntimeError,
    "UninitializedError": RuntimeError,
    "UnknownNameError": KeyError,
    "UnsupportedError": TypeError,
    "UnusedInputError": RuntimeError,
}


def test_a_lost_gradient_is_a_warning() -> None:
    assert issubclass(errors.GradientLostWarning, UserWarning)


@pytest.mark.parametrize(
    "name",
    sorted(set(errors.__all__) - {"AutogradError", "GradientLostWarning", "GraphKeptWarning"}),
)
def test_every_error_is_ours_and_a_built_in(name: str) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, AutogradError)
    assert issubclass(kind, BUILT_IN[name])
    assert kind.__doc__


# Kernels and the forwards of ops raise as NumPy does; `diagnose` makes of it what a user reads.
TRANSLATED = ("autograd/kernels/", "autograd/ops/")


def bare_raises(path: Path) -> Iterator[str]:
    """Places that raise a built-in error: its subclasses in `autograd.errors` are there for that.

    Left out are `__getattr__` of modules, which Python asks for an AttributeError, and methods
    that a private base class leaves to the classes made of it.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = [
        n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "__getattr__"
    ]
    spared = {id(node) for function in asked for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None and id(node) not in spared:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            kinds = [raised.body, raised.orelse] if isinstance(raised, ast.IfExp) else [raised]
            names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
            if raised is node.exc:
                names -= {"NotImplementedError"}
            built_in = {n for n in names if isinstance(getattr(builtins, n, None), type)}
            if built_in:
                yield f"{path.relative_to(ROOT)}:{node.lineno} {', '.join(sorted(built_in))}"


def test_what_is_raised_on_purpose_is_an_error_of_the_package() -> None:
    paths = [p for name in ("autograd", "nn", "optim") for p in (ROOT / name).rglob("*.py")]
    found = [place for path in sorted(paths) for place in bare_raises(path)]
    assert [place for place in found if not place.startswith(TRANSLATED)] == []


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: ag.matmul(tensor(2), tensor(3)), ShapeError),
        (lambda: ag.softmax(tensor(2), axis=5), errors.AxisError),
        (lambda: ag.cross(tensor(2), tensor(2)), AutogradError),
        (lambda: ag.linalg.inv(ag.zeros((2, 2))), errors.SingularMatrixError),
        (lambda: ag.linalg.cholesky(-ag.eye(2)), errors.SingularMatrixError),
        (lambda: ag.linear_recurrence(tensor(2), tensor(3)), AutogradError),
        (lambda: ag.take(tensor(2), 7), errors.IndexRangeError),
        (lambda: ag.arange(3)[7], AutogradError),
        (lambda: ag.selu(10**30), errors.ArgumentError),
        (lambda: ag.exp(np.array(["a"])), DTypeError),
        (lambda: ag.quantile(tensor(2), 7.0), errors.ArgumentError),
        (lambda: ag.arange(3).reshape(5), ShapeError),
        (lambda: len(ag.Tensor(1.0)), errors.ConversionError),
    ],
)
def test_what_numpy_raises_in_an_op_becomes_an_error_of_the_package(
    call: Callable[[], Any], kind: type
) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, AutogradError)


def test_a_state_dict_error_prints_its_lines_as_they_are() -> None:
    assert str(StateDictError("first\nsecond")) == "first\nsecond"
    assert str(StateDictError()) == ""


# ---- shapes --------------------------------------------------------------------------------------

MATRIX, ROW = tensor(3, 4), tensor(3)
SHAPES: dict[str, Callable[[], Any]] = {
    """add: shapes do not broadcast: x is (3, 4), y is (3,); axis -1 has 4 and 3.
  y matches the first axis: did you mean y[:, None]?""": lambda: tensor(3, 4) + tensor(3),
    """multiply: shapes do not broadcast: bias is (3,), h is (3, 4); axis -1 has 3 and 4.
  bias matches the first axis: did you mean bias[:, None]?""": lambda: (
        tensor(3, name="bias") * tensor(3, 4, name="h")
    ),
    """subtract: shapes do not broadcast: x is (2, 3), y is (3, 2); axis -1 has 3 and 2.
  the shapes match when turned: did you mean y.mT?""": lambda: tensor(2, 3) - tensor(3, 2),
    "divide: shapes do not broadcast: x is (5, 3, 4), y is (2, 1); axis -2 has 3 and 2.": lambda: (
        tensor(5, 3, 4) / np.ones((2, 1))
    ),
    "multiply: shapes do not broadcast: x is (2,), y is (3,)": lambda: np.ones(2) * tensor(3),
    "power: shapes do not broadcast: x is (2,), y is (3,)": lambda: tensor(2) ** tensor(3),
    "sum: axis 2 is out of bounds for array of dimension 2": lambda: tensor(2, 3).sum(axis=2),
    "h is (2, 3) float64, axis=2": lambda: tensor(2, 3, name="h").sum(axis=2),
    "reshape: x is (2, 3), 6 numbers, and (4, 2) would be 8": lambda: tensor(2, 3).reshape((4, 2)),
    "reshape: x is (2, 3), and shape is (4, -1): 6 is no multiple of 4": lambda: tensor(2, 3).view(
        4, -1
    ),
    "one length of a shape may be -1, and (-1, -1) has several": lambda: tensor(2, 3).reshape(
        -1, -1
    ),
    "einsum: 'ij,jk->ik': 'j' is 3 in axis 1 of operand 0, and 2 in axis 0 of operand 1": lambda: (
        ag.einsum("ij,jk->ik", tensor(2, 3), tensor(2, 3))
    ),
    "einsum: 'ii->i': 'i' is 2 in axis 0 of h, and 3 in axis 1 of h": lambda: ag.einsum(
        "ii->i", tensor(2, 3, name="h")
    ),
    "axis 1 of x is summed with axis 0 of y, and they have 3 and 2": lambda: ag.tensordot(
        tensor(2, 3), tensor(2, 3), axes=1
    ),
    "add: shapes do not broadcast: MATRIX is (3, 4), ROW is (3,)": lambda: MATRIX + ROW,
    "matmul: inner axes differ: MATRIX is (3, 4), ROW is (3,); 4 != 3.": lambda: MATRIX @ ROW,
    "broadcast_to: ": lambda: ag.broadcast_to(tensor(3), (2, 4)),
    "expand_dims: axis 5 is out of bounds": lambda: ag.expand_dims(tensor(3), 5),
    "matmul: inner axes differ: x is (32, 784), w is (128, 784); 784 != 128.": lambda: (
        tensor(32, 784, name="x") @ tensor(128, 784, name="w")
    ),
}


@pytest.mark.parametrize("message", SHAPES)
def test_shape_errors(message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        SHAPES[message]()


def test_a_suggestion_of_the_matmul_message_works() -> None:
    x, w = tensor(32, 784, name="x"), tensor(128, 784, name="w")
    with pytest.raises(ShapeError, match=r"did you mean x @ w\.mT\?"):
        x @ w
    assert (x @ w.mT).shape == (32, 128)


def test_a_suggestion_of_the_broadcast_message_works() -> None:
    x, y = tensor(3, 4), tensor(3)
    assert (x + y[:, None]).shape == (3, 4)


def test_numpys_own_classes_still_catch() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        tensor(2) + tensor(3)
    with pytest.raises(IndexError, match="out of bounds"):
        tensor(2)[5]
    with pytest.raises(IndexError, match="too many indices"):
        tensor(2)[0, 0]


def test_an_error_on_raw_arrays_is_the_same() -> None:
    with pytest.raises(ShapeError, match=r"add: shapes do not broadcast: x is \(2,\), y is \(3,\)"):
        ag.add(np.ones(2), np.ones(3))


def test_messages_name_the_module_that_ran() -> None:
    with ag.scope("encoder", "Encoder"), ag.scope("0", "Linear"):
        with pytest.raises(ShapeError, match=r"in encoder\.0 \(Linear\)"):
            tensor(2) + tensor(3)
        with pytest.raises(DTypeError, match=r"in encoder\.0 \(Linear\)"):
            tensor(2) + "text"


def test_one_message_has_no_chain_of_numpys_before_it() -> None:
    with pytest.raises(ShapeError) as caught:
        tensor(2) + tensor(3)
    assert caught.value.__suppress_context__


# ---- dtypes and indices --------------------------------------------------------------------------


def test_indices_must_be_integer_or_boolean() -> None:
    x = tensor(3)
    message = r"must be of integer \(or boolean\) type; x is \(3,\), (.|\n)*i\.astype\('int64'\)"
    with pytest.raises(IndexError, match=message):
        x[tensor(1)]
    with pytest.raises(
        IndexError, match=r"getitem: only integers, slices.* x is \(3,\), the index is"
    ):
        x["a"]
    assert x[ag.Tensor([0, 1])].shape == (2,)
    assert x[ag.Tensor(2)].shape == ()
    assert x[ag.Tensor([True, False, True])].shape == (2,)
    assert x[[]].shape == (0,)


@pytest.mark.parametrize(
    ("value", "kind"), [("text", "str"), (None, "NoneType"), (object(), "object"), ({}, "dict")]
)
def test_operands_must_be_numbers(value: Any, kind: str) -> None:
    message = f"add: expected a Tensor, an array or a number, got {kind}"
    with pytest.raises(DTypeError, match=message):
        tensor(2) + value
    with pytest.raises(DTypeError, match=message):
        ag.add(value, tensor(2))


def test_an_operation_that_numpy_has_not_for_a_dtype() -> None:
    with pytest.raises(DTypeError, match=r"negative: .*boolean(.|\n)*x is \(2,\) bool"):
        -ag.Tensor([True, False])

"""What an op is given that is no Tensor, and ops on such operands alone, which record nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.engine.checks import PACKAGES, is_learned
from autograd.engine.diagnose import here, is_complex, refuse_complex
from autograd.engine.dispatch import symbol_in
from autograd.engine.dtypes import NO_NUMBERS, default_of, from_python
from autograd.engine.faults import FAULTS, diagnose
from autograd.engine.row import Op
from autograd.engine.signature import ALIASES
from autograd.errors import DTypeError

__all__ = [
    "REAL",
    "as_number",
    "bind_join",
    "by_form",
    "faced",
    "faces",
    "holding_params",
    "holds_tensor",
    "joined",
    "missing",
    "numbers",
    "operand",
    "plain_types",
    "raw",
    "required_inputs",
    "tensor_types",
    "untracked",
    "weak",
]

ndarray = np.ndarray
tensor_types: set[type] = set()  # Tensor and its subclasses
faces: dict[
    type, type
] = {}  # those of which results are no plain Tensors: by whose methods they go
plain_types = {ndarray, float, int, bool, complex, np.float32, np.float64, np.int64, np.bool_}
PYTHON = frozenset((float, int, bool))
REAL = plain_types - {ndarray, complex}
_join: Any = None  # joins lists of Tensors; set by tensor.py


def bind_join(join_lists: Callable[[Any], Any]) -> None:
    """Tell what joins lists of Tensors."""
    global _join
    _join = join_lists


def raw(x: Any) -> Any:
    """The array of a Tensor (a NumPy scalar, if it has no axes); anything else as it is.

    It is the Tensor's own memory, to be read: `x.numpy()` is the view to be handed on. What stands
    on `autograd` writes numbers by `write` or `replace` (see tensors/inplace.py).

    >>> import autograd as ag
    >>> raw(ag.Tensor([1.0, 2.0])), raw(3)
    (array([1., 2.], dtype=float32), 3)
    """
    return x._value if type(x) in tensor_types else x


def faced(inputs: Iterable[Any], result: Any) -> Any:
    """What an op gave, in the class that the first input with a face asks for."""
    for x in inputs:
        if (face := faces.get(type(x))) is not None:
            for tensor in result if type(result) is tuple else (result,):
                tensor.__class__ = face
            break
    return result


def holds_tensor(data: Any, depth: int = 64) -> bool:
    """Whether nested lists, or an array of objects, hold a Tensor (arrays have 64 axes at most)."""
    if depth and (
        isinstance(data, (list, tuple)) or (type(data) is ndarray and data.dtype == object)
    ):
        return any(type(i) in tensor_types or holds_tensor(i, depth - 1) for i in data)
    return False


def joined(value: Any) -> Any:
    """An input as it is, but for lists of Tensors, which are joined to one."""
    return _join(value) if holds_tensor(value) else value


def by_form(op: Op, error: Exception, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call with what NumPy's function takes beside what the op does, or with Tensors for
    parameters that are learned; else the error."""
    given = [joined(x) for x in args]
    named = {ALIASES.get(name, name): joined(value) for name, value in kwargs.items()}
    params = {**dict(zip(op.params, given[len(op.inputs) :], strict=False)), **named}
    tensors = {name for name, x in params.items() if getattr(x, "_node", None) is not None}
    tensors |= {name for name in op.learns if is_learned(params.get(name))}
    more = named.keys() - {*op.inputs, *op.params}
    if op.form is None or not (more or tensors & op.learns) or tensors & {*op.params} - op.learns:
        raise error
    code = op.form.__code__
    if not more <= set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]):
        raise error
    weak = {name: as_number(given[0], params[name]) for name in op.learns & params.keys()}
    by_place = [weak.get(name, x) for name, x in zip((*op.inputs, *op.params), given, strict=False)]
    return op.form(*by_place, **{name: weak.get(name, x) for name, x in named.items()})


def as_number(x: Any, value: Any) -> Any:
    """A Tensor without a gradient in the place of a number, in the dtype of x: weak, as that is."""
    kind = getattr(x, "dtype", None)
    if kind is None or kind.kind not in "fc" or not is_learned(value) or value._node is not None:
        return value
    return value if value.dtype == kind else value.astype(kind)


def operand(value: Any, op: Op) -> Any:
    """An input that is no Tensor, as NumPy sees it; text and objects are refused."""
    if type(value) is ndarray or isinstance(value, np.generic):
        if value.dtype.kind not in "biufc":
            raise DTypeError(f"{op.name}: expected numbers, got an array of {value.dtype}{here()}")
        return value
    if isinstance(value, (int, float, complex)):
        return value
    if hasattr(value, "_value") and hasattr(value, "_node"):
        return value._value
    speaks_numpy = getattr(value, "__array_ufunc__", None) is not None
    if speaks_numpy and not hasattr(type(value), "__array__"):
        return value  # stands for numbers, as the symbols of a formula do
    if isinstance(value, ndarray) and hasattr(value, "mask"):
        raise DTypeError(
            f"{op.name}: a Tensor has no mask; fill the masked array first: array.filled(0){here()}"
        )
    array = from_python(value)  # of a data frame, a matrix: their own arithmetic stays outside
    if array.dtype.kind not in "biufc":
        raise DTypeError(
            f"{op.name}: expected a Tensor, an array or a number, got {type(value).__name__}"
            f"{here()}"
        )
    return array


def required_inputs(op: Op) -> float:
    """How many inputs, from the first, must not be None (an op behind a layer sees to its own)."""
    if not op.signed.__module__.startswith("autograd.ops."):
        return 0
    return np.inf if op.variadic else len(op.inputs) - len(op.optional)


def holding_params(op: Op) -> tuple[str, ...]:
    """The static parameters that may hold a symbol: an index or a mask, or, of a user's op, any."""
    kinds = op.signed.__annotations__
    theirs = op.signed.__module__.partition(".")[0] not in PACKAGES
    return tuple(p for p in op.params if theirs or p == "index" or "Array" in str(kinds.get(p)))


def missing(op: Op, place: int) -> DTypeError:
    name = f"{op.inputs[0]}[{place}]" if op.variadic else op.inputs[place]
    return DTypeError(f"{op.name}: {name} must be a Tensor, an array or numbers, got None{here()}")


def numbers(op: Op, *values: Any) -> Any:
    """The op on arrays and numbers, as in the rules of other ops."""
    if op.real_only and any(map(is_complex, values)):
        refuse_complex(op.name, values)
    try:
        out = op.forward(*values)
    except FAULTS as error:
        raise diagnose(op, error, values) from None
    if type(out) is ndarray and type(out.dtype) in NO_NUMBERS:
        for value in values:
            operand(value, op)  # says which of them is text
    return weak(out, values) if type(out) is np.float64 else out


def weak(out: Any, values: Iterable[Any]) -> Any:
    """What came of Python's numbers alone: a number of Python's, or an array of the default dtype.

    So `x * ag.sqrt(2.0)` stays float32, as `x * 2.0` does.
    """
    if getattr(out, "dtype", None) != np.float64 or not PYTHON.issuperset(map(type, values)):
        return out
    return out.astype(default_of("f")) if out.ndim else float(out)


def untracked(op: Op, inputs: tuple[Any, ...], params: dict[str, Any] | None = None) -> Any:
    """The op on raw arrays, which gives raw arrays; or on symbols, which give symbols."""
    params = params or {}
    if (symbol := symbol_in(inputs)) is not None:
        return symbol.__autograd_op__(op, inputs, params)
    if any(map(holds_tensor, inputs)):
        return op.record(*map(joined, inputs), **params)
    required = required_inputs(op)
    for place, value in enumerate(inputs):
        if value is None and place < required:
            raise missing(op, place)
    values = [None if v is None else operand(v, op) for v in inputs]
    if op.real_only:
        refuse_complex(op.name, (*values, *params.values()))
    try:
        return op.forward(*values, **params)
    except FAULTS as error:
        raise diagnose(op, error, inputs, params) from None

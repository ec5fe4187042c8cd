"""Lazy values: arrays of known shape and dtype without numbers, on which formulas are run.

What a formula does with them is written down as instructions. They answer operators, NumPy's
ufuncs and functions, methods and indexing, and they are changed in place as arrays are, so kernels
that write into `out=` are read as well. What they do not know they refuse by an error, and whoever
runs the formula makes it one call.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower import indexing, joining
from autograd.compiler.lower.array_functions import ARRAY_FUNCTIONS
from autograd.compiler.lower.reductions import UFUNCS, sum_in_runs
from autograd.compiler.lower.writer import Writer, broadcast, promoted
from autograd.errors import UnsupportedError

__all__ = ["Lazy", "some_numbers"]


class Lazy(np.lib.mixins.NDArrayOperatorsMixin):
    """An array to be."""

    reads_formulas = True  # rather than that a composite which has a kernel is named

    __slots__ = ("_instruction", "dtype", "is_seen", "shape", "writer")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        writer: Writer,
        instruction: Instruction | None,
        shape: tuple[int, ...] | None = None,
        dtype: np.dtype[Any] | None = None,
    ) -> None:
        self.writer = writer
        self._instruction = instruction  # None: no number has been written yet
        if instruction is not None:
            shape, dtype = instruction.shape, instruction.dtype
        if shape is None or dtype is None:
            raise UnsupportedError("a formula reads what has no shape yet")
        self.shape: tuple[int, ...] = shape
        self.dtype: np.dtype[Any] = dtype
        self.is_seen = False  # whether another value is a window on it, or it on another

    @property
    def instruction(self) -> Instruction:
        if self._instruction is None:
            raise UnsupportedError("a formula reads numbers that were never written")
        return self._instruction

    def write(
        self,
        kind: str,
        name: str,
        inputs: tuple[Any, ...],
        params: tuple[Any, ...],
        shape: tuple[int, ...] | None,
        dtype: np.dtype[Any] | None,
        function: Callable[..., Any] | None = None,
    ) -> Lazy:
        """Note an instruction; its result."""
        writer = self.writer
        operands = tuple([writer.operand(x, dtype) for x in inputs])
        return Lazy(writer, writer.add(kind, name, operands, params, shape, dtype, function))

    def view(self, name: str, params: tuple[Any, ...], shape: tuple[int, ...]) -> Lazy:
        """A window on it."""
        found = self.write("view", name, (self,), params, shape, self.dtype)
        self.is_seen = found.is_seen = True
        return found

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Lazy:
        """Memory that is yet to be written."""
        return Lazy(self.writer, None, shape, dtype)

    def assign(self, value: Any) -> Lazy:
        """Write all its elements anew."""
        if self.is_seen:
            raise UnsupportedError("a formula writes to what it has a window on")
        value = value if type(value) is Lazy else self.lifted(value)
        if value.dtype != self.dtype:
            value = value.astype(self.dtype)
        if value.shape != self.shape:
            value = np.broadcast_to(value, self.shape)
        self._instruction = value.instruction
        return self

    def of(self, instruction: Instruction) -> Lazy:
        """The value of another instruction, beside this one."""
        return Lazy(self.writer, instruction)

    def lifted(self, value: Any) -> Lazy:
        """An array or a number as a value."""
        if type(value) is Lazy:
            return value
        array = np.asarray(value)
        return Lazy(self.writer, self.writer.constant(array))

    @property
    def is_absent(self) -> bool:
        """Whether it is the cotangent of what nothing depends on: zeros that are one number."""
        return self._instruction is not None and joining.is_zero(self)

    # ---- what an array knows of itself ---------------------------------------------------------

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.size * self.itemsize

    @property
    def flags(self) -> SimpleNamespace:
        """Whether it lies in the order of C, as far as is known: what is turned over does not."""
        made = self._instruction
        is_turned = made is not None and made.kind == "view" and made.name == "transpose"
        return SimpleNamespace(c_contiguous=not is_turned)

    def __len__(self) -> int:
        if not self.shape:
            raise UnsupportedError("a number has no length")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<Lazy {self.dtype} {self.shape}>"

    def _no_numbers(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError("a formula looks at a number, and there is none yet")

    __bool__ = __int__ = __float__ = __complex__ = __index__ = __array__ = _no_numbers
    item = tolist = tobytes = __contains__ = _no_numbers

    # ---- NumPy's protocols ---------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", (None,))[0]
        found = self._ufunc(ufunc, method, inputs, kwargs)
        if out is None:
            return found
        if type(out) is not Lazy:
            raise UnsupportedError("a formula writes to an array that is no value of it")
        return out.assign(found)

    def _ufunc(self, ufunc: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
        if method == "reduce" and ufunc.__name__ in UFUNCS:
            return UFUNCS[ufunc.__name__](*inputs, **{"axis": 0, **kwargs})
        if method == "outer" and not kwargs:
            x, y = map(self.lifted, inputs)
            return ufunc(x.reshape(x.shape + (1,) * y.ndim), y)
        if method != "__call__" or kwargs:
            raise UnsupportedError(f"np.{ufunc.__name__}.{method} with {sorted(kwargs)}")
        if ufunc.signature is not None:
            return ARRAY_FUNCTIONS[ufunc.__name__](*inputs)
        if ufunc.__name__ in ("conjugate", "positive") and self.dtype.kind in "iuf":
            return self.copy()
        if ufunc is np.add and (found := joining.added(*inputs)) is not None:
            return found
        if ufunc.nout > 1:
            raise UnsupportedError(f"np.{ufunc.__name__} gives several arrays")
        dtypes, writer = promoted(ufunc, inputs), self.writer
        operands = tuple([writer.operand(x, d) for x, d in zip(inputs, dtypes, strict=False)])
        shape, name = broadcast(inputs), ufunc.__name__
        return Lazy(writer, writer.add("elementwise", name, operands, (), shape, dtypes[-1]))

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        known = ARRAY_FUNCTIONS.get(function.__name__)
        if known is None:
            raise UnsupportedError(f"np.{function.__name__} is no instruction")
        return known(*args, **kwargs)

    def __autograd_op__(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """One of our own ops: its forward, run on values."""
        if op.name in self.writer.whole:
            return self._whole(op, inputs, params)
        if op.composite:  # it would only ask again
            raise UnsupportedError(f"{op.name} is called whole")
        return op.narrow(*inputs, **params)

    def _whole(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """An op that is one call for who reads: it gives what arrays of these shapes would give."""
        found = op.narrow(*[_some(x) for x in inputs], **params)
        parts = found if isinstance(found, tuple) else (found,)
        several = isinstance(found, tuple)
        shape, dtype = (None, None) if several else (found.shape, found.dtype)
        given = tuple([None if x is None else self.writer.operand(x) for x in inputs])
        made = self.writer.add("call", op.name, given, (op, params), shape, dtype)
        if not several:
            return self.of(made)
        return tuple(
            self.of(self.writer.add("part", "part", (made,), (k,), p.shape, p.dtype))
            for k, p in enumerate(parts)
        )

    # ---- operators and indexing ----------------------------------------------------------------

    def __pow__(self, other: Any) -> Any:
        found = np.power(self, other)  # which has no short ways for squares and roots
        found.instruction.function = operator.pow
        return found

    def __ipow__(self, other: Any) -> Any:
        return self.assign(self**other)

    def __getitem__(self, index: Any) -> Any:
        return indexing.item(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        indexing.set_item(self, index, value)

    # ---- methods -------------------------------------------------------------------------------

    @property
    def T(self) -> Any:
        return np.transpose(self)

    @property
    def mT(self) -> Any:
        return np.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        return np.real(self)

    @property
    def imag(self) -> Any:
        return np.imag(self)

    def astype(self, dtype: Any, copy: bool = True, **_: Any) -> Lazy:
        dtype = np.dtype(dtype)
        if dtype == self.dtype:
            return self.copy() if copy else self
        return self.write("elementwise", "astype", (self,), (dtype,), self.shape, dtype)

    def copy(self, order: str = "C") -> Lazy:
        """The same numbers, in memory that is changed on its own."""
        return Lazy(self.writer, self.instruction)

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        return _RESHAPE(self, shape[0] if len(shape) == 1 else shape, order)

    def transpose(self, *axes: Any) -> Any:
        axes = axes[0] if len(axes) == 1 else axes
        return np.transpose(self, axes or None)

    def fill(self, value: Any) -> None:
        self.assign(value)


def _some(x: Any) -> Any:
    """Numbers in the place of a lazy value: all that matters is what shape they give."""
    return some_numbers(x.shape, x.dtype) if type(x) is Lazy else x


def some_numbers(shape: tuple[int, ...], dtype: Any) -> Any:
    """Ones, and twos on the diagonal of matrices, which then have an inverse."""
    found = np.ones(shape, dtype)
    if found.ndim > 1 and found.dtype.kind in "fc":
        found += np.eye(*shape[-2:], dtype=dtype)
    return found


_RESHAPE = ARRAY_FUNCTIONS["reshape"]


def _method(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def method(self: Lazy, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return method


for _name in (
    "all", "any", "argmax", "argmin", "clip", "conj", "conjugate", "dot", "max", "mean", "min",
    "prod", "ravel", "repeat", "round", "squeeze", "std", "sum", "swapaxes", "var",
):  # fmt: skip
    setattr(Lazy, _name, _method(_name))
Lazy.sum_in_runs = sum_in_runs  # type: ignore[attr-defined]
Lazy.flatten = _method("ravel")  # type: ignore[attr-defined]

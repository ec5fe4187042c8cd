"""Precise values: arrays of mpmath's numbers that answer as arrays and as Tensors do.

Operators, NumPy's ufuncs and functions, indexing and methods go element by element; our own ops
give way to them, and run their forward on them or what `ops.py` has in its place. Comparisons give
plain arrays of booleans, searches plain integers: branches are decided by the precise numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.engine.op import Array
from autograd.engine.operands import tensor_types
from autograd.errors import MissingAttributeError, UnsupportedError
from autograd.gradcheck.precise.digits import context, is_complex, lifted, spending

__all__ = ["Precise", "bind", "numbers_of", "wrapped"]

_runs: dict[str, Callable[..., Any]] = {}  # what a ufunc, a function and an op give

REAL, COMPLEX = np.dtype(np.float64), np.dtype(np.complex128)
_inside: ContextVar[bool] = ContextVar("inside a forward", default=False)


def bind(kind: str, run: Callable[..., Any]) -> None:
    """Say what runs ufuncs, functions or ops on these values, which makes values itself."""
    _runs[kind] = run


class Precise(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of numbers of any precision. To formulas it is one of float64 or complex128."""

    reads_formulas = True  # rather than that a composite which has a kernel is named

    __slots__ = ("dtype", "numbers")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, numbers: Array) -> None:
        self.numbers = numbers
        self._look()
        if (budget := spending.get()) is not None:
            budget.go_on()  # a loop of f that waits for equal numbers may never end

    def _look(self) -> None:
        self.dtype = COMPLEX if any(map(is_complex, self.numbers.flat)) else REAL

    # ---- what an array and a Tensor know of themselves -----------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.numbers.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.numbers.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def requires_grad(self) -> bool:
        return False

    def __len__(self) -> int:
        if not self.shape:
            raise UnsupportedError("a number has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Precise]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        shown = [context().nstr(v, 20) for v in self.numbers.flat[:6]]
        return f"Precise({', '.join(shown)}{', ...' if self.size > 6 else ''}; {self.shape})"

    def __bool__(self) -> bool:
        return bool(self._single())

    def __int__(self) -> int:
        return int(self._single())

    def __format__(self, spec: str) -> str:
        return format(float(self._single()), spec) if spec else repr(self)

    def _single(self) -> Any:
        if self.size != 1:
            raise UnsupportedError("an array of more than one number is neither true nor false")
        return self.numbers.reshape(())[()]

    def _no_double(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError("a number of many digits does not fit into one of double precision")

    __float__ = __complex__ = __index__ = __array__ = _no_double
    numpy = tobytes = tolist = _no_double

    # ---- NumPy's protocols, and ours -----------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out, where = kwargs.pop("out", (None,))[0], kwargs.pop("where", True)
        return _written(_runs["ufunc"](ufunc, method, inputs, kwargs), out, where)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        out = kwargs.pop("out", None)
        return _written(_runs["function"](function, args, kwargs), out)

    def __autograd_op__(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """One of our own ops: what is said of it in its place, or its forward, on these numbers."""
        token = _inside.set(True)
        try:
            return _runs["op"](op, inputs, params)
        finally:
            _inside.reset(token)

    # ---- indexing and methods ------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        return wrapped(self.numbers[plain_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.numbers[plain_index(index)] = numbers_of(value)
        self._look()

    def astype(self, dtype: Any, **_: Any) -> Any:
        kind = np.dtype(dtype).kind
        if kind == "b":
            return self != 0
        if kind in "iu":
            whole = [int(v) for v in self.numbers.flat]
            return np.array(whole, np.dtype(dtype)).reshape(self.shape)
        if kind == "c" and self.dtype is REAL:
            return wrapped(_complexed(self.numbers))
        return self

    def copy(self, *_: Any, **__: Any) -> Precise:
        return Precise(self.numbers.copy())

    detach = clone = contiguous = copy

    def item(self, *index: Any) -> Any:
        return self[index] if index else self.reshape(())

    def fill(self, value: Any) -> None:
        self[...] = value

    def reshape(self, *shape: Any, order: str = "C") -> Precise:
        shape = shape[0] if len(shape) == 1 else shape
        return Precise(self.numbers.reshape(shape, order=order))

    def transpose(self, *axes: Any) -> Any:
        if not _inside.get() and len(axes) == 2:
            return self._of_tensor("transpose")(*axes)
        return Precise(self.numbers.transpose(*axes))

    @property
    def T(self) -> Precise:
        return Precise(self.numbers.T)

    @property
    def mT(self) -> Any:
        return np.swapaxes(self, -1, -2)

    def __getattr__(self, name: str) -> Any:
        """As inside of ops an array has it, as elsewhere a Tensor."""
        if name.startswith("_"):  # of protocols that it does not answer
            raise AttributeError(name)
        function = getattr(np, "real" if name == "real" else name, None)
        if name in ("real", "imag"):
            return function(self)  # type: ignore[misc]
        if _inside.get() and callable(function):
            return lambda *args, **kwargs: function(self, *args, **kwargs)
        return self._of_tensor(name)

    def _of_tensor(self, name: str) -> Any:
        """A method or property of Tensors, which is written in ops that give way."""
        for kind in tensor_types:
            found = getattr(kind, name, None)
            if isinstance(found, property) and found.fget is not None:
                return found.fget(self)
            if callable(found) and hasattr(found, "__get__"):
                return found.__get__(self)
        raise MissingAttributeError(f"a number of many digits has no .{name}")


def _written(found: Any, out: Any, where: Any = True) -> Any:
    """What was found, in the memory that was given for it."""
    if out is None:
        return found
    if type(out) is not Precise:
        raise UnsupportedError("a formula writes to an array of double precision")
    np.copyto(out.numbers, numbers_of(found), where=where)
    out._look()
    return out


def wrapped(found: Any) -> Any:
    """Numbers as a value; a plain array, and whatever else, as it is."""
    if isinstance(found, np.ndarray):
        return Precise(found) if found.dtype == object else found
    if hasattr(found, "_mpf_") or hasattr(found, "_mpc_"):
        box = np.empty((), object)
        box[()] = found
        return Precise(box)
    if isinstance(found, (tuple, list)):
        parts = [wrapped(part) for part in found]
        return found._make(parts) if hasattr(found, "_make") else type(found)(parts)
    return found


def numbers_of(value: Any) -> Array:
    """The numbers of a value, a Tensor, an array or a number: an array of mpmath's."""
    if type(value) is Precise:
        return value.numbers
    if isinstance(value, (list, tuple)):
        parts = [numbers_of(part) for part in value]
        return np.stack(parts) if parts else np.empty(0, object)
    return lifted(getattr(value, "_value", value))


def plain_index(index: Any) -> Any:
    """An index without Tensors."""
    if isinstance(index, tuple):
        return tuple([plain_index(part) for part in index])
    return getattr(index, "_value", index)


def _complexed(numbers: Array) -> Array:
    found = np.empty(numbers.shape, object)
    found.ravel()[:] = [context().mpc(v) for v in numbers.flat]
    return found

"""Tensors made from nothing, from data and from other Tensors' shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd.engine.dtypes import get_default_dtype
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from nn.torch.devices import check_cpu
from nn.torch.dtypes import as_numpy
from nn.torch.functions.calling import filled, lengths, made, named, numbers
from nn.torch.promotion import cast, promote
from nn.torch.tensor import as_face

_OPTIONS = {"dtype", "device", "requires_grad", "layout", "pin_memory", "memory_format", "names"}


def options(kwargs: Any, function: str) -> tuple[Any, bool]:
    """The dtype and whether a gradient is required, of what creating functions take."""
    if unknown := kwargs.keys() - _OPTIONS:
        raise ArgumentTypeError(f"{function}() got an unexpected keyword {unknown.pop()!r}")
    check_cpu(kwargs.get("device"))
    return as_numpy(kwargs.get("dtype")), bool(kwargs.get("requires_grad", False))


# ---- from data -----------------------------------------------------------------------------------


def _numbers(data: Any) -> Any:
    """Nested lists as an array: whole numbers int64, floats of the default dtype."""
    if isinstance(data, (list, tuple)):
        data = [_numbers(item) for item in data]
        kinds = {item.dtype for item in data if hasattr(item, "dtype")}
        if kinds:
            found = None
            for item in data:
                kind = item.dtype if hasattr(item, "dtype") else _python(item)
                found = kind if found is None else promote(found, kind)
            return np.asarray(data, found)
        return data
    return numbers(data, "numbers for a new Tensor")


def _python(item: Any) -> Any:
    return _plain(np.asarray(item)).dtype


def _plain(array: Any) -> Any:
    """An array of Python's numbers in the dtypes that they have here."""
    if array.dtype == np.float64:
        return array.astype(get_default_dtype())
    if array.dtype == np.complex128:
        return array.astype(np.result_type(get_default_dtype(), np.complex64))
    return array


def _array(data: Any, dtype: Any) -> Any:
    found = _numbers(data)
    if hasattr(found, "dtype"):
        return np.asarray(found)
    try:
        array = np.asarray(found)
    except ValueError:
        raise ArgumentError("tensor: nested lists must have rows of equal length") from None
    if array.dtype.kind not in "biufc":
        raise ArgumentTypeError(f"tensor: data is of numbers, got {data!r:.80}")
    return array if dtype is not None else _plain(array)


def tensor(data: Any, **kwargs: Any) -> Any:
    """A Tensor with a copy of data: numbers, lists, arrays, Tensors.

    >>> import nn.torch as torch
    >>> torch.tensor([1, 2]), torch.tensor([1.0, 2.0], dtype=torch.float64)
    (tensor([1, 2]), tensor([1., 2.], dtype=torch.float64))
    """
    dtype, requires_grad = options(kwargs, "tensor")
    array = np.array(_array(data, dtype), dtype)
    return made(array).requires_grad_() if requires_grad else made(array)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """A Tensor that shares memory with an array, or is the Tensor given, where it can."""
    check_cpu(device)
    if type(data) is autograd.Tensor:  # of chaingrad's own: this class's, in the same graph
        data = as_face(autograd.reshape(data, data.shape))
    if hasattr(data, "requires_grad"):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        shared = as_face(autograd.asarray(data))
        return shared if dtype is None else cast(shared, as_numpy(dtype))
    return tensor(data, dtype=dtype)


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, **kwargs: Any) -> Any:
    """A Tensor of numbers, an array or a Tensor."""
    if kwargs.get("copy"):
        return tensor(obj, dtype=dtype, device=device)
    return as_tensor(obj, dtype, device)


def from_numpy(ndarray: Any) -> Any:
    """A Tensor that shares memory with an array."""
    if not isinstance(ndarray, np.ndarray):
        raise ArgumentTypeError(
            f"from_numpy: expected an array, got {type(ndarray).__name__}; use torch.tensor"
        )
    return as_face(autograd.from_numpy(ndarray))


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Any:
    """A Tensor that shares memory with an array of another library, by its `__dlpack__`."""
    check_cpu(device)
    return as_face(autograd.from_dlpack(ext_tensor, copy=copy))


def frombuffer(
    buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Any:
    """A Tensor on the bytes of a buffer."""
    array = np.frombuffer(buffer, as_numpy(dtype), count, offset)
    return as_face(autograd.asarray(array)).requires_grad_(requires_grad)


def scalar_tensor(s: Any, **kwargs: Any) -> Any:
    """A Tensor without dimensions."""
    dtype, requires_grad = options(kwargs, "scalar_tensor")
    array = np.asarray(s, get_default_dtype() if dtype is None else dtype)
    return made(array).requires_grad_(requires_grad)


# ---- of a size -----------------------------------------------------------------------------------


def _sized(name: str, make: Any, doc: str) -> Any:
    def call(*size: Any, out: Any = None, **kwargs: Any) -> Any:
        if "size" in kwargs:
            size = (kwargs.pop("size"),)
        dtype, requires_grad = options(kwargs, name)
        shape = lengths(size, name)
        value = made(make(shape, get_default_dtype() if dtype is None else dtype))
        return filled(out, value.requires_grad_() if requires_grad else value)

    named(call, name, doc)
    return call


zeros = _sized("zeros", np.zeros, "Zeros of a size.")
ones = _sized("ones", np.ones, "Ones of a size.")
empty = _sized("empty", np.zeros, "Memory to be written to; it holds zeros here.")


def full(size: Any, fill_value: Any, *, out: Any = None, **kwargs: Any) -> Any:
    """One number over and over, whose kind tells the dtype."""
    dtype, requires_grad = options(kwargs, "full")
    value = np.asarray(numbers(fill_value, "a number to fill with"))
    array = np.full(
        lengths((size,), "full"), value, _plain(value).dtype if dtype is None else dtype
    )
    return filled(out, made(array).requires_grad_(requires_grad))


def _like(name: str, make: Any, doc: str) -> Any:
    def call(input: Any, *fill: Any, **kwargs: Any) -> Any:
        if "fill_value" in kwargs:
            fill = (kwargs.pop("fill_value"),)
        dtype, requires_grad = options(kwargs, name)
        values = (numbers(v, "a number to fill with") for v in fill)
        array = make(np.asarray(raw(input)), *values, dtype=dtype)
        return made(array).requires_grad_(requires_grad)

    named(call, name, doc)
    return call


zeros_like = _like("zeros_like", np.zeros_like, "Zeros of another Tensor's size and dtype.")
ones_like = _like("ones_like", np.ones_like, "Ones of another Tensor's size and dtype.")
empty_like = _like("empty_like", np.zeros_like, "Memory of another Tensor's size: zeros here.")
full_like = _like("full_like", np.full_like, "One number, of another Tensor's size and dtype.")


def _new(name: str, make: Any, doc: str) -> Any:
    def call(self: Any, *size: Any, **kwargs: Any) -> Any:
        dtype, requires_grad = options({k: v for k, v in kwargs.items() if k != "size"}, name)
        size = (kwargs["size"],) if "size" in kwargs else size
        array = make(lengths(size, name), raw(self).dtype if dtype is None else dtype)
        return made(array).requires_grad_(requires_grad)

    named(call, name, doc)
    return call


new_zeros = _new("new_zeros", np.zeros, "Zeros of this dtype.")
new_ones = _new("new_ones", np.ones, "Ones of this dtype.")
new_empty = _new("new_empty", np.zeros, "Memory of this dtype: zeros here.")


def new_full(self: Any, size: Any, fill_value: Any, **kwargs: Any) -> Any:
    """One number over and over, of this dtype."""
    dtype, requires_grad = options(kwargs, "new_full")
    array = np.full(lengths((size,), "new_full"), raw(fill_value), dtype or raw(self).dtype)
    return made(array).requires_grad_(requires_grad)


def new_tensor(self: Any, data: Any, **kwargs: Any) -> Any:
    """A Tensor with a copy of data, of this dtype."""
    if kwargs.get("dtype") is None:
        kwargs["dtype"] = self.dtype
    return tensor(data, **kwargs)


def new(self: Any, *args: Any) -> Any:
    """An old name: a Tensor of this dtype, of a size or of data."""
    if args and not isinstance(args[0], int):
        return tensor(args[0], dtype=self.dtype)
    return new_empty(self, *args) if args else new_empty(self, 0)


# ---- in steps ------------------------------------------------------------------------------------


def _bounds(given: Any, kwargs: Any, name: str) -> tuple[Any, Any, Any]:
    named = [kwargs.pop(key, None) for key in ("start", "end", "step")]
    values = [numbers(v, "a bound") for v in given]
    values = [v.item() if hasattr(v, "item") else v for v in values]
    if len(values) == 1 and named[1] is None:
        values.insert(0, named[0] if named[0] is not None else 0)
    start, end, step = (*values, *named[len(values) :])[:3]
    if end is None:
        raise ArgumentTypeError(f"{name}: takes an end")
    return 0 if start is None else start, end, 1 if step is None else step


def arange(*bounds: Any, out: Any = None, **kwargs: Any) -> Any:
    """start, start + step, … up to but without the end; int64 where all are whole."""
    start, end, step = _bounds(bounds, kwargs, "arange")
    dtype, requires_grad = options(kwargs, "arange")
    if dtype is None:
        is_whole = all(isinstance(v, (int, np.integer)) for v in (start, end, step))
        dtype = np.dtype(np.int64) if is_whole else get_default_dtype()
    if not step or (end - start) * step < 0:
        raise ArgumentError(f"arange: steps of {step} do not lead from {start} to {end}")
    count = int(np.ceil((end - start) / step))
    array = (start + np.arange(count) * step).astype(dtype)
    return filled(out, made(array).requires_grad_(requires_grad))


def range(*bounds: Any, **kwargs: Any) -> Any:
    """An old name: start, start + step, … with the end."""
    start, end, step = _bounds(bounds, kwargs, "range")
    dtype, requires_grad = options(kwargs, "range")
    array = start + np.arange(int((end - start) / step) + 1) * step
    return made(array.astype(dtype or get_default_dtype())).requires_grad_(requires_grad)


def linspace(start: Any, end: Any, steps: int, *, out: Any = None, **kwargs: Any) -> Any:
    """`steps` numbers at equal distances from start to end."""
    dtype, requires_grad = options(kwargs, "linspace")
    first, last = (np.asarray(numbers(v, "a bound")).item() for v in (start, end))
    array = np.linspace(first, last, int(steps)).astype(dtype or get_default_dtype())
    return filled(out, made(array).requires_grad_(requires_grad))


def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, out: Any = None, **kwargs: Any
) -> Any:
    """`steps` powers of a base, whose exponents are at equal distances."""
    dtype, requires_grad = options(kwargs, "logspace")
    array = np.logspace(numbers(start, "a bound"), numbers(end, "a bound"), int(steps), base=base)
    array = array.astype(dtype or get_default_dtype())
    return filled(out, made(array).requires_grad_(requires_grad))


def eye(n: int, m: Any = None, *, out: Any = None, **kwargs: Any) -> Any:
    """Ones on the diagonal of a matrix."""
    dtype, requires_grad = options(kwargs, "eye")
    array = np.eye(n, m, dtype=get_default_dtype() if dtype is None else dtype)
    return filled(out, made(array).requires_grad_(requires_grad))

"""keras.ops.numpy: NumPy's functions with Keras' names and arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from nn.keras.backend import floatx, standardize_dtype, tensor
from nn.keras.ops.lifting import floats, lifted, table

_ONE = """abs absolute all amax amin angle any arccos arccosh arcsin arcsinh arctan arctanh
array_split bitwise_invert bitwise_not broadcast_to cbrt ceil conj conjugate copy cos cosh cumprod
cumsum deg2rad diag diagonal diff dsplit exp exp2 expand_dims expm1 fabs flip fliplr flipud floor
hsplit i0 imag isfinite isinf isnan isneginf isposinf log log10 log1p log2 logical_not mean median
moveaxis nan_to_num nanmax nanmean nanmin nansum negative nextafter percentile prod ptp quantile
rad2deg ravel real reciprocal reshape roll rot90 round sign signbit sin sinc sinh sort split sqrt
square squeeze std sum swapaxes tan tanh tile trace transpose tril triu trunc var vsplit"""
_TWO = """add arctan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
cross divide dot equal floor_divide fmax fmin fmod greater greater_equal heaviside hypot inner
isclose kron ldexp left_shift less less_equal logaddexp logaddexp2 logical_and logical_or
logical_xor matmul maximum minimum mod multiply not_equal outer power right_shift subtract tensordot
true_divide vdot"""
TABLE: dict[str, Any] = table(_ONE) | table(_TWO, 2)
del TABLE["nextafter"]
TABLE["nextafter"] = lifted(ag.nextafter, 2)


def _entry(function: Any) -> Any:
    TABLE[function.__name__] = function
    return function


def _dtype(dtype: Any) -> Any:
    return np.dtype(standardize_dtype(dtype))


# ---- made from numbers ---------------------------------------------------------------------------


@_entry
def array(x: Any, dtype: Any = None) -> Any:
    """A Tensor; whole numbers in lists are int32, as in Keras."""
    if dtype is None and not hasattr(x, "dtype"):
        found = np.asarray(x)
        return tensor(
            found.astype({"i": "int32", "f": floatx()}.get(found.dtype.kind, found.dtype))
        )
    return tensor(x, None if dtype is None else _dtype(dtype))


@_entry
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers from start up to but without stop; whole ones are int32."""
    given = [n for n in (start, stop, step) if n is not None]
    if dtype is None:
        dtype = "int32" if all(np.asarray(n).dtype.kind in "iu" for n in given) else floatx()
    begin, end = (0, start) if stop is None else (start, stop)
    return ag.arange(begin, end, 1 if step is None else step, dtype=_dtype(dtype))


@_entry
def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros."""
    return ag.zeros(_shape(shape), dtype=_dtype(dtype))


@_entry
def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones."""
    return ag.ones(_shape(shape), dtype=_dtype(dtype))


@_entry
def empty(shape: Any, dtype: Any = None) -> Any:
    """Zeros: what is in the memory is no one's to say."""
    return zeros(shape, dtype)


@_entry
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value everywhere."""
    return ag.broadcast_to(tensor(fill_value, _dtype(dtype)), _shape(shape))


def _shape(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)


def _like(name: str) -> Any:
    def like(x: Any, *value: Any, dtype: Any = None) -> Any:
        x = tensor(x)
        kind = {} if dtype is None else {"dtype": _dtype(dtype)}
        return getattr(ag, name)(x, *value, **kind)

    return like


TABLE |= {n: _like(n) for n in ("zeros_like", "ones_like", "empty_like", "full_like")}


@_entry
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on a diagonal."""
    return tensor(np.eye(N, M, k, _dtype(dtype)))


@_entry
def identity(n: int, dtype: Any = None) -> Any:
    """The identity matrix."""
    return eye(n, dtype=dtype)


@_entry
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below a diagonal."""
    return tensor(np.tri(N, M, k, _dtype(dtype)))


@_entry
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Numbers at even distances."""
    given: Any = (_array(start), _array(stop), num, endpoint, retstep, None, axis)
    found: Any = np.linspace(*given)
    kind = _dtype(dtype)
    return (tensor(found[0], kind), found[1]) if retstep else tensor(found, kind)


@_entry
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Powers of base at even distances."""
    found = np.logspace(_array(start), _array(stop), num, endpoint, base, None, axis)
    return tensor(found, _dtype(dtype))


@_entry
def meshgrid(*x: Any, indexing: str = "xy") -> Any:
    """Coordinates of a grid."""
    return list(ag.meshgrid(*map(tensor, x), indexing=indexing))


def _array(x: Any) -> Any:
    return np.asarray(tensor(x).detach())


# ---- joined and taken apart ----------------------------------------------------------------------


def _joining(name: str) -> Any:
    def join(xs: Sequence[Any], axis: int = 0) -> Any:
        parts = [tensor(x) for x in xs]
        options = {"axis": axis} if name in ("concatenate", "stack") else {}
        return getattr(ag, name)(parts, **options)

    return join


TABLE |= {n: _joining(n) for n in ("concatenate", "stack", "hstack", "vstack", "dstack")}


@_entry
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """x2 behind x1; both flat without an axis."""
    x1, x2 = tensor(x1), tensor(x2)
    if axis is None:
        x1, x2, axis = ag.ravel(x1), ag.ravel(x2), 0
    return ag.concatenate([x1, x2], axis=axis)


@_entry
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """x with borders; `pad_width` is one number, (before, after), or a pair for each axis."""
    options = {} if constant_values is None else {"constant_values": constant_values}
    width = np.broadcast_to(np.asarray(pad_width), (tensor(x).ndim, 2)).tolist()
    return ag.pad(tensor(x), tuple(map(tuple, width)), mode, **options)


@_entry
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element several times."""
    counts = repeats if isinstance(repeats, int) else np.asarray(repeats)
    return ag.repeat(tensor(x), counts, axis=axis)


@_entry
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The parts of these numbers along an axis, of the flat x without one."""
    x = tensor(x)
    x, axis = (ag.ravel(x), 0) if axis is None else (x, axis)
    return ag.take(x, tensor(indices), axis=axis)


@_entry
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """For each place, the element of this number along an axis."""
    x, indices = tensor(x), tensor(indices)
    if axis is None:
        return ag.take(ag.ravel(x), ag.ravel(indices), axis=0)
    return ag.take_along_axis(x, indices, axis=axis)


@_entry
def get_item(x: Any, key: Any) -> Any:
    """x[key]."""
    return tensor(x)[key]


@_entry
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """x1 where the condition holds, else x2; with the condition alone the places where it does."""
    if x1 is None and x2 is None:
        return tensor(np.stack(np.nonzero(_array(condition))))
    plain = [isinstance(x, (bool, int, float)) for x in (x1, x2)]
    one, two = (
        x if flat and not all(plain) else array(x) for x, flat in zip((x1, x2), plain, strict=True)
    )
    return ag.where(tensor(condition).astype(bool), one, two)


@_entry
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The first choice whose condition holds."""
    found = tensor(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = where(condition, choice, found)
    return found


@_entry
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """x cut to x_min … x_max."""
    return ag.clip(tensor(x), x_min, x_max)


@_entry
def unstack(x: Any, num: int | None = None, axis: int = 0) -> Any:
    """The parts along an axis."""
    return list(ag.unstack(tensor(x), axis=axis))


@_entry
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Einstein's sum."""
    return ag.einsum(subscripts, *map(tensor, operands))


@_entry
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The weighted mean."""
    x = tensor(x)
    return floats(ag.average(x, axis, None if weights is None else tensor(weights)), x)


@_entry
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = tensor(x1), tensor(x2)
    safe = ag.where(x2 == 0, ag.ones_like(x2), x2)
    return floats(ag.where(x2 == 0, ag.zeros_like(x1 / safe), x1 / safe), x1, x2)


@_entry
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral by trapezoids."""
    return ag.trapezoid(tensor(y), None if x is None else tensor(x), dx, axis)


def _extreme(name: str, join: Any) -> Any:
    def extreme(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
        found = getattr(ag, name)(tensor(x), axis=axis, keepdims=keepdims)
        return found if initial is None else join(found, initial)

    return extreme


TABLE |= {"max": _extreme("max", ag.maximum), "min": _extreme("min", ag.minimum)}


@_entry
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance, of all that there is: divided by n."""
    x = tensor(x)
    return floats(ag.var(x, axis=axis, keepdims=keepdims), x)

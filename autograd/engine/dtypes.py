"""Dtypes: the default one, and how data of any kind becomes a raw value."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from autograd.errors import ArgumentTypeError, DTypeError, ShapeError, shown

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "COMPLEX", "HALF", "HALVES", "NO_NUMBERS", "ORDINARY", "PLAIN_KINDS", "RARE",
    "USUAL_FORM", "as_dtype", "as_numpy_does", "default_of", "from_python", "get_default_dtype",
    "in_single", "like_weights", "narrowed", "python_floats", "set_default_dtype", "to_value",
    "unless_rare",
]  # fmt: skip

Given = ParamSpec("Given")
Result = TypeVar("Result")

HALF = np.dtype(np.float16)  # counts end at 65504 in it, and sums of ones at 2048
# Classes of dtypes: faster to look one up than to compare dtypes.
HALVES = frozenset([type(HALF)])
COMPLEX = frozenset(type(np.dtype(kind)) for kind in "FDG")
NO_NUMBERS = frozenset(type(np.dtype(kind)) for kind in "OSUVMm")
ORDINARY = frozenset(type(np.dtype(kind)) for kind in "?bBhHiIlLqQfd")
RARE = HALVES | COMPLEX | {complex}
PLAIN_KINDS = frozenset((bool, float, int, str, type(None)))

_default: np.dtype[Any] = np.dtype(np.float32)
_for_now: ContextVar[np.dtype[Any] | None] = ContextVar("python_floats", default=None)


@contextlib.contextmanager
def python_floats(dtype: npt.DTypeLike) -> Iterator[None]:
    """Let Python floats become another dtype than the default one, on this thread."""
    token = _for_now.set(np.dtype(dtype))
    try:
        yield
    finally:
        _for_now.reset(token)


def as_numpy_does() -> bool:
    """Whether a function of arrays is being differentiated, whose numbers are NumPy's."""
    return _for_now.get() is not None


def set_default_dtype(dtype: npt.DTypeLike) -> None:
    """Set the dtype that Python floats become (float32 at the start).

    >>> import autograd as ag
    >>> ag.set_default_dtype("float64")
    >>> ag.Tensor(1.0).dtype
    dtype('float64')
    >>> ag.set_default_dtype("float32")
    """
    global _default
    new = as_dtype(dtype)
    if new.kind != "f":
        raise DTypeError(f"the default dtype must be floating, not {new}")
    _default = new


def get_default_dtype() -> np.dtype[Any]:
    """The dtype that Python floats become.

    >>> import autograd as ag
    >>> ag.get_default_dtype()
    dtype('float32')
    """
    return _for_now.get() or _default


def default_of(kind: str) -> np.dtype[Any]:
    """The dtype that Python's floats become, or with "c" its complex numbers."""
    return _complex_of(get_default_dtype()) if kind == "c" else get_default_dtype()


def as_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """A NumPy dtype that a Tensor can have: boolean, integer, floating or complex.

    Python's `float` and `complex` mean double precision, as in NumPy and in PyTorch.
    """
    try:
        if dtype is None or (hasattr(dtype, "__array__") and not isinstance(dtype, (type, str))):
            raise ArgumentTypeError  # None is float64 for NumPy, and an array its own dtype
        new = np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):  # NumPy reads text as Python's
        is_device = isinstance(dtype, str) and dtype.partition(":")[0] in ("cpu", "cuda", "mps")
        hint = "use for example 'float32' or np.int64"
        hint = "write y.dtype" if hasattr(dtype, "dtype") else hint
        hint = "all is done on the CPU, so leave the device out" if is_device else hint
        raise DTypeError(f"{shown(dtype)} is not a dtype; {hint}") from None
    if new.kind not in "biufc":
        raise DTypeError(f"a Tensor holds numbers; {new} is not a numeric dtype")
    return new


def to_value(data: Any, dtype: npt.DTypeLike | None, *, copy: bool) -> Any:
    """The raw value of some data: an ndarray, or a NumPy scalar where there are no axes."""
    wanted = None if dtype is None else as_dtype(dtype)
    raw = data._value if hasattr(data, "_value") and hasattr(data, "_node") else data
    array = raw if isinstance(raw, (np.ndarray, np.generic)) else from_python(raw, wanted)
    if isinstance(raw, np.ndarray) and hasattr(raw, "mask"):
        raise DTypeError("a Tensor has no mask; fill the masked array first: array.filled(0)")
    if array.dtype.kind not in "biufc":
        raise DTypeError(
            f"a Tensor holds numbers; got {type(data).__name__} with NumPy dtype {array.dtype}"
        )
    if not array.dtype.isnative:
        wanted = wanted or array.dtype.newbyteorder("=")
    if isinstance(array, np.generic):
        return array if wanted is None else wanted.type(array)
    if array.ndim == 0:
        array = array[()]
        return array if wanted is None else wanted.type(array)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    return array.astype(wanted or array.dtype, copy=copy)


def from_python(data: Any, dtype: np.dtype[Any] | None = None) -> Any:
    """Python numbers and nested lists as an array, floats in `dtype` or the default one."""
    try:
        array = np.asarray(data)
    except ValueError:
        raise ShapeError("a Tensor needs rows of equal length; the nested lists differ") from None
    if dtype is not None:
        return array  # the caller casts, from full precision
    if array.dtype == np.float64 and _is_python(data):
        return array.astype(get_default_dtype())
    if array.dtype == np.complex128 and _is_python(data):
        return array.astype(_complex_of(get_default_dtype()))
    if array.dtype == np.float64 and array.size == 0 and isinstance(data, (list, tuple)):
        return array.astype(get_default_dtype())
    return array


def _is_python(data: Any) -> bool:
    """Whether the numbers in nested lists are Python's own, which take the default dtype."""
    while isinstance(data, (list, tuple, range)) and data:
        floats = (item for item in data if not isinstance(item, (int, np.integer)))
        data = next(floats, data[0])
    return isinstance(data, (float, int, complex)) and not isinstance(data, np.generic)


def _complex_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(np.complex64 if dtype.itemsize <= 4 else np.complex128)


def in_single(function: Callable[Given, Result], narrow: bool = True) -> Callable[Given, Result]:
    """Let a function of arrays compute in single precision what it is given in half.

    Its results are of half precision again, unless they were asked for in another one, or `narrow`
    is false: the engine casts what rules return.
    """

    def widened(*values: Any, **named: Any) -> Any:
        given = [
            getattr(v, "dtype", None) for v in (*values, *named.values())
        ]  # of np.float32: none
        # a class of NumPy's, as `dtype=np.float32`, has a descriptor there
        stays = any(isinstance(d, np.dtype) and d.kind in "fc" and d != HALF for d in given)
        found = function(*map(_wide, values), **{name: _wide(v) for name, v in named.items()})
        return found if stays or not narrow or named.get("dtype") else narrowed(found)

    return unless_rare(USUAL_FORM.get(function, function), widened, function)


def like_weights(values: list[Any]) -> list[Any]:
    """Arrays with integers in the dtype of the floating ones: NumPy would make both float64."""
    arrays = [v.dtype for v in values if hasattr(v, "dtype")]
    dtypes = [dtype for dtype in arrays if dtype.kind in "fc"]
    if not dtypes or len(dtypes) == len(arrays):
        return values
    common = np.result_type(*dtypes)
    return [v.astype(common) if getattr(v, "dtype", common).kind in "biu" else v for v in values]


def unless_rare(
    usual: Callable[..., Any], careful: Callable[..., Any], named_as: Callable[..., Any]
) -> Callable[..., Any]:
    """A function that is `careful` where an argument is complex or of half precision, as few are.

    One loop looks for both, whatever is asked about them.
    """

    @functools.wraps(named_as)
    def call(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()) if kwargs else args:
            if type(value) not in PLAIN_KINDS and type(getattr(value, "dtype", value)) in RARE:
                return careful(*args, **kwargs)
        return usual(*args, **kwargs) if kwargs else usual(*args)

    USUAL_FORM[call] = usual
    return call


USUAL_FORM: dict[Any, Callable[..., Any]] = {}  # so that several such looks at a call are one


def _wide(value: Any) -> Any:
    return value.astype(np.float32) if getattr(value, "dtype", None) == HALF else value


def narrowed(found: Any) -> Any:
    """A result, or several, with what is of single precision in half."""
    if isinstance(found, tuple):
        return tuple(map(narrowed, found))
    return found.astype(HALF) if getattr(found, "dtype", None) == np.float32 else found

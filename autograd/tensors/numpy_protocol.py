"""`np.f(tensor)`: record with the op of the same name, or say why not. Never drop the gradient."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import symbol_in
from autograd.engine.lazy_names import FACES
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.spellings.numpy import NUMPY
from autograd.engine.trail import computed, is_looked_at, note_decision
from autograd.errors import AutogradError, UnsupportedError
from autograd.tensors import numpy_writers, ufuncs
from autograd.tensors.numpy_calls import exact, in_our_words

__all__ = ["array_function", "array_ufunc", "public_name", "verdict"]

# functions whose answer is no number that a gradient could belong to: they see the raw value
_ANSWERS = (
    "shape", "ndim", "size", "result_type", "can_cast", "allclose", "array_equal", "array_equiv",
    "isscalar", "iscomplexobj", "isrealobj", "may_share_memory", "shares_memory", "array2string",
    "array_repr", "array_str", "min_scalar_type", "common_type", "broadcast_shapes",
    "save", "savez", "savez_compressed", "savetxt", "einsum_path",
)  # fmt: skip
_VERDICTS = ("allclose", "array_equal", "array_equiv")  # for an `if`
# whole numbers, or steps, whose derivative is 0: they come as Tensors outside the graph
_STEPS = (
    "diag_indices_from", "tril_indices_from", "triu_indices_from", "histogram", "histogram2d",
    "histogramdd", "histogram_bin_edges", "ix_", "lexsort", "packbits", "unpackbits",
    "unravel_index",
)  # fmt: skip
_SPACES: dict[str, Any] = {
    "autograd": np, "autograd.ops.linalg": np.linalg, "autograd.ops.fft": np.fft,
}  # fmt: skip
_OF_NO_ARRAYS = ("autograd.array_api.", "autograd.ops.fft._frequencies")  # NumPy does not ask
_SETS = ("unique_all", "unique_counts", "unique_inverse", "unique_values")  # of `unique`, an op
_WEIGHTED = ("weights",)  # what of them a gradient would belong to


@functools.cache
def _ours() -> dict[Any, Callable[..., Any]]:
    """NumPy's functions and ufuncs, each with our public function of the same name.

    Nothing is listed a second time: the names are those of `autograd` and its sub-namespaces.
    """
    found: dict[Any, Callable[..., Any]] = {}
    for face, theirs in _SPACES.items():
        for name in FACES[face]:
            function = getattr(theirs, name, None)
            mine = getattr(sys.modules[face], name) if callable(function) else None
            of_no_arrays = getattr(mine, "__module__", "").startswith(_OF_NO_ARRAYS)
            if callable(mine) and not isinstance(mine, type) and not of_no_arrays:
                found.setdefault(function, mine)
    return found


@functools.cache
def _of_ufunc(ufunc: np.ufunc) -> Callable[..., Any] | None:
    """Our function in the place of a ufunc of NumPy's or of SciPy's."""
    if (mine := _ours().get(ufunc)) is not None:
        return mine
    name = ufunc.__name__
    special = sys.modules.get("scipy.special")
    is_special = special is not None and getattr(special, name, None) is ufunc
    if not is_special:
        return None
    ours: Any = sys.modules["autograd"]
    function: Callable[..., Any] | None = (
        getattr(ours, name) if name in FACES["autograd"] else ours.special.recorded_by(name)
    )
    return function


@functools.cache
def _named(*names: str) -> frozenset[Any]:
    return frozenset(getattr(np, name) for name in names if hasattr(np, name))


def verdict(function: Any) -> str:
    """What becomes of a function of NumPy's that is given a Tensor, in one word."""
    if function in _named(*_ANSWERS):
        return "answers"
    if function in _named(*_STEPS):
        return "steps"
    if function in numpy_writers.WRITERS:
        return "writes"
    mine = _of_ufunc(function) if isinstance(function, np.ufunc) else _ours().get(function)
    if mine is not None:
        op = getattr(mine, "op", None)
        if function in _named(*_SETS):
            return "values"
        return "records" if op is None or op.differentiable else "values"
    seen = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
    return "refused" if seen else "unseen"


def public_name(function: Any) -> str | None:
    """The name in `autograd` of what a function of NumPy's is recorded by: "linalg.inv"."""
    mine = _ours().get(function)
    for face in _SPACES if mine is not None else ():
        names = FACES[face]
        for name in (getattr(function, "__name__", ""), *names):
            if name in names and getattr(sys.modules[face], name) is mine:
                return f"{face}.{name}".replace("autograd.", "").replace("ops.", "")
    return None


def _raw(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_raw(v) for v in value)
    return raw(value)


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """`np.add(x, y)`, `array * x`, `np.add.reduce(x)`."""
    mine = _of_ufunc(ufunc)
    if mine is None:
        if symbol_in(inputs) is not None:
            return NotImplemented  # NumPy asks the symbol
        module = "np" if getattr(np, ufunc.__name__, None) is ufunc else "the ufunc"
        if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc:
            module = "scipy.special"
        call = f"{module}.{ufunc.__name__}" if module != "the ufunc" else f"{ufunc.__name__}"
        call = call if method == "__call__" else f"{call}.{method}"
        raise UnsupportedError(_no_op(call, ufunc.__name__, inputs))
    inputs = exact(inputs)
    if method != "__call__":
        return ufuncs.method_of(ufunc, mine, method, inputs, kwargs)
    if not kwargs:
        return mine(*inputs)
    return ufuncs.called(ufunc, mine, inputs, kwargs)


def array_function(
    self: Any, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
) -> Any:
    """`np.sum(x, axis=0)`, `np.concatenate([x, y])`, `np.linalg.inv(x)`."""
    try:
        return _array_function(function, args, kwargs)
    except AutogradError:
        if not is_looked_at():
            raise
        return _on_arrays(function, args, kwargs)  # such as np.broadcast_arrays(x, None) of a plot


def _on_arrays(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    return function(*map(_raw, args), **{k: _raw(v) for k, v in kwargs.items()})


def _array_function(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    if function in _named(*_ANSWERS):
        if function.__name__ in _VERDICTS:
            for value in args:
                if type(value) in tensor_types:
                    note_decision(value, f"np.{function.__name__}")
        return _on_arrays(function, args, kwargs)
    if function in _named(*_STEPS):
        return _stepped(function, args, kwargs)
    if (writer := numpy_writers.WRITERS.get(function)) is not None:
        return writer(*args, **kwargs)
    mine = _ours().get(function)
    if mine is None:
        if symbol_in((*args, *kwargs.values())) is not None:
            return NotImplemented  # NumPy asks the symbol
        raise UnsupportedError(
            _no_op(_called(function), function.__name__, (*args, *kwargs.values()))
        )
    try:
        return in_our_words(function, getattr(mine, "numpys_own", mine), args, kwargs)
    except TypeError as error:
        said = isinstance(error, AutogradError) and "unexpected keyword" not in str(error)
        if "argument" not in str(error) or said:
            raise
        import inspect

        known = ", ".join(inspect.signature(mine).parameters)
        raise UnsupportedError(
            f"{_called(function)} is recorded as autograd.{mine.__name__}({known}): {error}.\n"
            "  Leave the argument out, or leave the graph on purpose: x.numpy()."
        ) from None


def _stepped(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What has no derivative, as Tensors outside the graph."""
    if any(_requires_grad(kwargs.get(name)) for name in _WEIGHTED):
        raise UnsupportedError(
            f"{_called(function)}(weights=) has no recorded form, and their gradient would be "
            "lost.\n  Write autograd.bincount(np.digitize(x, edges), weights)."
        )
    return _as_tensors(computed(lambda *given: _on_arrays(function, given, kwargs), *args))


def _as_tensors(found: Any) -> Any:
    if isinstance(found, (list, tuple)):
        return type(found)(map(_as_tensors, found))
    return found if type(found) in tensor_types else wrap(found)


def _called(function: Callable[..., Any]) -> str:
    """How a program calls a function of NumPy: `np.linalg.inv`."""
    module = (getattr(function, "__module__", "") or "numpy").replace("numpy", "np", 1)
    return f"{module}.{function.__name__}"


def _no_op(call: str, name: str, inputs: Sequence[Any]) -> str:
    lost = ", and the gradient would be lost" if _requires_grad(inputs) else ""
    leave = "leave the graph on purpose" if lost else "give it arrays"
    instead = NUMPY.get(name, "Write it with the functions of `autograd`")
    return (
        f"{call} has no recorded form for Tensors{lost}.\n"
        f"  {instead}, or {leave}: {call}(x.numpy())."
    )


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    return getattr(value, "requires_grad", False) is True

"""`np.f(tensor)`: record with the op of the same name, or say why not. Never drop the gradient."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import symbol_in
from autograd.engine.operands import raw, tensor_types
from autograd.engine.row import OPS
from autograd.engine.trail import is_looked_at, note_decision
from autograd.errors import AutogradError, UnsupportedError

__all__ = ["array_function", "array_ufunc"]

# functions whose answer is no number that a gradient could belong to: they see the raw value
_ANSWERS = (
    "shape", "ndim", "size", "result_type", "can_cast", "allclose", "array_equal", "array_equiv",
    "isscalar", "iscomplexobj", "isrealobj", "may_share_memory", "shares_memory", "array2string",
    "array_repr", "array_str", "array_fmt", "min_scalar_type", "common_type", "broadcast_shapes",
    "save", "savez", "savez_compressed", "savetxt",
)  # fmt: skip
_VERDICTS = ("allclose", "array_equal", "array_equiv")  # for an `if`
_WRITERS = ("copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal")
_REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
               "logical_and": "all", "logical_or": "any"}  # fmt: skip


@functools.cache
def _ours() -> dict[Any, Callable[..., Any]]:
    """NumPy's functions and ufuncs, each with our public function of the same name.

    Nothing is listed a second time: the names are those of `autograd` and its sub-namespaces.
    """
    found: dict[Any, Callable[..., Any]] = {}
    for face, theirs in (("autograd", np), ("autograd.ops.linalg", np.linalg)):
        for name in sys.modules[face].__all__:
            function = getattr(theirs, name, None)
            mine = getattr(sys.modules[face], name) if callable(function) else None
            if callable(mine) and not isinstance(mine, type):
                found.setdefault(function, mine)
    return found


@functools.cache
def _answers() -> frozenset[Any]:
    return frozenset(getattr(np, name) for name in _ANSWERS if hasattr(np, name))


@functools.cache
def _recorded(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Our function in the place of one of NumPy's; None for those that get something else."""
    if function in _answers() or function.__name__ in _WRITERS:
        return None
    return _ours().get(function)


def _raw(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_raw(v) for v in value)
    return raw(value)


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """`np.add(x, y)`, `array * x`, `np.add.reduce(x)`."""
    name = ufunc.__name__
    if kwargs.get("out") is not None:
        raise UnsupportedError(
            f"np.{name}(..., out=) cannot write into or from a Tensor: Tensors are values.\n"
            f"  Write y = np.{name}(...), or work on x.numpy() outside the graph."
        )
    kwargs.pop("out", None)
    if method == "reduce" and name in _REDUCTIONS:
        kwargs = {"axis": 0} | kwargs
        return OPS[_REDUCTIONS[name]].record(*inputs, **kwargs)
    mine = _ours().get(ufunc)
    if method != "__call__" or mine is None:
        if symbol_in(inputs) is not None:
            return NotImplemented  # NumPy asks the symbol
        call = f"np.{name}" if method == "__call__" else f"np.{name}.{method}"
        raise UnsupportedError(_no_op(call, inputs))
    if kwargs.keys() - {"axis"}:
        raise UnsupportedError(
            f"np.{name}({', '.join(f'{k}=' for k in kwargs)}) is not recorded for Tensors; "
            "convert with astype, or select with autograd.where"
        )
    return mine(*inputs, **kwargs)


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
    mine = _recorded(function)
    if mine is None and function in _answers():
        if function.__name__ in _VERDICTS:
            for value in args:
                if type(value) in tensor_types:
                    note_decision(value, f"np.{function.__name__}")
        return _on_arrays(function, args, kwargs)
    if mine is None and function.__name__ in _WRITERS:
        raise UnsupportedError(
            f"{_called(function)} writes into its argument, and Tensors are values.\n  Use "
            "x[i] = v, or the functions of `autograd` that return the new value (setitem, "
            "put_along_axis, where)."
        )
    if mine is None:
        if symbol_in((*args, *kwargs.values())) is not None:
            return NotImplemented  # NumPy asks the symbol
        raise UnsupportedError(_no_op(_called(function), (*args, *kwargs.values())))
    if kwargs:
        if kwargs.get("out") is not None:
            raise UnsupportedError(
                f"{_called(function)}(..., out=) cannot write into a Tensor: Tensors are values"
            )
        kwargs = {k: v for k, v in kwargs.items() if k != "out" and v is not np._NoValue}
    try:
        return mine(*args, **kwargs)
    except TypeError as error:
        said = isinstance(error, AutogradError) and "unexpected keyword" not in str(error)
        if "argument" not in str(error) or said:
            raise
        import inspect

        signature = inspect.signature(mine)
        raise UnsupportedError(
            f"{_called(function)} is recorded as autograd.{mine.__name__}{signature}: {error}"
        ) from None


def _called(function: Callable[..., Any]) -> str:
    """How a program calls a function of NumPy: `np.linalg.inv`."""
    module = (getattr(function, "__module__", "") or "numpy").replace("numpy", "np", 1)
    return f"{module}.{function.__name__}"


def _no_op(call: str, inputs: Sequence[Any]) -> str:
    lost = ", and the gradient would be lost" if _requires_grad(inputs) else ""
    leave = "leave the graph on purpose" if lost else "give it arrays"
    return (
        f"{call} has no recorded form for Tensors{lost}.\n"
        f"  Write it with the functions of `autograd`, or {leave}: {call}(x.numpy())."
    )


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    return getattr(value, "requires_grad", False) is True

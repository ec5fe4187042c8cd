"""Reading what gradcheck was given: which inputs to check, their names, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.errors import GradcheckError
from autograd.tensors.tensor import Tensor

__all__ = ["label", "name_of", "positions_of", "value_of"]


def value_of(x: Any) -> Any:
    """A copy of an input that f may use as it likes; floating values in double precision."""
    if isinstance(x, (Tensor, np.ndarray, np.generic, float, complex)):
        array = np.array(getattr(x, "_value", x))
        wide = {"f": np.float64, "c": np.complex128}.get(array.dtype.kind)
        return array if wide is None else array.astype(wide)
    return x


def positions_of(inputs: Sequence[Any], wrt: int | Sequence[int] | None) -> list[int]:
    """Which inputs to check, or the reason why there are none."""
    kinds = [getattr(getattr(value_of(x), "dtype", None), "kind", "") for x in inputs]
    if wrt is None:
        positions = [p for p, kind in enumerate(kinds) if kind in ("f", "c")]
        if not positions:
            shown = ", ".join(_kind_of(x) for x in inputs) or "none at all"
            nested = len(inputs) == 1 and isinstance(inputs[0], (list, tuple))
            raise GradcheckError(
                f"gradcheck: no floating input to check (the inputs are {shown}); "
                "pass a float or a Tensor of floats"
                + (", and several one by one: gradcheck(f, *inputs)" if nested else "")
            )
    else:
        positions = _listed(wrt)
    for p in positions:
        if not 0 <= p < len(inputs):
            raise GradcheckError(f"gradcheck: wrt names input {p}; there are {len(inputs)}")
        if kinds[p] not in ("f", "c"):
            raise GradcheckError(
                f"gradcheck: input {p} is {_kind_of(inputs[p])}, which has no derivative; "
                "make it floating, or leave it out of wrt"
            )
    if all(np.size(value_of(inputs[p])) == 0 for p in positions):
        shapes = ", ".join(str(np.shape(inputs[p])) for p in positions)
        raise GradcheckError(f"gradcheck: nothing to check: the inputs are empty, {shapes}")
    for p in positions:
        if not np.all(np.isfinite(value_of(inputs[p]))):
            raise GradcheckError(
                f"gradcheck: input {p} holds NaN or infinity; no slope exists there"
            )
    return positions


def _listed(wrt: Any) -> list[int]:
    """`wrt` as a list of positions."""
    listed = list(wrt) if isinstance(wrt, Iterable) and not isinstance(wrt, str) else [wrt]
    wrong = [p for p in listed if not isinstance(p, (int, np.integer)) or isinstance(p, bool)]
    if wrong or not listed:
        shown = repr(wrong[0]) if wrong else "nothing"
        raise GradcheckError(
            f"gradcheck: wrt names {shown}; it takes the positions of inputs, such as 0 or [0, 2]"
        )
    return [int(p) for p in listed]


def label(f: Callable[..., Any], inputs: Sequence[Any], position: int) -> str:
    """What to call an input: its own name, else f's name for it."""
    import inspect  # late: it takes long to load

    name = getattr(inputs[position], "name", None)
    if isinstance(name, str):
        return name
    try:
        formal = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # built-in functions have none
        formal = []
    if position < len(formal) and formal[position].kind is not inspect.Parameter.VAR_POSITIONAL:
        return formal[position].name
    return f"input{position}"


def name_of(f: Callable[..., Any], nameless: str = "f") -> str:
    """What to call the function."""
    name = getattr(f, "__name__", type(f).__name__)
    if isinstance(owner := getattr(f, "__self__", None), type):
        return f"{owner.__name__}.{name}"  # of the class that was given: Mine.apply
    return nameless if name == "<lambda>" else str(name)


def _kind_of(x: Any) -> str:
    dtype = getattr(x, "dtype", None)
    return type(x).__name__ if dtype is None else f"{type(x).__name__} of {dtype}"

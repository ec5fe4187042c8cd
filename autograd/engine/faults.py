"""Turn NumPy's complaint about an op's inputs into one that says what, where and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.diagnose import blame, here, label
from autograd.engine.row import Op
from autograd.errors import (
    ArgumentError,
    AutogradError,
    AxisError,
    ConversionError,
    DTypeError,
    IndexRangeError,
    MatrixError,
    ShapeError,
    SingularMatrixError,
)

__all__ = ["FAULTS", "diagnose"]

FAULTS = (ValueError, TypeError, IndexError, AttributeError, OverflowError, np.linalg.LinAlgError)


def diagnose(
    op: Op, error: Exception, inputs: tuple[Any, ...], params: dict[str, Any] | None = None
) -> Exception:
    """The error to raise instead of `error`: same built-in class, more to read."""
    if isinstance(error, AutogradError) and type(error) is not ConversionError:
        return error
    if isinstance(error, (AttributeError, OverflowError)):
        named = {_label(op, place, value): value for place, value in enumerate(inputs)}
        return blame(op.name, named | (params or {}), named, error)
    shown = _describe(op, inputs)
    statics = "".join(f", {k}={v!r}" for k, v in (params or {}).items() if v is not None)
    text = str(error)
    if isinstance(error, TypeError):
        return DTypeError(f"{op.name}: {text}{here()}\n  inputs: {shown}{statics}")
    hint = op.hint(*inputs, **(params or {})) if op.hint else None
    clash = _broadcast_clash(op, inputs) if "broadcast" in text and not hint else None
    what = clash or hint or f"{text}\n  inputs: {shown}{statics}"
    said, *more = what.split("\n", 1)
    message = "\n".join([f"{op.name}: {said}{here()}", *more])
    if text == "tuple index out of range":  # of a shape
        message = message.replace(text, "an input has fewer axes than are asked for", 1)
        return AxisError(message)
    if isinstance(error, IndexError) and not isinstance(error, np.exceptions.AxisError):
        return IndexRangeError(message)
    if isinstance(error, np.exceptions.AxisError):
        return AxisError(message)
    if isinstance(error, np.linalg.LinAlgError):
        kind = MatrixError if _is_about_shapes(text) else SingularMatrixError
        return kind(message)
    if clash or hint or _is_about_shapes(text):
        return ShapeError(message)
    return ArgumentError(message)


def _is_about_shapes(text: str) -> bool:
    words = ("shape", "broadcast", "dimension", "axis", "axes", "reshape", "size", "square")
    return any(word in text.lower() for word in words)


def _label(op: Op, position: int, value: Any) -> str:
    """What to call an input: the user's name for it, else the parameter's."""
    if op.variadic:  # by their places alone, or some would have names and some would not
        return str(getattr(value, "name", None) or f"{op.inputs[0]}[{position}]")
    return label(value, op.inputs[position])


def _describe(op: Op, inputs: tuple[Any, ...]) -> str:
    parts = []
    for position, value in enumerate(inputs):
        if value is None:
            continue
        what = _label(op, position, value)
        if hasattr(value, "shape") and hasattr(value, "dtype"):
            parts.append(f"{what} is {tuple(value.shape)} {value.dtype}")
        else:
            parts.append(f"{what} is {value!r:.60}")
    return ", ".join(parts)


def _broadcast_clash(op: Op, inputs: tuple[Any, ...]) -> str | None:
    """`x is (3, 4), y is (3,): axis -1 has 4 and 3`, with the likely fix."""
    shaped = [(p, v) for p, v in enumerate(inputs) if getattr(v, "shape", ())]
    for i, (p, x) in enumerate(shaped):
        for q, y in shaped[i + 1 :]:
            for axis in range(-1, -min(x.ndim, y.ndim) - 1, -1):
                a, b = x.shape[axis], y.shape[axis]
                if a != b and 1 not in (a, b):
                    left, right = _label(op, p, x), _label(op, q, y)
                    text = (
                        f"shapes do not broadcast: {left} is {tuple(x.shape)}, "
                        f"{right} is {tuple(y.shape)}; axis {axis} has {a} and {b}."
                    )
                    return text + _broadcast_fix(left, tuple(x.shape), right, tuple(y.shape))
    return None


def _broadcast_fix(left: str, x: tuple[int, ...], right: str, y: tuple[int, ...]) -> str:
    small_name, small, big = (left, x, y) if len(x) < len(y) else (right, y, x)
    if len(small) == 1 and len(big) == 2 and small[0] == big[0]:
        return f"\n  {small_name} matches the first axis: did you mean {small_name}[:, None]?"
    if len(x) == len(y) == 2 and x == y[::-1]:
        return f"\n  the shapes match when turned: did you mean {right}.mT?"
    return ""

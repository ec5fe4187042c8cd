"""What to say when the shapes of a product do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.diagnose import label
from autograd.engine.modes import current_mode

__all__: list[str] = []


def matmul_hint(x: Any, y: Any) -> str | None:
    """Which axes of a matmul differ, and what was probably meant."""
    left, right, x_shape, y_shape = label(x, "x"), label(y, "y"), np.shape(x), np.shape(y)
    shown = f"{left} is {x_shape}, {right} is {y_shape}"
    if not x_shape or not y_shape:
        scalar = right if x_shape else left
        return f"{scalar} is a scalar without axes: {shown}.\n  Did you mean {left} * {right}?"
    rows = y_shape[0] if len(y_shape) == 1 else y_shape[-2]
    if x_shape[-1] == rows:
        for axis in range(-3, -min(len(x_shape), len(y_shape)) - 1, -1):
            a, b = x_shape[axis], y_shape[axis]
            if a != b and 1 not in (a, b):
                return f"stacks differ: {shown}; axis {axis} has {a} and {b}."
        return None
    text = f"inner axes differ: {shown}; {x_shape[-1]} != {rows}."
    if len(y_shape) > 1 and y_shape[-1] == x_shape[-1]:
        return f"{text}\n  {right}'s last axis matches {left}: did you mean {left} @ {right}.mT?"
    if len(x_shape) > 1 and x_shape[-2] == rows:
        return f"{text}\n  {left}'s axis -2 matches {right}: did you mean {left}.mT @ {right}?"
    if len(y_shape) > 1 and len(x_shape) > 1 and y_shape[-1] == x_shape[-2]:
        return f"{text}\n  the outer axes match: did you mean {right} @ {left}?"
    return text


def linear_hint(x: Any, weight: Any, bias: Any = None) -> str | None:
    """Which of a linear layer's shapes does not fit."""
    x_shape, w_shape = np.shape(x), np.shape(weight)
    what, w = label(x, "x"), label(weight, "weight")
    if len(w_shape) != 2:
        return f"{w} is {w_shape}; expected (out, in)"
    out, features = w_shape
    expected = f"{w} is {w_shape}: expected {what} of shape (..., {features})"
    if not x_shape:
        return f"{what} is a scalar, {expected}"
    if x_shape[-1] != features:
        text = f"{what} has {x_shape[-1]} features, {expected}"
        scope = current_mode().scope
        if scope is not None and scope.kind == "Linear":  # which made its weight (out, in) itself
            return f"{text}\n  Did you mean in_features={x_shape[-1]}?"
        if x_shape[-1] == out:
            return f"{text}\n  {w} seems to be (in, out): did you mean {w}.mT?"
        return text
    if bias is not None and np.shape(bias) != (out,):
        return f"{label(bias, 'bias')} is {np.shape(bias)}, {w} is {w_shape}: expected ({out},)"
    return None


def einsum_hint(*xs: Any, subscripts: str) -> str | None:
    """Which label stands for axes of different lengths."""
    seen: dict[str, tuple[int, str]] = {}
    for number, (term, x) in enumerate(zip(subscripts.partition("->")[0].split(","), xs)):  # noqa: B905
        once: dict[str, int] = {}  # within an operand lengths of 1 do not broadcast
        for axis, (name, length) in enumerate(zip(term, np.shape(x))):  # noqa: B905
            place = f"axis {axis} of {label(x, f'operand {number}')}"
            other, where = seen.get(name, (length, place))
            if length != other and (name in once or 1 not in (length, other)):
                return f"{subscripts!r}: {name!r} is {other} in {where}, and {length} in {place}"
            once[name] = length
            if other == 1 or name not in seen:
                seen[name] = (length, place)
    return None


def tensordot_hint(x: Any, y: Any, axes: Any) -> str | None:
    """Which of the axes that are summed over differ."""
    x_shape, y_shape = np.shape(x), np.shape(y)
    if isinstance(axes, int):
        axes = (range(len(x_shape) - axes, len(x_shape)), range(axes))
    pairs = [(part,) if isinstance(part, int) else tuple(part) for part in axes]
    for a, b in zip(*pairs):  # noqa: B905
        if -len(x_shape) <= a < len(x_shape) and -len(y_shape) <= b < len(y_shape):
            n, m = x_shape[a], y_shape[b]
            if n != m:
                left, right = label(x, "x"), label(y, "y")
                return (
                    f"{left} is {x_shape} and {right} is {y_shape}: axis {a} of {left} is summed "
                    f"with axis {b} of {right}, and they have {n} and {m}"
                )
    return None

"""What distributions share: parameters of one shape, and draws in their dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.generators import draw
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.sizes import Size
from nn.torch.tensor import as_face

__all__ = [
    "Size",
    "attached",
    "broadcast",
    "clamp_probs",
    "constant",
    "drawn",
    "filled",
    "logits_of",
    "one_of",
    "probs_of",
    "tensor",
]


def tensor(value: Any, dtype: Any = None) -> Any:
    """A Tensor as it is; a number in the default dtype; booleans and whole numbers too."""
    if isinstance(value, PlainTensor):
        return as_face(value)
    if not isinstance(value, (int, float, np.generic, np.ndarray)):
        raise ArgumentTypeError(
            f"a parameter is a Tensor or a number, got {type(value).__name__}; write "
            "torch.tensor(...)"
        )
    return constant(np.asarray(value, dtype or ag.get_default_dtype()))


def broadcast(*values: Any) -> tuple[Any, ...]:
    """Parameters as Tensors of one shape; numbers take the dtype of a Tensor beside them."""
    found = [raw(v).dtype for v in values if isinstance(v, PlainTensor)]
    floating = [dtype for dtype in found if dtype.kind == "f"]
    made = [tensor(v, floating[0] if floating else None) for v in values]
    shape = np.broadcast_shapes(*(np.shape(raw(v)) for v in made))
    return tuple(
        v if np.shape(raw(v)) == shape else as_face(ag.broadcast_to(v, shape)) for v in made
    )


def constant(array: Any) -> Any:
    """An array, or the value of a Tensor, as a Tensor that no graph is behind."""
    return as_face(ag.asarray(raw(array)))


def filled(like: Any, value: float) -> Any:
    """A constant of the shape and dtype of a parameter."""
    return constant(np.full_like(raw(like), value))


def drawn(method: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """Draws of NumPy's generator by a method without parameters, as a Tensor of this dtype."""
    return as_face(ag.asarray(np.asarray(draw(method, size=shape)).astype(dtype)))


def attached(value: Any, *slopes: tuple[Any, Any]) -> Any:
    """A value computed outside the graph, with its derivatives: (parameter, slope) of each."""
    result = constant(value)
    for parameter, slope in slopes:
        if getattr(parameter, "requires_grad", False):
            change = parameter - constant(parameter)  # 0, with the derivative 1
            result = result + change * constant(np.asarray(slope, raw(result).dtype))
    return result


def one_of(kind: str, probs: Any, logits: Any) -> tuple[str, Any]:
    """Which of the two was given, and it."""
    if (probs is None) is (logits is None):
        raise ArgumentError(f"{kind}: either `probs` or `logits` must be specified, but not both.")
    return ("logits", logits) if probs is None else ("probs", probs)


def clamp_probs(probs: Any) -> Any:
    """Probabilities away from 0 and 1 by the rounding of their dtype."""
    eps = float(np.finfo(raw(probs).dtype).eps)
    return ag.clip(probs, eps, 1 - eps)


def logits_of(probs: Any, binary: bool = False) -> Any:
    """The logits of probabilities."""
    clamped = clamp_probs(probs)
    return ag.log(clamped) - ag.log1p(-clamped) if binary else ag.log(clamped)


def probs_of(logits: Any, binary: bool = False) -> Any:
    """The probabilities of logits."""
    return ag.sigmoid(logits) if binary else ag.softmax(logits, axis=-1)


Rule = Callable[..., Any]

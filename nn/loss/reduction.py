"""What all losses share: their reduction, their weights, and the shapes that they compare."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor, no_grad
from autograd.engine.diagnose import here
from autograd.engine.modes import captures, capturing
from autograd.engine.trail import note_decision
from autograd.errors import ArgumentError, ShapeError
from autograd.extend import raw
from nn.module.checks import check_choice

__all__ = [
    "Watched",
    "as_floats",
    "as_tensor",
    "check_reduction",
    "check_same_shape",
    "check_signs",
    "chosen",
    "comparable",
    "looks_again",
    "place_of",
    "reduce",
    "weighted",
]

REDUCTIONS = ("mean", "sum", "none")


class Watched:
    """Sees the losses reduced in its block: the last, and what means divided by (None: a sum).

    Whoever joins the losses of batches has to know. In the block the mean over nothing is 0, and
    its divisor too: a batch without a label that counts is no error in a data set that has some.
    """

    result: Any = None

    def __enter__(self) -> Watched:
        self.divisors: list[Any] = []  # numbers, or Tensors of one
        self._token: Token[Watched | None] = _watching.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _watching.reset(self._token)


_watching: ContextVar[Watched | None] = ContextVar("nn_reductions", default=None)


def check_reduction(reduction: str) -> str:
    """The reduction itself, or a ValueError that names the nearest known one."""
    return check_choice("reduction", reduction, REDUCTIONS)


def reduce(name: str, losses: Any, reduction: str, total: Any = None) -> Any:
    """The mean or the sum of the losses, or (none) the losses themselves.

    The mean divides by `total`, by default by their number; over nothing it is an error.
    """
    check_reduction(reduction)
    if reduction == "none":
        return losses
    watched = _watching.get()
    count = raw(losses).size
    divisor = None if reduction == "sum" else count if total is None else total
    if divisor is None or (watched is not None and divisor == 0):
        result = ag.sum(losses)
    elif not count or _is_nothing(divisor):
        why = "no losses"
        if count:
            why = f"of the losses {losses.shape} none counts, by their weights or labels to ignore"
        raise ArgumentError(
            f"{name}: the mean over nothing: {why}.\n  reduction='sum' gives 0 here.{here()}"
        )
    else:
        result = ag.mean(losses) if total is None else ag.sum(losses) / total
    if watched is not None:
        watched.result = result
        watched.divisors.append(divisor)
    return result


def _is_nothing(divisor: Any) -> bool:
    return not looks_again(lambda x: x == 0, divisor) and bool(raw(divisor) == 0)


def weighted(name: str, losses: Any, weight: Any, called: str = "weight") -> Any:
    """The losses times a weight that broadcasts to their shape, and to no larger one."""
    if weight is None:
        return losses
    weight = as_tensor(weight, losses.dtype)
    try:
        fits = np.broadcast_shapes(weight.shape, losses.shape) == losses.shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{name}: {called} is {weight.shape}; it must broadcast to the input's shape "
            f"{losses.shape}{here()}"
        )
    return losses * weight


def as_floats(x: Any) -> Tensor:
    """A Tensor that can be averaged: integers, which would wrap around, in the default dtype."""
    if isinstance(x, Tensor) and raw(x).dtype is _SINGLE:
        return x
    return as_tensor(x, ag.get_default_dtype())


_SINGLE = np.dtype(np.float32)  # of most, which one look tells


def as_tensor(x: Any, dtype: Any = None) -> Tensor:
    """A Tensor; one that holds integers or booleans in a dtype, if one is given.

    A label that is an integer shall not make a float32 loss float64.
    """
    tensor: Tensor = x if isinstance(x, Tensor) else ag.asarray(x)
    if dtype is not None and raw(tensor).dtype.kind in "biu":
        tensor = tensor.astype(dtype)
    return tensor


def chosen(tensor: Tensor) -> Any:
    """The raw value of labels, of indices or of a condition, which no replay chooses anew."""
    note_decision(tensor, "the value")
    return raw(tensor)


def comparable(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Both as Tensors of the same shape that can be subtracted, or a ShapeError."""
    input = as_floats(input)
    check_same_shape(name, input, target)
    return input, as_tensor(target, input.dtype)


def check_same_shape(
    name: str, input: Any, target: Any, names: tuple[str, str] = ("input", "target")
) -> None:
    """Raise ShapeError if a loss would broadcast its input with its target."""
    if getattr(raw(input), "shape", None) == getattr(raw(target), "shape", ""):
        return  # without np.shape, which takes 1 µs
    if np.shape(input) == np.shape(target):
        return
    hint = ""
    if np.size(input) == np.size(target):
        hint = f"\n  The sizes agree: did you mean {names[1]}.reshape({np.shape(input)})?"
    raise ShapeError(
        f"{name}: {names[0]} is {np.shape(input)} and {names[1]} is {np.shape(target)}; they must "
        f"be the same, or broadcasting would compare every pair.{hint}{here()}"
    )


def place_of(target: Any, place: Any) -> tuple[Any, str]:
    """A value of the target and where it stands, as `target[1, 0]`."""
    index = tuple(int(i) for i in place)
    at = f"target[{', '.join(map(str, index))}]" if index else "target"
    return raw(target)[index], at


def looks_again(is_wrong: Callable[..., Any], *values: Any) -> bool:
    """Let a traced call look at each run whether values are wrong, as the call itself does now.

    Where a run finds other than the trace did, the call itself is made, and says what is wrong.
    True: it need not look now, for in a batch the values are those of no example.
    """
    if captures and (capture := capturing()) and any(isinstance(x, Tensor) for x in values):
        with no_grad():
            return bool(capture.checks(ag.any(is_wrong(*values))))
    return False


def check_signs(name: str, target: Tensor) -> None:
    """Raise ValueError if a target is neither 1 nor -1."""
    if looks_again(lambda x: ag.abs(x) != 1, target):
        return
    wrong = np.argwhere(np.abs(raw(target)) != 1)
    if len(wrong):
        value, at = place_of(target, wrong[0])
        hint = "\n  For labels 0 and 1 write 2 * target - 1." if value == 0 else ""
        raise ArgumentError(f"{name}: {at} is {value}; a target is 1 or -1.{hint}{here()}")

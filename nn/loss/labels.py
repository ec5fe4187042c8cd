"""Class labels and probabilities as targets: their checks, which say what is wrong and where."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.engine.modes import capturing
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, DTypeError, ShapeError, TraceError, outdated
from autograd.extend import raw
from nn.loss.reduction import as_tensor, looks_again, place_of

__all__ = ["check_probabilities", "class_labels", "class_weight"]

_UNSIGNED = {np.dtype(f"{kind}{n}"): np.dtype(f"u{n}") for kind in "iu" for n in (1, 2, 4, 8)}
USUAL = -100  # what losses ignore where the program names nothing


def class_weight(name: str, weight: Any, classes: int, dtype: Any) -> Tensor | None:
    """The weights of the classes in a dtype, or None; a ShapeError if there are not as many."""
    if weight is None:
        return None
    weight = as_tensor(weight)
    if weight.shape != (classes,):
        raise ShapeError(
            f"{name}: weight is {weight.shape}; for {classes} classes it must be "
            f"({classes},){here()}"
        )
    cast: Tensor = ag.astype(weight, dtype)
    return cast


def class_labels(
    name: str,
    target: Tensor,
    shape: tuple[int, ...],
    ignore_index: int | None = None,
    axis: int = 1,
) -> tuple[Any, Any]:
    """The labels with those to ignore replaced by 0, and which count (None: all).

    `shape` is that of the input, with the classes along `axis`, or along its only one.
    """
    axis = 0 if len(shape) == 1 else axis % len(shape)
    classes, expected = shape[axis], (*shape[:axis], *shape[axis + 1 :])
    kind, given = raw(target).dtype.kind, raw(target).shape
    if kind not in "iu":
        raise DTypeError(
            f"{name}: labels are class indices (integers), not {target.dtype}.\n"
            f"  Write target.astype('int64').{here()}"
        )
    if given != expected:
        hint = f"\n  Of one-hot rows write target.argmax({axis})." if given == shape else ""
        if raw(target).size == math.prod(expected):
            hint = f"\n  The sizes agree: did you mean target.reshape({expected})?"
        raise ShapeError(
            f"{name}: input is {shape}, so class indices must be {expected}; target is "
            f"{given}{hint}{here()}"
        )
    is_traced = (capture := capturing()) is not None
    # a traced call that may meet labels to ignore masks them, also where there are none
    masks = is_traced and ignore_index is not None and (
        ignore_index != USUAL
        or not capture.has_numbers
        or bool(np.any(raw(target) == ignore_index))
    )  # fmt: skip
    found: tuple[Any, Any] = computed(
        _checked_labels, target, name=name, shape=shape, classes=classes, ignore_index=ignore_index,
        masks=masks, saw_none=is_traced and not masks,
    )  # fmt: skip
    return found


def _checked_labels(
    labels: Any,
    name: str,
    shape: tuple[int, ...],
    classes: int,
    ignore_index: int | None,
    masks: bool,
    saw_none: bool = False,
) -> tuple[Any, Any]:
    labels = given = np.asarray(labels)
    all_valid = not labels.size or _are_below(labels, classes)
    if all_valid and not masks and (ignore_index is None or not 0 <= ignore_index < classes):
        return labels, None
    counted = labels != ignore_index
    if counted.all() and not masks:
        counted = None
    else:
        labels = np.where(counted, labels, 0)
    wrong = np.argwhere((labels < 0) | (labels >= classes))
    if len(wrong):
        value, at = place_of(given, wrong[0])
        raise ArgumentError(
            f"{name}: label {value} at {at} is out of range: input is {shape}, so there are "
            f"{classes} classes, 0 to {classes - 1}{here()}"
        )
    if saw_none and counted is not None:
        raise outdated(
            TraceError,
            f"program: {name} has labels to ignore, {ignore_index}, and there were none in the "
            "trace; trace the call again on these labels",
        )
    return labels, counted


def _are_below(labels: Any, classes: int) -> bool:
    """Whether labels are from 0 to below `classes`: one look, for which negative ones are large."""
    unsigned = _UNSIGNED.get(labels.dtype)
    if unsigned is None:  # of another byte order
        return bool(labels.min() >= 0 and labels.max() < classes)
    return bool(np.maximum.reduce(labels.view(unsigned), axis=None) < classes)


def check_probabilities(
    name: str, what: str, value: Any, axis: int | None = None, hint: str = ""
) -> None:
    """Raise ValueError unless an array holds probabilities, which sum to 1 along an axis if given.

    NaN is let through: it shows itself in the loss.
    """
    if not value.size:
        return
    tensor, value, dtype = value, raw(value), value.dtype
    most = math.inf if axis is not None else 1
    postponed = looks_again(lambda x: ag.logical_or(x < 0, x > most), tensor)
    low, high = value.min(), value.max()
    if not postponed and (low < 0 or high > most):
        raise ArgumentError(
            f"{name}: {what} must hold probabilities, between 0 and 1, and goes from {low:.4g} to "
            f"{high:.4g}{hint}{here()}"
        )
    if axis is None:
        return
    # half of the digits: room for rounding over many classes, none for numbers of another kind
    tolerance = math.sqrt(np.finfo(dtype).eps) if dtype.kind == "f" else 0
    postponed = looks_again(lambda x: ag.abs(ag.sum(x, axis=axis) - 1) > tolerance, tensor)
    sums = value.sum(axis=axis)
    if not postponed and np.abs(sums - 1).max() > tolerance:
        if (classes := value.shape[axis]) == 1:
            hint = "\n  Of one class there is nn.BCEWithLogitsLoss, of probabilities nn.BCELoss."
        raise ArgumentError(
            f"{name}: {what} must hold probabilities that add up to 1 over the classes "
            f"({classes} here); the sums go from {sums.min():.4g} to {sums.max():.4g}{hint}{here()}"
        )

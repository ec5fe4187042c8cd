"""What the losses of Keras share: their two sides made comparable, and their reduction."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import check_choice
from autograd.extend import raw
from nn.keras.backend import tensor
from nn.loss.reduction import reduce

__all__ = ["REDUCTIONS", "comparable", "kind_of_labels", "predicted", "reduced", "same_rank"]

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


def predicted(y_pred: Any) -> Any:
    """The outputs as floating numbers."""
    y_pred = tensor(y_pred)
    return y_pred if np.dtype(y_pred.dtype).kind == "f" else tensor(y_pred, ag.get_default_dtype())


def comparable(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both sides in the dtype of the outputs; (N,) beside (N, 1) as (N, 1)."""
    y_pred = predicted(y_pred)
    return same_rank(tensor(y_true, y_pred.dtype), y_pred)


def same_rank(one: Any, two: Any) -> tuple[Any, Any]:
    """Two Tensors or arrays of which one may have a last axis of length 1 more than the other."""
    if one.ndim == two.ndim + 1 and one.shape[-1] == 1:
        return (one, two[..., None]) if two.ndim == 1 else (one[..., 0], two)
    if two.ndim == one.ndim + 1 and two.shape[-1] == 1:
        return (one[..., None], two) if one.ndim == 1 else (one, two[..., 0])
    return one, two


def reduced(values: Any, sample_weight: Any, mask: Any, reduction: str | None) -> Any:
    """The losses times their weights, joined as `reduction` says.

    Where a `mask` is False a loss does not count, and a mean over the batch divides by those that
    do. Means with weights divide by the number of losses, as Keras' do, and by the sum of weights
    with "mean_with_sample_weight".
    """
    check_choice("reduction", reduction, REDUCTIONS)
    weight = None if sample_weight is None else tensor(sample_weight, values.dtype)
    if mask is not None:
        counts = np.asarray(raw(mask)).astype(values.dtype)
        if reduction in ("mean", "sum_over_batch_size"):
            counts = counts * (counts.size / max(float(counts.sum()), 1e-30))
        weight = tensor(counts) if weight is None else _times(tensor(counts), weight)
    if weight is not None:
        values, weight = same_rank(values, weight)
        values = values * weight
    if reduction in (None, "none") or not values.ndim or values.shape == (0,):
        return values
    total = None
    if reduction == "mean_with_sample_weight" and weight is not None:
        total = ag.sum(weight)
        if isinstance(total, Tensor) and total.item() == 0:
            return 0 * ag.sum(values)
    return reduce("keras loss", values, "sum" if reduction == "sum" else "mean", total)


def _times(one: Any, two: Any) -> Any:
    one, two = same_rank(one, two)
    return one * two


def kind_of_labels(y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> str:
    """What labels are by their shapes: "binary", "sparse" (whole numbers) or "categorical".

    >>> kind_of_labels((32, 1), (32, 1)), kind_of_labels((32,), (32, 10))
    ('binary', 'sparse')
    """
    if y_pred and y_pred[-1] == 1:
        return "binary"
    sparse = len(y_true) < len(y_pred) or (y_true[-1:] == (1,) and y_pred[-1] > 1)
    return "sparse" if sparse else "categorical"

"""Losses of pairs and triplets: which belong together, and which rank higher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals, here
from autograd.engine.dtypes import in_single
from autograd.engine.trail import choice
from autograd.errors import ArgumentError, ShapeError
from nn.loss.distance import cosine_similarity, pairwise_distance
from nn.loss.reduction import (
    as_floats,
    as_tensor,
    check_reduction,
    check_same_shape,
    check_signs,
    comparable,
    reduce,
)


@checked
@in_single
@for_reals
def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """input where the target is 1, max(0, margin - input) where it is -1; reduced.

    `input` holds distances: of pairs that belong together (1), or do not (-1).

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.hinge_embedding_loss(ag.Tensor([0.5, 0.25]), ag.Tensor([1, -1]))
    Tensor(0.625, dtype=float32)
    """
    input, target = comparable("hinge_embedding_loss", input, target)
    check_signs("hinge_embedding_loss", target)
    losses = ag.where(choice(target) == 1, input, ag.relu(margin - input))
    return reduce("hinge_embedding_loss", losses, reduction)


@checked
@in_single
@for_reals
def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, reduction: str = "mean"
) -> Tensor:
    """max(0, margin - target·(input1 - input2)), reduced.

    The target is 1 where input1 should be ranked higher, -1 where input2 should.

    Shape: (*), (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> one, two = ag.Tensor([1.0, 3.0]), ag.Tensor([2.0, 1.0])
    >>> nn.functional.margin_ranking_loss(one, two, ag.Tensor([1, 1]), margin=0.5)
    Tensor(0.75, dtype=float32)
    """
    name = "margin_ranking_loss"
    input1, target = comparable(name, input1, target)
    check_same_shape(name, input1, input2, ("input1", "input2"))
    check_signs(name, target)
    return reduce(name, ag.relu(margin - target * (input1 - as_floats(input2))), reduction)


@checked
@in_single
@for_reals
def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, reduction: str = "mean"
) -> Tensor:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1; reduced.

    cos is the cosine of the angle between the vectors input1 and input2, (N, D) or (D,).

    Shape: (N, D), (N, D) and (N,), or (D,), (D,) and () -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> one, two = ag.Tensor([[1.0, 0.0]]), ag.Tensor([[3.0, 4.0]])
    >>> nn.functional.cosine_embedding_loss(one, two, ag.Tensor([-1]))
    Tensor(0.6, dtype=float32)
    """
    name = "cosine_embedding_loss"
    input1, input2 = as_floats(input1), as_floats(input2)
    check_same_shape(name, input1, input2, ("input1", "input2"))
    target = as_tensor(target, input1.dtype)
    if input1.ndim not in (1, 2) or target.shape != input1.shape[:-1]:
        raise ShapeError(
            f"{name}: input1 and input2 must be (N, D) and target (N,), or (D,) and (); input1 is "
            f"{input1.shape} and target is {target.shape}{here()}"
        )
    check_signs(name, target)
    cosine = cosine_similarity(input1, input2, dim=-1)
    losses = ag.where(choice(target) == 1, 1 - cosine, ag.relu(cosine - margin))
    return reduce(name, losses, reduction)


@checked
@in_single
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """max(0, ‖anchor - positive‖ₚ - ‖anchor - negative‖ₚ + margin), reduced.

    The distances, with `p` and `eps`, are those of pairwise_distance. With `swap` the negative's is
    the smaller of its distances from the anchor and from the positive.

    Shape: (N, D), (N, D) and (N, D), or (D,) three times -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> a, b, c = ag.Tensor([[0.0]]), ag.Tensor([[2.0]]), ag.Tensor([[1.5]])
    >>> nn.functional.triplet_margin_loss(a, b, c, eps=0.0)
    Tensor(1.5, dtype=float32)
    """

    def distance(x1: Any, x2: Any) -> Any:
        return pairwise_distance(x1, x2, p, eps)

    return _triplet("triplet_margin_loss", anchor, positive, negative, distance,
                    margin, swap, reduction)  # fmt: skip


@checked
@in_single
def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), reduced, for any distance d.

    Without a `distance_function` it is pairwise_distance. `swap` is that of triplet_margin_loss.

    Shape: (N, *), (N, *) and (N, *), the same -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> a, b, c = ag.Tensor([[0.0]]), ag.Tensor([[2.0]]), ag.Tensor([[1.5]])
    >>> nn.functional.triplet_margin_with_distance_loss(
    ...     a, b, c, distance_function=lambda x, y: ag.sum(ag.abs(x - y), axis=-1)
    ... )
    Tensor(1.5, dtype=float32)
    """
    return _triplet("triplet_margin_with_distance_loss", anchor, positive, negative,
                    distance_function or pairwise_distance, margin, swap, reduction)  # fmt: skip


def check_margin(name: str, margin: float) -> float:
    """The margin itself, if it is positive."""
    if margin <= 0:
        raise ArgumentError(f"{name}: margin must be positive, got {margin}{here()}")
    return margin


def _triplet(
    name: str, anchor: Any, positive: Any, negative: Any, distance: Callable[[Any, Any], Any],
    margin: float, swap: bool, reduction: str,
) -> Any:  # fmt: skip
    check_reduction(reduction)
    check_margin(name, margin)
    anchor, positive, negative = as_floats(anchor), as_floats(positive), as_floats(negative)
    check_same_shape(name, anchor, positive, ("anchor", "positive"))
    check_same_shape(name, anchor, negative, ("anchor", "negative"))
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ag.minimum(far, distance(positive, negative))
    return reduce(name, ag.relu(near - far + margin), reduction)

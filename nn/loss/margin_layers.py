"""Losses that ask for a margin, as modules: between classes, pairs and triplets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from nn.loss.classification_layers import WeightedLoss
from nn.loss.distance_layers import PairwiseDistance
from nn.loss.layers import Loss
from nn.loss.margins import (
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from nn.loss.pairs import (
    check_margin,
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)


class HingeEmbeddingLoss(Loss):
    """The input where the target is 1, max(0, margin - input) where it is -1.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    Source: Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping
    (2006).

    >>> import autograd as ag
    >>> import nn
    >>> nn.HingeEmbeddingLoss()(ag.Tensor([0.5, 0.25]), ag.Tensor([1, -1]))
    Tensor(0.625, dtype=float32)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return hinge_embedding_loss(input, target, self.margin, self.reduction)


class MarginRankingLoss(Loss):
    """max(0, margin - target·(input1 - input2)): target 1 ranks input1 higher, -1 input2.

    Shape: (*), (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> one, two = ag.Tensor([1.0, 3.0]), ag.Tensor([2.0, 1.0])
    >>> nn.MarginRankingLoss(margin=0.5)(one, two, ag.Tensor([1, 1]))
    Tensor(0.75, dtype=float32)
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: ArrayLike, input2: ArrayLike, target: ArrayLike) -> Tensor:
        return margin_ranking_loss(input1, input2, target, self.margin, self.reduction)


class SoftMarginLoss(Loss):
    """log(1 + exp(-target·input)), for targets 1 and -1.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.SoftMarginLoss()(ag.Tensor([0.0, 1000.0]), ag.Tensor([1, 1]))
    Tensor(0.3465736, dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return soft_margin_loss(input, target, self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """Binary cross-entropy with logits for each of several classes, and their mean.

    `weight` (C,) weighs the classes.

    Shape: (*, C) and (*, C) -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.MultiLabelSoftMarginLoss()(ag.Tensor([[0.0, 1000.0]]), ag.Tensor([[0, 1]]))
    Tensor(0.3465736, dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return multilabel_soft_margin_loss(input, target, self.weight, self.reduction)


class MultiMarginLoss(WeightedLoss):
    """The hinge loss of several classes; see `nn.functional.multi_margin_loss`.

    Shape: (N, C) and (N,) integers, or (C,) and () -> (), or (N,) with reduction "none".

    Source: Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector
    machines (2001).

    >>> import autograd as ag
    >>> import nn
    >>> nn.MultiMarginLoss()(ag.Tensor([[1.0, 1.5, 0.0]]), ag.Tensor([0]))
    Tensor(0.5, dtype=float32)
    """

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction)
        if p not in (1, 2):
            raise ArgumentError(f"MultiMarginLoss: p must be 1 or 2, got {p}")
        self.p = p
        self.margin = margin

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return multi_margin_loss(input, target, self.p, self.margin, self.weight, self.reduction)


class MultiLabelMarginLoss(Loss):
    """The hinge loss of several labels a row; see `nn.functional.multilabel_margin_loss`.

    Shape: (N, C) and (N, C) integers, or (C,) and (C,) -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> x, y = ag.Tensor([[0.1, 0.2, 0.4, 0.8]]), ag.Tensor([[3, 0, -1, 1]])
    >>> nn.MultiLabelMarginLoss()(x, y)
    Tensor(0.85, dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return multilabel_margin_loss(input, target, self.reduction)


class CosineEmbeddingLoss(Loss):
    """1 - cos of two vectors where the target is 1, max(0, cos - margin) where it is -1.

    Shape: (N, D), (N, D) and (N,), or (D,), (D,) and () -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> one, two = ag.Tensor([[1.0, 0.0]]), ag.Tensor([[3.0, 4.0]])
    >>> nn.CosineEmbeddingLoss()(one, two, ag.Tensor([-1]))
    Tensor(0.6, dtype=float32)
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: ArrayLike, input2: ArrayLike, target: ArrayLike) -> Tensor:
        return cosine_embedding_loss(input1, input2, target, self.margin, self.reduction)


class TripletMarginLoss(Loss):
    """max(0, ‖anchor - positive‖ₚ - ‖anchor - negative‖ₚ + margin).

    With `swap` the negative's distance is the smaller of those from the anchor and the positive.

    Shape: (N, D), (N, D) and (N, D), or (D,) three times -> (), or (N,) with reduction "none".

    Source: Balntas, Riba, Ponsa and Mikolajczyk, Learning local feature descriptors with triplets
    and shallow convolutional neural networks (2016).

    >>> import autograd as ag
    >>> import nn
    >>> a, b, c = ag.Tensor([[0.0]]), ag.Tensor([[2.0]]), ag.Tensor([[1.5]])
    >>> nn.TripletMarginLoss(eps=0.0)(a, b, c)
    Tensor(1.5, dtype=float32)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.margin = check_margin("TripletMarginLoss", margin)
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike) -> Tensor:
        return triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, self.reduction
        )


class TripletMarginWithDistanceLoss(Loss):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), for any distance d.

    `distance_function` takes two Tensors and gives their distances; without it PairwiseDistance.

    Shape: (N, *), (N, *) and (N, *), the same -> (), or (N,) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> a, b, c = ag.Tensor([[0.0]]), ag.Tensor([[2.0]]), ag.Tensor([[1.5]])
    >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(1, 0.0))
    >>> loss(a, b, c)
    Tensor(1.5, dtype=float32)
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.distance_function = distance_function or PairwiseDistance()
        self.margin = check_margin("TripletMarginWithDistanceLoss", margin)
        self.swap = swap

    def forward(self, anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike) -> Tensor:
        return triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )

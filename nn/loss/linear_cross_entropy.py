"""A last layer and its loss in one module."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import autograd as ag
from autograd import Tensor
from autograd.extend import ArrayLike
from nn.linear.layers import Linear
from nn.loss.classification_layers import WeightedLoss
from nn.loss.cross_entropy import linear_cross_entropy
from nn.module.hooks import compute_attributes

if TYPE_CHECKING:
    import numpy.typing as npt


class LinearCrossEntropyLoss(WeightedLoss):
    """Cross-entropy of the scores of a linear layer, which is part of the loss.

    `linear` scores num_classes classes, for each of the places `out_features` = (d1, ...) if there
    are any; the other options are those of CrossEntropyLoss.

    Shape: (N, in_features) and (N, d1, ...) integers or (N, num_classes, d1, ...) probabilities
    -> (), or (N, d1, ...) with reduction "none"; without places also (in_features,) and ().

    >>> import autograd as ag
    >>> import nn
    >>> loss = nn.LinearCrossEntropyLoss(4, 3, rng=0)
    >>> loss(ag.zeros((2, 4)), ag.Tensor([0, 2])).round(4).detach()
    Tensor(1.0986, dtype=float32)
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        dtype: npt.DTypeLike | None = None,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        rng: Any = None,
    ) -> None:
        super().__init__(weight, reduction)
        self.num_classes = num_classes
        self.out_features = tuple(out_features)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        scores = math.prod(self.out_features, start=num_classes)
        self.linear = Linear(in_features, scores, bias=bias, dtype=dtype, rng=rng)

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        compute_attributes(self.linear)
        places = (self.num_classes, *self.out_features)
        return linear_cross_entropy(
            input,
            ag.reshape(self.linear.weight, (*places, self.linear.in_features)),
            target,
            linear_bias=self.linear.bias,
            weight=self.weight,
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )

    def extra_repr(self) -> str:
        return (
            f"in_features={self.linear.in_features}, num_classes={self.num_classes}, "
            f"out_features={self.out_features}, bias={self.linear.bias is not None}, "
            f"reduction={self.reduction}, ignore_index={self.ignore_index}, "
            f"label_smoothing={self.label_smoothing}, options=None"
        )

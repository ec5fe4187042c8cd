"""Losses of classes and labels, as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.loss.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    sparse_categorical_cross_entropy,
)
from nn.loss.cross_entropy import cross_entropy
from nn.loss.ctc import ctc_loss
from nn.loss.layers import Loss
from nn.loss.nll import nll_loss


def _own(weight: Any) -> Tensor | None:
    """A Tensor as it is, and numbers of the user's as one that has them for itself."""
    return weight if weight is None or isinstance(weight, Tensor) else Tensor(weight)


class WeightedLoss(Loss):
    """A loss with a weight, which is a buffer: it moves with the module and is saved with it."""

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", _own(weight))


class CrossEntropyLoss(WeightedLoss):
    """-log softmax of the logits (N, C, ...) at the labels; see `nn.functional.cross_entropy`.

    Shape: (N, C, *) and (N, *) integers or (N, C, *) probabilities -> (), or (N, *) with reduction
    "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.CrossEntropyLoss()(ag.Tensor([[0.0, 0.0]]), ag.Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class NLLLoss(WeightedLoss):
    """Minus the log-probabilities (N, C, ...) at the labels: cross-entropy after log_softmax.

    Shape: (N, C, *) and (N, *) integers -> (), or (N, *) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.NLLLoss()(ag.log(ag.Tensor([[0.25, 0.75]])), ag.Tensor([0]))
    Tensor(1.3862944, dtype=float32)
    """

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class BCELoss(WeightedLoss):
    """Binary cross-entropy of probabilities; after a sigmoid, BCEWithLogitsLoss is better.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.BCELoss()(ag.Tensor([0.5, 0.5]), ag.Tensor([1.0, 0.0]))
    Tensor(0.6931472, dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """Binary cross-entropy of logits, exact where their sigmoid rounds to 0 or 1.

    `pos_weight` weighs the part of target 1, `weight` all of it.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.BCEWithLogitsLoss()(ag.Tensor([0.0, 1000.0]), ag.Tensor([1.0, 1.0]))
    Tensor(0.3465736, dtype=float32)
    """

    pos_weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(weight, reduction)
        self.register_buffer("pos_weight", _own(pos_weight))

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return binary_cross_entropy_with_logits(
            input, target, self.weight, self.reduction, self.pos_weight
        )


class CategoricalCrossEntropy(Loss):
    """-Σ target·log input of probabilities over classes, as in Keras; the target is one-hot.

    It follows a softmax, and refuses logits, for which there is CrossEntropyLoss. The classes lie
    along `dim`; probabilities are clipped to [eps, 1 - eps].

    Shape: (*, C) and (*, C) -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.CategoricalCrossEntropy()(ag.Tensor([[0.5, 0.5]]), ag.Tensor([[0, 1]]))
    Tensor(0.6931472, dtype=float32)
    """

    def __init__(
        self,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
        dim: int = -1,
        eps: float = 1e-7,
    ) -> None:
        super().__init__(reduction)
        self.label_smoothing = label_smoothing
        self.dim = dim
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return categorical_cross_entropy(
            input, target, self.reduction, self.label_smoothing, self.dim, self.eps
        )


class SparseCategoricalCrossEntropy(Loss):
    """-log of the probabilities over classes at the labels, as in Keras.

    It follows a softmax, and refuses logits, for which there is CrossEntropyLoss. The classes lie
    along `dim`; probabilities are clipped to [eps, 1 - eps].

    Shape: (*, C) and (*) integers -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.SparseCategoricalCrossEntropy()(ag.Tensor([[0.5, 0.5]]), ag.Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """

    def __init__(self, reduction: str = "mean", dim: int = -1, eps: float = 1e-7) -> None:
        super().__init__(reduction)
        self.dim = dim
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return sparse_categorical_cross_entropy(input, target, self.reduction, self.dim, self.eps)


class CTCLoss(Loss):
    """-log of the probability of a sequence of labels under all its alignments with the input.

    `blank` is the class between labels. A loss is infinite where the input is too short for its
    labels, or 0 with `zero_infinity`; see `nn.functional.ctc_loss` for the forms of the targets.

    Shape: (T, N, C), (N, S) or (ΣS,), (N,) and (N,), or (T, C), (S,), () and () -> (), or (N,) with
    reduction "none".

    Source: Graves, Fernández, Gomez and Schmidhuber, Connectionist temporal classification (2006).

    >>> import autograd as ag
    >>> import nn
    >>> even = ag.log(ag.full((2, 1, 2), 0.5))
    >>> nn.CTCLoss()(even, ag.Tensor([[1]]), [2], [1])
    Tensor(0.2876821, dtype=float32)
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(
        self,
        log_probs: ArrayLike,
        targets: ArrayLike,
        input_lengths: ArrayLike,
        target_lengths: ArrayLike,
    ) -> Tensor:
        return ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )

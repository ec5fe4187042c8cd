"""Losses of numbers and of distributions, as modules, and what all losses share."""

from __future__ import annotations

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.loss.divergence import gaussian_nll_loss, kl_div, poisson_nll_loss
from nn.loss.reduction import REDUCTIONS, check_reduction
from nn.loss.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from nn.module.checks import check_choice
from nn.module.module import Module


class Loss(Module):
    """A module that compares, and reduces what it finds: "mean", "sum" or "none"."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = check_reduction(reduction)


class L1Loss(Loss):
    """The mean (or sum, or none) of |input - target|; shapes must be the same.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.L1Loss()(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(1., dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return l1_loss(input, target, self.reduction)


class MSELoss(Loss):
    """The mean (or sum, or none) of the squared differences; shapes must be the same.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.MSELoss()(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(2., dtype=float32)
    """

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return mse_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """Squares below `beta`, a straight line of slope 1 above it; see `smooth_l1_loss`.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    Source: Girshick, Fast R-CNN (2015).

    >>> import autograd as ag
    >>> import nn
    >>> nn.SmoothL1Loss()(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(0.75, dtype=float32)
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """Half squares below `delta`, a straight line of slope `delta` above it.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    Source: Huber, Robust estimation of a location parameter (1964).

    >>> import autograd as ag
    >>> import nn
    >>> nn.HuberLoss(delta=0.5)(ag.Tensor([1.0, 4.0]), ag.Tensor([1.0, 2.0]))
    Tensor(0.4375, dtype=float32)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return huber_loss(input, target, self.reduction, self.delta)


class KLDivLoss(Loss):
    """target·(log target - input): the divergence of the target from exp(input).

    `input` holds log-probabilities, `target` probabilities or, with `log_target`, their logarithms.
    The reduction "batchmean" gives the divergence per row; "mean" divides by all elements.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    Source: Kullback and Leibler, On information and sufficiency (1951).

    >>> import autograd as ag
    >>> import nn
    >>> logs = ag.log(ag.Tensor([[0.5, 0.5]]))
    >>> nn.KLDivLoss("batchmean")(logs, ag.Tensor([[1.0, 0.0]]))
    Tensor(0.6931472, dtype=float32)
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__()
        self.reduction = check_choice("reduction", reduction, (*REDUCTIONS, "batchmean"))
        self.log_target = log_target

    def forward(self, input: ArrayLike, target: ArrayLike) -> Tensor:
        return kl_div(input, target, self.reduction, self.log_target)


class PoissonNLLLoss(Loss):
    """-log of the Poisson probability of a count; see `nn.functional.poisson_nll_loss`.

    `input` is the logarithm of the expected count, or the count itself with log_input=False. `full`
    adds Stirling's approximation of log target!.

    Shape: (*) and (*), the same -> (), or (*) with reduction "none".

    >>> import autograd as ag
    >>> import nn
    >>> nn.PoissonNLLLoss()(ag.Tensor([0.0, 0.0]), ag.Tensor([0.0, 5.0]))
    Tensor(1., dtype=float32)
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: ArrayLike, target: ArrayLike) -> Tensor:
        return poisson_nll_loss(
            log_input, target, self.log_input, self.full, self.eps, self.reduction
        )


class GaussianNLLLoss(Loss):
    """-log of a normal density with a variance for each element; see `gaussian_nll_loss`.

    A variance below `eps` counts as eps. `full` adds the constant ½·log 2π.

    Shape: (*), (*) and (*), the same, or the variance without or with length 1 in its last axis
    -> (), or (*) with reduction "none".

    Source: Nix and Weigend, Estimating the mean and variance of the target probability
    distribution (1994).

    >>> import autograd as ag
    >>> import nn
    >>> nn.GaussianNLLLoss()(ag.Tensor([1.0]), ag.Tensor([3.0]), ag.Tensor([1.0]))
    Tensor(2., dtype=float32)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: ArrayLike, target: ArrayLike, var: ArrayLike) -> Tensor:
        return gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)

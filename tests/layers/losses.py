"""Losses of numbers and of distributions: their inputs are a prediction and a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case

REDUCE = {"mean": np.mean, "sum": np.sum, "none": np.asarray}


def reduced(f: Callable[..., float]) -> Callable[..., Any]:
    """A reference from the loss of one element, f(layer, x, target, ...)."""

    def reference(layer: Any, *inputs: Any) -> Any:
        losses = np.vectorize(lambda *xs: f(layer, *xs), otypes=[float])(*inputs)
        if layer.reduction == "batchmean":
            return np.sum(losses) / len(losses)
        return REDUCE[layer.reduction](losses)

    return reference


def batch_of(options: dict[str, Any]) -> int | None:
    """The axis of the batch; the mean over nothing is refused."""
    return 0 if options.get("reduction", "mean") in ("sum", "none") else None


def loss(name: str, reference: Any, inputs: Callable[[], Any], *args: Any, **options: Any) -> Case:
    """A row; it may have an empty batch unless it takes a mean."""
    options.setdefault("batch", batch_of(options))
    return case(name, inputs=inputs, reference=reference, **options)


def numbers() -> list[Any]:
    return [draw(3, 2), draw(3, 2, seed="target")]


def off_the_seams() -> list[Any]:
    """Differences that stay away from 0, ±0.5 and ±1."""
    target = draw(3, 2, seed="target")
    return [target + draw(3, 2, away_from=(-1.0, -0.5, 0.0, 0.5, 1.0)), target]


def huber(layer: Any, x: float, target: float) -> float:
    d = abs(x - target)
    return d**2 / 2 if d < layer.delta else layer.delta * (d - layer.delta / 2)


def smooth_l1(layer: Any, x: float, target: float) -> float:
    d = abs(x - target)
    return d**2 / (2 * layer.beta) if d < layer.beta else d - layer.beta / 2


REGRESSION = [
    row
    for reduction in ("mean", "sum", "none")
    for row in (
        loss("L1Loss", reduced(lambda _, x, t: abs(x - t)), off_the_seams, reduction=reduction),
        loss("MSELoss", reduced(lambda _, x, t: (x - t) ** 2), numbers, reduction=reduction),
        loss("SmoothL1Loss", reduced(smooth_l1), off_the_seams, reduction=reduction),
        loss("HuberLoss", reduced(huber), off_the_seams, reduction=reduction),
    )
]
REGRESSION += [
    loss("SmoothL1Loss", reduced(smooth_l1), off_the_seams, beta=0.5),
    loss("SmoothL1Loss", reduced(lambda _, x, t: abs(x - t)), off_the_seams, beta=0.0),
    loss("HuberLoss", reduced(huber), off_the_seams, delta=0.5),
    loss("MSELoss", reduced(lambda _, x, t: (x - t) ** 2), lambda: [draw(), draw(seed="target")],
         label="MSELoss of scalars"),
]  # fmt: skip


# ---- distributions -------------------------------------------------------------------------------


def probabilities(*shape: int, seed: Any = 0) -> Any:
    """Rows that sum to 1."""
    powers = np.exp(draw(*shape, seed=seed))
    return powers / powers.sum(axis=-1, keepdims=True)


def two_distributions() -> list[Any]:
    return [np.log(probabilities(2, 3)), probabilities(2, 3, seed="target")]


def two_log_distributions() -> list[Any]:
    return [np.log(p) for p in (probabilities(2, 3), probabilities(2, 3, seed="target"))]


def with_zeros() -> list[Any]:
    return [np.log(probabilities(2, 3)), np.eye(3)[[0, 2]]]


def kl_div(layer: Any, x: float, target: float) -> float:
    if layer.log_target:
        return math.exp(target) * (target - x)
    return target * (math.log(target) - x) if target else 0.0


def poisson(layer: Any, x: float, target: float) -> float:
    rate, log_rate = (math.exp(x), x) if layer.log_input else (x, math.log(x + layer.eps))
    stirling = 0.0
    if layer.full and target > 1:
        stirling = target * math.log(target) - target + math.log(2 * math.pi * target) / 2
    return rate - target * log_rate + stirling


def counts() -> list[Any]:
    return [draw(2, 3), np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 5.0]])]


def rates() -> list[Any]:
    return [draw(2, 3, low=0.2, high=3.0), counts()[1]]


def gaussian(layer: Any, x: float, target: float, var: float) -> float:
    var = max(var, layer.eps)
    constant = math.log(2 * math.pi) / 2 if layer.full else 0.0
    return (math.log(var) + (x - target) ** 2 / var) / 2 + constant


def gaussian_by_rows(layer: Any, x: Any, target: Any, var: Any) -> Any:
    return reduced(gaussian)(layer, x, target, np.reshape(var, (len(x), 1)))


def variances(*shape: int) -> Callable[[], list[Any]]:
    return lambda: [*numbers(), draw(*shape, low=0.3, high=2.0, seed="var")]


DISTRIBUTIONS = [
    *(loss("KLDivLoss", reduced(kl_div), two_distributions, reduction=reduction)
      for reduction in ("mean", "sum", "none", "batchmean")),
    loss("KLDivLoss", reduced(kl_div), with_zeros, wrt=(0,), label="KLDivLoss of zeros"),
    loss("KLDivLoss", reduced(kl_div), two_log_distributions, log_target=True),
    loss("KLDivLoss", reduced(kl_div), two_log_distributions, log_target=True,
         reduction="batchmean"),
    *(loss("PoissonNLLLoss", reduced(poisson), counts, reduction=reduction)
      for reduction in ("mean", "none")),
    loss("PoissonNLLLoss", reduced(poisson), counts, full=True, wrt=(0,)),
    loss("PoissonNLLLoss", reduced(poisson), rates, log_input=False, full=True, wrt=(0,)),
    loss("PoissonNLLLoss", reduced(poisson), rates, log_input=False, eps=0.1),
    *(loss("GaussianNLLLoss", reduced(gaussian), variances(3, 2), reduction=reduction)
      for reduction in ("mean", "none")),
    loss("GaussianNLLLoss", reduced(gaussian), variances(3, 2), full=True),
    loss("GaussianNLLLoss", reduced(gaussian), variances(3, 2), eps=0.01),
    loss("GaussianNLLLoss", gaussian_by_rows, variances(3), reduction="none", label="var of rows"),
    loss("GaussianNLLLoss", gaussian_by_rows, variances(3, 1), reduction="sum", label="var (N, 1)"),
    loss("GaussianNLLLoss", reduced(gaussian), variances(1, 2), batch=None, label="var of columns"),
]  # fmt: skip

CASES = [*REGRESSION, *DISTRIBUTIONS]

"""Losses beside PyTorch where the table does not reach: weights, extremes, functions alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograd import Tensor
from autograd.engine.samples import draw
from nn import functional as F
from tests.differential.compare import agree, to_torch

CERTAIN = np.array([0.0, 1.0, 0.0, 1.0, 1e-14, 0.5])
HARD = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.25])
LARGE = np.array([1e4, -1e4, 40.0, -40.0, 0.0, 700.0])
MASKED = np.array([[0.5, -np.inf, 1.0], [-np.inf, -np.inf, 2.0]])
TINY = np.array([0.0, 1e-9, 0.5])

Call = Callable[..., Any]
CALLS: list[tuple[str, Call, list[Any]]] = [
    *((f"{name}, weights, {reduction}",
       lambda f, x, y, w, name=name, reduction=reduction: getattr(f, name)(
           x, y, weight=w, reduction=reduction),
       [draw(4, 3), draw(4, 3, seed="y"), draw(4, 3, low=0.2, high=2.0, seed="w")])
      for name in ("l1_loss", "mse_loss", "huber_loss") for reduction in ("mean", "sum", "none")),
    *((f"pdist {p}", lambda f, x, p=p: f.pdist(x, p), [draw(5, 3)])
      for p in (0.0, 1.0, 1.5, 2.0, 3.0, float("inf"))),
    ("pdist of equal rows", lambda f, x: f.pdist(x), [np.ones((3, 2))]),
    ("large logits", lambda f, x: f.binary_cross_entropy_with_logits(
        x, like(f, HARD), reduction="none"), [LARGE]),
    ("large logits, weighted", lambda f, x: f.binary_cross_entropy_with_logits(
        x, like(f, HARD), reduction="none", pos_weight=like(f, np.array(3.0))), [LARGE]),
    ("masked logits", lambda f, x: f.cross_entropy(x, like(f, np.array([2, 2]))), [MASKED]),
    ("a number as variance", lambda f, x, y: f.gaussian_nll_loss(x, y, 0.3),
     [draw(3), draw(3, seed="y")]),
    ("variances below eps", lambda f, x, v: f.gaussian_nll_loss(x, x * 0.5, v, reduction="none"),
     [draw(3), TINY]),
    ("divergence from a certain target", lambda f, x, y: f.kl_div(x, y, reduction="sum"),
     [draw(2, 3, low=-3.0, high=-0.1), np.array([[0.2, 0.8, 1.0], [0.5, 0.1, 0.4]])]),
    ("small Poisson rates", lambda f, x: f.poisson_nll_loss(
        x, like(f, np.array([0.0, 1.0, 3.0])), log_input=False, full=True), [TINY]),
    ("a vector of zeros", lambda f, x, y: f.cosine_similarity(x, y, 0, 0.5),
     [np.zeros(3), draw(3)]),
    ("distance of equal vectors", lambda f, x: f.pairwise_distance(x, x * 1.0), [draw(2, 3)]),
    ("cosine of scaled vectors", lambda f, x: f.cosine_embedding_loss(
        x, 2 * x, like(f, np.array([1.0, -1.0])), margin=0.2), [draw(2, 3)]),
]  # fmt: skip


def like(f: Any, array: Any) -> Any:
    """An array as a tensor of the library whose functional module is f."""
    return Tensor(array) if f is F else to_torch(array)


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize(("call", "arrays"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_value_and_gradients_are_pytorchs(call: Call, arrays: list[Any]) -> None:
    ours = [Tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    found, wanted = call(F, *ours), call(torch.nn.functional, *theirs)
    agree(found.detach(), wanted, "value")
    found.sum().backward()
    wanted.sum().backward()
    for number, (x, t) in enumerate(zip(ours, theirs, strict=True)):
        agree(x.grad, t.grad, f"gradient of input {number}")


def test_the_loss_of_certain_probabilities_is_pytorchs() -> None:
    """Not the gradient: where input and target are both 0, PyTorch's is 0 and ours the slope 1."""
    found = F.binary_cross_entropy(Tensor(CERTAIN), Tensor(HARD), reduction="none")
    wanted = torch.nn.functional.binary_cross_entropy(
        torch.tensor(CERTAIN), torch.tensor(HARD), reduction="none"
    )
    agree(found, wanted, "value")

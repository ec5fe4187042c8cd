"""Distances and similarities of vectors, as modules."""

from __future__ import annotations

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.loss.distance import cosine_similarity, pairwise_distance
from nn.module.module import Module


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along the axis `dim`.

    Shape: (*, D, *) and (*, D, *), which broadcast, with D at `dim` -> (*, *).

    >>> import autograd as ag
    >>> import nn
    >>> nn.CosineSimilarity()(ag.Tensor([[3.0, 4.0]]), ag.Tensor([[2.0, 0.0]]))
    Tensor([0.6], dtype=float32)
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: ArrayLike, x2: ArrayLike) -> Tensor:
        return cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """‖x1 - x2 + eps‖ₚ, row by row.

    Shape: (N, D) and (N, D), or (D,) and (D,), which broadcast -> (N,) or (), with `keepdim` (N, 1)
    or (1,).

    >>> import autograd as ag
    >>> import nn
    >>> nn.PairwiseDistance(eps=0.0)(ag.Tensor([[3.0, 4.0]]), ag.Tensor([[0.0, 0.0]]))
    Tensor([5.], dtype=float32)
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p  # the name it has in PyTorch
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: ArrayLike, x2: ArrayLike) -> Tensor:
        return pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

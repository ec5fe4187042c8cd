"""Local response normalisation as a module."""

from __future__ import annotations

from autograd import Tensor
from autograd.extend import ArrayLike
from nn.module.module import Module
from nn.normalization.response_norm import local_response_norm


class LocalResponseNorm(Module):
    """x / (k + alpha·m)^beta, where m is the mean of x² over `size` neighbouring channels.

    Shape: (N, C, *) -> (N, C, *).

    Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks (2012).

    >>> import autograd as ag
    >>> import nn
    >>> nn.LocalResponseNorm(2, alpha=2.0, beta=1.0)(ag.Tensor([[[1.0], [2.0]]]))
    Tensor([[[0.5       ],
             [0.33333334]]], dtype=float32)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: ArrayLike) -> Tensor:
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"

"""Activations along an axis: softmax and its kin, gated and maxout units."""

from __future__ import annotations

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ShapeError
from autograd.extend import ArrayLike
from nn.activation.softmax import glu, log_softmax, maxout, softmax, softmin
from nn.loss.reduction import as_floats
from nn.module.module import Module


class Softmax(Module):
    """exp(x) / Σ exp(x) along an axis: positive weights that sum to 1.

    Without `dim` it is the last axis, for an input of at most two; with more it must be given.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softmax(dim=-1)(ag.Tensor([1.0, 1.0]))
    Tensor([0.5, 0.5], dtype=float32)
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: ArrayLike) -> Tensor:
        return softmax(x, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """log softmax(x) along an axis, accurate also where the softmax is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.LogSoftmax(dim=-1)(ag.Tensor([0.0, 1000.0]))
    Tensor([-1000.,     0.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return log_softmax(x, self.dim)


class Softmin(Softmax):
    """softmax(-x) along an axis: the smallest element gets the largest weight.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softmin(dim=-1)(ag.Tensor([0.0, 1000.0]))
    Tensor([1., 0.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return softmin(x, self.dim)


class Softmax2d(Module):
    """The softmax over the channels, at every place of an image.

    Shape: (N, C, H, W) or (C, H, W) -> the same.

    >>> import numpy as np
    >>> import autograd as ag
    >>> import nn
    >>> nn.Softmax2d()(ag.Tensor(np.zeros((2, 1, 1), "float32"))).tolist()
    [[[0.5]], [[0.5]]]
    """

    def forward(self, x: ArrayLike) -> Tensor:
        if np.ndim(x) not in (3, 4):
            raise ShapeError(
                f"Softmax2d: the input must be (N, C, H, W) or (C, H, W), got {np.shape(x)}{here()}"
            )
        return ag.softmax(as_floats(x), -3)


class GLU(Module):
    """The first half of an axis times the sigmoid of the second: a gated linear unit.

    Source: Dauphin, Fan, Auli and Grangier, Language modeling with gated convolutional networks
    (2017).

    Shape: (..., 2·N, ...) -> (..., N, ...), by default along the last axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.GLU()(ag.Tensor([1.0, 2.0, 0.0, 1000.0]))
    Tensor([0.5, 2. ], dtype=float32)
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: ArrayLike) -> Tensor:
        return glu(as_floats(x), self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Maxout(Module):
    """The largest of every `num_pieces` neighbours along an axis.

    After `nn.Linear(n, m * num_pieces)` it is a layer of m maxout units, which learn convex
    functions piece by piece.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, Maxout networks (2013).

    Shape: (..., M·num_pieces, ...) -> (..., M, ...), by default along the last axis.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Maxout(2)(ag.Tensor([1.0, 5.0, 3.0, 2.0]))
    Tensor([5., 3.], dtype=float32)
    """

    def __init__(self, num_pieces: int, dim: int = -1) -> None:
        super().__init__()
        self.num_pieces = num_pieces
        self.dim = dim

    def forward(self, x: ArrayLike) -> Tensor:
        return maxout(x, self.num_pieces, self.dim)

    def extra_repr(self) -> str:
        return f"num_pieces={self.num_pieces}, dim={self.dim}"

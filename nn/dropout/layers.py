"""Dropout as modules: random zeros in training, nothing in evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autograd import Tensor
from autograd.engine.ranges import Probability
from autograd.extend import ArrayLike
from nn.dropout.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from nn.module.module import Module


class _Dropout(Module):
    """What all of them share."""

    _function: ClassVar[Callable[..., Any]]

    def __init__(self, p: Probability = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = p
        self.inplace = inplace

    def forward(self, input: ArrayLike) -> Tensor:
        return type(self)._function(input, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training zero for each element with probability p, else the element by 1 − p.

    Shape: (*) -> (*), any shape.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting (2014).

    >>> import autograd as ag
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> dropout = nn.Dropout(0.5)
    >>> dropout(ag.Tensor([1.0, 1.0, 1.0, 1.0]))
    Tensor([2., 0., 0., 0.], dtype=float32)
    >>> dropout.eval()(ag.Tensor([1.0, 1.0]))
    Tensor([1., 1.], dtype=float32)
    """

    _function = staticmethod(dropout)


class Dropout1d(_Dropout):
    """Dropout of whole channels: all places of one are zero together.

    Shape: (N, C, L) -> (N, C, L), or (C, L) -> (C, L).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using
    convolutional networks (2015).

    >>> import autograd as ag
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> nn.Dropout1d(0.5)(ag.Tensor([[1.0, 1.0], [1.0, 1.0]]))
    Tensor([[2., 2.],
            [0., 0.]], dtype=float32)
    """

    _function = staticmethod(dropout1d)


class Dropout2d(_Dropout):
    """Dropout of whole channels: all places of one are zero together.

    Three axes are taken for (N, C, L), as in PyTorch.

    Shape: (N, C, H, W) -> (N, C, H, W), or (N, C, L) -> (N, C, L).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using
    convolutional networks (2015).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> nn.Dropout2d(0.5)(ag.Tensor(np.ones((1, 2, 1, 2), "float32")))
    Tensor([[[[2., 2.]],
    <BLANKLINE>
             [[0., 0.]]]], dtype=float32)
    """

    _function = staticmethod(dropout2d)


class Dropout3d(_Dropout):
    """Dropout of whole channels: all places of one are zero together.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), or (C, D, H, W) -> (C, D, H, W).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using
    convolutional networks (2015).

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> nn.Dropout3d(0.5)(ag.Tensor(np.ones((2, 1, 1, 2), "float32")))
    Tensor([[[[2., 2.]]],
    <BLANKLINE>
    <BLANKLINE>
            [[[0., 0.]]]], dtype=float32)
    """

    _function = staticmethod(dropout3d)


class AlphaDropout(_Dropout):
    """Dropout for SELU: dropped elements get SELU's lowest value; mean 0 and variance 1 stay so.

    Shape: (*) -> (*), any shape.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).

    >>> import autograd as ag
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> nn.AlphaDropout(0.5)(ag.Tensor([0.0, 0.0]))
    Tensor([ 0.77919394, -0.77919394], dtype=float32)
    """

    _function = staticmethod(alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels.

    Shape: (N, C, *) -> (N, C, *).

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).

    >>> import autograd as ag
    >>> import nn
    >>> _ = nn.manual_seed(2)
    >>> nn.FeatureAlphaDropout(0.5)(ag.Tensor([[[0.0, 0.0], [0.0, 0.0]]]))
    Tensor([[[ 0.77919394,  0.77919394],
             [-0.77919394, -0.77919394]]], dtype=float32)
    """

    _function = staticmethod(feature_alpha_dropout)

"""Weights with a structure: the identity, orthogonal and sparse matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError
from autograd.random import generator
from nn.init.fill import check_floating, fill


def _check_matrix(name: str, tensor: Tensor) -> None:
    if tensor.ndim != 2:
        raise ShapeError(f"{name} fills a matrix (out, in), got shape {tensor.shape}")


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity: as many inputs as fit go through unchanged.

    Shape: (M, N); others raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.eye_(ag.zeros((2, 3)))
    Tensor([[1., 0., 0.],
            [0., 1., 0.]], dtype=float32)
    """
    _check_matrix("eye_", tensor)
    return fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution with Dirac's delta: channels go through unchanged.

    A 1 stands in the middle of as many kernels as channels fit, in each of the groups.

    Shape: (out, in, *), of 3 to 5 axes.

    >>> import autograd as ag
    >>> import nn
    >>> nn.init.dirac_(ag.zeros((2, 1, 3)), groups=2)
    Tensor([[[0., 1., 0.]],
    <BLANKLINE>
            [[0., 1., 0.]]], dtype=float32)
    """
    if tensor.ndim not in (3, 4, 5):
        raise ShapeError(
            f"dirac_ fills the weight of a convolution, of 3 to 5 axes, got shape {tensor.shape}"
        )
    if groups < 1 or tensor.shape[0] % groups:
        raise ArgumentError(
            f"dirac_: {groups} groups do not divide the {tensor.shape[0]} output channels of a "
            f"weight {tensor.shape}"
        )
    per_group = tensor.shape[0] // groups
    channels = np.arange(min(per_group, tensor.shape[1]))
    rows = per_group * np.arange(groups)[:, None] + channels
    places: tuple[Any, ...] = (rows, channels, *(length // 2 for length in tensor.shape[2:]))
    values = np.zeros(tensor.shape)
    values[places] = 1
    return fill(tensor, values)


def orthogonal_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with a random matrix of orthonormal rows or columns, whichever are fewer, times gain.

    A weight of more than two axes is seen as (out, in · ...). All such matrices are equally likely.

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks (2014).

    Shape: (out, in, *); fewer than two axes raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.orthogonal_(ag.zeros((2, 3)), rng=0)
    >>> bool(abs(w @ w.mT - ag.eye(2)).max() < 1e-6)
    True
    """
    check_floating("orthogonal_", tensor)
    if tensor.ndim < 2:
        raise ShapeError(f"orthogonal_ needs a weight of shape (out, in, ...), got {tensor.shape}")
    if not tensor.size:
        return tensor
    shape = (tensor.shape[0], tensor.size // tensor.shape[0])
    q, r = np.linalg.qr(generator(rng).standard_normal((max(shape), min(shape))))
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # or Householder's signs would bias the draw
    matrix = q if shape[0] >= shape[1] else q.T
    return fill(tensor, gain * matrix.reshape(tensor.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, rng: Any = None) -> Tensor:
    """Fill a matrix with normal draws, and that part of each column, rounded up, with zeros.

    `sparsity` is that part; the draws have the standard deviation `std`.

    Source: Martens, Deep learning via Hessian-free optimization (2010).

    Shape: (M, N); others raise ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> w = nn.init.sparse_(ag.zeros((4, 2)), 0.5, rng=0)
    >>> (w.numpy() == 0).sum(axis=0).tolist()
    [2, 2]
    """
    check_floating("sparse_", tensor)
    _check_matrix("sparse_", tensor)
    draws = generator(rng)
    values = draws.normal(0.0, std, tensor.shape)
    order = np.argsort(draws.random(tensor.shape), axis=0)
    np.put_along_axis(values, order[: math.ceil(sparsity * tensor.shape[0])], 0.0, axis=0)
    return fill(tensor, values)

"""Distances and similarities of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import for_reals, here
from autograd.engine.dtypes import in_single
from autograd.errors import ArgumentError, ShapeError
from nn.loss.reduction import as_floats


@checked
@in_single
@for_reals
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1·x2 / (‖x1‖ ‖x2‖) along an axis: the cosine of the angle between the vectors.

    The two broadcast, and `dim` is an axis of what they broadcast to. A norm below `eps` counts as
    eps, so that a vector of zeros gives 0.

    Shape: (*, D, *) and (*, D, *), which broadcast, with D at `dim` -> (*, *).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.cosine_similarity(ag.Tensor([3.0, 4.0]), ag.Tensor([2.0, 0.0]), dim=0)
    Tensor(0.6, dtype=float32)
    """
    x1, x2 = _vectors_along(dim, as_floats(x1), as_floats(x2))
    first = ag.maximum(ag.linalg.vector_norm(x1, axis=dim, keepdims=True), eps)
    second = ag.maximum(ag.linalg.vector_norm(x2, axis=dim), eps)
    return ag.sum(x1 / first * x2, axis=dim) / second  # no product may overflow


def _vectors_along(dim: int, *xs: Any) -> list[Any]:
    """Tensors broadcast along one axis alone: each has whole vectors, and no vector comes twice."""
    if xs[0].shape == xs[1].shape:
        return list(xs)
    try:
        shape = np.broadcast_shapes(*(x.shape for x in xs))
    except ValueError:
        shapes = " and ".join(str(x.shape) for x in xs)
        raise ShapeError(f"cosine_similarity: {shapes} do not broadcast{here()}") from None
    if not -len(shape) <= dim < len(shape):
        raise ShapeError(f"cosine_similarity: there is no axis {dim} in {shape}{here()}")
    found = []
    for x in xs:
        wanted = [1] * (len(shape) - x.ndim) + list(x.shape)
        wanted[dim] = shape[dim]
        found.append(x if x.shape == tuple(wanted) else ag.broadcast_to(x, tuple(wanted)))
    return found


@checked
@in_single
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """‖x1 - x2 + eps‖ₚ along the last axis, row by row; the two broadcast.

    `p` is the order of the norm. `eps` keeps the distance of equal vectors off 0, where the root
    has no derivative.

    Shape: (N, D) and (N, D), or (D,) and (D,), which broadcast -> (N,) or (), with `keepdim` (N, 1)
    or (1,).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pairwise_distance(ag.Tensor([[3.0, 4.0]]), ag.Tensor([[0.0, 0.0]]), eps=0.0)
    Tensor([5.], dtype=float32)
    """
    difference = as_floats(x1) - as_floats(x2) + eps
    return ag.linalg.vector_norm(difference, axis=-1, keepdims=keepdim, ord=p)


@checked
@in_single
def pdist(input: Any, p: float = 2.0) -> Tensor:
    """The distances ‖xᵢ - xⱼ‖ₚ of all pairs of rows, i < j.

    In the order (0, 1), (0, 2), ..., (1, 2), ...; equal rows have the gradient 0. `p` is the order
    of the norm.

    Shape: (N, M) -> (N·(N - 1)/2,).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.pdist(ag.Tensor([[0.0], [1.0], [3.0]]))
    Tensor([1., 3., 2.], dtype=float32)
    """
    input = as_floats(input)
    if input.ndim != 2:
        raise ShapeError(f"pdist: input must be (N, M), rows of vectors, got {input.shape}{here()}")
    if p < 0:
        raise ArgumentError(f"pdist: p must not be negative, got {p}{here()}")
    first, second = np.triu_indices(input.shape[0], 1)
    difference = ag.take(input, first, axis=0) - ag.take(input, second, axis=0)
    return ag.linalg.vector_norm(difference, axis=-1, ord=p)

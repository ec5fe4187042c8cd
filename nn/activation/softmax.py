"""Activations along an axis, and what turns labels and vectors into their like, as functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.dtypes import in_single
from autograd.engine.generators import draw
from autograd.engine.trail import computed
from autograd.errors import ArgumentError, DTypeError, ShapeError
from nn.loss.reduction import as_floats, as_tensor

if TYPE_CHECKING:
    import numpy.typing as npt


def _along(name: str, input: Any, dim: int | None, dtype: npt.DTypeLike | None) -> tuple[Any, int]:
    """The input in a dtype, and the axis: None is the last one of at most two."""
    input = as_floats(input)
    if dtype is not None:
        input = ag.astype(input, dtype)
        if input.dtype.kind not in "fc":
            raise DTypeError(f"{name}: dtype must be floating, not {input.dtype}{here()}")
    if dim is None:
        if np.ndim(input) > 2:
            raise ArgumentError(
                f"{name}: over which axis of {np.shape(input)}? Give dim, for example dim=1 for "
                f"the channels of (N, C, ...), or dim=-1 for the last axis.{here()}"
            )
        dim = -1
    return input, dim


@checked
def softmax(input: Any, dim: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """exp(x) / Σ exp(x) along an axis: positive weights that sum to 1.

    Without `dim` it is the last axis, for an input of at most two.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.softmax(ag.Tensor([0.0, 0.0, 1000.0]), dim=0)
    Tensor([0., 0., 1.], dtype=float32)
    """
    return ag.softmax(*_along("softmax", input, dim, dtype))


@checked
def log_softmax(input: Any, dim: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """log softmax(x) along an axis, accurate also where the softmax is 0.

    `dim` is that of `softmax`.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.log_softmax(ag.Tensor([0.0, 1000.0]), dim=0)
    Tensor([-1000.,     0.], dtype=float32)
    """
    return ag.log_softmax(*_along("log_softmax", input, dim, dtype))


@checked
def softmin(input: Any, dim: int | None = None, dtype: npt.DTypeLike | None = None) -> Tensor:
    """softmax(-x) along an axis: the smallest element gets the largest weight.

    `dim` is that of `softmax`.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.softmin(ag.Tensor([0.0, 1000.0]), dim=0)
    Tensor([1., 0.], dtype=float32)
    """
    return ag.softmin(*_along("softmin", input, dim, dtype))


@checked
def gumbel_softmax(
    logits: Any,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    rng: Any = None,
) -> Tensor:
    """A random choice that has a gradient: softmax((logits + noise) / tau), with Gumbel's noise.

    The largest element is at each place with the probability softmax(logits). The smaller `tau`,
    the closer the weights come to 0 and 1. With `hard` the output is exactly one-hot, and its
    gradient is that of the weights. `eps` has no effect.

    Source: Jang, Gu and Poole, Categorical reparameterization with Gumbel-softmax (2017).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.gumbel_softmax(ag.Tensor([0.0, 1000.0]), hard=True)
    Tensor([0., 1.], dtype=float32)
    """
    logits = as_floats(logits)
    noise = draw("gumbel", size=logits.shape, rng=rng).astype(logits.dtype)
    soft = ag.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    weights = soft.detach()
    chosen = ag.argmax(weights, axis=dim, keepdims=True)
    if logits.ndim == 0:
        return (soft - weights) + 1
    places = np.arange(logits.shape[dim]).reshape(-1, *(1,) * (logits.ndim - 1 - dim % logits.ndim))
    return (chosen == places).astype(logits.dtype) + (soft - weights)


@checked
def glu(input: Any, dim: int = -1) -> Tensor:
    """The first half of an axis times the sigmoid of the second.

    Shape: (..., 2·N, ...) -> (..., N, ...); an odd length is an error.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.glu(ag.Tensor([1.0, 2.0, 0.0, 1000.0]))
    Tensor([0.5, 2. ], dtype=float32)
    """
    return ag.glu(input, dim)


@checked
def maxout(input: Any, num_pieces: int, dim: int = -1) -> Tensor:
    """The largest of every `num_pieces` neighbours along an axis; ties share the gradient.

    Shape: (..., M·num_pieces, ...) -> (..., M, ...); another length is an error.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.maxout(ag.Tensor([1.0, 5.0, 3.0, 2.0]), num_pieces=2)
    Tensor([5., 3.], dtype=float32)
    """
    return ag.maxout(input, num_pieces, dim)


@checked
@in_single
def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖, eps) along an axis: vectors of length 1 in the p-norm, and 0 stays 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.normalize(ag.Tensor([[3.0, 4.0], [0.0, 0.0]]))
    Tensor([[0.6, 0.8],
            [0. , 0. ]], dtype=float32)
    """
    input = as_floats(input)
    length = ag.linalg.vector_norm(input, axis=dim, keepdims=True, ord=p)
    return input / ag.clip(length, eps, None)


@checked
def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """1 at the label and 0 elsewhere, in a new last axis, as integers.

    Without `num_classes` (-1) there are as many as the largest label needs. Labels below 0, or too
    large, are errors; floats raise DTypeError.

    Shape: (*) integers -> (*, num_classes).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.one_hot(ag.Tensor([0, 2]))
    Tensor([[1, 0, 0],
            [0, 0, 1]], dtype=int64)
    """
    return ag.asarray(computed(_hot, as_tensor(tensor), num_classes=num_classes))


def _hot(labels: Any, num_classes: int) -> Any:
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise DTypeError(
            f"one_hot: labels are class indices (integers), not {labels.dtype}.\n"
            f"  Write tensor.astype('int64').{here()}"
        )
    if num_classes == -1:
        if not labels.size:
            raise ShapeError(f"one_hot: no labels tell the number of classes: give it{here()}")
        num_classes = int(labels.max()) + 1
    wrong = (labels < 0) | (labels >= num_classes)
    if wrong.any():
        wrong = np.argwhere(wrong)
        place = tuple(map(int, wrong[0]))
        at = f"tensor[{', '.join(map(str, place))}]" if place else "tensor"
        raise ArgumentError(
            f"one_hot: label {labels[place]} at {at} is out of range: there are {num_classes} "
            f"classes, 0 to {num_classes - 1}{here()}"
        )
    return (labels[..., None] == np.arange(num_classes)).astype(np.int64)

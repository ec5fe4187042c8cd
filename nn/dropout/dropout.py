"""Dropout: random zeros in training, of single elements or of whole channels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.constants import handed_over
from autograd.engine.diagnose import here
from autograd.engine.generators import draw
from autograd.engine.ranges import Probability
from autograd.engine.trail import computed
from autograd.errors import ShapeError
from autograd.kernels.activation.dropout import dropout_mask
from autograd.tensors.tensor import taken
from nn.module.checks import check_floating

# SELU tends to −scale·alpha far below zero; Klambauer et al., Self-normalizing neural networks.
_SATURATION = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717


@checked
def dropout(
    input: Any, p: Probability = 0.5, training: bool = True, inplace: bool = False, rng: Any = None
) -> Tensor:
    """In training zero for each element with probability p, else the element by 1 − p.

    So the mean stays what it is. Outside training it is the input itself. `rng` is a generator or a
    seed; the same seed gives the same zeros in every dtype. `inplace` has no effect.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting (2014).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.dropout(ag.Tensor([1.0, 1.0, 1.0, 1.0]), 0.5, rng=2)
    Tensor([2., 0., 0., 0.], dtype=float32)
    """
    return _dropout(input, p, training, check_floating("dropout", input, 0), rng)


@checked
def dropout1d(
    input: Any, p: Probability = 0.5, training: bool = True, inplace: bool = False, rng: Any = None
) -> Tensor:
    """Dropout of whole channels of (N, C, L) or (C, L).

    The options are those of `dropout`.

    Source: Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using
    convolutional networks (2015).

    Shape: (N, C, L) or (C, L) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.dropout1d(ag.Tensor([[1.0, 1.0], [1.0, 1.0]]), 0.5, rng=2)
    Tensor([[2., 2.],
            [0., 0.]], dtype=float32)
    """
    return _channels("dropout1d", input, p, training, 1, rng)


@checked
def dropout2d(
    input: Any, p: Probability = 0.5, training: bool = True, inplace: bool = False, rng: Any = None
) -> Tensor:
    """Dropout of whole channels of (N, C, H, W); three axes are taken for (N, C, L), as in PyTorch.

    The options are those of `dropout`.

    Shape: (N, C, H, W) or (N, C, L) -> the same.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> nn.functional.dropout2d(ag.Tensor(np.ones((1, 2, 1, 2), "float32")), 0.5, rng=2)
    Tensor([[[[2., 2.]],
    <BLANKLINE>
             [[0., 0.]]]], dtype=float32)
    """
    return _channels("dropout2d", input, p, training, 2, rng)


@checked
def dropout3d(
    input: Any, p: Probability = 0.5, training: bool = True, inplace: bool = False, rng: Any = None
) -> Tensor:
    """Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W).

    The options are those of `dropout`.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> the same.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> nn.functional.dropout3d(ag.Tensor(np.ones((2, 1, 1, 2), "float32")), 0.5, rng=2)
    Tensor([[[[2., 2.]]],
    <BLANKLINE>
    <BLANKLINE>
            [[[0., 0.]]]], dtype=float32)
    """
    return _channels("dropout3d", input, p, training, 3, rng)


@checked
def alpha_dropout(
    input: Any, p: Probability = 0.5, training: bool = False, inplace: bool = False, rng: Any = None
) -> Tensor:
    """Dropout for SELU: dropped elements become SELU's lowest value; mean and variance stay.

    They stay if the mean was 0 and the variance 1: all elements are scaled and shifted to that end.

    `p` is the probability of being dropped.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.alpha_dropout(ag.Tensor([0.0, 0.0]), 0.5, training=True, rng=2)
    Tensor([ 0.77919394, -0.77919394], dtype=float32)
    """
    return _alpha(input, p, training, check_floating("alpha_dropout", input, 0), rng)


@checked
def feature_alpha_dropout(
    input: Any, p: Probability = 0.5, training: bool = False, inplace: bool = False, rng: Any = None
) -> Tensor:
    """`alpha_dropout` of whole channels of (N, C, ...).

    The options are those of `alpha_dropout`.

    Shape: (N, C, *) -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> x = ag.Tensor([[[0.0, 0.0], [0.0, 0.0]]])
    >>> nn.functional.feature_alpha_dropout(x, 0.5, training=True, rng=2)
    Tensor([[[ 0.77919394,  0.77919394],
             [-0.77919394, -0.77919394]]], dtype=float32)
    """
    shape = check_floating("feature_alpha_dropout", input, 2)
    over = (*shape[:2], *(1 for _ in shape[2:]))
    return _alpha(input, p, training, over, rng)


# ---- what they share -----------------------------------------------------------------------------


def _mask(shape: tuple[int, ...], p: float, dtype: Any, rng: Any) -> Any:
    """1/(1 − p) with probability 1 − p, else 0."""
    return draw(dropout_mask, shape, p, dtype, rng=rng)


def _dropout(input: Any, p: float, training: bool, shape: tuple[int, ...], rng: Any) -> Any:
    if not training or p == 0.0:
        return input
    return input * handed_over(_mask(shape, p, input.dtype, rng))


def _channels(name: str, input: Any, p: float, training: bool, ndim: int, rng: Any) -> Any:
    """Dropout of channels, which are followed by so many axes; one less is another meaning.

    Without a batch the input has one axis less; for dropout2d that is (N, C, L) instead.
    """
    shape = check_floating(name, input, 0)
    if len(shape) not in (ndim + 1, ndim + 2):
        axes = ("L", "H, W", "D, H, W")[ndim - 1]
        less = "N, C, L" if ndim == 2 else f"C, {axes}"
        raise ShapeError(f"{name}: input is {shape}: expected (N, C, {axes}) or ({less}){here()}")
    lead = 1 if len(shape) == ndim + 1 and ndim != 2 else 2
    over = (*shape[:lead], *(1 for _ in shape[lead:]))
    return _dropout(input, p, training, over, rng)


def _alpha(input: Any, p: float, training: bool, shape: tuple[int, ...], rng: Any) -> Any:
    if not training or p == 0.0:
        return input
    keep = 1 - p
    if not keep:
        return input * np.zeros(shape, input.dtype)
    scale = 1 / math.sqrt(keep * (1 + p * _SATURATION**2))
    mask, options = _mask(shape, p, input.dtype, rng), {"p": p, "scale": scale}
    mask, shift = computed(_scale_and_shift, mask, decides=False, dtype=input.dtype, **options)
    return input * handed_over(mask) + taken(shift)


def _scale_and_shift(mask: Any, p: float, scale: float, dtype: Any) -> tuple[Any, Any]:
    mask = mask * dtype.type((1 - p) * scale)
    # kept: scale·x − shift; dropped: scale·saturation − shift, where shift is the mean of both
    low = scale * _SATURATION
    return mask, np.where(mask, -p * low, low - p * low).astype(dtype)

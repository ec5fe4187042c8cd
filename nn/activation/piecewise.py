"""Activations that bend, as functions; `inplace` is taken and has no effect."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked, learns
from autograd.engine.diagnose import here
from autograd.engine.generators import draw
from autograd.errors import ShapeError
from nn.loss.reduction import as_tensor


@checked
def relu(input: Any, inplace: bool = False) -> Tensor:
    """max(x, 0), elementwise; its derivative at 0 is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.relu(ag.Tensor([-1.0, 2.0]))
    Tensor([0., 2.], dtype=float32)
    """
    return ag.relu(input)


@checked
def relu6(input: Any, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6), elementwise; its derivative at 0 and 6 is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.relu6(ag.Tensor([-1.0, 2.0, 8.0]))
    Tensor([0., 2., 6.], dtype=float32)
    """
    return ag.relu6(input)


@learns(negative_slope=1)
@checked
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where it is positive, negative_slope·x elsewhere, at 0 too.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.leaky_relu(ag.Tensor([-1.0, 2.0]), 0.5)
    Tensor([-0.5,  2. ], dtype=float32)
    """
    return ag.leaky_relu(input, negative_slope)


@learns(alpha=1)
@checked
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, alpha·(eˣ - 1) elsewhere.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.elu(ag.Tensor([-100.0, 2.0]))
    Tensor([-1.,  2.], dtype=float32)
    """
    return ag.elu(input, alpha)


@checked
def selu(input: Any, inplace: bool = False) -> Tensor:
    """An elu with the scale and alpha that keep mean 0 and variance 1.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.selu(ag.Tensor([0.0, 2.0]))
    Tensor([0.      , 2.101402], dtype=float32)
    """
    return ag.selu(input)


@learns(alpha=1)
@checked
def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, alpha·(exp(x/alpha) - 1) elsewhere: smooth for every alpha.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.celu(ag.Tensor([-100.0, 2.0]), 0.5)
    Tensor([-0.5,  2. ], dtype=float32)
    """
    return ag.celu(input, alpha)


@learns(min_val=1, max_val=2)
@checked
def hardtanh(
    input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """x cut off at min_val and max_val.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.hardtanh(ag.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ], dtype=float32)
    """
    return ag.hardtanh(input, min_val, max_val)


@checked
def hardsigmoid(input: Any, inplace: bool = False) -> Tensor:
    """x/6 + 1/2, cut off at 0 and 1.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.hardsigmoid(ag.Tensor([-4.0, 0.0, 4.0]))
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    return ag.hardsigmoid(input)


@checked
def hardswish(input: Any, inplace: bool = False) -> Tensor:
    """x·hardsigmoid(x): silu without an exponential.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.hardswish(ag.Tensor([-4.0, 0.0, 4.0]))
    Tensor([-0.,  0.,  4.], dtype=float32)
    """
    return ag.hardswish(input)


@checked
def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """x where |x| > lambd, 0 elsewhere; its derivative at ±lambd is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.hardshrink(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-2.,  0.,  2.], dtype=float32)
    """
    return ag.hardshrink(input, lambd)


@learns(lambd=1)
@checked
def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd, and 0 between; its derivative at ±lambd is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.softshrink(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-1.5,  0. ,  1.5], dtype=float32)
    """
    return ag.softshrink(input, lambd)


@learns(value=2)
@checked
def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is larger than the threshold, the given value elsewhere.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.threshold(ag.Tensor([-1.0, 2.0]), 0.5, 20.0)
    Tensor([20.,  2.], dtype=float32)
    """
    return ag.threshold(input, threshold, value)


@checked
def prelu(input: Any, weight: Any) -> Tensor:
    """x where it is positive, weight·x elsewhere; one weight, or one for each channel (axis 1).

    Shape: (N, C, ...) and a weight (C,) or (1,) -> the shape of the input; another raises
    ShapeError.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.prelu(ag.Tensor([[-1.0, 2.0], [-3.0, -4.0]]), ag.Tensor([0.25, 0.5]))
    Tensor([[-0.25,  2.  ],
            [-0.75, -2.  ]], dtype=float32)
    """
    weight = as_tensor(weight)
    if weight.size != 1:
        shape = np.shape(input)
        channels = shape[1] if len(shape) > 1 else 1
        if weight.shape != (channels,):
            raise ShapeError(
                f"prelu: weight is {weight.shape} and input is {shape}; there must be one weight, "
                f"or one for each of {channels} channels (axis 1).{here()}"
            )
    return ag.prelu(as_tensor(input), weight)


@checked
def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    rng: Any = None,
) -> Tensor:
    """x where it is positive, elsewhere x times a slope: random in training, otherwise the mean.

    The slopes are drawn evenly from `lower` to `upper`, for each element.

    Source: Xu, Wang, Chen and Li, Empirical evaluation of rectified activations (2015).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.rrelu(ag.Tensor([-1.0, 2.0]), 0.25, 0.75)
    Tensor([-0.5,  2. ], dtype=float32)
    """
    if not training:
        return ag.leaky_relu(input, (lower + upper) / 2)
    input = as_tensor(input)
    slope = draw("uniform", lower, upper, input.shape, rng=rng).astype(input.dtype)
    return ag.where(input > 0, input, slope * input)

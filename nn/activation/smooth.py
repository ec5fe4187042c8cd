"""Activations without a kink, as functions; `inplace` is taken and has no effect."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import Tensor
from autograd.engine.arguments import checked, learns


@checked
def sigmoid(input: Any) -> Tensor:
    """1 / (1 + e⁻ˣ), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.sigmoid(ag.Tensor([-1000.0, 0.0]))
    Tensor([0. , 0.5], dtype=float32)
    """
    return ag.sigmoid(input)


@checked
def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent, elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.tanh(ag.Tensor([0.0, 1000.0]))
    Tensor([0., 1.], dtype=float32)
    """
    return ag.tanh(input)


@checked
def logsigmoid(input: Any) -> Tensor:
    """log(sigmoid(x)), elementwise, accurate where the sigmoid is 0.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.logsigmoid(ag.Tensor([-1000.0, 1000.0]))
    Tensor([-1000.,     0.], dtype=float32)
    """
    return ag.logsigmoid(input)


@learns(beta=1)
@checked
def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta·x)) / beta, and x itself where beta·x > threshold.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.softplus(ag.Tensor([-1000.0, 1000.0]))
    Tensor([   0., 1000.], dtype=float32)
    """
    return ag.softplus(input, beta, threshold)


@checked
def softsign(input: Any) -> Tensor:
    """x / (1 + |x|), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.softsign(ag.Tensor([-1.0, 3.0]))
    Tensor([-0.5 ,  0.75], dtype=float32)
    """
    return ag.softsign(input)


@checked
def tanhshrink(input: Any) -> Tensor:
    """x - tanh(x), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.tanhshrink(ag.Tensor([0.0, 1000.0]))
    Tensor([  0., 999.], dtype=float32)
    """
    return ag.tanhshrink(input)


@checked
def silu(input: Any, inplace: bool = False) -> Tensor:
    """x·sigmoid(x), elementwise, also named swish.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.silu(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """
    return ag.silu(input)


@checked
def mish(input: Any, inplace: bool = False) -> Tensor:
    """x·tanh(softplus(x)), elementwise.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.mish(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """
    return ag.mish(input)


@checked
def gelu(input: Any, approximate: str = "none") -> Tensor:
    """x·Φ(x), with the normal distribution's Φ, or its approximation by tanh.

    `approximate` is "none" or "tanh".

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.gelu(ag.Tensor([-1000.0, 0.0, 1000.0]))
    Tensor([  -0.,    0., 1000.], dtype=float32)
    """
    return ag.gelu(input, approximate)

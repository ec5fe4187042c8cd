"""Activations made of straight pieces: cut off, shrunk, and steps."""

from __future__ import annotations

import autograd as ag
from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.extend import ArrayLike
from nn.activation.piecewise_layers import InPlace, inplace_text
from nn.loss.reduction import as_floats
from nn.module.module import Module


class Hardtanh(Module):
    """x cut off at min_val and max_val.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Hardtanh()(ag.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ], dtype=float32)
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if not min_val < max_val:
            raise ArgumentError(f"Hardtanh: min_val {min_val} must be below max_val {max_val}")
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.hardtanh(as_floats(x), self.min_val, self.max_val)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}{inplace_text(self.inplace)}"


class Hardsigmoid(InPlace):
    """x/6 + 1/2, cut off at 0 and 1.

    Source: Courbariaux, Bengio and David, BinaryConnect (2015).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Hardsigmoid()(ag.Tensor([-4.0, 0.0, 4.0]))
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.hardsigmoid(as_floats(x))

    def extra_repr(self) -> str:
        return ""


class Hardswish(InPlace):
    """x·hardsigmoid(x): silu without an exponential.

    Source: Howard et al., Searching for MobileNetV3 (2019).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Hardswish()(ag.Tensor([-4.0, 0.0, 4.0]))
    Tensor([-0.,  0.,  4.], dtype=float32)
    """

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.hardswish(as_floats(x))

    def extra_repr(self) -> str:
        return ""


class Hardshrink(Module):
    """x where |x| > lambd, 0 elsewhere.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Hardshrink()(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-2.,  0.,  2.], dtype=float32)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.hardshrink(x, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Module):
    """x moved towards 0 by lambd, and 0 between.

    Source: Donoho, De-noising by soft-thresholding (1995).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Softshrink()(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-1.5,  0. ,  1.5], dtype=float32)
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.softshrink(as_floats(x), self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Threshold(Module):
    """x where it is larger than the threshold, the given value elsewhere.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Threshold(0.5, 20.0)(ag.Tensor([-1.0, 2.0]))
    Tensor([20.,  2.], dtype=float32)
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.threshold(as_floats(x), self.threshold, self.value)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}{inplace_text(self.inplace)}"


class Step(Module):
    """1 where x is positive, 0 where it is negative, elementwise; Heaviside's function.

    `value_at_zero` is its value at 0. Its derivative is 0 everywhere, so nothing below it learns.

    Source: McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity
    (1943).

    Shape: any -> the same.

    >>> import autograd as ag
    >>> import nn
    >>> nn.Step()(ag.Tensor([-2.0, 0.0, 3.0]))
    Tensor([0., 0., 1.], dtype=float32)
    """

    def __init__(self, value_at_zero: float = 0.0) -> None:
        super().__init__()
        self.value_at_zero = value_at_zero

    def forward(self, x: ArrayLike) -> Tensor:
        return ag.heaviside(as_floats(x), self.value_at_zero)

    def extra_repr(self) -> str:
        return f"value_at_zero={self.value_at_zero}"

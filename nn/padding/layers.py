"""Padding layers."""

from __future__ import annotations

from typing import ClassVar

from autograd import Tensor
from autograd.extend import ArrayLike
from nn import functional
from nn.convolution.windows import per_axis
from nn.module.module import Module

Widths = int | tuple[int, ...]


class _Pad(Module):
    """What all padding layers share: pairs (before, after), the last axis first."""

    rank: ClassVar[int]
    mode: ClassVar[str] = "constant"

    def __init__(self, padding: Widths) -> None:
        super().__init__()
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * self.rank)

    def forward(self, input: ArrayLike) -> Tensor:
        return functional.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: ArrayLike) -> Tensor:
        return functional.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class CircularPad1d(_Pad):
    """Borders around a sequence that hold what follows when the axis is a circle.

    `padding` is a number for all sides, or (before, after); a negative
    number takes elements away.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.CircularPad1d(1)(ag.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[3., 1., 2., 3., 1.]], dtype=float32)
    """

    rank = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """Borders around images that hold what follows when the axis is a circle.

    `padding` is a number for all sides, or (left, right, top, bottom); a negative
    number takes elements away.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.CircularPad2d((1, 0, 2, 1))(ag.ones((1, 3, 4))).shape
    (1, 6, 5)
    """

    rank = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """Borders around volumes that hold what follows when the axis is a circle.

    `padding` is a number for all sides, or (left, right, top, bottom, front, back); a negative
    number takes elements away.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.CircularPad3d(1)(ag.ones((1, 2, 3, 4))).shape
    (1, 4, 5, 6)
    """

    rank = 3
    mode = "circular"


class ConstantPad1d(_ConstantPad):
    """Borders around a sequence that hold a value.

    `padding` is a number for all sides, or (before, after); a negative
    number takes elements away.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ConstantPad1d(1, 5.0)(ag.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[5., 1., 2., 3., 5.]], dtype=float32)
    """

    rank = 1


class ConstantPad2d(_ConstantPad):
    """Borders around images that hold a value.

    `padding` is a number for all sides, or (left, right, top, bottom); a negative
    number takes elements away.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ConstantPad2d((1, 0, 2, 1), 5.0)(ag.ones((1, 3, 4))).shape
    (1, 6, 5)
    """

    rank = 2


class ConstantPad3d(_ConstantPad):
    """Borders around volumes that hold a value.

    `padding` is a number for all sides, or (left, right, top, bottom, front, back); a negative
    number takes elements away.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ConstantPad3d(1, 5.0)(ag.ones((1, 2, 3, 4))).shape
    (1, 4, 5, 6)
    """

    rank = 3


class ReflectionPad1d(_Pad):
    """Borders around a sequence that hold the elements next to the end, in reverse order.

    `padding` is a number for all sides, or (before, after); a negative
    number takes elements away.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReflectionPad1d(1)(ag.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[2., 1., 2., 3., 2.]], dtype=float32)
    """

    rank = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Borders around images that hold the elements next to the end, in reverse order.

    `padding` is a number for all sides, or (left, right, top, bottom); a negative
    number takes elements away.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReflectionPad2d((1, 0, 2, 1))(ag.ones((1, 3, 4))).shape
    (1, 6, 5)
    """

    rank = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Borders around volumes that hold the elements next to the end, in reverse order.

    `padding` is a number for all sides, or (left, right, top, bottom, front, back); a negative
    number takes elements away.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReflectionPad3d(1)(ag.ones((1, 2, 3, 4))).shape
    (1, 4, 5, 6)
    """

    rank = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """Borders around a sequence that hold the end element.

    `padding` is a number for all sides, or (before, after); a negative
    number takes elements away.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReplicationPad1d(1)(ag.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[1., 1., 2., 3., 3.]], dtype=float32)
    """

    rank = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """Borders around images that hold the end element.

    `padding` is a number for all sides, or (left, right, top, bottom); a negative
    number takes elements away.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReplicationPad2d((1, 0, 2, 1))(ag.ones((1, 3, 4))).shape
    (1, 6, 5)
    """

    rank = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Borders around volumes that hold the end element.

    `padding` is a number for all sides, or (left, right, top, bottom, front, back); a negative
    number takes elements away.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ReplicationPad3d(1)(ag.ones((1, 2, 3, 4))).shape
    (1, 4, 5, 6)
    """

    rank = 3
    mode = "replicate"


class ZeroPad1d(_Pad):
    """Borders around a sequence that hold zeros.

    `padding` is a number for all sides, or (before, after); a negative
    number takes elements away.

    Shape: (N, C, L) or (C, L) -> (N, C, Lₒ) or (C, Lₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ZeroPad1d(1)(ag.Tensor([[1.0, 2.0, 3.0]]))
    Tensor([[0., 1., 2., 3., 0.]], dtype=float32)
    """

    rank = 1


class ZeroPad2d(_Pad):
    """Borders around images that hold zeros.

    `padding` is a number for all sides, or (left, right, top, bottom); a negative
    number takes elements away.

    Shape: (N, C, H, W) or (C, H, W) -> (N, C, Hₒ, Wₒ) or (C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ZeroPad2d((1, 0, 2, 1))(ag.ones((1, 3, 4))).shape
    (1, 6, 5)
    """

    rank = 2


class ZeroPad3d(_Pad):
    """Borders around volumes that hold zeros.

    `padding` is a number for all sides, or (left, right, top, bottom, front, back); a negative
    number takes elements away.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> (N, C, Dₒ, Hₒ, Wₒ) or (C, Dₒ, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.ZeroPad3d(1)(ag.ones((1, 2, 3, 4))).shape
    (1, 4, 5, 6)
    """

    rank = 3

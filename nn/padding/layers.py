"""Padding layers."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd import Tensor
from autograd.engine.checks import check_options
from autograd.extend import ArrayLike
from nn.convolution.windows import per_axis
from nn.module.options import Configured
from nn.padding.padding import Borders, pad, padded, specify

Widths = int | tuple[int, ...]

# by the number of axes: what there are borders around, their sides, the shape, and a call
_RANKS = {
    1: ("a sequence", "before, after", "L", "{}(1{})(ag.Tensor([[1.0, 2.0, 3.0]]))", ""),
    2: (
        "images", "left, right, top, bottom", "H, W",
        "{}((1, 0, 2, 1){})(ag.ones((1, 3, 4))).shape", "(1, 6, 5)",
    ),
    3: (
        "volumes", "left, right, top, bottom, front, back", "D, H, W",
        "{}(1{})(ag.ones((1, 2, 3, 4))).shape", "(1, 4, 5, 6)",
    ),
}  # fmt: skip


class _Pad(Configured):
    """What all padding layers share: pairs (before, after), the last axis first."""

    mode: ClassVar[str] = "constant"
    _function = staticmethod(pad)
    _options: ClassVar[tuple[str, ...]] = ("padding", "mode")
    _holds: ClassVar[str]  # what lies in the borders
    _ends: ClassVar[tuple[int, int]]  # it, around 1, 2, 3
    _axes: ClassVar[int]  # no rank: pad is one function for any number of axes

    def __init_subclass__(cls, axes: int = 0, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if axes:
            cls._axes = axes
            cls.__doc__ = cls._told()

    @classmethod
    def _told(cls) -> str:
        around, sides, axes, call, shown = _RANKS[cls._axes]
        value = ", 5.0" if issubclass(cls, _ConstantPad) else ""
        before, after = cls._ends
        shown = shown or f"Tensor([[{before}., 1., 2., 3., {after}.]], dtype=float32)"
        lengths = ", ".join(f"{axis}ₒ" for axis in axes.split(", "))
        return f"""Borders around {around} that hold {cls._holds}.

    `padding` is a number for all sides, or ({sides}); a negative
    number takes elements away.

    Shape: (N, C, {axes}) or (C, {axes}) -> (N, C, {lengths}) or (C, {lengths}).

    >>> import autograd as ag
    >>> import nn
    >>> nn.{call.format(cls.__name__, value)}
    {shown}
    """

    def __init__(self, padding: Widths) -> None:
        super().__init__()
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * type(self)._axes)

    def _specify(self, name: str, rank: int, **options: Any) -> Borders:
        checked = check_options("pad", pad, {"pad": options.pop("padding")})
        return specify(**checked, **options)

    def forward(self, input: ArrayLike) -> Tensor:
        return padded(input, self._known or self._specified())

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _CircularPad(_Pad):
    mode = "circular"
    _holds = "what follows when the axis is a circle"
    _ends = (3, 1)


class _ConstantPad(_Pad):
    _options = ("padding", "value")
    _holds = "a value"
    _ends = (5, 5)

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ReflectionPad(_Pad):
    mode = "reflect"
    _holds = "the elements next to the end, in reverse order"
    _ends = (2, 2)


class _ReplicationPad(_Pad):
    mode = "replicate"
    _holds = "the end element"
    _ends = (1, 3)


class _ZeroPad(_Pad):
    _holds = "zeros"
    _ends = (0, 0)


class CircularPad1d(_CircularPad, axes=1): ...


class CircularPad2d(_CircularPad, axes=2): ...


class CircularPad3d(_CircularPad, axes=3): ...


class ConstantPad1d(_ConstantPad, axes=1): ...


class ConstantPad2d(_ConstantPad, axes=2): ...


class ConstantPad3d(_ConstantPad, axes=3): ...


class ReflectionPad1d(_ReflectionPad, axes=1): ...


class ReflectionPad2d(_ReflectionPad, axes=2): ...


class ReflectionPad3d(_ReflectionPad, axes=3): ...


class ReplicationPad1d(_ReplicationPad, axes=1): ...


class ReplicationPad2d(_ReplicationPad, axes=2): ...


class ReplicationPad3d(_ReplicationPad, axes=3): ...


class ZeroPad1d(_ZeroPad, axes=1): ...


class ZeroPad2d(_ZeroPad, axes=2): ...


class ZeroPad3d(_ZeroPad, axes=3): ...

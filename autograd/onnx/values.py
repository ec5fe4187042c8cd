"""Values of a model that is being written, with the operators of arrays: each is a node there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import DTypeError, ExportError
from autograd.onnx.sizes import Size

__all__ = ["TOGETHER", "Value", "broadcast", "real"]

Shape = tuple[Any, ...]  # of numbers and Sizes


class Value:
    """What a node of the model gives: its name there, its shape and its dtype."""

    __slots__ = ("builder", "dtype", "name", "shape")

    def __init__(self, builder: Any, name: str, shape: Shape, dtype: Any) -> None:
        self.builder, self.name, self.shape = builder, name, tuple(shape)
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.dtype} {self.shape}>"

    def astype(self, dtype: Any) -> Value:
        """The same numbers in another dtype."""
        return self if np.dtype(dtype) == self.dtype else self.builder.cast(self, dtype)

    def __add__(self, other: Any) -> Value:
        return self.builder.binary("Add", self, other)

    def __radd__(self, other: Any) -> Value:
        return self.builder.binary("Add", other, self)

    def __sub__(self, other: Any) -> Value:
        return self.builder.binary("Sub", self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.builder.binary("Sub", other, self)

    def __mul__(self, other: Any) -> Value:
        return self.builder.binary("Mul", self, other)

    def __rmul__(self, other: Any) -> Value:
        return self.builder.binary("Mul", other, self)

    def __truediv__(self, other: Any) -> Value:
        return self.builder.binary("Div", self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.builder.binary("Div", other, self)

    def __pow__(self, other: Any) -> Value:
        return self.builder.binary("Pow", self, other)

    def __neg__(self) -> Value:
        return self.builder.unary("Neg", self)

    def __lt__(self, other: Any) -> Value:
        return self.builder.compare("Less", self, other)

    def __gt__(self, other: Any) -> Value:
        return self.builder.compare("Greater", self, other)

    def __le__(self, other: Any) -> Value:
        return self.builder.compare("LessOrEqual", self, other)

    def __ge__(self, other: Any) -> Value:
        return self.builder.compare("GreaterOrEqual", self, other)


TOGETHER = (
    'give axes that are always equally long one name: dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}'
)


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The common shape of several, with their Sizes."""
    rank = max(map(len, shapes), default=0)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    found: list[Any] = []
    for lengths in zip(*padded, strict=True):
        others = [n for n in lengths if n != 1]
        known = next((n for n in others if type(n) is not Size), others[0] if others else 1)
        if any(n != known for n in others):
            raise ExportError(f"shapes {shapes} fit in one trace and not in another; {TOGETHER}")
        found.append(known)
    return tuple(found)


def real(dtype: Any, what: str = "onnx") -> np.dtype[Any]:
    """A dtype that ONNX's operators have; complex numbers have none."""
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        raise DTypeError(
            f"{what}: complex numbers have no operators there; export the real and the imaginary "
            "part as two arrays"
        )
    return dtype

"""Shapes as PyTorch has them: Size, and the count of elements that `x.size` is."""

from __future__ import annotations

import math
from typing import Any

from autograd.errors import AxisError

__all__ = ["Count", "Size", "count"]


class Size(tuple[int, ...]):
    """A shape: a tuple that counts its elements.

    >>> import nn.torch as torch
    >>> torch.Size([2, 3]).numel(), torch.zeros(2, 3).size()
    (6, torch.Size([2, 3]))
    """

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements."""
        return math.prod(self)

    def __getitem__(self, key: Any) -> Any:
        taken = tuple.__getitem__(self, key)
        return Size(taken) if type(key) is slice else taken

    def __add__(self, other: Any) -> Any:
        return Size((*self, *other))

    def __radd__(self, other: Any) -> Any:
        return Size((*other, *self))

    def __mul__(self, times: Any) -> Any:
        return Size(tuple(self) * times)

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __reduce__(self) -> Any:
        return (Size, (tuple(self),))


class Count(int):
    """How many elements a Tensor has, as NumPy's `x.size`; called, its shape, as PyTorch's.

    >>> import nn.torch as torch
    >>> torch.zeros(2, 3).size(0)
    2
    """

    shape: tuple[int, ...]

    def __call__(self, dim: Any = None) -> Any:
        if dim is None:
            return Size(self.shape)
        try:
            return self.shape[dim]
        except IndexError:
            raise AxisError(
                f"size: dim {dim} of a Tensor of {len(self.shape)} dimensions; there are "
                f"{-len(self.shape)} to {len(self.shape) - 1}"
            ) from None

    def __reduce__(self) -> Any:
        return (int, (int(self),))


def count(shape: tuple[int, ...]) -> Count:
    """The Count of a shape."""
    number = Count(math.prod(shape))
    number.shape = shape
    return number

"""Size: the number of elements, which PyTorch's programs call."""

from __future__ import annotations

from typing import Any

from autograd.errors import AxisError

__all__ = ["Size", "size_of"]


class Size(int):
    """The number of elements, NumPy's `x.size`. Called it is PyTorch's: the shape, or one length.

    >>> import autograd as ag
    >>> x = ag.zeros(2, 3)
    >>> x.size, x.size(), x.size(-1)
    (6, (2, 3), 3)
    """

    shape: tuple[int, ...]

    def __call__(self, dim: int | None = None) -> Any:
        if dim is None:
            return self.shape
        try:
            return self.shape[dim]
        except IndexError:
            raise AxisError(f"size: axis {dim} of a Tensor of shape {self.shape}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return int, (int(self),)


_made: dict[tuple[int, ...], Size] = {}  # by the shape: to make one costs more than to find it


def size_of(value: Any) -> Size:
    """The size of a raw value."""
    shape = value.shape
    size = _made.get(shape)
    return _new(value.size, shape) if size is None else size


def _new(count: int, shape: tuple[int, ...]) -> Size:
    size = Size(count)
    size.shape = shape
    if len(_made) < 1024:
        _made[shape] = size
    return size

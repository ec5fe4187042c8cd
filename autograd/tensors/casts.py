"""Tensor's casts by the names of dtypes, as PyTorch has them."""

from __future__ import annotations

from typing import Any

from autograd.engine.typed import Tensor

__all__ = ["Casts"]


class Casts:
    """Casts to four dtypes, mixed into Tensor."""

    __slots__ = ()

    def float(self: Any) -> Tensor:
        """The same values in float32; the gradient is cast back.

        >>> import autograd as ag
        >>> ag.Tensor([1, 2]).float()
        Tensor([1., 2.], dtype=float32)
        """
        return self.to("float32")  # type: ignore[no-any-return]

    def double(self: Any) -> Tensor:
        """The same values in float64; the gradient is cast back.

        >>> import autograd as ag
        >>> ag.Tensor([1.0, 2.0]).double()
        Tensor([1., 2.], dtype=float64)
        """
        return self.to("float64")  # type: ignore[no-any-return]

    def int(self: Any) -> Tensor:
        """The values cut to int32, outside the graph.

        >>> import autograd as ag
        >>> ag.Tensor([1.5, -1.5]).int()
        Tensor([ 1, -1], dtype=int32)
        """
        return self.to("int32")  # type: ignore[no-any-return]

    def long(self: Any) -> Tensor:
        """The values cut to int64, outside the graph.

        >>> import autograd as ag
        >>> ag.Tensor([1.5, -1.5]).long()
        Tensor([ 1, -1], dtype=int64)
        """
        return self.to("int64")  # type: ignore[no-any-return]

"""Methods that arrays of NumPy have and Tensors need little else for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.engine.typed import Tensor
from autograd.ops.indexing import choices as chosen
from autograd.ops.reduction import partition as parts
from autograd.ops.reduction import search
from autograd.tensors import numpy_writers

__all__ = ["NumpyMethods"]


class NumpyMethods:
    """Mixed into Tensor."""

    __slots__ = ()

    partition = parts.partition
    argpartition = parts.argpartition
    searchsorted = search.searchsorted

    def compress(self: Any, condition: Any, axis: int | None = None) -> Tensor:
        """The slices of an axis, or the elements, for which a 1-D condition holds.

        >>> import autograd as ag
        >>> ag.Tensor([1.0, 2.0, 3.0]).compress([True, False, True])
        Tensor([1., 3.], dtype=float32)
        """
        return chosen.compress(condition, self, axis)

    def choose(self: Any, choices: Sequence[Any], mode: str = "raise") -> Tensor:
        """Of each place the element of that one of the `choices` which the Tensor names.

        `mode` says what becomes of a number out of range: "raise", "wrap" or "clip".

        >>> import autograd as ag
        >>> ag.Tensor([1, 0]).choose([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])])
        Tensor([3., 2.], dtype=float32)
        """
        found: Tensor = chosen.choose(self, choices, mode)
        return found

    def put(self: Any, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values at places of the flat array, over and over if they are too few.

        `mode` says what becomes of one of the `indices` out of range: "raise", "wrap" or "clip".

        >>> import autograd as ag
        >>> x = ag.zeros(3)
        >>> x.put([0, 2], 7.0)
        >>> x
        Tensor([7., 0., 7.], dtype=float32)
        """
        numpy_writers.put(self, indices, values, mode)

    def fill(self: Any, value: Any) -> None:
        """Write one value everywhere.

        >>> import autograd as ag
        >>> x = ag.zeros(2)
        >>> x.fill(3.0)
        >>> x
        Tensor([3., 3.], dtype=float32)
        """
        self[...] = value

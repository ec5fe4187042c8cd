"""Variable: a parameter of a layer, trained or not, with Keras' methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.extend import raw
from autograd.tensors.inplace import replace
from nn.module.parameter import Parameter

__all__ = ["Variable"]


class Variable(Parameter):
    """A parameter in Keras' layout: `assign` gives it another value, `trainable` says its kind.

    >>> from nn.keras import layers
    >>> layer = layers.Dense(2, name="dense")
    >>> layer.build((None, 3))
    >>> layer.kernel.shape, layer.kernel.name, layer.kernel.path
    ((3, 2), 'kernel', 'dense/kernel')
    """

    __slots__ = ("constraint", "path", "regularizer", "wanted")

    def __init__(
        self,
        data: Any,
        trainable: bool = True,
        dtype: Any = None,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(data, False, dtype, name)
        self.path = path or name or "variable"
        self.regularizer: Any = None
        self.constraint: Any = None
        self.wanted = trainable  # also while the layer is frozen
        self.requires_grad_(trainable and self.dtype.kind in "fc")

    @property
    def trainable(self) -> bool:
        """Whether it is trained, unless its layer is frozen."""
        return self.wanted

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.wanted = value
        self.requires_grad_(value and self.dtype.kind in "fc")

    @property
    def value(self) -> Any:
        """The Tensor itself."""
        return self

    def numpy(self) -> Any:
        """Its numbers, as an array of their own."""
        return np.array(raw(self))

    def assign(self, value: Any) -> Variable:
        """Take another value of the same shape."""
        array = np.asarray(raw(value))
        if array.shape != self.shape:
            raise ShapeError(
                f"{self.path} is {self.shape} and cannot be assigned a value of shape {array.shape}"
            )
        replace(self, np.array(array, self.dtype))
        return self

    def assign_add(self, value: Any) -> Variable:
        """Add to the value."""
        return self.assign(raw(self) + raw(value))

    def assign_sub(self, value: Any) -> Variable:
        """Subtract from the value."""
        return self.assign(raw(self) - raw(value))

    def __copy__(self) -> Variable:
        return self._with_options(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        return self._with_options(super().__deepcopy__(memo))

    def _with_options(self, new: Any) -> Variable:
        for slot in Variable.__slots__:
            setattr(new, slot, getattr(self, slot))
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        options = {slot: getattr(self, slot) for slot in Variable.__slots__}
        return (*super().__reduce__()[:2], (None, options))

"""The space that a value lies in: arrays of a shape and dtype, and nested containers of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentTypeError
from autograd.graph.pytree import flat, nested

__all__ = ["ArrayVSpace", "ComplexArrayVSpace", "ContainerVSpace", "VSpace", "is_number", "vspace"]


def is_number(value: Any) -> bool:
    """Whether one can differentiate by a value: floats, complex numbers, arrays and Tensors."""
    if type(value) in tensor_types:
        return True
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in ("biufc" if isinstance(value, np.ndarray) else "fc")
    return isinstance(value, (float, complex))


class VSpace:
    """What can be added, scaled, and multiplied with each other: values like the one given.

    A class of your own is registered by `VSpace.register(type, its space)`.

    >>> import numpy as np
    >>> vspace(np.ones(3)).zeros()
    array([0., 0., 0.])
    """

    mappings: ClassVar[dict[type, Callable[[Any], Any]]] = {}
    iscomplex = False

    def __init__(self, value: Any) -> None:
        pass

    def add(self, x: Any, y: Any) -> Any:
        """The sum of two values."""
        return x + y

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A value times a number."""
        return x * a

    def covector(self, x: Any) -> Any:
        """The cotangent that stands for a value: its conjugate."""
        return x

    mut_add = _add = _mut_add = add
    _scalar_mul, _covector = scalar_mul, covector

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in vars(self).items())})"

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], Any] | None = None) -> None:
        """Let `vspace` give this space, or what `vspace_maker` makes, for values of a type."""
        VSpace.mappings[value_type] = vspace_maker or cls


class ArrayVSpace(VSpace):
    """The real arrays of a shape and dtype."""

    def __init__(self, value: Any) -> None:
        value = np.asarray(raw(value))
        self.shape = value.shape
        self.dtype = value.dtype

    @property
    def size(self) -> int:
        """The number of its real dimensions."""
        return int(np.prod(self.shape))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def zeros(self) -> Any:
        """The array of zeros."""
        return np.zeros(self.shape, self.dtype)

    def ones(self) -> Any:
        """The sum of the basis."""
        return np.ones(self.shape, self.dtype)

    def randn(self) -> Any:
        """An array of normal draws."""
        draws = np.random.randn(*self.shape)  # noqa: NPY002 (np.random.seed shall rule them)
        return np.asarray(draws).astype(self.dtype)

    def standard_basis(self) -> Iterator[Any]:
        """One array for each real dimension."""
        for index in np.ndindex(*self.shape):
            unit = self.zeros()
            unit[index] = 1
            yield unit

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product, a real number."""
        return np.dot(np.ravel(x), np.ravel(y))


class ComplexArrayVSpace(ArrayVSpace):
    """The complex arrays of a shape and dtype, with two real dimensions an element."""

    iscomplex = True

    @property
    def size(self) -> int:
        """The number of its real dimensions."""
        return 2 * super().size

    def ones(self) -> Any:
        """The sum of the basis."""
        return np.full(self.shape, 1 + 1j, self.dtype)

    def randn(self) -> Any:
        """An array of normal draws."""
        return super().randn() + 1j * super().randn()

    def standard_basis(self) -> Iterator[Any]:
        """One array for each real dimension."""
        for unit in super().standard_basis():
            yield unit
            yield 1j * unit

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product, a real number."""
        return np.real(np.dot(np.conj(np.ravel(x)), np.ravel(y)))

    def covector(self, x: Any) -> Any:
        """The conjugate."""
        return np.conj(x)

    _covector = covector


class ContainerVSpace(VSpace):
    """Nested lists, tuples and dicts of values, added part by part."""

    def __init__(self, value: Any) -> None:
        self.shape = nested(vspace, value)

    def _each(self, function: Callable[..., Any], *values: Any) -> Any:
        parts = zip(*map(flat, values), strict=True) if values else iter(())
        return nested(lambda space: function(space, *(next(parts) if values else ())), self.shape)

    @property
    def size(self) -> int:
        """The number of its real dimensions."""
        return int(sum(space.size for space in flat(self.shape)))

    def zeros(self) -> Any:
        """Zeros everywhere."""
        return self._each(lambda space: space.zeros())

    def ones(self) -> Any:
        """The sum of the basis."""
        return self._each(lambda space: space.ones())

    def randn(self) -> Any:
        """Normal draws everywhere."""
        return self._each(lambda space: space.randn())

    def standard_basis(self) -> Iterator[Any]:
        """One value for each real dimension."""
        spaces = flat(self.shape)
        for k, own in enumerate(spaces):
            for unit in own.standard_basis():
                parts = iter(unit if j == k else s.zeros() for j, s in enumerate(spaces))
                yield nested(partial(_next, parts), self.shape)

    def add(self, x: Any, y: Any) -> Any:
        """The sum, part by part."""
        return self._each(lambda space, a, b: space.add(a, b), x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """Each part times a number."""
        return self._each(lambda space, part: space.scalar_mul(part, a), x)

    def covector(self, x: Any) -> Any:
        """The cotangent of each part."""
        return self._each(lambda space, part: space.covector(part), x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The sum of the inner products of the parts."""
        parts = self._each(lambda space, a, b: space.inner_prod(a, b), x, y)
        return sum(flat(parts))

    mut_add = _add = _mut_add = add
    _scalar_mul, _covector = scalar_mul, covector


def _next(parts: Iterator[Any], _: Any) -> Any:
    return next(parts)


def vspace(value: Any) -> Any:
    """The space that a value lies in.

    `value` is an array, a number, a Tensor, or nested lists, tuples and dicts of such.

    >>> vspace([1.0, (2.0, 3.0j)]).size
    4
    """
    maker = VSpace.mappings.get(type(value))
    if maker is not None:
        return maker(value)
    if isinstance(value, (list, tuple, dict)):
        return ContainerVSpace(value)
    if not is_number(value):
        raise ArgumentTypeError(
            f"Can't find vector space for value {value!r:.60} of type {type(value)}. Valid are "
            "floats, complex numbers, arrays, Tensors, and lists, tuples and dicts of them."
        )
    return (ComplexArrayVSpace if np.iscomplexobj(raw(value)) else ArrayVSpace)(value)

"""Parameter and Buffer: Tensors that belong to a module; and those whose shape is not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd import Tensor
from autograd.engine.arguments import spelled
from autograd.engine.checks import check_options
from autograd.engine.diagnose import here
from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.engine.pickles import new, public
from autograd.errors import ShapeError, UninitializedError
from autograd.ops.shape.shape import astype
from autograd.tensors.inplace import replace

if TYPE_CHECKING:
    import numpy.typing as npt

_VALUE: Any = Tensor.__dict__["_value"]  # the slot itself, below what a subclass makes of it


class Parameter(Tensor):
    """A Tensor that a Module registers when it is set as an attribute; it requires a gradient.

    `data` is a Tensor or anything a Tensor can be made of, and is copied. Its `name` becomes the
    dotted path in the outermost module (`encoder.0.weight`), unless the user gives one.

    >>> import nn
    >>> nn.Parameter([1.0, 2.0])
    Parameter containing:
    Tensor([1., 2.], dtype=float32, requires_grad=True)
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data, requires_grad, dtype, name)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A Tensor that a Module registers as state when it is set as an attribute; it is not trained.

    `persistent` says whether it is saved with the module's state.

    >>> import nn
    >>> norm = nn.Module()
    >>> norm.mean = nn.Buffer([0.0, 0.0])
    >>> list(norm.state_dict())
    ['mean']
    """

    __slots__ = ("persistent",)

    def __init__(
        self,
        data: Any,
        persistent: bool = True,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data.detach() if isinstance(data, Tensor) else data, False, dtype, name)
        check_options("Buffer", Buffer.__init__, {"persistent": persistent})
        self.persistent = persistent

    def __copy__(self) -> Buffer:
        new: Buffer = super().__copy__()
        new.persistent = self.persistent
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> Buffer:
        new: Buffer = super().__deepcopy__(memo)
        new.persistent = self.persistent
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        return (*super().__reduce__(), (None, {"persistent": self.persistent}))


# ---- not yet initialized -------------------------------------------------------------------------


class _Uninitialized:
    """What has a dtype and a name already, and gets its shape from the first input.

    Beneath lies an array with the axes that are known, and 0 for the lengths that are not. Whoever
    asks for the value gets an error; `materialize` makes it an ordinary Parameter or Buffer.
    """

    __slots__ = ()

    cls_to_become: ClassVar[type[Tensor]]
    _name: str | None

    @property
    def _value(self) -> Any:
        raise UninitializedError(
            f"{self._label()} has no value yet: its shape follows from the first input.\n"
            f"  Call the model once, on one example, before its parameters are used.{here()}"
        )

    @_value.setter
    def _value(self, value: Any) -> None:
        _VALUE.__set__(self, value)

    @property
    def dtype(self) -> np.dtype[Any]:
        found: np.dtype[Any] = _VALUE.__get__(self).dtype
        return found

    @property
    def known_shape(self) -> tuple[int | None, ...] | None:
        """The shape, with None for lengths that are not known yet; None if nothing is known."""
        hidden = _VALUE.__get__(self)
        return tuple(n or None for n in hidden.shape) if hidden.ndim else None

    def fits(self, shape: Sequence[int]) -> bool:
        """Whether a shape agrees with what is known."""
        known = self.known_shape
        return known is None or (
            len(known) == len(shape)
            and all(k in (None, n) for k, n in zip(known, shape, strict=True))
        )

    def materialize(self, shape: Sequence[int], dtype: npt.DTypeLike | None = None) -> None:
        """Become an ordinary one of this shape, of zeros; the same object, with its hooks."""
        shape = tuple(shape)
        if not self.fits(shape):
            raise ShapeError(f"{self._label()} is {self.shape_text()}; it cannot become {shape}")
        value = np.zeros(shape, self.dtype if dtype is None else as_dtype(dtype))
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        replace(self, value)

    def shape_text(self) -> str:
        """`(3, ?)`: the shape as far as it is known."""
        known = self.known_shape
        if known is None:
            return "of unknown shape"
        shown = ", ".join("?" if n is None else str(n) for n in known)
        return f"({shown},)" if len(known) == 1 else f"({shown})"

    def _label(self) -> str:
        return self._name or f"an {type(self).__name__}"

    def _become_leaf(self) -> None:
        kind = type(self)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        try:
            self._become_leaf()
        finally:
            self.__class__ = kind

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.shape_text()} {self.dtype}>"


def empty(shape: Sequence[int | None] | None, dtype: npt.DTypeLike | None) -> Any:
    """An array to be filled; `dtype=None` means the default one."""
    lengths = () if shape is None else tuple(n or 0 for n in shape)
    return np.empty(lengths, get_default_dtype() if dtype is None else as_dtype(dtype))


class UninitializedParameter(_Uninitialized, Parameter):
    """A Parameter whose shape is not known yet; `shape` has None for each unknown length.

    >>> import nn
    >>> weight = nn.UninitializedParameter(shape=(3, None))
    >>> weight
    <UninitializedParameter (3, ?) float32>
    >>> weight.materialize((3, 2))
    >>> weight.shape
    (3, 2)
    """

    __slots__ = ()
    cls_to_become = Parameter

    @spelled
    def __new__(
        cls,
        requires_grad: bool = True,
        dtype: npt.DTypeLike | None = None,
        shape: Sequence[int | None] | None = None,
    ) -> UninitializedParameter:
        given = {"requires_grad": requires_grad, "shape": shape}
        check_options(cls.__name__, UninitializedParameter.__new__, given)
        new: Any = Parameter(empty(shape, dtype), requires_grad)
        new.__class__ = cls
        return new

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All is done when it is made."""

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedParameter:
        new = type(self)(self.requires_grad, self.dtype, self.known_shape)
        new.name = self.name
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.requires_grad, self.dtype, self.known_shape)
        return new, (public(type(self)), *parts), (None, {"name": self.name})


class UninitializedBuffer(_Uninitialized, Buffer):
    """A Buffer whose shape is not known yet; `shape` has None for each unknown length.

    >>> import nn
    >>> nn.UninitializedBuffer(shape=(None,))
    <UninitializedBuffer (?,) float32>
    """

    __slots__ = ()
    cls_to_become = Buffer

    @spelled
    def __new__(
        cls,
        dtype: npt.DTypeLike | None = None,
        persistent: bool = True,
        shape: Sequence[int | None] | None = None,
    ) -> UninitializedBuffer:
        check_options(cls.__name__, UninitializedBuffer.__new__, {"shape": shape})
        new: Any = Buffer(empty(shape, dtype), persistent)
        new.__class__ = cls
        return new

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All is done when it is made."""

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedBuffer:
        new = type(self)(self.dtype, self.persistent, self.known_shape)
        new.name = self.name
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.dtype, self.persistent, self.known_shape)
        return new, (public(type(self)), *parts), (None, {"name": self.name})


def is_lazy(value: Any) -> bool:
    """Whether it is a parameter or buffer whose shape is not known yet."""
    return isinstance(value, _Uninitialized)


def recast(tensor: Tensor, dtype: npt.DTypeLike) -> None:
    """Change the dtype of a leaf where it stands: the same object, with its gradient and hooks."""
    if tensor.dtype == dtype:
        return
    replace(tensor, _VALUE.__get__(tensor).astype(dtype))
    if tensor.grad is not None:
        tensor.grad = astype(tensor.grad.detach(), dtype)

"""Tensor: a value that remembers how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import differentiate, display, mutation, numpy_protocol
from autograd.dtypes import as_dtype, to_value
from autograd.errors import InPlaceError, IntegerGradError, ShapeError
from autograd.methods import TensorMethods
from autograd.modes import current_mode
from autograd.node import Node, new_node
from autograd.op import LEAF
from autograd.ops import index
from autograd.ops.shape import astype
from autograd.recorder import bind_tensor, tensor_types, wrap

__all__ = ["Tensor", "asarray"]


class Tensor(TensorMethods):
    """An n-dimensional array that records the operations applied to it.

    `data` is anything NumPy understands, and is copied. Python floats become the default dtype
    (float32); arrays keep theirs. Only floating and complex Tensors may require a gradient.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    >>> (x * x).sum().backward()
    >>> x.grad
    Tensor([2., 4., 6.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_is_slice", "_name", "_node", "_value")

    _value: Any  # an ndarray, or a NumPy scalar for most 0-d values
    _node: Node | None  # the leaf or the operation that it comes from, if it needs a gradient
    _name: str | None
    _is_slice: bool  # set on the result of basic indexing alone

    __array_priority__ = 1000  # for old-style subclasses of ndarray such as np.matrix

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        self._value = to_value(data, dtype, copy=True)
        self._node = None
        self._name = name
        if requires_grad:
            self.requires_grad_()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        tensor_types.add(cls)

    # ---- what it is ----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._value.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return self._value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._value.size  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        return self._value.nbytes  # type: ignore[no-any-return]

    @property
    def itemsize(self) -> int:
        return self._value.itemsize  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The name that messages and pictures show."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name
        if self._node is not None:
            self._node.more().name = name

    # ---- the graph -----------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether backward gives it, or what it was computed from, a gradient."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Start or stop being a leaf that gets a gradient; returns the Tensor itself."""
        if requires_grad == self.requires_grad:
            return self
        if not requires_grad:
            if not self.is_leaf:
                raise InPlaceError(
                    f"{self._label()} is the result of {self._op_name()}; only a leaf can stop "
                    "requiring grad.\n  Use y.detach() for a Tensor outside the graph."
                )
            self._node = None
            return self
        if self.dtype.kind not in "fc":
            raise IntegerGradError(
                f"only floating and complex Tensors can require grad; {self._label()} is "
                f"{self.dtype}.\n  Make it floating: Tensor(data, dtype='float32', "
                "requires_grad=True)."
            )
        self._become_leaf()
        return self

    def _become_leaf(self) -> None:
        self._node = new_node(LEAF, (), self._value)
        self._node.saved = (self._value,)
        self._node.more().name = self._name

    @property
    def is_leaf(self) -> bool:
        """Whether the user made it, or it needs no gradient."""
        return self._node is None or self._node.is_leaf

    @property
    def grad_fn(self) -> Node | None:
        """The operation that made it; None for a leaf. `grad_fn.inputs` lead further."""
        return None if self.is_leaf else self._node

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient, of the Tensor's own shape and dtype; None before backward."""
        extra = None if self._node is None else self._node.extra
        return None if extra is None else extra.grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if self._node is None:
            if value is None:
                return
            raise InPlaceError(f"{self._label()} does not require grad, so it holds no gradient")
        if value is not None:
            value = value if isinstance(value, Tensor) else asarray(value)
            if value.shape != self.shape:
                raise ShapeError(f"grad is {value.shape} for {self._label()}, which is {self.shape}")
        self._node.more().grad = value

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradient (or set it to zeros)."""
        if self.grad is not None:
            self.grad = None if set_to_none else wrap(np.zeros_like(self._value))

    def retain_grad(self) -> None:
        """Keep `.grad` on this Tensor although it is not a leaf."""
        self._needs_node("retain_grad").more().retains = True

    def register_hook(self, hook: Callable[[Tensor], Any]) -> differentiate.HookHandle:
        """Call `hook(grad)` when the gradient arrives; what it returns, if anything, replaces it.

        Hooks run in the order of registration; `handle.remove()` takes one away.
        """
        return differentiate.HookHandle(self._needs_node("register_hook"), hook)

    def _needs_node(self, method: str) -> Node:
        if self._node is None:
            raise InPlaceError(f"{method}: {self._label()} does not require grad")
        return self._node

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this Tensor to the `.grad` of every leaf (or of `inputs` alone).

        `gradient` is the cotangent of this Tensor, of its shape; it may be left out for a scalar.
        `create_graph` records the gradients themselves, for higher order; `retain_graph` keeps the
        saved values for another sweep (default: the same as `create_graph`).

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> (x**2).backward()
        >>> x.grad.item()
        6.0
        """
        differentiate.backward(self, gradient, retain_graph, create_graph, inputs)

    def detach(self) -> Tensor:
        """The same value outside the graph. A leaf's value is copied, since optimizers change it."""
        value = self._value
        if self._node is not None and self.is_leaf and isinstance(value, np.ndarray):
            value = value.copy()
        detached = wrap(value)
        detached._name = self._name
        return detached  # type: ignore[no-any-return]

    # ---- the value -----------------------------------------------------------------------------

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value as a read-only array that shares memory."""
        view = np.asarray(self._value).view()
        view.flags.writeable = False
        return view

    def item(self) -> Any:
        """The only element as a Python number."""
        if self.size != 1:
            raise ShapeError(
                f"item() needs exactly one element; {self._label()} has shape {self.shape}.\n"
                "  Use tolist(), or reduce it first (sum, mean, max)."
            )
        return self._value.item()

    def tolist(self) -> Any:
        """The value as nested Python lists (a number for 0-d)."""
        return self._value.tolist()

    @property
    def data(self) -> Tensor:
        """The value outside the graph; assigning to it changes the Tensor in place."""
        data = self.detach()
        data._is_slice = True  # writing to a part of it would change a copy and be lost
        return data

    @data.setter
    def data(self, value: Any) -> None:
        value = to_value(value, self.dtype, copy=False)
        if not self.is_leaf:
            raise InPlaceError(f"{self._label()} is not a leaf; its value follows from its inputs")
        if value.shape == self.shape:
            self._write(value)
        else:
            self._value = value.copy()
            if self._node is not None:
                grad = self.grad if self.grad is not None and self.grad.shape == value.shape else None
                self._become_leaf()
                self.grad = grad

    def _write(self, value: Any) -> None:
        """Change the value in place, and note it for graphs that still need the old one."""
        if isinstance(self._value, np.ndarray):
            np.copyto(self._value, value, casting="same_kind")
            mutation.mutated(self._value, self._label())
        else:
            self._value = self._value.dtype.type(value)
            if self._node is not None:
                self._node.saved = (self._value,)

    def _adopt(self, result: Tensor, what: str) -> Tensor:
        """Become `result`: how `x += v` and `x[i] = v` act on anything that is not a leaf."""
        if result.shape != self.shape:
            raise ShapeError(
                f"{what}: the result is {result.shape} and does not fit {self._label()}, "
                f"which is {self.shape}"
            )
        if result.dtype != self.dtype:
            if not np.can_cast(result.dtype, self.dtype, "same_kind"):
                raise InPlaceError(
                    f"{what}: the result is {result.dtype} and {self._label()} is {self.dtype}; "
                    "write x = x ... to change the dtype"
                )
            result = astype(result, self.dtype)
        self._value, self._node = result._value, result._node
        if self._name is not None:
            self.name = self._name
        return self

    def _refuse_in_place(self, what: str, instead: str) -> None:
        """Raise where an in-place change would be lost, or would break the leaf's gradient."""
        if getattr(self, "_is_slice", False):
            raise InPlaceError(
                f"{what} on the result of a slice: Tensors are values, so the Tensor it was taken "
                f"from would not change.\n  {instead}"
            )
        if self._node is not None and self.is_leaf and current_mode().records:
            raise InPlaceError(
                f"{what} on {self._label()}, a leaf that requires grad: its gradient would belong "
                "to a value that is gone.\n  Write x = x ... for a new Tensor, or change it under "
                "`with autograd.no_grad():`."
            )

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse_in_place("x[i] = v", "Assign to the original at once: base[i, j] = v.")
        value_node = getattr(value, "_node", None)
        records = current_mode().records and (self._node is not None or value_node is not None)
        if records:
            self._adopt(index.setitem(self, value, index.normal_index(key)), "x[i] = v")
            return
        raw = getattr(value, "_value", value)
        if isinstance(self._value, np.ndarray) and self._value.base is None and self.is_leaf:
            index.assign(self, self._value, raw, index.normal_index(key))
            mutation.mutated(self._value, self._label())
            return
        new = np.array(self._value)  # a view, or a value that a graph shares: write to a copy
        index.assign(self, new, raw, index.normal_index(key))
        if self._node is not None and self.is_leaf:
            self._write(new)
        else:
            self._value, self._node = new, None

    def __getitem__(self, key: Any) -> Tensor:
        result: Tensor = index.getitem(self, index.normal_index(key))
        if isinstance(result._value, np.ndarray) and result._value.base is not None:
            result._is_slice = True
        return result

    # ---- Python's protocols --------------------------------------------------------------------

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of a 0-d Tensor")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d Tensor")
        return iter(index.unstack(self))

    def __contains__(self, value: Any) -> bool:
        return bool(np.any(self._value == getattr(value, "_value", value)))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"the truth value of a Tensor of shape {self.shape} is ambiguous; "
                "use .any() or .all()"
            )
        return bool(self._value)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iub" or self.ndim:
            raise TypeError(f"only a 0-d integer Tensor is an index, not {self.dtype} {self.shape}")
        return int(self.item())

    __hash__ = object.__hash__  # by identity, although == is elementwise

    def __copy__(self) -> Tensor:
        return type(self)._rebuild(self._value, self._node is not None, self._name, None)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise InPlaceError(
                f"deepcopy of {self._label()}, the result of {self._op_name()}: only leaves can be "
                "copied without their graph.\n  Use y.detach() or copy.copy(y)."
            )
        grad = None if self.grad is None else self.grad._value.copy()
        value = self._value.copy()
        new = type(self)._rebuild(value, self._node is not None, self._name, grad)
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.is_leaf:
            raise InPlaceError(f"pickle of {self._label()}: only leaves can be pickled; detach() it")
        grad = None if self.grad is None else self.grad._value
        return type(self)._rebuild, (self._value, self._node is not None, self._name, grad)

    @classmethod
    def _rebuild(cls, value: Any, requires_grad: bool, name: str | None, grad: Any) -> Tensor:
        new: Tensor = object.__new__(cls)
        new._value, new._node, new._name = value, None, name
        if requires_grad:
            new._become_leaf()
            new.grad = None if grad is None else wrap(grad)
        return new

    # ---- NumPy's protocols ---------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy or (dtype is not None and np.dtype(dtype) != self.dtype):
            return np.array(self._value, dtype)
        return self.numpy()

    __array_ufunc__ = numpy_protocol.array_ufunc
    __array_function__ = numpy_protocol.array_function

    # ---- how it looks --------------------------------------------------------------------------

    def _label(self) -> str:
        return self._name or f"a Tensor of shape {self.shape}"

    def _op_name(self) -> str:
        return "the user" if self._node is None else self._node.op.name

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.size == 1 else str(self)

    def to(self, dtype: npt.DTypeLike) -> Tensor:
        """The same values in another dtype; the gradient is cast back."""
        return self if as_dtype(dtype) == self.dtype else astype(self, as_dtype(dtype))


def asarray(data: Any, dtype: npt.DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A Tensor that shares memory with `data` where it can (an array of the same dtype).

    Do not change the array while a graph needs it.

    >>> import numpy as np
    >>> import autograd as ag
    >>> a = np.zeros(3)
    >>> a is ag.asarray(a)._value
    True
    """
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    tensor: Tensor = wrap(to_value(data, dtype, copy=False))
    tensor._name = name
    return tensor


bind_tensor(Tensor)

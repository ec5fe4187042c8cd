"""Tensor: a value that remembers how it was computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.checks import check_options
from autograd.engine.constants import share
from autograd.engine.dtypes import as_dtype, to_value
from autograd.engine.kinds import Device
from autograd.engine.modes import captures, capturing
from autograd.engine.node import Node
from autograd.engine.operands import faced, faces, holds_tensor, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import bind_tensor
from autograd.engine.row import OUTPUT
from autograd.engine.trail import note_decision, note_exit, note_read, warn_lost
from autograd.engine.views import note_view
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    DTypeError,
    ShapeError,
)
from autograd.ops.indexing import index
from autograd.ops.indexing.index_hints import is_plain, normal_index
from autograd.ops.shape.shape import astype
from autograd.ops.shape.shape import copy as duplicate
from autograd.tensors import assignment, display, numpy_protocol
from autograd.tensors.casts import Casts
from autograd.tensors.elsewhere import Elsewhere
from autograd.tensors.gradients import Gradients
from autograd.tensors.methods import TensorMethods
from autograd.tensors.nested import join
from autograd.tensors.numpy_methods import NumpyMethods
from autograd.tensors.python_protocols import PythonProtocols
from autograd.tensors.size import Size, size_of

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Tensor", "asarray"]


class Tensor(TensorMethods, Casts, NumpyMethods, Gradients, PythonProtocols, Elsewhere):
    """An n-dimensional array that records the operations applied to it.

    `data` is anything NumPy understands, and is copied. Python floats become the default dtype
    (float32); arrays keep theirs. Only floating and complex Tensors may require a gradient.
    Where `data` is a Tensor that has one, or holds such, the copy is recorded; with
    `requires_grad=True` it is a leaf of its own.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    >>> (x * x).sum().backward()
    >>> x.grad
    Tensor([2., 4., 6.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_left", "_name", "_node", "_origin", "_value")

    _value: Any  # an ndarray, or a NumPy scalar for most 0-d values
    _node: Node | None  # the leaf or the operation that it comes from, if it needs a gradient
    _name: str | None
    _origin: Any  # of a view its View, or the name of the op that refuses; else None or unset

    _left: str | None  # the op by which its value left a graph, if it did; unset in the graph

    __array_priority__ = 1000  # for old-style subclasses of ndarray such as np.matrix

    @spelled
    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        if holds_tensor(data):
            data = join(data)
            if requires_grad:
                warn_lost(data._node, "leave out requires_grad=True", "a new leaf")
        self._node = self._left = self._origin = None
        self._name = name
        if requires_grad is not False or name is not None:
            _refuse_lengths(data, requires_grad, dtype)
            given = {"requires_grad": requires_grad, "name": name}
            check_options(type(self).__name__, Tensor.__init__, given)
        is_traced = captures and capturing() is not None
        if type(data) in tensor_types and (
            is_traced or (data._node is not None and not requires_grad)
        ):
            recorded = duplicate(data if dtype is None else Tensor.to(data, dtype))
            self._value = recorded._value
            self._node = None if requires_grad else recorded._node
            self.name = name
            if requires_grad:
                self.requires_grad_()
            return
        self._value = to_value(data, dtype, copy=True)
        if requires_grad:
            self.requires_grad_()

    def __init_subclass__(cls, results: bool = False, **kwargs: Any) -> None:
        """With `results`, a face: the class of what ops on it give, which of others is Tensor."""
        super().__init_subclass__(**kwargs)
        tensor_types.add(cls)
        face = cls if results else next((faces[c] for c in cls.__mro__ if c in faces), None)
        if face is not None:
            faces[cls] = face

    # ---- what it is ----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._value.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the elements."""
        return self._value.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> Size:
        """The number of elements; `x.size(axis)` is PyTorch's for `x.shape[axis]`."""
        return size_of(self._value)

    @property
    def nbytes(self) -> int:
        """The bytes that the elements take."""
        return self._value.nbytes  # type: ignore[no-any-return]

    @property
    def itemsize(self) -> int:
        """The bytes that one element takes."""
        return self._value.itemsize  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        """The name that messages and pictures show."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"name must be a string or None, got {name!r:.80}")
        self._name = name
        if self._node is not None:
            self._node.more().name = name

    # ---- the value -----------------------------------------------------------------------------

    def detach(self) -> Tensor:
        """The same value outside the graph; writing to it changes a leaf, as `x.data` does.

        >>> import autograd as ag
        >>> ag.Tensor([1.0], requires_grad=True).detach()
        Tensor([1.], dtype=float32)
        """
        note_exit("detach", self._node, "detach")
        if captures and (capture := capturing()):
            capture.holds(self)  # whose value is known by who has it
        detached: Tensor = wrap(self._value)
        if faces:
            faced((self,), detached)
        detached._name = self._name
        note_view(detached, self, None, None)
        detached._left = "detach" if self._node is not None else getattr(self, "_left", None)
        return detached

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value as a read-only array that shares memory, outside the graph.

        >>> import autograd as ag
        >>> ag.Tensor([1.0, 2.0]).numpy()
        array([1., 2.], dtype=float32)
        """
        note_exit("NumPy", self._node, "numpy()")
        note_read(self, "numpy()")
        if self.dtype.kind not in "fc":
            note_decision(self, "numpy()")
        view = np.asarray(self._value).view()
        view.flags.writeable = False
        return view

    def item(self) -> Any:
        """The only element as a Python number, outside the graph.

        Any other number of elements raises ShapeError.

        >>> import autograd as ag
        >>> ag.Tensor([2.5]).item()
        2.5
        """
        note_exit("NumPy", self._node, "item()")
        if self._value.size != 1:
            raise ShapeError(
                f"item() needs exactly one element, and {self._name or 'this Tensor'} has shape "
                f"{self.shape}.\n"
                "  Use tolist(), or reduce it first (sum, mean, max)."
            )
        note_read(self, "item()")
        if self.dtype.kind not in "fc":
            note_decision(self, "item()")
        return self._value.item()

    def tolist(self) -> Any:
        """The value as nested Python lists (a number for 0-d), outside the graph.

        >>> import autograd as ag
        >>> ag.Tensor([[1, 2]]).tolist()
        [[1, 2]]
        """
        note_exit("NumPy", self._node, "tolist()")
        note_read(self, "tolist()")
        if self.dtype.kind not in "fc":
            note_decision(self, "tolist()")
        return self._value.tolist()

    @property
    def data(self) -> Tensor:
        """The Tensor outside the graph: assigning or writing to it changes the Tensor in place."""
        return self.detach()

    @data.setter
    def data(self, value: Any) -> None:
        assignment.set_data(self, value)

    __setitem__ = assignment.set_item

    def __getitem__(self, key: Any) -> Tensor:
        result: Tensor
        if is_plain(key):
            result = index.getitem(self, key)
        else:
            result = index.with_choice(index.getitem(self, normal_index(key)), key, True)
        return result

    # ---- NumPy's protocols ---------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        value = self._value
        note_exit("NumPy", self._node, "np.asarray")
        warn_lost(self._node, "x.numpy()")
        if copy or (dtype is not None and np.dtype(dtype) != self.dtype):
            note_read(self, "np.asarray")
            if copy is False:
                raise ArgumentError(f"{self.dtype} to {np.dtype(dtype)} needs a copy")
            return np.array(value, dtype)
        return self.numpy()

    __array_ufunc__ = numpy_protocol.array_ufunc
    __array_function__ = numpy_protocol.array_function

    # ---- how it looks --------------------------------------------------------------------------

    def _label(self) -> str:
        return self._name or f"a Tensor of shape {self.shape}"

    def _op_name(self) -> str:
        """The op that made it: for one output of several, the op that made them all."""
        node = self._node
        if node is None:
            return "the user"
        return node.inputs[0].op.name if node.op is OUTPUT else node.op.name

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    @spelled
    def to(self, dtype: npt.DTypeLike) -> Tensor:
        """The same values in another dtype; the gradient is cast back.

        >>> import autograd as ag
        >>> ag.Tensor([1, 2]).to("float64")
        Tensor([1., 2.], dtype=float64)
        """
        return self if as_dtype(dtype) == self.dtype else astype(self, as_dtype(dtype))


def _refuse_lengths(*given: Any) -> None:
    """Say what PyTorch's `Tensor(3, 4)`, memory of a shape, is here."""
    lengths = [n for n in given if type(n) is int]
    if type(given[1]) is int and given[:2] == tuple(lengths[:2]):
        shape = ", ".join(map(str, lengths))
        raise DTypeError(
            f"Tensor({shape}) is no shape: Tensor takes the numbers that it holds; write "
            f"ag.empty({shape}) or ag.zeros({shape})"
        )


def asarray(
    data: Any,
    dtype: npt.DTypeLike | None = None,
    name: str | None = None,
    *,
    device: Device = None,
    copy: bool | None = None,
) -> Tensor:
    """A Tensor that shares memory with `data` where it can (an array of the same dtype).

    It shows what is written to the array, while a graph keeps the numbers that it was recorded
    with: ops copy what they need. `Tensor(data)` copies once, as does `copy=True`; what cannot be
    shared raises ArgumentError with `copy=False`. A Tensor is returned as it is; `name` is what
    pictures call it.

    Shape: that of `data`.

    >>> import numpy as np
    >>> import autograd as ag
    >>> a = np.zeros(3)
    >>> x = ag.asarray(a)
    >>> a[0] = 5.0
    >>> x
    Tensor([5., 0., 0.], dtype=float64)
    """
    if copy:
        return Tensor(data, dtype=dtype, name=name)
    if copy is False:
        _refuse_copies(data, dtype)
    if holds_tensor(data):
        data = join(data)
    if isinstance(data, Tensor):
        return data if dtype is None else Tensor.to(data, dtype)
    tensor = taken(data, dtype, name)
    value = tensor._value
    copied = isinstance(data, (np.ndarray, list, tuple)) and value is not data
    if isinstance(value, np.ndarray) and not (copied and value.base is None):
        share(value)
    return tensor


def _refuse_copies(data: Any, dtype: npt.DTypeLike | None) -> None:
    """Raise where the memory of `data` cannot be shared."""
    buffer = isinstance(data, (memoryview, bytearray)) or type(data).__module__ == "array"
    own = np.asarray(data).dtype if buffer else getattr(data, "dtype", None)
    if own is None or (dtype is not None and as_dtype(dtype) != own):
        what = type(data).__name__ if own is None else f"{own} as {as_dtype(dtype or own)}"
        raise ArgumentError(f"asarray: {what} needs a copy, and copy=False")


def taken(data: Any, dtype: npt.DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A Tensor that takes over an array that nobody else holds."""
    if captures and capturing() and type(data) in tensor_types:
        tensor: Tensor = wrap((data if dtype is None else Tensor.to(data, dtype))._value)
    else:
        tensor = wrap(to_value(data, dtype, copy=False))
    tensor._name = name
    return tensor


bind_tensor(Tensor, join)

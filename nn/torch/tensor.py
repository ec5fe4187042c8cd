"""Tensor, as PyTorch has it: a Tensor of autograd whose methods mean what they mean there."""

from __future__ import annotations

import operator
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd.engine.constants import share
from autograd.engine.dtypes import get_default_dtype
from autograd.engine.modes import capturing
from autograd.errors import (
    ArgumentTypeError,
    ShapeError,
    StateError,
)
from autograd.extend import raw
from autograd.tensors.inplace import replace
from autograd.tensors.living import forget
from nn.torch import dtypes, printing, refusals, sizes
from nn.torch.devices import CPU, check_cpu, device

__all__ = ["Tensor", "as_face"]


class Tensor(autograd.Tensor, results=True):
    """A Tensor with PyTorch's methods; what ops and layers compute from it is one too.

    `Tensor(2, 3)` is of a size, and zeros here; `Tensor([2, 3])` holds the numbers as floats.

    >>> import nn.torch as torch
    >>> torch.Tensor([2, 3])
    tensor([2., 3.])
    """

    __slots__ = ()

    def __init__(self, *data: Any, **options: Any) -> None:
        if type(self) is not Tensor or options.keys() - {"device"}:
            super().__init__(*data, **options)  # a Parameter, or what nn makes
            return
        check_cpu(options.get("device"))
        floating = get_default_dtype()
        if len(data) == 1 and not isinstance(data[0], int):
            if isinstance(data[0], sizes.Size):
                super().__init__(np.zeros(data[0], floating))
                return
            super().__init__(data[0])
            if raw(self).dtype != floating:
                replace(self, raw(autograd.astype(self, floating)))
        elif all(isinstance(n, int) for n in data):
            super().__init__(np.zeros(data or 0, floating))
        else:
            raise ArgumentTypeError("Tensor takes a size, as in Tensor(2, 3), or numbers in a list")

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def dtype(self) -> Any:
        """The dtype, as torch.float32."""
        return dtypes.of(raw(self).dtype)

    @property
    def shape(self) -> Any:
        """The length of each dimension, as torch.Size."""
        return sizes.Size(raw(self).shape)

    @property
    def size(self) -> Any:
        """`x.size()` is the shape, `x.size(0)` a length of it."""
        return sizes.count(raw(self).shape)

    @property
    def device(self) -> device:
        """The CPU."""
        return CPU

    @property
    def layout(self) -> Any:
        """How numbers lie in memory."""
        return "torch.strided"

    @property
    def itemsize(self) -> int:
        """The bytes that one element takes."""
        return int(raw(self).itemsize)

    @property
    def is_cuda(self) -> bool:
        """Whether it is on a GPU: no."""
        return False

    is_mps = is_xpu = is_xla = is_ipu = is_mtia = is_vulkan = is_meta = is_cuda
    is_sparse = is_sparse_csr = is_quantized = is_nested = is_mkldnn = is_maia = is_cuda

    @property
    def is_cpu(self) -> bool:
        """Whether it is on the CPU: yes."""
        return True

    @property
    def volatile(self) -> bool:
        """False: it went with PyTorch 0.4; setting it warns."""
        return False

    @volatile.setter
    def volatile(self, value: bool) -> None:
        warnings.warn("volatile is no more; use torch.no_grad()", UserWarning, stacklevel=2)

    @property
    def retains_grad(self) -> bool:
        """Whether it keeps its gradient although it is no leaf."""
        extra = getattr(self.grad_fn, "extra", None)
        return bool(getattr(extra, "retains", False))

    @property
    def H(self) -> Any:
        """A matrix transposed and conjugated."""
        if self.ndim > 2:
            raise ShapeError("H is of matrices; use x.mH")
        return self.T.conj()

    @property
    def mH(self) -> Any:
        """The last two dimensions exchanged, and conjugated."""
        return self.mT.conj()

    @property
    def data(self) -> Any:
        """The Tensor outside the graph: assigning or writing to it changes the Tensor in place."""
        return autograd.Tensor.data.fget(self)  # type: ignore[attr-defined]

    @data.setter
    def data(self, value: Any) -> None:
        array = raw(value)
        if hasattr(array, "dtype") and array.dtype != raw(self).dtype and self.is_leaf:
            forget(self)
            replace(self, np.array(array) if array.ndim else array)
            return
        autograd.Tensor.data.fset(self, value)  # type: ignore[attr-defined]

    # ---- the graph -------------------------------------------------------------------------------

    def register_hook(self, hook: Callable[[Any], Any]) -> Any:
        """Call `hook(grad)` when the gradient arrives; what it returns replaces it."""
        return super().register_hook(lambda grad: hook(as_face(grad)))

    def retain_grad(self) -> None:
        """Keep `.grad` on this Tensor although it is not a leaf."""
        if self.requires_grad and self.is_leaf:
            return
        super().retain_grad()

    def backward(
        self,
        gradient: Any = None,
        retain_graph: Any = None,
        create_graph: Any = False,
        inputs: Any = None,
    ) -> None:
        """Add the gradient of this Tensor to the `.grad` of every leaf, or of `inputs` alone."""
        super().backward(gradient, retain_graph, bool(create_graph), inputs)

    # ---- out of the graph ------------------------------------------------------------------------

    def numpy(self, *, force: bool = False) -> Any:
        """The numbers as an array that shares memory; of what requires grad, with `force` alone."""
        if self.requires_grad and not force:
            raise StateError(
                "numpy() of a Tensor that requires grad would leave the graph; "
                "use tensor.detach().numpy()"
            )
        array, value = super().numpy(), raw(self)
        if isinstance(value, np.ndarray) and value.flags.writeable:
            share(value)  # writes to the one reach the other
            array.flags.writeable = True
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """`np.sqrt(2) * x`: a scalar of NumPy's is a number, which has no dtype of its own."""
        if method == "__call__" and ufunc in _SIGNS and isinstance(inputs[0], np.generic):
            return _SIGNS[ufunc](inputs[0].item(), inputs[1])
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy's functions that join give arrays, as there; of what has a graph, Tensors."""
        if (
            func not in _JOINING
            or not args
            or capturing()
            or sys._getframe(1).f_globals.get("__name__", "").partition(".")[0] in _OURS
            or any(x.requires_grad for x in _tensors(args[0]))
        ):
            return super().__array_function__(func, types, args, kwargs)
        return func([raw(x) for x in args[0]], *args[1:], **kwargs)

    # ---- how it looks ----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return printing.text(self)

    def __format__(self, spec: str) -> str:
        if not self.ndim:
            return format(raw(self).item(), spec)
        if spec:
            raise ArgumentTypeError(
                f"a Tensor of shape {tuple(self.shape)} has no format {spec!r}; format its numbers"
            )
        return str(self)

    locals().update({name: refusals.Refused(name) for name in refusals.OF_TENSORS})


_SIGNS = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul,
    np.true_divide: operator.truediv, np.floor_divide: operator.floordiv,
    np.remainder: operator.mod, np.power: operator.pow,
}  # fmt: skip
_OURS = ("autograd", "nn", "optim")  # an op that joins is no program that asks for an array
_JOINING = (
    np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack,
)  # fmt: skip


def _tensors(values: Any) -> list[Any]:
    return [x for x in values if isinstance(x, autograd.Tensor)]


def as_face(value: Any) -> Any:
    """A Tensor of autograd itself in this class, the same object; anything else as it is."""
    if type(value) is autograd.Tensor:
        value.__class__ = Tensor
    return value

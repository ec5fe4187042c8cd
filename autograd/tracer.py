"""Looks at traced values, by HIPS autograd's names.

There are no boxes: in a function that is being differentiated the arguments are Tensors. `isbox`
tells whether a value is one, and `getval` is the plain value of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from autograd.engine.operands import raw, tensor_types
from autograd.errors import MissingAttributeError, UnsupportedError
from autograd.graph.pytree import nested
from autograd.primitives import primitive, primitive_jvps, primitive_vjps

__all__ = [
    "Box", "getval", "isbox", "notrace_primitive", "primitive", "primitive_jvps", "primitive_vjps",
    "register_notrace",
]  # fmt: skip


class _Tensors(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return type(instance) in tensor_types


class Box(metaclass=_Tensors):
    """HIPS' name of traced values: every Tensor is one.

    >>> import autograd as ag
    >>> isinstance(ag.Tensor([1.0]), Box)
    True
    """

    type_mappings: ClassVar[dict[type, Any]] = {}  # what libraries enter there does not matter

    @classmethod
    def register(cls, value_type: type) -> None:
        """Refuse a class of one's own, which a Tensor cannot hold."""
        raise UnsupportedError(
            f"values of {value_type.__name__} cannot be differentiated by: there are no boxes, "
            "only Tensors. Keep the numbers of such a value in arrays, in a list, tuple or dict."
        )


def isbox(x: Any) -> bool:
    """Whether a value is a Tensor, as `x` is in a function that is being differentiated.

    >>> import autograd.numpy as np
    >>> isbox(np.ones(2))
    False
    """
    return type(x) in tensor_types


def getval(x: Any) -> Any:
    """The array of a Tensor (a NumPy scalar, if it has no axes); any other `x` as it is.

    Shape: that of `x`. It is the Tensor's own memory, to be read.

    >>> import autograd as ag
    >>> getval(ag.Tensor([1.0, 2.0]))
    array([1., 2.], dtype=float32)
    """
    return raw(x)


def notrace_primitive(f_raw: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is run on the plain values of Tensors, and has no derivative.

    `f_raw` is the function.

    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> floor = notrace_primitive(np.floor)
    >>> print(grad(lambda x: x * floor(x))(2.5))
    2.0
    """

    @functools.wraps(f_raw)
    def on_values(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*nested(raw, args), **nested(raw, kwargs))

    return on_values


def register_notrace(trace_type: Any, primitive_fun: Any) -> None:
    """Give a primitive no derivative: its gradient is 0.

    `trace_type` is HIPS' node of reverse or forward mode, and does not matter here;
    `primitive_fun` is the primitive.

    >>> from autograd import deriv
    >>> step = primitive(lambda x: 1.0 * (x > 0))
    >>> register_notrace(None, step)
    >>> print(deriv(step)(2.0))
    0.0
    """
    primitive_vjps[primitive_fun] = lambda argnums, *_: lambda g: [None] * len(argnums)
    primitive_jvps[primitive_fun] = lambda argnums, gs, out, *_: nested(np.zeros_like, out)


_NODES = (
    "JVPNode", "Node", "SparseObject", "VJPNode", "backward_pass", "new_box", "toposort", "trace",
    "trace_primitives_map", "trace_stack",
)  # fmt: skip


class Absent:
    """Stands for what is not there, so that it can be imported; whoever uses it is told."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UnsupportedError(
            f"autograd has no {self._name}: there are no boxes and traces, only Tensors. "
            "autograd.Graph(y) is the graph of a Tensor, autograd.viz draws it, and make_vjp(f)(x) "
            "is the pullback of a function."
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise MissingAttributeError(name)
        return self._refuse()

    __call__ = __mro_entries__ = _refuse


def refused(name: str) -> Any:
    """Something in the place of HIPS' boxes: the `__getattr__` of this module and core."""
    if name in _NODES:
        return Absent(name)
    raise MissingAttributeError(f"autograd.tracer and autograd.core have no {name!r}")


__getattr__ = refused

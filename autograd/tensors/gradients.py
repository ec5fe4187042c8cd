"""Tensor's place in the graph: whether it is a leaf, the gradient that it holds, the sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.checks import check_options
from autograd.engine.constants import is_shared
from autograd.engine.dtypes import to_value
from autograd.engine.modes import captures, capturing
from autograd.engine.node import Node, new_node
from autograd.engine.operands import faced, faces, joined, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import LEAF
from autograd.engine.trail import step_capture
from autograd.engine.typed import Tensor
from autograd.errors import InPlaceError, IntegerGradError, ShapeError
from autograd.ops.shape.shape import astype
from autograd.ops.shape.shape import copy as duplicate
from autograd.sweep import differentiate

__all__ = ["Gradients"]


class Gradients:
    """Mixed into Tensor, which provides the attributes used here."""

    __slots__ = ()

    _node: Node | None

    @property
    def requires_grad(self: Any) -> bool:
        """Whether backward gives it, or what it was computed from, a gradient."""
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self: Any, value: bool) -> None:
        self.requires_grad_(value)

    @spelled
    def requires_grad_(self: Any, requires_grad: bool = True) -> Tensor:
        """Start or stop being a leaf that gets a gradient; returns the Tensor itself.

        Integers raise IntegerGradError; the result of an operation, which cannot stop,
        InPlaceError.

        >>> import autograd as ag
        >>> ag.Tensor([1.0]).requires_grad_()
        Tensor([1.], dtype=float32, requires_grad=True)
        """
        if requires_grad is not True and requires_grad is not False:
            given = {"requires_grad": requires_grad}
            check_options("requires_grad_", Gradients.requires_grad_, given)
        if requires_grad == self.requires_grad:
            return self  # type: ignore[no-any-return]
        if captures and (capture := step_capture()) is not None:
            capture.changes_leaf(self)
        if not requires_grad:
            if not self.is_leaf:
                raise InPlaceError(
                    f"{self._label()} is the result of {self._op_name()}; only a leaf can stop "
                    "requiring grad.\n  Use y.detach() for a Tensor outside the graph."
                )
            self._node = None
            return self  # type: ignore[no-any-return]
        if self.dtype.kind not in "fc":
            raise IntegerGradError(
                f"only floating and complex Tensors can require grad; {self._label()} is "
                f"{self.dtype}.\n  Make it floating: Tensor(data, dtype='float32', "
                "requires_grad=True)."
            )
        self._become_leaf()
        return self  # type: ignore[no-any-return]

    def _become_leaf(self: Any) -> None:
        self._origin = None  # whoever trains it changes a copy where others share the memory
        if is_shared(self._value):
            self._value = duplicate(self)._value if capturing() else self._value.copy()
        self._node = new_node(LEAF, (), self._value)
        self._node.saved = (self._value,)
        self._node.more().name = self._name

    @property
    def is_leaf(self: Any) -> bool:
        """Whether the user made it, or it needs no gradient."""
        return self._node is None or self._node.is_leaf

    @property
    def grad_fn(self: Any) -> Node | None:
        """The operation that made it; None for a leaf. `grad_fn.inputs` lead further."""
        return None if self.is_leaf else self._node

    @property
    def grad(self: Any) -> Tensor | None:
        """The accumulated gradient, of the Tensor's own shape and dtype; None before backward."""
        if captures and (capture := step_capture()) is not None:
            return capture.gradient(self)  # type: ignore[no-any-return]
        extra = None if self._node is None else self._node.extra
        grad: Tensor | None = None if extra is None else extra.grad
        if faces and grad is not None:
            faced((self,), grad)
        return grad

    @grad.setter
    def grad(self: Any, value: Any) -> None:
        if self._node is None:
            if value is None:
                return
            raise InPlaceError(f"{self._label()} does not require grad, so it holds no gradient")
        if value is not None:
            value = joined(value)
            if type(value) not in tensor_types:
                value = wrap(to_value(value, None, copy=True))
            if value._value.dtype != self._value.dtype:
                value = astype(value, self._value.dtype)
            if value._value.shape != self._value.shape:
                raise ShapeError(
                    f"grad is {value.shape} for {self._label()}, which is {self.shape}"
                )
            if type(self) in faces and type(value) not in faces:  # the user's keeps its class
                value = faced((self,), wrap(value._value, value._node))
        if captures and (capture := capturing()):
            capture.sets_grad(self)
        self._node.more().grad = value

    @spelled
    def zero_grad(self: Any, set_to_none: bool = True) -> None:
        """Forget the gradient, or set it to zeros unless `set_to_none`.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> (x * x).backward()
        >>> x.zero_grad()
        >>> x.grad is None
        True
        """
        if set_to_none is not True and set_to_none is not False:
            check_options("zero_grad", Gradients.zero_grad, {"set_to_none": set_to_none})
        if captures and (capture := step_capture()) is not None and self._node is not None:
            capture.zero_gradient(self, set_to_none)
        elif self.grad is not None:
            self.grad = None if set_to_none else wrap(np.zeros_like(self._value))

    def retain_grad(self: Any) -> None:
        """Keep `.grad` on this Tensor although it is not a leaf.

        One that does not require grad raises InPlaceError.

        >>> import autograd as ag
        >>> y = ag.Tensor(3.0, requires_grad=True) * 2
        >>> y.retain_grad()
        >>> (y * y).backward()
        >>> y.grad.item()
        12.0
        """
        self._needs_node("retain_grad").more().retains = True

    @spelled
    def register_hook(self: Any, hook: Callable[[Tensor], Any]) -> differentiate.HookHandle:
        """Call `hook(grad)` when the gradient arrives; what it returns, if anything, replaces it.

        A hook that writes to the gradient in place changes it as well, and no other one.
        Hooks run in the order of registration; `handle.remove()` takes one away. A Tensor that does
        not require grad raises InPlaceError.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> handle = x.register_hook(lambda grad: 10 * grad)
        >>> (x * x).backward()
        >>> x.grad.item()
        60.0
        """
        return differentiate.HookHandle(self._needs_node("register_hook"), hook)

    def _needs_node(self: Any, method: str) -> Node:
        if self._node is None:
            raise InPlaceError(f"{method}: {self._label()} does not require grad")
        return self._node  # type: ignore[no-any-return]

    @spelled
    def backward(
        self: Any,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the gradient of this Tensor to the `.grad` of every leaf (or of `inputs` alone).

        `gradient` is the cotangent of this Tensor, of its shape; it may be left out for a scalar,
        else NonScalarError is raised. `create_graph` records the gradients themselves, for higher
        order; `retain_graph` keeps the saved values for another sweep (default: the same as
        `create_graph`), which raises FreedGraphError without it.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> (x**2).backward()
        >>> x.grad.item()
        6.0
        """
        differentiate.backward(self, gradient, retain_graph, create_graph, inputs)

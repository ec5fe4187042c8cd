"""Lazy modules: layers that learn the size of their input from the first input they get."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any, ClassVar

from autograd.engine.diagnose import here
from autograd.engine.modes import uncaptured
from autograd.errors import MissingMethodError, UninitializedError
from autograd.extend import raw
from autograd.system.forks import forkable
from autograd.tensors.inplace import write
from nn.module.module import Module
from nn.module.parameter import is_lazy

_first_calls = forkable(RLock())  # one at a time; modules below may have theirs inside


class LazyModuleMixin(Module):
    """Base, beside the layer itself, of a layer some of whose sizes follow from its first input.

    A subclass `LazyX(LazyModuleMixin, X)` sets `cls_to_become = X`, makes UninitializedParameters
    in `__init__`, and writes `initialize_parameters`, which gets the first input, and
    `adopt_sizes`, which reads attributes such as in_features off the shapes of the parameters.
    After its first call, or when a state has been loaded, the module is an ordinary X: nothing is
    left of the laziness, nor of its cost.

    >>> import autograd as ag
    >>> import nn
    >>> class LazyScale(nn.LazyModuleMixin, nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.UninitializedParameter()
    ...
    ...     def initialize_parameters(self, x):
    ...         self.factor.materialize(x.shape[-1:])
    ...         nn.init.ones_(self.factor)
    ...
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> LazyScale()(ag.Tensor([1.0, 2.0])).detach()
    Tensor([1., 2.], dtype=float32)
    """

    cls_to_become: ClassVar[type[Module] | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._first_call = self.register_forward_pre_hook(_initialize, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Materialize and fill the parameters, for the first input; every lazy module's own."""
        raise MissingMethodError(
            f"{type(self).__name__} has no initialize_parameters(): define it to materialize the "
            "parameters for a first input"
        )

    def adopt_sizes(self) -> None:
        """Set the attributes that follow from the parameters' shapes, such as in_features."""

    def materialize(self, **shapes: Sequence[int]) -> None:
        """Give parameters and buffers of these names their shapes, if they have none yet."""
        for name, shape in shapes.items():
            tensor = getattr(self, name)
            if is_lazy(tensor):
                tensor.materialize(shape)

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer of this module (not of those below) has no shape yet."""
        return any(map(is_lazy, (*self._parameters.values(), *self._buffers.values())))

    def become_ordinary(self) -> None:
        """Leave the laziness behind, now that all parameters are there."""
        self.adopt_sizes()
        self._first_call.remove()
        del self._first_call
        if not self._hooks:
            self._hooks = None
        if self.cls_to_become is not None:
            self.__class__ = self.cls_to_become  # type: ignore[assignment]

    def _loaded(self) -> None:
        if not self.has_uninitialized_params():
            if hasattr(self, "_first_call"):
                self.become_ordinary()
        else:  # part of a state: what is there already shall outlive the first call
            held = (*self._parameters.values(), *self._buffers.values())
            self._kept = [(t, raw(t).copy()) for t in held if t is not None and not is_lazy(t)]


def _initialize(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """The pre-hook of a lazy module: its first call makes the parameters."""
    with _first_calls, uncaptured:
        if hasattr(module, "_first_call"):  # else another thread's call was the first
            _make_ordinary(module, args, kwargs)


def _make_ordinary(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if module.has_uninitialized_params():
        module.initialize_parameters(*args, **kwargs)
        for tensor, value in module.__dict__.pop("_kept", ()):
            write(tensor, value)
    if module.has_uninitialized_params():
        lazy = [n for n, p in (*module._parameters.items(), *module._buffers.items()) if is_lazy(p)]
        raise UninitializedError(
            f"{type(module).__name__}.initialize_parameters() left {', '.join(lazy)} without a "
            f"shape{here()}"
        )
    module.become_ordinary()

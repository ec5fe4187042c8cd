"""torch.compile: functions and modules as plans, and as they are written where there is none."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import autograd
from autograd.errors import TraceError
from nn.torch.nn.module import Module

_EAGER = ("eager", "aot_eager")  # PyTorch's own names of ways that compile nothing


def compile(
    model: Any = None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend: Any = "inductor",
    mode: str | None = None,
    options: Any = None,
    disable: bool = False,
) -> Any:
    """A function or a module that runs as a plan (`ag.compile`), for each kind of call its own.

    What no plan can hold runs as it is written, from then on; with `fullgraph` it raises
    TraceError. A module comes as an `OptimizedModule`, with the same parameters. `dynamic`, `mode`
    and `options` are accepted: they say how PyTorch compiles.
    """
    if model is None:
        return functools.partial(compile, fullgraph=fullgraph, backend=backend, disable=disable)
    as_written = inspect.isgeneratorfunction(model) or inspect.iscoroutinefunction(model)
    if disable or as_written or isinstance(model, type) or backend in _EAGER:
        return model
    run = _Planned(model, fullgraph)
    return OptimizedModule(model, run) if isinstance(model, Module) else run


class _Planned:
    """A function that runs as a plan, until a call finds that there is none."""

    def __init__(self, function: Any, whole: bool) -> None:
        self.function, self.whole = function, whole
        self.plan: Any = autograd.compile(function)
        self.is_written = False
        if not isinstance(function, Module):
            functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_written:
            return self.function(*args, **kwargs)
        try:
            return self.plan(*args, **kwargs)
        except TraceError:
            if self.whole:
                raise
            self.is_written = True
            return self.function(*args, **kwargs)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else types.MethodType(self, owner)


class OptimizedModule(Module):
    """A module that runs as plans; all it has is that of the module, `_orig_mod`."""

    def __init__(self, module: Module, run: Callable[..., Any]) -> None:
        super().__init__()
        self._orig_mod = module
        self._planned = run
        self.training = module.training

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._planned(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        own = vars(self).get("_orig_mod")
        if own is None:
            raise AttributeError(name)
        return getattr(own, name)


def is_compiling() -> bool:
    """False."""
    return False


def disable(fn: Any = None, **options: Any) -> Any:
    """The function itself."""
    return fn if fn is not None else (lambda function: function)


is_dynamo_compiling = is_exporting = is_compiling
allow_in_graph = disable


def reset() -> None:
    """Nothing."""

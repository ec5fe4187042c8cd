"""Module: a function with parameters, made of other modules, that knows what it holds.

What is set as an attribute is registered by its class: a Parameter, a buffer (a Tensor given to
`register_buffer`), or a Module. The registries `_parameters`, `_buffers` and `_modules` hold them
in order; the same objects also lie in the instance's `__dict__`, so that `self.weight` inside
`forward` is a plain attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import Tensor
from autograd.engine.arguments import checked_class, spell
from autograd.engine.checks import PACKAGES
from autograd.engine.diagnose import blame
from autograd.engine.kinds import declare
from autograd.engine.modes import Mode, Scope, current_mode, reset_mode, set_mode
from autograd.errors import (
    ArgumentError,
    ArgumentTypeError,
    MissingAttributeError,
    MissingMethodError,
)
from nn.module.elsewhere import Elsewhere
from nn.module.hooks import Hook, HookHandle, Hooks
from nn.module.parameter import Buffer, Parameter
from nn.module.protocols import ModuleProtocols
from nn.module.tree import got, join, too_deep

if TYPE_CHECKING:
    from nn.module.typed import Forwards, P, R

_REGISTRIES = ("_parameters", "_buffers", "_modules")


class Module(ModuleProtocols["Module"], Elsewhere):
    """Base of all layers and models: set parameters and modules as attributes, write `forward`.

    >>> import autograd as ag
    >>> import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(2.0)
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(ag.Tensor([1.0, 3.0])).detach()
    Tensor([2., 6.], dtype=float32)
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    """

    _hooks: Hooks | None = None
    _path = ""  # dotted path from the outermost module; "" there, and before it is set anywhere
    _scope_name = ""  # the part of the path that a call adds to its caller's
    _kind = "Module"
    _is_called = True  # False for lists of modules, which add to the names of their items instead

    def __init__(self) -> None:
        for registry in _REGISTRIES:
            object.__setattr__(self, registry, {})
        object.__setattr__(self, "_transient", set())  # buffers that are not saved
        object.__setattr__(self, "training", True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._kind = cls.__name__
        if cls.__module__.partition(".")[0] in PACKAGES:
            checked_class(cls)

    # ---- calling -------------------------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every module writes its own."""
        raise MissingMethodError(
            f"{type(self).__name__} has no forward(): define forward(self, ...) in the class"
        )

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        mode = current_mode()
        outer = mode.scope
        name = self._path if outer is None else self._scope_name
        scope = Scope(name, self._kind, outer)
        around = mode.watches, None, mode.capture, mode.depth, mode.packer
        token = set_mode(Mode(mode.records, scope, mode.traces, *around))
        if mode.capture is not None:
            mode.capture.calls(self)
        try:
            hooks = self._hooks  # another thread may take them away
            if hooks:
                return hooks.run(self, args, kwargs)
            return self.forward(*args, **kwargs) if kwargs else self.forward(*args)
        except AttributeError as error:
            raise self._blamed(error, args, kwargs) from None
        except RecursionError as error:
            if outer is None:
                raise too_deep(self._kind) from error
            raise
        finally:
            reset_mode(token)

    if TYPE_CHECKING:

        def __call__(self: Forwards[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    else:
        __call__ = _run

    def _blamed(self, error: Exception, args: Any, kwargs: Any) -> Exception:
        """The error to raise instead, if one of the inputs of a layer is no array."""
        if type(self).__module__.partition(".")[0] not in PACKAGES:
            return error
        code = type(self).forward.__code__
        given = dict(zip(code.co_varnames[1 : code.co_argcount], args, strict=False)) | kwargs
        return blame(self._kind, given, given, error)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> HookHandle:
        """Call `hook(module, args)` before `forward`; what it returns are the new arguments.

        With `with_kwargs` it is `hook(module, args, kwargs)`, and it returns None or both.
        `prepend` puts it before the hooks that are there already.
        """
        return HookHandle(self._own_hooks().before, hook, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> HookHandle:
        """Call `hook(module, args, output)` after `forward`; what it returns takes over.

        With `with_kwargs` it is `hook(module, args, kwargs, output)`. With `always_call` it is
        called also when `forward` raises, with None for the output.
        """
        entry = Hook(hook, with_kwargs, always_call)
        return HookHandle(self._own_hooks().after, hook, entry, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call `hook(module, grad_output)` when the gradients of the outputs are there.

        What it returns, a tuple like `grad_output`, takes its place.
        """
        return HookHandle(self._own_hooks().backward_before, hook, first=prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> HookHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are there.

        Both are tuples, over the positional arguments and the outputs, with None for what is no
        Tensor; what it returns, a tuple like `grad_input`, takes that one's place. If no input
        needs a gradient, it is called when the gradients of the outputs are there, with None alone.
        """
        return HookHandle(self._own_hooks().backward, hook, first=prepend)

    def _own_hooks(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    # ---- registering ---------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        registry = self._registry_for(name, value)
        if registry is None:
            object.__setattr__(self, name, value)
        else:
            self._register(registry, name, value)

    def _registry_for(self, name: str, value: Any) -> str | None:
        """Where a value that is set as attribute `name` belongs; None for plain attributes."""
        kind = self._kind_of(value)
        if "_modules" not in self.__dict__:
            if kind is None:
                return None
            raise MissingAttributeError(
                f"cannot set {name!r} before Module.__init__() has run: "
                f"call super().__init__() first in {type(self).__name__}.__init__"
            )
        held = self._registry_of(name)
        if kind is not None or held is None:
            return kind
        if value is None or (held == "_buffers" and isinstance(value, Tensor)):
            return held
        wanted = {"_parameters": "nn.Parameter", "_buffers": "Tensor", "_modules": "nn.Module"}
        raise ArgumentTypeError(
            f"cannot set {self._label(name)} to a {type(value).__name__}: it is registered as "
            f"{held[1:-1]}, which takes {wanted[held]} or None.\n  Use `del` first to make it a "
            "plain attribute."
        )

    @staticmethod
    def _kind_of(value: Any) -> str | None:
        if isinstance(value, Parameter):
            return "_parameters"
        if isinstance(value, Buffer):
            return "_buffers"
        return "_modules" if isinstance(value, Module) else None

    def _registry_of(self, name: str) -> str | None:
        return next((r for r in _REGISTRIES if name in self.__dict__[r]), None)

    def _label(self, name: str) -> str:
        return f"{type(self).__name__}.{name}"

    def _register(self, registry: str, name: str, value: Any) -> None:
        if isinstance(value, Module) and any(module is self for module in value.modules()):
            raise ArgumentError(f"{self._label(name)} would hold {type(self).__name__} itself")
        held = self._registry_of(name)
        if held is not None:
            self._release(name, held)
            if held != registry:
                del self.__dict__[held][name]
                self._transient.discard(name)
        object.__setattr__(self, name, value)
        self.__dict__[registry][name] = value
        if isinstance(value, Buffer):
            (self._transient.discard if value.persistent else self._transient.add)(name)
        self._place_child(name, self._path, value)

    def __delattr__(self, name: str) -> None:
        registry = self._registry_of(name) if "_modules" in self.__dict__ else None
        if registry is not None:
            self._release(name, registry)
            del self.__dict__[registry][name]
            self._transient.discard(name)
        object.__delattr__(self, name)

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter; None keeps its place, as for a layer without bias."""
        if parameter is not None and not isinstance(parameter, Parameter):
            raise ArgumentTypeError(
                f"{self._label(name)} must be an nn.Parameter or None, {got(parameter)}"
            )
        self._check_new_name(name, "_parameters")
        self._register("_parameters", name, parameter)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a Tensor that is state but not trained; it is saved if `persistent`."""
        if tensor is not None and not isinstance(tensor, Tensor):
            raise ArgumentTypeError(f"{self._label(name)} must be a Tensor or None, {got(tensor)}")
        self._check_new_name(name, "_buffers")
        self._register("_buffers", name, tensor)
        (self._transient.discard if persistent else self._transient.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Register a module under a name, as setting the attribute does."""
        if module is not None and not isinstance(module, Module):
            raise ArgumentTypeError(
                f"{self._label(name)} must be an nn.Module or None, {got(module)}"
            )
        self._check_new_name(name, "_modules")
        self._register("_modules", name, module)

    add_module = register_module

    def _check_new_name(self, name: str, registry: str) -> None:
        if "_modules" not in self.__dict__:
            raise MissingAttributeError(
                f"cannot register {name!r}: call super().__init__() first in "
                f"{type(self).__name__}.__init__"
            )
        if not isinstance(name, str):
            raise ArgumentTypeError(f"a name must be a string, {got(name)}")
        if not name or "." in name:
            raise ArgumentError(f"{name!r} cannot be a name: it must not be empty or contain a dot")
        if hasattr(self, name) and name not in self.__dict__[registry]:
            raise ArgumentError(f"{self._label(name)} exists already")

    # ---- names ---------------------------------------------------------------------------------

    # A parameter or module keeps the name of the place that was first to name it. The test for
    # "named by this place" is that it still has exactly the name that this place gave.

    def _place(self, path: str, scope_name: str) -> None:
        """Learn the dotted path of this module, and tell everything below."""
        stack = self._place_alone(path, scope_name)
        while stack:
            child, known, path, scope_name = stack.pop()
            if child._path in ("", known):
                stack += child._place_alone(path, scope_name)

    def _place_alone(self, path: str, scope_name: str) -> list[tuple[Module, str, str, str]]:
        """Learn the path, and name the parameters. Returns the modules set on this one, last first.

        With each comes its path until now if this module gave it, then the path and scope's name
        that it gives now.
        """
        old = self._path
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_scope_name", scope_name)
        for name, parameter in self._parameters.items():
            self._place_child(name, old, parameter)
        return [
            (child, join(old, name), join(path, name), self._scope_of(name))
            for name, child in reversed(self._modules.items())
            if child is not None
        ]

    def _scope_of(self, name: str) -> str:
        return name if self._is_called else join(self._scope_name, name)

    def _place_child(self, name: str, old: str, child: Any) -> None:
        """Name a child whose name is free, or was given by this module at its path `old`."""
        path = join(self._path, name)
        if isinstance(child, Parameter):
            if child.name in (None, join(old, name)):
                child.name = path
        elif isinstance(child, Module) and child._path in ("", join(old, name)):
            child._place(path, self._scope_of(name))

    def _release(self, name: str, registry: str) -> None:
        """Take back the name that this module gave to what it no longer holds."""
        child = self.__dict__[registry][name]
        if isinstance(child, Module) and child._path == join(self._path, name):
            child._place("", "")
        elif isinstance(child, Parameter) and child.name == join(self._path, name):
            child.name = None


declare("Module", "an nn.Module", lambda value: isinstance(value, Module))


spell(
    Module, "register_buffer", "register_forward_hook", "register_forward_pre_hook",
    "register_parameter",
)  # fmt: skip

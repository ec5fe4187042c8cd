"""The state dict: parameters and buffers by dotted path, and what else a module wants to keep."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograd import Tensor
from autograd.engine.arguments import spell
from autograd.extend import raw
from autograd.tensors.tensor import taken
from nn.module.hooks import HookHandle
from nn.module.loading import EXTRA, ExtraState, LoadedKeys, has_extra_state, load
from nn.module.parameter import is_lazy
from nn.module.tree import M, ModuleTree

__all__ = ["ModuleState"]


class StateHooks:
    """The hooks of one module about its state, in the order of registration."""

    def __init__(self) -> None:
        self.before_save: dict[int, Any] = {}  # hook(module, prefix, keep_vars)
        self.after_save: dict[int, Any] = {}  # hook(module, state_dict, prefix, metadata)
        self.before_load: dict[int, Any] = {}  # see register_load_state_dict_pre_hook
        self.after_load: dict[int, Any] = {}  # hook(module, keys)


class ModuleState(ExtraState, ModuleTree[M]):
    """Saving and loading; the keys and their order are PyTorch's."""

    _state_hooks: StateHooks | None = None

    # ---- saving --------------------------------------------------------------------------------

    def state_dict(
        self,
        *,
        destination: dict[str, Any] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Any]:
        """Copies of all parameters and saved buffers, detached, by dotted path.

        They are put into `destination`, if one is given, under keys that begin with `prefix`. With
        `keep_vars` they are the parameters and buffers themselves.

        >>> import nn
        >>> list(nn.Sequential(nn.Linear(2, 3), nn.ReLU()).state_dict())
        ['0.weight', '0.bias']
        """
        state: dict[str, Any] = {} if destination is None else destination
        stack: list[tuple[Any, str, bool]] = [(self, prefix, False)]
        while stack:
            module, path, is_taken = stack.pop()
            hooks = module._state_hooks
            if is_taken:
                for after in tuple(hooks.after_save.values()):
                    after(module, state, path, {})
            elif module is not self and type(module).state_dict is not ModuleState.state_dict:
                module.state_dict(destination=state, prefix=path, keep_vars=keep_vars)
            else:
                for before in tuple(hooks.before_save.values()) if hooks else ():
                    before(module, path, keep_vars)
                module._take_own_state(state, path, keep_vars)
                if module._state_hooks:
                    stack.append((module, path, True))
                below = [(n, m) for n, m in module._modules.items() if m is not None]
                stack += [(m, f"{path}{n}.", False) for n, m in reversed(below)]
        return state

    def _take_own_state(self, state: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        for name, tensor in self._own_state():
            state[prefix + name] = tensor if keep_vars else _saved(tensor)
        if has_extra_state(self, "get_extra_state"):
            state[prefix + EXTRA] = self.get_extra_state()

    def _own_state(self) -> Iterator[tuple[str, Any]]:
        """(name, tensor) of everything that is saved of this module alone."""
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            if tensor is not None and name not in self._transient:
                yield name, tensor

    # ---- loading -------------------------------------------------------------------------------

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> LoadedKeys:
        """Copy values (Tensors or arrays) into the parameters and buffers of the same keys.

        With `assign` parameters and buffers are replaced by new ones, of the dtype of the state;
        optimizers that hold the old ones must be made again.

        Raises StateDictError, with nothing changed, if keys are missing or unexpected (unless
        `strict` is False), or if a value has another shape or a dtype that cannot be cast.
        """
        return load(self, state_dict, strict, assign)

    def _to_load(self, state: dict[str, Any], prefix: str) -> None:
        """Called before a state, a copy, is loaded here: what an older version lacks is put in."""

    def _loaded(self) -> None:
        """Called when a state has been loaded here or above."""

    # ---- hooks ---------------------------------------------------------------------------------

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call `hook(module, prefix, keep_vars)` before the state of this module is taken."""
        return HookHandle(self._own_state_hooks().before_save, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call `hook(module, state_dict, prefix, metadata)` after the state was taken.

        It may change `state_dict`, where the keys of this module begin with `prefix`; `metadata`
        is an empty dict.
        """
        return HookHandle(self._own_state_hooks().after_save, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call a hook before a state is loaded into this module.

        `hook(module, state_dict, prefix, metadata, strict, missing_keys, unexpected_keys, errors)`
        may change `state_dict`, a copy, and append to the lists; an entry in `errors` is raised.
        """
        return HookHandle(self._own_state_hooks().before_load, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call `hook(module, keys)` after a state was loaded, before `strict` is looked at.

        `keys` has the lists `missing_keys` and `unexpected_keys`, which it may change.
        """
        return HookHandle(self._own_state_hooks().after_load, hook)

    def _own_state_hooks(self) -> StateHooks:
        if self._state_hooks is None:
            self._state_hooks = StateHooks()
        return self._state_hooks


def _saved(tensor: Any) -> Tensor:
    saved: Tensor = copy.deepcopy(tensor) if is_lazy(tensor) else taken(raw(tensor).copy())
    return saved


spell(ModuleState, "load_state_dict", "state_dict")

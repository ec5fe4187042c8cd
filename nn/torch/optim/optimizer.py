"""Optimizer of the face: PyTorch's forms of parameters and groups, over the optimizers of optim."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import optim
from autograd.engine.missing import unexpected
from autograd.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.tensor import as_face

__all__ = ["Optimizer", "ParamsT", "face_of", "required"]

ParamsT = _params_t = Any
required: Any = object()  # what optimizers of old have for a rate that must be given
_BESIDE = {"foreach": None, "fused": None, "capturable": False, "differentiable": False}
_WITHOUT = {  # the options of those that other optimizers of PyTorch do not have
    "Adam": (), "AdamW": (), "SGD": ("capturable",), "Adagrad": ("capturable",),
    "Adafactor": ("fused", "capturable", "differentiable"),
    "LBFGS": tuple(_BESIDE), "Muon": tuple(_BESIDE),
}  # fmt: skip
_FACES: dict[type, Any] = {}


class Optimizer(optim.Optimizer):
    """Base of all optimizers; one of your own writes `step`, and keeps what it likes in `state`.

    `params` is an iterable of Tensors, of (name, Tensor) pairs, or of groups.
    """

    _beside: Mapping[str, Any] = {}  # options that PyTorch's groups have, which do nothing here

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, PlainTensor):
            raise ArgumentTypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got a Tensor: write [tensor]"
            )
        super().__init__(params, defaults)
        self.defaults = {**self._beside, **self.defaults}

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group: a dict with the key `params`, and options that differ from the defaults."""
        if isinstance(param_group, Mapping) and "params" in param_group:
            param_group = _with_names(param_group)
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for option, value in self._beside.items():
            group.setdefault(option, value)

    def _check_param(self, p: Any, position: int) -> None:
        if isinstance(p, PlainTensor) and p.is_leaf:
            return  # one without a gradient is left alone
        if isinstance(p, PlainTensor):
            raise ArgumentError(
                f"can't optimize a non-leaf Tensor: parameter {position} is computed from others"
            )
        super()._check_param(p, position)

    def _check_options(self, group: Any) -> None:
        if type(self).__module__.startswith("nn.torch."):  # a user's own checks itself
            super()._check_options(group)

    def _chunks(self, number: int, group: Any) -> Any:
        before = self._plans.get(number)
        chunks = super()._chunks(number, group)
        if self._plans.get(number) is not before:
            for p in group["params"]:
                for value in self.state[p].values() if p in self.state else ():
                    as_face(value)
        return chunks

    def state_dict(self) -> dict[str, Any]:
        """State and options, with parameters numbered in order."""
        state = super().state_dict()
        for group, ours in zip(state["param_groups"], self.param_groups, strict=True):
            group.pop("optimizer", None)
            if "param_names" not in ours:
                group.pop("param_names", None)
        for entry in state["state"].values():
            for value in entry.values():
                as_face(value)
        return state

    # ---- hooks ---------------------------------------------------------------------------------

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(optimizer, args, kwargs)` before each step."""
        return self._hooked("before", hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook(optimizer, args, kwargs)` after each step."""
        return self._hooked("after", hook)

    def _hooked(self, when: str, hook: Callable[..., Any]) -> Any:
        from nn.module.hooks import HookHandle

        if "_step_hooks" not in self.__dict__:
            self._step_hooks: dict[str, dict[int, Any]] = {"before": {}, "after": {}}
            inner = self.step

            def step(*args: Any, **kwargs: Any) -> Any:
                for before in [*self._step_hooks["before"].values()]:
                    args, kwargs = before(self, args, kwargs) or (args, kwargs)
                result = inner(*args, **kwargs)
                for after in [*self._step_hooks["after"].values()]:
                    after(self, args, kwargs)
                return result

            self.step = step  # type: ignore[method-assign] # of this optimizer alone
        return HookHandle(self._step_hooks[when], hook)


def _with_names(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group whose parameters are a list, and whose names, if pairs were given, stand beside."""
    given = group["params"]
    if isinstance(given, (set, frozenset)):
        raise ArgumentTypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of "
            "tensors in sets will change between runs. Please use a list instead."
        )
    params = [given] if isinstance(given, PlainTensor) else [*given]
    if params and all(isinstance(p, tuple) and len(p) == 2 for p in params):
        names = {"param_names": [name for name, _ in params]}
        return {**group, "params": [p for _, p in params], **names}
    return {**group, "params": params}


def face_of(kind: Any) -> Any:
    """The face of one of optim's optimizers: the same, on the Optimizer above."""
    if kind is optim.Optimizer:
        return Optimizer
    if kind in _FACES:
        return _FACES[kind]
    base = face_of(kind.__bases__[0])
    where = {"__module__": "nn.torch.optim", "__qualname__": kind.__name__, "__doc__": kind.__doc__}
    if "__init__" in kind.__dict__:
        where["__init__"] = _constructor(kind)
    _FACES[kind] = type(kind.__name__, (kind, base), where)
    return _FACES[kind]


def _constructor(kind: Any) -> Any:
    made = inspect.unwrap(kind.__init__)
    known = inspect.signature(made).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in known.values())
    without = _WITHOUT.get(kind.__name__, ("fused",))
    switches = {option: value for option, value in _BESIDE.items() if option not in without}

    @functools.wraps(made)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("differentiable"):
            raise UnsupportedError(
                f"{kind.__name__}(differentiable=True): a step is not recorded here; write it as "
                "ops, w = w - lr * grad"
            )
        beside = {option: kwargs.pop(option, value) for option, value in switches.items()}
        if "_beside" not in self.__dict__:
            self._beside = {
                option: value for option, value in beside.items() if option not in known
            }
        for name in () if open_ended else kwargs:
            if name not in known:
                raise unexpected(kind.__name__, name, [*known][1:])
        args = args[:1] + tuple(map(_number, args[1:]))
        made(self, *args, **{name: _number(value) for name, value in kwargs.items()})

    return __init__


def _number(value: Any) -> Any:
    """A rate that is given as a Tensor as the number that it holds."""
    if isinstance(value, PlainTensor) and value.ndim == 0:
        return np.asarray(value).item()
    return value

"""Weight and spectral normalisation by hooks: a weight computed before each call of its layer.

`nn.utils.parametrizations` has the same as parametrizations, which can be combined; here are the
names of parameters that older states have.
"""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd import asarray, no_grad
from autograd.engine.trail import computed
from autograd.errors import ArgumentError
from autograd.extend import raw
from autograd.random import generator
from autograd.tensors.inplace import replace
from nn.module.hooks import ComputesAttribute, HookHandle
from nn.module.module import Module
from nn.module.parameter import Parameter, is_lazy
from nn.utils.parametrizations import as_matrix, norm_except, output_axis, unit


class _HookedNorm(ComputesAttribute):
    """The hook: it computes the weight, and knows how to go away."""

    kind: str
    suffixes: tuple[str, ...]  # of what is registered in place of the weight
    handle: HookHandle

    def __call__(self, module: Any, args: Any) -> None:
        setattr(module, self.name, self.compute(module, module.training))

    def compute(self, module: Any, training: bool) -> Any:
        raise NotImplementedError

    def part(self, module: Any, suffix: str) -> Any:
        return getattr(module, self.name + suffix)

    def remove(self, module: Any) -> None:
        with no_grad():
            weight = self.compute(module, False).detach()
        trained = self.part(module, self.suffixes[0]).requires_grad
        delattr(module, self.name)
        for suffix in self.suffixes:
            delattr(module, self.name + suffix)
        module.register_parameter(self.name, Parameter(weight, trained))
        self.handle.remove()


class _WeightNorm(_HookedNorm):
    kind = "weight_norm"
    suffixes = ("_g", "_v")

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def compute(self, module: Any, training: bool) -> Any:
        direction = self.part(module, "_v")
        return direction * (self.part(module, "_g") / norm_except(direction, self.dim))


def _iterated(matrix: Any, u: Any, v: Any, steps: int, eps: float) -> tuple[Any, Any]:
    for _ in range(steps):
        v = unit(matrix.T @ u, eps)
        u = unit(matrix @ v, eps)
    return u, v


class _SpectralNorm(_HookedNorm):
    kind = "spectral_norm"
    suffixes = ("_orig", "_u", "_v")

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__(name)
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def compute(self, module: Any, training: bool) -> Any:
        weight, held_u, held_v = (self.part(module, suffix) for suffix in self.suffixes)
        matrix, u, v = as_matrix(weight, self.dim), raw(held_u), raw(held_v)
        if training:
            options = {"steps": self.n_power_iterations, "eps": self.eps}
            u, v = computed(_iterated, matrix, held_u, held_v, decides=False, **options)
            replace(held_u, u)  # new arrays: old graphs keep theirs
            replace(held_v, v)
        return weight / ag.sum(u * (matrix @ v))


def _found(module: Module, name: str, kind: str) -> Any:
    hooks = () if module._hooks is None else module._hooks.before.values()
    for hook in hooks:
        if isinstance(hook.call, _HookedNorm) and (hook.call.name, hook.call.kind) == (name, kind):
            return hook.call
    return None


def _applied(module: Any, hook: _HookedNorm, parts: list[Any]) -> Any:
    """Put the parts in place of the parameter, and the hook before each call."""
    delattr(module, hook.name)
    for suffix, part in zip(hook.suffixes, parts, strict=True):
        if isinstance(part, Parameter):
            module.register_parameter(hook.name + suffix, part)
        else:
            module.register_buffer(hook.name + suffix, part)
    with no_grad():
        setattr(module, hook.name, hook.compute(module, False))
    hook.handle = module.register_forward_pre_hook(hook)
    return module


def _parameter(module: Any, name: str, kind: str) -> Any:
    weight = module._parameters.get(name)
    if _found(module, name, kind):
        raise ArgumentError(f"{kind} of {name!r} is there already")
    if weight is None:
        names = ", ".join(n for n, _ in module.named_parameters(recurse=False)) or "none"
        raise ArgumentError(
            f"{kind}: {type(module).__name__} has no parameter {name!r}; it has {names}"
        )
    if is_lazy(weight):
        raise ArgumentError(
            f"{kind}: {name} of {type(module).__name__} has no shape yet: call the module once "
            "before"
        )
    return weight


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Make a weight magnitude times direction, weight_g·weight_v/‖weight_v‖; returns the module.

    `nn.utils.parametrizations.weight_norm` does the same in today's way, and tells of `name` and
    `dim`.

    Source: Salimans and Kingma, Weight normalization: a simple reparameterization to accelerate
    training of deep neural networks (2016).

    >>> import nn
    >>> list(nn.utils.weight_norm(nn.Linear(20, 40)).state_dict())
    ['bias', 'weight_g', 'weight_v']
    """
    weight = _parameter(module, name, "weight_norm")
    with no_grad():
        magnitude = Parameter(norm_except(weight, dim), weight.requires_grad)
    direction = Parameter(weight.detach(), weight.requires_grad)
    return _applied(module, _WeightNorm(name, dim), [magnitude, direction])


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Take `weight_norm` back: the weight is a parameter again, of the same value.

    `module` is the layer and `name` that of its weight; a weight without it is an error.

    >>> import nn
    >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(2, 3)))
    >>> list(layer.state_dict())
    ['bias', 'weight']
    """
    return _removed(module, name, "weight_norm")


def spectral_norm(
    module: Any,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
    rng: Any = None,
) -> Any:
    """Divide a weight by an estimate of its largest singular value; returns the module.

    `nn.utils.parametrizations.spectral_norm` does the same in today's way, and tells of `name`,
    `dim`, `n_power_iterations` and `eps`.

    Source: Miyato, Kataoka, Koyama and Yoshida, Spectral normalization for generative adversarial
    networks (2018).

    >>> import nn
    >>> list(nn.utils.spectral_norm(nn.Linear(20, 40)).state_dict())
    ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    weight = _parameter(module, name, "spectral_norm")
    dim = output_axis(module) if dim is None else dim
    hook = _SpectralNorm(name, n_power_iterations, dim, eps)
    rng = generator(rng)
    vectors = [
        asarray(unit(rng.standard_normal(n).astype(weight.dtype), eps))
        for n in as_matrix(weight.detach(), dim).shape
    ]
    return _applied(module, hook, [weight, *vectors])


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Take `spectral_norm` back: the weight is a parameter again, of the value it was scaled to.

    `module` is the layer and `name` that of its weight; a weight without it is an error.

    >>> import nn
    >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 3)))
    >>> list(layer.state_dict())
    ['bias', 'weight']
    """
    return _removed(module, name, "spectral_norm")


def _removed(module: Any, name: str, kind: str) -> Any:
    hook = _found(module, name, kind)
    if hook is None:
        raise ArgumentError(f"{type(module).__name__} has no {kind} of {name!r}")
    hook.remove(module)
    return module

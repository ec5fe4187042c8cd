"""Functions of functions: grad, vjp, jvp, Jacobians, Hessians, vmap, functional_call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd.errors import ArgumentError
from nn.torch.autograd import functional, gradients
from nn.torch.functions.creating import zeros_like

__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp",
    "stack_module_state", "vjp", "vmap",
]  # fmt: skip


# ---- trees of Tensors ----------------------------------------------------------------------------


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in _leaves(part)]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in _leaves(part)]
    return [tree]


def _map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _map(function, part, *[o[k] for o in others]) for k, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [_map(function, *same) for same in zip(tree, *others, strict=True)]
        if hasattr(tree, "_fields"):
            return type(tree)(*parts)
        return type(tree)(parts)
    return function(tree, *others)


def _tracked(x: Any) -> Any:
    """A node of its own for a Tensor, so that what is around it is another derivative's."""
    if not isinstance(x, autograd.Tensor):
        return x
    return x.clone() if x.requires_grad else x.detach().clone().requires_grad_()


def _outer(tree: Any, inputs: Any) -> Any:
    """Results outside the graph, unless an input is in one."""
    if any(getattr(x, "requires_grad", False) for x in _leaves(inputs)):
        return tree
    return _map(lambda y: y.detach() if isinstance(y, autograd.Tensor) else y, tree)


# ---- derivatives ---------------------------------------------------------------------------------


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Any:
    """The function that gives the gradient and the value."""

    def call(*args: Any, **kwargs: Any) -> Any:
        places = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        with autograd.enable_grad():
            given = list(args)
            for place in places:
                given[place] = _map(_tracked, args[place])
            result = func(*given, **kwargs)
            value, aux = result if has_aux else (result, None)
            if value.numel() != 1:
                raise ArgumentError(f"grad: func gives one number, not shape {tuple(value.shape)}")
            wanted = [given[place] for place in places]
            g = iter(
                gradients.grad(
                    value, _leaves(wanted), create_graph=True, materialize_grads=True
                ) if value.requires_grad else [zeros_like(x) for x in _leaves(wanted)]
            )  # fmt: skip
            found = [_map(lambda _: next(g), tree) for tree in wanted]
        result = found[0] if isinstance(argnums, int) else tuple(found)
        result, value, aux = (_outer(tree, (args, kwargs)) for tree in (result, value, aux))
        return (result, (value, aux)) if has_aux else (result, value)

    return call


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Any:
    """The function that gives the gradient.

    >>> import nn.torch as torch
    >>> torch.func.grad(torch.func.grad(torch.sin))(torch.tensor(0.0))
    tensor(-0.)
    """
    both = grad_and_value(func, argnums, has_aux)

    def call(*args: Any, **kwargs: Any) -> Any:
        g, value = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return call


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The outputs, and the function that takes their cotangents to those of the inputs."""
    given = _map(_tracked, tuple(primals))
    with autograd.enable_grad():
        result = func(*given)
    outputs, aux = result if has_aux else (result, None)

    def pull(*cotangents: Any, retain_graph: bool = True, create_graph: Any = None) -> Any:
        g = iter(
            gradients.grad(
                _leaves(outputs), _leaves(given), _leaves(cotangents), retain_graph=True,
                create_graph=True, materialize_grads=True,
            )
        )  # fmt: skip
        found = _map(lambda _: next(g), given)
        return _outer(found, (primals, cotangents))

    shown = _outer(outputs, primals)
    return (shown, pull, aux) if has_aux else (shown, pull)


def jvp(func: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool = False) -> Any:
    """The outputs, and the Jacobian times the tangents."""
    aux: list[Any] = []

    def run(*xs: Any) -> Any:
        result = func(*xs)
        if has_aux:
            aux.append(result[1])
            return result[0]
        return result

    tracked = any(getattr(x, "requires_grad", False) for x in _leaves((primals, tangents)))
    found = functional.jvp(run, tuple(primals), tuple(tangents), create_graph=tracked)
    return (*found, aux[0]) if has_aux else found


def jacrev(func: Callable[..., Any], argnums: Any = 0, *, has_aux: bool = False, **how: Any) -> Any:
    """The function that gives the Jacobian."""

    def call(*args: Any) -> Any:
        several = not isinstance(argnums, int)
        places = tuple(argnums) if several else (argnums,)
        aux: list[Any] = []

        def run(*wanted: Any) -> Any:
            given = list(args)
            for place, x in zip(places, wanted, strict=True):
                given[place] = x
            result = func(*given)
            if has_aux:
                aux.append(result[1])
                return result[0]
            return result

        tracked = any(getattr(x, "requires_grad", False) for x in _leaves(args))
        wanted = tuple(args[place] for place in places)
        found = functional.jacobian(run, wanted if several else wanted[0], create_graph=tracked)
        return (found, aux[0]) if has_aux else found

    return call


jacfwd = jacrev


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Any:
    """The function that gives the second derivatives."""
    return jacrev(jacrev(func, argnums), argnums)


# ---- over examples -------------------------------------------------------------------------------


def _axis_of(in_dims: Any, place: int) -> Any:
    return in_dims[place] if isinstance(in_dims, (tuple, list)) else in_dims


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: Any = None,
) -> Any:
    """The function that is run on one example after the other, with the results stacked.

    >>> import nn.torch as torch
    >>> torch.func.vmap(torch.dot)(torch.ones(2, 3), torch.ones(2, 3))
    tensor([3., 3.])
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        axes = [_spread(_axis_of(in_dims, i), x) for i, x in enumerate(args)]
        counts = {
            x.shape[a]
            for tree, ways in zip(args, axes, strict=True)
            for x, a in zip(_leaves(tree), _leaves(ways), strict=True)
            if a is not None and isinstance(x, autograd.Tensor)
        }
        if len(counts) != 1:
            raise ArgumentError(f"vmap: the examples of the inputs are {sorted(counts)} in number")
        results = [_of_example(func, args, axes, kwargs, i) for i in range(counts.pop())]
        if isinstance(results[0], tuple):
            outs = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(results[0])
            parts = zip(zip(*results, strict=True), outs, strict=True)
            return tuple(_map(lambda *ys, o=o: _stacked(ys, o), *column) for column, o in parts)
        return _map(lambda *ys: _stacked(ys, out_dims), *results)

    return call


def _of_example(func: Any, args: Any, axes: Any, kwargs: Any, place: int) -> Any:
    """What the function gives for one example."""

    def one(x: Any, axis: Any) -> Any:
        return _example(x, axis, place)

    given = [_map(one, x, a) for x, a in zip(args, axes, strict=True)]
    return func(*given, **{k: _map(lambda x: one(x, 0), v) for k, v in kwargs.items()})


def _spread(axis: Any, tree: Any) -> Any:
    """An axis for each leaf of a tree."""
    if axis is None or isinstance(axis, int):
        return _map(lambda _: axis, tree)
    return axis


def _example(x: Any, axis: Any, place: int) -> Any:
    if axis is None or not isinstance(x, autograd.Tensor):
        return x
    return autograd.getitem(x, (*(slice(None),) * (axis % x.ndim), place))


def _stacked(values: Any, axis: Any) -> Any:
    return values[0] if axis is None else autograd.stack(list(values), axis)


# ---- modules -------------------------------------------------------------------------------------


def _owner(module: Any, path: str) -> tuple[Any, str]:
    *folders, name = path.split(".")
    for folder in folders:
        module = module._modules[folder]
    return module, name


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What a module gives with other parameters and buffers, by their names."""
    given = parameter_and_buffer_dicts
    names = given if isinstance(given, dict) else {k: v for d in given for k, v in d.items()}
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    before = []
    try:
        for path, value in names.items():
            owner, name = _owner(module, path)
            held = owner._parameters if name in owner._parameters else owner._buffers
            if name not in held:
                raise ArgumentError(f"functional_call: the module has no {path}")
            before.append((held, name, held[name]))
            held[name] = value
        return module(*args, **(kwargs or {}))
    finally:
        for held, name, value in reversed(before):
            held[name] = value


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of several models of one kind, stacked by name; and their buffers."""
    parameters = {
        name: autograd.stack([dict(m.named_parameters())[name].detach() for m in models])
        .requires_grad_()
        for name, _ in models[0].named_parameters()
    }  # fmt: skip
    buffers = {
        name: autograd.stack([dict(m.named_buffers())[name] for m in models])
        for name, _ in models[0].named_buffers()
    }
    return parameters, buffers

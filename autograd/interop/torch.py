"""Functions of PyTorch as ops here, and functions of Tensors as functions of PyTorch's.

Gradients cross in both directions, to any order. The parameters of a module get theirs too: they
are added to their `.grad` whenever a gradient is pulled through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd.create import from_dlpack
from autograd.engine.modes import capturing, current_mode, enable_grad, no_grad
from autograd.engine.operands import raw, tensor_types
from autograd.errors import ArgumentTypeError, TraceError
from autograd.graph.pytree import flat, nested
from autograd.interop.pullbacks import checked_result, foreign, library
from autograd.sweep.differentiate import backward
from autograd.tensors.tensor import Tensor

__all__ = ["from_torch", "torch_function"]


def _torch() -> Any:
    return library("torch", "torch")


def _to_torch(value: Any, copy: bool = False) -> Any:
    """A tensor of PyTorch on the memory of an array, or on a copy of it."""
    array = np.asarray(raw(value))
    backwards = min(array.strides, default=0) < 0
    return _torch().from_dlpack(array.copy() if copy or backwards or not array.ndim else array)


# ---- ours there ----------------------------------------------------------------------------------


class _Recorded:
    """A call that was recorded here: the leaves it began with, and the Tensors it gave."""

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        self.inputs, self.outputs = inputs, outputs

    def pulled(self, seeds: Sequence[Any], again: bool) -> list[Any]:
        """The cotangents of the inputs; None where no output depends on one."""
        for out, seed in zip(self.outputs, seeds, strict=True):
            if out.requires_grad:
                backward(out, seed, retain_graph=True, create_graph=again)
        found = []
        for x in self.inputs:
            found.append(x.grad)
            x.grad = None
        return found


def torch_function(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, a function of Tensors or a module, as a function of PyTorch's tensors.

    Tensors of PyTorch among the arguments, in nested lists, tuples and dicts too, reach f as
    Tensors on the same memory; what f gives comes back as tensors of PyTorch in the same structure,
    whose gradients PyTorch's `backward` and `torch.autograd.grad` pull through f, to any order.
    What f reads besides, as a module its parameters, gets its `.grad` in such a pass too.

    Raises ArgumentTypeError where f gives no Tensor, ConversionError for tensors that NumPy has no
    dtype for or that are on another device. Needs PyTorch.
    """
    torch = _torch()

    class Bridge(torch.autograd.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, made: _Recorded, anchor: Any, *given: Any) -> Any:
            ctx.made, ctx.anchor = made, anchor
            ctx.save_for_backward(*given)  # PyTorch then sees what is written into them
            outs = tuple(_to_torch(y, copy=True) for y in made.outputs)
            ctx.mark_non_differentiable(
                *(out for out, y in zip(outs, made.outputs, strict=True) if not y.requires_grad)
            )
            return outs

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            given, again = ctx.saved_tensors, torch.is_grad_enabled()
            seeds = [_to_tensor(g, again and g.requires_grad) for g in cotangents]
            found = ctx.made.pulled(seeds, again)
            at = [i for i, g in enumerate(found) if g is not None]
            gradients = [found[i] for i in at]
            if again:
                made = _Recorded([*ctx.made.inputs, *seeds], gradients)
                crossed = Bridge.apply(made, ctx.anchor, *given, *cotangents)
            else:
                crossed = tuple(map(_to_torch, gradients))
            parts: list[Any] = [None] * len(found)
            for i, part in zip(at, crossed, strict=True):
                parts[i] = part
            return None, None, *parts

    def call(*args: Any, **kwargs: Any) -> Any:
        given = [x for x in flat([args, kwargs]) if isinstance(x, torch.Tensor)]
        records = torch.is_grad_enabled()
        inputs = [_to_tensor(x, records and x.requires_grad) for x in given]
        left = iter(inputs)
        args, kwargs = nested(lambda x: next(left) if isinstance(x, torch.Tensor) else x,
                              (args, kwargs))  # fmt: skip
        with enable_grad() if records else no_grad():
            result = f(*args, **kwargs)
        outs = checked_result(_given(result) or result, "torch_function")
        # PyTorch records a call for what it is given alone: parameters of f need something there
        recorded = any(y.requires_grad for y in outs)
        anchor = torch.empty(0, requires_grad=True) if recorded else None
        crossed = iter(Bridge.apply(_Recorded(inputs, outs), anchor, *given))
        return nested(lambda y: None if y is None else next(crossed), result)

    call.__name__ = getattr(f, "__name__", type(f).__name__)
    return call


def _to_tensor(value: Any, requires_grad: bool = False) -> Any:
    """A Tensor, a leaf, on the memory of one of PyTorch's."""
    plain = value.detach().resolve_conj().resolve_neg()
    return from_dlpack(plain).requires_grad_(requires_grad)


# ---- theirs here ---------------------------------------------------------------------------------


def from_torch(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, a function of PyTorch's tensors or a module, as a function of Tensors.

    It takes Tensors, arrays and numbers, in nested lists, tuples and dicts too, and gives Tensors
    in the structure of what f gives; by keyword, what is no array reaches f as it is. A call is a
    node of the graph, with gradients of any order, which can be checked by `gradcheck`; in its
    backward pass the parameters of a module get their `.grad`. That pass calls f once more, with
    the random numbers of the first call. A program has no such pass: a module that learns cannot be
    in a traced or compiled function, unless under `no_grad`.

    Raises ArgumentTypeError for other arguments, TraceError for a module that learns in a trace.
    Needs PyTorch.
    """
    torch = _torch()
    parameters = list(f.parameters()) if isinstance(f, torch.nn.Module) else []
    name = getattr(f, "__name__", type(f).__name__)

    def call(*args: Any, **kwargs: Any) -> Any:
        shape: Any = None  # of what f gives
        _refuse_in_traces(parameters, name)

        def of_arrays(*xs: Any) -> Any:
            nonlocal shape
            left = iter(xs)
            result = f(*nested(lambda _: next(left), args),
                       **nested(lambda v: next(left) if _is_array(v) else v, kwargs))  # fmt: skip
            shape = nested(lambda y: None if y is None else ..., result)
            return _given(result) or result

        given = [*flat(args), *filter(_is_array, flat(kwargs))]
        if not any(getattr(x, "requires_grad", False) for x in given):
            # a call is recorded for what it is given alone: parameters need something there
            given += [Tensor(_NOTHING, requires_grad=True)] if any(
                p.requires_grad for p in parameters) else []  # fmt: skip
        found = iter(flat(_from_torch(of_arrays, parameters, name)(*given)))
        return nested(lambda y: y if y is None else next(found), shape)

    call.__name__ = name
    return call


def _refuse_in_traces(parameters: Sequence[Any], name: str) -> None:
    if capturing() is None or not current_mode().records:
        return
    if any(p.requires_grad for p in parameters):
        raise TraceError(
            f"from_torch: {name} has parameters, which get their .grad while PyTorch sweeps back "
            "through it, and a program that is traced or compiled has no such place.\n"
            "  Call it outside of that function, under autograd.no_grad(), or freeze it: "
            "module.requires_grad_(False)"
        )


_NOTHING = np.empty(0, "float32")


def _is_array(value: Any) -> bool:
    return type(value) in tensor_types or isinstance(value, np.ndarray)


def _given(result: Any) -> list[Any]:
    """What lies in a result, without the None that a function gives for what it has not made."""
    return [y for y in flat(result) if y is not None]


def _from_torch(f: Callable[..., Any], parameters: list[Any], name: str) -> Callable[..., Any]:
    torch = _torch()

    def values(*xs: Any, random: Any) -> Any:
        apart = not torch.equal(torch.get_rng_state(), random)  # once more, or in a replay
        with torch.random.fork_rng(devices=()) if apart else nullcontext(), torch.no_grad():
            torch.set_rng_state(random)
            result = f(*map(_to_torch, xs))
        return nested(lambda y: _to_array(y, "from_torch"), result)

    def pulled(count: int, kwargs: Any) -> Callable[..., Any]:
        def pull(*given: Any) -> Any:
            return _pulled(f, given[:count], given[count:], kwargs["random"], parameters)

        return _from_torch(pull, parameters, "pull")

    return foreign(name, values, pulled, lambda: {"random": torch.get_rng_state()})


def _pulled(f: Any, given: Any, cotangents: Any, random: Any, parameters: list[Any]) -> list[Any]:
    """The cotangents of what PyTorch's f was given, recorded there; parameters get theirs."""
    torch, nested_in = _torch(), _torch().is_grad_enabled()
    with torch.enable_grad(), torch.random.fork_rng(devices=()):
        torch.set_rng_state(random)
        xs = [x if x.requires_grad else x.detach() for x in given]
        for x in xs:
            if not x.requires_grad and (x.is_floating_point() or x.is_complex()):
                x.requires_grad_()
        outs = flat(f(*xs))
        pairs = [(y, g) for y, g in zip(outs, cotangents, strict=True) if y.requires_grad]
        wanted = [x for x in xs if x.requires_grad]
        own = [] if nested_in else [p for p in parameters if p.requires_grad]
        if not pairs or not wanted:
            return [torch.zeros_like(x) for x in xs]
        ys, seeds = zip(*pairs, strict=True)
        found = iter(torch.autograd.grad(ys, [*own, *wanted], seeds, create_graph=nested_in,
                                         allow_unused=True, materialize_grads=True))  # fmt: skip
        for p, g in zip(own, found, strict=False):
            p.grad = g if p.grad is None else p.grad + g
        return [next(found) if x.requires_grad else torch.zeros_like(x) for x in xs]


def _to_array(value: Any, name: str) -> Any:
    if not isinstance(value, _torch().Tensor):
        raise ArgumentTypeError(
            f"{name}: the function gave a {type(value).__name__}; its results are tensors of "
            "PyTorch, or lists, tuples and dicts of them"
        )
    return raw(_to_tensor(value))

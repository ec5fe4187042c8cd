"""Functions of one argument to their derivatives, and the spaces of values, by HIPS' names.

The argument and the result may be nested lists, tuples and dicts. A function is run on Tensors, and
what comes out is plain again (arrays for arrays), unless Tensors went in, or the call is itself in
a function that is being differentiated: then it is recorded, so that derivatives nest.

The derivatives of complex values are those of HIPS autograd and JAX: the gradient of a real
function of x + iy is ∂/∂x - i ∂/∂y, the conjugate of what `backward` gives.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd.engine.dtypes import python_floats
from autograd.engine.modes import ModeChange, capturing, current_mode, is_grad_enabled
from autograd.engine.node import next_number, reachable
from autograd.engine.operands import faced, raw, tensor_types
from autograd.engine.outputs import alias, wrap
from autograd.engine.row import LEAF, PARAMETER
from autograd.engine.trail import step_capture, written_outside
from autograd.errors import ArgumentTypeError
from autograd.graph.pytree import flat, nested
from autograd.ops.shape.shape import astype
from autograd.ops.shape.shape import copy as duplicate
from autograd.primitives import primitive, primitive_jvps, primitive_vjps
from autograd.rules_told import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    deflinear,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
)
from autograd.sweep.backward import sweep
from autograd.tracer import getval
from autograd.tracer import refused as __getattr__  # noqa: F401 (for what asks for boxes)
from autograd.transforms.batching.batch import Batch
from autograd.transforms.forward_mode import jvp as push_forward
from autograd.transforms.forward_mode import push_to
from autograd.vspace import VSpace, is_number, vspace

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "deflinear",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "getval",
    "make_jvp",
    "make_vjp",
    "primitive",
    "primitive_jvps",
    "primitive_vjps",
    "vspace",
]  # fmt: skip

INDEPENDENT = "Output seems independent of input."

# ---- reverse mode --------------------------------------------------------------------------------


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The pullback of a function at a point, and the function's value there.

    `fun` takes `x` alone; what is given back takes a cotangent of its result to one of `x`.

    >>> pullback, y = make_vjp(lambda x: x * x, 3.0)
    >>> print(y, pullback(1.0))
    9.0 6.0
    """
    pullback, value, depends = pulled(fun, x, is_outermost=True)
    if not depends:
        warnings.warn(INDEPENDENT, stacklevel=3)
    return pullback, value


def pulled(
    fun: Callable[[Any], Any], x: Any, is_outermost: bool = False, warns: bool = False
) -> tuple[Callable[[Any], Any], Any, bool]:
    """The pullback, the value, and whether it may depend on `x`.

    Of the outermost call what is found is recorded, too, where `fun` closes over Tensors of a
    graph: their gradients would be lost. It `warns` where it turns out not to depend on `x`.
    """
    first = next_number()
    starts = [fresh(v) for v in flat(x) if is_number(v)]
    _check_numbers(x, starts)
    keeps = any(type(v) in tensor_types for v in flat(x))
    value = _run(fun, nested(_next(map(alias, starts)), x), keeps, starts)
    ends = flat(value)
    live = [k for k, y in enumerate(ends) if type(y) in tensor_types and y.requires_grad]
    outward = is_outermost and is_grad_enabled() and reaches_out(ends, starts, first)

    def pullback(g: Any) -> Any:
        seeds = flat(g)
        if len(seeds) != len(ends):
            raise ArgumentTypeError(
                f"the cotangent is nested otherwise than the result: {len(seeds)} values for "
                f"{len(ends)}"
            )
        recorded = outward or _recorded((x, g))
        found: dict[Any, Any] = {}
        traced = step_capture() is not None
        if not recorded and not traced:
            written_outside("gradients that are not recorded")
        if live:
            found = sweep(
                [ends[k]._node for k in live],
                [_seed(seeds[k], ends[k], recorded or traced) for k in live],
                inputs=[start._node for start in starts],
                accumulate=False,
                retain_graph=True,
                create_graph=recorded or (traced and Batch in map(type, seeds)),
            )
        if not found and live and warns:
            warnings.warn(INDEPENDENT, stacklevel=4)
        filled = [_gradient(found.get(start._node), start) for start in starts]
        return nested(_next(map(_plainly(keeps or recorded or traced), filled), None), x)

    records = outward or _recorded(x) or step_capture() is not None
    plain = _plainly(keeps or records, records)  # else its graph would live on with the value
    return pullback, nested(plain, value), bool(live)


def reaches_out(ends: Sequence[Any], own: Sequence[Any], start: int) -> bool:
    """Whether a graph begins at leaves that are not its own, and were there before."""
    roots = [y._node for y in ends if type(y) in tensor_types and y._node is not None]
    starts = {x._node for x in own if type(x) in tensor_types}
    for node in reachable(roots):
        if node.number < start and (node.op is LEAF or node.op is PARAMETER) and node not in starts:
            return True
    return False


def _run(fun: Callable[[Any], Any], x: Any, keeps: bool, starts: Sequence[Any] = ()) -> Any:
    """The function on Tensors: calls inside it know that they are part of a derivative.

    Python's floats are float64 there, as for NumPy, unless Tensors came from outside.
    """
    floats = contextlib.nullcontext() if keeps else python_floats(np.float64)
    mode = current_mode()
    own = mode.starts.union([v._node for v in starts])
    with ModeChange(records=True, depth=mode.depth + 1, starts=own), floats:
        return fun(x)


def _recorded(values: Any) -> bool:
    """Whether a derivative may be differentiated again, by what is around it or what it got."""
    return current_mode().depth > 0 or any(
        (type(v) in tensor_types or type(v) is Batch) and v.requires_grad for v in flat(values)
    )


_KEPT: Any = object()


def _next(values: Any, other: Any = _KEPT) -> Callable[[Any], Any]:
    """The numbers of a nested value replaced, one after the other; the rest is kept, or `other`."""
    given = iter(values)
    return lambda old: next(given) if is_number(old) else old if other is _KEPT else other


def _check_numbers(x: Any, starts: Sequence[Any]) -> None:
    if not starts and not isinstance(x, (list, tuple, dict)):
        hint = f"; write {float(x)}" if isinstance(x, (int, np.integer)) else ""
        raise ArgumentTypeError(f"Can't differentiate w.r.t. type {type(x)}{hint}")


def _plainly(keeps: bool, records: bool = True) -> Callable[[Any], Any]:
    """Results as the caller gets them: a Tensor where it may be recorded, else a new array."""

    def plain(y: Any) -> Any:
        if type(y) is Batch:
            return Batch(plain(y.value))
        if type(y) not in tensor_types or (keeps and records and y.requires_grad):
            return y
        if capturing():
            return faced((y,), wrap(_copied(y)))
        own = _own(raw(y))  # where nothing is differentiated, Tensors are what Tensors give
        return faced((y,), wrap(own)) if keeps and current_mode().depth == 0 else own

    return plain


def _own(value: Any) -> Any:
    """An array that the caller may write to."""
    return np.array(value) if isinstance(value, np.ndarray) else value


def _seed(g: Any, y: Any, recorded: bool) -> Any:
    """A cotangent as the sweep takes it: of its end's shape and dtype; a Tensor, if recorded."""
    if type(g) is Batch:  # of what is like y
        return g
    value = g if type(g) in tensor_types else np.asarray(g)
    if value.dtype.kind == "c" and y.dtype.kind != "c":
        value = value.real
    if value.shape != y.shape:
        value = value + np.zeros_like(raw(y))
    if value.dtype != y.dtype:
        value = value.astype(y.dtype)
    if recorded:
        return value if type(value) in tensor_types else wrap(_copied(value))
    return np.asarray(raw(value))[()]


def _gradient(found: Any, start: Any) -> Any:
    """A cotangent that the sweep found, or zeros, as a Tensor."""
    if found is None:
        found = np.zeros_like(raw(start))[()]
    if type(found) is Batch:
        return found
    return faced((start,), found if type(found) in tensor_types else wrap(found))


# ---- forward mode --------------------------------------------------------------------------------


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The pushforward of a function at a point: from a tangent of `x` to value and tangent.

    `fun` takes `x` alone.

    >>> push = make_jvp(lambda x: x * x, 3.0)
    >>> print(*push(1.0))
    9.0 6.0
    """
    push = pushed(fun, x)

    def pushforward(v: Any) -> tuple[Any, Any]:
        value, tangent, depends = push(v)
        if not depends:
            warnings.warn(INDEPENDENT, stacklevel=2)
        return value, tangent

    return pushforward


def pushed(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any, bool]]:
    """The pushforward, which gives besides whether the value depends on `x`."""
    _check_numbers(x, [v for v in flat(x) if is_number(v)])
    keeps = any(type(v) in tensor_types for v in flat(x))

    def pushforward(v: Any) -> tuple[Any, Any, bool]:
        primals = [p if type(p) in tensor_types else fresh(p).detach() for p in _numbers(x)]
        tangents = [t for t, p in zip(flat(v), flat(x), strict=True) if is_number(p)]
        shape: Any = None

        def on_leaves(*leaves: Any) -> list[Any]:
            nonlocal shape
            shape = fun(nested(_next(leaves), x))
            return [y if type(y) in tensor_types else wrap(np.asarray(y)) for y in flat(shape)]

        values, along = _run(
            lambda _: push_forward(on_leaves, primals, [_tangent(t) for t in tangents]), x, keeps
        )
        depends = any(y.requires_grad for y in flat(shape) if type(y) in tensor_types)
        plain = _plainly(keeps or _recorded((x, v, values, along)) or step_capture() is not None)
        value, tangent = (_around(map(plain, found), shape) for found in (values, along))
        return value, tangent, depends

    return pushforward


def pushed_through(starts: Sequence[Any], ends: Sequence[Any], x: Any, v: Any) -> list[Any]:
    """The tangents of the ends, from a tangent of `x`, through the graph that starts recorded."""
    primals = [start.detach() if start._node.is_leaf else start for start in starts]
    tangents = [_tangent(t) for t, p in zip(flat(v), flat(x), strict=True) if is_number(p)]
    tensors = [y if type(y) in tensor_types else wrap(np.asarray(y)) for y in ends]
    keeps = any(type(p) in tensor_types for p in flat(x))
    found = _run(lambda _: push_to(tensors, starts, primals, tangents), x, keeps)
    along = [tangent for _, tangent in found]
    return [*map(_plainly(keeps or _recorded((x, v, along)) or bool(capturing())), along)]


def _around(leaves: Iterator[Any], like: Any) -> Any:
    """The containers of a value around other leaves."""
    return nested(lambda _: next(leaves), like)


def _numbers(x: Any) -> list[Any]:
    return [v for v in flat(x) if is_number(v)]


def _tangent(t: Any) -> Any:
    return t if type(t) in tensor_types or type(t) is Batch else np.asarray(t)


def fresh(x: Any) -> Any:
    """A Tensor to differentiate by: one of a graph goes on in it, under a node of its own."""
    if type(x) in tensor_types and x.requires_grad:
        return +x
    value = _copied(x)
    if value.dtype.kind in "biu":
        value = astype(value, np.float64)
    return faced((x,), wrap(value)).requires_grad_()


def _copied(x: Any) -> Any:
    """The numbers of a Tensor or an array, in memory of their own; a traced call sees the copy."""
    return raw(duplicate(x)) if capturing() and hasattr(x, "dtype") else np.array(raw(x))[()]

"""cond: one of two functions, as a value decides; its gradient is a cond of their rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.control.run import blank, on_arrays, on_tensors, pullback
from autograd.control.structure import (
    as_tensor,
    check_alike,
    check_called,
    filled,
    is_wider,
    named,
    paired,
)
from autograd.control.trace import Traced, traced
from autograd.engine.modes import capturing
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError, ShapeError, TraceError
from autograd.graph.body import Body

__all__ = ["COND", "cond", "rules_of_cond", "without_draws"]

Takes = tuple[tuple[int, ...], tuple[int, ...]]


def _cond(*values: Any, bodies: tuple[Body, Body], takes: Takes) -> tuple[Any, ...]:
    """What the chosen body gives of those operands that it takes."""
    at = 0 if values[0] else 1
    return tuple(map(_own, on_arrays(bodies[at])([values[i] for i in takes[at]])))


def _own(value: Any) -> Any:
    return np.array(value) if np.ndim(value) else np.asarray(value)[()]


def d_cond(g: Any, values: Any, bodies: tuple[Body, Body], takes: Takes) -> tuple[Any, ...]:
    """A cond of the bodies' rules, each of which gives zeros for what it does not take."""
    ends = [n.dtype.kind in "fc" for n in bodies[0].outputs]
    slopes = [x for x, f in zip(g, ends, strict=True) if f]
    smooth = any(type(x) in tensor_types for x in (*g, *values))
    wanted, rules, its = rules_of_cond(values, len(slopes), bodies, takes, smooth)
    run = COND.record if smooth else COND.forward
    found = iter(run(*values, *slopes, bodies=rules, takes=its))
    return tuple(next(found) if i in wanted else None for i in range(len(values)))


def rules_of_cond(
    values: Any, slopes: int, bodies: tuple[Body, Body], takes: Takes, smooth: bool
) -> tuple[list[int], tuple[Body, ...], tuple[tuple[int, ...], ...]]:
    """Which operands get a slope, the rules of both bodies, and which operands those take."""
    wanted = [i for i, x in enumerate(values) if i and x.dtype.kind in "fc"]
    specs = tuple((np.shape(raw(values[i])), values[i].dtype) for i in wanted)
    rules, its = [], []
    for body, takes_ in zip(bodies, takes, strict=True):
        where = [wanted.index(i) for i in takes_ if i in wanted]
        key = f"back {where} {specs} {smooth}"
        rules.append(body.made(key, lambda b=body, w=where: _spread(b, w, specs, smooth)))
        its.append((*takes_, *range(len(values), len(values) + slopes)))
    return wanted, tuple(rules), tuple(its)


def _spread(body: Body, where: list[int], specs: Any, smooth: bool) -> Body:
    """The rule of a body, with zeros where it takes nothing."""
    rule = pullback(body, smooth)

    def pull(*given: Any) -> list[Any]:
        slopes: list[Any] = [wrap(np.zeros(shape, dtype)[()]) for shape, dtype in specs]
        for at, slope in zip(where, on_tensors(rule, given), strict=True):
            slopes[at] = slope
        return slopes

    return traced(pull, [blank(n) for n in rule.inputs], "the gradient of cond", bake=True).body


COND = Op(_cond, "cond", {}, joint=d_cond, outputs=0)
COND.record = recorder(COND)


def cond(
    pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], *operands: Any
) -> Any:
    """`true_fn(*operands)` if `pred` is true, else `false_fn(*operands)`, as `jax.lax.cond`.

    `pred` is one truth value. Both functions return the same structure with the same shapes and
    dtypes. Gradients of every order flow to the operands, and to the Tensors that the functions use
    besides. In a traced call it is one instruction, whose value decides anew at every run, and both
    functions are traced; otherwise one of them is called. Random numbers are drawn outside of it.

    Shape: that of what the functions return.

    >>> import autograd as ag
    >>> program = ag.trace(
    ...     lambda x: ag.cond(x.sum() > 0, lambda x: x * 2, lambda x: -x, x), ag.Tensor([1.0])
    ... )
    >>> program(ag.Tensor([3.0])), program(ag.Tensor([-3.0]))
    (Tensor([6.], dtype=float32), Tensor([3.], dtype=float32))
    """
    functions = true_fn, false_fn
    for name, function in zip(("true_fn", "false_fn"), functions, strict=True):
        check_called(function, f"cond: {name}", f"{name}(*operands)", len(operands))
    chosen = checked_pred(pred, "cond: pred")
    given = [
        filled(x, iter([as_tensor(y, f"cond: {n}") for n, y in named(x, f"operand {i}")]))
        for i, x in enumerate(operands)
    ]
    if capturing() is None or isinstance(chosen, bool):
        found = functions[0 if chosen else 1](*given)
        return filled(found, iter([as_tensor(y, f"cond: {n}") for n, y in named(found, "result")]))
    return _as_one(chosen, functions, given)


def checked_pred(pred: Any, what: str) -> Any:
    """One truth value: a bool as it is, a Tensor or an array as a Tensor."""
    if isinstance(pred, bool):
        return pred
    found = as_tensor(pred, what)
    if found.shape:
        raise ShapeError(f"{what} is one truth value, and has shape {found.shape}")
    if found.dtype.kind not in "biuf":
        raise ArgumentTypeError(f"{what} is a truth value, not {found.dtype}")
    return found


def _as_one(pred: Any, functions: Any, given: list[Any]) -> Any:
    parts = [part for i, y in enumerate(given) for part in named(y, f"operand {i}")]
    names, flat = [name for name, _ in parts], [x for _, x in parts]
    likes: list[Any] = [None, None]
    weak: list[list[bool]] = [[], []]

    def made(at: int, dtypes: Any = None) -> Traced:
        def run(*leaves: Any) -> list[Any]:
            found = functions[at](*filled(given, iter(leaves)))
            parts = named(found, "the result")
            likes[at], weak[at] = found, [isinstance(y, (int, float, complex)) for _, y in parts]
            tensors = [as_tensor(y, f"cond: {n}") for n, y in parts]
            return tensors if dtypes is None else _cast(tensors, dtypes, weak[at])

        return without_draws(
            traced(run, flat, f"the function of cond for {at == 0}", names), "cond"
        )

    bodies = [made(0), made(1)]
    for at in (0, 1):
        other = [spec[1] for spec in bodies[1 - at].specs]
        if any(weak[at]) and not all(weak[1 - at]) and len(other) == len(weak[at]):
            bodies[at] = made(at, other)
    pairs = paired(likes[0], likes[1], "the result", "cond")
    for (name, _, _), a, b in zip(pairs, *(t.body.outputs for t in bodies), strict=True):
        check_alike(name, _Spec(a), _Spec(b), "cond, true_fn and false_fn")
    first, second = bodies
    values = [pred, *first.closed, *second.closed, *flat]
    start = 1 + len(first.closed) + len(second.closed)
    rest = tuple(range(start, len(values)))
    takes = (
        (*range(1, 1 + len(first.closed)), *rest),
        (*range(1 + len(first.closed), start), *rest),
    )
    found = COND.record(*values, bodies=(first.body, second.body), takes=takes)
    return filled(likes[0], iter([y if type(y) in tensor_types else wrap(y) for y in found]))


class _Spec:
    """The shape and dtype of a node, as a value has them."""

    def __init__(self, node: Any) -> None:
        self.shape, self.dtype = node.shape, node.dtype


def _cast(tensors: list[Any], dtypes: Any, weak: list[bool]) -> list[Any]:
    return [
        x.astype(d) if w and is_wider(x.dtype, d) else x
        for x, d, w in zip(tensors, dtypes, weak, strict=True)
    ]


def without_draws(found: Traced, name: str) -> Traced:
    """Raise where a body draws random numbers that no run could draw in the order of its turns."""
    if found.sites:
        raise TraceError(
            f"{name}: what is inside draws random numbers, and how many depends on values: draw "
            "them before, and hand them in as operands; scan draws for all its turns"
        )
    return found

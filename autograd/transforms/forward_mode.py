"""Forward mode: tangents pushed through the recorded graph, along what each op declares.

How an op pushes tangents follows from its row of the table, so that most need no formula of their
own: a *linear* op is applied to the tangents; a *multilinear* one once for each input, with the
tangent in its place; the rule of an *elementwise* op is a product with its slope, in one direction
as in the other. `jvp=` writes a rule for what is none of these. Without one the pullback, which is
linear in its cotangent, is transposed by pulling through it once more.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any, TypeVar

import numpy as np

from autograd.engine.modes import (
    ModeChange,
    capturing,
    current_mode,
    enable_grad,
    is_grad_enabled,
)
from autograd.engine.node import Node, by_age
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import alias, wrap
from autograd.engine.row import OUTPUT, Op
from autograd.engine.rules import arguments
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.graph.interpret import apply, interpret
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor
from autograd.transforms.batching.batch import Batch

__all__ = ["has_own_jvp", "jvp", "push", "push_through", "push_to"]

R = TypeVar("R")


def jvp(f: Callable[..., R], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[R, R]:
    """The value of f at the primals, and its derivative along the tangents (forward mode).

    `primals` and `tangents` are sequences that pair up: floating or complex Tensors, arrays or
    numbers, of the same shapes. f takes the primals as Tensors and returns a Tensor or a tuple or
    list of them. The result is `(outputs, tangents_out)`, both as f returns them, as in JAX. An
    output that does not depend on the primals has the tangent 0.

    One pass, whatever the number of outputs: the cheap way to a derivative by few inputs, where
    `backward` is the cheap way to that of few outputs. Where primals, tangents, or Tensors that f
    uses besides require grad, the result is recorded and can be differentiated again.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0])
    >>> ag.jvp(lambda x: x**2, (x,), (ag.Tensor([1.0, 10.0]),))
    (Tensor([1., 4.], dtype=float32), Tensor([ 2., 40.], dtype=float32))
    """
    primals = _checked(primals, "primals")
    tangents = [_tangent(t, x, i) for i, (t, x) in enumerate(_pairs(tangents, primals))]
    leaves = [x.detach().requires_grad_() for x in primals]
    own = current_mode().starts.union([x._node for x in leaves])
    with ModeChange(records=True, starts=own):
        result: Any = f(*map(alias, leaves))
    several = isinstance(result, (tuple, list))
    outputs = list(result) if several else [result]
    for y in outputs:
        if type(y) not in tensor_types:
            raise ArgumentTypeError(
                f"jvp: f returned {type(y).__name__}, not a Tensor: the value left the graph for "
                "NumPy or Python, and its derivative is lost"
            )
    found = push_to(outputs, leaves, primals, tangents)
    if not several:
        return found[0]
    values, pushed = zip(*found, strict=True) if found else ((), ())
    gathered: Any = tuple if isinstance(result, tuple) else list
    return gathered(values), gathered(pushed)


def _checked(primals: Sequence[Any], what: str) -> list[Any]:
    if type(primals) in tensor_types or not isinstance(primals, (tuple, list)):
        raise ArgumentTypeError(
            f"jvp: {what} must be a tuple or list, one for each argument of f, not "
            f"{type(primals).__name__}; for one argument write (x,)"
        )
    found = [x if type(x) in tensor_types else Tensor(x) for x in primals]
    for number, x in enumerate(found):
        if x.dtype.kind not in "fc":
            raise DTypeError(
                f"jvp: primal {number} is {x.dtype}, which has no derivative; let f close over it"
            )
    return found


def _pairs(tangents: Sequence[Any], primals: list[Any]) -> Any:
    if type(tangents) in tensor_types or not isinstance(tangents, (tuple, list)):
        _checked(tangents, "tangents")
    if len(tangents) != len(primals):
        raise ArgumentError(f"jvp: {len(primals)} primals but {len(tangents)} tangents")
    return zip(tangents, primals, strict=True)


def _tangent(given: Any, x: Any, number: int) -> Any:
    """A tangent in the shape and dtype of its primal."""
    is_known = type(given) in tensor_types or type(given) is Batch
    t = given if is_known else wrap(np.asarray(given))
    if t.shape != x.shape:
        raise ShapeError(
            f"jvp: tangent {number} is {t.shape} and its primal {x.shape}; they must be the same"
        )
    if t.dtype.kind == "c" and x.dtype.kind != "c":
        raise DTypeError(f"jvp: tangent {number} is {t.dtype} and its primal {x.dtype}")
    return t if t.dtype == x.dtype else t.astype(x.dtype)


def push_to(
    outputs: Sequence[Any], starts: Sequence[Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Every output's value and tangent, from one pass over the graph between the starts and them.

    The graph is run on the primals, which are the starts themselves, or stand outside of it.
    """
    own = {start._node: (x, t) for start, x, t in zip(starts, primals, tangents, strict=True)}
    around = _from_around(min((node.number for node in own), default=0))
    nodes = _between({**own, **around}, [y._node for y in outputs if y._node is not None])
    others = [node for node in nodes if node.is_leaf and node not in own and node not in around]
    taking_part = any(t.requires_grad for t in (*primals, *tangents)) or others
    recorded = (bool(taking_part) and is_grad_enabled()) or capturing() is not None

    def seen(x: Any) -> Any:
        return x if recorded or type(x) is Batch else x._value

    values = {node: seen(x) for node, (x, _) in own.items()}
    values |= {node: seen(wrap(node.saved[0], node)) for node in others}
    values |= {node: seen(x) for node, x in around.items()}
    nodes = [node for node in nodes if node not in own and node not in around]
    pushed = push_through(nodes, values, {node: seen(t) for node, (_, t) in own.items()})
    found = []
    for y in outputs:
        value = y if y._node is None else _wrapped(values[y._node])
        t = pushed.get(y._node)
        found.append((value, wrap(np.zeros_like(y._value)) if t is None else _wrapped(t)))
    return found


def _from_around(start: int) -> dict[Node, Any]:
    """Tensors that a call which is traced closes over, and that were there before the start."""
    held = [h.found() for h in capturing().held] if capturing() is not None else []
    tensors = [x for x in held if type(x) in tensor_types and x._node is not None]
    return {x._node: x for x in tensors if x._node.number < start and not x._node.is_leaf}


def _between(starts: Container[Node], ends: Sequence[Node]) -> list[Node]:
    """What the ends depend on, parents first, and not what the starts do."""
    found = dict.fromkeys(ends)
    for node in (stack := list(found)):  # while it grows
        for parent in node.inputs if node not in starts else ():
            if type(parent) is Node and parent not in found:
                found[parent] = None
                stack.append(parent)
    return by_age(found)


def push_through(
    nodes: Sequence[Node], values: dict[Node, Any], tangents: dict[Node, Any]
) -> dict[Node, Any]:
    """The tangents of all nodes that depend on those given; `values` is filled up on the way."""
    is_traced = capturing() is not None

    def run(node: Node, inputs: list[Any]) -> Any:
        if is_traced:  # what rules compute of constants alone is seen too
            inputs = [wrap(x) if isinstance(x, (np.ndarray, np.generic)) else x for x in inputs]
        out = apply(node, inputs)
        sources = [tangents.get(i) if type(i) is Node else None for i in node.inputs]
        if all(t is None for t in sources):
            return _of_its_node(out, node)
        if node.op is OUTPUT:
            tangents[node] = apply(node, sources)
        elif (t := push(node.op, inputs, node.parameters(), out, sources)) is not None:
            tangents[node] = t
            for watch in current_mode().watches:
                watch.pushed(node, sources, t)
        return out

    interpret(nodes, values, run)
    return tangents


def _of_its_node(out: Any, node: Node) -> Any:
    """A value computed anew, from which gradients go to what was recorded, and not to its twin."""
    is_recorded = type(out) in tensor_types and out._node is not None
    return wrap(out._value, node) if is_recorded else out


def has_own_jvp(op: Op) -> bool:
    """Whether the op's forward rule is another formula than its rules for backward."""
    return bool(op.linear or op.multilinear or op.pushes)


def push(
    op: Op,
    inputs: Sequence[Any],
    parameters: dict[str, Any],
    out: Any,
    tangents: Sequence[Any],
) -> Any:
    """The tangent of an op's output (a tuple if it has several), from those of its inputs.

    A tangent is None where the input is constant. All are raw values, or all may be Tensors.
    """
    if op.linear:
        moved = [
            _zero(x) if t is None and _has_rule(op, k) else x if t is None else t
            for k, (x, t) in enumerate(zip(inputs, tangents, strict=True))
        ]
        return _fit(op.record(*moved, **parameters), out)
    if op.joint_jvp is not None:
        rule, slots = op.joint_jvp
        saved = op.readable(inputs, out, parameters.values())
        pushed = rule(tuple(tangents), *arguments(slots, saved))
        if pushed is not NotImplemented:
            return _fit(pushed, out)
    terms = [k for k, t in enumerate(tangents) if t is not None and _has_rule(op, k)]
    if op.multilinear:
        parts = [op.record(*inputs[:k], tangents[k], *inputs[k + 1 :], **parameters) for k in terms]
    elif op.pushes and all(op.inputs[k] in op.pushes for k in terms):
        rules = [op.pushes[op.inputs[k]] for k in terms]
        parts = _applied(op, rules, [tangents[k] for k in terms], inputs, parameters, out)
    elif op.elementwise and not _both_complex(out, tangents):
        rules = [(op.rules[op.inputs[k]], op.pulls[k][1]) for k in terms]
        spread = [_broadcast(tangents[k], np.shape(out)) for k in terms]
        parts = _applied(op, rules, spread, inputs, parameters, out)
    else:
        return _transposed(op, inputs, parameters, tangents, out)
    if not parts:
        return None
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return _fit(total, out)


def _has_rule(op: Op, position: int) -> bool:
    return bool(op.joint) or op.variadic or op.inputs[position] in op.rules


def _both_complex(out: Any, tangents: Sequence[Any]) -> bool:
    """Where a slope may be two numbers, as of z/|z|, and transposing it conjugates one of them."""
    return out.dtype.kind == "c" and any(t is not None and t.dtype.kind == "c" for t in tangents)


def _applied(
    op: Op,
    rules: list[tuple[Any, Any]],
    tangents: list[Any],
    inputs: Sequence[Any],
    parameters: dict[str, Any],
    out: Any,
) -> list[Any]:
    """Each rule on its tangent, with what else it reads."""
    saved = op.readable(inputs, out, parameters.values())
    return [
        rule(t, *arguments(slots, saved)) for (rule, slots), t in zip(rules, tangents, strict=True)
    ]


def _transposed(
    op: Op, inputs: Sequence[Any], parameters: dict[str, Any], tangents: Sequence[Any], out: Any
) -> Any:
    """Pull a cotangent u through the op, and then t through that pullback to u: (Jᵀ)ᵀ t."""
    recorded = any(getattr(v, "requires_grad", False) is True for v in (*inputs, *tangents))
    is_traced = capturing() is not None  # where NumPy alone would compute with numbers unseen
    in_graph = recorded or (is_traced and Batch in map(type, tangents))
    moving = [k for k, t in enumerate(tangents) if t is not None]
    with enable_grad():
        given = [raw(x) for x in inputs]
        for k in moving:  # a node of its own for each, should one Tensor come in twice
            x = inputs[k]
            on_graph = type(x) in tensor_types and x._node is not None
            if on_graph:
                given[k] = +x
            else:
                given[k] = (x.detach() if type(x) in tensor_types else wrap(x)).requires_grad_()
        results = op.record(*given, **parameters)
        results = list(results) if isinstance(results, tuple) else [results]
        found: list[Any] = [np.zeros_like(raw(y)) for y in results]
        live = [i for i, y in enumerate(results) if y._node is not None]
        seeds = [wrap(np.zeros_like(results[i]._value)).requires_grad_() for i in live]
        pulled = grad(
            [results[i] for i in live],
            [given[k] for k in moving],
            seeds,
            create_graph=True,
            allow_unused=True,
        )
        pairs = [
            (g, _wrapped(t))
            for g, t in zip(pulled, (tangents[k] for k in moving), strict=True)
            if g is not None and g._node is not None
        ]
        if pairs:
            ends, directions = zip(*pairs, strict=True)
            pushed: Any = grad(ends, seeds, directions, create_graph=in_graph, allow_unused=True)
            for i, t in zip(live, pushed, strict=True):
                if t is not None:
                    keeps = recorded or type(t) is Batch
                    found[i] = t if keeps else wrap(t._value) if is_traced else t._value
    return _fit(tuple(found) if isinstance(out, tuple) else found[0], out)


def _fit(t: Any, out: Any) -> Any:
    """A tangent in the shape and dtype of the value that it belongs to."""
    if isinstance(out, (tuple, list)):
        return tuple(_fit(part, y) for part, y in zip(t, out, strict=True))
    dtype = out.dtype
    if dtype.kind not in "fc":
        return np.zeros(np.shape(out), dtype)
    if t.dtype.kind == "c" and dtype.kind != "c":
        t = np.real(t)
    t = _broadcast(t, np.shape(out))
    return t if t.dtype == dtype else t.astype(dtype)


def _broadcast(t: Any, shape: tuple[int, ...]) -> Any:
    return t if t.shape == shape else np.broadcast_to(t, shape)


def _zero(x: Any) -> Any:
    """No tangent of a constant input; Python's numbers stay weak."""
    return None if x is None else 0 if isinstance(x, (int, float, complex)) else np.zeros_like(x)


def _wrapped(x: Any) -> Any:
    return x if type(x) in tensor_types or type(x) is Batch else wrap(x)

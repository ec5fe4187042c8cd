"""The one reverse sweep: from the outputs down to the leaves, each rule once, in reverse order.

The same loop serves first order (rules on raw arrays) and `create_graph` (the same rules on
Tensors, which records them). Saved arrays die as the sweep passes, unless the graph is retained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from sys import getrefcount
from threading import Lock
from typing import Any

import numpy as np

from autograd.errors import FreedGraphError, GradientError, NaNError
from autograd.modes import current_mode, enable_grad
from autograd.mutation import check_unchanged
from autograd.node import Extra, Node, topological
from autograd.op import Cotangents
from autograd.recorder import output, tensor_types, wrap

__all__ = ["sweep", "unbroadcast"]

ndarray = np.ndarray
_accumulating = Lock()
_OFF_THE_PATH = object()  # marks nodes that lead to no wanted input


def sweep(
    roots: Sequence[Node],
    seeds: Sequence[Any],
    *,
    inputs: Sequence[Node] | None = None,
    accumulate: bool = True,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> dict[Node, Any]:
    """Run every rule between the roots and the inputs (all leaves if None); return the cotangents.

    With `accumulate` the results go to the `.grad` of the leaves (of `inputs` alone, if given), and
    the returned dict is empty; otherwise it holds the cotangent of each input that was reached.
    Roots and seeds pair up; a seed is a raw value, or a Tensor with `create_graph`.
    """
    order = topological(roots)
    cotangents: dict[Node, Any] = dict.fromkeys(order)
    if inputs is None:
        check_unchanged(order)
    else:
        order = _keep_to_paths(inputs, order, cotangents)
        check_unchanged([node for node in order if _goes_on(node, cotangents)])
    for root, seed in zip(roots, seeds, strict=True):
        old = cotangents[root]
        if old is not _OFF_THE_PATH:
            cotangents[root] = seed if old is None else old + seed
    wanted = None if inputs is None else frozenset(inputs)
    with enable_grad() if create_graph else nullcontext():
        return _run(order, cotangents, wanted, accumulate, retain_graph, create_graph)


def _run(
    order: list[Node],
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    retain_graph: bool,
    create_graph: bool,
) -> dict[Node, Any]:
    captured: dict[Node, Any] = {}
    pulled: Any
    detects_nan = current_mode().detects_nan
    skip = _OFF_THE_PATH
    while order:
        node = order.pop()
        # Names are cleared at the end of a turn: a cotangent that only the dict still holds may
        # become a leaf's .grad without a copy.
        if node.extra is None and (wanted is None or node not in wanted):
            g = cotangents.pop(node)
        else:
            g = _arrive(node, cotangents, wanted, accumulate, captured, create_graph)
        if g is None:
            continue
        saved = node.saved
        if saved is None:
            raise _freed(node)
        if create_graph:
            saved = _lifted(node)
        op = node.op
        pulled = op.pulls if op.joint is None else _pull_jointly(node, g, saved)
        for parent, (rule, slots) in zip(node.inputs, pulled):  # noqa: B905 (zip is hot)
            if type(parent) is not Node or rule is None:
                continue
            old = cotangents[parent]
            if old is skip:
                continue
            try:
                if slots is None:
                    new = rule(g)
                elif type(slots) is int:
                    new = rule(g, saved[slots])
                else:
                    new = rule(g, *[saved[slot] for slot in slots])
                kind, spec = type(new), parent.spec
                if kind is not spec and (kind is not ndarray or (new.shape, new.dtype) != spec):
                    new = _conform(new, parent)
            except Exception as error:
                error.add_note(_rule_note(node, parent))
                raise
            if detects_nan and _has_nan(new):
                raise NaNError(_nan_message(node, parent))
            cotangents[parent] = new if old is None else old + new
        if not retain_graph and saved:
            node.saved = None
        g = new = old = saved = pulled = rule = None
    return captured


def _keep_to_paths(
    inputs: Iterable[Node], order: list[Node], cotangents: dict[Node, Any]
) -> list[Node]:
    """The nodes that lead to one of the inputs, parents first; the others are marked as off."""
    needed = set(inputs)
    for node in order:
        if node not in needed:
            if any(type(p) is Node and p in needed for p in node.inputs):
                needed.add(node)
            else:
                cotangents[node] = _OFF_THE_PATH
    return [node for node in order if node in needed]


def _goes_on(node: Node, cotangents: dict[Node, Any]) -> bool:
    """Whether the node's rules will run: those of a wanted node need not."""
    return any(type(p) is Node and cotangents[p] is not _OFF_THE_PATH for p in node.inputs)


def _pull_jointly(node: Node, g: Any, saved: Any) -> list[tuple[Any, None]]:
    """A joint rule gives all cotangents at once; hand them to the loop as rules of nothing."""
    op, (rule, slots) = node.op, node.op.joint  # type: ignore[misc]
    try:
        results = rule(g, *[saved[slot] for slot in slots])
    except Exception as error:
        error.add_note(f"while the rule of {op.name} ran{_at(node)}")
        raise
    if len(results) != len(node.inputs):
        raise GradientError(
            f"{op.name}: the joint rule gave {len(results)} cotangents for "
            f"{len(node.inputs)} inputs"
        )
    return [(None if r is None else lambda _, r=r: r, None) for r in results]


def _take(cotangents: dict[Node, Any], node: Node) -> tuple[Any, int]:
    g = cotangents.pop(node)
    return g, getrefcount(g)


_UNSHARED = _take({None: np.empty(1)}, None)[1]  # type: ignore[dict-item, arg-type]


def _arrive(
    node: Node,
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    captured: dict[Node, Any],
    create_graph: bool,
) -> Any:
    """The cotangent of a node that is a leaf, is wanted, has hooks, or has several outputs.

    None where the sweep has nothing further to do.
    """
    g, references = _take(cotangents, node)
    if g is None:
        return None
    if type(g) is Cotangents:
        return _filled(g, node)
    extra = node.extra
    if extra is not None and extra.hooks:
        g, references = _run_hooks(node, extra, g, create_graph), 0
    is_wanted = wanted is not None and node in wanted
    goes_on = _goes_on(node, cotangents)
    references = 0 if goes_on else references
    if not accumulate:
        if is_wanted:
            captured[node] = _kept(g, references)
    elif is_wanted or (wanted is None and node.is_leaf) or (extra and extra.retains):
        _accumulate(node.more(), _kept(g, references))
    return g if goes_on else None


def _kept(g: Any, references: int) -> Any:
    """`g` as an array that nothing else refers to: itself when that is so already, else a copy."""
    if type(g) in tensor_types:
        return wrap(_kept(g._value, 0), g._node)
    if isinstance(g, np.ndarray):
        mine = references == _UNSHARED and g.base is None and g.flags.writeable
        return g if mine else g.copy()
    return g


def _accumulate(extra: Extra, g: Any) -> None:
    g = conjugate(g)
    new = g if type(g) in tensor_types else wrap(g)
    with _accumulating:  # another thread may add to the same leaf
        extra.grad = new if extra.grad is None else extra.grad + new


def _run_hooks(node: Node, extra: Extra, g: Any, create_graph: bool) -> Any:
    for hook in tuple(extra.hooks.values()):  # type: ignore[union-attr]
        # a Tensor of the hook's own: what it does to it, copies first (see inplace.py)
        shown = conjugate(wrap(g._value, g._node) if type(g) in tensor_types else wrap(g))
        replaced = hook(shown)
        if replaced is None:
            continue
        value = replaced if type(replaced) in tensor_types else wrap(np.asarray(replaced))
        if value.shape != node.shape:
            raise GradientError(
                f"a hook on {node.label()} returned a gradient of shape {value.shape} for a "
                f"Tensor of shape {node.shape}"
            )
        g = _conform(conjugate(value if create_graph else value._value), node)
    return g


def conjugate(g: Any) -> Any:
    """Between the engine's transposes and the gradients that users see; nothing for real values."""
    return np.conj(g) if g.dtype.kind == "c" else g


def _conform(g: Any, node: Node) -> Any:
    """Make what a rule returned fit its input: un-broadcast, real part, dtype, NumPy scalar."""
    if type(g) is Cotangents:
        return g
    shape, dtype = node.shape, node.dtype
    if not hasattr(g, "dtype"):
        g = np.asarray(g, dtype)
    if g.shape != shape:
        g = unbroadcast(g, shape)
    if g.dtype != dtype:
        if g.dtype.kind == "c" and dtype.kind != "c":
            g = np.real(g)
        g = g.astype(dtype)
    return g[()] if type(g) is np.ndarray and type(node.spec) is type else g


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a cotangent over the axes along which its input was repeated; expand where it is smaller.

    >>> import numpy as np
    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    >>> unbroadcast(np.ones((3, 1)), (1, 2)).shape
    (1, 2)
    """
    lead = g.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        axis
        for axis in range(max(lead, 0), g.ndim)
        if shape[axis - lead] == 1 and g.shape[axis] != 1
    )
    if axes:
        g = np.sum(g, axis=axes, keepdims=True)
    if lead > 0:
        g = np.reshape(g, g.shape[lead:])
    return g if g.shape == shape else np.broadcast_to(g, shape)


def _filled(g: Cotangents, node: Node) -> tuple[Any, ...]:
    """The cotangents of all outputs, zero for those that nothing depends on."""
    return tuple(g[i] if i in g else _zeros(spec) for i, spec in enumerate(node.spec))


def _zeros(spec: Any) -> Any:
    return np.zeros(*spec) if type(spec) is tuple else spec(0)


def _lifted(node: Node) -> tuple[Any, ...]:
    """What a node saved, as Tensors that hang on the graph where the values came from."""
    op, saved = node.op, node.saved
    if not saved:
        return ()
    count = len(op.inputs)
    if op.variadic:
        lifted = [None if saved[0] is None else _lift_all(saved[0], node.inputs)]
    else:
        lifted = _lift_all(saved[:count], node.inputs)
    out = saved[count] if len(saved) > count else None
    if type(out) is tuple:
        out = tuple(output(node, i, value, op.output) for i, value in enumerate(out))
    elif out is not None:
        out = wrap(out, node)
    return (*lifted, out, *saved[count + 1 :])


def _lift_all(values: Iterable[Any], inputs: Sequence[Any]) -> list[Any]:
    return [
        wrap(value, source) if type(source) is Node and value is not None else value
        for value, source in zip(values, inputs, strict=False)
    ]


def _freed(node: Node) -> FreedGraphError:
    place = f" in {node.scope!r}" if node.scope is not None else ""
    return FreedGraphError(
        f"backward through this graph a second time: what {node.label()}{place} had saved was "
        "freed by the first.\n  Pass retain_graph=True to the first call, or record it again."
    )


def _input_name(node: Node, parent: Node) -> str:
    position = next(i for i, p in enumerate(node.inputs) if p is parent)
    op = node.op
    return f"{op.inputs[0]}[{position}]" if op.variadic else op.inputs[position]


def _rule_note(node: Node, parent: Node) -> str:
    return f"while the rule of {node.op.name} for {_input_name(node, parent)} ran{_at(node)}"


def _at(node: Node) -> str:
    return f" at {node.where}" if node.where else ""


def _has_nan(g: Any) -> bool:
    values = g.values() if type(g) is Cotangents else (g,)
    return any(bool(np.isnan(getattr(v, "_value", v)).any()) for v in values)


def _nan_message(node: Node, parent: Node) -> str:
    where = f", recorded at {node.where}" if node.where else ""
    return f"{node.op.name}: the rule for {_input_name(node, parent)} gave NaN{where}"

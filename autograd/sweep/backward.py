"""The one reverse sweep: from the outputs down to the leaves, each rule once, in reverse order.

The same loop serves first order (rules on raw arrays) and `create_graph` (the same rules on
Tensors, which records them). Saved arrays die as the sweep passes, unless the graph is retained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from threading import Lock
from typing import Any

import numpy as np

from autograd.engine.modes import captures, current_mode, enable_grad
from autograd.engine.mutation import check_unchanged
from autograd.engine.node import TIED, Extra, Node, by_age, reachable
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.packing import unpacked
from autograd.engine.row import LEAF, OPS, Cotangents
from autograd.engine.rules import hands_on
from autograd.engine.trail import step_capture
from autograd.engine.watch import Watch
from autograd.errors import FreedGraphError, GradientError
from autograd.sweep.cotangent import (
    OFF_THE_PATH,
    added,
    conform,
    conjugate,
    filled,
    kept,
    lifted,
    take,
)
from autograd.sweep.early import LISTENERS, heard_of, listening
from autograd.sweep.leaks import EVERY, sample
from autograd.sweep.limits import matters, with_slopes
from autograd.sweep.pull import hook_note, pull, pull_jointly, rule_note
from autograd.sweep.stretch import find_stretch
from autograd.system.forks import forkable

__all__ = ["sweep"]

ndarray = np.ndarray
LARGE_SUM = 1 << 14  # below, a new array costs less than asking who else holds the old one
_accumulating = forkable(Lock())
next_sweep = count(1).__next__


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
    cotangents: dict[Node, Any] = reachable(roots)
    order = by_age(cotangents)
    if not retain_graph and next_sweep() % EVERY == 0:
        sample(order)
    if inputs is None:
        check_unchanged(order)
    else:
        order = _keep_to_paths(inputs, order, cotangents)
        check_unchanged(order, lambda node: _goes_on(node, cotangents))
    for root, seed in zip(roots, seeds, strict=True):
        old = cotangents[root]
        if old is not OFF_THE_PATH:
            cotangents[root] = seed if old is None else old + seed
    wanted = None if inputs is None else frozenset(inputs)
    options = order, cotangents, wanted, accumulate, retain_graph, create_graph
    if LISTENERS and accumulate:
        return _run_heard(*options)
    return _run_so(*options)


def _run_heard(
    order: list[Node], cotangents: Any, wanted: Any, accumulate: bool, retain: bool, graph: bool
) -> dict[Node, Any]:
    """The sweep, of which those are told who listen for its leaves."""
    listeners = listening(order, wanted, graph)
    try:
        found = _run_so(order, cotangents, wanted, accumulate, retain, graph)
    except BaseException:
        for listener in listeners:
            listener.stop()
        raise
    for listener in listeners:
        listener.end()
    return found


def _run_so(
    order: list[Node],
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    retain_graph: bool,
    create_graph: bool,
) -> dict[Node, Any]:
    """The sweep as what is asked of it needs it: traced, recorded, or neither."""
    if not create_graph:
        if captures and (capture := step_capture()) is not None:
            return capture.swept(_run, order, cotangents, wanted, accumulate, retain_graph)  # type: ignore[no-any-return]
        if TIED and matters(order):
            return _run_recorded(order, cotangents, wanted, accumulate, retain_graph)
        return _run(order, cotangents, wanted, accumulate, retain_graph, create_graph)
    with enable_grad():
        return _run(order, cotangents, wanted, accumulate, retain_graph, create_graph)


def _run_recorded(
    order: list[Node],
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    retain_graph: bool,
) -> dict[Node, Any]:
    """The sweep of first order where a rule asks for a limit, and so for a second derivative."""
    nodes = order.copy()
    for node, seed in cotangents.items():
        if seed is not None and seed is not OFF_THE_PATH:
            cotangents[node] = wrap(seed)
    with enable_grad():
        captured = _run(order, cotangents, wanted, accumulate, True, True)
    for node in nodes:
        if accumulate and node.extra is not None and node.extra.grad is not None:
            node.extra.grad = wrap(node.extra.grad._value)
        if not retain_graph and node.saved:
            node.saved = None
    return {node: g._value if type(g) in tensor_types else g for node, g in captured.items()}


def _run(
    order: list[Node],
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    retain_graph: bool,
    create_graph: bool,
) -> dict[Node, Any]:
    captured: dict[Node, Any] = {}
    new: Any
    watches = current_mode().watches
    if watches:
        watches = tuple(w for watch in watches if (w := watch.at_sweep(order)) is not None)
    in_blocks = not watches or _see_blocks(watches)
    skip = OFF_THE_PATH
    while order:
        node = order.pop()
        # Names are cleared at the end of a turn: a cotangent that only the dict still holds may
        # become a leaf's .grad without a copy.
        if node.extra is None and (wanted is None or node not in wanted):
            g = cotangents.pop(node)
        else:
            g = _arrive(node, cotangents, wanted, accumulate, captured, create_graph, watches)
            if type(g) is ndarray and node.extra and node.extra.is_large and in_blocks:
                stretch = find_stretch(node, g, order, cotangents, wanted)
                if stretch is not None and stretch.sweep(order, cotangents, retain_graph, watches):
                    g = stretch = None
                    continue
        if g is None:
            continue
        saved = node.saved
        if type(saved) is not tuple:
            if saved is None:
                raise _freed(node)
            saved = unpacked(node)
        if create_graph:
            saved = lifted(node, saved)
        op = node.op
        if watches:
            link = _given(pull(node, g, saved, watches, cotangents))
        else:
            link = op.links if op.joint is None else _given(pull_jointly(node, g, saved))
        parents = None if node.many is None else iter(node.many)
        parent = node.x if parents is None else next(parents, None)
        while link is not None:
            rule, slots, link = link
            if type(parent) is Node and (old := cotangents[parent]) is not skip and rule:
                try:
                    if rule is hands_on:
                        new = g
                    elif slots is None:
                        new = rule(g)
                    elif type(slots) is int:
                        new = rule(g, saved[slots])
                    else:
                        new = rule(g, *[saved[slot] for slot in slots])
                    kind = type(new)
                    if kind is not (spec := parent.spec) and (
                        kind is not ndarray or (new.shape, new.dtype) != spec
                    ):
                        new = conform(new, parent)
                except Exception as error:
                    error.add_note(rule_note(node, _position(node, parent)))
                    raise
                try:
                    if old is None:
                        cotangents[parent] = new
                    elif type(old) is ndarray and old.size >= LARGE_SUM:
                        old = None  # so that the dict alone may hold it, and the sum lie there
                        cotangents[parent] = added(*take(cotangents, parent), new)
                    else:
                        cotangents[parent] = old + new
                except Exception as error:
                    error.add_note(rule_note(node, _position(node, parent)))
                    raise
            parent = node.y if parents is None else next(parents, None)
        if not retain_graph and saved:
            node.saved = None
        g = new = old = saved = rule = None
    return captured


def _keep_to_paths(
    inputs: Iterable[Node], order: list[Node], cotangents: dict[Node, Any]
) -> list[Node]:
    """The nodes that lead to one of the inputs, parents first; the others are marked as off."""
    needed = set(inputs)
    for node in order:
        if node in needed:
            continue
        for parent in node.many or (node.x, node.y):
            if type(parent) is Node and parent in needed:
                needed.add(node)
                break
        else:
            cotangents[node] = OFF_THE_PATH
    return [node for node in order if node in needed]


def _goes_on(node: Node, cotangents: dict[Node, Any]) -> bool:
    """Whether the node's rules will run: those of a wanted node need not."""
    for parent in node.many or (node.x, node.y):  # (any() would make a generator for every node)
        if type(parent) is Node and cotangents[parent] is not OFF_THE_PATH:
            return True
    return False


def _see_blocks(watches: Iterable[Watch]) -> bool:
    return all(watch.sees_blocks for watch in watches)


def _given(results: Sequence[Any]) -> Any:
    """Cotangents that are there already, handed to the loop as rules of nothing."""
    link: Any = None
    for result in reversed(results):
        link = (result if result is None else lambda _, r=result: r, None, link)
    return link


def _arrive(
    node: Node,
    cotangents: dict[Node, Any],
    wanted: frozenset[Node] | None,
    accumulate: bool,
    captured: dict[Node, Any],
    create_graph: bool,
    watches: Sequence[Watch],
) -> Any:
    """The cotangent of a node that is a leaf, is wanted, has hooks, or has several outputs.

    None where the sweep has nothing further to do.
    """
    g, references = take(cotangents, node)
    if g is None:
        return None
    extra = node.extra
    if type(g) is Cotangents:
        g = filled(g, node)
        ask = create_graph and extra is not None and extra.ties is not None
        return with_slopes(node, g, sweep) if ask else g
    if extra is not None and extra.hooks:
        try:
            g, references = _run_hooks(node, extra, g, create_graph), 0
        except Exception as error:
            error.add_note(hook_note(node))
            raise
    for watch in watches:
        watch.arrived(node, g)
    is_wanted = wanted is not None and node in wanted
    goes_on = node.op is not LEAF and _goes_on(node, cotangents)
    references = 0 if goes_on else references
    if not accumulate:
        if is_wanted:  # a Tensor is a value: who changes it, copies its memory first
            is_tensor = type(g) in tensor_types
            captured[node] = wrap(g._value, g._node) if is_tensor else kept(g, references)
    elif is_wanted or (wanted is None and node.is_leaf) or (extra and extra.retains):
        _accumulate(node, g, references)
    return g if goes_on else None


def _accumulate(node: Node, g: Any, references: int) -> None:
    if captures and (capture := step_capture()) is not None:
        capture.add_gradient(node, conjugate(wrap(g._value, g._node)))
        if LISTENERS:
            heard_of(node)
        return
    extra, g = node.more(), kept(g, references)
    new = g if type(g) in tensor_types else wrap(g)
    if new._value.dtype.kind == "c":
        new = conjugate(new)
    with _accumulating:  # another thread may add to the same leaf
        # the op itself: what `+` means is the affair of the Tensor's class
        extra.grad = new if extra.grad is None else OPS["add"].record(extra.grad, new)
    if LISTENERS:
        heard_of(node)


def _run_hooks(node: Node, extra: Extra, g: Any, create_graph: bool) -> Any:
    for hook in tuple(extra.hooks.values()):  # type: ignore[union-attr]
        # a Tensor of the hook's own: what it does to it, copies first (see tensors/inplace.py)
        shown = conjugate(wrap(g._value, g._node) if type(g) in tensor_types else wrap(g))
        before = shown._value, shown._node
        replaced = hook(shown)
        if replaced is None:
            if before[0] is shown._value and before[1] is shown._node:
                continue
            replaced = shown  # which the hook wrote to, as in PyTorch
        value = replaced if type(replaced) in tensor_types else wrap(np.array(replaced))
        if value.shape != node.shape:
            raise GradientError(
                f"a hook on {node.label()} returned a gradient of shape {value.shape} for a "
                f"Tensor of shape {node.shape}"
            )
        on_tape = create_graph or type(g) in tensor_types
        g = conform(conjugate(value if on_tape else value._value), node)
    return g


def _freed(node: Node) -> FreedGraphError:
    return FreedGraphError(
        "backward through this graph a second time: the first has freed what "
        f"{node.label()} had saved{node.place()}.\n"
        f"  Pass retain_graph=True to the first call, or record it again.{node.calls()}"
    )


def _position(node: Node, parent: Node) -> int:
    return next(i for i, p in enumerate(node.inputs) if p is parent)

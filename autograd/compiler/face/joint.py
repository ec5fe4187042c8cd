"""A call traced with the gradients of what it returns, and parted where these begin.

Who calls a compiled function may go on in the graph, so its outputs need a rule. It is traced with
them: the same sweep that an eager `backward()` would run, from cotangents that are inputs. What
does not depend on these is the forward program, which gives besides what the rest reads of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.modes import current_mode
from autograd.engine.node import Node, new_node
from autograd.engine.operands import faces, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import INPUT
from autograd.engine.views import View
from autograd.errors import MutationError, TraceError
from autograd.graph.call import Call, Slot, links_of
from autograd.graph.naming import HELD
from autograd.program.capture import ProgramCapture
from autograd.program.passes import relinked
from autograd.program.program import Program
from autograd.sweep.differentiate import grad

__all__ = ["CallCapture", "Pull", "parted", "with_result", "without_hooks"]


class Pull(NamedTuple):
    """How cotangents of outputs become those of what the call depends on."""

    program: Program  # from `reads` and cotangents to gradients
    reads: tuple[Node, ...]  # values of the forward program: first those that lie in places
    kept: tuple[Node, ...]  # those that it computes or draws, which it gives beside its results
    live: tuple[int, ...]  # the numbers of the outputs that are in the graph
    targets: tuple[tuple[Node, Any], ...]  # inputs and Tensors (None: an input) that get gradients
    given: tuple[int, ...]  # of which targets there is a gradient, in the order of the results


class Shown(NamedTuple):
    """A result that is a view of what somebody else has too."""

    base: Any  # as for `same`
    steps: Sequence[Any]
    is_in_graph: bool


class CallCapture(ProgramCapture):
    """The capture of a call, with its modules, and the gradients of its outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[int, Any] = {}
        self.results: list[Any] = []  # Tensors, in the order of the outputs
        self.kinds: list[type] = []  # of Tensors
        self.same: dict[int, Any] = {}  # results that were there
        self.views: dict[int, Shown] = {}  # results that show numbers of such
        self.stale: dict[int, str] = {}  # those of what has changed since, and by which op
        self.leaves: list[int] = []  # results that are leaves of their own
        self.live: list[int] = []
        self.targets: list[tuple[Node, Any]] = []
        self.seeds: list[Node] = []
        self.gradients: list[Node | None] = []
        self._entered: dict[int, Any] = {}

    def input(self, tensor: Any, name: str) -> Any:
        """A Tensor that is given twice is one in the call too: what is written to it, both show."""
        twin = super().input(tensor, name)
        return self._entered.setdefault(id(tensor), twin)

    def calls(self, module: Any) -> None:
        self.modules[id(module)] = module
        hooks = module._hooks
        for hook in (*hooks.before.values(), *hooks.after.values()) if hooks else ():
            _check_hook(module, hook.call)
        for hook in (*hooks.backward_before.values(), *hooks.backward.values()) if hooks else ():
            _check_hook(module, hook)

    def pull(self, node: Node, position: int | None, rule: Any, g: Any, saved: Any) -> Any:
        _check_node(node)
        return super().pull(node, position, rule, g, saved)

    def _know(self, tensor: Any) -> None:
        leaf = tensor._node
        is_new = leaf.is_leaf and leaf not in self._tensors and leaf.extra is not None
        if is_new and (hooks := leaf.extra.hooks):  # which may do nothing but change a gradient
            leaf.extra.hooks = {key: _noted(hook, leaf) for key, hook in hooks.items()}
            self.undone.append(partial(setattr, leaf.extra, "hooks", hooks))
        super()._know(tensor)

    def node_of(self, tensor: Any) -> Node:
        self.results.append(tensor)
        return super().node_of(tensor)

    def finish(self) -> list[Any]:
        self.leaves = [i for i, y in enumerate(self.results) if self._is_new_leaf(y)]
        self.live = [
            i for i, y in enumerate(self.results) if i not in self.leaves and self._is_live(y)
        ]
        if self.live and current_mode().records:
            try:
                self._differentiate([self.results[i] for i in self.live])
            except MutationError:  # as `backward()` would raise outside: the graph is out of date
                self.live, self.seeds = [], []
        else:
            self.live = []
        self.kinds = [type(y) for y in self.results]
        self._find_same()
        self.results.clear()  # what the call has made and nobody holds is nothing that it found
        moved = self._moved()
        alive = super().finish()
        for label in moved:
            self.refuse(
                f"a change in place by which {label} lies in a graph: return the new value, or "
                "change it outside of the graph, by v.detach() or under ag.no_grad()"
            )
        return alive

    def _moved(self) -> list[str]:
        """What was there and is the result of an op now, along which gradients flow."""
        before = [(given, twin, given._node) for given, twin, _ in self._twins]
        before += [(x, x, held.inner[0]) for held in self.held
                   if type(x := held.found()) in tensor_types]  # fmt: skip
        return [
            twin._label() for _, twin, node in before
            if twin._node is not node and twin._node is not None and not twin._node.is_leaf
        ]  # fmt: skip

    def _is_new_leaf(self, tensor: Any) -> bool:
        """Whether it is a leaf that the call has made, as by `x.detach().requires_grad_()`."""
        node = tensor._node
        return node is not None and node.is_leaf and node.number >= self.start

    def _find_same(self) -> None:
        """Which results are Tensors that somebody else has too, or views of them."""
        known: dict[int, Any] = {}
        for held in self.held:
            if type(found := held.found()) in tensor_types:
                known[id(found)] = held.found
        for number, (given, twin, node) in reversed([*enumerate(self._twins)]):
            if node not in self.seeds and type(given) in tensor_types:
                known[id(twin)] = ("input", number)
        for number, result in enumerate(self.results):
            if id(result) in known:
                self.same[number] = known[id(result)]
            else:
                known[id(result)] = ("result", number)
        for number, result in enumerate(self.results):
            origin = getattr(result, "_origin", None)
            if number in self.same or type(origin) is not tuple:
                continue
            view = View.of(origin)
            base, name = view.tensor, view.steps[-1][0]
            if id(base) not in known:
                continue  # the call alone has what it shows
            if view.value == id(base._value) or type(base) in faces:
                self.views[number] = Shown(known[id(base)], view.steps, result._node is not None)
            else:
                self.stale[number] = "detach" if name is None else name.name

    def _is_live(self, tensor: Any) -> bool:
        """Whether a result has a graph that no sweep has freed."""
        stack = [tensor._node] if tensor._node is not None else []
        if not stack or tensor.dtype.kind not in "fc":
            return False
        seen = set(stack)
        for node in stack:  # while it grows
            if node.number < self.start:
                continue
            if node.saved is None and not node.is_leaf:
                return False
            for source in node.inputs:
                if type(source) is Node and source not in seen:
                    seen.add(source)
                    stack.append(source)
        return True

    def _differentiate(self, outputs: list[Any]) -> None:
        sources = [(node, None, twin._node) for _, twin, node in self._twins]
        for held in self.held:
            found = held.found()
            if found is not None and type(found) in tensor_types:
                sources.append((held.node, found, held.inner[0]))
        leaves: dict[Node, tuple[Node, Any]] = {}
        for node, found, leaf in sources:
            if leaf is not None and leaf.number < self.start:
                leaves.setdefault(leaf, (node, found))
        seeds = [
            self.input(wrap(_ones(y._value)), f"gradient of output {i}")
            for i, y in zip(self.live, outputs, strict=True)
        ]
        self.seeds = [node for _, _, node in self._twins[-len(seeds) :]]
        ends = [wrap(np.empty(n.shape, n.dtype), n) for n in leaves]
        with without_hooks(leaves):  # they are run where the gradients arrive
            found = grad(outputs, ends, seeds, allow_unused=True) if ends else ()
        self.targets = list(leaves.values())
        self.gradients = [None if g is None else self._source(g) for g in found]


@contextmanager
def without_hooks(nodes: Iterable[Node]) -> Iterator[None]:
    """Sweep to some nodes without a call of their hooks."""
    hooks = {node: node.extra.hooks for node in nodes if node.extra is not None}
    for node in hooks:
        node.more().hooks = None
    try:
        yield
    finally:
        for node, own in hooks.items():
            node.more().hooks = own


def parted(capture: CallCapture, program: Program) -> tuple[Program, Pull | None]:
    """The forward program of a traced call, and what pulls cotangents through it."""
    ends = [g for g in capture.gradients if g is not None]
    if not ends:
        capture.live = []
        return _with_reads(capture, program, ()), None
    needed = _ancestors(ends)
    behind = set(capture.seeds)
    for node in capture.nodes:
        if node in needed and any(source in behind for source in links_of(node)):
            behind.add(node)
    order = [n for n in capture.nodes if n in behind and n in needed and n.op is not INPUT]
    reads = dict.fromkeys(
        x for n in order for x in links_of(n) if x not in behind
    ) | dict.fromkeys(g for g in ends if g not in behind)  # fmt: skip
    lying = tuple(node for node in reads if node.op in (INPUT, *HELD))
    draws = [node for node in program.draws if node not in reads]
    kept = (*(node for node in reads if node not in lying), *draws)
    reads = dict.fromkeys((*lying, *kept[: len(kept) - len(draws)]))
    pull = _pull_program(capture, order, tuple(reads), ends)
    given = tuple(i for i, g in enumerate(capture.gradients) if g is not None)
    found = Pull(pull, tuple(reads), kept, tuple(capture.live), tuple(capture.targets), given)
    return _with_reads(capture, program, kept, lying), found


def _ancestors(roots: Sequence[Node]) -> set[Node]:
    found = set(roots)
    stack = list(found)
    for node in stack:  # while it grows
        for source in links_of(node):
            if source not in found:
                found.add(source)
                stack.append(source)
    return found


def _with_reads(
    capture: CallCapture, program: Program, reads: tuple[Node, ...], lying: tuple[Node, ...] = ()
) -> Program:
    """The program, which gives its results and what the gradients read, if there is any."""
    seeds = set(capture.seeds)
    needed = _ancestors([*program.nodes, *reads, *lying]) - seeds
    nodes = [node for node in capture.nodes if node in needed]
    if not capture.live:
        return program.changed(program.call, nodes, program.outputs)
    result = program.call.result, tuple(map(Slot, reads))
    return with_result(program.changed(program.call, nodes, program.outputs), result, reads)


def with_result(program: Program, result: Any, more: Sequence[Node]) -> Program:
    """The program with another result, for which it gives some values more."""
    old, call = program.call, Call(program.call.function, program.call.args, program.call.kwargs)
    call.result, call.guards = result, old.guards
    call.refused, call.tape = old.refused, old.tape
    return program.changed(call, program.nodes, list(dict.fromkeys([*program.outputs, *more])))


def _pull_program(
    capture: CallCapture, order: list[Node], reads: tuple[Node, ...], ends: list[Node]
) -> Program:
    """The instructions that depend on cotangents, as a program of what they read."""
    new: dict[Node, Node] = {}
    inputs = []
    for number, node in enumerate((*reads, *capture.seeds)):
        if node in capture.seeds:
            inputs.append(node)
            continue
        new[node] = source = new_node(INPUT, (), np.False_)
        source.params, source.spec, source.saved = (None,), node.spec, (None,)
        source.more().name = node.name or f"saved {number}"
        inputs.append(source)
    nodes = []
    for node in order:
        copy = relinked(node, new)
        if copy is not node:
            new[node] = copy
        nodes.append(copy)
    outputs = tuple(new.get(g, g) for g in ends)
    call = Call(_no_call, tuple(map(Slot, inputs)), {})
    call.result = tuple(map(Slot, outputs))
    names = [node.name or "" for node in inputs]
    return Program(call, (*inputs, *nodes), outputs, {}, names, {})


def _no_call() -> None:
    """What a program that nobody called stands for."""


def _ones(value: Any) -> Any:
    return np.ones_like(value) if isinstance(value, np.ndarray) else type(value)(1)


def _check_node(node: Node) -> None:
    if node.extra is not None and node.extra.hooks and not node.is_leaf:
        raise _hooked(node)


def _noted(hook: Any, leaf: Node) -> Any:
    """A hook of a leaf, whose value is a part of the program."""

    def run(g: Any) -> Any:
        before = g._value, g._node
        found = hook(g)
        if found is None and g._value is before[0] and g._node is before[1]:
            raise _hooked(leaf)
        return found

    return run


def _hooked(node: Node) -> TraceError:
    return TraceError(
        f"compile: {node.label()} has a hook that looks at its gradient, and Python's own steps "
        "are no part of a plan: remove the hook, or let it return what the gradient shall be"
    )


def _check_hook(module: Any, hook: Any) -> None:
    root = (getattr(hook, "__module__", None) or type(hook).__module__).partition(".")[0]
    if root not in ("autograd", "nn", "optim"):
        raise TraceError(
            f"compile: {module._path or module._kind} ({module._kind}) has a hook, "
            f"{getattr(hook, '__qualname__', type(hook).__name__)}, and Python's own steps are no "
            "part of a plan: remove the hook, or call the function itself, compiled.function(...)"
        )

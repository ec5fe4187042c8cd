"""The gradients of a program: rules that a sweep runs, and what `.grad` is before and after.

A rule is run by the one sweep on the raw values that it saved, as in an eager call, and noted as a
`pull`: so a program gives the same bits. A gradient that is read before the call has written it is
a cell, which each run reads anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.callers import caller
from autograd.engine.modes import uncaptured
from autograd.engine.node import TIED, Node, next_number, spec_of
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import COMPUTED, STATE, WRITE
from autograd.engine.rules import hands_on
from autograd.engine.watch import Watch
from autograd.graph.capture import Capture, own
from autograd.graph.cells import Cell, Gradient
from autograd.graph.pytree import mapped
from autograd.program.instructions import PULL, accumulated, zeroed
from autograd.sweep.limits import matters

__all__ = ["GradientCapture"]


class _Rules(Watch):
    """Notes the rules that a sweep runs."""

    def __init__(self, capture: GradientCapture) -> None:
        self.capture = capture

    def rule(
        self, node: Node, position: int | None, rule: Callable[..., Any], /, g: Any, *saved: Any
    ) -> Any:
        return self.capture.pull(node, position, rule, g, saved)


class GradientCapture(Capture):
    """A capture of calls with backward passes in them."""

    takes_steps = True

    def __init__(self) -> None:
        super().__init__()
        self.start = next_number()
        self.cells: dict[tuple[Any, ...], Node] = {}  # the node that reads each one
        self.presence: dict[Cell, tuple[bool, str | None]] = {}  # of what Python saw to be there
        self._tensors: dict[Node, Any] = {}  # whose each leaf is
        self._frozen: dict[Node, Any] = {}  # leaves that were no such for a while, and whose
        self._touched: set[Node] = set()  # leaves whose gradient is no more that of the start
        self._dropped: set[Node] = set()  # leaves whose gradient goes before all else
        self._maybe: dict[Node, Node] = {}  # those whose gradient may be None at other runs

    def swept(self, run: Callable[..., Any], order: list[Node], cotangents: Any, *rest: Any) -> Any:
        """Let the sweep run on Tensors, and note its rules."""
        if TIED and matters(order):
            self.refuse("gradients where values coincide, whose way Python chooses")
        for node, seed in cotangents.items():
            if isinstance(seed, (np.ndarray, np.generic)):
                cotangents[node] = wrap(seed)
        with _Rules(self):
            return run(order, cotangents, *rest, False)

    def pull(self, node: Node, position: int | None, rule: Any, g: Any, saved: Any) -> Any:
        """Run a rule on raw values, and note it."""
        if node.number < self.start:
            self.refuse(
                f"backward() through {node.label()}, which was recorded before the call: compute "
                "the loss inside of what is traced"
            )
        for kept in saved if isinstance(saved, tuple) else ():
            if (why := getattr(type(kept), "of_one_run", None)) is not None:
                self.refuse(f"the backward of {node.op.name}, {why}")
        specs: Any = tuple(x.spec if type(x) is Node else None for x in node.inputs)
        if position is not None:
            specs = specs[position]
            if rule is hands_on and type(g) in tensor_types and spec_of(g._value) == specs:
                return g
        several = type(g) is tuple
        cotangents = g if several else (g,)
        sources = [self._source(x) for x in cotangents]
        reads = mapped(self._source, saved)
        params = {"op": node.op, "position": position, "specs": specs, "several": several}
        with uncaptured:
            found = PULL.forward(*map(raw, cotangents), reads=mapped(raw, saved), **params)
        found = tuple(map(_wrapped, found)) if position is None else _wrapped(found)
        links = (node.op, position, reads, specs, several)
        before = len(self.nodes)
        self._note(PULL, sources, links, found)
        forward = self._made.get(node)
        for new in self.nodes[before:]:
            new.scope = node.scope
            new.more().where = forward.where if forward is not None else new.where
        return found

    def gradient(self, tensor: Any) -> Any:
        """What `.grad` shows; Python goes on by whether it is there."""
        leaf = tensor._node
        if leaf is None:
            return None
        self._know(tensor)
        extra = leaf.extra
        grad = None if extra is None else extra.grad
        if self._is_early(leaf):
            node = self._grad_cell(leaf)
            self.presence[node.params[0]] = grad is not None, caller()
            self._touched.add(leaf)
            if grad is not None and leaf not in self._maybe:
                self._known.note(grad._value, node)
            self._maybe.pop(leaf, None)
        return grad

    def zero_gradient(self, tensor: Any, set_to_none: bool) -> None:
        """`zero_grad`, which need not know whether there is one."""
        leaf = tensor._node
        self._know(tensor)
        if set_to_none:
            self.sets_grad(tensor)
            leaf.more().grad = None
        elif self._is_early(leaf):
            node = self._maybe.get(leaf) or self._grad_cell(leaf)
            old = leaf.more().grad
            result = None if old is None else wrap(own(np.zeros_like(old._value)))
            zero = self._optional(zeroed, [node], result, node)
            leaf.extra.grad, self._maybe[leaf] = result, zero
            self._touched.add(leaf)
        elif leaf.extra is not None and leaf.extra.grad is not None:
            leaf.extra.grad = wrap(own(np.zeros_like(leaf.extra.grad._value)))

    def add_gradient(self, leaf: Node, new: Any) -> None:
        """A gradient has come to a leaf, or to what retains it."""
        extra = leaf.more()
        if self._is_early(leaf) and new._node is None:
            node = self._maybe.pop(leaf, None) or self._grad_cell(leaf)
            old = None if extra.grad is None else extra.grad._value
            with uncaptured:
                result = wrap(own(accumulated(old, raw(new))))
            self._optional(accumulated, [node, self._source(new)], result, node)
            extra.grad = result
            self._touched.add(leaf)
            return
        if self._is_early(leaf):
            self.gradient(self._tensors[leaf])
        extra.grad = new if extra.grad is None else extra.grad + new

    def sets_grad(self, tensor: Any) -> None:
        super().sets_grad(tensor)
        self._know(tensor)
        self._touched.add(tensor._node)
        self._maybe.pop(tensor._node, None)
        if all(node.is_leaf for node in self.nodes):
            self._dropped.add(tensor._node)

    def _know(self, tensor: Any) -> None:
        if tensor._node.is_leaf:
            self._tensors.setdefault(tensor._node, tensor)

    def _is_early(self, leaf: Node) -> bool:
        """Whether a leaf from outside may have another gradient, or none, at other runs."""
        if leaf.number >= self.start or leaf not in self._tensors:
            return False
        self.keep_grad(leaf)
        return leaf not in self._touched or leaf in self._maybe

    def _grad_cell(self, leaf: Node) -> Node:
        tensor = self._tensors[leaf]
        key = (id(leaf), "grad")
        if key not in self.cells:
            grad = None if leaf.extra is None else leaf.extra.grad
            value = None if grad is None else grad._value
            self.cells[key] = self._cell(Gradient(tensor), value, leaf.spec)
        return self.cells[key]

    def _cell(self, cell: Cell, value: Any, spec: Any) -> Node:
        node = self._add(STATE, (), (cell,), None)
        node.spec = spec
        if isinstance(value, (np.ndarray, np.generic)):
            self._known.note(value, node)
        return node

    def _optional(self, function: Any, sources: list[Any], result: Any, like: Node) -> Node:
        node = self._add(COMPUTED, tuple(sources), (function,), getattr(result, "_value", None))
        node.spec = like.spec
        return node

    def changes_leaf(self, tensor: Any) -> None:
        """A Tensor is about to begin or to stop requiring grad, by which its gradient is lost."""
        leaf = tensor._node
        if leaf is not None and leaf.is_leaf and leaf.number < self.start:
            self.holds(tensor)
            self._know(tensor)
            self._frozen.setdefault(leaf, tensor)

    def finish(self) -> list[Any]:
        for leaf, tensor in self._frozen.items():
            self._touched.discard(leaf)
            if tensor._node is None:
                self.refuse(f"requires_grad_(False) of {tensor._label()}: call it before")
                continue
            extra = tensor._node.extra
            grad = None if extra is None else extra.grad
            source = None if grad is None else self._source(grad)
            self._write(source, Gradient(tensor), None).spec = leaf.spec
        for leaf in sorted(self._touched, key=lambda node: node.number):
            if leaf in self._tensors and leaf.number < self.start:
                self._write_grad(leaf)
        return super().finish()

    def _write_grad(self, leaf: Node) -> None:
        grad, first = leaf.more().grad, self._grads.get(leaf)
        node: Any = self._maybe.get(leaf)
        if node is None and grad is not None:
            node = self._source(grad)
            if grad is first and node is self.cells.get((id(leaf), "grad")):
                return  # it was only looked at
        cell = self.cells.get((id(leaf), "grad"))
        if node is None and grad is first is None and cell and cell.params[0] in self.presence:
            return  # there is none at any run
        place = Gradient(self._tensors[leaf]) if cell is None else cell.params[0]
        place.drops_first = leaf in self._dropped
        write = self._write(node, place, None if grad is None else grad._value)
        write.spec = leaf.spec

    def _write(self, source: Any, cell: Any, value: Any) -> Node:
        node = self._add(WRITE, (source,), (cell,), None)
        if type(source) is Node:
            node.spec = source.spec
        return node


def _wrapped(value: Any) -> Any:
    return None if value is None else wrap(own(value))

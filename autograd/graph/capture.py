"""Capture: a call as it is traced, with all that it depends on and all that it does.

The tape knows what gradients flow along. While a Capture is open (it hangs in its thread's mode),
every op on Tensors becomes a Node here besides, with links to whatever its operands came from:
integers, masks, random numbers and state too. Values are known by identity: who computes with the
raw value of a Tensor, or hands it on, loses nothing. What Python sees of a value becomes a guard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from autograd.engine.callers import caller
from autograd.engine.constants import are_same, kept
from autograd.engine.dispatch import symbol_in
from autograd.engine.modes import captures, current_mode, set_mode, uncaptured
from autograd.engine.modes import reset_mode as leave
from autograd.engine.mutation import owner_of
from autograd.engine.node import Node, constant_value, new_node, spec_of
from autograd.engine.operands import joined, raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import look_for_interceptors
from autograd.engine.row import (
    COMPUTED,
    CONSTANT,
    DRAW,
    INPUT,
    OPS,
    OUTPUT,
    PARAMETER,
    STATE,
    WRITE,
    Op,
)
from autograd.graph.held import Guard, Held, Known
from autograd.graph.pytree import mapped
from autograd.system.forks import forkable

__all__ = ["Capture", "own"]


_opening = forkable(Lock())


class Capture:
    """The nodes of one call, in the order of what happened."""

    takes_steps = False  # whether backward() and steps of optimizers are nodes too
    has_numbers = True  # whether values are those of a call; in a batch they are of no example

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.guards: dict[Node, list[Guard]] = {}
        self.refused: list[Guard] = []
        self.held: list[Held] = []
        self.effects: list[Node] = []  # what is done to Python's own things
        self.undone: list[Callable[[], None]] = []  # what puts back what is no Tensor's
        self._known = Known()
        self._holds: dict[int, Held] = {}  # by identity of a Tensor or array
        self._grads: dict[Node, Any] = {}  # what `.grad` was
        self._made: dict[Node, Node] = {}  # the node here of each one on the tape
        self._inside: Any = None  # the mode of the last op, and what it is outside of the trace
        self._plain: Any = None

    def __enter__(self) -> Capture:
        with _opening:
            captures.append(self)
            look_for_interceptors()
        self._token = set_mode(current_mode().replace(capture=self, packer=None))
        return self

    def __exit__(self, *error: object) -> None:
        leave(self._token)
        self._inside = self._plain = None  # modes name their capture: what it knows would live on
        with _opening:
            captures.remove(self)
            look_for_interceptors()

    # ---- what happens --------------------------------------------------------------------------

    def input(self, tensor: Any, name: str) -> Any:
        """A Tensor that stands for an input of the call: the same value in memory of its own."""
        self.keep_grad(tensor._node)
        value = np.asarray(tensor._value).view()  # whoever holds the array too has another id
        if isinstance(tensor._value, np.generic) and type(tensor._value) is not np.bool_:
            value = value[()]  # NumPy's functions of a number may round otherwise than of an array
        twin = wrap(value, tensor._node)
        if type(tensor) is not type(twin):
            twin.__class__ = type(tensor)  # of a face, with its methods
        twin._name = tensor._name or name
        node = self._add(INPUT, (), (tensor,), value)
        node.more().name = name
        node.saved = (value,)
        return twin

    def call(
        self, record: Any, op: Op, inputs: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """An op on Tensors or arrays: run as ever, and noted; a symbol is asked as ever."""
        if (symbol := symbol_in((*inputs, *params.values()) if params else inputs)) is not None:
            return symbol.__autograd_op__(op, tuple(inputs), dict(params or {}))
        inputs = [x if type(x) in tensor_types else joined(x) for x in inputs]
        sources = [self._source(x) for x in inputs]
        links, given = (), {}
        if params:
            links = mapped(self._source, tuple(params.values()))
            given = {name: mapped(raw, value) for name, value in params.items()}
        mode = current_mode()
        if mode is not self._inside:
            self._inside, self._plain = mode, mode.replace(capture=None)
        token = set_mode(self._plain)
        try:
            result = record(*inputs, **given)
        finally:
            leave(token)
        if any(type(x) in tensor_types for x in inputs) or _has_node((sources, links)):
            self._note(op, sources, links, result)
            self._know_copies(result, sources, links)
        return result

    def computed(self, function: Callable[..., Any], values: Sequence[Any]) -> Any:
        """What a plain function makes of values, as Tensors; see `trail.computed`."""
        sources = [self._source(x) for x in values]
        with uncaptured:
            found = function(*map(raw, values))
        if not _has_node(sources):
            return found
        result = tuple(map(_wrapped, found)) if type(found) is tuple else _wrapped(found)
        self._note(COMPUTED, sources, (function,), result)
        return result

    def draw(self, name: str, drawn: Callable[[], Any], rng: Any = None) -> Any:
        """Random numbers, which `drawn` draws again, from what `rng` stands for."""
        with uncaptured:
            result = _wrapped(drawn())
        node = self._add(DRAW, (), (name, drawn), result._value)
        node.saved = (result._value,)
        return result

    def read(self, tensor: Any, what: str) -> None:
        """Python sees the value of a Tensor."""
        node = self._source(tensor)
        guard = Guard(np.array(tensor._value), f"{what} of {_label(tensor, node)}", caller())
        self.guards.setdefault(node, []).append(guard)

    def checks(self, wrong: Any) -> bool:
        """A function looks whether its arguments are wrong: every run of the call looks again.

        True: it need not look now, and would see the numbers of no call.
        """
        self.read(wrong, "the truth value")
        return False

    def holds(self, tensor: Any) -> None:
        """A Tensor is about to be given another value."""
        self._source(tensor)

    def refuse(self, what: str) -> None:
        """Something was done that is no part of a graph."""
        self.refused.append(Guard(None, what, caller()))

    def changed(self, array: Any, name: str) -> None:
        """An array was written to in place, and its identity tells no more what it holds."""
        if id(array) in self._known or id(owner_of(array)) in self._known:
            self.refuse(f"a change of {name} in its own memory")

    def sets_grad(self, tensor: Any) -> None:
        """A Tensor is about to be given another gradient."""
        self.keep_grad(tensor._node)

    def keep_grad(self, node: Node | None) -> None:
        """Note the gradient that a Tensor has, before the call may give it another."""
        if node is not None and node not in self._grads:
            self._grads[node] = None if node.extra is None else node.extra.grad

    def node_of(self, tensor: Any) -> Node:
        """What an output of the call is."""
        node: Node = self._source(tensor)
        return node

    def finish(self) -> list[Any]:
        """Put back what the call has changed, note each such write, and return what it held."""
        for undo in reversed(self.undone):
            undo()
        for leaf, grad in self._grads.items():
            if leaf.extra is not None:
                leaf.extra.grad = grad
        alive = []
        for held in self.held:
            if held.is_alone():
                continue
            found, node = held.found(), held.node
            if found is None:
                continue
            if type(found) not in tensor_types:
                if not are_same(found, held.value):
                    self.refuse(f"what NumPy wrote into an array, {found.dtype}{found.shape}")
                node.params, node.saved = (found,), ()
                continue
            node.params, node.saved = (found,), ()  # it is read by every replay
            alive.append(found)
            if found._value is not held.value:
                self._note_write(found, node)
                held.put_back(found)
            elif found._node is not held.inner[0]:
                held.put_back(found)
        return alive

    def calls(self, module: Any) -> None:
        """A module is about to be called."""

    # ---- how it is noted -----------------------------------------------------------------------

    def _note_write(self, tensor: Any, read: Node) -> None:
        known = self._known.get(id(tensor._value))
        if known is None or np.shape(tensor._value) != read.shape:
            self.refuse(f"a new value of {_label(tensor, read)} that no op computed")
            return
        if read.op is CONSTANT:
            read.op = STATE
        self._add(WRITE, (known[0],), (tensor,), tensor._value)

    def _source(self, x: Any) -> Any:
        """The Node that an operand comes from; a number, or None, as it is."""
        value = raw(x)
        known = self._known.get(id(value))
        if known is not None:
            return known[0]
        if type(x) in tensor_types:
            return self._hold(x)
        if isinstance(x, np.ndarray):
            owner = id(owner_of(x))
            known = self._known.get(owner)  # a constant is an array that was there before
            if known and owner not in self._holds and known[0].op is not CONSTANT:
                self.refuse("an array that NumPy made of the memory of a Tensor")
            return self._hold(x)
        return x

    def _hold(self, found: Any) -> Node:
        """A Tensor or array that the call came to, and that no op of the call has made."""
        held = self._holds.get(id(found))
        held = None if held is None or held.found() is not found else held  # or one that is gone
        if held is not None and type(found) in tensor_types:
            self.refuse(f"a new value of {_label(found, held.node)} that no op computed")
        elif held is not None and are_same(found, held.value):
            return held.node
        if type(found) in tensor_types:
            if type(found._value) is np.bool_:
                found._value = np.asarray(found._value)  # there are only two of them in the world
            self.keep_grad(found._node)
            value, op = found._value, CONSTANT
            if found._node is not None and found._node.is_leaf:
                op = PARAMETER
        else:
            value, op = kept(found), CONSTANT
        node = self._add(op, (), (), value)
        node.saved, node.params = (value,), (None,)
        node.more().name = getattr(found, "_name", None)
        self._holds[id(found)] = held = Held(found, value, node)
        self.held.append(held)
        return node

    def _note(self, op: Op, sources: Sequence[Any], links: tuple[Any, ...], result: Any) -> None:
        if type(result) not in (tuple, list):
            self._add(op, tuple(sources), links, _value(result))
            return
        values = [None if part is None else _value(part) for part in result]
        node = self._add(op, tuple(sources), links, None)
        node.spec = [None if value is None else spec_of(value) for value in values]
        for index, value in enumerate(values):
            if value is not None:
                self._add(OUTPUT, (node,), (index,), value)

    def _know_copies(self, result: Any, sources: Sequence[Any], links: tuple[Any, ...]) -> None:
        """What the tape keeps of operands, be it a copy, comes from where they come from."""
        tape = _tape_of(result)
        if tape is None or tape in self._made:
            return
        self._made[tape] = self.nodes[-1] if type(result) not in (tuple, list) else next(
            node for node in reversed(self.nodes) if node.op is not OUTPUT
        )  # fmt: skip
        saved = tape.saved or ()
        count = len(tape.op.inputs)
        if not links and not tape.op.variadic and tape.many is None:  # as most
            for source, value in zip(sources, (tape.x, tape.y), strict=False):
                self._match(source, constant_value(value))
            for source, value in zip(sources, saved, strict=False):
                self._match(source, value)
            return
        kept = (saved[0] or (),) if tape.op.variadic and saved else (saved[:count],)
        self._match(tuple(sources), tuple(map(constant_value, tape.inputs)))
        self._match(tuple(sources), *kept)
        self._match(links, tape.params)
        self._match(links, saved[count + 1 :])

    def _match(self, source: Any, value: Any) -> None:
        if type(source) is Node:
            if isinstance(value, np.ndarray) and id(value) not in self._known:
                if source.dtype != value.dtype:
                    source = self._add(OPS["cast"], (source,), (value.dtype,), value)
                self._known.note(value, source)
        elif isinstance(source, (tuple, list)) and isinstance(value, (tuple, list)):
            for part, its in zip(source, value, strict=False):
                self._match(part, its)
        elif type(source) is slice and type(value) is slice:
            for name in ("start", "stop", "step"):
                self._match(getattr(source, name), getattr(value, name))

    def _add(self, op: Op, inputs: Any, params: tuple[Any, ...], value: Any) -> Node:
        node = new_node(op, inputs, np.False_ if value is None else value, current_mode().scope)
        node.params = params
        extra = node.more()
        extra.where = caller()
        if params:
            extra.is_linked = _has_node(params)
        self.nodes.append(node)
        if value is not None and type(value) is not np.bool_:
            self._known.note(value, node)
        return node


def _tape_of(result: Any) -> Node | None:
    """The node on the tape that made a result, or several."""
    first = next((x for x in result if x is not None), None) if _is_several(result) else result
    node: Node | None = getattr(first, "_node", None)
    return node.inputs[0] if node is not None and node.op is OUTPUT else node


def _is_several(result: Any) -> bool:
    return type(result) is tuple or type(result) is list


def _has_node(value: Any) -> bool:
    kind = type(value)
    if kind is Node:
        return True
    if kind is tuple or kind is list or kind is dict:
        return any(map(_has_node, value.values() if kind is dict else value))
    if kind is slice:
        return any(map(_has_node, (value.start, value.stop, value.step)))
    return False


def _wrapped(value: Any) -> Any:
    return None if value is None else wrap(own(value))


def own(value: Any) -> Any:
    """A value, or several, as arrays that can be told apart: there are but two booleans."""
    if type(value) is tuple:
        return tuple(map(own, value))
    if value is None or (isinstance(value, np.generic) and type(value) is not np.bool_):
        return value
    return np.asarray(value)


def _value(result: Any) -> Any:
    """The value of a result, which gets an identity where it has none."""
    if type(result) not in tensor_types:
        return result
    if type(result._value) is np.bool_:
        result._value = np.asarray(result._value)
    return result._value


def _label(tensor: Any, node: Node) -> str:
    return tensor._name or node.name or f"the result of {node.op.name}"

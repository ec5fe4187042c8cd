"""The capture of a program: what Python may see, inputs, draws, steps of optimizers, effects."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.callers import caller
from autograd.engine.generators import generator
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node, spec_of
from autograd.engine.operands import raw, tensor_types
from autograd.engine.row import COMPUTED, OUTPUT
from autograd.errors import TraceError
from autograd.graph.capture import own
from autograd.graph.cells import Moment
from autograd.graph.pytree import mapped
from autograd.program.gradients import GradientCapture
from autograd.program.instructions import EFFECT
from autograd.program.surroundings import Surroundings

__all__ = ["ProgramCapture", "options_in"]

LIBRARY = ("nn", "optim")
METHODS = ("engine", "graph", "program", "tensors")  # by which a value is seen


class ProgramCapture(GradientCapture):
    """The instructions of one call, with its backward passes and steps."""

    writes_reshaped = False  # to a view that is a copy, and refuses, where arrays lie otherwise
    leaves_out = 0  # bytes of parameters from which a trace takes no step with numbers; 0: never

    def __init__(self) -> None:
        super().__init__()
        self.reads_unmade = False  # whether the call reads what was left out: trace it with all
        self._unmade: dict[int, Any] = {}  # arrays without numbers, by identity
        self.options: list[tuple[Any, list[dict[str, Any]]]] = []  # that steps read by themselves
        self._twins: list[tuple[Any, Any, Node]] = []  # given, twin and node of the inputs
        self._moments: dict[tuple[Any, ...], tuple[Node, Any]] = {}  # what steps left, by cell
        self.around: Surroundings | None = None  # what the call may read besides
        self._is_over = False

    # ---- what Python sees ----------------------------------------------------------------------

    def read(self, tensor: Any, what: str) -> None:
        """A layer may look, and is checked at each run; for a program's own eyes there is none."""
        if not _asked_by_library():
            raise TraceError(_seen(what, tensor, self._source(tensor)))
        super().read(tensor, what)

    def refuse(self, what: str) -> None:
        """No program holds it."""
        if self._is_over:
            super().refuse(what)
            return
        raise TraceError(f"trace: no program holds {what}{_at(caller())}")

    # ---- inputs and draws ----------------------------------------------------------------------

    def input(self, tensor: Any, name: str) -> Any:
        twin = super().input(tensor, name)
        self._twins.append((tensor, twin, self.nodes[-1]))
        if tensor._node is not None:
            self._know(tensor)
        return twin

    def draw(self, name: str, drawn: Callable[[], Any], rng: Any = None) -> Any:
        numbers = generator(rng)
        bits = numbers.bit_generator
        state = bits.state
        self.undone.append(lambda: setattr(bits, "state", state))
        return super().draw(name, drawn, rng)

    def _hold(self, found: Any) -> Node:
        node = super()._hold(found)
        if type(found) in tensor_types and found._node is not None:
            self._know(found)
        return node

    # ---- steps ---------------------------------------------------------------------------------

    def update(self, function: Any, params: list[Any]) -> None:
        """The step of an optimizer on a group, as one instruction."""
        sources: list[Any] = []
        values: list[Any] = []
        keys = []
        for p, names in zip(params, function.names, strict=True):
            self._source(p)  # so that it is known as a leaf
            grad = self.gradient(p)
            sources += [self._source(p), self._source(grad)]
            values += [raw(p), raw(grad)]
            for name in names:
                cell = Moment(function.optimizer, p, name)
                key = (id(function.optimizer), id(p), name)
                keys.append(key)
                if key not in self._moments:
                    self.cells[key] = node = self._cell(cell, cell.read(), None)
                    self._moments[key] = node, cell.read()
                node, value = self._moments[key]
                sources.append(node)
                values.append(value)
        found = self._made_by(function, params, values)
        node = self._add(COMPUTED, tuple(sources), (function,), None)
        node.spec = [spec_of(np.asarray(v) if not hasattr(v, "dtype") else v) for v in found]
        self._spread(node, found, params, keys, function.names)

    def _made_by(self, function: Any, params: list[Any], values: list[Any]) -> tuple[Any, ...]:
        """What a step gives; of many parameters without their numbers, if those may be left out."""
        if self.leaves_out and sum(raw(p).nbytes for p in params) >= self.leaves_out:
            found: tuple[Any, ...] | None = function.unmade(*values)
            if found is not None:
                self._unmade.update((id(x), x) for x in found if isinstance(x, np.ndarray))
                return found
        with uncaptured:
            return tuple(map(_kept, function(*values)))

    def _source(self, x: Any) -> Any:
        if self._unmade and id(raw(x)) in self._unmade:
            self.reads_unmade = True
            raise TraceError(f"trace: a number that a step leaves was left out{_at(caller())}")
        return super()._source(x)

    def _spread(self, node: Node, found: Any, params: Any, keys: Any, names: Any) -> None:
        """The results of a step as nodes of their own: parameters, and what is kept of them."""
        keys, index = iter(keys), 0
        for p, own_names in zip(params, names, strict=True):
            self._part(node, index, found[index])
            _replace(p, found[index])
            index += 1
            for key in (next(keys) for _ in own_names):
                part = self._part(node, index, found[index])
                self._moments[key] = part, found[index]
                self.cells[key].spec = self.cells[key].spec or part.spec
                index += 1

    def _part(self, node: Node, index: int, value: Any) -> Node:
        part = self._add(OUTPUT, (node,), (index,), value if hasattr(value, "dtype") else None)
        part.spec = node.spec[index]
        return part

    def options_of(self, optimizer: Any) -> None:
        """The step of an optimizer is written with ops, which hold its options as numbers."""
        self.options.append((optimizer, options_in(optimizer)))

    def effect(self, function: Callable[..., Any], args: tuple[Any, ...], undo: Any) -> None:
        """What is done to Python's own things, such as rates, at this place of each run."""
        self.undone.append(undo)
        reads = mapped(self._source, args)
        with uncaptured:
            function(*mapped(raw, args))
        node = self._add(EFFECT, (), (function, reads), None)
        self.effects.append(node)

    # ---- the end -------------------------------------------------------------------------------

    def finish(self) -> list[Any]:
        self._is_over = True
        modes = () if self.around is None else tuple(self.around.modes())
        if modes:
            node = self._add(EFFECT, (), (partial(_set_modes, modes), ()), None)
            self.effects.append(node)
        for key, (node, value) in self._moments.items():
            if self.cells[key] is not node:
                self._write(node, self.cells[key].params[0], value)
        for given, twin, node in self._twins:
            if given._node is None and twin._node is not None and twin._node.is_leaf:
                self.refuse(
                    f"requires_grad_() of the input {node.name}: give it as one that requires "
                    f"grad, or write {node.name} = {node.name}.detach().requires_grad_()"
                )
            if twin._value is not node.saved[0] and given is not None:
                self._write(self._known[id(twin._value)][0], given, twin._value)
        return super().finish()


def _set_modes(modes: tuple[tuple[Any, bool], ...]) -> None:
    """Leave modules in the mode that a call has brought them to."""
    for module, training in modes:
        object.__setattr__(module, "training", training)


def options_in(optimizer: Any) -> list[dict[str, Any]]:
    """The options of the groups of an optimizer, as they are now."""
    return [{n: v for n, v in g.items() if n != "params"} for g in optimizer.param_groups]


def _replace(tensor: Any, value: Any) -> None:
    tensor._value = value
    if tensor._node is not None and tensor._node.is_leaf:
        tensor._node.spec, tensor._node.saved = spec_of(value), (value,)


def _kept(value: Any) -> Any:
    return own(value) if isinstance(value, (np.ndarray, np.generic)) else value


def _asked_by_library() -> bool:
    """Whether a layer wants to see a value, and not the program that is traced."""
    frame = sys._getframe(2)
    while frame is not None:
        package, _, rest = frame.f_globals.get("__name__", "").partition(".")
        if package in LIBRARY or (package == "autograd" and not rest.startswith(METHODS)):
            return True
        if package != "autograd":
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _at(where: str | None) -> str:
    return f" at {where}" if where else ""


def _seen(what: str, tensor: Any, node: Node) -> str:
    label = tensor._name or node.name or f"the result of {node.op.name}"
    return (
        f"trace: Python sees {what} of {label}{_at(caller())}, and another run may find another "
        "value there.\n  Choose between values by ag.where(condition, a, b), return the Tensor "
        "and look at it outside, or leave that part out of what is traced."
    )

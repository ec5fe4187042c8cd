"""One plan of a compiled function: what it is good for, and how it is run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd.compiler.face.backend import Around, executor
from autograd.compiler.face.joint import CallCapture, parted
from autograd.compiler.face.outside import Called, hang
from autograd.compiler.face.surroundings import Surroundings
from autograd.engine.modes import current_mode, reset_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.errors import TraceError
from autograd.graph.naming import called
from autograd.graph.pytree import flat
from autograd.program.instructions import EFFECT, PULL
from autograd.program.passes import SOURCES
from autograd.program.program import traced
from autograd.tensors.tensor import Tensor

__all__ = ["Planned", "arrays_in"]


_numbers = itertools.count()


class Planned:
    """The program of one kind of call, with its pull, and what runs them."""

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], key: Any
    ) -> None:
        self.key = key
        others = [x for x in flat((args, kwargs)) if not _is_array(x)]
        self.surroundings = Surroundings(function, others)
        capture = CallCapture()
        program = traced(function, args, kwargs, capture)
        if change := self.surroundings.change(by_itself=True):
            raise TraceError(
                f"compile: the call changes what it reads besides its arguments: {change}\n"
                "  Python's own things would be changed in the trace alone: return what is new and keep "
                "it outside; numbers that are to be kept are Tensors."
            )
        self.program, self.pull = parted(capture, program)
        self.run = executor(self.program).run
        self.pull_run = None if self.pull is None else executor(self.pull.program).run
        self.kinds = capture.kinds
        self._surround(capture)
        self.calls = 0
        self.number = next(_numbers)

    def _surround(self, capture: CallCapture) -> None:
        around = self.surroundings
        around.add_modules(capture.modules.values())
        around.add_tensors(held.found() for held in capture.held)
        steps = [n.params[0] for n in self.program.nodes if _is_step(n)]
        own = [optimizer for optimizer, _ in self.program.options]
        around.add_optimizers([*own, *(step.optimizer for step in steps)])
        around.take()

    @property
    def writes_early(self) -> bool:
        """Whether it writes in place, or has an effect, before the last call that may fail."""
        nodes = [n for n in self.program.nodes if n.op not in (*SOURCES, OUTPUT, WRITE)]
        early = [
            n for n in nodes if n.op is EFFECT or hasattr(n.params[:1] and n.params[0], "in_place")
        ]
        return bool(early) and nodes[-len(early) :] != early

    def holds(self) -> bool:
        """Whether it does for a call of its signature what the call would do now."""
        for cell, (was_there, _) in self.program.presence.items():
            if cell.read() is None if was_there else cell.read() is not None:
                return False
        return self.surroundings.hold()

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watches = current_mode().watches
        around = _seen_by(watches) if watches else None
        return self.given(args, kwargs, *self.run(args, kwargs, around))

    def given(
        self, args: Any, kwargs: Any, results: Any, values: Any, sources: dict[Node, Any]
    ) -> Any:
        """What the call gives: Tensors of the classes that it gave, in the graph if they were."""
        if self.pull is None and all(kind is Tensor for kind in self.kinds):
            return results
        tensors = [x for x in flat(results) if type(x) in tensor_types]
        for tensor, kind in zip(tensors, self.kinds, strict=True):
            tensor.__class__ = kind
        if self.pull is not None:
            inputs = dict(zip(self.program.inputs, arrays_in(args, kwargs), strict=True))
            targets = [inputs[n] if t is None else t for n, t in self.pull.targets]
            run = self.pull_run
            hang(Called(self.program, self.pull, run, targets, values, sources), tensors)
        return results


def _is_step(node: Node) -> bool:
    return node.op is COMPUTED and hasattr(node.params[0], "in_place")


def arrays_in(args: Any, kwargs: Any) -> list[Any]:
    """The Tensors and arrays among arguments, in order."""
    return [x for x in flat((args, kwargs)) if _is_array(x)]


def _is_array(x: Any) -> bool:
    return type(x) in tensor_types or isinstance(x, (np.ndarray, np.generic))


def _seen_by(watches: tuple[Any, ...]) -> Around:
    """Run each call of a plan before the eyes of those who look on, the innermost first."""

    def around(node: Node, run: Callable[..., Any], given: list[Any]) -> Any:
        if node.op in (OUTPUT, WRITE) or not given:
            return run(*given)
        token = set_mode(current_mode().replace(scope=node.scope))
        try:
            for watch in reversed(watches):
                run = _seen(watch, node, run)
            return run(*given)
        finally:
            reset_mode(token)

    return around


def _seen(watch: Any, node: Node, run: Callable[..., Any]) -> Callable[..., Any]:
    if node.op is PULL:
        op, position = node.params[:2]
        rule = SimpleNamespace(op=op, scope=node.scope, where=node.where)
        return lambda *given: watch.rule(rule, position, run, *given)
    if not watch.sees_forward:
        return run
    op = SimpleNamespace(name=called(node.params[0])) if node.op is COMPUTED else node.op
    return lambda *given: watch.forward(op, run, *given)

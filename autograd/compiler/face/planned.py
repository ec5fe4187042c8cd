"""One plan of a compiled function: what it is good for, and how it is run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from autograd.compiler.face.backend import executor, ready_soon
from autograd.compiler.face.baked import ReadArrays, baked
from autograd.compiler.face.given import Given
from autograd.compiler.face.joint import CallCapture, parted, with_result
from autograd.compiler.face.outside import Called, hang
from autograd.compiler.face.watched import watched
from autograd.compiler.native.plan import LARGE
from autograd.engine.constants import are_same
from autograd.engine.modes import current_mode, uncaptured
from autograd.engine.node import Node
from autograd.engine.operands import raw, tensor_types
from autograd.engine.row import COMPUTED, OUTPUT, WRITE
from autograd.graph.interpret import interpret
from autograd.graph.naming import called
from autograd.graph.pytree import flat
from autograd.graph.replay import held_value, run_in
from autograd.kernels.parallel.twins import few_twins
from autograd.program.checks_first import changes_things, checks_first, may_be_undone
from autograd.program.instructions import EFFECT
from autograd.program.passes import SOURCES
from autograd.program.program import Program, traced
from autograd.program.run import Run
from autograd.program.surroundings import Surroundings, some_of
from autograd.system.memory import give_back_memory
from autograd.tensors.tensor import Tensor

__all__ = ["Planned", "arrays_in"]


_numbers = itertools.count()


class Planned:
    """The program of one kind of call, with its pull, and what runs them."""

    def __init__(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], key: Any
    ) -> None:
        self.key = key
        with few_twins():
            program, capture, around = _traced(function, args, kwargs)
        self.surroundings = around.watched
        self.outputs = program.outputs
        program, self.pull = parted(capture, program)
        self.program = checks_first(program)
        self.undone = may_be_undone(self.program)
        self.run = executor(self.program)
        self.pull_run = None if self.pull is None else executor(self.pull.program)
        if self.is_large:
            give_back_memory()  # which holes of a trace leave scattered
        self.kinds = capture.kinds
        self.is_faced = any(kind is not Tensor for kind in self.kinds)
        self.given = Given(capture)
        self.made = capture._made  # the instruction of each node on the tape
        self.compared = around.arrays  # with which NumPy may have computed
        self.read = ReadArrays(around.read)
        self._traced = program  # before anything is moved
        self._surround(capture)
        self.lying = self._lying(args, kwargs) if capture.writes_reshaped else None
        self.calls = 0
        self.due = 1  # the call after which a short way is looked for
        self.straight: Callable[[tuple[Any, ...]], Any] | None = None  # and that, if there is one
        self.number = next(_numbers)

    def _surround(self, capture: CallCapture) -> None:
        around = self.surroundings
        around.add_found_modules()
        around.add_modules(capture.modules.values())
        steps = [n.params[0] for n in self.program.nodes if _is_step(n)]
        own = [optimizer for optimizer, _ in self.program.options]
        around.add_optimizers([*own, *(step.optimizer for step in steps)])
        around.take()

    @cached_property
    def writes_inputs(self) -> bool:
        """Whether it writes to Tensors among its arguments, which may be views of others."""
        given = {id(node.params[0]) for node in self.program.inputs}
        return any(
            id(place := node.params[0]) in given and type(place) in tensor_types
            for node in self.program.writes
        )

    @property
    def writes_early(self) -> bool:
        """Whether it writes in place, or has an effect, before the last call that may fail.

        Where that is to be expected, it does not (see `may_be_undone`).
        """
        nodes = [n for n in self.program.nodes if n.op not in (*SOURCES, OUTPUT, WRITE)]
        early = [n for n in nodes if changes_things(n) and n not in self.undone]
        return bool(early) and nodes[-len(early) :] != early

    def lies_otherwise(self, args: Any, kwargs: Any) -> bool:
        """Whether arrays do of which it writes to a view: the call has a copy there, and raises."""
        return self.lying is not None and self.lying != self._lying(args, kwargs)

    def _lying(self, args: Any, kwargs: Any) -> list[Any]:
        return [getattr(value, "strides", None) for value in self.sources(args, kwargs).values()]

    def remember(self) -> list[Callable[[], None]]:
        """What takes back the effects that a run has had, such as the steps of schedules."""
        effects = [n.params[0] for n in self.undone if n.op is EFFECT]
        return [effect.remember() for effect in effects if hasattr(effect, "remember")]

    @property
    def is_large(self) -> bool:
        """Whether all values of the call, as if none were freed, take much memory."""
        return sum(program.nbytes for program, _ in self.runs()) > LARGE

    def stops_early(self, args: Any, kwargs: Any) -> bool:
        """Whether a run that has failed did so before it changed anything: it does so again."""
        nodes = self.program.nodes
        changes = (n for n in nodes if changes_things(n) and n not in self.undone)
        begin = nodes.index(next(changes))
        before = [node for node in nodes[:begin] if not node.is_leaf and node.op is not EFFECT]
        try:
            with uncaptured, np.errstate(all="ignore"):
                values = Run(self.program, args, kwargs).sources()
                interpret(before, values, run_in(values))
        except Exception:  # noqa: BLE001 - whatever it is
            return True
        return False

    def runs(self) -> list[tuple[Program, Any]]:
        """The program and what runs it; then those that pull gradients through it."""
        pulled = [] if self.pull is None else [(self.pull.program, self.pull_run)]
        return [(self.program, self.run), *pulled]

    def drop_pull(self) -> None:
        """Give results outside of any graph."""
        assert self.pull is not None
        result = self.program.call.result[0]
        self.program, self.pull = with_result(self.program, result, ()), None
        self.run, self.pull_run = executor(self.program), None

    def is_still(self, new: Planned) -> bool:
        """Whether `new`, made for other numbers in the arrays that it reads, is the same."""
        if not self._holds_but_for_arrays():
            return False
        if baked(self._traced, self.read.owners) != baked(new._traced, new.read.owners):
            return False
        self.read.take()
        return True

    def holds(self) -> bool:
        """Whether it does for a call of its signature what the call would do now."""
        return self.read.hold() and self._holds_but_for_arrays()

    def _holds_but_for_arrays(self) -> bool:
        for cell, (was_there, _) in self.program.presence.items():
            if cell.read() is None if was_there else cell.read() is not None:
                return False
        for _, array, then in self.compared:
            if not are_same(some_of(array), then):
                return False
        return self.surroundings.hold()

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        run = self.run
        if current_mode().watches:
            run = watched(run, f"compiled {called(self.program.call.function)}")
        sources, kept = {}, ()
        if self.pull is None:
            results = run(*args, **kwargs)
        else:
            sources = self.sources(args, kwargs)
            results, kept = run(*args, **kwargs)
        if self.is_faced:
            self._face(results)
        if self.pull is not None:
            self._hang(args, kwargs, results, kept, sources)
        if self.given.has_any:
            return self.given.handed_on(results, arrays_in(args, kwargs))
        return results

    def __repr__(self) -> str:
        given = ", ".join(
            f"{node.name} {'×'.join(map(str, node.shape)) or 'scalar'} {node.dtype}"
            for node in self.program.inputs
        )
        return f"<plan for {given or 'no arrays'}, called {self.calls} times>"

    def sources(self, args: Any, kwargs: Any) -> dict[Node, Any]:
        """What lies where the program begins, without what it draws."""
        inputs = zip(self.program.inputs, arrays_in(args, kwargs), strict=True)
        found = {node: raw(given) for node, given in inputs}
        return found | {node: held_value(node) for node in self.program.held}

    def _face(self, results: Any) -> None:
        """Make the results Tensors of the classes that the call gives."""
        tensors = [x for x in flat(results) if type(x) in tensor_types]
        for tensor, kind in zip(tensors, self.kinds, strict=True):
            tensor.__class__ = kind

    def _hang(
        self, args: Any, kwargs: Any, results: Any, kept: Any, sources: dict[Node, Any]
    ) -> None:
        """Hang the results on a node of the graph of who called."""
        pull = self.pull
        assert pull is not None
        sources.update((n, x._value) for n, x in zip(pull.kept, kept, strict=True))
        inputs = dict(zip(self.program.inputs, arrays_in(args, kwargs), strict=True))
        targets = [inputs[n] if t is None else t for n, t in pull.targets]
        tensors = [x for x in flat(results) if type(x) in tensor_types]
        outputs = [tensors[i]._value for i in pull.live]
        hang(Called(self.program, pull, self.pull_run, targets, outputs, sources), tensors)


def _traced(
    function: Callable[..., Any], args: Any, kwargs: Any, leaves_out: int = LARGE
) -> tuple[Program, CallCapture, Surroundings]:
    """A call traced, without the numbers of its last large step, unless it reads them."""
    capture = CallCapture()
    capture.leaves_out = leaves_out
    around = Surroundings(function, flat((args, kwargs)))
    if not _are_large(around):  # else LLVM comes when the gradients of the trace are gone
        ready_soon()
    try:
        program = traced(function, args, kwargs, capture, around)
    except Exception:
        if not capture.reads_unmade:
            raise
    if capture.reads_unmade:
        return _traced(function, args, kwargs, 0)
    return program, capture, around


def _are_large(around: Surroundings) -> bool:
    """Whether the parameters of all modules around a call take much memory."""
    held = {
        id(p): raw(p) for _, module, _ in around.modules for p in module.parameters(recurse=False)
    }
    return bool(sum(value.nbytes for value in held.values()) > LARGE)


def _is_step(node: Node) -> bool:
    return node.op is COMPUTED and hasattr(node.params[0], "in_place")


def arrays_in(args: Any, kwargs: Any) -> list[Any]:
    """The Tensors and arrays among arguments, in order."""
    return [x for x in flat((args, kwargs)) if _is_array(x)]


def _is_array(x: Any) -> bool:
    return type(x) in tensor_types or isinstance(x, (np.ndarray, np.generic))

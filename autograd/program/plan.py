"""A plan: a program as a list of calls on plain arrays, without a tape, Tensors or dispatch.

Values lie in numbered registers, and a register is emptied after its last use, so that its memory
goes to the next result. The step of an optimizer is taken in place, where nothing else reads the
old values. Numbers are those of the interpreter, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.dtypes import HALVES
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node, constant_value
from autograd.engine.operands import tensor_types
from autograd.engine.row import COMPUTED, OUTPUT, PARAMETER, STATE, WRITE
from autograd.engine.rules import hands_on
from autograd.graph.call import links_of
from autograd.graph.capture import own
from autograd.graph.cells import Gradient
from autograd.graph.pytree import mapped
from autograd.kernels.parallel.elementwise import LARGE, in_blocks
from autograd.program.checks_first import may_be_undone
from autograd.program.instructions import PULL
from autograd.program.passes import SOURCES, last_uses
from autograd.program.program import Program
from autograd.program.run import Run, check_guard, check_shape
from autograd.sweep.cotangent import conform

__all__ = ["Plan", "call_of", "identity_of"]


class Step(NamedTuple):
    """One call: which registers it reads, where its result goes, what is empty after it."""

    node: Node
    run: Callable[..., Any]
    reads: tuple[int, ...]
    result: int
    empties: tuple[int, ...]
    is_open: bool  # whether the shape of the result may follow from values


class Plan:
    """A program as it is run without the interpreter: `plan(*args)` is `program(*args)`.

    >>> import autograd as ag
    >>> from autograd.program.plan import Plan
    >>> plan = Plan(ag.trace(lambda x: ag.exp(x).sum() * 2, ag.zeros(3)))
    >>> plan(ag.zeros(3))
    Tensor(6., dtype=float32)
    >>> print(plan)
    register  call      reads  shape   empties
    1         exp       0      3       0
    2         sum       1      scalar  1
    4         multiply  2, 3   scalar  2
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._register: dict[Any, int] = {}
        self._template: list[Any] = []
        self._uses = last_uses(program)
        self.in_place = {
            n for i, n in enumerate(program.nodes) if n.op is COMPUTED and self._is_in_place(n, i)
        } - may_be_undone(program)
        parts = {n for n in program.nodes if n.op is OUTPUT and n.inputs[0] in self.in_place}
        writes = {n for n in program.nodes if n.op is WRITE and n.inputs[0] in parts}
        self._done = frozenset(parts | writes)  # by the steps that are taken in place
        self.steps = tuple(self._steps())

    # ---- running -------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with uncaptured:
            this = Run(self.program, args, kwargs)
            registers = self._template.copy()
            guards = self.program.call.guards
            for node, value in this.sources().items():
                if guards:
                    for guard in guards.get(node, ()):
                        check_guard(guard, value)
                registers[self._register[node]] = value
            value = None
            for node, run, reads, result, empties, is_open in self.steps:
                given = [registers[i] for i in reads]
                for i in empties:
                    registers[i] = None
                registers[result] = value = run(*given)
                if is_open:
                    check_shape(node, value)
                if guards:
                    for guard in guards.get(node, ()):
                        check_guard(guard, value)
            values = _Values(self._register, registers)
            this.write(values, self._done)
            return this.results(values)

    # ---- making --------------------------------------------------------------------------------

    def _place(self, key: Any, value: Any = None) -> int:
        if key not in self._register:
            self._register[key] = len(self._template)
            self._template.append(value)
        return self._register[key]

    def _steps(self) -> list[Step]:
        found = []
        free: dict[int, list[Node]] = {}
        for node, number in self._uses.items():
            free.setdefault(number, []).append(node)
        for node in self.program.nodes:
            if node.op in SOURCES:
                self._place(node)
        for number, node in enumerate(self.program.nodes):
            if node.op in SOURCES or node in self._done:
                continue
            run, given = _step_of(node) if node in self.in_place else call_of(node)
            reads = tuple(
                self._place(x) if type(x) is Node else self._place((number, i), constant_value(x))
                for i, x in enumerate(given)
            )
            ends = {self._register[x] for x in free.get(number, ()) if x in self._register}
            maker = node.inputs[0] if node.op is OUTPUT and node not in self._done else node
            is_open = maker.op is COMPUTED or maker.op.counts or _is_linked(maker)
            empties = tuple(sorted(ends))
            found.append(Step(node, run, reads, self._place(node), empties, is_open))
        return found

    def _is_in_place(self, node: Node, number: int) -> bool:
        """Whether a step may be taken where the parameters and their state lie.

        It may if nothing else reads what it changes, then or later, and if all that it gives is
        written where it comes from.
        """
        if not isinstance(getattr(node.params[0], "names", None), tuple):
            return False
        places = []
        for source in _changed(node):
            if source.op not in (PARAMETER, STATE) or self._uses[source] != number:
                return False
            places.append(identity_of(source.params[0]))
        users = [n for n in self.program.nodes if node in links_of(n)]
        written = {n.inputs[0]: n.params[0] for n in self.program.nodes if n.op is WRITE}
        reads = [x for n in self.program.nodes if n.op is not WRITE for x in links_of(n)]
        for part in users:
            place = written.get(part)
            if place is None or part in self.program.outputs or part in reads:
                return False
            if identity_of(place) != places[part.params[0]]:
                return False
        return len(users) == len(places)

    def __str__(self) -> str:
        rows = [("register", "call", "reads", "shape", "empties")]
        for node, _, reads, result, empties, _ in self.steps:
            shape = "×".join(map(str, node.shape)) or "scalar"
            rows.append((str(result), node.op.name, _listed(reads), shape, _listed(empties)))
        widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
        lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
        return "\n".join(line.rstrip() for line in lines)


class _Values:
    """The registers, by node."""

    def __init__(self, register: dict[Any, int], registers: list[Any]) -> None:
        self.register = register
        self.registers = registers

    def __getitem__(self, node: Node) -> Any:
        return self.registers[self.register[node]]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def identity_of(place: Any) -> tuple[int, str]:
    """What tells the places apart that a program writes to."""
    if type(place) in tensor_types:
        return id(place), "value"
    return id(place.tensor), place.kind


def _changed(node: Node) -> list[Node]:
    """What the step of an optimizer changes: parameters and their state, without gradients."""
    found, at = [], 0
    for names in node.params[0].names:
        found += [node.inputs[at], *node.inputs[at + 2 : at + 2 + len(names)]]
        at += 2 + len(names)
    return found


def _step_of(node: Node) -> tuple[Callable[..., Any], list[Any]]:
    """The step of an optimizer where its parameters lie, given their gradients."""
    function = node.params[0]
    changed = set(_changed(node))
    grads = [x for x in node.inputs if x not in changed]
    cells = [Gradient(x.params[0]) for x in node.inputs if x in changed and x.op is PARAMETER]

    def step(*values: Any) -> None:
        for cell, value in zip(cells, values, strict=True):
            cell.write(value)
        function.in_place()

    return step, grads


def call_of(node: Node) -> tuple[Callable[..., Any], list[Any]]:
    """A function of plain values for a node, and what it is given: Nodes, or constants."""
    if node.op is PULL:
        return _pull_of(node)
    if node.op is OUTPUT:
        index = node.params[0]
        return (lambda x: x[index]), list(node.inputs)
    if node.op is WRITE:
        return (lambda x: x), list(node.inputs)
    if node.op is COMPUTED:
        function = node.params[0]
        if getattr(function, "gives_numbers", False):
            return function, list(node.inputs)
        return (lambda *xs: own(function(*xs))), list(node.inputs)
    if _is_linked(node) or not node.inputs:
        return _linked(node.op.record, node)
    return _kernel(node), list(node.inputs)


def _kernel(node: Node) -> Callable[..., Any]:
    """What the recorder of an op runs on such values."""
    op, params = node.op, node.parameters()
    sources = [x for x in node.inputs if type(x) is Node]
    dtypes = {x.dtype for x in node.inputs if hasattr(x, "dtype")}
    is_rare = any(type(d) in HALVES for d in dtypes) or any(d.kind in "biuc" for d in dtypes)
    run: Callable[..., Any] = op.narrow
    if is_rare or op.composite:
        run = op.record
    elif op.elementwise and any(
        isinstance(x.spec, tuple) and np.prod(x.shape) >= LARGE for x in sources
    ):
        run = in_blocks(op.narrow)
    if not params:
        return run
    return lambda *xs: run(*xs, **params)


def _is_linked(node: Node) -> bool:
    return node.extra is not None and node.extra.is_linked and node.op is not PULL


def _linked(run: Callable[..., Any], node: Node) -> tuple[Callable[..., Any], list[Any]]:
    """A call whose static parameters hold values of other nodes."""
    count, links = len(node.inputs), []
    names, params = node.op.params, node.params

    def place(x: Any) -> Any:
        if type(x) is not Node:
            return x
        links.append(x)
        return _Link(len(links) - 1)

    shape = mapped(place, params)

    def call(*xs: Any) -> Any:
        found = mapped(lambda x: xs[count + x.at] if type(x) is _Link else x, shape)
        return run(*xs[:count], **dict(zip(names, found, strict=True)))

    return call, [*node.inputs, *links]


def _holds_node(value: Any) -> bool:
    found: list[Any] = []
    mapped(found.append, value)
    return any(type(x) is Node for x in found)


class _Link:
    """Where in a static parameter the value of a node goes."""

    def __init__(self, at: int) -> None:
        self.at = at


def _pull_of(node: Node) -> tuple[Callable[..., Any], list[Any]]:
    """A rule, run on the cotangent and what it reads."""
    op, position, reads, specs, several = node.params
    nested = [x for x in reads if isinstance(x, (tuple, list, slice))]
    if position is None or several or _holds_node(nested):
        return _linked(PULL.forward, node)
    rule, target = op.pulls[position][0], SimpleNamespace(spec=specs)
    if rule is hands_on:
        return (lambda g, *_: conform(g, target)), list(node.inputs)  # type: ignore[arg-type]
    if type(specs) is not tuple:
        return (lambda *xs: conform(rule(*xs), target)), [*node.inputs, *reads]  # type: ignore[arg-type]
    shape, dtype = specs

    def pull(*xs: Any) -> Any:
        new = rule(*xs)
        if type(new) is np.ndarray and new.shape == shape and new.dtype == dtype:
            return new
        return conform(new, target)  # type: ignore[arg-type]

    return pull, [*node.inputs, *reads]

"""A call that raised: the graph of what it had computed by then, and the op that failed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd.engine.callers import caller
from autograd.engine.modes import Mode, Scope, current_mode
from autograd.engine.node import Node, new_node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import hung
from autograd.engine.row import Op
from autograd.engine.watch import Watch
from autograd.graph.graph import Graph
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.pullback import input_names

__all__ = ["Failure", "failure_of", "mark_failure"]


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """An op that ran, on raw values."""

    op: Op
    values: tuple[Any, ...]
    params: dict[str, Any]
    scope: Scope | None
    where: str | None
    out: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Failure:
    """What a call raised, after what, and at which op, where it was one."""

    error: Exception
    graph: Graph
    op: Op | None = None
    inputs: tuple[Any, ...] = ()  # of that op: Nodes, arrays and numbers
    params: Mapping[str, Any] | None = None
    scope: Scope | None = None
    where: str | None = None
    called: Mapping[str, str] = field(default_factory=dict)  # inputs, as the picture names them

    @property
    def sentence(self) -> str:
        """The first line of what was raised, with its class, and with the names of the picture."""
        lines = str(self.error).strip().splitlines() or [""]
        text = f"{type(self.error).__name__}: {' '.join(lines[0].split())}".rstrip(": ")
        for own, name in self.called.items():
            pieces = re.split(rf"(?<![\w.]){re.escape(own)}(?= (?:is|has|of) )", text)
            text = name.join(pieces)
        return text


class _Attempt(Watch):
    """Remembers the ops that run, and the one that raises."""

    sees_forward = True

    def __init__(self) -> None:
        self.calls: list[_Call] = []
        self.failed: _Call | None = None
        self._depth = 0

    def forward(self, op: Op, run: Callable[..., Any], /, *values: Any, **params: Any) -> Any:
        if self._depth:  # inside of another op
            return run(*values, **params)
        call = _Call(op, values, params, current_mode().scope, _near(caller()))
        self._depth, self.failed = 1, call
        try:
            out = run(*values, **params)
        finally:
            self._depth = 0
        self.failed = None
        self.calls.append(_Call(op, values, params, call.scope, call.where, out))
        return out


def failure_of(function: Callable[..., Any], given: Iterable[Any]) -> Failure | None:
    """Call once more what raised, and say how far it comes; None where nothing can be drawn."""
    given = list(given)
    attempt = _Attempt()
    try:
        with attempt:
            function(*given)
    except Exception as error:  # noqa: BLE001 (whatever the call raises is told)
        leaves = [*_known(function), *(g for g in given if type(g) in tensor_types)]
        made = _Made(leaves)
        for call in attempt.calls:
            made.add(call)
        failed = attempt.failed
        ends = made.ends(failed.values if failed else ())
        if not ends:
            return None
        if failed is None:
            return Failure(error, Graph(*ends), where=_place_of(error))
        inputs = tuple(getattr(made.of(value), "_node", value) for value in failed.values)
        return Failure(
            error, Graph(*ends), failed.op, inputs, failed.params, failed.scope, failed.where
        )
    return None


def _place_of(error: Exception) -> str | None:
    """The innermost line outside of these packages that it went through."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in ("autograd", "nn", "optim"):
            found = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return _near(found)


def _near(where: str | None) -> str | None:
    """A place as it is called from here, if it lies below."""
    return where and where.removeprefix(f"{os.getcwd()}{os.sep}")


def _known(function: Any) -> Iterator[Any]:
    """The Tensors that a function can see: its own, those of its closure, globals and object."""
    seen = [
        function,
        getattr(function, "__self__", None),
        *getattr(function, "__dict__", {}).values(),
    ]
    code = getattr(function, "__code__", None)
    if code is not None:
        around = getattr(function, "__globals__", {})
        seen += [around[name] for name in code.co_names if name in around]
        seen += [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    for each in seen:
        own = getattr(each, "parameters", None)
        if type(each) in tensor_types:
            yield each
        elif isinstance(each, (list, tuple)):
            yield from (part for part in each if type(part) in tensor_types)
        elif callable(own) and not isinstance(each, type):
            yield from own()


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


class _Made:
    """The Tensors of an attempt, by their raw values, recorded anew out of what the ops gave."""

    def __init__(self, leaves: list[Any]) -> None:
        self._of: dict[int, Any] = {}
        self._used: set[int] = set()
        self._order: list[Any] = []
        for leaf in leaves:
            if leaf._node is not None:
                self._of.setdefault(id(leaf._value), leaf)

    def of(self, value: Any) -> Any:
        return self._of.get(id(value))

    def add(self, call: _Call) -> None:
        inputs = [found if (found := self.of(v)) is not None else v for v in call.values]
        nodes = [getattr(each, "_node", None) for each in inputs]
        if not any(type(node) is Node for node in nodes):
            return
        mode = Mode(True, call.scope)
        made = hung(call.op, inputs, list(call.values), nodes, call.params, call.out, False, mode)
        self._used.update(map(id, call.values))
        for tensor in made if type(made) is tuple else (made,):
            if tensor._node is None:
                continue
            if call.where is not None:
                tensor._node.more().where = call.where
            self._of[id(tensor._value)] = tensor
            self._order.append(tensor)

    def ends(self, needed: Iterable[Any]) -> list[Any]:
        """What nothing used, and what the op that failed was given."""
        found = [each for each in self._order if id(each._value) not in self._used]
        found += [each for value in needed if (each := self.of(value)) is not None]
        return list({id(each._node): each for each in found}.values())


def mark_failure(model: Model, failure: Failure) -> None:
    """Tell a model what was raised, and add the op that failed, which gives nothing."""
    for card in model.outputs:
        card.kind = "param" if card.is_leaf else "intermediate"
    if failure.op is not None:
        step = _failed_step(model, failure, failure.op)
        model.steps.append(step)
        names = {edge.input: edge.source.name for edge in step.edges}
        others = {name for own, name in names.items() if own != name}
        called = {own: name for own, name in names.items() if own not in others}  # no two of one
        failure = replace(failure, called=called)
    model.failure = failure
    where = f" at {failure.where}" if failure.where else ""
    what = failure.op.name if failure.op else "the call"
    model.note = f"{what}{where} raised {failure.sentence}; what was computed before is shown"


def _failed_step(model: Model, failure: Failure, op: Op) -> Step:
    node = new_node(op, failure.inputs, np.zeros(()), failure.scope)
    node.params = tuple((failure.params or {}).values())
    node.more().where = failure.where
    step = Step(f"o{len(model.steps)}", node, 0)
    names = input_names(node)
    for position, source in enumerate(failure.inputs):
        if type(source) is not Node and np.ndim(source) == 0:
            step.literals[position] = source
            continue
        if type(source) is Node:
            card = model.nodes[source]
        else:
            card = Card(f"t{len(model.cards)}", names[position], "data", source)
            model.cards.append(card)
        if card.kind == "param" and not card.is_named and card.name.startswith("loss"):
            card.name = names[position]
        edge = Edge(card, step, position, names[position])
        step.edges.append(edge)
        card.uses.append(edge)
    return step

"""A program as it is run: by the one interpreter, on the numbers that its places hold now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.constants import are_same
from autograd.engine.modes import uncaptured
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import ArgumentTypeError, DTypeError, ShapeError, TraceError, outdated
from autograd.graph.call import Slot
from autograd.graph.capture import own
from autograd.graph.cells import Cell, Gradient
from autograd.graph.interpret import interpret
from autograd.graph.pytree import is_record, nested, parts_of
from autograd.graph.replay import held_value, run_in
from autograd.program.capture import options_in
from autograd.tensors.inplace import renewed

__all__ = ["Run", "check_guard", "check_shape", "run"]


class Run:
    """One run of a program: what it was given, and what its places hold."""

    def __init__(self, program: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.program = program
        self.given: dict[Node, Any] = dict(_matched(program, args, kwargs))
        if program.sweeps:
            _check_leaves(program, self.given)
        self._taken: set[int] = set()  # arrays that others have
        self._own = {id(node.params[0]): given for node, given in self.given.items()}

    def sources(self) -> dict[Node, Any]:
        """The values that the program starts from; draws are drawn."""
        for cell, (was_there, where) in self.program.presence.items():
            if (self._here(cell).read() is not None) != was_there:
                now, then = ("none", "there") if was_there else ("there", "None")
                place = f" at {where}" if where else ""
                raise outdated(
                    TraceError,
                    f"program: {self.program.name_of(cell)} was {then} in the trace, where Python "
                    f"looked at it{place}, and is {now} now: trace the call again",
                )
        self._check_options()
        around = self.program.around
        if around is not None and (changed := around.other()) is not None:
            raise outdated(TraceError, f"program: {changed} in the trace; trace the call again")
        values = {node: self._input(node, self.given[node]) for node in self.program.inputs}
        for node in self.program.held:
            values[node] = self._held(node)
        for node in self.program.draws:
            values[node] = own(node.params[1]())
        self._taken = set(map(id, values.values()))
        return values

    def _check_options(self) -> None:
        for optimizer, then in self.program.options:
            for old, new in zip(then, options_in(optimizer), strict=False):
                name = next((n for n in new if n not in old or new[n] != old[n]), None)
                if name is not None:
                    raise outdated(
                        TraceError,
                        f"program: {name} of {type(optimizer).__name__} is {new[name]!r:.40}, and "
                        f"was {old.get(name)!r:.40} in the trace: its step is written with ops, "
                        "which hold the number; trace the call again",
                    )

    def _input(self, node: Node, given: Any) -> Any:
        value = given._value if type(given) in tensor_types else given
        if not isinstance(value, (np.ndarray, np.generic)):
            raise outdated(
                ArgumentTypeError,
                f"program: {node.label()} is a Tensor or an array, not {type(value).__name__}",
            )
        _check_alike(node, value)
        if isinstance(node.spec, tuple):
            return np.asarray(value)
        return np.asarray(value)[()]  # a number, and no array without axes

    def _held(self, node: Node) -> Any:
        place = node.params[0]
        if isinstance(place, Cell):
            return self._here(place).read()
        value = held_value(node)
        _check_alike(node, value)
        return value

    def _here(self, cell: Cell) -> Cell:
        """The cell of what was given now, where it belongs to an input."""
        if isinstance(cell, Gradient) and id(cell.tensor) in self._own:
            given = self._own[id(cell.tensor)]
            if type(given) not in tensor_types or given._node is None:
                raise outdated(
                    ArgumentTypeError,
                    f"program: {self.program.name_of(cell)} is written, so the input must be a "
                    "Tensor that requires grad, as in the trace",
                )
            return Gradient(given)
        return cell

    def write(self, values: Any, done: Collection[Node] = ()) -> None:
        """Put what the program has computed where the call would have put it."""
        for node in self.program.writes:
            if node in done:
                continue
            place, value = node.params[0], values[node]
            place = self._own.get(id(place), place)
            if isinstance(place, Cell):
                if isinstance(value, np.ndarray):
                    if value.base is not None or id(value) in self._taken:
                        value = np.array(value)  # others have this memory
                    self._taken.add(id(value))
                self._here(place).write(value)
            elif isinstance(place, np.ndarray):
                place[...] = value
            else:
                renewed(place, np.array(value) if np.ndim(value) else np.asarray(value)[()])

    def results(self, values: Any) -> Any:
        """What the call returns, with Tensors outside of any graph."""

        def result(x: Any) -> Any:
            if type(x) is not Slot:
                return x
            value = values[x.node]
            return wrap(value if isinstance(value, np.generic) else np.array(value))

        return nested(result, self.program.call.result)


def run(program: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Run a program by the interpreter."""
    with uncaptured:
        this = Run(program, args, kwargs)
        values = this.sources()
        guards, step = program.call.guards, run_in(values)

        def checked(node: Node, inputs: Sequence[Any]) -> Any:
            value = step(node, inputs)
            check_shape(node, value)
            for guard in guards.get(node, ()):
                check_guard(guard, value)
            return value

        for node, value in values.items():
            for guard in guards.get(node, ()):
                check_guard(guard, value)
        interpret(program.nodes, values, checked)
        this.write(values)
        return this.results(values)


def check_shape(node: Node, value: Any) -> None:
    """Raise if Python may have gone on by another shape."""
    spec = node.spec
    if type(spec) is not tuple or type(value) is not np.ndarray or value.shape == spec[0]:
        return
    place = f" at {node.where}" if node.where else ""
    raise outdated(
        TraceError,
        f"program: the result of {node.op.name}{place} is {value.shape}, and was {spec[0]} in the "
        "trace, where Python may have looked at its shape.\n  Keep shapes the same for all values, "
        "with ag.where(mask, x, 0) in the place of x[mask], or trace the call again.",
    )


def check_guard(guard: Any, value: Any) -> None:
    if not are_same(np.asarray(guard.value), np.asarray(value)):
        place = f" at {guard.where}" if guard.where else ""
        raise outdated(
            TraceError,
            f"program: another value of what a layer looked at: {guard.what}{place}; trace the "
            "call again on these inputs",
        )


def _check_alike(node: Node, value: Any) -> None:
    if np.shape(value) != node.shape:
        raise outdated(
            ShapeError,
            f"program: {node.label()} is {node.shape} in the trace, and {np.shape(value)} now; "
            "trace the call again for other shapes",
        )
    if value.dtype != node.dtype:
        raise outdated(
            DTypeError,
            f"program: {node.label()} is {node.dtype} in the trace, and {value.dtype} now; trace "
            "the call again for other dtypes",
        )


def _check_leaves(program: Any, given: Mapping[Node, Any]) -> None:
    """A gradient that the program does not compute would be missing."""
    for node, value in given.items():
        if type(value) not in tensor_types or value._node is None or node.params[0] is None:
            continue
        if node.params[0]._node is None:
            name = node.label()
            raise outdated(
                TraceError,
                f"program: {name} requires grad, and did not in the trace: give {name}.detach(), "
                "or trace the call again",
            )


def _matched(program: Any, args: Any, kwargs: Any) -> Iterator[tuple[Node, Any]]:
    """What was given for each input, where the rest is what it was in the trace."""
    call = program.call
    if len(args) != len(call.args):
        count = len(call.args)
        raise outdated(
            ArgumentTypeError, f"program: it takes {count} positional arguments, not {len(args)}"
        )
    for name, then, now in zip(program.names, call.args, args, strict=True):
        yield from _pairs(name, then, now)
    if call.kwargs.keys() != kwargs.keys():
        raise outdated(
            ArgumentTypeError,
            f"program: it takes the keywords {', '.join(call.kwargs) or 'none'}, not "
            f"{', '.join(kwargs) or 'none'}",
        )
    for name, then in call.kwargs.items():
        yield from _pairs(name, then, kwargs[name])


def _pairs(name: str, then: Any, now: Any) -> Iterator[tuple[Node, Any]]:
    if type(then) is Slot:
        yield then.node, now
    elif isinstance(then, (tuple, list)):
        if not isinstance(now, (tuple, list)) or len(now) != len(then):
            raise _other(name, then, now)
        for number, (a, b) in enumerate(zip(then, now, strict=True)):
            yield from _pairs(f"{name}[{number}]", a, b)
    elif isinstance(then, dict):
        if not isinstance(now, dict) or now.keys() != then.keys():
            raise _other(name, then, now)
        for key in then:
            yield from _pairs(f"{name}[{key!r}]", then[key], now[key])
    elif is_record(then):
        old, new = parts_of(then), parts_of(now) if type(now) is type(then) else {}
        if old.keys() != new.keys():
            raise _other(name, then, now)
        for key in old:
            yield from _pairs(f"{name}.{key}", old[key], new[key])
    elif then is not now and not _is_equal(then, now):
        raise _other(name, then, now)


def _is_equal(then: Any, now: Any) -> bool:
    """Whether a constant of the call is the same; what cannot be compared is another one."""
    if type(then) is not type(now):
        return False
    try:
        return bool(then == now)
    except (ValueError, TypeError, RuntimeError):
        return False


def _other(name: str, then: Any, now: Any) -> TraceError:
    return outdated(
        TraceError,
        f"program: {name} is {now!r:.60}, and was {then!r:.60} in the trace: what is no Tensor and "
        "no array is a constant of the program; trace the call again, or give it as a Tensor",
    )

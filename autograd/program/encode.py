"""The parts of a program as JSON, and the arrays among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.node import Constant, Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import CONSTANT, DRAW, INPUT, STATE, WRITE, Op
from autograd.errors import TraceError
from autograd.graph.body import Body
from autograd.graph.call import Slot
from autograd.graph.cells import Gradient, Moment
from autograd.program.functions import name_of
from autograd.program.instructions import EFFECT

__all__ = ["Encoder"]


class Encoder:
    """Gives the JSON of values, and gathers arrays, Tensors and optimizers on the way."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.number = {node: i for i, node in enumerate(nodes)}
        self.arrays: dict[str, Any] = {}
        self.tensors: list[Any] = []
        self.optimizers: list[Any] = []
        self.schedules: list[Any] = []
        self.generators: list[Any] = []
        places = [node.params[0] for node in self.number if node.op in (STATE, WRITE)]
        self._written = {id(getattr(place, "tensor", place)) for place in places}

    def node(self, node: Node) -> dict[str, Any]:
        """One instruction."""
        try:
            params = node.params if node.op is not EFFECT else self._effect(*node.params)
            if node.op is INPUT and id(params[0]) not in self._written:
                params = (None,)  # an example is no part of a program
            return {
                "op": self(node.op),
                "inputs": [self(x) for x in node.inputs],
                "params": [self(self._draw(node) if node.op is DRAW else p) for p in params],
                "spec": self(node.spec),
                "saved": self(node.saved if _is_held(node) else ()),
                "name": node.name,
                "where": node.where,
                "scope": repr(node.scope) if node.scope is not None else None,
            }
        except TraceError as error:
            place = f" at {node.where}" if node.where else ""
            raise TraceError(f"save: {node.op.name}{place}: {error}") from None

    def _draw(self, node: Node) -> Any:
        method, rng, args, options = node.params[1].args
        return (method, rng, args, options)

    def _effect(self, function: Any, reads: Any) -> tuple[Any, ...]:
        """The step of a schedule: which one, by what, and what it is given."""
        step = function.func
        if not hasattr(type(getattr(step, "__self__", None)), "get_last_lr"):
            raise TraceError("a mode that a call sets has no file: set it outside of the program")
        return (step.__self__, dict(function.keywords), reads)

    def __call__(self, value: Any) -> Any:
        if value is None or type(value) in (bool, str):
            return value
        if isinstance(value, int):
            return int(value)
        if type(value) is float:
            return {"float": value.hex()}
        if type(value) is complex:
            return {"complex": [value.real.hex(), value.imag.hex()]}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return {"named": name_of(type(value)), "parts": [self(part) for part in value]}
        if isinstance(value, (tuple, list)):
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [self(part) for part in value]}
        if isinstance(value, Counter):
            return {"counter": [[self(key), times] for key, times in value.items()]}
        if isinstance(value, dict):
            return {"dict": [[self(key), self(part)] for key, part in value.items()]}
        if type(value) is slice:
            return {"slice": [self(part) for part in (value.start, value.stop, value.step)]}
        if value is Ellipsis:
            return {"ellipsis": True}
        return self._object(value)

    def _object(self, value: Any) -> Any:
        if type(value) is Node:
            return {"node": self.number[value]}
        if type(value) is Body:
            return {"body": self._body(value)}
        if type(value) is Slot:
            return {"slot": self.number[value.node], "leaf": value.is_leaf}
        if type(value) is Constant:
            return {"constant": self(value.value), "name": value.name}
        if isinstance(value, (np.ndarray, np.generic)):
            return {"array": self.array(value), "scalar": isinstance(value, np.generic)}
        if isinstance(value, np.dtype):
            return {"dtype": value.str}
        if isinstance(value, type) and issubclass(value, np.generic):
            return {"type": np.dtype(value).str}
        if type(value) in tensor_types:
            return {"tensor": _place(self.tensors, value)}
        if isinstance(value, np.random.Generator):
            return {"generator": _place(self.generators, value)}
        if hasattr(type(value), "get_last_lr"):
            return {"schedule": _place(self.schedules, value)}
        if isinstance(value, Gradient):
            return {"gradient": _place(self.tensors, value.tensor)}
        if isinstance(value, Moment):
            places = _place(self.optimizers, value.optimizer), _place(self.tensors, value.tensor)
            return {"moment": [*places, value.kind]}
        if isinstance(value, Op):
            return {"op": value.name, "module": value.forward.__module__}
        if isinstance(value, partial):
            return {"partial": name_of(value.func), "options": self(value.keywords)}
        if hasattr(value, "optimizer") and hasattr(value, "names"):
            place = _place(self.optimizers, value.optimizer)
            return {"update": place, "number": value.number, "names": self(value.names)}
        if callable(value):
            return {"function": name_of(value)}
        raise TraceError(f"{value!r:.60} is nothing that a file holds")

    def _body(self, body: Body) -> dict[str, Any]:
        """A function that control flow runs, whose instructions have numbers of their own."""
        outside, self.number = self.number, {node: i for i, node in enumerate(body.nodes)}
        try:
            return {
                "nodes": [self.node(node) for node in body.nodes],
                "inputs": [self.number[node] for node in body.inputs],
                "outputs": [self.number[node] for node in body.outputs],
                "flows": [[self.number[node], list(f)] for node, f in body.flows.items()],
            }
        finally:
            self.number = outside

    def array(self, value: Any) -> str:
        """The name that an array has in the file."""
        name = f"array{len(self.arrays)}"
        self.arrays[name] = np.ascontiguousarray(value).reshape(np.shape(value))
        return name

    def optimizer(self, optimizer: Any) -> dict[str, Any]:
        """The kind of an optimizer, its options, and which Tensors it has."""
        groups = []
        for group in optimizer.param_groups:
            own = {name: value for name, value in group.items() if name != "params"}
            groups.append(
                {"options": self(own), "params": [_place(self.tensors, p) for p in group["params"]]}
            )
        state = [
            [_place(self.tensors, p), self({n: _plain(v) for n, v in entry.items()})]
            for p, entry in optimizer.state.items()
        ]
        return {"kind": type(optimizer).__name__, "groups": groups, "state": state}

    def schedule(self, schedule: Any) -> dict[str, Any]:
        """The kind of a schedule, its optimizer, and all that it knows."""
        known = {name: value for name, value in vars(schedule).items() if name != "optimizer"}
        try:
            state = self(known)
        except TraceError as error:
            raise TraceError(f"save: {type(schedule).__name__}: {error}") from None
        place = _place(self.optimizers, schedule.optimizer)
        return {"kind": type(schedule).__name__, "optimizer": place, "state": state}

    def generator(self, generator: Any) -> dict[str, Any]:
        """The kind of a generator, and where it stands."""
        bits = generator.bit_generator
        return {"kind": type(bits).__name__, "state": self(bits.state)}

    def described(self) -> list[dict[str, Any]]:
        """The Tensors, with their values and gradients."""
        return [
            {
                "value": self(tensor._value),
                "leaf": tensor._node is not None,
                "grad": self(None if (cell := Gradient(tensor).read()) is None else cell),
                "name": tensor._name,
            }
            for tensor in self.tensors
        ]


def _is_held(node: Node) -> bool:
    """Whether a node has its value itself, and no Tensor that is read."""
    return node.op is CONSTANT and node.params[0] is None


def _place(found: list[Any], value: Any) -> int:
    for i, each in enumerate(found):
        if each is value:
            return i
    found.append(value)
    return len(found) - 1


def _plain(value: Any) -> Any:
    return value._value if type(value) in tensor_types else value

"""The parts of a program from JSON: all that has a name is looked up in tables of chaingrad."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.engine import generators
from autograd.engine.modes import Scope
from autograd.engine.node import Constant, Node, new_node
from autograd.engine.outputs import wrap
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
)
from autograd.errors import ArgumentError, TraceError
from autograd.graph.body import Body
from autograd.graph.call import Slot
from autograd.graph.cells import Gradient, Moment
from autograd.graph.held import Guard
from autograd.graph.pytree import mapped
from autograd.program.functions import function_named, named_tuple
from autograd.program.instructions import EFFECT, PULL

__all__ = ["Decoder"]

NODES = {
    op.name: op
    for op in (COMPUTED, CONSTANT, DRAW, EFFECT, INPUT, OUTPUT, PARAMETER, STATE, WRITE, PULL)
}  # fmt: skip

CONTROL = {  # the modules of control flow, and what each calls its op
    "autograd.control.cond": "COND",
    "autograd.control.scan": "SCAN",
    "autograd.control.while_loop": "WHILE",
}


GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


class Decoder:
    """Makes values from the JSON that an Encoder gave."""

    def __init__(self, arrays: Mapping[str, Any], tensors: Any, optimizers: Any) -> None:
        self.arrays = arrays
        self.nodes: list[Node] = []
        self.tensors = [self._tensor(each) for each in tensors]
        self.optimizers = [self._optimizer(each) for each in optimizers]
        self.schedules: list[Any] = []
        self.generators: list[Any] = []

    def add(self, schedules: Any, generators: Any) -> None:
        """The schedules, which may refer to one another, and the generators."""
        self.generators += [self._generator(each) for each in generators]
        self.schedules += [_blank_schedule(each["kind"]) for each in schedules]
        for schedule, found in zip(self.schedules, schedules, strict=True):
            state = self(found["state"])
            taken = [name for name in state if callable(getattr(type(schedule), str(name), None))]
            if taken:
                raise ArgumentError(f"{found['kind']} has no such state: {', '.join(taken)}")
            vars(schedule).update(state)
            schedule.optimizer = self.optimizers[found["optimizer"]]

    def missing(self, *_: Any, **__: Any) -> Any:
        """The function of a program from a file, which is not there."""
        raise TraceError("the function of a program from a file is not there: run the program")

    def node(self, found: Mapping[str, Any]) -> Node:
        """The next instruction."""
        op = self(found["op"])
        node = new_node(op, tuple(self(x) for x in found["inputs"]), np.False_)
        params = tuple(self(p) for p in found["params"])
        if op is DRAW:
            method, rng, args, options = params[0]
            drawn = partial(generators._drawn, method, rng, args, options)
            params = (method if isinstance(method, str) else method.__name__, drawn)
        if op is EFFECT:
            schedule, keywords, reads = params
            params = (partial(schedule.step, **keywords), reads)
        node.params = params
        node.spec, node.saved = self(found["spec"]), self(found["saved"])
        node.scope = None if found["scope"] is None else Scope("", found["scope"])
        node.more().name, node.more().where = found["name"], found["where"]
        links: list[Any] = []
        mapped(links.append, node.params)
        node.more().is_linked = any(type(x) is Node for x in links)
        self.nodes.append(node)
        return node

    def guards(self, found: Any) -> list[Guard]:
        return [Guard(*each) for each in self(found)]

    def __call__(self, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        (kind, value), *rest = found.items()
        return getattr(self, f"_of_{kind}")(value, *(part for _, part in rest))

    def _of_float(self, value: str) -> float:
        return float.fromhex(value)

    def _of_complex(self, value: Sequence[str]) -> complex:
        return complex(*map(float.fromhex, value))

    def _of_named(self, name: str, parts: Sequence[Any]) -> Any:
        return named_tuple(name)._make(self(part) for part in parts)

    def _of_tuple(self, parts: Sequence[Any]) -> Any:
        return tuple(self(part) for part in parts)

    def _of_list(self, parts: Sequence[Any]) -> Any:
        return [self(part) for part in parts]

    def _of_dict(self, pairs: Sequence[Any]) -> Any:
        return {self(key): self(part) for key, part in pairs}

    def _of_counter(self, pairs: Sequence[Any]) -> Any:
        return Counter({self(key): times for key, times in pairs})

    def _of_slice(self, parts: Sequence[Any]) -> Any:
        return slice(*(self(part) for part in parts))

    def _of_ellipsis(self, _: Any) -> Any:
        return Ellipsis

    def _of_node(self, at: int) -> Node:
        return self.nodes[at]

    def _of_body(self, found: Mapping[str, Any]) -> Body:
        outside, self.nodes = self.nodes, []
        nodes = [self.node(each) for each in found["nodes"]]
        self.nodes = outside
        inputs, outputs = ([nodes[i] for i in found[name]] for name in ("inputs", "outputs"))
        return Body(nodes, inputs, outputs, {nodes[i]: tuple(f) for i, f in found["flows"]})

    def _of_slot(self, at: int, leaf: bool) -> Slot:
        return Slot(self.nodes[at], leaf)

    def _of_constant(self, value: Any, name: str) -> Constant:
        return Constant(self(value), name)

    def _of_array(self, name: str, is_scalar: bool) -> Any:
        array = np.array(self.arrays[name])
        return array[()] if is_scalar else array

    def _of_dtype(self, name: str) -> Any:
        return np.dtype(name)

    def _of_type(self, name: str) -> Any:
        return np.dtype(name).type

    def _of_tensor(self, at: int) -> Any:
        return self.tensors[at]

    def _of_gradient(self, at: int) -> Gradient:
        return Gradient(self.tensors[at])

    def _of_moment(self, places: Sequence[Any]) -> Moment:
        optimizer, tensor, kind = places
        return Moment(self.optimizers[optimizer], self.tensors[tensor], kind)

    def _of_op(self, name: str, module: str) -> Any:
        if name in NODES:
            return NODES[name]
        if module in CONTROL:
            return getattr(importlib.import_module(module), CONTROL[module])
        if name not in OPS and module.partition(".")[0] in ("autograd", "nn"):
            importlib.import_module(module)
        if name not in OPS:
            raise ArgumentError(f"no op of this name: {name}")
        return OPS[name]

    def _of_partial(self, name: str, options: Any) -> Any:
        return partial(function_named(name), **self(options))

    def _of_function(self, name: str) -> Any:
        return function_named(name)

    def _of_schedule(self, at: int) -> Any:
        return self.schedules[at]

    def _of_generator(self, at: int) -> Any:
        return self.generators[at]

    def _generator(self, found: Mapping[str, Any]) -> np.random.Generator:
        if found["kind"] not in GENERATORS:
            raise ArgumentError(f"no generator of this name: {found['kind']}")
        bits = getattr(np.random, found["kind"])()
        bits.state = self(found["state"])
        return np.random.Generator(bits)

    def _of_update(self, at: int, number: int, names: Any) -> Any:
        update = importlib.import_module("optim.base.update").Update
        return update(self.optimizers[at], number, self(names))

    def _tensor(self, found: Mapping[str, Any]) -> Any:
        tensor = wrap(self(found["value"]))
        tensor._name = found["name"]
        if found["leaf"]:
            tensor.requires_grad_()
            if found["grad"] is not None:
                tensor.grad = wrap(self(found["grad"]))
        return tensor

    def _optimizer(self, found: Mapping[str, Any]) -> Any:
        optim = importlib.import_module("optim")
        kind = getattr(optim, found["kind"], None)
        if not isinstance(kind, type) or not issubclass(kind, optim.Optimizer):
            raise ArgumentError(f"no optimizer of this name: {found['kind']}")
        options = [self(group["options"]) for group in found["groups"]]
        own = inspect.signature(kind).parameters
        groups = [
            {n: v for n, v in given.items() if n in own}
            | {"params": [self.tensors[i] for i in group["params"]]}
            for given, group in zip(options, found["groups"], strict=True)
        ]
        optimizer: Any = kind(groups)
        for group, given in zip(optimizer.param_groups, options, strict=True):
            group.update({n: v for n, v in given.items() if n not in own})  # of schedules
        optimizer.state = defaultdict(dict)
        for at, entry in found["state"]:
            owned = {n: wrap(v) if hasattr(v, "dtype") else v for n, v in self(entry).items()}
            optimizer.state[self.tensors[at]] = owned
        return optimizer


def _blank_schedule(name: str) -> Any:
    schedules = importlib.import_module("optim.lr_scheduler")
    kind = getattr(schedules, name, None)
    if not isinstance(kind, type) or not issubclass(kind, schedules.LRScheduler):
        raise ArgumentError(f"no schedule of this name: {name}")
    return object.__new__(kind)

"""All that a program may write to, as it is now: to be looked at, and to be put back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.compiler.face.planned import Planned, arrays_in
from autograd.engine.constants import is_shared
from autograd.engine.generators import generator
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import COMPUTED, CONSTANT, PARAMETER, STATE
from autograd.graph.cells import Cell, Gradient
from autograd.program.instructions import EFFECT

__all__ = ["Snapshot", "as_now", "generators_of", "named_places", "written_places"]


class Snapshot:
    """Values with their memory, gradients, optimizers, schedules, and generators."""

    def __init__(self, planned: Planned, args: Any, kwargs: Any) -> None:
        given = list(arrays_in(args, kwargs))
        nodes = planned.program.nodes
        held = [n.params[0] for n in nodes if n.op in (PARAMETER, STATE, CONSTANT)]
        places = [x.tensor if isinstance(x, Cell) else x for x in (*held, *given)]
        self._tensors = [_kept(x) for x in _once(places) if type(x) in tensor_types]
        self._arrays = [(x, x.copy()) for x in _once(given) if isinstance(x, np.ndarray)]
        steps = [n.params[0] for n in nodes if n.op is COMPUTED]
        optimizers = _once(s.optimizer for s in steps if hasattr(s, "in_place"))
        self._remember = [optimizer._remembered for optimizer in optimizers]
        effects = [n.params[0] for n in nodes if n.op is EFFECT]
        self._remember += [e.remember for e in effects if hasattr(e, "remember")]
        self._undo = [remember() for remember in self._remember]
        self._generators = [(bits, bits.state) for bits in generators_of(planned.program)]

    def put_back(self) -> None:
        """Make all as it was; it may be done again."""
        for tensor, value, numbers, node, saved, grad, slope, slopes in self._tensors:
            _fill(value, numbers)
            tensor._value, tensor._node = value, node
            if node is not None and node.is_leaf:
                node.saved = saved
                if grad is not None or node.extra is not None:
                    node.more().grad = grad
                if grad is not None:
                    _fill(slope, slopes)
                    grad._value = slope
        for array, numbers in self._arrays:
            _fill(array, numbers)
        for undo in reversed(self._undo):
            undo()
        self._undo = [remember() for remember in self._remember]
        for bits, state in self._generators:
            bits.state = state


def generators_of(program: Any) -> list[Any]:
    """The bits of the generators that a program draws from."""
    found = []
    for node in program.draws:
        rng = getattr(node.params[1], "args", (None, 0))[1]
        if rng is None or isinstance(rng, np.random.Generator):
            found.append(generator(rng).bit_generator)
    return _once(found)


def named_places(program: Any) -> dict[str, tuple[Any, Node | None]]:
    """Where the program reads or writes, by names of their own; and the write, if there is one."""
    writes = {_identity(node.params[0]): node for node in program.writes}
    found: dict[str, tuple[Any, Node | None]] = {}
    seen = set()
    for number, node in enumerate((*program.held, *program.writes)):
        place = node.params[0]
        key = _identity(place)
        if place is None or key in seen:
            continue
        seen.add(key)
        name = node.name or f"what lies at {node.where}"
        found[name if name not in found else f"{name} ({number})"] = place, writes.get(key)
    return found


def _identity(place: Any) -> tuple[int, str]:
    return (id(place.tensor), place.kind) if isinstance(place, Cell) else (id(place), "")


def written_places(planned: Planned, args: Any, kwargs: Any) -> dict[str, Any]:
    """What lies now where the program has read or written, by name."""
    found: dict[str, Any] = {}
    inputs = dict(zip(planned.program.inputs, arrays_in(args, kwargs), strict=True))
    own = {id(node.params[0]): given for node, given in inputs.items()}
    for name, (place, _) in named_places(planned.program).items():
        if isinstance(place, Gradient) and id(place.tensor) in own:
            place = Gradient(own[id(place.tensor)])
        place = own.get(id(place), place)
        is_cell = isinstance(place, Cell)
        found[name] = as_now(place, place.read() if is_cell else getattr(place, "_value", place))
    return found


def as_now(place: Any, value: Any) -> Any:
    """What lies somewhere, as it stays: what is a Tensor's alone is copied by who writes to it."""
    is_of_tensor = type(place) in tensor_types or isinstance(place, Gradient)
    return value if is_of_tensor and _stays(value) else _copied(value)


def _stays(value: Any) -> bool:
    """Whether an array that another holds too is replaced by `own`, and not written to."""
    if not isinstance(value, np.ndarray):
        return True
    return value.base is None and value.flags.writeable and not is_shared(value)


def _kept(tensor: Any) -> tuple[Any, ...]:
    value, node = tensor._value, tensor._node
    is_leaf = node is not None and node.is_leaf
    grad = node.extra.grad if is_leaf and node.extra is not None else None
    slope = None if grad is None else grad._value
    saved = node.saved if is_leaf else None
    return tensor, value, _numbers(value), node, saved, grad, slope, _numbers(slope)


def _numbers(value: Any) -> Any:
    """Those that an array has, if they may be written over."""
    return None if _stays(value) else value.copy()


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _fill(array: Any, numbers: Any) -> None:
    if numbers is not None and array.flags.writeable:
        array[...] = numbers


def _once(values: Iterable[Any]) -> list[Any]:
    return list({id(x): x for x in values}.values())

"""All that a program may write to, as it is now: to be looked at, and to be put back."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
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
from autograd.system.aside import Aside, Waiting
from autograd.tensors.inplace import is_unshared

__all__ = ["Snapshot", "as_now", "generators_of", "named_places", "written_places"]


class Snapshot:
    """Values with their memory, gradients, optimizers, schedules, and generators."""

    def __init__(
        self, planned: Planned, args: Any, kwargs: Any, aside: Aside | None = None,
        once: bool = False,
    ) -> None:  # fmt: skip
        self.aside = aside  # where what is written waits, if that is much
        given = list(arrays_in(args, kwargs))
        nodes = planned.program.nodes
        held = [n.params[0] for n in nodes if n.op in (PARAMETER, STATE, CONSTANT)]
        places = [x.tensor if isinstance(x, Cell) else x for x in (*held, *given)]
        own = {id(getattr(n.params[0], "tensor", n.params[0])) for n in planned.program.writes}
        self._tensors = [
            _Kept(x, aside if id(x) in own else None)
            for x in _once(places) if type(x) in tensor_types
        ]  # fmt: skip
        self._arrays = [(x, x.copy()) for x in _once(given) if isinstance(x, np.ndarray)]
        steps = [n.params[0] for n in nodes if n.op is COMPUTED]
        optimizers = _once(s.optimizer for s in steps if hasattr(s, "in_place"))
        # what is put back once, after another was, need not be copied
        self._once = once
        self._remember = [partial(optimizer._remembered, not once) for optimizer in optimizers]
        effects = [n.params[0] for n in nodes if n.op is EFFECT]
        self._remember += [e.remember for e in effects if hasattr(e, "remember")]
        self._undo = [remember() for remember in self._remember]
        self._generators = [(bits, bits.state) for bits in generators_of(planned.program)]

    def let_go(self) -> None:
        """Free the gradients that lie elsewhere: another Snapshot is about to be put back."""
        for kept in self._tensors:
            if kept.slope is not None:
                kept.slope.let_go(kept.grad)

    def put_back(self) -> None:
        """Make all as it was; it may be done again."""
        for kept in self._tensors:
            kept.put_back()
        for array, numbers in self._arrays:
            _fill(array, numbers)
        for undo in reversed(self._undo):
            undo()
        if not self._once:
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


class _Value:
    """What a Tensor holds: its very array, or its numbers, which may lie elsewhere meanwhile."""

    def __init__(self, tensor: Any, aside: Aside | None) -> None:
        if aside is not None and is_unshared(tensor):
            self.numbers = aside.put(tensor._value)
            if type(self.numbers) is Waiting:
                self.array = None  # so that a step writes to it where it lies
                return
        self.array = value = tensor._value
        self.numbers = None if _stays(value) else value.copy()

    def let_go(self, tensor: Any) -> None:
        """Free what lies elsewhere, until it is put back."""
        if self.array is None:
            tensor._value = None

    def put_back(self, tensor: Any) -> None:
        """Let the Tensor hold it again."""
        if self.array is not None:
            _fill(self.array, self.numbers)
            tensor._value = self.array
        elif self.numbers.lies_like(tensor._value) and is_unshared(tensor):
            self.numbers.fill(tensor._value)
        else:
            tensor._value = self.numbers.array()


class _Kept:
    """A Tensor as it is now, with its gradient."""

    def __init__(self, tensor: Any, aside: Aside | None) -> None:
        self.tensor, self.node = tensor, tensor._node
        self.value = _Value(tensor, aside)
        is_leaf = self.node is not None and self.node.is_leaf
        self.saved = self.node.saved if is_leaf and self.value.array is not None else None
        self.grad = self.node.extra.grad if is_leaf and self.node.extra is not None else None
        self.slope = None if self.grad is None else _Value(self.grad, aside)

    def put_back(self) -> None:
        tensor, node = self.tensor, self.node
        tensor._node = node
        self.value.put_back(tensor)
        if node is None or not node.is_leaf:
            return
        node.saved = (tensor._value,) if self.saved is None else self.saved
        if self.grad is not None or node.extra is not None:
            node.more().grad = self.grad
        if self.grad is not None:
            self.slope.put_back(self.grad)  # type: ignore[union-attr]


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _fill(array: Any, numbers: Any) -> None:
    if numbers is not None and array.flags.writeable:
        array[...] = numbers


def _once(values: Iterable[Any]) -> list[Any]:
    return list({id(x): x for x in values}.values())

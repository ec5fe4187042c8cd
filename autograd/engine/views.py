"""Views: which Tensor's numbers a Tensor shows, and by which ops, so that writing reaches them."""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import ref

import numpy as np

from autograd.engine.operands import faces

__all__ = ["DETACHED", "Step", "View", "living", "living_views", "note_view", "refuse_writes"]

ndarray = np.ndarray
DEEPEST = 8  # views of views that are followed; one further away refuses to be written to


Step = tuple[Any, Any, "int | None"]  # an op (None: `detach`), its parameters, which output
# what a Tensor carries: its base, the last step, the base's node and value, and of a view of a view
# what that carries, a reference to it, and how many steps there are
Noted = tuple[Any, Any, Any, "int | None", int, int, Any, Any, int]


class View(NamedTuple):
    """Where the numbers of a view lie."""

    base: Any  # the Tensor, or a weak reference where the view must not keep a graph alive
    steps: tuple[Step, ...]  # from the base to the view
    node: int  # the number of the node that the base had then; 0 for none
    value: int  # the identity of its value then
    through: tuple[ref[Any], ...] = ()  # the views on the way, which show what is written too

    @classmethod
    def of(cls, noted: Noted) -> View:
        """The view that `note_view` has noted."""
        steps, through, held = [], [], noted
        while held is not None:
            _, op, params, number, _, _, held, via, _ = held
            steps.append((op, params, number))
            through.append(via)
        through.pop()  # the base itself
        return cls(noted[0], tuple(steps[::-1]), noted[4], noted[5], tuple(through[::-1]))

    def noted(self) -> Noted:
        """The same as `note_view` writes it."""
        found: Any = None
        for depth, (step, via) in enumerate(zip(self.steps, (None, *self.through), strict=True), 1):
            found = (self.base, *step, self.node, self.value, found, via, depth)
        return found  # type: ignore[no-any-return]

    @property
    def tensor(self) -> Any:
        """The Tensor whose numbers these are, if it is still there."""
        return self.base() if type(self.base) is ref else self.base

    @property
    def is_detached(self) -> bool:
        return any(step[0] is None for step in self.steps)

    def on_the_way(self) -> list[tuple[Any, View]]:
        """The views that this one was taken from, if they are still there and are views."""
        found = [
            (x, getattr(x, "_origin", None)) for weak in self.through if (x := weak()) is not None
        ]
        return [(x, View.of(o)) for x, o in found if type(o) is tuple and o[0] is self.base]

    def path(self) -> tuple[Step, ...]:
        """The steps that choose or order numbers."""
        return tuple([step for step in self.steps if step[0] is not None])


DETACHED = (None, None, None)
living: dict[int, list[ref[Any]]] = {}  # by the id of their base: views that a face keeps fresh
_room = {"views": 1024}  # the bases that there may be before those of no views are left out


def living_views(base: Any) -> list[Any]:
    """The views of a Tensor that are still there, in the order in which they were taken."""
    found = [view for weak in living.get(id(base), ()) if (view := weak()) is not None]
    origins = [getattr(view, "_origin", None) for view in found]
    return [
        view
        for view, origin in zip(found, origins, strict=True)
        if type(origin) is tuple and View.of(origin).tensor is base
    ]


def _note_living(base: Any, view: Any) -> None:
    """Note a view with its base, at a cost that does not grow with those noted before."""
    noted = living.get(id(base))
    if noted is None:
        if len(living) >= _room["views"]:
            for key, others in tuple(living.items()):
                if not any(weak() is not None for weak in others):
                    living.pop(key, None)
            _room["views"] = max(1024, 2 * len(living))
        living[id(base)] = [ref(view)]
        return
    noted.append(ref(view))
    count = len(noted)
    if count >= 64 and not count & (count - 1):  # a power of two
        noted[:] = [weak for weak in noted if weak() is not None]


def note_view(result: Any, x: Any, op: Any, params: Any, number: int | None = None) -> None:
    """Let the result of an op, which shows numbers of x, know that it does; `op` None: detached.

    It gets a plain tuple, which costs least (see `View.of`). A copy that an op had to make, as
    `reshape` of a transposed Tensor, holds the name of the op alone: it refuses to be written to.
    """
    value, source, held = result._value, x._value, x
    if type(value) is not ndarray:
        held = ref(x)  # a number, which holds no memory of x either
    elif value is not source:
        memory = value.base  # NumPy names the owner as the base of all its views
        if memory is None or (memory is not source and memory is not source.base):
            result._origin = op.name
            return
    try:
        origin = x._origin
    except AttributeError:
        origin = None
    if origin is None:
        if (node := x._node) is None:
            since = 0
        else:
            since = node.number
            if result._node is None and node.op.inputs:
                held = ref(x)
        result._origin = (held, op, params, number, since, id(source), None, None, 1)
        if faces and type(x) in faces:
            _note_living(x, result)
    elif type(origin) is tuple and (depth := origin[8]) < DEEPEST:
        held, since, place = origin[0], origin[4], origin[5]
        result._origin = (held, op, params, number, since, place, origin, ref(x), depth + 1)
        if faces and type(x) in faces:
            base = held() if type(held) is ref else held
            if base is not None:
                _note_living(base, result)
    else:
        result._origin = "detach" if op is None else op.name


def refuse_writes(result: Any, name: str) -> Any:
    """Mark a view that is a copy for NumPy and a view for PyTorch: it may not be written to."""
    if hasattr(type(result), "_origin"):  # a Tensor, and no array or symbol
        result._origin = name
    return result

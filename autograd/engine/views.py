"""Views: which Tensor's numbers a Tensor shows, and by which ops, so that writing reaches them."""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import ref

import numpy as np

from autograd.engine.operands import faces

__all__ = ["DETACHED", "View", "living", "living_views", "note_view", "refuse_writes"]

ndarray = np.ndarray
DEEPEST = 8  # views of views that are followed; one further away refuses to be written to


Step = tuple[Any, Any, "int | None"]  # an op (None: `detach`), its parameters, which output


class View(NamedTuple):
    """Where the numbers of a view lie."""

    base: Any  # the Tensor, or a weak reference where the view must not keep a graph alive
    steps: tuple[Step, ...]  # from the base to the view
    node: int  # the number of the node that the base had then; 0 for none
    value: int  # the identity of its value then
    through: tuple[ref[Any], ...] = ()  # the views on the way, which show what is written too

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
        return [(x, View._make(o)) for x, o in found if type(o) is tuple and o[0] is self.base]

    def path(self) -> tuple[Step, ...]:
        """The steps that choose or order numbers."""
        return tuple(step for step in self.steps if step[0] is not None)


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
        if type(origin) is tuple and View._make(origin).tensor is base
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

    It gets the plain tuple of a View, which costs least. A copy that an op had to make, as
    `reshape` of a transposed Tensor, holds the name of the op alone: it refuses to be written to.
    """
    value, source, origin = result._value, x._value, getattr(x, "_origin", None)
    is_number = type(value) is not ndarray
    if not is_number and value is not source:
        memory = value.base  # NumPy names the owner as the base of all its views
        if memory is None or (memory is not source and memory is not source.base):
            result._origin = op.name
            return
    if origin is None:
        node = x._node
        if is_number or (result._node is None and node is not None and node.op.inputs):
            held = ref(x)
        else:
            held = x
        since = 0 if node is None else node.number
        result._origin = (held, ((op, params, number),), since, id(source), ())
        if type(x) in faces:
            _note_living(x, result)
    elif type(origin) is tuple and len(origin[1]) < DEEPEST:
        held, steps, since, place, through = origin
        steps, through = (*steps, (op, params, number)), (*through, ref(x))
        result._origin = (held, steps, since, place, through)
        if type(x) in faces and (base := held() if type(held) is ref else held) is not None:
            _note_living(base, result)
    else:
        result._origin = "detach" if op is None else op.name


def refuse_writes(result: Any, name: str) -> Any:
    """Mark a view that is a copy for NumPy and a view for PyTorch: it may not be written to."""
    if hasattr(type(result), "_origin"):  # a Tensor, and no array or symbol
        result._origin = name
    return result

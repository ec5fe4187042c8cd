"""Results that somebody else has too: what was given or found, one result twice, views of them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from autograd.compiler.face.joint import CallCapture
from autograd.engine.modes import no_grad
from autograd.engine.operands import tensor_types
from autograd.engine.views import refuse_writes
from autograd.graph.pytree import flat, nested
from autograd.tensors.windows import taken

__all__ = ["Given"]


class Given:
    """Which results of a plan are no Tensors of their own."""

    def __init__(self, capture: CallCapture) -> None:
        self.leaves, self.stale, self.kinds = capture.leaves, capture.stale, capture.kinds
        found = {k: _found(there) for k, there in capture.same.items()}
        self.same = {k: there for k, there in found.items() if there is not None}
        views = {k: view._replace(base=_found(view.base)) for k, view in capture.views.items()}
        self.views = {k: view for k, view in views.items() if view.base is not None}
        self.has_any = bool(self.same or self.views or self.leaves or self.stale)

    def handed_on(self, results: Any, given: list[Any]) -> Any:
        """The results: the very Tensors and views that the call would give."""
        tensors = [x for x in flat(results) if type(x) in tensor_types]
        for number in self.leaves:
            tensors[number].requires_grad_()
        for number, name in self.stale.items():  # a write would not reach what the call's does
            refuse_writes(tensors[number], name)
        for number, there in self.same.items():
            found = self._there(there, given, tensors)
            if type(found) in tensor_types:  # and no array, of which the call makes Tensors
                tensors[number] = found
        for number, (there, steps, is_in_graph) in self.views.items():
            found = self._there(there, given, tensors)
            if type(found) in tensor_types:
                with nullcontext() if is_in_graph else no_grad():
                    tensors[number] = view = taken(found, steps)
                if type(view) is not self.kinds[number]:
                    view.__class__ = self.kinds[number]
        numbers = iter(tensors)
        return nested(lambda x: next(numbers) if type(x) in tensor_types else x, results)

    def _there(self, there: Any, given: list[Any], tensors: list[Any]) -> Any:
        if type(there) is not tuple:
            return there
        kind, number = there
        return given[number] if kind == "input" else tensors[number]


def _found(there: Any) -> Any:
    """What the call has found, if it is there outside of it; inputs and results by number."""
    return there if type(there) is tuple else there()

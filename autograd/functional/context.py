"""What the forward of a Function leaves for its backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.modes import current_mode
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.packing import Parcel
from autograd.errors import InPlaceError, MissingAttributeError, StateError
from autograd.graph.pytree import flat, nested
from autograd.tensors.inplace import replace, window

__all__ = ["FunctionCtx"]


class _Held:
    """A Tensor that was saved, packed by hooks; it hangs on the graph where it did."""

    def __init__(self, packer: Any, tensor: Any) -> None:
        self.node, self.parcel = tensor._node, Parcel(packer, raw(tensor))

    def tensor(self, dress: Any) -> Any:
        """What was saved, unpacked."""
        return dress(wrap(self.parcel.opened(), self.node))


class _Ours:
    """Stands for an input (0) or an output (1) that was saved, which the node of the call holds."""

    def __init__(self, kind: int, number: int, place: Any = None) -> None:
        self.kind, self.number = kind, number
        self.place = place  # in the graph, where an input hangs


class FunctionCtx:
    """What forward leaves for backward: saved Tensors, and any attributes."""

    needs_input_grad: tuple[bool, ...] = ()
    materialize_grads = True

    def __init__(self, dress: Any) -> None:
        self._dress = dress  # a Tensor as one of the class that forward and backward see
        self._saved: tuple[Any, ...] = ()
        self._given: dict[int, tuple[Any, Any]] = {}  # inputs, by what forward sees of them
        self._ours: tuple[Any, Any] = ((), ())  # the inputs and outputs, as backward reads them
        self._named: dict[str, Any] = {}  # attributes with some of them
        self._no_gradient: set[int] = set()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep Tensors that backward needs."""
        for x in tensors:
            if x is not None and type(x) not in tensor_types:
                raise StateError(
                    f"save_for_backward takes Tensors, got {type(x).__name__}; set it as an "
                    "attribute: ctx.name = value"
                )
        self._saved = tuple(map(self._in_graph, tensors))

    def _seal(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Keep no Tensor of the graph: inputs and outputs are those that the node holds."""
        places = {id(y): _Ours(1, k) for k, y in enumerate(outputs)}
        places |= {id(x): _Ours(0, k, x._node) for k, x in enumerate(inputs)}

        def sealed(x: Any) -> Any:
            return places.get(id(self._in_graph(x)), x) if type(x) in tensor_types else x

        self._saved = tuple(map(sealed, self._saved))
        if (packer := current_mode().packer) is not None:
            self._saved = tuple([
                _Held(packer, x) if type(x) in tensor_types else x for x in self._saved
            ])  # fmt: skip
        for name, value in [*vars(self).items()]:
            value = value if name.startswith("_") else nested(sealed, value)
            if not name.startswith("_") and any(type(x) is _Ours for x in flat(value)):
                self._named[name] = value
                delattr(self, name)
        self._given = {}

    def _reads(self, kind: int) -> bool:
        kept = flat([*self._saved, *self._named.values()])
        return any(type(x) is _Ours and x.kind == kind for x in kept)

    def _open(self, x: Any) -> Any:
        """What was saved, as backward sees it."""
        if type(x) is _Ours:
            found = self._ours[x.kind][x.number]
            if type(found) not in tensor_types:
                found = window(np.asarray(found))
                found = found if x.place is None else wrap(raw(found), x.place)
            return self._dress(found)
        return x.tensor(self._dress) if type(x) is _Held else x

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._named:
            raise MissingAttributeError(f"the ctx of a Function has no attribute {name!r}")
        return nested(self._open, self._named[name])

    def _in_graph(self, tensor: Any) -> Any:
        """An input itself, where forward has not changed it, for gradients of gradients."""
        seen, given = self._given.get(id(tensor), (None, None))
        return given if seen is tensor and raw(seen) is raw(given) else tensor

    def _take(self, given: Any) -> Any:
        """What forward sees of an argument: of a Tensor its numbers, outside the graph."""
        if type(given) not in tensor_types:
            return given
        seen = self._dress(wrap(raw(given.detach())))
        self._given[id(seen)] = (seen, given)
        return seen

    def _holds_no_more(self) -> bool:
        """Whether all that is kept of a call is what its node holds, which other runs have too."""
        own = [v for k, v in vars(self).items() if not k.startswith("_")]
        kept = flat([*own, *self._saved])
        return not any(isinstance(x, (np.ndarray, _Held)) or type(x) in tensor_types for x in kept)

    def _hand_back(self) -> None:
        """Let inputs that forward has written to have the new numbers, as in PyTorch."""
        for seen, given in self._given.values():
            if raw(seen) is not raw(given):
                replace(given, raw(seen))

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The Tensors that forward has saved."""
        return tuple(map(self._open, self._saved))

    saved_variables = saved_tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which outputs have no gradient."""
        self._no_gradient = {id(x) for x in tensors}

    def mark_dirty(self, *tensors: Any) -> None:
        """Refused: inputs are not changed in place."""
        raise InPlaceError(
            "mark_dirty: forward must not change its inputs here; return new Tensors"
        )

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients of outputs are zeros for backward, or None."""
        self.materialize_grads = value

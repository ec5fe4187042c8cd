"""The trace of one example of a batch, whose numbers mean nothing."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.control.trace import BodyCapture, Traced, traced
from autograd.engine.callers import caller
from autograd.engine.modes import capturing, enable_grad
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import INPUT, Op
from autograd.errors import TraceError
from autograd.graph.call import links_of

__all__ = ["ExampleCapture", "traced_on_one"]


class ExampleCapture(BodyCapture):
    """The trace of one example: derivatives in it are ops like others."""

    has_numbers = False

    of_writes = (
        "there is one of it for all examples: return the new value, or for a batch norm in "
        "training mode call model.eval() before, or take nn.GroupNorm"
    )

    def __init__(self) -> None:
        super().__init__()
        self._made_here: list[weakref.ref[Any]] = []
        self._around = capturing()  # a call that is being traced around this one
        self.faults: list[Any] = []  # whether what an example gives to a function is wrong

    def example(self, x: Any) -> Any:
        return x

    def read(self, tensor: Any, what: str) -> None:
        """What is the same for all examples may be looked at, if it may be around the batch."""
        sources = self._sources(node := self.node_of(tensor))
        if any(each.op is INPUT for each in sources):
            place = f" at {where}" if (where := caller()) else ""
            raise TraceError(
                f"vmap: Python sees {what} of {tensor._name or node.name or node.op.name}{place}, "
                "and each example has another value there.\n  Choose by ag.where(condition, a, b), "
                "keep to ops on Tensors, or give what is the same for all with in_axes=None"
            )
        for held in self.held if self._around is not None else ():
            if held.node in sources:
                x = held.found()
                self._around.read(wrap(held.value) if x is None else x, what)

    def checks(self, wrong: Any) -> bool:
        """Whether an argument is wrong is asked of each example, when they run."""
        if self._around is None and not any(
            each.op is INPUT for each in self._sources(self.node_of(wrong))
        ):
            return super().checks(wrong)
        self.faults.append(wrong)
        return True

    def _sources(self, node: Node) -> set[Node]:
        """The node, and all that it depends on."""
        found = {node}
        for each in (stack := [node]):  # while it grows
            new = [source for source in links_of(each) if source not in found]
            found.update(new)
            stack += new
        return found

    def input(self, tensor: Any, name: str) -> Any:
        twin = super().input(tensor, name)
        self._made_here.append(weakref.ref(twin))
        return twin

    def call(
        self, record: Any, op: Op, inputs: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        result = super().call(record, op, inputs, params)
        parts = result if isinstance(result, (tuple, list)) else (result,)
        self._made_here += [weakref.ref(y) for y in parts if type(y) in tensor_types]
        return result

    def swept(self, run: Callable[..., Any], order: list[Node], cotangents: Any, *rest: Any) -> Any:
        for node, seed in cotangents.items():
            if isinstance(seed, (np.ndarray, np.generic)):
                cotangents[node] = wrap(seed)
        with enable_grad():
            return run(order, cotangents, *rest, True)

    def check_leaks(self) -> None:
        """Raise if a Tensor of the trace is still there: it holds the numbers of no example."""
        self._twins.clear()
        if not any(y() is not None for y in self._made_here):
            return
        gc.collect()
        for left in self._made_here:
            if (tensor := left()) is not None:
                raise TraceError(
                    f"vmap: {tensor._label()} left the function for a variable, list or attribute "
                    "outside: it holds the numbers of no example; return it from the function"
                )


def traced_on_one(one: Any, firsts: Sequence[Any], names: Sequence[str]) -> tuple[Traced, Any]:
    capture = ExampleCapture()
    try:
        with enable_grad():
            found = traced(one, firsts, "vmap", names, capture=capture)
            capture.faults.clear()
            return found, capture
    except TraceError as error:
        text = str(error)
        raise TraceError(text.replace("trace: ", "vmap: ", 1)) from None

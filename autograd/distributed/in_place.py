"""What collectives in place are made of: how their Tensors come to hold what comes.

They change Tensors by the one law of changes in place (tensors/assignment.py); what belongs to a
graph is given new by the functions of `autograd.distributed.nn`, and these have derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.distributed.groups import ProcessGroup
from autograd.distributed.work import Stages, Work
from autograd.engine.callers import caller
from autograd.engine.outputs import wrap
from autograd.tensors.assignment import change

__all__ = ["begun", "in_graph", "write"]


def write(tensor: Any, values: Any, function: str) -> Any:
    """Let a Tensor hold these numbers."""
    array = values.reshape(tensor.shape)
    return change(tensor, lambda _: wrap(array if array.ndim else array[()]), function)


def begun(
    group: ProcessGroup,
    text: str,
    stages: Callable[[str, str], Stages],
    finish: Callable[[], Any],
    async_op: bool,
) -> Any:
    """A collective that is waited for, or, `async_op`, its handle."""
    where = caller() or "?"
    stages_of: Any = stages(text, where) if group.size > 1 else iter(())
    work = group.run(text, stages_of, finish)
    return work if async_op else work.result()


def in_graph(tensor: Any, function: Callable[[Any], Any], name: str, async_op: bool) -> Any:
    """A change in place that is a part of a graph; it is waited for at once."""
    change(tensor, function, name)
    return Work(None, name, iter(()), lambda: tensor) if async_op else tensor  # type: ignore[arg-type]

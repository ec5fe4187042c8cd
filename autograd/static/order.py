"""The order of operations: control dependencies, tuple, no_op; Print and Assert, which act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.engine.node import by_age
from autograd.engine.operands import raw
from autograd.engine.row import WRITE, Op
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.static.functions import identity
from autograd.static.graph import get_default_graph
from autograd.static.symbol import Operation, Symbol, build
from autograd.static.variable import GROUP

__all__ = ["Assert", "Print", "control_dependencies", "no_op", "tuple"]


@contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """What is built inside runs after `control_inputs`, and reads variables as these leave them.

    None begins anew, without those of the blocks around.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     v = tf.Variable(1.0)
    ...     with tf.control_dependencies([tf.assign_add(v, 1.0)]):
    ...         after = tf.identity(v)
    ...     session.run(v.initializer)
    ...     [session.run(after), session.run(v)]
    [np.float32(2.0), np.float32(2.0)]
    """
    graph = get_default_graph()
    outer = graph.controls, graph.left
    given = [] if control_inputs is None else [*control_inputs]
    for part in given:
        if not isinstance(part, (Symbol, Operation)):
            raise ArgumentTypeError(f"control_dependencies: operations, not {part!r:.60}")
        if part.graph is not graph:
            raise ArgumentError(f"control_dependencies: {part!r} is of another graph")
    new = [part.node for part in given]
    if control_inputs is None:
        graph.controls, graph.left = (), {}
    else:
        graph.controls = (*outer[0], *new)
        writes = [n for n in by_age(graph.before(new)) if n.op is WRITE]
        graph.left = {**outer[1], **{n.params[0].node: n for n in writes}}
    try:
        yield
    finally:
        graph.controls, graph.left = outer


def tuple(tensors: Any, name: str = "tuple", control_inputs: Any = None) -> list[Any]:
    """The same symbols, each of which is there when all of them are."""
    found = [x for x in tensors if x is not None]
    with control_dependencies([*found, *(control_inputs or [])]):
        return [None if x is None else identity(x, name) for x in tensors]


def no_op(name: str = "NoOp") -> Operation:
    """An operation that does nothing."""
    made = build(GROUP, (), {}, name, ((), np.dtype(np.bool_)))
    return made.op


# ---- words and checks ----------------------------------------------------------------------------


def _print(x: Any, /, *data: Any, message: str, most: int) -> Any:
    """x, and the numbers beside it on the screen."""
    shown = " ".join(str(np.asarray(raw(d)).ravel()[:most]) for d in data)
    print(f"{message}{shown}")
    return x


def _assert(condition: Any, /, *data: Any, most: int) -> Any:
    """Nothing, or an error."""
    if not np.all(raw(condition)):
        shown = " ".join(str(np.asarray(raw(d)).ravel()[:most]) for d in data)
        raise ArgumentError(f"Assert: a condition is false: {shown}")
    return np.bool_(True)


PRINT, ASSERT = Op(_print, "print", {}), Op(_assert, "assert", {})
PRINT.record, ASSERT.record = _print, _assert


def Print(
    input_: Any, data: Sequence[Any], message: str = "", first_n: int | None = None,
    summarize: int = 3, name: str = "Print",
) -> Symbol:  # fmt: skip
    """`input_`, with `message` and the numbers of `data` printed at every run."""
    made = build(PRINT, (input_, *data), {"message": message, "most": summarize}, name,
                 input_.node.spec)  # fmt: skip
    return made


def Assert(
    condition: Any, data: Sequence[Any], summarize: int = 3, name: str = "Assert"
) -> Operation:
    """An operation that raises an error with the numbers of `data` where the condition is false."""
    made = build(ASSERT, (condition, *data), {"most": summarize}, name, ((), np.dtype(np.bool_)))
    return made.op

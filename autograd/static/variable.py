"""Variables: symbols whose values a session keeps; what gives them their first, and others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.row import STATE, WRITE, Op
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.static.graph import Graph, get_default_graph
from autograd.static.symbol import (
    Operation,
    Symbol,
    apply,
    as_constant,
    build,
    copied,
    session_or_default,
)
from autograd.static.types import dtype_of

__all__ = [
    "Variable", "all_variables", "assign", "assign_add", "assign_sub", "global_variables",
    "global_variables_initializer", "group", "initialize_all_variables", "initialize_variables",
    "local_variables_initializer", "trainable_variables",
    "variables_initializer",
]  # fmt: skip


def _together(*parts: Any) -> Any:
    """Operations that are run as one."""


GROUP = Op(_together, "group", {})


class Variable(Symbol):
    """A value that a session keeps from run to run, first `initial_value`: numbers or a symbol.

    `trainable` says whether optimizers change it; `dtype` is that of the initial value unless
    given. Before its initializer has run it has no value, which is an error.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.constant(35, name="x")
    ...     y = tf.Variable(x + 5, name="y")
    ...     session.run(tf.global_variables_initializer())
    ...     session.run(y)
    np.int32(40)
    """

    __slots__ = ("initial_value", "initializer", "trainable")

    def __init__(
        self,
        initial_value: Any,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        validate_shape: bool = True,
        collections: Any = None,
    ) -> None:
        name = name or "Variable"
        outside = get_default_graph()
        controls, outside.controls = outside.controls, ()  # its first value waits for nothing
        left, outside.left = outside.left, {}
        try:
            self._begin(initial_value, trainable, name, dtype)
        finally:
            outside.controls, outside.left = controls, left

    def _begin(self, initial_value: Any, trainable: bool, name: str, dtype: Any) -> None:
        if callable(initial_value) and not isinstance(initial_value, Symbol):
            initial_value = initial_value()
        first = initial_value
        if not isinstance(first, Symbol):
            first = as_constant(first, dtype)
        elif dtype is not None and first.dtype != dtype_of(dtype):
            first = apply("cast", first, dtype=dtype_of(dtype))
        if first.shape is None or None in first.shape:
            raise ShapeError(f"{name}: the shape of a variable is known from its initial value")
        graph = first.graph if isinstance(first, Symbol) else get_default_graph()
        with graph.as_default():
            made = build(STATE, (), {"held": None}, name, (tuple(first.shape), first.dtype))
        super().__init__(made.node, graph)
        graph._symbols[str(made.node.name)] = self
        self.initial_value, self.trainable = first, trainable
        graph.variables.append(self)
        self.initializer: Operation = _written(self, first, f"{name}/Assign").op

    def assign(self, value: Any) -> Symbol:
        """What gives it another value when it is run; the symbol is the new value."""
        return assign(self, value)

    def assign_add(self, value: Any) -> Symbol:
        """The same with the value added to what it has."""
        return assign_add(self, value)

    def assign_sub(self, value: Any) -> Symbol:
        """The same with the value taken from what it has."""
        return assign_sub(self, value)

    def value(self) -> Symbol:
        """Its value as a plain symbol."""
        return copied(self, "read")

    read_value = value

    def load(self, value: Any, session: Any = None) -> None:
        """Give it a value in a session at once."""
        session_or_default(session).give(self, value)

    def initialized_value(self) -> Any:
        """Its initial value, for other variables to begin with."""
        return self.initial_value

    def __repr__(self) -> str:
        return f"<Variable {self.name!r} shape={self.shape} dtype={self.dtype}>"


def _written(variable: Variable, value: Any, name: str) -> Symbol:
    given = value if isinstance(value, Symbol) else as_constant(value, variable.dtype)
    if given.dtype != variable.dtype:
        raise DTypeError(
            f"{variable.name} is {variable.dtype}, the value {given.dtype}: cast(value, "
            f"{variable.dtype})"
        )
    fits = given.shape is None or (
        len(given.shape) == len(variable.shape)
        and all(
            have in (None, want) for have, want in zip(given.shape, variable.shape, strict=True)
        )
    )
    if not fits:
        raise ShapeError(f"{variable.name} has shape {variable.shape}, the value {given.shape}")
    with variable.graph.as_default():
        return build(WRITE, (given,), {"held": variable}, name, variable.node.spec)


def _checked(variable: Any, function: str) -> Variable:
    if not isinstance(variable, Variable):
        raise ArgumentTypeError(f"{function}: a Variable is assigned to, not {variable!r:.60}")
    return variable


def assign(ref: Any, value: Any, name: str = "Assign") -> Symbol:
    """What gives the variable `ref` the value when it is run; the symbol is the new value.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     count = tf.Variable(0)
    ...     session.run(count.initializer)
    ...     [int(session.run(tf.assign(count, count + 2))) for _ in range(3)]
    [2, 4, 6]
    """
    return _written(_checked(ref, "assign"), value, name)


def assign_add(ref: Any, value: Any, name: str = "AssignAdd") -> Symbol:
    """What adds to a variable when it is run."""
    return _written(_checked(ref, "assign_add"), ref + value, name)


def assign_sub(ref: Any, value: Any, name: str = "AssignSub") -> Symbol:
    """What takes from a variable when it is run."""
    return _written(_checked(ref, "assign_sub"), ref - value, name)


def group(*operations: Any, name: str = "group") -> Operation:
    """One operation that runs several, symbols or operations."""
    parts = [op for op in operations if op is not None]
    for part in parts:
        if not isinstance(part, (Symbol, Operation)):
            raise ArgumentTypeError(f"group: operations are run together, not {part!r:.60}")
    graphs: set[Graph] = {part.graph for part in parts}
    if len(graphs) > 1:
        raise ArgumentError("group: the operations are of several graphs")
    with (graphs.pop() if graphs else get_default_graph()).as_default():
        made = build(GROUP, (), {}, name, ((), np.dtype(np.bool_)))
    made.node.many = tuple(part.node for part in parts)
    return made.op


def variables_initializer(var_list: Iterable[Any], name: str = "init") -> Operation:
    """The operation that gives these variables their initial values."""
    return group(*[_checked(v, "variables_initializer").initializer for v in var_list], name=name)


def global_variables_initializer() -> Operation:
    """The operation that gives every variable its initial value, those of optimizers too."""
    return variables_initializer(get_default_graph().variables)


def initialize_all_variables() -> Operation:
    """The older name of `global_variables_initializer`."""
    return global_variables_initializer()


def global_variables(scope: str | None = None) -> list[Any]:
    """All variables of the default graph, of the names that begin like `scope`."""
    return [v for v in get_default_graph().variables if not scope or re.match(scope, v.name)]


all_variables, initialize_variables = global_variables, variables_initializer


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimizers change, of the names that begin like `scope`."""
    return [v for v in global_variables(scope) if v.trainable]


def local_variables_initializer() -> Operation:
    """Nothing: a session has no variables of its own but those of the graph."""
    return group(name="init_local")

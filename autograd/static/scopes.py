"""Variables by name: scopes in which they are made once and used again; collections; devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from autograd.errors import ArgumentError, StateError
from autograd.static.graph import Graph, get_default_graph
from autograd.static.initializers import glorot_uniform_initializer
from autograd.static.symbol import Symbol
from autograd.static.types import dtype_of, float32
from autograd.static.variable import Variable

__all__ = [
    "AUTO_REUSE", "ConfigProto", "GPUOptions", "GraphKeys", "GraphOptions", "OptimizerOptions",
    "VariableScope", "add_to_collection", "device", "get_collection", "get_variable",
    "get_variable_scope", "is_compiled", "variable_scope",
]  # fmt: skip

AUTO_REUSE = "AUTO_REUSE"


class VariableScope:
    """A prefix of the names of variables, and whether those that are there are used again."""

    def __init__(
        self, name: str, reuse: Any = False, initializer: Any = None, regularizer: Any = None
    ) -> None:
        self.name, self.reuse = name, reuse
        self.initializer, self.regularizer = initializer, regularizer

    @property
    def original_name_scope(self) -> str:
        return f"{self.name}/" if self.name else ""

    def reuse_variables(self) -> None:
        """From now on variables of this scope are used again, and none is made."""
        self.reuse = True


def get_variable_scope() -> VariableScope:
    """The scope that we are in."""
    found = get_default_graph().variable_scope
    return VariableScope("") if found is None else found


@contextmanager
def variable_scope(
    name_or_scope: Any, default_name: str | None = None, values: Any = None,
    initializer: Any = None, regularizer: Any = None, reuse: Any = None,
) -> Iterator[VariableScope]:  # fmt: skip
    """A block in which `get_variable` makes variables named `name/...`, or with `reuse` finds them.

    >>> import autograd.static as tf
    >>> def layer():
    ...     with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
    ...         return tf.get_variable("w", [2, 3])
    >>> with tf.Graph().as_default():
    ...     layer() is layer(), layer().name
    (True, 'layer/w:0')
    """
    graph, outer = get_default_graph(), get_default_graph().variable_scope
    before = get_variable_scope()
    if isinstance(name_or_scope, VariableScope):
        name, opened = name_or_scope.name, name_or_scope.name.rpartition("/")[2]
        reuse = name_or_scope.reuse if reuse is None else reuse
        initializer = name_or_scope.initializer if initializer is None else initializer
    else:
        opened = _unused(graph, before, default_name) if name_or_scope is None else name_or_scope
        name = f"{before.name}/{opened}" if before.name else opened
    initializer = before.initializer if initializer is None else initializer
    regularizer = before.regularizer if regularizer is None else regularizer
    found = VariableScope(name, reuse or before.reuse, initializer, regularizer)
    graph.variable_scope = found
    try:
        with graph.name_scope(opened):
            yield found
    finally:
        graph.variable_scope = outer


def _unused(graph: Graph, before: VariableScope, name: str | None) -> str:
    """The default name of a scope, numbered if there are variables of that name."""
    if name is None:
        raise ArgumentError("variable_scope: give a name, or default_name=")
    prefix = f"{before.name}/" if before.name else ""
    found, count = name, 0
    while any(known.startswith(f"{prefix}{found}/") for known in graph.variables_by_name):
        count += 1
        found = f"{name}_{count}"
    return found


def get_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
    regularizer: Any = None, trainable: bool = True, collections: Any = None,
) -> Any:  # fmt: skip
    """The variable of a name in the present scope: a new one, or where `reuse` holds the known one.

    `initializer` makes the first value from a shape, or is that value; Glorot's uniform numbers
    are taken without one.
    """
    graph, scope = get_default_graph(), get_variable_scope()
    full = f"{scope.name}/{name}" if scope.name else name
    known = graph.variables_by_name.get(full)
    if known is not None:
        if not scope.reuse:
            raise StateError(
                f"the variable {full!r} is there already: reuse=True or reuse=AUTO_REUSE in its "
                "variable_scope takes it again; reset_default_graph() begins anew"
            )
        if shape is not None and tuple(_lengths(shape)) != tuple(known.shape):
            raise ArgumentError(f"the variable {full!r} is {known.shape}, and not {shape}")
        return known
    if scope.reuse is True:
        raise StateError(f"there is no variable {full!r} to reuse; reuse=AUTO_REUSE makes it")
    with graph.name_scope(None):
        first = _first_value(
            name, shape, dtype, scope.initializer if initializer is None else initializer
        )
        made = Variable(first, trainable=trainable, name=full)
    graph.variables_by_name[full] = made
    regularizer = scope.regularizer if regularizer is None else regularizer
    if regularizer is not None and (term := regularizer(made)) is not None:
        add_to_collection(GraphKeys.REGULARIZATION_LOSSES, term)
    return made


def _first_value(name: str, shape: Any, dtype: Any, initializer: Any) -> Any:
    kind = float32 if dtype is None else dtype_of(dtype)
    initializer = glorot_uniform_initializer if initializer is None else initializer
    if isinstance(initializer, type):
        initializer = initializer()
    if not callable(initializer) or isinstance(initializer, Symbol):
        return initializer
    if shape is None:
        raise ArgumentError(f"get_variable({name!r}): give a shape, or the first value")
    return initializer(_lengths(shape), dtype=kind)


def _lengths(shape: Any) -> list[int]:
    return [int(n) for n in ((shape,) if isinstance(shape, int) else shape)]


# ---- collections ---------------------------------------------------------------------------------


class GraphKeys:
    """The names of the collections that a graph keeps."""

    GLOBAL_VARIABLES = VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    LOCAL_VARIABLES = "local_variables"
    LOSSES = "losses"
    REGULARIZATION_LOSSES = "regularization_losses"
    UPDATE_OPS = "update_ops"


def add_to_collection(name: str, value: Any) -> None:
    """Keep something in the graph under a name."""
    get_default_graph().collections.setdefault(name, []).append(value)


def get_collection(key: str, scope: str | None = None) -> list[Any]:
    """What the graph keeps under a name, of the names that begin like `scope`."""
    graph = get_default_graph()
    found = [*graph.collections.get(key, [])]
    if key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES):
        is_all = key == GraphKeys.GLOBAL_VARIABLES
        found = [v for v in graph.variables if is_all or v.trainable] + found
    return [x for x in found if not scope or re.match(scope, getattr(x, "name", ""))]


# ---- devices: there is one -----------------------------------------------------------------------


def device(device_name_or_function: Any) -> Any:
    """A block on a device: all is done on the CPU."""
    return nullcontext()


class GPUOptions:
    """Options that mean nothing here."""

    def __init__(self, **options: Any) -> None:
        vars(self).update(options)


class OptimizerOptions(GPUOptions):
    """How graphs are run: with `global_jit_level=ON_1` by compiled loops."""

    DEFAULT, OFF, ON_1, ON_2 = 0, -1, 1, 2
    L0, L1 = -1, 0

    def __init__(self, global_jit_level: int = 0, **options: Any) -> None:
        self.global_jit_level = global_jit_level
        super().__init__(**options)


class GraphOptions(GPUOptions):
    """Holds `optimizer_options`."""

    def __init__(self, optimizer_options: Any = None, **options: Any) -> None:
        self.optimizer_options = optimizer_options or OptimizerOptions()
        super().__init__(**options)


class ConfigProto(GPUOptions):
    """The configuration of a session: `graph_options.optimizer_options.global_jit_level`."""

    def __init__(self, **options: Any) -> None:
        self.gpu_options = GPUOptions()
        self.graph_options = GraphOptions()
        super().__init__(**options)


def is_compiled(config: Any) -> bool:
    """Whether a configuration asks for compiled loops."""
    graph_options = getattr(config, "graph_options", None)
    level = getattr(getattr(graph_options, "optimizer_options", None), "global_jit_level", 0)
    return bool(level > 0)

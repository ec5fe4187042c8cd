"""The graph that a program builds: nodes without values, under TensorFlow's names."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd.engine.node import Node
from autograd.engine.row import CONSTANT, INPUT, STATE
from autograd.errors import ArgumentTypeError, UnknownNameError

__all__ = [
    "Graph", "default_session", "disable_eager_execution", "disable_v2_behavior",
    "get_default_graph", "name_scope", "reset_default_graph",
]  # fmt: skip


class Graph:
    """Operations on values that are not there yet; a program builds into the default graph.

    >>> import autograd.static as tf
    >>> graph = tf.Graph()
    >>> with graph.as_default():
    ...     total = tf.constant(10) + tf.constant(32)
    >>> total.graph is graph
    True
    >>> [node.name for node in graph.nodes]
    ['Const', 'Const_1', 'add']
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.variables: list[Any] = []
        self.variables_by_name: dict[str, Any] = {}  # those of get_variable
        self.variable_scope: Any = None
        self.collections: dict[str, list[Any]] = {}
        self.seed: int | None = None
        self.controls: tuple[Node, ...] = ()  # what runs before all that is built now
        self.left: dict[Node, Node] = {}  # what these leave in variables
        self.controls_of: dict[Node, tuple[Node, ...]] = {}
        self._symbols: dict[str, Any] = {}
        self._scope = ""

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Build into this graph inside the block."""
        token = _default.set(self)
        try:
            yield self
        finally:
            _default.reset(token)

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Names inside the block begin with `name/`."""
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"name_scope: a name is a string, not {name!r:.60}")
        outer = self._scope
        self._scope = f"{self._unique(name)}/" if name else ""
        try:
            yield self._scope
        finally:
            self._scope = outer

    def _unique(self, name: str) -> str:
        """The name in the present scope, numbered if it is taken."""
        wanted = found = self._scope + name
        count = 0
        while found in self._symbols:
            count += 1
            found = f"{wanted}_{count}"
        self._symbols[found] = None
        return found

    def add(self, node: Node, symbol: Any, name: str) -> None:
        """Take in a node that was built, and the symbol that stands for its value."""
        node.more().name = found = self._unique(name)
        if self.controls and node.op not in (STATE, CONSTANT, INPUT):
            self.controls_of[node] = self.controls
        self.nodes.append(node)
        self._symbols[found] = symbol

    def sources_of(self, node: Node) -> Iterator[Node]:
        """What is run for a node: its inputs, and what it was told to run after."""
        yield from (x for x in node.inputs if isinstance(x, Node))
        yield from self.controls_of.get(node, ())

    def before(self, nodes: Iterable[Node], known: Container[Node] = ()) -> dict[Node, None]:
        """The nodes, and all that is run for them, but for what is known."""
        found = dict.fromkeys(node for node in nodes if node not in known)
        for node in (stack := list(found)):  # while it grows
            for source in self.sources_of(node):
                if source not in found and source not in known:
                    found[source] = None
                    stack.append(source)
        return found

    def get_tensor_by_name(self, name: str) -> Any:
        """The symbol of a name, `"loss:0"`."""
        operation, _, output = name.partition(":")
        symbol = self._symbols.get(operation)
        if symbol is None or output != "0":
            raise UnknownNameError(f"the graph has no {name!r}{self._instead(name)}")
        return symbol

    def _instead(self, name: str) -> str:
        """The nearest names, or some of those that there are."""
        known = [n for n, s in self._symbols.items() if s is not None]
        if name in known:
            return f"; names of symbols end in ':0': '{name}:0'"
        near = difflib.get_close_matches(name.partition(":")[0], known, 3, 0.5)
        if near:
            return "; near it are " + ", ".join(f"'{n}:0'" for n in near)
        more = f" and {len(known) - 8} more" if len(known) > 8 else ""
        return f"; names end in ':0'. It has {', '.join(known[:8]) or 'nothing yet'}{more}"

    def get_operation_by_name(self, name: str) -> Any:
        """The operation of a name, `"train"`."""
        return self.get_tensor_by_name(f"{name}:0").op

    def finalize(self) -> None:
        """Nothing: it may grow on."""

    def get_operations(self) -> list[Any]:
        """All operations, in the order in which they were built."""
        return [self._symbols[str(node.name)].op for node in self.nodes]

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} operations>"


_first = Graph()
_default: ContextVar[Graph | None] = ContextVar("chaingrad_static_graph", default=None)
default_session: ContextVar[Any] = ContextVar("chaingrad_static_session", default=None)


def get_default_graph() -> Graph:
    """The graph that is built into now.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default() as graph:
    ...     tf.get_default_graph() is graph
    True
    """
    return _default.get() or _first


def reset_default_graph() -> None:
    """Begin anew: an empty graph is the default one from now on.

    >>> import autograd.static as tf
    >>> tf.reset_default_graph()
    >>> tf.get_default_graph()
    <Graph of 0 operations>
    """
    global _first
    _first = Graph()


def name_scope(name: str | None) -> Any:
    """A block in which names begin with `name/`, numbered if there is one such block already.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.name_scope("layer"):
    ...     tf.constant(1.0, name="bias")
    <Symbol 'layer/bias:0' shape=() dtype=float32>
    """
    return get_default_graph().name_scope(name)


def disable_eager_execution() -> None:
    """Nothing: here graphs are always built first."""


def disable_v2_behavior() -> None:
    """Nothing: this is how version 1 behaves."""

"""Node: one recorded operation, or one leaf; and the iterative topological order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple
from weakref import ref

import numpy as np

from autograd.engine.modes import Scope
from autograd.engine.row import Op

__all__ = [
    "FEW",
    "TIED",
    "Constant",
    "Node",
    "Ties",
    "by_age",
    "constant_value",
    "new_node",
    "next_number",
    "note_ties",
    "reachable",
    "topological",
]

# One clock for the whole engine: nodes and in-place changes draw from it, so that "was this
# value changed after it was recorded?" is one comparison of integers.
next_number = count(1).__next__
new_object = object.__new__
by_number = attrgetter("number")
FEW = 2  # inputs, which have slots of their own


class Ties(NamedTuple):
    """Values of an output that coincide (see sweep/limits.py): how the outputs may move."""

    values: int  # which output
    part: Any  # the values, away from each other
    turn: dict[int, Any]  # the other outputs, to vectors that might have been chosen as well


class Extra:
    """What few nodes have: a name, a gradient that is kept, hooks, a source line, large arrays."""

    __slots__ = (
        "choice", "grad", "hooks", "is_large", "is_linked", "name", "past", "retains", "stack",
        "ties", "where",
    )  # fmt: skip

    def __init__(self) -> None:
        self.name: str | None = None
        self.grad: Any = None  # the Tensor that `.grad` shows
        self.retains = False
        self.hooks: dict[int, Any] | None = None
        self.where: str | None = None
        self.stack: tuple[tuple[str, int, str], ...] = ()  # that line, and the calls it ran in
        self.is_large = False  # the sweep may take it in blocks
        self.is_linked = False  # Nodes lie in its static parameters, as in the graph of a call
        self.ties: Ties | None = None  # values among the outputs that coincide
        self.past: list[tuple[int, Any]] | None = None  # until when a leaf had which number
        self.choice: str | None = None  # what left the graph, and came back here as a constant


class Constant:
    """A named input that needs no gradient: its value at the time of recording."""

    __slots__ = ("name", "value")

    def __init__(self, value: Any, name: str) -> None:
        self.value = value
        self.name = name


def constant_value(source: Any) -> Any:
    """The value of an input that is no Node: a plain one itself, or a named Constant's."""
    return source.value if type(source) is Constant else source


class Node:
    """One operation of the graph: the op, where its inputs come from, and what its rules saved.

    `inputs` holds a Node for each input that needs a gradient, and the plain value (or a named
    Constant) for each one that does not. A Node never refers to a Tensor, so an intermediate array
    lives only if a rule asked for it. A leaf is a Node too, with the op `leaf` and no inputs.

    The first two inputs have slots, x and y: Python's garbage collector, which walks over a growing
    graph again and again, took longer over tuples of them than recording does.
    """

    __slots__ = (
        "__weakref__",
        "extra",
        "many",
        "number",
        "op",
        "params",
        "saved",
        "scope",
        "spec",
        "x",
        "y",
    )

    op: Op
    x: Any  # of an op of one or two inputs the first; else None
    y: Any  # of an op of two inputs the second; else None
    many: tuple[Any, ...] | None  # the inputs of all other ops; else None
    params: tuple[Any, ...]  # static parameters, in the order of op.params
    saved: Any  # what the rules named: (*inputs, out, *params, *shapes); None once freed
    number: int  # creation number: parents have smaller ones
    spec: Any  # a NumPy scalar type for 0-d scalars, else (shape, dtype)
    scope: Scope | None
    extra: Extra | None

    @property
    def inputs(self) -> tuple[Any, ...]:
        """Where the inputs come from, or their values, in the order of the op's."""
        if self.many is not None:
            return self.many
        return (self.x, self.y)[: len(self.op.inputs)]

    @inputs.setter
    def inputs(self, inputs: tuple[Any, ...]) -> None:
        few = len(inputs) == len(self.op.inputs) <= FEW and not self.op.variadic
        self.x, self.y = (*inputs, None, None)[:FEW] if few else (None, None)
        self.many = None if few else inputs

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output."""
        return self.spec[0] if type(self.spec) is tuple else ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the output."""
        found: np.dtype[Any] = self.spec[1] if type(self.spec) is tuple else np.dtype(self.spec)
        return found

    @property
    def name(self) -> str | None:
        """The user's name for the output."""
        return None if self.extra is None else self.extra.name

    @property
    def where(self) -> str | None:
        """`file.py:42` of the line that recorded this node, if `tracing` was on."""
        return None if self.extra is None else self.extra.where

    def place(self) -> str:
        """Where it was recorded, as the end of a sentence: the module, and the line."""
        module = f" in {self.scope!r}" if self.scope is not None else ""
        if self.where is not None:
            return f"{module} at {self.where}"
        if self.is_leaf or self.op.name == "output":
            return module
        return f"{module} (record under autograd.tracing() to see the line)"

    def calls(self) -> str:
        """The user's calls in which it was recorded, a line each, the innermost last; or nothing.

        None are known without `tracing`.
        """
        stack = self.extra.stack if self.extra is not None else ()
        if not stack:
            return ""
        from linecache import getline  # late: only for messages

        lines = (
            f"\n    {file}:{line}, in {name}: {getline(file, line).strip()}".rstrip(": ")
            for file, line, name in reversed(stack)
        )
        return "\n  recorded in:" + "".join(lines)

    @property
    def is_leaf(self) -> bool:
        return not self.op.inputs

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """PyTorch's view of the links: (node of the input or None, output number)."""
        return tuple((i if type(i) is Node else None, 0) for i in self.inputs)

    def more(self) -> Extra:
        """The node's Extra, made at the first call."""
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    def label(self) -> str:
        """The best short name: the user's, else the op's with the creation number."""
        return self.name or f"{self.op.name}#{self.number}"

    def parameters(self) -> dict[str, Any]:
        """The static parameters by name."""
        return dict(zip(self.op.params, self.params, strict=True))

    def __repr__(self) -> str:
        if self.is_leaf:
            return f"<{self.op.name} {self.label()} {self.shape} {self.dtype}>"
        inputs = ", ".join(i.label() if type(i) is Node else _short(i) for i in self.inputs)
        statics = "".join(
            f", {k}={_short(v)}" for k, v in self.parameters().items() if v is not None
        )
        named = f" -> {self.name}" if self.name else ""
        place = f" in {self.scope!r}" if self.scope is not None else ""
        return f"<{self.op.name}({inputs}{statics}){named}{place}>"


def _short(value: Any) -> str:
    if isinstance(value, Constant):
        return value.name
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    return repr(value.item() if isinstance(value, np.generic) else value)


def spec_of(value: Any) -> Any:
    """A NumPy scalar's type, else (shape, dtype): one pointer comparison tells scalars alike."""
    kind = type(value)
    if kind is np.ndarray or not issubclass(kind, np.generic):
        return value.shape, value.dtype
    return kind


def new_node(op: Op, inputs: tuple[Any, ...], out: Any, scope: Scope | None = None) -> Node:
    """A node outside the hot path (which writes these lines out)."""
    node = Node()
    node.op = op  # before the inputs, which ask it how many they are
    node.inputs = inputs
    node.params = ()
    node.saved = ()
    node.number = next_number()
    node.spec = spec_of(out)
    node.scope = scope
    node.extra = None
    return node


TIED: set[ref[Node]] = set()  # the living nodes with values that coincide (see sweep/limits.py)


def note_ties(node: Node, ties: Ties) -> None:
    """Remember that values of a new node coincide."""
    node.more().ties = ties
    TIED.add(ref(node, TIED.discard))


def reachable(roots: Iterable[Node]) -> dict[Node, Any]:
    """Every node that the roots depend on, and they, as keys. No recursion: memory is the bound."""
    found: dict[Node, Any] = dict.fromkeys(roots)
    nodes = list(found)
    push = nodes.append
    for node in nodes:  # while it grows
        if node.many is None:  # written out: a loop would make a tuple and an iterator
            parent = node.x
            if type(parent) is Node and parent not in found:
                found[parent] = None
                push(parent)
            parent = node.y
            if type(parent) is Node and parent not in found:
                found[parent] = None
                push(parent)
            continue
        for parent in node.many:
            if type(parent) is Node and parent not in found:
                found[parent] = None
                push(parent)
    return found


def by_age(nodes: Iterable[Node]) -> list[Node]:
    """Oldest first, which is a topological order: a parent is always older than its child."""
    return sorted(nodes, key=by_number)


def topological(roots: Iterable[Node]) -> list[Node]:
    """Every node that the roots depend on, parents first."""
    return by_age(reachable(roots))

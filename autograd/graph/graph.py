"""Graph: the recorded DAG as an object that can be walked, replayed, compared and printed.

Drawing, checking and compiling read this one object; none keeps a second model of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from autograd.engine.constants import LARGE
from autograd.engine.node import Constant, Node, constant_value, topological
from autograd.engine.recorder import tensor_types
from autograd.engine.trail import decisions
from autograd.errors import BackwardError, ReplayError, ShapeError
from autograd.graph.interpret import apply, interpret

__all__ = ["Graph", "Verdict", "bind_verify"]


class Verdict(Protocol):
    """What a check of a graph found: true if nothing is wrong, in words by `str`."""

    @property
    def passed(self) -> bool: ...
    @property
    def failures(self) -> tuple[Any, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def __bool__(self) -> bool: ...
    def summary(self) -> str: ...


_verify: Callable[..., Verdict]  # set by gradcheck, which looks at graphs from outside


def bind_verify(verify: Callable[..., Verdict]) -> None:
    """Tell graphs how they are checked."""
    global _verify
    _verify = verify


class Graph:
    """The operations that one or more Tensors were computed by.

    `nodes` are in topological order, parents first; each has `op`, `inputs` (Nodes, or the values
    of those that need no gradient), `params`, `shape`, `dtype`, `name` and `scope`.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0, requires_grad=True, name="x")
    >>> y = x * x + 1
    >>> graph = ag.Graph(y)
    >>> [node.op.name for node in graph]
    ['leaf', 'multiply', 'add']
    >>> graph.replay({"x": 4.0})
    np.float32(17.0)
    """

    __slots__ = ("nodes", "outputs")

    nodes: tuple[Node, ...]
    outputs: tuple[Node, ...]

    def __init__(self, *outputs: Any) -> None:
        self.outputs = tuple(_node(output) for output in outputs)
        self.nodes = tuple(topological(self.outputs))

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The Tensors that require grad and that the user made."""
        return tuple(node for node in self.nodes if node.is_leaf)

    @property
    def constants(self) -> tuple[Any, ...]:
        """The arrays and named values that entered without needing a gradient, each once."""
        found = {
            _identity(value): value
            for node in self.nodes
            for value in node.inputs
            if type(value) is not Node and isinstance(value, (np.ndarray, Constant))
        }
        return tuple(found.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return node in self.nodes

    # ---- replay --------------------------------------------------------------------------------

    def values(
        self,
        leaves: Mapping[Any, Any] | None = None,
        change: Callable[[Node, Any], Any] | None = None,
    ) -> dict[Node, Any]:
        """Run the graph again and return the value of every node.

        `leaves` gives new values by leaf Tensor, leaf Node or name; the others keep theirs. Where a
        new value is a Tensor, what follows from it is recorded anew; raw arrays give raw arrays.
        `change(node, value)` gives the value that what follows shall see.
        """
        given = self._by_node(leaves or {})
        values = {leaf: given.get(leaf, leaf.saved[0]) for leaf in self.leaves}
        if change is None:
            return interpret(self.nodes, values)
        return interpret(self.nodes, values, lambda node, xs: change(node, apply(node, xs)))

    def replay(self, leaves: Mapping[Any, Any] | None = None, *, keep_choices: bool = False) -> Any:
        """Run the graph again on new leaves: the output, or a tuple of them.

        Ops choose anew (the maxima of a pool, the order of a sort). What was computed from leaves
        outside the graph is in it as a constant: a mask, indices, what was detached, an `if`. On
        new leaves that raises a ReplayError, unless `keep_choices` asks for those of the recording.
        """
        if leaves and not keep_choices:
            self._check_choices(leaves)
        values = self.values(leaves)
        results = tuple(values[output] for output in self.outputs)
        return results[0] if len(results) == 1 else results

    def _check_choices(self, leaves: Mapping[Any, Any]) -> None:
        """Raise if something that a leaf had decided is a constant here."""
        advice = (
            "\n  Run the function again on the new values, or keep the choices of the recording: "
            "graph.replay(leaves, keep_choices=True)."
        )
        for node in self.nodes:
            if node.extra is not None and node.extra.choice is not None:
                place = f" at {node.where}" if node.where else ""
                raise ReplayError(
                    f"replay: {node.label()}{place} was given a constant that depended on a leaf "
                    f"and had left the graph by {node.extra.choice}; on new leaves it may be "
                    "another." + advice
                )
        first = min((leaf.number for leaf in self._by_node(leaves)), default=0)
        last = max(node.number for node in self.nodes)
        for number, what in decisions:
            if first < number < last:
                raise ReplayError(
                    f"replay: {what} was asked for before this graph was complete, and decided "
                    "what Python recorded; on new leaves it may be another." + advice
                )

    def _by_node(self, leaves: Mapping[Any, Any]) -> dict[Node, Any]:
        own = {leaf: leaf for leaf in self.leaves}
        names = {leaf.name: leaf for leaf in self.leaves if leaf.name}
        given = {}
        for key, value in leaves.items():
            node = names.get(key) if isinstance(key, str) else own.get(getattr(key, "_node", key))
            if node is None:
                known = ", ".join(sorted(names)) or "none has a name"
                raise KeyError(
                    f"replay: {key!r} is no leaf of this graph (leaves by name: {known})"
                )
            if np.shape(value) != node.shape:
                raise ShapeError(
                    f"replay: {node.label()} is {node.shape}, the new value {np.shape(value)}"
                )
            if type(value) not in tensor_types:
                value = np.asarray(value, node.dtype)
                value = value if value.ndim else value[()]
            given[node] = value
        return given

    # ---- check ---------------------------------------------------------------------------------

    def verify(self, **options: Any) -> Verdict:
        """Check every node's rules at the values that it saw (see `autograd.gradcheck.verify`).

        `options` are those of `gradcheck`. The report names a wrong node by its number, op, source
        line (recorded under `autograd.tracing()`) and module.

        >>> import autograd as ag
        >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
        >>> bool(ag.Graph((x * x).sum()).verify())
        True
        """
        return _verify(self, **options)

    # ---- compare and print ---------------------------------------------------------------------

    def same_structure(self, other: Graph) -> bool:
        """Whether both are the same ops, linked the same way, on the same shapes and dtypes."""
        return self._structure() == other._structure()

    def _structure(self) -> list[tuple[Any, ...]]:
        number = {node: i for i, node in enumerate(self.nodes)}
        return [
            (
                node.op.name,
                tuple(number[i] if type(i) is Node else _constant_key(i) for i in node.inputs),
                _params_key(node.params),
                repr(node.spec),
            )
            for node in self.nodes
        ] + [(tuple(number[node] for node in self.outputs),)]

    def __str__(self) -> str:
        """A table, one line a node: number, op, inputs, shape, dtype, name, module."""
        number = {node: i for i, node in enumerate(self.nodes)}
        rows = [("#", "op", "inputs", "shape", "dtype", "name", "module")]
        for i, node in enumerate(self.nodes):
            inputs = ", ".join(
                f"#{number[x]}" if type(x) is Node else _constant_text(x) for x in node.inputs
            )
            shape, dtype = _shape_text(node)
            scope = repr(node.scope) if node.scope is not None else ""
            rows.append((str(i), node.op.name, inputs, shape, dtype, node.name or "", scope))
        widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
        lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in rows)
        return "\n".join(line.rstrip() for line in lines)

    def __repr__(self) -> str:
        return f"<Graph of {len(self.nodes)} nodes, {len(self.leaves)} leaves>"


def _node(output: Any) -> Node:
    node = output if type(output) is Node else getattr(output, "_node", None)
    if type(node) is not Node:
        raise BackwardError(
            f"{type(output).__name__} has no graph: it does not require grad, or recording was off"
        )
    return node


def _identity(value: Any) -> Any:
    """What tells constants apart: of small arrays, of which each op has a copy, the numbers."""
    name, array = (value.name, value.value) if type(value) is Constant else (None, value)
    if isinstance(array, np.ndarray) and array.nbytes < LARGE:
        return (name, array.shape, array.dtype, array.tobytes())
    return (name, id(array))


def _constant_key(value: Any) -> Any:
    """A constant's kind, not its value: other data through the same model is the same structure."""
    value = constant_value(value)
    return ("constant", np.shape(value), str(getattr(value, "dtype", type(value).__name__)))


def _params_key(value: Any) -> Any:
    """Static parameters to the last element: they decide what an op does."""
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    return tuple(map(_params_key, value)) if isinstance(value, tuple) else repr(value)


def _constant_text(value: Any) -> str:
    if isinstance(value, Constant):
        return value.name
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)


def _shape_text(node: Node) -> tuple[str, str]:
    if isinstance(node.spec, list):
        return f"{len(node.spec)} outputs", ""
    return "×".join(map(str, node.shape)) or "scalar", str(node.dtype)

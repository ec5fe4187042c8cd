"""Graph: the recorded DAG as an object that can be walked, replayed, compared and printed.

Drawing, checking and compiling read this one object; none keeps a second model of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.constants import LARGE
from autograd.engine.generators import Rng
from autograd.engine.node import Constant, Node, topological
from autograd.engine.operands import tensor_types
from autograd.engine.row import CONSTANT, DRAW, INPUT, LEAF, PARAMETER, STATE, WRITE
from autograd.engine.trail import decisions
from autograd.errors import (
    ArgumentTypeError,
    BackwardError,
    ReplayError,
    ShapeError,
    UnknownNameError,
)
from autograd.graph.call import Call, trace
from autograd.graph.interpret import interpret
from autograd.graph.replay import given_value, held_value, replay, run_in, values_for
from autograd.graph.structure import structure
from autograd.graph.table import table
from autograd.graph.verdict import Verdict, read_by, verified

__all__ = ["Graph"]


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

    `Graph(f, *args, **kwargs)` traces a call, of a function or a model, with all that it depends
    on: Tensors and arrays among the arguments (of any dtype; integers, and what needs no gradient)
    are `inputs`, known by the names of the parameters. Parameters, buffers, random draws and what
    the call writes to are nodes too. Tracing changes no Tensor: what the call wrote is put back.

    >>> import numpy as np
    >>> graph = ag.Graph(lambda x, at: ag.take(x, at) * 2, np.arange(3.0), np.array([2, 0]))
    >>> graph.replay({"at": [1, 1]})
    array([2., 2.])
    >>> print(graph)
    #  op        inputs   shape  dtype    name  module
    0  input              3      float64  x
    1  input              2      int64    at
    2  take      #0, #1   2      float64
    3  multiply  #2, 2    2      float64
    """

    __slots__ = ("call", "nodes", "outputs")

    call: Call | None  # of a traced graph
    nodes: tuple[Node, ...]
    outputs: tuple[Node, ...]

    def __init__(self, *outputs: Any, **kwargs: Any) -> None:
        first = outputs[0] if outputs else None
        if callable(first):
            self.call, self.nodes, self.outputs = trace(first, outputs[1:], kwargs)
            return
        if kwargs:
            raise ArgumentTypeError(f"Graph of Tensors takes no {', '.join(kwargs)}: it is no call")
        self.call = None
        self.outputs = tuple(_node(output) for output in outputs)
        self.nodes = tuple(topological(self.outputs))

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The Tensors that require grad and that the user made."""
        return tuple(node for node in self.nodes if node.op is LEAF or node.op is PARAMETER)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """What a traced call was given."""
        return self._of(INPUT)

    @property
    def draws(self) -> tuple[Node, ...]:
        """The random numbers of a traced call."""
        return self._of(DRAW)

    @property
    def state(self) -> tuple[Node, ...]:
        """The buffers that a traced call reads, as they are when it begins."""
        return self._of(STATE)

    @property
    def writes(self) -> tuple[Node, ...]:
        """The Tensors that a traced call writes to, each with its last value."""
        return self._of(WRITE)

    def _of(self, op: Any) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.op is op)

    @property
    def tape(self) -> Graph:
        """Where gradients flow: the graph itself, or that part of a traced call."""
        if self.call is None:
            return self
        if not self.call.tape:
            raise BackwardError("no output of the call requires grad, so no gradient flows in it")
        return Graph(*self.call.tape)

    @property
    def constants(self) -> tuple[Any, ...]:
        """The arrays and named values that entered without needing a gradient, each once."""
        found = {
            _identity(value): value
            for node in self.nodes
            for value in node.inputs
            if type(value) is not Node and isinstance(value, (np.ndarray, Constant))
        }
        return (*found.values(), *map(held_value, self._of(CONSTANT)))

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return node in self.nodes

    # ---- replay --------------------------------------------------------------------------------

    @spelled
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
        if self.call is not None and given:
            return values_for(self.call, self, given)
        values = {n: given[n] if n in given else held_value(n) for n in self.nodes if n.is_leaf}
        run = run_in(values)
        if change is None:
            return interpret(self.nodes, values, run)
        return interpret(self.nodes, values, lambda node, xs: change(node, run(node, xs)))

    @spelled
    def replay(
        self,
        leaves: Mapping[Any, Any] | None = None,
        *,
        keep_choices: bool = False,
        rng: Rng = None,
        update_state: bool = False,
    ) -> Any:
        """Run the graph again on new leaves: the output, or a tuple of them.

        Ops choose anew (the maxima of a pool, the order of a sort). What was computed from leaves
        outside the graph is in it as a constant: a mask, indices, what was detached, an `if`. On
        new leaves that raises a ReplayError, unless `keep_choices` asks for those of the recording.

        **A traced call** gives the numbers that the call itself would give now for other inputs, in
        the structure that it returned, as arrays and without a gradient. Parameters, buffers, and
        Tensors and arrays that it found have their present values. Random numbers are those of the
        recording, so that a replay can be compared; `rng`, a generator or a seed, draws them anew,
        as the call would inside `random.drawing_from`. Buffers are written to only with
        `update_state`. For inputs of another shape or dtype the call is traced again, since Python
        may have looked at shapes. A value that Python looked at (an `if`, `item`) must be what it
        was, and a call that does what no graph holds (`backward`) is not run: a ReplayError names
        the line.
        """
        if self.call is not None:
            return replay(
                self.call,
                self,
                self._by_node(leaves or {}),
                keep_choices=keep_choices,
                rng=rng,
                update_state=update_state,
            )
        if rng is not None or update_state:
            raise ReplayError(
                "replay: a graph of Tensors knows no random draws and no state; trace the call, "
                "Graph(f, *args), for one that does"
            )
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
        sources = [node for node in self.nodes if node.is_leaf and node.op is not DRAW]
        own = {leaf: leaf for leaf in sources} | {
            id(leaf.params[0]): leaf for leaf in sources if leaf.params
        }
        names = {leaf.name: leaf for leaf in reversed(sources) if leaf.name}
        given = {}
        for key, value in leaves.items():
            node = (
                names.get(key)
                if isinstance(key, str)
                else own.get(id(key)) or own.get(getattr(key, "_node", key))
            )
            if node is None:
                none = "none has a name; the Tensor itself is a key, {w: value}"
                known = ", ".join(sorted(names)) or none
                raise UnknownNameError(
                    f"replay: {key!r} is no leaf of this graph (leaves by name: {known})"
                )
            if self.call is not None:
                given[node] = given_value(node, value)
                continue
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
        return verified(self, **options)

    @spelled
    def precision(self) -> Any:
        """How many digits of each node's value are right: a replay in float64 and long double.

        The nodes that lose digits are told, the worst first, with what to write instead where the
        formula is known (see `autograd.debugging.precision`); `str` makes a table.

        >>> import autograd as ag
        >>> x = ag.Tensor(1e-3, requires_grad=True)
        >>> print(ag.Graph(ag.exp(x) - 1).precision())
        The result has 4.6 correct digits; 1 of 2 nodes loses some, the most first:
        #   op        digits  in float64  lost  module  line
        #2  subtract  4.6     13.1        2.6
            exp(x) - 1 cancels: expm1(x)
        """
        return read_by("precision", self)

    @spelled
    def memory(self) -> Any:
        """What the graph keeps alive, in bytes, by op and by module, and what backward frees.

        Arrays that views share count once (see `autograd.debugging.memory`).

        >>> import autograd as ag
        >>> x = ag.ones(1000, requires_grad=True)
        >>> print(ag.Graph(ag.exp(x).sum()).memory())
        op    nodes  saved inputs  saved outputs  constants  leaves    freed
        exp   1      -             3.91 KiB       -          -         3.91 KiB
        leaf  1      -             -              -          3.91 KiB  -
        sum   1      -             -              -          -         -
        all   3      -             3.91 KiB       -          3.91 KiB  3.91 KiB
        """
        return read_by("memory", self)

    # ---- compare and print ---------------------------------------------------------------------

    @spelled
    def same_structure(self, other: Graph) -> bool:
        """Whether both are the same ops, linked the same way, on the same shapes and dtypes."""
        return structure(self.nodes, self.outputs) == structure(other.nodes, other.outputs)

    def __str__(self) -> str:
        """A table, one line a node: number, op, inputs, shape, dtype, name, module."""
        return table(self.nodes)

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

"""Session: it runs what its fetches depend on, and keeps the variables' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import Token
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.generators import draw
from autograd.engine.modes import enable_grad
from autograd.engine.node import Node, by_age, spec_of
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import CONSTANT, DRAW, INPUT, STATE, WRITE
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, StateError
from autograd.graph.interpret import apply, inputs_of
from autograd.static.control import CHOICE, LOOP, SLICES, run_control
from autograd.static.graph import Graph, default_session, get_default_graph
from autograd.static.plans import Plan, plan_of
from autograd.static.scopes import is_compiled
from autograd.static.shapes import shown_shape
from autograd.static.sweeps import GRADIENTS, Sweeps
from autograd.static.symbol import Operation, Symbol
from autograd.static.variable import GROUP

__all__ = ["InteractiveSession", "Session", "get_default_session"]

MOST = 64  # kinds of runs, and plans of each, that a session keeps
MISSING: Any = object()


class Session:
    """Where a graph is run: `run` gives values, and variables keep theirs from run to run.

    `graph` is the one that is run, the default graph unless given. All fetches of a run see the
    variables as they were before it; what the run assigns is theirs after it.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [None, 2], name="x")
    ...     session.run(tf.reduce_sum(x, 1), feed_dict={x: [[1, 2], [3, 4], [5, 6]]})
    array([ 3.,  7., 11.], dtype=float32)
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if target:
            raise ArgumentError(f"a session runs in this process; there is no target {target!r}")
        self.graph = graph or get_default_graph()
        self._values: dict[Node, Any] = {}  # of the variables
        self._generators: dict[Node, Any] = {}
        self._is_compiled = is_compiled(config)
        self._walks: dict[Any, _Walk] = {}
        self._is_closed = False
        self._tokens: list[Token[Any]] = []

    def __repr__(self) -> str:
        state = ", closed" if self._is_closed else f", values of {len(self._values)} variables"
        return f"<Session of {self.graph!r}{state}>"

    # ---- running -------------------------------------------------------------------------------

    @spelled
    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """The values of `fetches`, in their structure: symbols, operations, names, nested.

        `feed_dict` gives values for placeholders, or for any other symbol. An operation gives
        None. A placeholder that is needed and not fed, a variable that no initializer has run for,
        a value of another shape or dtype and what is of another graph raise errors that name it.
        """
        if self._is_closed:
            raise StateError("the session is closed")
        if feed_dict is not None and not isinstance(feed_dict, Mapping):
            what = type(feed_dict).__name__
            raise ArgumentTypeError(f"feed_dict is a dict, {{x: numbers}}, not {what}")
        fed = {self._node(key, "feed"): (key, value) for key, value in (feed_dict or {}).items()}
        values = {node: _fed(node, value) for node, (_, value) in fed.items()}
        wanted: list[Node] = []
        shape = self._structure(fetches, wanted)
        walk = self._walk_of(wanted, values)
        plan = self._plan_of(walk, values)
        if plan is None:
            found: Mapping[Node, Any] = self._walked(walk, dict(values))
            for variable, node in walk.written.items():
                self._set(variable, _plain(found[node]))
        else:
            found = plan(values, self._variable)
            for variable, node in walk.written.items():
                self._values[variable] = _own(found[node], values)
        return _unpacked(shape, found)

    def give(self, variable: Any, value: Any) -> None:
        """Give a variable a value at once, as a saver does."""
        node = self._node(variable, "variable")
        self._set(node, _plain(_fed(node, value)))

    def _structure(self, fetches: Any, wanted: list[Node]) -> Any:
        """The fetches with nodes in the place of symbols; operations are (node,)."""
        if isinstance(fetches, dict):
            return {key: self._structure(part, wanted) for key, part in fetches.items()}
        if isinstance(fetches, (list, tuple)):
            parts = [self._structure(part, wanted) for part in fetches]
            return type(fetches)(*parts) if hasattr(fetches, "_fields") else type(fetches)(parts)
        if fetches is None:
            raise ArgumentTypeError("a fetch is None: gradients gives None where none flows")
        node = self._node(fetches, "fetch")
        wanted.append(node)
        return _Run(node) if isinstance(self._named(fetches), Operation) else node

    def _named(self, item: Any) -> Any:
        if not isinstance(item, str):
            return item
        found = self.graph.get_tensor_by_name(item if ":" in item else f"{item}:0")
        return found if ":" in item else found.op

    def _node(self, item: Any, what: str) -> Node:
        found = self._named(item)
        if not isinstance(found, (Symbol, Operation)):
            raise ArgumentTypeError(
                f"a {what} is a symbol, an operation or a name, not {type(item).__name__}"
            )
        if found.graph is not self.graph:
            raise ArgumentError(f"{found!r} is of another graph than this session's")
        return found.node

    def _walk_of(self, wanted: list[Node], fed: Mapping[Node, Any]) -> _Walk:
        """What has to be done for these fetches, where this is fed; the last few are kept."""
        key = (tuple(wanted), tuple(fed))
        walk = self._walks.pop(key, None)
        if walk is None:
            walk = _Walk(self.graph, wanted, fed)
            if len(self._walks) >= MOST:
                del self._walks[next(iter(self._walks))]
        self._walks[key] = walk
        return walk

    def _plan_of(self, walk: _Walk, fed: dict[Node, Any]) -> Plan | None:
        """The plan for what is fed, from the second run on; None where it is to be walked."""
        key = tuple([spec_of(x) for x in fed.values()])
        plan = walk.plans.get(key, MISSING)
        if plan is not MISSING:
            return plan  # type: ignore[no-any-return]
        if key not in walk.seen or len(walk.plans) >= MOST:
            walk.seen = {*walk.seen, key} if len(walk.seen) < MOST else {key}
            return None
        ends = dict.fromkeys((*walk.wanted, *walk.written.values()))
        made = plan_of(
            walk.nodes, fed, [n for n in ends if n.op is not GROUP], self._variable,
            lambda values: self._walked(walk, values), self._is_compiled,
        )  # fmt: skip
        if made is not None and not self._keeps_shapes(walk, made):
            made = None
        walk.plans[key] = made
        return made

    def _keeps_shapes(self, walk: _Walk, plan: Plan) -> bool:
        """Whether what a plan assigns has the shapes that plans were made for."""
        specs = dict(zip(plan.ends, plan.program.outputs, strict=True))
        return all(
            variable in self._values
            and self._values[variable].shape == specs[node].shape
            and self._values[variable].dtype == specs[node].dtype
            for variable, node in walk.written.items()
        )

    def _walked(self, walk: _Walk, values: dict[Node, Any]) -> dict[Node, Any]:
        """The same by a walk over the nodes, one after the other."""
        self._through(walk.nodes, walk.sweeps, values)
        return values

    def _through(
        self, nodes: Sequence[Node], sweeps: Sweeps | None, values: dict[Node, Any]
    ) -> None:
        """The same for some nodes, with the sweeps that their gradients ask for."""
        sources = sweeps.sources if sweeps else frozenset()
        for node in [*values]:
            if node in sources:
                values[node] = _leaf(values[node])
        with enable_grad():
            for node in nodes:
                if node in values and node.op is STATE:
                    continue
                if sweeps and node.op is GRADIENTS:
                    value = sweeps.gradient(node, values)
                else:
                    value = self._value(node, values)
                values[node] = _leaf(value) if node in sources else value

    def _set(self, variable: Node, new: Any) -> None:
        old = self._values.get(variable)
        if old is not None and (old.shape != new.shape or old.dtype != new.dtype):
            self._walks.clear()  # plans are made for shapes
        self._values[variable] = new

    def _value(self, node: Node, values: dict[Node, Any]) -> Any:
        if node.op is STATE:
            return self._variable(node)
        if node.op is INPUT:
            shown = Symbol(node, self.graph)
            raise ArgumentError(
                f"the placeholder {shown!r} is needed and has no value: "
                f"run(..., feed_dict={{{node.name}: ...}})"
            )
        if node.op is CONSTANT:
            return node.params[0]
        if node.op is DRAW:
            return self._drawn(node, [raw(values[x]) for x in node.inputs])
        if node.op in (CHOICE, LOOP, SLICES):
            return run_control(node, values, self._through)
        if node.op is WRITE:
            return values[node.inputs[0]] if isinstance(node.inputs[0], Node) else node.inputs[0]
        return apply(node, inputs_of(node, values))

    def _variable(self, node: Node) -> Any:
        if node not in self._values:
            raise StateError(
                f"the variable {node.name!r} has no value yet in this session: "
                "session.run(global_variables_initializer()) first"
            )
        return self._values[node]

    def _drawn(self, node: Node, given: list[Any]) -> Any:
        """Random numbers: of a generator of their own where the node or the graph has a seed."""
        label, drawn, seed = node.params
        if seed is None and self.graph.seed is None:
            return draw(_drawn_by, label, drawn, given)
        if node not in self._generators:
            parts = [self.graph.seed or 0, -1 if seed is None else seed]
            number = self.graph.nodes.index(node) if seed is None else 0
            self._generators[node] = np.random.default_rng([p % 2**32 for p in (*parts, number)])
        return draw(_drawn_by, label, drawn, given, rng=self._generators[node])

    # ---- being the default ---------------------------------------------------------------------

    def close(self) -> None:
        """Forget the variables' values; nothing can be run any more."""
        self._is_closed = True
        self._values.clear()

    def as_default(self) -> Session:
        """The session itself, to be opened by `with`."""
        return self

    def __enter__(self) -> Session:
        self._tokens.append(default_session.set(self))
        return self

    def __exit__(self, *error: object) -> None:
        default_session.reset(self._tokens.pop())
        if not self._tokens:
            self.close()


class InteractiveSession(Session):
    """A session that is the default one from where it is made, for notebooks."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        default_session.set(self)

    def close(self) -> None:
        """Forget the variables' values, and be the default one no more."""
        super().close()
        if default_session.get() is self:
            default_session.set(None)


def get_default_session() -> Session | None:
    """The session of the block that we are in, or None.

    >>> import autograd.static as tf
    >>> with tf.Session() as session:
    ...     tf.get_default_session() is session
    True
    """
    found: Session | None = default_session.get()
    return found


class _Walk:
    """What a run of some fetches has to do, where some nodes are fed, and its plans by shapes."""

    def __init__(self, graph: Graph, wanted: Sequence[Node], fed: Mapping[Node, Any]) -> None:
        self.wanted = tuple(wanted)
        self.nodes = by_age(graph.before(wanted, fed))
        has_sweeps = any(node.op is GRADIENTS for node in self.nodes)
        self.sweeps = Sweeps(self.nodes) if has_sweeps else None
        self.written: dict[Node, Node] = {}
        for node in self.nodes:
            if node.op is WRITE:
                other = self.written.get(node.params[0].node, node)
                if other is not node and other not in graph.before([node]):
                    raise StateError(f"one run assigns twice: {other.name} and {node.name}")
                self.written[node.params[0].node] = node
        self.seen: set[Any] = set()
        self.plans: dict[Any, Plan | None] = {}


class _Run:
    """The place of an operation among fetches."""

    def __init__(self, node: Node) -> None:
        self.node = node


def _fed(node: Node, value: Any) -> Any:
    if type(value) is Symbol:
        raise ArgumentTypeError(f"{node.name}: a symbol cannot be fed; feed what run gave for it")
    try:
        given = np.asarray(raw(value))
    except ValueError as error:  # of lists that are not of one length
        wanted = shown_shape(node.shape)
        raise ShapeError(f"{node.name} has shape {wanted}; what is fed is ragged") from error
    if given.dtype.kind not in "biufc" or given.dtype.kind == "c" != node.dtype.kind:
        raise DTypeError(f"{node.name}: numbers of {node.dtype} are fed, not {given.dtype}")
    if given.dtype.kind in "fc" and node.dtype.kind in "iub" and np.any(given != np.floor(given)):
        raise DTypeError(f"{node.name} is {node.dtype}; what is fed, {given.dtype}, does not fit")
    if not _fits(node.shape, given.shape):
        wanted = shown_shape(node.shape)
        raise ShapeError(f"{node.name} has shape {wanted}; what is fed has {given.shape}")
    return given.astype(node.dtype, copy=False)


def _fits(wanted: Any, given: tuple[int, ...]) -> bool:
    """Whether lengths agree, as far as they are known."""
    if wanted is None:
        return True
    return len(wanted) == len(given) and all(w in (None, n) for w, n in zip(wanted, given))  # noqa: B905


def _leaf(value: Any) -> Any:
    if type(value) in tensor_types and value.requires_grad:
        return value
    if np.asarray(raw(value)).dtype.kind not in "fc":
        return value
    return wrap(raw(value)).requires_grad_()  # the same array, by which a trace knows it


def _plain(value: Any) -> Any:
    array = np.array(raw(value))
    array.flags.writeable = False
    return array


def _own(value: Any, fed: Mapping[Node, Any]) -> Any:
    """What a plan has made, for a session to keep; a copy where others have its memory."""
    if type(value) is not np.ndarray or value.base is not None:
        return _plain(value)
    if any(value is x for x in fed.values()):
        return _plain(value)
    value.flags.writeable = False
    return value


def _drawn_by(numbers: Any, label: str, drawn: Any, given: list[Any]) -> Any:
    return drawn(numbers, *given)


def _unpacked(shape: Any, values: Mapping[Node, Any]) -> Any:
    if isinstance(shape, Node):
        value = np.array(raw(values[shape]))
        return value if value.ndim else value[()]
    if isinstance(shape, _Run):
        return None
    if isinstance(shape, dict):
        return {key: _unpacked(part, values) for key, part in shape.items()}
    parts = [_unpacked(part, values) for part in shape]
    return type(shape)(*parts) if hasattr(shape, "_fields") else type(shape)(parts)

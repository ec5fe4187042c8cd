"""The model of a picture: tensors as cards, ops as steps, and what flows along the edges.

Every renderer reads this one model. It is built by replaying the graph, so it can be built when
backward has freed what the graph had saved, and the graph itself stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.engine.modes import Scope, no_grad
from autograd.engine.node import Constant, Node, constant_value
from autograd.engine.row import OUTPUT, Op
from autograd.graph.graph import Graph
from autograd.graph.interpret import inputs_of
from autograd.sweep.cotangent import conjugate
from autograd.sweep.early import said_of
from autograd.viz.model.local import Local, factor
from autograd.viz.model.names import Names, Unique
from autograd.viz.model.numbers import norm, number
from autograd.viz.model.printed import expression, power_sign
from autograd.viz.model.pullback import Pullback, input_names, pull_back
from autograd.viz.model.recorded import Recorded
from autograd.viz.model.rules import Derivatives

__all__ = ["Card", "Edge", "Model", "Step", "build"]


@dataclass(eq=False, slots=True)
class Card:
    """A tensor: its value, and its gradient unless it needs none."""

    key: str
    name: str
    kind: str  # "param", "data", "loss" (a root of the graph) or "intermediate"
    value: Any
    gradient: Any = None  # as `.grad` would be; None for data
    maker: Step | None = None
    uses: list[Edge] = field(default_factory=list)
    scope: Scope | None = None
    is_named: bool = True  # by the user, not after its op
    place: int = 0  # among the outputs of its op
    seed: Any = None  # what the backward pass starts with, of an output that is used as well
    reduced: str = ""  # over which processes the gradient is reduced, of a leaf
    _norms: tuple[float, float] | None = field(default=None, init=False, repr=False)

    @property
    def norms(self) -> tuple[float, float]:
        """The lengths of value and gradient as vectors, which are asked for again and again."""
        if self._norms is None:
            self._norms = norm(self.value), norm(0.0 if self.gradient is None else self.gradient)
        return self._norms

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.asarray(self.value).dtype

    @property
    def is_leaf(self) -> bool:
        return self.maker is None

    @property
    def shares(self) -> list[Any]:
        """What the gradient is the sum of."""
        found = [edge.contribution for edge in self.uses if edge.contribution is not None]
        return found if self.seed is None else [self.seed, *found]


@dataclass(eq=False, slots=True)
class Step:
    """An op that was recorded."""

    key: str
    node: Node
    order: int  # its place in the engine's backward pass, from 1
    literals: dict[int, Any] = field(default_factory=dict)  # unnamed numbers among the inputs
    edges: list[Edge] = field(default_factory=list)
    outputs: list[Card] = field(default_factory=list)

    @property
    def op(self) -> Op:
        return self.node.op

    @property
    def sign(self) -> str:
        """What stands in its box."""
        absent = [i for i, source in enumerate(self.node.inputs) if source is None]
        return power_sign(self.op, {**self.literals, **dict.fromkeys(absent)})

    @property
    def scope(self) -> Scope | None:
        """The module call that it ran in."""
        return self.node.scope

    @property
    def where(self) -> str | None:
        """The source line, if it was recorded under `tracing`."""
        return self.node.where


@dataclass(eq=False, slots=True)
class Edge:
    """A tensor that enters an op, and what the op sends back to it."""

    source: Card
    target: Step
    position: int
    input: str  # the op's own name for the input
    contribution: Any = None  # as `.grad` counts it; None where no gradient flows
    summed: tuple[int, ...] = ()  # the axes that un-broadcasting sums over
    said: Derivatives | None = None  # what the op's rules say of it, where a gradient flows

    @property
    def rule(self) -> str:
        """What the source receives, in G (the upstream gradient) and the names here."""
        return "" if self.said is None else self.said.rule(self.position)

    @property
    def derivation(self) -> Local | None:
        """How the contribution is a product, for scalars."""
        return None if self.said is None else self.said.local(self.position)

    @property
    def derivative(self) -> str:
        """∂out/∂in as a formula, for scalars."""
        return "" if self.said is None else self.said.derivative(self.position)

    @property
    def multiplier(self) -> str:
        """The same where it is real, its conjugate where it is complex."""
        return "" if self.said is None else self.said.derivative(self.position, conjugated=True)

    @property
    def local(self) -> Any:
        """∂out/∂in as a number, for scalars."""
        return None if self.derivation is None else self.derivation.value

    @property
    def product(self) -> str:
        """`(−6) × 3`: upstream and local, where their product is the contribution; else nothing."""
        upstream = self.target.outputs[0].gradient if self.target.outputs else None
        local = self.derivation
        if local is None or not local.holds(upstream, self.contribution):
            return ""
        return local.product(factor(upstream))

    @property
    def equation(self) -> str:
        """`(−6) × 3 = −18`, or the contribution alone where it is no product."""
        return " = ".join(filter(None, (self.product, number(self.contribution))))


@dataclass(eq=False, slots=True)
class Model:
    """All that a picture shows, in topological order."""

    cards: list[Card]
    steps: list[Step]
    outputs: list[Card]
    formula: str | None  # of the only output, in terms of the leaves, where it is short
    values: dict[Node, Any] = field(default_factory=dict)  # raw, of every node of the graph
    cotangents: dict[Node, Any] = field(default_factory=dict)  # raw, of every node
    nodes: dict[Node, Card] = field(default_factory=dict)  # the card of a node that has one
    names: Names | None = None  # of variables
    note: str = ""  # that something was changed since it was recorded
    by_loss: Any = None  # what each of several losses gives, once that was asked for
    marks: Any = None  # what is wrong with which op, once that was asked for
    failure: Any = None  # what the call raised that is drawn as far as it came

    @property
    def edges(self) -> list[Edge]:
        return [edge for step in self.steps for edge in step.edges]

    def number_of(self, card: Card) -> int:
        """Which output of its op a card is."""
        node = next(node for node, each in self.nodes.items() if each is card)
        return node.params[0] if node.op is OUTPUT else 0

    @property
    def is_scalar(self) -> bool:
        return all(card.shape == () for card in self.cards)


def build(graph: Graph, variables: Mapping[str, Any], outputs: Sequence[Any] = ()) -> Model:
    """Replay a graph as it was recorded, sweep back over it, and name everything.

    `outputs` are the values that the outputs had then, where they are known.
    """
    graph = graph.tape
    recorded = Recorded(graph, outputs)
    with no_grad(), np.errstate(all="ignore"):
        values = graph.values(recorded.leaves)
        pullback = pull_back(graph, values)
        return _Builder(graph, values, pullback, Names(variables), recorded).model()


class _Builder:
    def __init__(
        self,
        graph: Graph,
        values: dict[Node, Any],
        pullback: Pullback,
        names: Names,
        recorded: Recorded,
    ) -> None:
        self.graph = graph
        self.recorded = recorded
        self.values = values
        self.pullback = pullback
        self.names = names
        self.order = {node: i for i, node in enumerate(pullback.order, start=1)}
        self.cards: dict[Any, Card] = {}  # by Node, or by what tells a constant
        self.steps: dict[Node, Step] = {}
        self.numbers: dict[Card, int] = {}  # which of several outputs a card is

    def model(self) -> Model:
        for node in self.graph.nodes:
            if node.is_leaf:
                self._add_card(node, "param", None)
            elif node.op is OUTPUT:
                self._add_card(node, "intermediate", self.steps[node.inputs[0]])
                self.numbers[self.cards[node]] = self.cards[node].place = node.params[0]
            else:
                step = self._add_step(node)
                if not isinstance(node.spec, list):
                    self._add_card(node, "intermediate", step)
        for output in self.graph.outputs:
            card = self.cards[output]
            card.kind = "loss"
            if card.uses:
                one = np.ones_like(card.value)
                card.seed = one if card.seed is None else card.seed + one
        self._name_all()
        for node, step in self.steps.items():
            self._add_pulls(node, step)
        return Model(
            list(self.cards.values()),
            list(self.steps.values()),
            [self.cards[output] for output in self.graph.outputs],
            self._formula(),
            self.values,
            self.pullback.cotangents,
            {node: card for node, card in self.cards.items() if type(node) is Node},
            self.names,
            self._note(),
        )

    def _note(self) -> str:
        names = {node: card.name for node, card in self.cards.items() if type(node) is Node}
        return self.recorded.note(self.values, names)

    def _add_card(self, node: Node, kind: str, maker: Step | None) -> None:
        gradient = conjugate(np.asarray(self.pullback.cotangents[node]))
        card = Card(f"t{len(self.cards)}", "", kind, self.values[node], gradient, maker)
        card.scope = node.scope
        card.reduced = said_of(node) if node.is_leaf else ""
        if maker is not None:
            maker.outputs.append(card)
        self.cards[node] = card

    def _add_step(self, node: Node) -> Step:
        key, order = f"o{len(self.steps)}", self.order[node]
        step = Step(key, node, order)
        self.steps[node] = step
        names, values = input_names(node), inputs_of(node, self.values)
        for position, (source, value) in enumerate(zip(node.inputs, values, strict=True)):
            if type(source) is not Node and self._is_literal(source, node):
                if source is not None:
                    step.literals[position] = value
                continue
            edge = Edge(self._source(source, value), step, position, names[position])
            step.edges.append(edge)
            edge.source.uses.append(edge)
        return step

    def _is_literal(self, source: Any, node: Node) -> bool:
        return (
            not isinstance(source, Constant)
            and np.ndim(source) == 0
            and self.names.of_constant(source) is None
            and not (
                _left_by(node)
                and np.asarray(source).dtype.kind in "fc"
                and isinstance(source, (np.ndarray, np.generic))
            )
        )

    def _source(self, source: Any, value: Any) -> Card:
        if type(source) is Node:
            return self.cards[source]
        key = self._key(source, value)
        card = self.cards.get(key)
        if card is None:
            name = self.names.of_constant(source) or ""
            card = self.cards[key] = Card(f"t{len(self.cards)}", name, "data", value)
        return card

    def _key(self, source: Any, value: Any) -> Any:
        """What tells a constant from others."""
        key = id(self.names.original(value))
        is_truth = isinstance(value, np.bool_)  # there are only two, whoever holds them
        return (key, self.names.of_constant(source)) if is_truth else key

    def _name_all(self) -> None:
        unique = Unique()
        found = {
            key: (self.names.of_node(key) if isinstance(key, Node) else card.name)
            for key, card in self.cards.items()
        }
        taken = {name for key, name in found.items() if isinstance(key, Node)}
        for key, card in self.cards.items():
            if name := found[key]:
                copied = name in taken and not isinstance(key, Node) and _is_detached(card)
                card.name = unique(f"{name}.detach()" if copied else name)
        for key, card in self.cards.items():  # after the user's names, which stay as they are
            if not found[key]:
                card.is_named = False
                card.name = unique(self._fallback(card))

    @staticmethod
    def _fallback(card: Card) -> str:
        """What to call a tensor that nobody named: its op, or what its first user calls it."""
        if card.maker is not None:
            return card.maker.op.name
        input_name = card.uses[0].input if card.uses else ""
        if card.kind == "data" and _is_detached(card):
            return "detached"
        return input_name if len(input_name) > 2 and input_name.isidentifier() else card.kind

    def _add_pulls(self, node: Node, step: Step) -> None:
        pulls = {e: self.pullback.pulls.get((node, e.position)) for e in step.edges}
        flowing = {e.position: pull for e, pull in pulls.items() if pull is not None}
        if not flowing:
            return
        names = {edge.position: edge.source for edge in step.edges}
        outs = {self.numbers.get(card, 0): card for card in step.outputs}
        g = self.pullback.cotangents[node]
        said = Derivatives(node, self.values, g, flowing, names, outs)
        for edge, pull in pulls.items():
            if pull is not None:
                edge.said, edge.summed = said, pull.summed
                edge.contribution = conjugate(np.asarray(pull.contribution))

    def _formula(self) -> str | None:
        if len(self.graph.outputs) != 1 or not 0 < len(self.steps) <= 30:
            return None
        leaves = {node: self.cards[node].name for node in self.graph.leaves}

        def operand(source: Any) -> Any:
            """An input as `expression` takes it: a Node, a name and its value, or a number."""
            if type(source) is Node or source is None:
                return source
            value = constant_value(source)
            card = self.cards.get(self._key(source, value))
            if card is not None:
                return card.name, value
            value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
            return int(value) if isinstance(value, float) and value.is_integer() else value

        inputs = {node: tuple(map(operand, node.inputs)) for node in self.graph.nodes}
        return expression(self.graph.nodes, leaves, inputs)


def _is_detached(card: Card) -> bool:
    return bool(card.uses) and _left_by(card.uses[0].target.node) == "detach"


def _left_by(node: Node) -> str | None:
    """What took an input of an op out of the graph."""
    return node.extra.choice if node.extra is not None else None

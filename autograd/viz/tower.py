"""The picture of a network: top down, forward down the left column, backward up the right."""

from __future__ import annotations

from itertools import count
from typing import Any

import graphviz

from autograd.modes import Scope
from autograd.viz.layout import about, depends_on_data, straight_edges, straight_rows
from autograd.viz.model import Card, Edge, Model
from autograd.viz.panels import Panels
from autograd.viz.style import LINE, PANEL, PAPER, SANS, line_colour, line_width, table
from autograd.viz.tower_cells import DOCK, MAIN, foot, op_box, tensor_card, title

__all__ = ["draw_tower"]

_MANY = 60  # ops; beyond, an unnamed output of a module gets no card


def draw_tower(model: Model) -> graphviz.Digraph:
    """Modules as panels, parameters docked beside their op, gradients coloured by magnitude."""
    return _Tower(model).draw()


class _Tower:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.panels = Panels(model)
        self.numbers = count()  # of the panels: the same source at every run
        flowing = depends_on_data(model)
        self.straight = straight_edges(model, prefer=flowing.__contains__)
        self.columns = straight_rows(model, self.straight)
        self.shown = {card for card in model.cards if self._is_shown(card)}

    def _is_shown(self, card: Card) -> bool:
        """Leaves stand beside their ops; of the others, those with a name and module outputs."""
        if card.is_leaf:
            return not card.uses
        if card.is_named or card.kind == "loss":
            return True
        return len(self.model.steps) <= _MANY and self.panels.leaves_module(card)

    def draw(self) -> graphviz.Digraph:
        dot = graphviz.Digraph("chaingrad", strict=False)
        dot.attr("graph", rankdir="TB", nodesep="0.4", ranksep="0.32", bgcolor=PAPER, pad="0.3")
        dot.attr("graph", fontname=SANS, labeljust="l", labelloc="b", label=f"<{foot()}>")
        dot.attr("node", shape="none", margin="0", width="0", height="0")
        dot.attr("edge", arrowsize="0.65", color=LINE, penwidth="1.6")
        with dot.subgraph(name="cluster_title") as body:
            label = title(self.model, self.panels.main)
            body.attr(label=f"<{label}>", labelloc="t", labeljust="l", color=PAPER, margin="8")
            self._fill(body, None)
            for step in self.model.steps:
                for edge in step.edges:
                    self._draw_edge(body, edge)
                for card in step.outputs:
                    if card in self.shown:
                        self._line(body, step.key, card.key, card.gradient, "100")
        return dot

    def _fill(self, dot: graphviz.Digraph, panel: Scope | None) -> None:
        """The nodes of one panel, and the panels inside it."""
        for card in self.model.cards:
            if card in self.shown and self.panels.home[card] is panel:
                look = tensor_card(card, MAIN)
                dot.node(card.key, f"<{look}>", group=self.columns[card], **about(card))
        for step in self.model.steps:
            if self.panels.innermost(step.scope) is panel:
                label = f"<{op_box(step, self._main_edge(step.edges))}>"
                dot.node(step.key, label, group=self.columns[step], **{"class": "op"})
                self._dock(dot, step.key, [e for e in step.edges if self._is_docked(e)])
        for inner in self.panels.children(panel):
            with dot.subgraph(name=f"cluster_{next(self.numbers)}") as sub:
                sub.attr(label=f"<{self.panels.title(inner)}>", labelloc="t", labeljust="l")
                sub.attr(style="rounded,filled", fillcolor=PANEL, color="#e2e8f0", margin="12")
                sub.attr(**{"class": "module"})
                self._fill(sub, inner)

    def _main_edge(self, edges: list[Edge]) -> Edge | None:
        return next((e for e in edges if e in self.straight and not self._is_docked(e)), None)

    def _is_docked(self, edge: Edge) -> bool:
        """Parameters, and data that is not the first input of its chain."""
        source = edge.source
        return source.is_leaf and not (source.kind == "data" and edge in self.straight)

    def _dock(self, dot: graphviz.Digraph, op: str, edges: list[Edge]) -> None:
        """One node left of the op, in it the cards of its parameters; or an empty one."""
        dock = f"{op}d"
        if not edges:
            cards = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{DOCK + 4}" HEIGHT="4"></TD></TR>'
        cells = {edge.source: edge for edge in edges}
        if edges:
            cards = '<TR><TD HEIGHT="10"></TD></TR>'.join(
                f"<TR><TD>{tensor_card(card, DOCK, edge)}</TD></TR>" for card, edge in cells.items()
            )
        dot.node(dock, f"<{table(cards)}>", group="dock")
        with dot.subgraph() as same:
            same.attr(rank="same")
            same.node(dock)
            same.node(op)
        if not edges:
            dot.edge(dock, op, style="invis")
        for card, edge in cells.items():
            dot.edge(f"{dock}:v{card.key}:e", f"{op}:v:w")
            if edge.contribution is not None:
                look = _carries(edge.contribution)
                dot.edge(f"{op}:g:w", f"{dock}:g{card.key}:e", constraint="false", **look)

    def _draw_edge(self, dot: graphviz.Digraph, edge: Edge) -> None:
        if self._is_docked(edge):
            return
        source, target = self._node_of(edge), edge.target.key
        if edge.source.is_leaf:  # the data that a chain begins with
            card = tensor_card(edge.source, MAIN)
            dot.node(source, f"<{card}>", group=self.columns[edge.target], **about(edge.source))
        if edge in self.straight:
            self._line(dot, source, target, edge.contribution, "100")
            return
        dot.edge(f"{source}:v:e", f"{target}:g:e")  # past the chain: outer line down, inner one up
        if edge.contribution is not None:
            look = _carries(edge.contribution)
            dot.edge(f"{source}:g:e", f"{target}:v:e", dir="back", **look)

    def _node_of(self, edge: Edge) -> str:
        """The node that an edge comes from: a card, or the op where the card is not shown."""
        card = edge.source
        if card.is_leaf:
            return card.key + edge.target.key
        return card.key if card in self.shown or card.maker is None else card.maker.key

    def _line(
        self, dot: graphviz.Digraph, source: str, target: str, gradient: Any, weight: str
    ) -> None:
        dot.edge(f"{source}:fb:s", f"{target}:ft:n", weight=weight)
        if gradient is not None:
            back = {"dir": "back", "weight": weight, **_carries(gradient)}
            dot.edge(f"{source}:bb:s", f"{target}:bt:n", **back)


def _carries(gradient: Any) -> dict[str, str]:
    return {"color": line_colour(gradient), "penwidth": line_width(gradient)}

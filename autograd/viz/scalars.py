"""The picture of a small scalar graph: left to right, local derivatives on the edges."""

from __future__ import annotations

import re
from typing import Any

import graphviz

from autograd.viz.chain import chain_rule
from autograd.viz.formulas import power_sign, tidy
from autograd.viz.model import Card, Edge, Model, Step
from autograd.viz.numbers import number
from autograd.viz.style import (
    BORDER, GRADIENT, GRADIENT_TINT, INK, LINE, LOCAL, LOCAL_TINT, MUTED, OP, OP_MARK, PANEL, PAPER,
    PARAM, SANS, VALUE, VALUE_TINT, Text, clip, line_width, row, table, text_width,
)  # fmt: skip

__all__ = ["draw_scalars"]

_HEAD, _LINE = 26, 24  # heights of a header and of the rows below it, the same in every node
_HEADERS = {  # kind: (word, fill, ink of the name, ink of the word, border, its width, its style)
    "param": ("param", PARAM, PAPER, PAPER, PARAM, 2, ""),
    "data": ("data", "#eef1f6", MUTED, MUTED, BORDER, 1, "dashed"),
    "loss": ("loss", INK, PAPER, PAPER, INK, 2, ""),
    "intermediate": ("", PANEL, INK, MUTED, BORDER, 1, ""),
}


def draw_scalars(model: Model) -> graphviz.Digraph:
    """Cards, pills and op boxes on one straight line; side inputs enter from above."""
    dot = graphviz.Digraph("chaingrad", strict=False)
    dot.attr("graph", rankdir="LR", nodesep="0.32", ranksep="0.3", bgcolor=PAPER, pad="0.3")
    dot.attr("graph", fontname=SANS, labeljust="l", labelloc="b", label=f"<{_foot(model)}>")
    dot.attr("node", shape="none", margin="0", width="0", height="0")
    dot.attr("edge", arrowsize="0.65", color=LINE, penwidth="1.6")
    with dot.subgraph(name="cluster_title") as body:
        body.attr(label=f"<{_title(model)}>", labelloc="t", labeljust="l", color=PAPER, margin="14")
        main = _main_chain(model)
        for card in model.cards:
            group = "main" if card in main else ""
            body.node(card.key, f"<{_card(card)}>", group=group, **_about(card))
        for step in model.steps:
            group = "main" if step in main else ""
            body.node(step.key, f"<{_op_box(step)}>", group=group, **{"class": "op"})
            for edge in step.edges:
                _draw_edge(body, edge, edge in main)
            for card in step.outputs:
                _draw_output(body, step, card, card in main)
        _side_inputs_above(body, model, main)
    return dot


def _main_chain(model: Model) -> set[Any]:
    """The longest way back from the output: its cards, ops and edges lie on the straight line."""
    depth: dict[Card, int] = {}
    for card in model.cards:
        edges = card.maker.edges if card.maker else []
        depth[card] = 1 + max((depth[e.source] for e in edges), default=0)
    main: set[Any] = set()
    card = model.outputs[0]
    while True:
        main.add(card)
        if card.maker is None or not card.maker.edges:
            return main
        edge = max(card.maker.edges, key=lambda e: (depth[e.source], e.contribution is not None))
        main |= {card.maker, edge}
        card = edge.source


def _key(edge: Edge) -> str:
    """The node that stands left of the op: the edge's pill, or the card where there is none."""
    return edge.source.key if edge.contribution is None else f"{edge.target.key}p{edge.position}"


def _draw_edge(dot: graphviz.Digraph, edge: Edge, is_main: bool) -> None:
    source, target, pill = edge.source.key, edge.target.key, _key(edge)
    weight, into = ("100", "w") if is_main else ("1", "n")
    if edge.contribution is None:
        into = "v:w" if is_main else "v:n"
        dot.edge(f"{source}:v:e", f"{target}:{into}", weight=weight, minlen="2")
        return
    dot.node(pill, f"<{_pill(edge)}>", group="main" if is_main else "", **{"class": "local"})
    width = line_width(edge.contribution)
    back = {"dir": "back", "color": GRADIENT, "penwidth": width, "weight": weight}
    dot.edge(f"{source}:v:e", f"{pill}:v:w", weight=weight, arrowhead="none")
    dot.edge(f"{pill}:v:e", f"{target}:v:{into}", weight=weight)
    dot.edge(f"{source}:g:e", f"{pill}:g:w", **back)
    tail = f"{target}:g:w" if is_main else f"{target}:v:nw"
    dot.edge(f"{pill}:g:e", tail, **(back | {"dir": "none"}))


def _draw_output(dot: graphviz.Digraph, step: Step, card: Card, is_main: bool) -> None:
    weight = "100" if is_main else "2"
    dot.edge(f"{step.key}:v:e", f"{card.key}:v:w", weight=weight)
    width = line_width(card.gradient)
    back = {"dir": "back", "color": GRADIENT, "penwidth": width, "weight": weight}
    dot.edge(f"{step.key}:g:e", f"{card.key}:g:w", **back)


def _side_inputs_above(dot: graphviz.Digraph, model: Model, main: set[Any]) -> None:
    for step in model.steps:
        inner = [e for e in step.edges if e in main]
        if not inner:
            continue
        for edge in step.edges:
            pair = (edge, inner[0]) if edge.contribution is not None else None
            if edge is inner[0]:
                continue
            upper, lower = _key(edge), _key(inner[0])
            if pair is None:
                lower = inner[0].source.key
            with dot.subgraph() as same:
                same.attr(rank="same")
                same.edge(upper, lower, style="invis", weight="0")


def _card(card: Card) -> str:
    word, fill, ink, word_ink, border, thickness, style = _HEADERS[card.kind]
    name, value, gradient = clip(card.name, 16), number(card.value), _gradient(card)
    name_width = text_width(name, 15, SANS, True)
    left = max(text_width("=", 12) + 4, name_width) if word else text_width("=", 12) + 4
    right = max(
        text_width(value, 14), text_width(gradient, 14), text_width(word, 10, SANS) if word else 0
    )
    width = max(64, 12 + max(left + right, name_width))
    grad_text = Text(gradient, 14, GRADIENT, bold=True, align="RIGHT")
    mark = text_width("=", 12) + 4
    rows = row(
        Text(name, 15, ink, SANS, bold=True, width=name_width),
        Text(word, 10, word_ink, SANS, align="RIGHT"),
        width=width, height=_HEAD, fill=fill,
    )  # fmt: skip
    rows += row(
        Text("=", 12, VALUE, width=mark), Text(value, 14, VALUE, bold=True, align="RIGHT"),
        width=width, height=_LINE, fill=VALUE_TINT, port="v",
    )  # fmt: skip
    if card.gradient is None:
        rows += row(
            Text("no grad", 11, MUTED, SANS, italic=True, align="CENTER"),
            width=width, height=_LINE, fill=PAPER,
        )  # fmt: skip
    else:
        rows += row(
            Text("∇", 12, GRADIENT, width=mark), grad_text,
            width=width, height=_LINE, fill=GRADIENT_TINT, port="g",
        )  # fmt: skip
    return table(rows, border=thickness, colour=border, style=style)


def _gradient(card: Card) -> str:
    """The gradient, and where paths meet its terms: `5 = 4 + 1`."""
    if card.gradient is None:
        return ""
    terms = [number(e.contribution) for e in card.uses if e.contribution is not None]
    total = number(card.gradient)
    if not 2 <= len(terms) <= 4:
        return total
    return f"{total} = {re.sub(r'[+] −', '− ', ' + '.join(terms))}"


def _op_box(step: Step) -> str:
    sign = clip(power_sign(step.op, step.literals), 18)
    width = max(46, text_width(sign, 17, SANS, True) + 12)
    inner = row(
        Text(sign, 17, PAPER, SANS, bold=True, align="CENTER"), width=width, height=_LINE, port="v"
    )
    inner += row(
        Text(f"↩{step.order}", 10, OP_MARK, SANS, bold=True, align="CENTER"),
        width=width, height=_LINE, port="g",
    )  # fmt: skip
    box = table(inner, style="ROUNDED", fill=OP, colour=OP)
    return _below_header(box, width)


def _below_header(body: str, width: int) -> str:
    """Push a box down by a header's height, so that its rows meet those of the cards."""
    return table(
        f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{_HEAD}"></TD></TR><TR><TD>{body}</TD></TR>'
    )


def _pill(edge: Edge) -> str:
    output = edge.target.outputs[0]
    if edge.local is None:
        above = f"∇ += {tidy(edge.rule)}" if len(edge.rule) <= 28 else ""
        below = number(edge.contribution)
    else:
        above = derivative_text(edge)
        below = " ".join((
            _factor(number(output.gradient)), "×", _factor(number(edge.local)), "=",
            number(edge.contribution),
        ))  # fmt: skip
    width = max(text_width(above, 12), text_width(below, 12)) + 12
    rows = row(
        Text(above, 12, LOCAL, bold=True, align="CENTER"),
        width=width, height=_LINE, fill=LOCAL_TINT, port="v",
    )  # fmt: skip
    rows += row(
        Text(below, 12, GRADIENT, align="CENTER"),
        width=width, height=_LINE, fill=GRADIENT_TINT, port="g",
    )  # fmt: skip
    return _below_header(table(rows), width)


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def derivative_text(edge: Edge) -> str:
    """`∂p/∂w = x = 3`; the formula is left out where it is the number itself, or long."""
    output, value = edge.target.outputs[0], number(edge.local)
    formula = tidy(edge.derivative)
    head = f"∂{clip(output.name, 12)}/∂{clip(edge.source.name, 12)}"
    if formula == value or len(formula) > 24:
        return f"{head} = {value}"
    return f"{head} = {formula} = {value}"


def _about(card: Card) -> dict[str, str]:
    text = f"{card.name}: {card.kind}, {getattr(card.value, 'dtype', type(card.value).__name__)}"
    return {"class": f"tensor {card.kind}", "tooltip": graphviz.escape(text)}


def _title(model: Model) -> str:
    output = model.outputs[0]
    title = f"{output.name} = {model.formula.replace(' · ', '·')}" if model.formula else output.name
    inputs = [c for c in model.cards if c.is_leaf]
    given = ", ".join(f"{clip(c.name, 12)}={number(c.value)}" for c in inputs)
    note = "forward and backward pass" + (f" at {given}" if len(given) <= 60 else "")
    left, right = text_width(title, 18, SANS, True), text_width(note, 12, SANS)
    cells = row(
        Text(title, 18, INK, SANS, bold=True, width=left + 12), Text(note, 12, MUTED, SANS),
        width=left + right + 24, height=44,
    )  # fmt: skip
    return table(cells)


def _foot(model: Model) -> str:
    legend = (
        ("■", VALUE, "value, forward →"),
        ("■", LOCAL, "local derivative ∂out/∂in"),
        ("■", GRADIENT, "gradient, backward ←: upstream × local, added where paths meet"),
        ("↩n", GRADIENT, "order of the backward pass"),
    )
    cells = []
    for mark, colour, word in legend:
        cells.append(Text(mark, 12, colour, SANS, bold=True, width=24))
        cells.append(Text(word, 11, MUTED, SANS, width=text_width(word, 11, SANS) + 10))
    width = sum(cell.width for cell in cells) + 12
    return table(chain_rule(model, width) + row(*cells, width=width, height=30))

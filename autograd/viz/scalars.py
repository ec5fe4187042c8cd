"""The picture of a small scalar graph: left to right, local derivatives on the edges."""

from __future__ import annotations

from dataclasses import replace

import graphviz

from autograd.viz.chain import chain_rule
from autograd.viz.formulas import power_sign, tidy
from autograd.viz.layout import about, straight_edges, straight_rows
from autograd.viz.model import Card, Edge, Model, Step
from autograd.viz.numbers import number
from autograd.viz.style import (
    BORDER,
    GRADIENT,
    GRADIENT_TINT,
    INK,
    LINE,
    LOCAL,
    LOCAL_TINT,
    MUTED,
    OP,
    OP_MARK,
    PANEL,
    PAPER,
    PARAM,
    SANS,
    VALUE,
    VALUE_TINT,
    Text,
    clip,
    line_width,
    row,
    table,
    text_width,
)

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
    dot.attr("graph", rankdir="LR", nodesep="0.32", ranksep=_gap(model), bgcolor=PAPER, pad="0.3")
    dot.attr("graph", fontname=SANS, labeljust="l", labelloc="b", label=f"<{_foot(model)}>")
    dot.attr("node", shape="none", margin="0", width="0", height="0")
    dot.attr("edge", arrowsize="0.65", color=LINE, penwidth="1.6")
    with dot.subgraph(name="cluster_title") as body:
        body.attr(label=f"<{_title(model)}>", labelloc="t", labeljust="l", color=PAPER, margin="14")
        straight = straight_edges(model)
        rows = straight_rows(model, straight)
        for card in model.cards:
            if not card.is_leaf or not card.uses:
                body.node(card.key, f"<{_card(card)}>", group=rows[card], **about(card))
        for step in model.steps:
            body.node(step.key, f"<{_op_box(step)}>", group=rows[step], **{"class": "op"})
            for edge in sorted(step.edges, key=straight.__contains__):
                _draw_edge(body, edge, edge in straight, rows[step])
            for card in step.outputs:
                _draw_output(body, step, card)
        _side_inputs_above(body, model, straight)
    return dot


def _gap(model: Model) -> str:
    """Between the columns; more where lines must climb between them."""
    climbs = any(len(card.uses) > 1 and not card.is_leaf for card in model.cards)
    return "0.42" if climbs else "0.3"


def _source_key(edge: Edge) -> str:
    """A leaf has a copy beside every op that uses it, so that no long line is needed."""
    return edge.source.key + (edge.target.key if edge.source.is_leaf else "")


def _left_of_op(edge: Edge) -> str:
    """The node that stands left of the op: the edge's pill, or the card where there is none."""
    if edge.contribution is None:
        return _source_key(edge)
    return f"{edge.target.key}p{edge.position}"


def _draw_edge(dot: graphviz.Digraph, edge: Edge, is_straight: bool, row_name: str) -> None:
    source, target, pill = _source_key(edge), edge.target.key, _left_of_op(edge)
    into, back_from = ("v:w", "g:w") if is_straight else ("v:n", "v:nw")
    group = row_name if is_straight else target + edge.input
    if edge.source.is_leaf:
        card = _card(edge.source, edge.target)
        dot.node(source, f"<{card}>", group=group, **about(edge.source))
    weight = "100" if is_straight else "1"
    if edge.contribution is None:
        dot.edge(f"{source}:v:e", f"{target}:{into}", weight=weight, minlen="2")
        return
    dot.node(pill, f"<{_pill(edge)}>", group=group, **{"class": "local"})
    near = {"weight": "20" if edge.source.is_leaf and not is_straight else weight}
    back = {"color": GRADIENT, "penwidth": line_width(edge.contribution)}
    dot.edge(f"{source}:v:e", f"{pill}:v:w", arrowhead="none", **near)
    dot.edge(f"{pill}:v:e", f"{target}:{into}", weight=weight)
    dot.edge(f"{source}:g:e", f"{pill}:g:w", dir="back", **back, **near)
    dot.edge(f"{pill}:g:e", f"{target}:{back_from}", dir="none", weight=weight, **back)


def _draw_output(dot: graphviz.Digraph, step: Step, card: Card) -> None:
    weight = "100" if len(step.outputs) == 1 else "2"
    back = {"color": GRADIENT, "penwidth": line_width(card.gradient), "weight": weight}
    dot.edge(f"{step.key}:v:e", f"{card.key}:v:w", weight=weight)
    dot.edge(f"{step.key}:g:e", f"{card.key}:g:w", dir="back", **back)


def _side_inputs_above(dot: graphviz.Digraph, model: Model, straight: set[Edge]) -> None:
    """Same column, upper row: the order of a column is that of invisible lines within it."""
    for edge in model.edges:
        if edge not in straight:
            main = next(e for e in edge.target.edges if e in straight)
            has_pill = edge.contribution is not None
            upper, lower = _left_of_op(edge), _left_of_op(main) if has_pill else _source_key(main)
            with dot.subgraph() as same:
                same.attr(rank="same")
                same.edge(upper, lower, style="invis", weight="0")


def _card(card: Card, at: Step | None = None) -> str:
    """A tensor card; `at` is the op that a copy of a leaf stands beside."""
    word, fill, ink, word_ink, border, thickness, style = _HEADERS[card.kind]
    name, value, gradient = clip(card.name, 16), number(card.value), _gradient(card, at)
    mark = text_width("=", 12) + 4
    name_width = text_width(name, 15, SANS, True)
    right = max(text_width(value, 14), text_width(gradient, 14))
    width = 12 + max(54, mark + right, name_width + (text_width(word, 10, SANS) if word else 0))
    rows = row(
        Text(name, 15, ink, SANS, bold=True, width=name_width if word else 0),
        Text(word, 10, word_ink, SANS, align="RIGHT"),
        width=width, height=_HEAD, fill=fill,
    )  # fmt: skip
    rows += row(
        Text("=", 12, VALUE, width=mark), Text(value, 14, VALUE, bold=True, align="RIGHT"),
        width=width, height=_LINE, fill=VALUE_TINT, port="v",
    )  # fmt: skip
    if card.gradient is None:
        none = Text("no grad", 11, MUTED, SANS, italic=True, align="CENTER")
        rows += row(none, width=width, height=_LINE, fill=PAPER)
    else:
        rows += row(
            Text("∇", 12, GRADIENT, width=mark),
            Text(gradient, 14, GRADIENT, bold=True, align="RIGHT"),
            width=width, height=_LINE, fill=GRADIENT_TINT, port="g",
        )  # fmt: skip
    return table(rows, border=thickness, colour=border, style=style)


def _gradient(card: Card, at: Step | None) -> str:
    """The gradient; where paths meet its terms too, `5 = 4 + 1`; at a further copy its part."""
    if card.gradient is None:
        return ""
    total = number(card.gradient)
    carriers = [edge for edge in card.uses if edge.contribution is not None]
    if at is not None and at is not card.uses[0].target:
        return f"{_sum([e for e in carriers if e.target is at])} of {total}"
    if 2 <= len(carriers) <= 4:
        return f"{total} = {_sum(carriers)}"
    return total


def _sum(edges: list[Edge]) -> str:
    return " + ".join(number(edge.contribution) for edge in edges).replace("+ −", "− ")


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
    space = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="4"></TD></TR>'
    return _below_header(table(space + inner + space, style="ROUNDED", fill=OP, colour=OP), width)


def _below_header(body: str, width: int) -> str:
    """Push a box down by a header's height, so that its rows meet those of the cards."""
    space = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{_HEAD}"></TD></TR>'
    return table(f"{space}<TR><TD>{body}</TD></TR>")


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
    cells[-1] = replace(cells[-1], width=0)
    chain, width = chain_rule(model, width)
    return table(chain + row(*cells, width=width, height=30))

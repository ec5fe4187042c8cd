"""The backward pass as data for the step-through page: one record for each op, in its order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd.viz.model.about import about
from autograd.viz.model.axes import axis_names
from autograd.viz.model.local import factor, terms
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import clip, number, one_line, symbol
from autograd.viz.model.paths import derivative_line
from autograd.viz.model.printed import INFIX
from autograd.viz.model.tensors import Tensors

__all__ = ["page_data"]

_TERMS = 12  # of a sum that are written out


def page_data(
    model: Model, stands_for: Mapping[str, str] | None = None, boxes: Collection[str] = ()
) -> dict[str, Any]:
    """Everything the page tells beside the picture; folded ops by the box that stands for them."""
    tensors = _Amounts(model)
    steps = [] if model.failure else sorted(model.steps, key=lambda step: step.order)
    done: dict[Card, _Sum] = {}
    shown = stands_for or {}
    return {
        "steps": [
            _record(step, done, tensors, shown)
            | {"op": shown.get(step.key, step.key), "key": step.key}
            for step in steps
        ],
        "tensors": tensors.tensors.records,
        "outputs": [card.key for card in model.outputs],
        "names": {card.key: one_line(card.name) for card in model.cards},
        "total": len(steps),
        "about": about(model, boxes),
    }


def _record(
    step: Step, done: dict[Card, _Sum], tensors: _Amounts, shown: Mapping[str, str]
) -> dict[str, Any]:
    """What happens at one op: upstream gradient, and for every input the rule and its result."""
    out = step.outputs[0] if step.outputs else None
    rows = []
    for edge in step.edges:
        if edge.contribution is None:
            continue
        if edge.source not in done:
            done[edge.source] = _Sum(edge.source)
        maker = edge.source.maker.key if edge.source.maker else ""
        rows.append(_row(edge, done[edge.source], tensors) | {"maker": shown.get(maker, maker)})
    return {
        "order": step.order,
        "title": call_text(step),
        "name": step.op.name,
        "where": step.where or "",
        "module": repr(step.scope) if step.scope is not None else "",
        "out": one_line(out.name) if out else "",
        "upstream": tensors.of(out.gradient, out) if out else None,
        "value": tensors.of(out.value, out) if out else None,
        "others": [  # gradients of its other outputs
            [one_line(card.name), tensors.of(card.gradient, card)] for card in step.outputs[1:]
        ],
        "rows": rows,
    }


def _row(edge: Edge, so_far: _Sum, tensors: _Amounts) -> dict[str, Any]:
    source = edge.source
    record: dict[str, Any] = {
        "card": source.key,
        "input": one_line(source.name),
        "edge": f"{edge.target.key}p{edge.position}",
        "rule": edge.rule,
        "contribution": tensors.of(edge.contribution, source),
    }
    if edge.product:
        record["local"] = derivative_line(edge)
        record["product"] = edge.product
    if so_far.most > 1:
        record["sum"] = so_far.with_next(edge)
    record["total"] = tensors.of(source.gradient, source)
    return record


class _Sum:
    """What has come together of a tensor's gradient so far."""

    def __init__(self, card: Card) -> None:
        self.name = one_line(card.name)
        self.most = len(card.shares)
        self.count = 0
        self.first: list[Any] = []  # terms, as many as are written out
        self.total: Any = 0
        if card.seed is not None:
            self._add(card.seed)

    def _add(self, part: Any) -> None:
        self.count += 1
        if np.ndim(part) == 0:
            self.total = self.total + part
            if self.count <= _TERMS:
                self.first.append(part)

    def with_next(self, edge: Edge) -> str:
        """`∇x = 3 − 1 = 2`; before the last term has come, what there is so far."""
        self._add(edge.contribution)
        so_far = "" if self.count == self.most else " so far"
        if np.ndim(edge.contribution):
            return f"∇{self.name}{so_far}: {self.count} of {self.most} terms"
        whole = number(self.total)
        if self.count > _TERMS:
            return f"∇{self.name}{so_far}, {self.count} of {self.most} terms: {whole}"
        return f"∇{self.name}{so_far} = " + (
            f"{terms(self.first)} = {whole}" if self.count > 1 else whole
        )


def call_text(step: Step) -> str:
    """`ŷ = p + b`, or `h = tanh(z)`."""
    sign = INFIX.get(step.op.name)
    written = factor if sign else number
    names: dict[int, str] = {p: written(v) for p, v in step.literals.items()}
    named = symbol if sign else one_line
    names |= {edge.position: named(clip(one_line(edge.source.name), 24)) for edge in step.edges}
    parts = [names[p] for p in sorted(names)]
    call = f" {sign} ".join(parts) if sign and len(parts) == 2 else None
    call = call or f"{step.op.name}({', '.join(parts)})"
    outs = ", ".join(clip(one_line(card.name), 24) for card in step.outputs)
    return f"{outs} = {call}" if outs else call


class _Amounts:
    """Numbers as text, tensors as the numbers of their records."""

    def __init__(self, model: Model) -> None:
        self.tensors = Tensors(len(model.steps))
        self._axes = {} if model.is_scalar else axis_names(model)

    def of(self, value: Any, card: Card) -> Any:
        """What a value or a gradient of a card is in the page's data."""
        if value is None:
            return None
        if np.size(value) == 1:
            return number(np.asarray(value).reshape(-1)[0])
        return self.tensors.record(value, self._axes.get(card, ()))

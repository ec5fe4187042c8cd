"""The backward pass as data for the step-through page: one record for each op, in its order."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd.viz.model.about import about
from autograd.viz.model.local import factor, terms
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import clip, number, one_line, rms, shaped, symbol
from autograd.viz.model.paths import derivative_line
from autograd.viz.model.printed import INFIX

__all__ = ["page_data"]

MOST_CELLS = 4096  # of a heat map; larger tensors are shown as histograms
_BINS = 32
_BUDGET = 1_500_000  # bytes of heat maps in one page; beyond, histograms


def page_data(
    model: Model, stands_for: Mapping[str, str] | None = None, boxes: Collection[str] = ()
) -> dict[str, Any]:
    """Everything the page tells beside the picture; folded ops by the box that stands for them."""
    tensors = _Tensors()
    steps = sorted(model.steps, key=lambda step: step.order)
    done: dict[Card, list[Edge]] = {}
    shown = stands_for or {}
    return {
        "steps": [
            _record(step, done, tensors, shown) | {"op": shown.get(step.key, step.key)}
            for step in steps
        ],
        "tensors": tensors.records,
        "outputs": [card.key for card in model.outputs],
        "names": {card.key: one_line(card.name) for card in model.cards},
        "total": len(steps),
        "about": about(model, boxes),
    }


def _record(
    step: Step, done: dict[Card, list[Edge]], tensors: _Tensors, shown: Mapping[str, str]
) -> dict[str, Any]:
    """What happens at one op: upstream gradient, and for every input the rule and its result."""
    out = step.outputs[0] if step.outputs else None
    rows = []
    for edge in step.edges:
        if edge.contribution is None:
            continue
        before = done.setdefault(edge.source, [])
        maker = edge.source.maker.key if edge.source.maker else ""
        rows.append(_row(edge, before, tensors) | {"maker": shown.get(maker, maker)})
        before.append(edge)
    return {
        "order": step.order,
        "title": call_text(step),
        "name": step.op.name,
        "where": step.where or "",
        "module": repr(step.scope) if step.scope is not None else "",
        "out": one_line(out.name) if out else "",
        "upstream": _amount(out.gradient, tensors) if out else None,
        "value": _amount(out.value, tensors) if out else None,
        "others": [  # gradients of its other outputs
            [one_line(card.name), _amount(card.gradient, tensors)] for card in step.outputs[1:]
        ],
        "rows": rows,
    }


def _row(edge: Edge, before: list[Edge], tensors: _Tensors) -> dict[str, Any]:
    source = edge.source
    carriers = sum(1 for each in source.uses if each.contribution is not None)
    record: dict[str, Any] = {
        "card": source.key,
        "input": one_line(source.name),
        "edge": f"{edge.target.key}p{edge.position}",
        "rule": edge.rule,
        "contribution": _amount(edge.contribution, tensors),
        "last": len(before) + 1 == carriers,
        "of": carriers,
    }
    if edge.product:
        record["local"] = derivative_line(edge)
        record["product"] = edge.product
    if len(source.shares) > 1:
        record["sum"] = _sum_text(edge, before)
    record["total"] = _amount(source.gradient, tensors)
    return record


def _sum_text(edge: Edge, before: list[Edge]) -> str:
    """`∇x = 3 − 1 = 2`; before the last term has come, what there is so far."""
    source, name = edge.source, one_line(edge.source.name)
    parts = [] if source.seed is None else [source.seed]
    parts += [each.contribution for each in (*before, edge)]
    count, most = len(parts), len(source.shares)
    so_far = "" if count == most else " so far"
    if np.ndim(edge.contribution):
        return f"∇{name}{so_far}: {count} of {most} terms"
    whole = number(sum(parts))
    return f"∇{name}{so_far} = " + (f"{terms(parts)} = {whole}" if count > 1 else whole)


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


def _amount(value: Any, tensors: _Tensors) -> Any:
    """A number as text, a tensor as the number of its record."""
    if value is None:
        return None
    if np.size(value) == 1:
        return number(np.asarray(value).reshape(-1)[0])
    return tensors.record(value)


class _Tensors:
    """Heat maps of small tensors, histograms of large ones; each array once."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self._known: dict[int, int] = {}
        self._kept: list[Any] = []  # an id means nothing once its array is gone
        self._left = _BUDGET

    def record(self, value: Any) -> int:
        known = self._known.get(id(value))
        if known is not None:
            return known
        given = np.asarray(value)
        is_complex = given.dtype.kind == "c"  # of which sizes are shown
        array = (np.abs(given) if is_complex else given).astype(np.float64)
        kind = shaped(array.shape)
        shape = f"sizes of a complex {kind}" if is_complex else kind
        record = {"shape": shape, "rms": number(rms(value), 3)}
        finite = array[np.isfinite(array)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        record |= {"low": number(low, 3), "high": number(high, 3)}
        if finite.size < array.size:
            record["not"] = _not_numbers(value)
        if 0 < array.size <= MOST_CELLS and array.size < self._left:
            record |= _heat_map(array)
            self._left -= array.size * 4 // 3
        elif array.size:
            record["histogram"] = np.histogram(finite, _BINS)[0].tolist()
        self._known[id(value)] = len(self.records)
        self._kept.append(value)
        self.records.append(record)
        return len(self.records) - 1


def _not_numbers(value: Any) -> str:
    """`2 NaN, 1 ∞`."""
    array = np.asarray(value)
    counts = {"NaN": np.isnan(array).sum(), "∞": np.isinf(array).sum()}
    return ", ".join(f"{count} {sign}" for sign, count in counts.items() if count)


def _heat_map(array: Any) -> dict[str, Any]:
    """Rows and columns, and a byte for each element: 128 is zero, 0 is not a number."""
    columns = array.shape[-1] if array.ndim > 1 else array.size
    if array.ndim > 2:
        columns *= array.shape[-2] if array.shape[-2] * array.shape[-1] <= 128 else 1
    finite = np.isfinite(array)
    top = float(np.max(np.abs(array), initial=0.0, where=finite)) or 1.0
    scaled = np.clip(np.round(np.where(finite, array, 0.0) / top * 127), -127, 127) + 128
    cells = np.where(finite, scaled, 0).astype(np.uint8)
    return {
        "columns": int(columns),
        "cells": base64.b64encode(cells.tobytes()).decode("ascii"),
    }

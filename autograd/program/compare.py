"""Where two programs begin to differ, in words."""

from __future__ import annotations

from typing import Any

from autograd.graph.body import bodies_of
from autograd.graph.structure import structure
from autograd.graph.table import rows_of

__all__ = ["first_difference"]


def first_difference(one: Any, other: Any) -> str | None:
    """The first instruction that differs; None where all are the same."""
    rows = [rows_of(program.nodes)[1:] for program in (one, other)]
    keys = [structure(program.nodes, program.outputs) for program in (one, other)]
    for i, (mine, theirs) in enumerate(zip(*keys, strict=False)):
        if i >= min(map(len, rows)):
            break
        a, b = rows[0][i], rows[1][i]
        if mine == theirs and a == b:
            continue
        places = [p.nodes[i].where for p in (one, other)]
        words = [_words(row, place) for row, place in zip((a, b), places, strict=True)]
        if words[0] == words[1]:
            pairs = zip(*(bodies_of(p.nodes[i]) for p in (one, other)), strict=False)
            for (name, body), (_, its) in pairs:
                if (inner := first_difference(body, its)) is not None:
                    return f"instruction {i}, {a[1]}, has another {name}: {inner}"
            words = [
                f"{w} with {p.nodes[i].params}" for w, p in zip(words, (one, other), strict=True)
            ]
        return f"instruction {i} is {words[0]} here, and {words[1]} there"
    here, there = len(one.nodes), len(other.nodes)
    if here != there:
        longer, whose = (one, "here") if here > there else (other, "there")
        row = rows_of(longer.nodes)[1 + min(here, there)]
        what = _words(row, longer.nodes[min(here, there)].where)
        return f"{here} instructions here and {there} there: the first more {whose} is {what}"
    return None if keys[0] == keys[1] else "the outputs are others"


def _words(row: tuple[str, ...], place: str | None) -> str:
    _, op, inputs, shape, dtype, name, module = row
    parts = [f"{op}({inputs})" if inputs else op, name, f"of {dtype} {shape}" if dtype else shape]
    if module:
        parts.append(f"in {module}")
    if place:
        parts.append(f"at {place}")
    return " ".join(part for part in parts if part)

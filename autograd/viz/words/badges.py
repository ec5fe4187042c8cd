"""Badges: what `why` would say of an op, in a word or two on its box; by the same reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd.engine.row import OPS
from autograd.viz.model.attempt import Failure
from autograd.viz.model.model import Edge, Model, Step
from autograd.viz.model.numbers import is_finite, one_line, rms
from autograd.viz.words.first_nan import first_nan
from autograd.viz.words.places import Finding, place_of
from autograd.viz.words.quiet_units import quiet_units
from autograd.viz.words.remedies import remedy_of
from autograd.viz.words.why import Case

__all__ = ["Badge", "badge_of", "badges", "cut_edges"]

SIGNS = {  # a sign for each kind, never a colour alone
    "failed": "✕", "born": "✱", "overflows": "✱", "came": "✱", "explodes": "✸", "vanishes": "▽",
    "large": "✸", "cancels": "±", "dead": "⊘", "choice": "⊘", "stairs": "⊘", "factor": "⊘",
    "flat": "⊘", "saturated": "⊓", "cut": "✂",
}  # fmt: skip
_ORDER = tuple(SIGNS)  # the worst first
_REPEATED = ("explodes", "vanishes")
_LIVELY = 1e-3  # of an upstream gradient: what passes on more is not lost at this op
_WORK = 60_000  # edges that are walked over for the leaves of a large graph


class Badge(str):
    """A sign and a word, as a picture shows them, with the reason, the line and the remedy."""

    finding: Finding

    def __new__(cls, finding: Finding) -> Badge:
        badge = super().__new__(cls, f"{SIGNS[finding.kind]} {finding.short}")
        badge.finding = finding
        return badge

    @property
    def told(self) -> str:
        """Reason and remedy in one line, for a hover."""
        helps = self.record["remedy"]
        return " ".join((f"{self.finding} → {helps}" if helps else self.finding).split())

    @property
    def record(self) -> dict[str, str]:
        """What a click tells."""
        return {
            "badge": str(self),
            "reason": one_line(str(self.finding)),
            "where": self.finding.where or "",
            "remedy": remedy_of("ill", [self.finding.kind]),
        }


def badges(model: Model, grads: bool = True) -> dict[Step, tuple[Badge, ...]]:
    """The badges of the ops that have some, the worst first; a kind comes once at an op.

    Without `grads` they are those of the forward pass: of NaN and ∞ that it made or met.
    """
    if model.marks is None:
        model.marks = _marks(model)
    found: dict[Step, tuple[Badge, ...]] = model.marks
    if grads:
        return found
    forward = {
        s: tuple(b for b in own if b[0] in "✕✱" and "∇" not in b) for s, own in found.items()
    }
    return {step: own for step, own in forward.items() if own}


def _marks(model: Model) -> dict[Step, tuple[Badge, ...]]:
    found: dict[Step, dict[str, Badge]] = {}
    for finding in _findings(model):
        if finding.short and finding.kind in SIGNS and finding.steps:
            for step in finding.steps:
                found.setdefault(step, {}).setdefault(finding.kind, Badge(finding))
    return {
        step: tuple(kinds[kind] for kind in _ORDER if kind in kinds)
        for step, kinds in found.items()
    }


def badge_of(found: Mapping[Step, tuple[Badge, ...]], steps: Iterable[Step]) -> str:
    """What a box that stands for some ops shows: the worst."""
    of_these = [badge for step in steps for badge in found.get(step, ())]
    return min(of_these, key=lambda badge: _ORDER.index(badge.finding.kind), default="")


def _findings(model: Model) -> Iterator[Finding]:
    """What is wrong: with numbers, on the way to each leaf, at activations, where paths are cut."""
    if model.failure is not None and not model.steps[-1].outputs:
        yield _failed(model.steps[-1], model.failure)
    numbers = [each for card in model.cards for each in (card.value, card.gradient)]
    if not all(is_finite(each) for each in numbers if each is not None):
        yield from _told(first_nan(model))
    yield from _of_leaves(model)
    for edge in model.edges:
        if edge.contribution is not None and (found := quiet_units(model, edge)):
            yield found
    for edge in cut_edges(model):
        yield _cut(edge)


def _failed(step: Step, failure: Failure) -> Finding:
    """The op at which the call raised."""
    text = f"{place_of(step)} raised {failure.sentence}"
    return Finding(text, "failed", step.where, [step], "failed")


def _told(found: list[str]) -> Iterator[Finding]:
    return (each for each in found if isinstance(each, Finding))


def _of_leaves(model: Model) -> Iterator[Finding]:
    """The findings of `why` for every leaf that is ill, while a graph is no larger than that."""
    case = Case.of(model)
    leaves = [(node, card) for node, card in model.nodes.items() if card.is_leaf]
    leaves.sort(key=lambda pair: rms(pair[1].gradient))
    told: set[str] = set()
    most = max(4, _WORK // max(1, len(model.edges)))
    for node, card in leaves[: most // 2] + leaves[most // 2 :][-most // 2 :]:
        reason = case.reason_of(node, card)
        for finding in _told(list(reason.findings)):
            place = str(finding).partition(" passes ")[0]  # of what repeats, once for all leaves
            if finding.kind in _REPEATED and place in told:
                continue
            told |= {place} if finding.kind in _REPEATED else set()
            if finding.kind != "cut" and _is_at_fault(finding):
                yield finding


def _is_at_fault(finding: Finding) -> bool:
    """Whether an op is to be marked: it passes next to nothing on to any of its inputs.

    The bias of a layer before a softmax or a norm gets nothing, and nothing is wrong with the op.
    """
    if finding.kind == "large":
        return False  # the op tells its gain
    if len(finding.steps) != 1 or finding.kind in ("born", "overflows", "came", *_REPEATED):
        return True
    edges = [edge for edge in finding.steps[0].edges if edge.contribution is not None]
    if finding.kind == "cancels" and len(edges) > 1 and edges[0].source is edges[1].source:
        return True
    least = _LIVELY * rms(finding.steps[0].outputs[0].gradient)
    lost = [rms(edge.contribution) <= least for edge in edges]
    if finding.kind == "factor":  # weights that start at 0 get what is theirs
        return any(lost)
    return all(lost)


# ---- paths that were cut -------------------------------------------------------------------------


def cut_edges(model: Model) -> list[Edge]:
    """The edges by which a value comes back that a detach or `no_grad` took out of the graph."""
    return [
        edge for step in model.steps if _left(step) and not _masks(step)
        for edge in _constants(step)[:1]
    ]  # fmt: skip


def _masks(step: Step) -> bool:
    """`where(c, x.detach(), x)`, which keeps the value and is about the gradient alone."""
    if step.op.name != "where" or len(step.edges) != 3:
        return False
    _, a, b = (np.asarray(edge.source.value) for edge in step.edges)
    return a.shape == b.shape and bool(np.array_equal(a, b))


def _left(step: Step) -> str:
    """What took an input of an op out of the graph; "" where that has no derivative anyway."""
    by = step.node.extra.choice if step.node.extra is not None else None
    op = OPS.get(by or "")
    return by if by and (op is None or op.differentiable) else ""


def _constants(step: Step) -> list[Edge]:
    """The inputs that might have had a gradient."""
    ruled: Any = step.op.ruled
    return [
        edge for edge in step.edges
        if edge.source.kind == "data" and np.asarray(edge.source.value).dtype.kind in "fc"
        and (ruled is None or step.op.variadic or ruled[edge.position])
    ]  # fmt: skip


def _cut(edge: Edge) -> Finding:
    by = _left(edge.target)
    how = "was computed under no_grad" if by in OPS else "left the graph by detach()"
    short = "no_grad" if by in OPS else "detached"
    text = f"{edge.source.name} {how} and {place_of(edge.target)} uses it: no gradient goes there"
    return Finding(text, "cut", edge.target.where, [edge.target], short)

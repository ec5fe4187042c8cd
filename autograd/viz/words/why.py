"""why: the reason for a gradient that is None, zero, tiny, huge or not a number, with lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.engine.arguments import spelled
from autograd.engine.node import Node, topological
from autograd.engine.operands import tensor_types
from autograd.engine.trail import Exit, exits, last_root
from autograd.errors import ArgumentTypeError, BackwardError
from autograd.graph.graph import Graph
from autograd.viz.model.model import Card, Model, build
from autograd.viz.model.names import Names
from autograd.viz.model.numbers import amount, number, rms
from autograd.viz.words.cancelling import cancelled
from autograd.viz.words.cut_paths import shares_cut
from autograd.viz.words.first_nan import first_nan
from autograd.viz.words.held import another, held, kind_of_size
from autograd.viz.words.quiet_units import dead_units
from autograd.viz.words.reason import (
    HUGE,
    NAMELESS,
    TINY,
    Reason,
    call_of,
    capital,
    grad_of,
)  # fmt: skip
from autograd.viz.words.strong_links import strong_links
from autograd.viz.words.unreached import told, unreached, untracked
from autograd.viz.words.weak_links import broken_links, weak_links

__all__ = ["NAMELESS", "Case", "Reason", "root_of", "why"]

_NOTHING_COMES = "No upstream gradient reaches it: the loss does not change with what it goes into."
_FINITE = "What lies in .grad is finite: another backward() or a hook has put it there."


@spelled
def why(p: Any, loss: Any = None) -> Reason:
    """Say why the gradient of a Tensor p is None, zero, tiny, huge or NaN, and where it was lost.

    `loss` is the Tensor (or Graph) that the gradient is of; by default what `backward` was last
    called on inside `with autograd.tracing():`. Source lines, and the places where a value left the
    graph (detach, NumPy, `no_grad`, a cast to integers), are known for what ran under `tracing`.

    >>> import autograd as ag
    >>> w = ag.Tensor(2.0, requires_grad=True, name="w")
    >>> with ag.tracing():
    ...     loss = (w.detach() * 3 + 0 * w).sum()
    ...     loss.backward()
    >>> print(ag.why(w))
    w.grad is zero.
    ...
    """
    if type(p) not in tensor_types:
        raise ArgumentTypeError(f"why takes a Tensor, got {type(p).__name__}")
    variables = sys._getframe(2).f_locals
    name = p.name or Names(variables).of_tensor(p) or NAMELESS
    variables = {**variables, name: p} if p.name is None else variables
    return Case(root_of(loss), variables).reason(p, name)


class Case:
    """A loss, and what is asked about its gradients: the graph is swept once, for all of them."""

    def __init__(self, root: Node | None, variables: Mapping[str, Any]) -> None:
        self.root, self.variables = root, variables
        self.nodes = set(topological([root])) if root is not None else set()
        self._model: Model | None = None

    @classmethod
    def of(cls, model: Model) -> Case:
        """The case of a model that is there."""
        case = cls(None, {})
        case._model, case.nodes = model, set(model.nodes)
        return case

    def reason_of(self, node: Node, card: Card) -> Reason:
        """What a picture would have to say of the gradient that it shows."""
        return self._judged(f"the gradient at {card.name}", card.name, node, card.gradient)

    @property
    def model(self) -> Model:
        """What the sweep gives, when it is first asked for."""
        if self._model is None:
            assert self.root is not None
            self._model = build(Graph(self.root), self.variables)
        return self._model

    def reason(self, p: Any, name: str, asked: bool = True) -> Reason:
        """What became of a gradient; `asked` tells that it should lie in `.grad`."""
        if p._node is None:
            return untracked(p, name)
        if p._node not in self.nodes:
            return unreached(p, name, self.root)
        if p.grad is not None:
            return self._held(name, p._node, p.grad.numpy(), asked)
        gradient = np.asarray(self.model.nodes[p._node].gradient)
        there = self._judged(f"the gradient at {name}", name, p._node, gradient)
        if p.is_leaf:
            return self._uncalled(name) if asked else there
        return Reason(
            "none",
            f"{grad_of(name)} is None: {name} is no leaf but what {p._node.op.name} gave, and only "
            "leaves keep their gradient.",
            (f"Call {call_of(name, 'retain_grad()')} before backward().", capital(there.headline),
             *there.findings),
        )  # fmt: skip

    def _held(self, name: str, node: Node, gradient: Any, asked: bool) -> Reason:
        """What lies in `.grad`, which need not be what this loss gives.

        If nobody asked for it, what counts is that the loss gives no numbers.
        """
        card = self.model.nodes[node]
        given = np.asarray(card.gradient)
        other = "" if self.model.note else another(gradient, given)
        if other and kind_of_size(gradient, card.value) != kind_of_size(given, card.value):
            if not asked and not np.all(np.isfinite(given)) and np.all(np.isfinite(gradient)):
                reason = self._judged(f"the gradient at {name}", name, node, given)
                return replace(reason, findings=(*reason.findings, _FINITE))
            return held(name, gradient, card.value, other)
        reason = self._judged(grad_of(name), name, node, gradient)
        return replace(reason, findings=(*reason.findings, other)) if other else reason

    def _uncalled(self, name: str) -> Reason:
        given = self.root is not last_root()
        hint = "call backward() on the loss" if given else "was the gradient cleared?"
        text = f"{grad_of(name)} is None, though the loss depends on {name}: {hint}"
        return Reason("none", text, illness="none")

    def _judged(self, what: str, name: str, node: Node, gradient: Any) -> Reason:
        """The gradient is there: is it a number, is it zero, small or large, is it all of it?"""
        model, card, size = self.model, self.model.nodes[node], rms(gradient)
        if not np.size(gradient):
            return Reason("sound", f"{what} is empty, as {name} is.")
        if not np.all(np.isfinite(gradient)):
            kind = "NaN" if np.any(np.isnan(gradient)) else "infinite"
            return Reason("nan", f"{what} is {kind}.", tuple(first_nan(model, card)), kind)
        if size == 0:
            found = [*broken_links(model, card), *cancelled(model, card)] or [_NOTHING_COMES]
            return Reason("zero", f"{what} is zero.", tuple(found), _why_none(found, "zero"))
        below = rms(card.value)
        shown = f"rms {number(size, 2)}, and {name} is {number(below, 2)}."
        if size < TINY * (below or 1.0):
            found = cancelled(model, card) or weak_links(model, card)
            return Reason(
                "tiny", f"{what} is tiny: {shown}", tuple(found), _why_none(found, "tiny")
            )
        if cuts := self._cuts(node, name):
            headline = f"{what} is partial: {self._partly(node, gradient)}."
            return Reason("partial", headline, tuple(cuts), "partial")
        if size > HUGE * (below or 1.0):
            found = strong_links(model, card)
            explodes = getattr(found[0], "kind", "") == "explodes"
            illness = "exploding" if explodes else "huge"
            return Reason("huge", f"{what} is {illness}: {shown}", tuple(found), illness)
        headline = f"{what} is there: rms {number(size, 2)}."
        if not all(np.all(np.isfinite(out.value)) for out in model.outputs):
            text = f"{headline} But the loss is no number."
            return Reason("sound", text, tuple(first_nan(model)), "NaN")
        share = float(np.mean(gradient == 0))  # of what is held: 0 where other losses gave it
        if share and (found := dead_units(model, card)):
            text = f"{headline} But {number(100 * share, 3)} % of it is 0."
            return Reason("dead", text, tuple(found), "dead")
        return Reason("sound", headline)

    def _partly(self, node: Node, gradient: Any) -> str:
        """`18 instead of 36`, where that is known."""
        share = shares_cut(self.model, node)
        if share is None:
            return f"{amount(gradient)} is without a path that was cut"
        return f"{amount(gradient)} instead of {amount(gradient + share)}, as a path was cut"

    def trail(self) -> list[Exit]:
        """The exits whose values came back into this loss; where NumPy's went cannot be seen."""
        if not any(each.where for each in self.nodes):
            return []  # the trail is of something else
        back = {each.extra.choice for each in self.nodes if each.extra is not None}
        return [each for each in exits() if each.what in back or each.kind == "NumPy"]

    def _cuts(self, node: Node, name: str) -> list[str]:
        """What on the trail took a part of a gradient's paths away."""
        cuts = [
            each for each in self.trail()
            if each.kind in ("detach", "no_grad") and node in each.sources
        ]  # fmt: skip
        return list(dict.fromkeys(told(each, name, node) for each in cuts))


def _why_none(found: Sequence[str], plain: str) -> str:
    """Next to no gradient in one word: "level" at a minimum, where nothing is wrong."""
    kinds = {getattr(each, "kind", "") for each in found} - {""}
    if kinds == {"level"}:
        return "level"
    if kinds == {"cancels"} or (plain == "tiny" and getattr(found[0], "kind", "") == "cancels"):
        return "cancelled"  # the worst link comes first
    return "dead" if kinds == {"dead"} else plain


def root_of(loss: Any) -> Node | None:
    if loss is None:
        return last_root()
    if isinstance(loss, Graph):
        return loss.tape.outputs[0]
    if type(loss) not in tensor_types:
        raise ArgumentTypeError(f"loss must be a Tensor or a Graph, got {type(loss).__name__}")
    if loss._node is None:
        raise BackwardError(
            "the loss has no graph: it does not require grad, or it was computed under no_grad"
        )
    node: Node = loss._node
    return node

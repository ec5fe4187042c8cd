"""why: the reason for a gradient that is None, zero, tiny, huge or not a number, with lines."""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.operands import tensor_types
from autograd.engine.trail import Exit, exits, last_root
from autograd.errors import ArgumentTypeError, BackwardError
from autograd.graph.graph import Graph
from autograd.viz.model.model import Model, build
from autograd.viz.model.names import Names
from autograd.viz.model.numbers import amount, number, one_line, rms
from autograd.viz.words.cancelling import cancelled
from autograd.viz.words.cut_paths import shares_cut
from autograd.viz.words.first_nan import first_nan
from autograd.viz.words.places import Finding
from autograd.viz.words.remedies import remedy_of
from autograd.viz.words.strong_links import dead_units, strong_links
from autograd.viz.words.weak_links import broken_links, weak_links

__all__ = ["NAMELESS", "Case", "Reason", "root_of", "why"]

_TINY, _HUGE = 1e-6, 1e4  # rms of a gradient beside that of its values
_NOTHING_COMES = "No upstream gradient reaches it: the loss does not change with what it goes into."
NAMELESS = "this Tensor"
_TO_FLOATS = "astype('float32').requires_grad_()"
_TRACE = "Compute the loss inside `with autograd.tracing():` and this says where."


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of a gradient, and why: one headline, and the findings below it."""

    state: str  # "none", "nan", "zero", "tiny", "huge", "partial", "dead" or "sound"
    headline: str
    findings: tuple[str, ...] = ()
    illness: str = ""  # in one word, such as "cancelled"; "" where nothing is wrong

    @property
    def where(self) -> str | None:
        """The source line of the first finding that has one."""
        places = (getattr(each, "where", None) for each in self.findings)
        return next(filter(None, places), None)

    @property
    def remedy(self) -> str:
        """What to do about it, in one line; "" where nothing is wrong."""
        return remedy_of(self.illness, [getattr(each, "kind", "") for each in self.findings])

    def __str__(self) -> str:
        return "\n".join(map(one_line, [self.headline, *(f"  {line}" for line in self.findings)]))

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(one_line(line))}</li>" for line in self.findings)
        return f"<p><b>{html.escape(one_line(self.headline))}</b></p><ul>{lines}</ul>"


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
    variables = sys._getframe(1).f_locals
    name = p.name or Names(variables).of_tensor(p) or NAMELESS
    variables = {**variables, name: p} if p.name is None else variables
    return Case(root_of(loss), variables).reason(p, name)


class Case:
    """A loss, and what is asked about its gradients: the graph is swept once, for all of them."""

    def __init__(self, root: Node | None, variables: Mapping[str, Any]) -> None:
        self.root, self.variables = root, variables
        self.nodes = set(topological([root])) if root is not None else set()
        self._model: Model | None = None

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
            return _untracked(p, name)
        if p._node not in self.nodes:
            return _unreached(p, name, self.root)
        if p.grad is not None:
            return self._judged(_grad(name), name, p._node, p.grad.numpy())
        gradient = np.asarray(self.model.nodes[p._node].gradient)
        there = self._judged(f"the gradient at {name}", name, p._node, gradient)
        if p.is_leaf:
            return self._uncalled(name) if asked else there
        return Reason(
            "none",
            f"{_grad(name)} is None: {name} is no leaf but what {p._node.op.name} gave, and only "
            "leaves keep their gradient.",
            (f"Call {_call(name, 'retain_grad()')} before backward().", _capital(there.headline),
             *there.findings),
        )  # fmt: skip

    def _uncalled(self, name: str) -> Reason:
        given = self.root is not last_root()
        hint = "call backward() on the loss" if given else "was the gradient cleared?"
        text = f"{_grad(name)} is None, though the loss depends on {name}: {hint}"
        return Reason("none", text, illness="none")

    def _judged(self, what: str, name: str, node: Node, gradient: Any) -> Reason:
        """The gradient is there: is it a number, is it zero, small or large, is it all of it?"""
        model, card, size = self.model, self.model.nodes[node], rms(gradient)
        if not np.all(np.isfinite(gradient)):
            kind = "NaN" if np.any(np.isnan(gradient)) else "infinite"
            return Reason("nan", f"{what} is {kind}.", tuple(first_nan(model)), kind)
        if size == 0:
            found = [*broken_links(model, card), *cancelled(model, card)] or [_NOTHING_COMES]
            return Reason("zero", f"{what} is zero.", tuple(found), _why_none(found, "zero"))
        below = rms(card.value)
        shown = f"rms {number(size, 2)}, and {name} is {number(below, 2)}."
        if size < _TINY * (below or 1.0):
            found = cancelled(model, card) or weak_links(model, card)
            return Reason(
                "tiny", f"{what} is tiny: {shown}", tuple(found), _why_none(found, "tiny")
            )
        if cuts := self._cuts(node, name):
            headline = f"{what} is partial: {self._partly(node, gradient)}."
            return Reason("partial", headline, tuple(cuts), "partial")
        if size > _HUGE * (below or 1.0):
            found = strong_links(model, card)
            explodes = getattr(found[0], "kind", "") == "explodes"
            illness = "exploding" if explodes else "huge"
            return Reason("huge", f"{what} is {illness}: {shown}", tuple(found), illness)
        headline = f"{what} is there: rms {number(size, 2)}."
        if not all(np.all(np.isfinite(out.value)) for out in model.outputs):
            text = f"{headline} But the loss is no number."
            return Reason("sound", text, tuple(first_nan(model)), "NaN")
        if found := dead_units(model, card):
            share = number(100 * float(np.mean(gradient == 0)), 3)
            return Reason("dead", f"{headline} But {share} % of it is 0.", tuple(found), "dead")
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
        return list(dict.fromkeys(_told(each, name, node) for each in cuts))


def _why_none(found: Sequence[str], plain: str) -> str:
    """Next to no gradient in one word: "level" at a minimum, where nothing is wrong."""
    kinds = {getattr(each, "kind", "") for each in found} - {""}
    if kinds == {"level"}:
        return "level"
    return "cancelled" if kinds == {"cancels"} else "dead" if kinds == {"dead"} else plain


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


def _untracked(p: Any, name: str) -> Reason:
    """A Tensor that no graph knows."""
    if p.dtype.kind not in "fc":
        return Reason(
            "none",
            f"{_capital(name)} is {p.dtype}, which has no derivative.",
            (f"Make it floating: {_call(name, _TO_FLOATS)}.",),
            "frozen",
        )
    return Reason(
        "none",
        f"{_capital(name)} does not require grad, so no gradient is computed for it.",
        (f"Call {_call(name, 'requires_grad_()')} before it is used.",),
        "frozen",
    )


def _unreached(p: Any, name: str, root: Node | None) -> Reason:
    """The loss does not depend on it: something cut the way, if it was ever used."""
    cuts = [each for each in exits() if p._node in each.sources]
    findings: list[str] = list(dict.fromkeys(_told(each, name, p._node) for each in cuts))
    if root is None:
        headline = f"{_grad(name)} is None: no backward() has run under tracing."
        findings.append("Pass the loss: autograd.why(p, loss).")
    else:
        headline = f"{_grad(name)} is None: the loss does not depend on it through the graph."
    if not cuts:
        findings.append(
            f"Nothing that was traced took {name} out of the graph: it was not used for this loss, "
            "or not under tracing."
        )
        findings.append(_TRACE)
    return Reason("none", headline, tuple(findings), "none")


def _told(each: Exit, name: str, own: Node) -> Finding:
    """One exit in words: `detach() at model.py:12 cut off h, which came from w by matmul`."""
    cut = name if each.own() is own else f"{each.label}, which depends on {name},"
    place = f" at {each.where}" if each.where else ""
    inside = f" in {each.module}" if each.module else ""
    words = {
        "detach": f"{each.what}(){place} takes {cut} out of the graph",
        "NumPy": f"{each.what}{place} hands {cut} to NumPy or Python, which record nothing",
        "no_grad": f"{each.what}{place} used {cut} while no_grad was on",
        "integer": f"{each.what}{place} turns {cut} into integers, without a derivative",
        "no derivative": f"{each.what}{place} has no derivative, and it used {cut}",
    }
    return Finding(words[each.kind] + inside, "cut", each.where)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if " " in text else text  # a variable keeps its letters


def _grad(name: str) -> str:
    return f"The gradient of {name}" if name == NAMELESS else f"{name}.grad"


def _call(name: str, method: str) -> str:
    """`w.retain_grad()`, or how to say that of what has no name that Python could read."""
    is_variable = name.replace(".", "").isidentifier()
    return f"{name}.{method}" if is_variable else f".{method} on it"

"""why: the reason for a gradient that is None, zero, tiny or not a number, with source lines."""

from __future__ import annotations

import html
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.operands import tensor_types
from autograd.engine.trail import Exit, exits, last_root
from autograd.errors import ArgumentTypeError, BackwardError
from autograd.graph.graph import Graph
from autograd.viz.model.model import Card, Model, build
from autograd.viz.model.names import Names
from autograd.viz.model.numbers import number, one_line, rms
from autograd.viz.words.cancelling import cancelled
from autograd.viz.words.first_nan import first_nan
from autograd.viz.words.weak_links import broken_links, weak_links

__all__ = ["Reason", "why"]

_TINY = 1e-6  # rms of a gradient beside that of its values
_NOTHING_COMES = "No upstream gradient reaches it: the loss does not change with what it goes into."
_NAMELESS = "this Tensor"
_TO_FLOATS = "astype('float32').requires_grad_()"
_TRACE = "Compute the loss inside `with autograd.tracing():` and this says where."


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of a gradient, and why: one headline, and the findings below it."""

    state: str  # "none", "nan", "zero", "tiny" or "sound"
    headline: str
    findings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(map(one_line, [self.headline, *(f"  {line}" for line in self.findings)]))

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{html.escape(one_line(line))}</li>" for line in self.findings)
        return f"<p><b>{html.escape(one_line(self.headline))}</b></p><ul>{lines}</ul>"


def why(p: Any, loss: Any = None) -> Reason:
    """Say why the gradient of a Tensor p is None, zero, tiny or NaN, and where it was lost.

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
    name = p.name or Names(variables).of_tensor(p) or _NAMELESS
    if p._node is None:
        return _untracked(p, name)
    root = _root(loss)
    nodes = topological([root]) if root is not None else []
    if root is None or p._node not in nodes:
        return _unreached(p, name, root)
    model = build(Graph(root), {**variables, name: p} if p.name is None else variables)
    card = model.nodes[p._node]
    gradient = p.grad.numpy() if p.grad is not None else np.asarray(card.gradient)
    if p.grad is not None:
        return _judged(_grad(name), name, model, card, gradient)
    if p.is_leaf:
        hint = "call backward() on the loss" if loss is not None else "was the gradient cleared?"
        return Reason("none", f"{_grad(name)} is None, though the loss depends on {name}: {hint}")
    there = _judged(f"the gradient at {name}", name, model, card, gradient)
    return Reason(
        "none",
        f"{_grad(name)} is None: {name} is no leaf but what {p._node.op.name} gave, and only "
        "leaves keep their gradient.",
        (f"Call {_call(name, 'retain_grad()')} before backward().", _capital(there.headline),
         *there.findings),
    )  # fmt: skip


def _root(loss: Any) -> Node | None:
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
        )
    return Reason(
        "none",
        f"{_capital(name)} does not require grad, so no gradient is computed for it.",
        (f"Call {_call(name, 'requires_grad_()')} before it is used.",),
    )


def _unreached(p: Any, name: str, root: Node | None) -> Reason:
    """The loss does not depend on it: something cut the way, if it was ever used."""
    cuts = [each for each in exits() if p._node in each.sources]
    findings = list(dict.fromkeys(_told(each, name, p._node) for each in cuts))
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
    return Reason("none", headline, tuple(findings))


def _told(each: Exit, name: str, own: Node) -> str:
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
    return words[each.kind] + inside


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if " " in text else text  # a variable keeps its letters


def _grad(name: str) -> str:
    return f"The gradient of {name}" if name == _NAMELESS else f"{name}.grad"


def _call(name: str, method: str) -> str:
    """`w.retain_grad()`, or how to say that of what has no name that Python could read."""
    is_variable = name.replace(".", "").isidentifier()
    return f"{name}.{method}" if is_variable else f".{method} on it"


def _judged(what: str, name: str, model: Model, card: Card, gradient: Any) -> Reason:
    """The gradient is there: is it a number, is it zero, is it small?"""
    size = rms(gradient)
    if not np.all(np.isfinite(gradient)):
        kind = "NaN" if np.any(np.isnan(gradient)) else "infinite"
        return Reason("nan", f"{what} is {kind}.", tuple(first_nan(model)))
    if size == 0:
        found = [*broken_links(model, card), *cancelled(model, card)]
        return Reason("zero", f"{what} is zero.", tuple(found or [_NOTHING_COMES]))
    below = rms(card.value)
    if size < _TINY * (below or 1.0):
        headline = f"{what} is tiny: rms {number(size, 2)}, and {name} is {number(below, 2)}."
        found = cancelled(model, card) or weak_links(model, card)
        return Reason("tiny", headline, tuple(found))
    headline = f"{what} is there: rms {number(size, 2)}."
    if not all(np.all(np.isfinite(out.value)) for out in model.outputs):
        return Reason("sound", f"{headline} But the loss is no number.", tuple(first_nan(model)))
    return Reason("sound", headline)

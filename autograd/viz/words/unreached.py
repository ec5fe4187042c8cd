"""Why no gradient of a loss reaches a Tensor: nothing tracks it, or the way was cut."""

from __future__ import annotations

from typing import Any

from autograd.engine.node import Node
from autograd.engine.trail import Exit, exits
from autograd.viz.model.numbers import number, rms
from autograd.viz.words.held import held
from autograd.viz.words.places import Finding
from autograd.viz.words.reason import Reason, call_of, capital, grad_of

__all__ = ["told", "unreached", "untracked"]

_TO_FLOATS = "astype('float32').requires_grad_()"
_LOSS_UNKNOWN = "No backward() has run under tracing: autograd.why({}, loss) tells what made it so."
_TRACE = "Compute the loss inside `with autograd.tracing():` and this says where."


def untracked(p: Any, name: str) -> Reason:
    """A Tensor that no graph knows."""
    if p.dtype.kind not in "fc":
        return Reason(
            "none",
            f"{capital(name)} is {p.dtype}, which has no derivative.",
            (f"Make it floating: {call_of(name, _TO_FLOATS)}.",),
            "frozen",
        )
    return Reason(
        "none",
        f"{capital(name)} does not require grad, so no gradient is computed for it.",
        (f"Call {call_of(name, 'requires_grad_()')} before it is used.",),
        "frozen",
    )


def unreached(p: Any, name: str, root: Node | None) -> Reason:
    """The loss does not depend on it: something cut the way, if it was ever used."""
    cuts = [each for each in exits() if p._node in each.sources]
    findings: list[str] = list(dict.fromkeys(told(each, name, p._node) for each in cuts))
    if root is None and p.grad is not None:
        return held(name, p.grad.numpy(), p.numpy(), _LOSS_UNKNOWN.format(name))
    if root is None:
        headline = f"{grad_of(name)} is None: no backward() has run under tracing."
        findings.append("Pass the loss: autograd.why(p, loss).")
    elif p.grad is not None:
        size = f"rms {number(rms(p.grad.numpy()), 2)}"
        headline = (
            f"The loss does not depend on {name} through the graph; {grad_of(name)} ({size}) came "
            "from another one."
        )
    else:
        headline = f"{grad_of(name)} is None: the loss does not depend on it through the graph."
    if not cuts:
        findings.append(
            f"Nothing that was traced took {name} out of the graph: it was not used for this loss, "
            "or not under tracing."
        )
        findings.append(_TRACE)
    return Reason("none", headline, tuple(findings), "none")


def told(each: Exit, name: str, own: Node) -> Finding:
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

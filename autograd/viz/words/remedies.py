"""What to do about an illness of a gradient, by what was found."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["remedy_of"]

_OF_FINDINGS = {
    "failed": "",  # what was raised says it
    "cut": "take that step out, or keep the value in the graph with the functions of autograd",
    "dead": "smaller steps, another start, or leaky_relu, gelu or elu, which pass something on",
    "saturated": "keep what goes in near 0: normalize it, start with smaller weights, or use relu",
    "level": "nothing, if this is the minimum; else start elsewhere",
    "stairs": "replace it in the loss by something smooth: it has no slope to learn by",
    "choice": "see whether it should choose the other one everywhere; soften it if not",
    "factor": "see whether the factor is meant: weights that start at 0, a mask, a tiny constant",
    "cancels": "see whether the loss should depend on it: what it adds is taken away again",
    "explodes": "clip the gradient, start with smaller (orthogonal) weights, or use an LSTM or GRU",
    "vanishes": "relu or its kin, normalization, shortcuts, weights that keep its size (He)",
    "large": "scale the loss, the data or that factor; clip the gradient",
    "came": "look at the data and the weights before this step: it came in already",
    "overflows": "subtract the largest before it, as softmax and logsumexp do; or clip",
    "born": "keep its input where it is defined: a safe input by where, an eps, or clip",
}
_OF_ILLNESSES = {
    "none": "use it for this loss, or leave it out",
    "zero": "see whether the loss is meant to change with it, and how that op passes it on",
    "tiny": "look at the scale of the loss, and at normalization or shortcuts on the way",
    "huge": "scale the loss or the data; clip the gradient",
    "NaN": "look at hooks, and clear the gradient of an earlier backward()",
    "infinite": "look at hooks, and clear the gradient of an earlier backward()",
    "frozen": "requires_grad_() before it is used, if it should learn",
}


def remedy_of(illness: str, kinds: Iterable[str]) -> str:
    """What helps: by the first finding, else by the illness; "" of none."""
    if not illness:
        return ""
    first = next(filter(None, kinds), "")
    if first in _OF_FINDINGS:
        return _OF_FINDINGS[first]
    return _OF_ILLNESSES.get(illness, "")

"""Where on its way a gradient is lost: the links that pass nothing or little."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.viz.model.model import Card, Edge, Model
from autograd.viz.model.numbers import amount, number, rms
from autograd.viz.model.pullback import pulls_of
from autograd.viz.words.fading import FADED, fading
from autograd.viz.words.places import Finding, place_of, range_of

__all__ = [
    "SATURATED", "SATURATING", "broken_link", "broken_links", "is_linear",
    "is_where_it_should_be", "on_the_way",
    "turning_point", "weak_links",
]  # fmt: skip

SATURATED = 1e-3  # a local derivative below it passes next to nothing
_WEAK, _MOST = 0.2, 3
_STAIRS = {"sign", "floor", "ceil", "round", "rint", "trunc", "heaviside"}
_PRODUCTS = {"multiply", "matmul", "linear", "outer", "vecdot", "tensordot"}
_EXTREMES = {"maximum", "minimum", "fmax", "fmin"}
SATURATING = {  # smooth where they are flat: they come to next to nothing, and never stop
    "tanh", "hardtanh", "sigmoid", "hardsigmoid", "logsigmoid", "erf", "erfc", "ndtr", "elu",
    "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "gaussian", "exp", "exp2",
    "expm1", "atan", "logaddexp", "logaddexp2",
}  # fmt: skip
_KINDS = {
    "dead (": "dead", "saturated (": "saturated", ": a minimum": "level", ": a maximum": "level",
    "staircase": "stairs", "shares of this": "cancels", "does not change with": "cancels",
    "the other factor": "factor",
}  # fmt: skip
_LEVEL = "a level point"
_RIGHT = 0.9  # of a batch
_CANCELS = 1e-6  # of what an op passes on of another upstream gradient of the same size


def broken_links(model: Model, card: Card) -> list[str]:
    """The ops that turn a gradient into zeros on the way to a tensor."""
    found: list[str] = []
    for edge in on_the_way(model, card):
        if not np.any(edge.contribution) and rms(edge.target.outputs[0].gradient) > 0:
            found.append(broken_link(model, edge))
    return found


def broken_link(model: Model, edge: Edge) -> Finding:
    """How an op turns a gradient into zeros."""
    return _loss_at(model, edge, "stops it")


def weak_links(model: Model, card: Card) -> list[str]:
    """The ops that make a gradient small on the way to a tensor, the worst first."""
    found = []
    for edge in on_the_way(model, card):
        out = edge.target.outputs[0]
        is_sum = out.shape == () and edge.source.shape != ()  # which gives each a small share
        if is_sum or not rms(out.gradient):
            continue
        gain = rms(edge.contribution) / rms(out.gradient)
        if gain < _WEAK:
            link: str = _loss_at(model, edge, f"passes on × {number(gain, 2)}")
            found.append((gain, link))
    found.sort(key=lambda pair: pair[0])
    told = [text for _, text in found[:_MOST]]
    if len(found) > _MOST:
        told.append(f"and {len(found) - _MOST} more ops pass on less than × {_WEAK}")
    if not found or found[0][0] > FADED:  # what many take together is more
        told = [*fading(on_the_way(model, card)), *told]
    if not told:
        seed = model.outputs[0].gradient
        told = [f"no single op is to blame: the loss sends {number(rms(seed), 2)}, and sums follow"]
    return told


def on_the_way(model: Model, card: Card) -> list[Edge]:
    """The edges that lie on a path to a tensor, in the order of the backward pass."""
    leads: set[Card] = set()
    found = []
    for each in model.cards:
        edges = each.maker.edges if each.maker is not None else []
        mine = [e for e in edges if e.contribution is not None and e.source in leads]
        if each is card or mine:
            leads.add(each)
        found += mine
    return sorted(found, key=lambda edge: edge.target.order)


def _loss_at(model: Model, edge: Edge, verb: str) -> Finding:
    text = f"{place_of(edge.target)} {verb}"
    reason, kind = _choice(edge), "choice"
    if not reason:
        linear = is_linear(edge)
        reason, kind = _factor(edge) if linear else "", "factor"
        if not reason:
            reason, kind = _flatness(model, edge) if not linear else _level(model, edge), "flat"
    kind = next((own for words, own in _KINDS.items() if words in reason), kind)
    told = f"{text}: {reason}" if reason else text
    return Finding(told, kind, edge.target.where, [edge.target], _short(edge, reason, kind))


def _short(edge: Edge, reason: str, kind: str) -> str:
    """The reason as a picture has room for it; "" where there is no more to see than a gain."""
    if found := re.match(r"(\S+ %) of its units are (\w+)", reason):
        return " ".join(found.groups())
    if not np.size(edge.contribution):
        return ""
    if kind == "factor":
        sign, last = "÷" if "divisor" in reason else "×", reason.removesuffix(" everywhere")
        return f"{sign} {last.rpartition(' ')[2]}" if " to " not in reason else f"{sign} next to 0"
    words = {"cancels": "cancels", "stairs": "a staircase", "choice": "not chosen"}
    if kind == "choice" and edge.target.op.name == "clip":
        return "100 % dead"
    if kind == "choice" and edge.target.literals and edge.target.op.name in _EXTREMES:
        return "100 % dead"
    return words.get(kind, "" if rms(edge.contribution) or kind == "level" else "stops ∇")


def _choice(edge: Edge) -> str:
    """Why an op that chooses or rounds passes nothing at all."""
    name, step = edge.target.op.name, edge.target
    if rms(edge.contribution):
        return ""
    if not np.size(edge.contribution):
        return f"{edge.source.name} is empty"
    if name in _STAIRS:
        return "its derivative is 0 everywhere, it is a staircase"
    if name in _EXTREMES:
        others = [each.source.name for each in step.edges if each.position != edge.position]
        others += [number(value) for value in step.literals.values()]
        word = "greater" if "max" in name else "less"
        return f"{others[0]} is {word} than {edge.source.name}{_throughout(edge)}" if others else ""
    if name == "clip":
        return f"{edge.source.name} {range_of(edge.source.value)} is out of its bounds"
    return "it takes the other one here" if name in ("where", "masked_fill") else ""


def _throughout(edge: Edge) -> str:
    return " everywhere" if np.size(edge.target.outputs[0].value) > 1 else ""


def is_linear(edge: Edge) -> bool:
    """Whether an op is linear in this input: its derivative depends on other things alone."""
    op = edge.target.op
    name = op.inputs[0] if op.variadic else edge.input
    return not {name, "out"} & op.saves.get(name, frozenset())


def _factor(edge: Edge) -> str:
    """What a product multiplies by."""
    step = edge.target
    if edge.input == "bias":
        return ""
    others = [f"{e.source.name} {_is(e.source.value)}" for e in step.edges if e is not edge]
    others += [
        number(+np.float64(value) if np.asarray(value).dtype.kind == "b" else value)
        for value in step.literals.values()
    ]
    name = step.op.name
    is_product = name in _PRODUCTS or "convolution" in name
    word = "the divisor" if name == "divide" else "the other factor" if is_product else ""
    return f"{word}: {others[0]}" if word and others else ""


def _is(value: Any) -> str:
    return f"is {amount(value)}" if np.size(value) == 1 else range_of(value)


def _flatness(model: Model, edge: Edge) -> str:
    """Which share of an elementwise op's units passes nothing or next to it, and how so."""
    met = f"{edge.source.name} {range_of(edge.source.value)}"
    if rms(edge.contribution) == 0 and (turning := turning_point(edge)):
        return f"its slope is 0 where {met}: {turning}"
    upstream = np.abs(np.asarray(edge.target.outputs[0].gradient))
    passed = np.abs(np.asarray(edge.contribution))
    if not edge.target.op.elementwise:
        return _level(model, edge)
    if upstream.shape != passed.shape:
        return ""
    live = upstream > 0
    if not np.any(live):
        return ""
    ratio = passed[live] / upstream[live]
    saturates = edge.target.op.name in SATURATING
    turning = turning_point(edge) if np.all(ratio < SATURATED) else ""
    if turning and not (saturates and turning == _LEVEL):
        return f"its slope is 0 where {met}: {turning}"
    if (dead := float(np.mean(ratio == 0))) and not saturates:
        return f"{number(100 * dead, 3)} % of its units are dead (derivative 0)"
    if saturates and np.all(ratio < SATURATED) and is_where_it_should_be(edge):
        return f"the loss presses its units to the bounds where they are ({met}): a minimum"
    if saturated := float(np.mean(ratio < SATURATED)):
        return f"{number(100 * saturated, 3)} % of its units are saturated ({met})"
    return ""


def is_where_it_should_be(edge: Edge) -> bool:
    """Whether a log follows, as in a likelihood, and the loss presses nearly all to their bounds.

    Then they are sure and right, and not stuck.
    """
    out = edge.target.outputs[0]
    after = [use.target for use in out.uses]
    after += [use.target for step in after for card in step.outputs for use in card.uses]
    if not any("log" in step.op.name for step in after):
        return False
    pressed = -np.real(np.asarray(out.gradient)) * np.real(np.asarray(edge.source.value)) > 0
    return float(np.mean(pressed)) >= _RIGHT


def _level(model: Model, edge: Edge) -> str:
    """Of an op that mixes elements: whether its shares for this upstream gradient cancel."""
    node = edge.target.node
    g = model.cotangents[node]
    with np.errstate(all="ignore"):
        other = tuple(map(_uneven, g)) if isinstance(g, tuple) else _uneven(g)
        passed = pulls_of(node, model.values, other)[edge.position].contribution
    if not rms(passed):
        return _factor_of_zeros(model, edge, other) or "its derivative is 0 here"
    if not rms(edge.contribution) <= _CANCELS * rms(passed):
        return ""
    upstream = np.asarray(edge.target.outputs[0].gradient)
    if np.all(upstream == upstream.reshape(-1)[0]):
        return f"the sum of what it gives does not change with {edge.source.name}"
    return "its shares of this upstream gradient cancel"


def _factor_of_zeros(model: Model, edge: Edge, g: Any) -> str:
    """An operand that is 0 everywhere, such as the scale of a norm, with which nothing passes."""
    node = edge.target.node
    for other in edge.target.edges:
        source = node.inputs[other.position]
        if other is edge or type(source) is not Node or np.any(other.source.value):
            continue
        ones: Any = ChainMap({source: np.ones_like(other.source.value)}, model.values)
        with np.errstate(all="ignore"):
            pull = pulls_of(node, ones, g).get(edge.position)
        if pull is not None and rms(pull.contribution):
            return f"the other factor: {other.source.name} {_is(other.source.value)}"
    return ""


def _uneven(g: Any) -> Any:
    """A cotangent of about the same size, and with other ratios between its elements."""
    waves = np.cos(1.0 + 1.7 * np.arange(np.size(g))).reshape(np.shape(g))
    return (g * waves).astype(np.asarray(g).dtype)


def turning_point(edge: Edge) -> str:
    """What an elementwise op has where it is flat at its input, but not on either side of it."""
    node = edge.target.node
    if not node.op.elementwise and np.size(edge.target.outputs[0].value) > 1:
        return ""  # what it gives has no one direction
    inputs = [None] * len(node.inputs)
    for position, value in edge.target.literals.items():
        inputs[position] = value
    for each in edge.target.edges:
        inputs[each.position] = each.source.value
    x = np.asarray(edge.source.value)
    here = np.asarray(edge.target.outputs[0].value)
    if x.dtype.kind not in "fc" or here.dtype.kind != "f":
        return ""
    sides = []
    with np.errstate(all="ignore"):
        for step in _steps(x, node.op.elementwise):
            inputs[edge.position] = (x + step) if x.ndim else (x + step)[()]
            sides.append(np.asarray(node.op.forward(*inputs, **node.parameters())) - here)
    if not all(np.all(side != 0) for side in sides):
        return ""
    if all(np.all(side > 0) for side in sides):
        return "a minimum"
    return "a maximum" if all(np.all(side < 0) for side in sides) else _LEVEL


def _steps(x: Any, elementwise: bool) -> list[Any]:
    """Small steps to either side; of elements that are mixed also in another direction."""
    step = 1e-2 * (1 + np.abs(x))
    found = [step] if elementwise else [step, _uneven(step)]
    if x.dtype.kind == "c":
        found += [1j * each for each in found]
    return [np.asarray(sign * each, x.dtype) for each in found for sign in (-1, 1)]

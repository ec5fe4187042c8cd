"""Typical mistakes with the chain rule, made on purpose: what each of them gives, and its name."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.graph.interpret import inputs_of
from autograd.sweep.cotangent import conjugate
from autograd.viz.model.local import factor, locals_of
from autograd.viz.model.model import Edge, Model
from autograd.viz.model.numbers import one_line, symbol
from autograd.viz.model.pullback import Pull, input_names, pulls_of

__all__ = ["PRODUCTS", "Mistake", "of_element", "of_local", "of_product", "of_sum"]

SAME = 0.005  # relative: nearer answers are one answer
PRODUCTS = ("matmul", "linear", "dot")
_MOST = 12  # that are told apart

_CHAIN = "that is the local derivative alone: the chain is forgotten, times the upstream gradient"
_SIGN = "the size is right, the sign is not"
_OUT = "that uses the output where the input is asked"
_IN = "that uses the input where the output is asked"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer, and what was done to get it."""

    value: Any
    words: str


def of_local(model: Model, edge: Edge) -> list[Mistake]:
    """Of ∂out/∂in, a number."""
    right, step = edge.local, edge.target
    found = [Mistake(-right, _SIGN)]
    found += [Mistake(local, words) for local, words in _swapped_locals(model, edge)]
    for other in step.edges:
        if other.source is not edge.source and other.local is not None:
            words = f"that is the derivative by {symbol(one_line(other.source.name))}"
            found.append(Mistake(other.local, words))
    if step.op.name == "power" and 1 in step.literals and step.literals[1]:
        exponent = step.literals[1]
        found.append(Mistake(right / exponent, "the exponent is missing as a factor"))
        lowered = "the exponent as a factor, and the power one lower: this power is not lowered"
        found.append(Mistake(right * edge.source.value, lowered))
    if step.op.name == "square":
        found.append(Mistake(right / 2, "the exponent 2 is missing as a factor"))
    ahead = "that is already times the upstream gradient; only the local derivative is asked"
    found += [
        Mistake(edge.contribution, ahead),
        Mistake(step.outputs[0].value, "that is the value of the output, not its derivative"),
    ]
    return _told_apart(found, right)


def of_product(model: Model, edge: Edge, upstream: Any) -> list[Mistake]:
    """Of upstream × local, a number."""
    right, local = edge.contribution, edge.derivation
    assert local is not None
    found = [
        Mistake(local.times(np.ones_like(upstream)), f"{_CHAIN} {factor(upstream)}"),
        Mistake(upstream, "that is the upstream gradient alone: times the local derivative"),
        Mistake(-right, _SIGN),
    ]
    if np.iscomplexobj(local.value):
        found.append(Mistake(upstream * local.value, "the factor is the conjugate"))
    added = "upstream and local are added there; along a path they are multiplied"
    found.append(Mistake(upstream + local.value, added))
    swapped = _swapped_locals(model, edge)
    found += [Mistake(upstream * np.conj(value), words) for value, words in swapped]
    for other in edge.target.edges:
        if other.source is not edge.source and other.contribution is not None:
            words = f"that is what reaches {symbol(one_line(other.source.name))}"
            found.append(Mistake(other.contribution, words))
    return _told_apart(found, right)


def of_element(model: Model, edge: Edge, index: tuple[int, ...]) -> list[Mistake]:
    """Of one element of what an op sends to an input; () is that of a number."""
    right = np.asarray(edge.contribution)[index]
    found: list[Mistake] = []
    found += _unsummed(model, edge, index)
    found += _wrong_means(edge, right)
    g = _cotangent(model, edge)
    ones = tuple(map(np.ones_like, g)) if isinstance(g, tuple) else np.ones_like(g)
    alone = _pulled(model, edge, ones)
    if alone is not None:
        found.append(Mistake(_element(alone, index), _CHAIN))
    found.append(Mistake(-right, _SIGN))
    found += _wrong_transposes(edge, index)
    for values, words in _swapped_values(model, edge):
        pull = _pulled(model, edge, g, values)
        if pull is not None:
            found.append(Mistake(_element(pull, index), words))
    for card in edge.target.outputs:
        upstream = np.asarray(card.gradient)
        if upstream.shape == np.shape(edge.contribution):
            words = "that is the upstream gradient alone: times the local derivative"
            found.append(Mistake(upstream[index], words))
    return _told_apart(found, right)


def of_sum(terms: Sequence[Any], right: Any) -> list[Mistake]:
    """Of the shares of several uses."""
    count = len(terms)
    alone = f"that is one of {count} uses alone: where paths meet, their shares are added"
    found = [Mistake(term, alone) for term in terms[::-1][:_MOST]]
    found += [
        Mistake(np.prod(terms), "shares are added where paths meet, not multiplied"),
        Mistake(right / count, "that is their mean; shares are added"),
        Mistake(-right, _SIGN),
    ]
    if count == 2:
        found.append(Mistake(terms[0] - terms[1], "the shares are added with their signs"))
        found.append(Mistake(terms[1] - terms[0], "the shares are added with their signs"))
    return _told_apart(found, right)


# ---- mistakes, made ------------------------------------------------------------------------------


def _unsummed(model: Model, edge: Edge, index: tuple[int, ...]) -> Iterator[Mistake]:
    """What there is before the sum over the axes that the input was broadcast over."""
    pull = _pulled(model, edge, _cotangent(model, edge)) if edge.summed else None
    if pull is None:
        return
    whole = conjugate(np.asarray(pull.rule.value))
    axes = ", ".join(map(str, edge.summed))
    lead = whole.ndim - len(index)
    place = [slice(None) if i in edge.summed else index[i - lead] for i in range(whole.ndim)]
    terms = np.asarray(whole[tuple(place)]).ravel()
    some = "the broadcast axis" if len(edge.summed) == 1 else "the broadcast axes"
    words = f"that is one of {terms.size} terms: forgot to sum over {some} {axes}"
    yield from (Mistake(term, words) for term in terms[:_MOST])
    if terms.size:
        yield Mistake(terms.mean(), f"that is the mean over {some} {axes}; the gradient is the sum")


def _wrong_means(edge: Edge, right: Any) -> Iterator[Mistake]:
    """The factor 1/n of a mean, left out."""
    if edge.target.op.name == "mean" and np.size(edge.target.outputs[0].value):
        n = np.size(edge.source.value) // np.size(edge.target.outputs[0].value)
        yield Mistake(right * n, f"forgot the factor 1/n of the mean: n is {n}")


def _wrong_transposes(edge: Edge, index: tuple[int, ...]) -> Iterator[Mistake]:
    """The products of G with the other factor that fit, and the transpose of the right one."""
    step, right = edge.target, np.asarray(edge.contribution)
    if step.op.name not in PRODUCTS or right.ndim < 2:
        return
    words = "wrong transpose: that is the element of {}"
    *lead, row, column = index
    if column < right.shape[-2] and row < right.shape[-1]:
        turned = right[(*lead, column, row)]
        yield Mistake(turned, words.format(f"(∇{symbol(one_line(edge.source.name))})ᵀ"))
    upstream = np.asarray(step.outputs[0].gradient)
    for other in step.edges:
        factor_ = np.asarray(other.source.value)
        if other.position == edge.position or factor_.ndim < 2 or upstream.ndim < 2:
            continue
        name = symbol(one_line(other.source.name))
        for product, text in _products(upstream, factor_, name):
            if product.shape == right.shape:
                yield Mistake(product[index], words.format(text))


def _products(g: Any, other: Any, name: str) -> Iterator[tuple[Any, str]]:
    gs = ((g, "G"), (g.swapaxes(-1, -2), "Gᵀ"))
    others = ((other, name), (other.swapaxes(-1, -2), f"{name}ᵀ"))
    for a, a_text in gs:
        for b, b_text in others:
            for left, right, text in ((a, b, f"{a_text}·{b_text}"), (b, a, f"{b_text}·{a_text}")):
                if left.shape[-1] == right.shape[-2] and left.shape[:-2] == right.shape[:-2]:
                    yield left @ right, text


def _swapped_values(model: Model, edge: Edge) -> Iterator[tuple[dict[Node, Any], str]]:
    """The values of a step with its output in the place of its inputs, and the other way round."""
    node = edge.target.node
    out = model.values[node]
    if isinstance(out, tuple):
        return
    alike = [
        source
        for source in node.inputs
        if type(source) is Node and np.shape(model.values[source]) == np.shape(out)
    ]
    if alike:
        yield dict.fromkeys(alike, out), _OUT
    source = node.inputs[edge.position]
    if source in alike:
        yield {node: model.values[source]}, _IN


def _swapped_locals(model: Model, edge: Edge) -> Iterator[tuple[Any, str]]:
    node = edge.target.node
    name = input_names(node)[edge.position]
    for values, words in _swapped_values(model, edge):
        known: Any = ChainMap(values, model.values)
        inputs = tuple(inputs_of(node, known))
        local = locals_of(node.op, inputs, node.parameters(), known[node]).get(name)
        if local is not None and local.barred is None:
            yield local.value, words


def _pulled(model: Model, edge: Edge, g: Any, values: dict[Node, Any] | None = None) -> Pull | None:
    known: Any = ChainMap(values, model.values) if values else model.values
    return pulls_of(edge.target.node, known, g).get(edge.position)


def _cotangent(model: Model, edge: Edge) -> Any:
    """The upstream gradient as the engine's rules take it."""
    return model.cotangents[edge.target.node]


def _element(pull: Pull, index: tuple[int, ...]) -> Any:
    return conjugate(np.asarray(pull.contribution))[index]


def _told_apart(found: Iterable[Mistake], right: Any) -> list[Mistake]:
    """Those that give another finite number than the right one; of one number the first."""
    kept: list[Mistake] = []
    for mistake in found:
        value = np.asarray(mistake.value)[()]
        if not np.isfinite(value) or _is_near(value, right):
            continue
        if not any(_is_near(value, other.value) for other in kept):
            kept.append(Mistake(value, mistake.words))
    return kept[:_MOST]


def _is_near(value: Any, right: Any) -> bool:
    return bool(abs(value - right) <= SAME * max(abs(value), abs(right)))

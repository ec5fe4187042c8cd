"""What the page asks in guess mode: derivatives, products, sums, shapes and single elements.

Every answer is a number of the model's own ledger. With it go the wrong answers that typical
mistakes give, each computed by making that mistake: a name is only said where it is deserved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.viz.model.local import factor
from autograd.viz.model.mistakes import PRODUCTS, Mistake, of_element, of_local, of_product, of_sum
from autograd.viz.model.model import Card, Edge, Model, Step
from autograd.viz.model.numbers import clip, is_finite, number, one_line, symbol
from autograd.viz.model.paths import derivative_line

__all__ = ["asks_of"]

MOST = 200  # ops that are asked about
LARGE, FEW = 1000, 60  # of a graph of more ops, so many
_GRID = 64  # elements up to which a whole array is given, to compute an element from
_LONGEST = 24  # characters of a name
_SLACK = 1e-6  # of what is added: what is left where terms cancel may be a rounding

Ask = dict[str, Any]


def asks_of(model: Model) -> dict[str, Any]:
    """The questions of every edge that a gradient flows along, and the numbers that have names."""
    most = MOST if len(model.steps) <= LARGE else FEW
    steps = sorted(model.steps, key=lambda step: step.order)[:most]
    done: dict[Card, list[Edge]] = {}
    asks: dict[str, list[Ask]] = {}
    with np.errstate(all="ignore"):
        for step in steps:
            for edge in step.edges:
                if edge.contribution is None:
                    continue
                before = done.setdefault(edge.source, [])
                asks[f"{step.key}p{edge.position}"] = list(_asks(model, edge, before))
                before.append(edge)
    shared = _Shared()
    for ask in [ask for questions in asks.values() for ask in questions]:
        ask["mistakes"] = [[value, shared.word(words)] for value, words in ask["mistakes"]]
        if ask.get("given"):
            ask["given"] = [[name, shared.grid(*rest)] for name, *rest in ask["given"]]
    near = [c for step in steps for c in (*(e.source for e in step.edges), *step.outputs)]
    numbers = [card for card in dict.fromkeys(near) if np.size(card.value) == 1]
    return {
        "edges": asks,
        "words": list(shared.words),
        "grids": [[list(shape), list(texts)] for shape, texts in shared.grids],
        "values": {one_line(card.name): _exact(card.value) for card in numbers},
        "gradients": {
            one_line(card.name): [card.key, _exact(card.gradient)]
            for card in numbers
            if card.gradient is not None
        },
    }


class _Shared:
    """Words and numbers that many questions share, each once in the page."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.grids: dict[tuple[tuple[int, ...], tuple[str, ...]], int] = {}

    def word(self, text: str) -> int:
        return self.words.setdefault(text, len(self.words))

    def grid(self, shape: Any, texts: Any) -> int:
        return self.grids.setdefault((tuple(shape), tuple(texts)), len(self.grids))


def _asks(model: Model, edge: Edge, before: list[Edge]) -> Iterator[Ask]:
    """The questions about one input of an op, in the order in which they are asked."""
    is_number = np.size(edge.contribution) == 1 and np.ndim(edge.contribution) == 0
    carriers = [each for each in edge.source.uses if each.contribution is not None]
    asks = list(_of_number(model, edge) if is_number else _of_array(model, edge))
    twice = [each for each in carriers if each.target is edge.target]
    if len(twice) > 1:  # the same tensor in several places of one op
        for ask in asks:
            if "ask" in ask:  # a shape is the same in each place
                ask["ask"] += f" (use {twice.index(edge) + 1} of {len(twice)})"
    yield from asks
    is_last = len(before) + 1 == len(carriers) and len(edge.source.shares) > 1
    if is_last and edge.source.gradient is not None and (is_number or _is_small(edge.target)):
        yield _of_total(edge)


def _of_number(model: Model, edge: Edge) -> Iterator[Ask]:
    head, local = f"∇{_name(edge.source)}", edge.derivation
    upstream = _upstream(edge)
    if edge.product and local is not None and local.barred is None:
        line = derivative_line(edge)
        yield _ask("local", f"{line.partition(' = ')[0]}", line, local.value, of_local(model, edge))
        told = f"{edge.product} = {number(edge.contribution)}"
        mistakes = of_product(model, edge, upstream)
        asked = f"{factor(upstream)} × {line.partition(' = ')[0]}, which reaches {head}"
        yield _ask("product", asked, told, edge.contribution, mistakes)
        return
    grids = _grids(edge) if _is_small(edge.target) else []
    asked, told = f"what reaches {head} from here", number(edge.contribution)
    mistakes = of_element(model, edge, ())
    yield _ask("product", asked, told, edge.contribution, mistakes, given=grids)


def _of_array(model: Model, edge: Edge) -> Iterator[Ask]:
    contribution = np.asarray(edge.contribution)
    head = f"∇{_name(edge.source)}"
    if not _is_plain(edge):
        yield {
            "what": "shape",
            "of": head,
            "answer": list(contribution.shape),
            "mistakes": _wrong_shapes(edge),
        }
    if not contribution.size:
        return
    index = _telling(contribution)
    at = f"[{', '.join(map(str, index))}]"
    if _is_plain(edge):
        given = [_at(name, value, index) for name, value in _operands(edge)]
    elif _is_small(edge.target):
        given = _grids(edge)
    else:
        return
    value = contribution[index]
    mistakes = of_element(model, edge, index)
    told, asked = f"{head}{at} = {number(value)}", f"{head}{at}, by this op"
    yield _ask("element", asked, told, value, mistakes, given=given)


def _of_total(edge: Edge) -> Ask:
    """Where the last of several shares has come: their sum."""
    source, shares = edge.source, [np.asarray(share) for share in edge.source.shares]
    gradient = np.asarray(source.gradient)
    index = _telling(gradient) if gradient.ndim else ()
    at = f"[{', '.join(map(str, index))}]" if index else ""
    terms = [share[index] for share in shares]
    head = f"∇{_name(source)}{at}"
    value = gradient[index]
    asked = f"{head} in all, the sum over {len(shares)} uses"
    ask = _ask("total", asked, f"{head} = {number(value)}", value, of_sum(terms, value))
    ask["slack"] = _exact(_SLACK * float(np.nansum(np.abs(terms))))
    if index:
        ask["given"] = [[f"{number_} of {len(terms)}", [], [number(term)]]
                        for number_, term in enumerate(terms, start=1)]  # fmt: skip
    return ask


def _ask(what: str, asked: str, told: str, value: Any, mistakes: list[Mistake], **more: Any) -> Ask:
    wrong = [[_exact(mistake.value), mistake.words] for mistake in mistakes]
    return {
        "what": what, "ask": asked, "told": told, "answer": _exact(value), "mistakes": wrong, **more
    }  # fmt: skip


# ---- what is given -------------------------------------------------------------------------------


def _operands(edge: Edge) -> Iterator[tuple[str, Any]]:
    """G, the inputs and the output of the op, by name."""
    step = edge.target
    several = len(step.outputs) > 1
    for card in step.outputs:
        yield (f"∇{_name(card)}" if several else f"G = ∇{_name(card)}"), card.gradient
    for card in dict.fromkeys(each.source for each in step.edges):
        yield _name(card), card.value
    for card in step.outputs:
        yield _name(card), card.value


def _grids(edge: Edge) -> list[list[Any]]:
    """Name, shape and numbers of every operand."""
    return [
        [name, list(np.shape(value)), [number(v, 6) for v in np.asarray(value).ravel()]]
        for name, value in _operands(edge)
        if value is not None
    ]


def _at(name: str, value: Any, index: tuple[int, ...]) -> list[Any]:
    """An operand of an elementwise op at an index of the output, with its own index."""
    array = np.asarray(value)
    own = index[len(index) - array.ndim :]
    own = tuple(i if n > 1 else 0 for i, n in zip(own, array.shape, strict=True))
    at = f"[{', '.join(map(str, own))}]" if own else ""
    return [name + at, [], [number(array[own], 6)]]


def _is_plain(edge: Edge) -> bool:
    """Whether an element of the contribution comes from one element of each operand."""
    step = edge.target
    return (
        step.op.elementwise
        and len(step.outputs) == 1
        and not edge.summed
        and np.shape(edge.contribution) == step.outputs[0].shape
    )


def _is_small(step: Step) -> bool:
    values = [edge.source.value for edge in step.edges] + [card.value for card in step.outputs]
    return all(0 < np.size(value) <= _GRID and np.ndim(value) <= 4 for value in values)


def _telling(array: Any) -> tuple[int, ...]:
    """The largest finite element, off the diagonal where it can be: there transposes differ."""
    sizes = np.abs(array)
    if not is_finite(array):
        sizes = np.where(np.isfinite(array), sizes, -1.0)
    if array.ndim > 1 and array.shape[-1] == array.shape[-2]:
        off = sizes * ~np.eye(array.shape[-1], dtype=bool)
        sizes = off if off.max() > 0 else sizes
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(sizes)), array.shape))


def _wrong_shapes(edge: Edge) -> list[list[Any]]:
    """Shapes that mistakes give, with their names."""
    right, step = np.shape(edge.contribution), edge.target
    name = _name(edge.source)
    found: list[tuple[tuple[int, ...], str]] = []
    if len(right) > 1:
        turned = (*right[:-2], right[-1], right[-2])
        found.append((turned, f"a wrong transpose: ∇{name} lies as {name} does"))
    for card in step.outputs:
        axes = edge.summed or (() if step.op.name in PRODUCTS else _broadcast(right, card.shape))
        told = f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
        summed = f": forgot to sum over the broadcast {told}" if axes else ""
        found.append((card.shape, f"that is the shape of the output{summed}"))
    for other in step.edges:
        if other.source is not edge.source:
            found.append((other.source.shape, f"that is the shape of {_name(other.source)}"))
    if 1 in right:
        squeezed = tuple(n for n in right if n != 1)
        found.append((squeezed, "an axis of length 1 is an axis: it stays"))
    if len(right) > 1:
        found.append(((int(np.prod(right)),), "as many elements, but their axes are lost"))
    first = {shape: words for shape, words in found[::-1] if shape != right}
    return [[list(shape), words] for shape, words in first.items()]


def _broadcast(shape: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, ...]:
    """The axes along which a tensor of a shape is repeated in the output, where it is."""
    lead = len(out) - len(shape)
    own = (1,) * lead + shape
    if not shape or lead < 0 or any(a not in (1, b) for a, b in zip(own, out, strict=True)):
        return ()
    return tuple(axis for axis, (a, b) in enumerate(zip(own, out, strict=True)) if a != b)


# ---- numbers -------------------------------------------------------------------------------------


def _upstream(edge: Edge) -> Any:
    return edge.target.outputs[0].gradient


def _name(card: Card) -> str:
    return symbol(clip(one_line(card.name), _LONGEST))


def _exact(value: Any) -> Any:
    """A number for JSON: a float, [real, imaginary], or text where it is none."""
    value = np.asarray(value).reshape(-1)[0]
    if np.iscomplexobj(value):
        return [_exact(value.real), _exact(value.imag)]
    plain = float(value if value.dtype.kind == "b" else str(value))  # as few digits as tell it
    return plain if np.isfinite(plain) else {"nan": "NaN", "inf": "∞"}.get(str(plain), "−∞")

"""What the axes of a tensor are called: known from the ops that it meets, and handed on by others.

A convolution says `N C H W` of its image and `out in h w` of its weight. Ops that keep or permute
axes hand the names on, both ways. An axis of which nothing is known has no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograd.viz.model.model import Card, Model, Step

__all__ = ["ALIKE", "KNOWN", "REDUCING", "axis_names"]

Names = tuple[str, ...]  # "" where nothing is known
_SPACE: tuple[Names, ...] = ((), ("L",), ("H", "W"), ("D", "H", "W"))
_ROUNDS = 4  # of handing on; names seldom go farther back than a block
_MANY = 1000  # steps above which one round is enough


def axis_names(model: Model) -> dict[Card, Names]:
    """The names of the axes of every tensor that has any with a name."""
    found = {card: [""] * len(card.shape) for card in model.cards}
    for known in (KNOWN, WEAK):
        for step in model.steps:
            if step.op.name in known:
                for card, names in _told(step, known[step.op.name](step)):
                    own = found[card]
                    if len(own) == len(names):
                        own[:] = [old or new for old, new in zip(own, names, strict=True)]
        for _ in range(_ROUNDS if len(model.steps) <= _MANY else 1):
            if not sum(_hand_on(found, step) for step in (*model.steps, *model.steps[::-1])):
                break
    return {card: tuple(names) for card, names in found.items() if any(names)}


def _told(step: Step, told: dict[str, Names]) -> Iterator[tuple[Card, Names]]:
    for edge in step.edges:
        if edge.input in told:
            yield edge.source, told[edge.input]
    if step.outputs and "out" in told:
        yield step.outputs[0], told["out"]


# ---- what ops know -------------------------------------------------------------------------------


def _parameters(step: Step) -> dict[str, Any]:
    return step.node.parameters()


def _rank(step: Step, name: str = "") -> int:
    cards = [e.source for e in step.edges if e.input == name] if name else step.outputs[:1]
    return len(cards[0].shape) if cards else 0


def _batched(space: int) -> Names:
    return ("N", "C", *(_SPACE[space] if space < 4 else ("",) * space))


def _convolution(step: Step) -> dict[str, Names]:
    space = _rank(step) - 2
    image = _batched(space)
    kernel = ("out", "in", *(name.lower() for name in image[2:]))
    if step.op.name == "convolution_transposed":
        kernel = ("in", "out", *kernel[2:])
    if step.op.name == "convolution_weight":
        return {"y": image, "x": image, "out": kernel}
    return {"x": image, "y": image, "weight": kernel, "bias": ("out",), "out": image}


def _windows(step: Step) -> dict[str, Names]:
    """Of pooling: the last axes are those that windows move along."""
    windows = _parameters(step).get("windows")
    space = len(windows[0]) if windows else 0
    names = _batched(space)
    return {"x": names[-_rank(step, "x") :], "v": names[-_rank(step, "v") :],
            "out": names[-_rank(step) :]}  # fmt: skip


def _channels(step: Step) -> dict[str, Names]:
    """Of batch norm, which goes over all axes but that of channels."""
    rank, axes = _rank(step, "x"), tuple(_parameters(step).get("axes", ()))
    if not (rank > 1 and axes == (0, *range(2, rank))):
        return {}
    names = _batched(rank - 2)
    return {"x": names, "out": names, "weight": ("C",), "bias": ("C",)}


def _attention(step: Step) -> dict[str, Names]:
    def rows(name: str) -> Names:
        before = {4: ("N", "heads"), 3: ("N",)}.get(_rank(step, name), ())
        return (*before, "T", "features")

    return {name or "out": rows(name) for name in ("query", "key", "value", "")}


def _attention_weights(step: Step) -> dict[str, Names]:
    names = {4: ("N", "heads", "T", "T"), 3: ("N", "T", "T"), 2: ("T", "T")}.get(_rank(step), ())
    return {"x": names, "out": names}


def _softmax(step: Step) -> dict[str, Names]:
    """Of one in a layer of attention, over the last of four axes."""
    is_weights = step.scope is not None and "ttention" in step.scope.kind and _rank(step) == 4
    return _attention_weights(step) if is_weights else {}


def _recurrent(step: Step) -> dict[str, Names]:
    rows = "hidden" if step.op.name == "rnn" else "gates"
    return {"w_ih": (rows, "in"), "w_hh": (rows, "hidden"), "b_ih": (rows,), "b_hh": (rows,),
            "w_hr": ("out", "hidden"), "h": ("N", "hidden"), "c": ("N", "hidden")}  # fmt: skip


def _classes(step: Step) -> dict[str, Names]:
    rank = _rank(step, "x")
    return {"x": ("N", "classes", *_batched(rank - 2)[2:]) if rank > 1 else ("classes",),
            "target": ("N", *_batched(rank - 2)[2:])}  # fmt: skip


def _rows(step: Step) -> dict[str, Names]:
    """Rows that are taken from a table: an embedding's."""
    if step.scope is None or not step.scope.kind.startswith("Embedding"):
        return {}
    rank = _rank(step)
    places = ("N", "T", "features")[-rank:] if rank <= 3 else ()
    return {"x": ("words", "features"), "out": places, "indices": places[:-1]}


KNOWN: dict[str, Callable[[Step], dict[str, Names]]] = {
    **dict.fromkeys(("convolution", "convolution_transposed", "convolution_weight"), _convolution),
    **dict.fromkeys(("max_pool", "window_sum", "weighted_sum"), _windows),
    "standardize": _channels,
    "attention": _attention,
    "masked_softmax": _attention_weights,
    "softmax": _softmax,
    **dict.fromkeys(("rnn", "lstm", "gru", "lstm_cell"), _recurrent),
    **dict.fromkeys(("cross_entropy", "nll"), _classes),
    "take": _rows,
    "linear": lambda step: {"weight": ("out", "in"), "bias": ("out",)},
}


def _rows_of_linear(step: Step) -> dict[str, Names]:
    rank = _rank(step, "x")
    names = ("N", *("",) * (rank - 2), "features") if rank > 1 else ("features",)
    return {"x": names, "out": names}


def _matrix(step: Step) -> dict[str, Names]:
    """A parameter beside a product leads from what it is summed over to what it gives."""
    found: dict[str, Names] = {}
    for edge in step.edges:
        if edge.source.kind == "param" and len(edge.source.shape) == 2:
            found[edge.input] = ("in", "out") if edge.input == "y" else ("out", "in")
    return found


WEAK: dict[str, Callable[[Step], dict[str, Names]]] = {
    "linear": _rows_of_linear,
    "matmul": _matrix,
}


# ---- handing on ----------------------------------------------------------------------------------

ALIKE = {  # the result has the axes of the input
    "softmax", "log_softmax", "masked_softmax", "standardize", "standardize_by", "cumsum",
    "cumprod", "cummax", "cummin", "logcumsumexp", "flip", "roll", "tril", "triu", "sort",
    "masked_fill", "setitem", "zero_pad", "shift", "linear_recurrence", "resample", "bounded_log",
}  # fmt: skip
REDUCING = {
    "sum", "mean", "max", "min", "prod", "var", "std", "logsumexp", "all", "any", "argmax",
    "argmin", "nanmax", "nanmin", "vector_norm", "count_nonzero", "median",
}  # fmt: skip


def _hand_on(found: dict[Card, list[str]], step: Step) -> bool:
    """From the inputs of an op to its result, and back; whether there was anything new."""
    changed = False
    for edge in step.edges if step.outputs else ():
        given, made = found[edge.source], found[step.outputs[0]]
        if all(given) == all(made) and any(given) == any(made) == all(made):
            continue  # all is known, or nothing
        for i, j in _pairs(step, edge.source, edge.input, step.outputs[0]):
            if bool(given[i]) is not bool(made[j]):
                given[i] = made[j] = given[i] or made[j]
                changed = True
    return changed


def _pairs(step: Step, source: Card, name: str, out: Card) -> Iterator[tuple[int, int]]:
    """(axis of an input, axis of the result) that are the same."""
    op, given, made = step.op.name, len(source.shape), len(out.shape)
    if step.op.elementwise or op == "broadcast_to" or (op in ALIKE and given == made):
        shift = made - given  # broadcasting aligns the last axes
        for i, n in enumerate(source.shape):
            if i + shift >= 0 and (op in ALIKE or n == out.shape[i + shift]):
                yield i, i + shift
    elif op in REDUCING:
        yield from _kept(_parameters(step), given, made)
    elif op in ("permute_dims", "swapaxes", "matrix_transpose"):
        yield from ((i, j) for j, i in enumerate(_order(step, given)))
    elif op == "reshape":
        yield from _same_ends(source.shape, out.shape)
    elif op == "linear" and name == "x":
        yield from ((i, i) for i in range(made - 1))
    elif op == "matmul" and given > 1 and made > 1:
        yield from ((given - k, made - k) for k in range(3, min(given, made) + 1))
        yield (given - 2, made - 2) if name == "x" else (given - 1, made - 1)


def _kept(parameters: dict[str, Any], given: int, made: int) -> Iterator[tuple[int, int]]:
    axis = parameters.get("axis")
    axes = range(given) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {a % given for a in axes} if given else set()
    stay = [i for i in range(given) if i not in gone]
    yield from ((i, i) for i in stay) if given == made else zip(stay, range(made), strict=False)


def _order(step: Step, rank: int) -> list[int]:
    """The axis of the input that each axis of the result is."""
    parameters, order = _parameters(step), list(range(rank))
    if step.op.name == "permute_dims":
        axes = parameters.get("axes")
        return order[::-1] if axes is None else [a % rank for a in axes]
    i, j = (parameters["axis1"], parameters["axis2"]) if "axis1" in parameters else (-1, -2)
    order[i], order[j] = order[j], order[i]
    return order


def _same_ends(given: tuple[int, ...], made: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The axes before and after those that a reshape joins or splits."""
    most = min(len(given), len(made))
    first = next((i for i in range(most) if given[i] != made[i]), most)
    yield from ((i, i) for i in range(first))
    for k in range(1, most - first + 1):
        if given[-k] != made[-k]:
            return
        yield len(given) - k, len(made) - k

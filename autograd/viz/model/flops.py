"""How many operations on numbers an op takes forward: one count for each kind of op.

As in the tables of plans: a product and its sum are two, any function of a number (exp, tanh, a
comparison) is one, and what only moves numbers is none. Of what goes in rounds (a decomposition, a
sort) it is the leading term.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.viz.model.model import Step

__all__ = ["COUNTS", "MOVES", "flops", "flops_text"]

Shape = tuple[int, ...]


class _Call:
    """The shapes and parameters of a step, by name."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.shapes = {edge.position: edge.source.shape for edge in step.edges}
        self.shapes |= dict.fromkeys(step.literals, ())
        inputs = step.op.inputs
        self.named = {
            inputs[p] if p < len(inputs) else inputs[-1]: s for p, s in self.shapes.items()
        }
        self.outs = [card.shape for card in step.outputs]

    @property
    def parameters(self) -> dict[str, Any]:
        return self.step.node.parameters()

    @property
    def first(self) -> Shape:
        return self.shapes[min(self.shapes)] if self.shapes else ()

    @property
    def read(self) -> int:
        """Elements of the first input."""
        return math.prod(self.first)

    @property
    def written(self) -> int:
        """Elements of the results."""
        return sum(map(math.prod, self.outs))

    def of(self, name: str) -> Shape:
        return self.named.get(name, ())


def flops(step: Step) -> int:
    """Those of one op, forward."""
    call, op = _Call(step), step.op
    if op.name in MOVES:
        return 0
    if op.name in COUNTS:
        return int(COUNTS[op.name](call))
    if op.elementwise:
        return call.written
    return max(call.read, call.written)  # a sum, a search: each element once


def flops_text(count: int) -> str:
    """`147.5 M` for 147456000.

    >>> [flops_text(count) for count in (0, 12, 2048, 147_456_000)]
    ['0', '12', '2.048 k', '147.5 M']
    """
    power = min((len(str(count)) - 1) // 3, 4)
    return f"{float(f'{count / 1000**power:.4g}'):g} {('', 'k', 'M', 'G', 'T')[power]}".strip()


# ---- counts by op --------------------------------------------------------------------------------


def _product(call: _Call) -> int:
    """2 for each term of each sum; without one for a vector that is added (the bias)."""
    inner = call.first[-1] if call.first else 1
    bias = call.written if "bias" in call.named else 0
    return 2 * call.written * inner + bias


def _convolution(call: _Call) -> int:
    """Each number of the result (of the transposed one: of its input) meets a window of weights."""
    weight = call.of("weight")
    if call.step.op.name == "convolution":
        bias = call.written if "bias" in call.named else 0
        return 2 * call.written * math.prod(weight[1:]) + bias
    if call.step.op.name == "convolution_transposed":
        return 2 * call.read * math.prod(weight[1:])
    return 2 * math.prod(call.of("y")) * math.prod(call.outs[0][1:])


def _einsum(call: _Call) -> int:
    """As many products as there are combinations of all letters."""
    spec = str(call.parameters["subscripts"]).replace(" ", "").split("->")[0].split(",")
    lengths: dict[str, int] = {}
    spread: Shape = ()
    for letters, shape in zip(spec, call.shapes.values(), strict=False):
        before, dots, after = letters.partition("...")
        lengths |= dict(zip(before, shape, strict=False))
        if dots:
            ends = len(shape) - len(after)
            spread = np.broadcast_shapes(spread, shape[len(before) : ends])
            lengths |= dict(zip(after, shape[ends:], strict=False))
    terms = math.prod(lengths.values()) * math.prod(spread)
    each = max(1, len(call.shapes) - 1) + (terms > call.written)
    return each * terms


def _tensordot(call: _Call) -> int:
    x, y = list(call.shapes.values())[:2]
    whole = math.prod(x) * math.prod(y)
    return 2 * math.isqrt(whole * call.written)  # of x·y elements the summed ones come twice


def _attention(call: _Call) -> int:
    """Scores, a softmax of five, and the sum of values."""
    *_, length, depth = call.of("query")
    keys, width = call.of("key")[-2], call.of("value")[-1]
    scores = math.prod(call.outs[0][:-2]) * length * keys
    return scores * (2 * depth + 6 + 2 * width)


def _recurrent(call: _Call) -> int:
    """Two products and some ten functions a gate, for every row of the sequence."""
    rows = call.first[0] if len(call.first) > 1 else 1
    gates, inner = (*call.of("w_ih"), 1)[:2]
    hidden = call.of("w_hh")[-1] if call.of("w_hh") else 1
    projected = 2 * math.prod(call.of("w_hr")) if call.of("w_hr") else 0
    return rows * (2 * gates * (inner + hidden) + 4 * gates + projected)


def _square(scale: float) -> Callable[[_Call], float]:
    """A multiple of n³, for each matrix of a stack."""

    def count(call: _Call) -> float:
        *stack, rows, columns = (1, *call.first)[-max(3, len(call.first)) :]
        return scale * math.prod(stack) * rows * columns * min(rows, columns)

    return count


def _solve(call: _Call) -> float:
    n, right = call.first[-1], call.written
    return 2 / 3 * math.prod(call.first) * n + 2 * right * n


def _windows(call: _Call) -> int:
    size: Shape = call.parameters["windows"][0]
    area: int = math.prod(size)
    return call.written * area


def _sorted(call: _Call) -> int:
    axis = call.parameters.get("axis", -1)
    length = call.first[axis] if call.first and axis is not None else call.read
    return call.read * max(1, (max(length, 1) - 1).bit_length())


def _each(times: int) -> Callable[[_Call], int]:
    return lambda call: times * call.read


MOVES = {
    "reshape", "permute_dims", "swapaxes", "moveaxis", "matrix_transpose", "expand_dims", "squeeze",
    "broadcast_to", "getitem", "setitem", "split", "unstack", "stack", "concat", "take",
    "take_along_axis", "flip", "roll", "rot90", "zero_pad", "shift", "diagonal", "put_diagonal",
    "put_at", "tril", "triu", "unfold", "gather_planes", "masked_fill", "where", "real", "imag",
    "border", "copy", "cast", "positive",
}  # fmt: skip
COUNTS: dict[str, Callable[[_Call], float]] = {
    **dict.fromkeys(("matmul", "linear", "vecdot"), _product),
    **dict.fromkeys(
        ("convolution", "convolution_transposed", "convolution_weight"), _convolution
    ),
    "einsum": _einsum, "tensordot": _tensordot, "outer": lambda call: call.written,
    "attention": _attention,
    **dict.fromkeys(("rnn", "lstm", "gru", "lstm_cell"), _recurrent),
    **dict.fromkeys(("softmax", "masked_softmax", "log_softmax"), _each(5)),
    "logsumexp": _each(4), "cross_entropy": _each(5), "standardize": _each(8),
    "standardize_by": _each(4), **dict.fromkeys(("var", "std"), _each(4)),
    "cholesky": _square(1 / 3), **dict.fromkeys(("det", "slogdet"), _square(2 / 3)),
    "inv": _square(2), "qr": _square(4 / 3), "eigh": _square(9), "svd": _square(21),
    "pinv": _square(23), "solve": _solve,
    **dict.fromkeys(("max_pool", "window_sum", "weighted_sum"), _windows),
    **dict.fromkeys(("sort", "argsort", "ranked"), _sorted),
}  # fmt: skip

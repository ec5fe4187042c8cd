"""Rules of products: the examples are one more axis that both factors share."""

from __future__ import annotations

import math
from collections.abc import Callable
from string import ascii_letters
from typing import Any

import numpy as np

from autograd.transforms.batching.call import Call, do, ndim

__all__ = ["RULES", "filled"]


def of_matmul(call: Call) -> Any:
    """Vectors become a row or a column; what is the same for all examples stays as it is."""
    x, y = call.inputs
    one_x, one_y = call.ndim(0) == 1, call.ndim(1) == 1
    if not call.batched[1] and call.ndim(1) <= 2:
        return call.run(x, y)  # the rows of all examples, times one matrix
    if one_x:
        x = do("expand_dims", x, axis=-2)
    if one_y:
        y = do("expand_dims", y, axis=-1)
    rank = max(ndim(x) - call.batched[0], ndim(y) - call.batched[1])
    x, y = filled(x, call.batched[0], rank), filled(y, call.batched[1], rank)
    found = call.run(x, y)
    if one_y:
        found = do("squeeze", found, axis=-1)
    return do("squeeze", found, axis=ndim(found) - 1 - (not one_y)) if one_x else found


def filled(x: Any, is_batched: bool, rank: int) -> Any:
    """A batch with as many axes for an example as the other factor has."""
    size, *shape = x.shape
    missing = rank - len(shape)
    if not is_batched or missing <= 0:
        return x
    return do("reshape", x, shape=(size, *(1,) * missing, *shape))


def of_linear(call: Call) -> Any:
    """With weights of each example: a product of matrices, and the bias added."""
    if not any(call.batched[1:]):
        return call.run(*call.inputs)
    x, weight, bias = (*call.inputs, None)[:3]
    rank = call.ndim(0)
    if rank == 1:
        x = do("expand_dims", x, axis=-2)
    turned = do("matrix_transpose", weight)
    if call.batched[1] and rank > 2:
        turned = do("reshape", turned, shape=(call.size, *(1,) * (rank - 2), *turned.shape[1:]))
    if not call.batched[0]:
        x = do("broadcast_to", x, shape=(call.size, *x.shape))
    found = do("matmul", x, turned)
    if rank == 1:
        found = do("squeeze", found, axis=-2)
    if bias is None:
        return found
    if call.batched[2]:
        bias = do("reshape", bias, shape=(call.size, *(1,) * (rank - 1), *bias.shape[1:]))
    return do("add", found, bias)


def of_einsum(call: Call) -> Any:
    """A label for the examples, in every term that has them and in the result."""
    inputs, _, output = call.params["subscripts"].replace(" ", "").partition("->")
    terms = inputs.split(",")
    if "->" not in call.params["subscripts"]:
        output = _implied(terms)
    label = next(c for c in ascii_letters if c not in inputs)
    marked = [label + t if b else t for t, b in zip(terms, call.batched, strict=True)]
    return call.run(*call.inputs, subscripts=f"{','.join(marked)}->{label}{output}")


def _implied(terms: list[str]) -> str:
    """The result of subscripts without ->: the labels that come once, in their order."""
    text = "".join(terms)
    letters = sorted(c for c in {*text} - {"."} if text.count(c) == 1)
    return ("..." if "..." in text else "") + "".join(letters)


def of_tensordot(call: Call) -> Any:
    """As an einsum, whose labels name the axes that are summed over."""
    axes, ranks = call.params.get("axes", 2), (call.ndim(0), call.ndim(1))
    pairs = (range(ranks[0] - axes, ranks[0]), range(axes)) if isinstance(axes, int) else axes
    summed = [[a] if isinstance(a, int) else list(a) for a in pairs]
    letters = iter(ascii_letters[1:])
    x = [next(letters) for _ in range(ranks[0])]
    y = [next(letters) for _ in range(ranks[1])]
    for a, b in zip(*summed, strict=True):
        y[b] = x[a]
    shared = {*x} & {*y}
    out = [c for c in (*x, *y) if c not in shared]
    terms = ["a" * b + "".join(t) for b, t in zip(call.batched, (x, y), strict=True)]
    return do("einsum", *call.inputs, subscripts=f"{','.join(terms)}->a{''.join(out)}")


def of_outer(call: Call) -> Any:
    counts = [math.prod(call.shape(k)) for k in (0, 1)]
    x = do("reshape", call.front(0), shape=(call.size, counts[0], 1))
    y = do("reshape", call.front(1), shape=(call.size, 1, counts[1]))
    return do("multiply", x, y)


_MOST = 1 << 24  # numbers of all windows


def of_convolve(call: Call) -> Any:
    """The shorter row, turned around, times each window of the longer one."""
    longer = 0 if call.shape(0)[0] >= call.shape(1)[0] else 1
    x, y = call.inputs[longer], call.inputs[1 - longer]
    count, width = call.shape(longer)[0], call.shape(1 - longer)[0]
    if call.size * (count + width) * width > _MOST:
        return NotImplemented
    ends = ((0, 0),) * (ndim(x) - 1) + ((width - 1, width - 1),)
    places = np.arange(count + width - 1)[:, None] + np.arange(width)
    windows = do("take", do("zero_pad", x, pad_width=ends), places, axis=-1)
    turned = do("expand_dims", do("flip", y, axis=-1), axis=-1)
    return do("squeeze", do("matmul", windows, turned), axis=-1)


def of_solve(call: Call) -> Any:
    """A vector is a column."""
    is_vector = call.ndim(1) == 1
    x, y = call.front(0), call.front(1)
    y = do("expand_dims", y, axis=-1) if is_vector else y
    rank = max(ndim(x), ndim(y)) - 1
    found = call.run(filled(x, True, rank), filled(y, True, rank))
    return do("squeeze", found, axis=-1) if is_vector else found


RULES: dict[str, Callable[[Call], Any]] = {
    "matmul": of_matmul,
    "linear": of_linear,
    "einsum": of_einsum,
    "tensordot": of_tensordot,
    "outer": of_outer,
    "convolve": of_convolve,
    "solve": of_solve,
    "solve_triangular": of_solve,
}

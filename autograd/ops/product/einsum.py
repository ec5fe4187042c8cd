"""einsum: every sum of products, named by its axes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.operands import joined
from autograd.engine.typed import Tensor
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import Array, draw, op, sample, samples
from autograd.ops.product.product_hints import einsum_hint

_LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order of implicit outputs


@lru_cache(maxsize=1024)
def canonical(subscripts: str, ranks: tuple[int, ...]) -> str:
    """Subscripts without spaces, with letters for `...` and an explicit output."""
    terms, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = terms.split(",")
    if len(inputs) != len(ranks):
        raise ArgumentError(
            f"einsum: {subscripts!r} names {len(inputs)} operands, got {len(ranks)}"
        )
    widths = [
        rank - len(term) + 3 if "..." in term else 0
        for term, rank in zip(inputs, ranks, strict=True)
    ]
    if min(widths) < 0:
        k = widths.index(min(widths))
        raise ArgumentError(f"einsum: operand {k} has {ranks[k]} axes, too few for {inputs[k]!r}")
    width = max(widths)
    spare = [c for c in reversed(_LABELS) if c not in subscripts][:width]
    ellipsis = "".join(reversed(spare))
    inputs = [
        term.replace("...", ellipsis[width - own :])
        for term, own in zip(inputs, widths, strict=True)
    ]
    together = "".join(inputs)
    if not arrow:
        named = sorted({c for c in together if together.count(c) == 1 and c not in ellipsis})
        output = "..." + "".join(named)
    elif width and "..." not in output:
        raise ArgumentError(
            f"einsum: the output of {subscripts!r} needs '...' as the inputs have it"
        )
    output = output.replace("...", ellipsis)
    _check(subscripts, inputs, output, ranks)
    return f"{','.join(inputs)}->{output}"


def _check(subscripts: str, inputs: list[str], output: str, ranks: tuple[int, ...]) -> None:
    if strange := {c for c in "".join(inputs) + output if c not in _LABELS}:
        raise ArgumentError(
            f"einsum: {subscripts!r} has {''.join(sorted(strange))!r}, not a letter"
        )
    for k, (term, rank) in enumerate(zip(inputs, ranks, strict=True)):
        if len(term) != rank:
            raise ArgumentError(
                f"einsum: {subscripts!r}: operand {k} has {rank} axes, not {len(term)}"
            )
    for label in output:
        if output.count(label) > 1:
            raise ArgumentError(f"einsum: {subscripts!r} has {label!r} twice in its output")
        if not any(label in term for term in inputs):
            raise ArgumentError(f"einsum: {subscripts!r}: output {label!r} is in no input")


def _from_lists(operands: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """NumPy's other form: `einsum(x, [0, 1], y, [1, 2], [0, 2])`."""
    pairs = len(operands) // 2

    def term(labels: Any) -> str:
        return "".join("..." if label is Ellipsis else _LABELS[label] for label in labels)

    subscripts = ",".join(term(operands[2 * k + 1]) for k in range(pairs))
    if len(operands) % 2:
        subscripts += "->" + term(operands[-1])
    return subscripts, operands[: 2 * pairs : 2]


class _Groups(NamedTuple):
    """The labels of a product of two operands, by what a matrix product does with them."""

    x: str
    y: str
    output: str
    stack: list[str]
    rows: list[str]
    columns: list[str]
    summed: list[str]


@lru_cache(maxsize=1024)
def _groups(subscripts: str) -> _Groups | None:
    """How a product of two operands is a stack of matrix products; None if it is none."""
    terms, output = subscripts.split("->")
    a, b = terms.split(",")
    stack = [c for c in output if c in a and c in b]
    summed = [c for c in a if c in b and c not in output]
    rows = [c for c in output if c in a and c not in b]
    columns = [c for c in output if c in b and c not in a]
    # a label twice in an operand, or summed in one alone, is no matrix product
    whole = len(a) == len(stack + rows + summed) and len(b) == len(stack + columns + summed)
    return _Groups(a, b, output, stack, rows, columns, summed) if summed and whole else None


def _as_matmul(x: Array, y: Array, subscripts: str) -> Array | None:
    """Two operands by BLAS, as one matrix product or a stack of them; None if they are none."""
    groups = _groups(subscripts)
    if groups is None:
        return None
    a, b, output, stack, rows, columns, summed = groups
    sizes = dict(zip(b, y.shape, strict=True)) | dict(zip(a, x.shape, strict=True))
    if any(sizes[c] != n for c, n in zip(b, y.shape, strict=True)):
        return None  # an axis of size 1 that broadcasts

    def matrix(z: Array, term: str, left: list[str], right: list[str]) -> Array:
        turned = np.transpose(z, [term.index(c) for c in stack + left + right])
        sides = (math.prod(sizes[c] for c in group) for group in (left, right))
        return np.reshape(turned, [*(sizes[c] for c in stack), *sides])

    product = np.matmul(matrix(x, a, rows, summed), matrix(y, b, summed, columns))
    labels = stack + rows + columns
    product = np.reshape(product, [sizes[c] for c in labels])
    return np.transpose(product, [labels.index(c) for c in output])[()]


def d_einsum(
    g: Array, xs: tuple[Array, ...], subscripts: str, needs: tuple[bool, ...]
) -> tuple[Array | None, ...]:
    return tuple(d_operand(g, xs, k, subscripts) if need else None for k, need in enumerate(needs))


def d_operand(g: Array, xs: tuple[Array, ...], k: int, subscripts: str) -> Array:
    """einsum again: the output's subscripts and the other operands', onto those of operand k."""
    terms, output = subscripts.split("->")
    inputs = terms.split(",")
    term, others = inputs[k], inputs[:k] + inputs[k + 1 :]
    known = set(output).union(*others)
    found = "".join(dict.fromkeys(c for c in term if c in known))
    part = einsum(f"{','.join([output, *others])}->{found}", g, *xs[:k], *xs[k + 1 :])
    labels, pairs, identities = _apart(term, np.shape(xs[k]))
    if pairs:
        present = "".join(c for c in labels if c in found or c in "".join(pairs))
        part = einsum(f"{','.join([found, *pairs])}->{present}", part, *identities)
        found = present
    alone = tuple(axis for axis, c in enumerate(labels) if c not in found)
    return np.expand_dims(part, alone) if alone else part  # summed within this operand


def _apart(term: str, shape: tuple[int, ...]) -> tuple[str, list[str], list[Array]]:
    """A label for each axis, also where `term` repeats one (`ii`); and the identity matrices, with
    their labels, that put a cotangent on the diagonal of the axes that shared a label."""
    spare = (c for c in _LABELS if c not in term)
    labels, pairs, identities = "", [], []
    for axis, label in enumerate(term):
        if label in labels:
            pairs.append(label + (label := next(spare)))
            identities.append(np.eye(shape[axis], dtype=bool))
        labels += label
    return labels, pairs, identities


def _sums_nothing(subscripts: str) -> bool:
    """Whether one operand is only turned, or its diagonal taken."""
    term, _, output = subscripts.partition("->")
    return set(term) == set(output)


@op(
    "Σ x · y",
    wide=True,
    joint=d_einsum,
    multilinear=True,
    hint=einsum_hint,
    views=lambda *xs, subscripts: len(xs) == 1 and _sums_nothing(subscripts),
    samples=samples(
        lambda: sample(draw(2, 3), draw(3, 4, seed=1), subscripts="ab,bc->ac"),
        lambda: sample(draw(2, 3, 2), draw(2, 4, 2, seed=1), subscripts="abc,adc->dab"),
        lambda: sample(draw(3, 3), subscripts="aa->", label="trace"),
        lambda: sample(draw(3, 3, 2), subscripts="aab->ba", label="diagonal"),
        lambda: sample(draw(2, 2, 2, 3), subscripts="aaab->", label="thrice"),
        lambda: sample(draw(2, 2), draw(2, seed=1), subscripts="aa,b->b", label="trace times"),
        lambda: sample(draw(2, 3), draw(3, 3, seed=1), subscripts="ab,bb->a"),
        lambda: sample(draw(2, 3), subscripts="ab->ba", label="transpose"),
        lambda: sample(draw(2, 3), draw(2, seed=1), subscripts="ab,c->a", label="alone"),
        lambda: sample(draw(1, 3), draw(2, 3, seed=1), subscripts="ab,ab->ab", label="broadcast"),
        lambda: sample(draw(1, 3), draw(2, 3, seed=1), subscripts="ab,ab->", label="broadcast sum"),
        lambda: sample(draw(1, 1), draw(3, seed=1), subscripts="aa,a->", label="broadcast twice"),
        lambda: sample(draw(2), draw(3, seed=1), draw(2, 3, seed=2), subscripts="a,b,ab->"),
        lambda: sample(draw(2, 3), draw(3, 2, seed=1), draw(2, 2), subscripts="ab,bc,cd->ad"),
        lambda: sample(draw(), draw(2, seed=1), subscripts=",a->a", label="scalar"),
        lambda: sample(draw(0, 3), draw(3, 2), subscripts="ab,bc->ac", label="empty"),
        lambda: sample(draw(2, 0), draw(0, 2), subscripts="ab,bc->ac", label="empty sum"),
        lambda: sample(
            draw(2, 3, complex_=True), draw(3, complex_=True), subscripts="ab,b->a", label="complex"
        ),
    ),
    reference=lambda *xs, subscripts: np.einsum(subscripts, *xs),
)
def _einsum(*xs: Array, subscripts: str) -> Array:
    if len(xs) == 2:
        x, y = (x if hasattr(x, "shape") else np.asanyarray(x) for x in xs)
        product = _as_matmul(x, y, subscripts)
        if product is not None:
            return product
    return np.einsum(subscripts, *xs, optimize=len(xs) > 2)[()]


def einsum(subscripts: Any, *operands: Any, optimize: Any = True) -> Tensor:
    """Sums of products by Einstein's convention, with all of NumPy's notation.

    `subscripts` name the axes of the `operands`, also with implicit output, `...`, a label twice in
    one operand (a diagonal), axes of size 1 that broadcast, and as `einsum(x, [0, 1], y, [1, 2],
    [0, 2])`. With more than two operands the order is chosen by cost; `optimize` is accepted as in
    NumPy and needs no thought.

    Shape: that of the labels after `->`; lengths of one label that differ raise ShapeError.

    >>> import autograd as ag
    >>> ag.einsum("ij,j->i", ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), ag.Tensor([1.0, 1.0]))
    Tensor([3., 7.], dtype=float32)
    """
    if not isinstance(subscripts, str):
        if not operands or not isinstance(operands[0], (list, tuple, range)):
            raise ArgumentTypeError(
                f"einsum: subscripts must be a string, or each operand be followed by a list of "
                f"its axes; got {subscripts!r:.80}"
            )
        subscripts, operands = _from_lists((subscripts, *operands))
    operands = tuple(map(joined, operands))
    ranks = tuple(np.ndim(x) for x in operands)
    return _einsum(*operands, subscripts=canonical(subscripts, ranks))

"""Sums of many products as one, or a few: a₁ b₁ + a₂ b₂ + … is [a₁ a₂ …] [b₁; b₂; …].

Such is the gradient of a weight that is used again and again, as by a loop of cells. One product
writes its result once, where many would each write one as large, to be added up; and threads share
it better than each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.planning.flow import bytes_of

__all__ = ["summed"]

LEAST = 4  # products that it takes
LARGER = 2  # how many times larger than their results operands may be, which are copied
MOST = 12  # that are made one, so that operands are held, side by side too, for a while only


def summed(lowered: Lowered) -> tuple[Lowered, dict[Instruction, Instruction]]:
    """The same program with one product for sums of many; also what instructions have become."""
    uses = Counter(i for x in lowered.instructions for i in x.inputs if type(i) is Instruction)
    kept = {x for x in lowered.results.values() if type(x) is Instruction}
    inner = {  # what is added to another, and read nowhere else
        i for x in lowered.instructions if x.name == "add" for i in x.inputs
        if type(i) is Instruction and uses[i] == 1 and i not in kept
    }  # fmt: skip
    sums = {
        x: terms for x in lowered.instructions
        if x.name == "add" and x not in inner and (terms := _terms(x, inner)) is not None
    }  # fmt: skip
    if not sums:
        return lowered, {}
    gone = {i for x, terms in sums.items() for i in (*_adds(x, inner), *terms) if i is not x}
    new: dict[Instruction, Instruction] = {}
    known: dict[Any, Instruction] = {}
    found: list[Instruction] = []
    for x in lowered.instructions:
        if x in gone:
            continue
        if x in sums:
            *others, made = _product(x, sums[x], new, known)
            found += others
        else:
            inputs = tuple([new.get(i, i) if type(i) is Instruction else i for i in x.inputs])
            same = all(a is b for a, b in zip(inputs, x.inputs, strict=True))
            made = x if same else x.with_inputs(inputs)
        if made is not x:
            new[x] = made
        found.append(made)
    results = {node: new.get(x, x) for node, x in lowered.results.items()}
    return Lowered(lowered.program, found, results, lowered.absent, lowered.numbers), new


def _adds(x: Instruction, inner: set[Instruction]) -> Iterator[Instruction]:
    """The additions that make up a sum."""
    todo = [x]
    while todo:
        yield (one := todo.pop())
        todo += [i for i in one.inputs if i in inner and i.name == "add"]


def _terms(x: Instruction, inner: set[Instruction]) -> list[Instruction] | None:
    """The products that are added up, in order, if they are many and their operands small."""
    adds = [*_adds(x, inner)]
    if len(adds) < LEAST - 1 or x.shape is None or len(x.shape) != 2:
        return None
    terms = [i for one in adds for i in one.inputs if i not in adds]
    if not all(i in inner and _is_term(i, x) for i in terms):
        return None
    of_terms = sum(bytes_of(i) for term in terms for i in term.inputs)
    return terms[::-1] if of_terms < LARGER * len(terms) * bytes_of(x) else None


def _is_term(i: Any, x: Instruction) -> bool:
    return (
        i.kind == "product" and (i.shape, i.dtype) == (x.shape, x.dtype)
        and all(type(v) is Instruction and len(v.shape or ()) == 2 for v in i.inputs)
        and all(v.dtype == x.dtype for v in i.inputs)
    )  # fmt: skip


def _product(
    x: Instruction, terms: list[Instruction], new: dict[Instruction, Instruction],
    known: dict[Any, Instruction],
) -> list[Instruction]:  # fmt: skip
    """Joined operands and their products, which are added up; the last is the sum.

    What is `known` to be joined already, as for another weight, is not joined once more.
    """
    assert x.shape is not None
    found: list[Instruction] = []
    total: Instruction | None = None
    for begin in range(0, len(terms), MOST):
        some = terms[begin : begin + MOST]
        depth = sum(term.inputs[0].shape[1] for term in some)
        joined = []
        for k, shape in enumerate(((x.shape[0], depth), (depth, x.shape[1]))):
            parts = tuple([new.get(term.inputs[k], term.inputs[k]) for term in some])
            if (parts, k) not in known:
                found.append(_join(parts, 1 - k, shape, x))
                known[parts, k] = found[-1]
            joined.append(known[parts, k])
        made = Instruction("product", "matmul", tuple(joined), (), x.shape, x.dtype, x.origin)
        found.append(made)
        if total is not None:
            found.append(x.with_inputs((total, made)))
        total = found[-1]
    return found


def _join(
    parts: tuple[Instruction, ...], axis: int, shape: tuple[int, int], x: Instruction
) -> Instruction:
    return Instruction(
        "call", "concatenate", parts, (axis,), shape, x.dtype, x.origin,
        lambda *arrays: np.concatenate(arrays, axis),
    )  # fmt: skip

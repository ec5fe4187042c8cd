"""Shares: which samples of a batch are this process's, and its part of what is drawn for all.

Processes that train together share each batch out, sample by sample in turn. What is random for a
sample must not depend on who has it: so each process takes, of the one sequence of numbers that a
single process would draw for the whole batch, those of its own samples, and leaves its generator
where that process would. A number is found by its place in the sequence (step, layer, sample,
element), for a PCG64 generator can be moved on by any distance: what lies between is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Share", "share_here", "sharing", "uniform"]

_SHORT = 256  # numbers of a sample: fewer are drawn and left as fast as they are jumped over
_JUMPING = (np.random.PCG64, np.random.PCG64DXSM)


class Share(NamedTuple):
    """The samples `rank`, `rank + parts`, ... of a batch of `total`; held by so many processes.

    A batch is `joint` where it means one batch, as for the moments of a batch norm; or else each
    process has a batch of its own.
    """

    rank: int
    parts: int
    total: int
    holders: int = 1
    joint: bool = False

    @property
    def rows(self) -> int:
        """How many samples it has."""
        return len(range(self.rank, self.total, self.parts))

    @staticmethod
    def of(rank: int, parts: int, total: int, joint: bool = False) -> Share:
        """That of a process; of too few samples to go round, all have all."""
        if total < parts:
            return Share(0, 1, total, parts, joint)
        return Share(rank, parts, total, 1, joint)

    def cut(self, array: Any) -> Any:
        """Its rows of an array of the whole batch."""
        return array[self.rank :: self.parts]


_here: ContextVar[Share | None] = ContextVar("chaingrad_share", default=None)
share_here = _here.get


@contextmanager
def sharing(share: Share | None) -> Iterator[None]:
    """Have this share of every batch in a block, for its thread alone."""
    token = _here.set(share)
    try:
        yield
    finally:
        _here.reset(token)


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers of [0, 1) in single precision; of a shared batch, those of this process's samples.

    Samples lie along the first of two axes that is as long as the share, or else in equal runs of
    the first (as heads beside each other); an array without such an axis is no batch, and the same
    everywhere.
    """
    share = share_here()
    axis = None if share is None or share.parts == 1 else _axis_of_samples(shape, share.rows)
    if share is None or axis is None:
        return rng.random(shape, np.float32)
    before = math.prod(shape[:axis])
    block = math.prod(shape[axis:]) // share.rows
    whole = (before, share.total, block)
    if block < _SHORT or type(rng.bit_generator) not in _JUMPING:
        drawn = rng.random(whole, np.float32)[:, share.rank :: share.parts]
    else:
        drawn = _by_jumps(rng, whole, share)
    return drawn.reshape(shape)


def _axis_of_samples(shape: tuple[int, ...], rows: int) -> int | None:
    for axis, length in enumerate(shape[:2]):
        if length == rows:
            return axis
    return 0 if shape and shape[0] and shape[0] % rows == 0 else None


def _by_jumps(rng: np.random.Generator, whole: tuple[int, int, int], share: Share) -> Any:
    before, total, block = whole
    bits: Any = rng.bit_generator
    state = bits.state
    first = state["has_uint32"]  # half of a word, drawn before: the first number is made of it
    twin = np.random.Generator(type(bits)())
    twin.bit_generator.state = state
    out = np.empty((before, share.rows, block), np.float32)
    place = 0  # of the twin, in words of two numbers
    for lead in range(before):
        for row, sample in enumerate(range(share.rank, total, share.parts)):
            part = out[lead, row]
            start = (lead * total + sample) * block - first
            if start < 0:
                part[0], part, start = twin.random(dtype=np.float32), part[1:], 0
            word, half = divmod(start, 2)
            twin.bit_generator.advance(word - place)  # type: ignore[attr-defined]
            part[:] = twin.random(half + part.size, np.float32)[half:]
            place = word + (half + part.size + 1) // 2
    words, half = divmod(before * total * block - first, 2)
    bits.advance(words)
    if half:
        rng.random(dtype=np.float32)
    return out
